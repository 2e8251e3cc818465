// Instants with microseconds. JavaScript's Date stops at milliseconds; `stored` must be unique at rates above 1,000/s.

import type { Microseconds } from './words.ts';

/** RFC 3339 in UTC with six decimals, always 27 characters: `2026-04-01T09:30:00.000001Z`. */
export function toInstant(at: Microseconds): string {
  const milliseconds = Math.floor(at / 1000);
  const rest = at - milliseconds * 1000;
  return `${new Date(milliseconds).toISOString().slice(0, 23)}${String(rest).padStart(3, '0')}Z`;
}

/** Length of what {@link toInstant} returns, so that a stamp can be written into bytes already laid out. */
export const INSTANT_LENGTH = 27;

const FRACTION = /[.,](\d+)/;

/**
 * Microseconds of an RFC 3339 / ISO 8601 instant; digits beyond the sixth decimal are cut off.
 * Returns undefined where Date cannot read it.
 */
export function fromInstant(text: string): Microseconds | undefined {
  const fraction = FRACTION.exec(text);
  if (!fraction) {
    const plain = Date.parse(text);
    return Number.isNaN(plain) ? undefined : ((plain * 1000) as Microseconds);
  }
  const seconds = Date.parse(text.replace(FRACTION, ''));
  if (Number.isNaN(seconds)) return undefined;
  return (seconds * 1000 + Number(fraction[1]!.slice(0, 6).padEnd(6, '0'))) as Microseconds;
}
