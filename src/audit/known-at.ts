// R, the record time that an auditor asks about: a sequence, an instant, or a date, meaning the end of that day in Kolkata.

import { recordedAtOf } from '../../contracts/events/recorded-at.ts';
import { fromInstant, toInstant } from '../../contracts/time.ts';
import { type Microseconds, NOTHING, type Revision, type Sequence } from '../../contracts/words.ts';
import type { EventLog } from '../event-log/port.ts';

export type KnownAt =
  | { readonly kind: 'sequence'; readonly sequence: Sequence }
  | { readonly kind: 'instant'; readonly at: Microseconds }
  | { readonly kind: 'date'; readonly date: string; readonly at: Microseconds };

/** R cannot be understood, or nothing was known then; in words for a person. */
export class KnownAtRefused extends Error {
  override readonly name = 'KnownAtRefused';
}

const SEQUENCE = /^\d{1,15}$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}([.,]\d+)?([Zz]|[+-]\d{2}:\d{2})$/;
const WITHOUT_OFFSET = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d+)?)?$/;
/** Kolkata is five and a half hours ahead of UTC all year. */
const KOLKATA = 5.5 * 3600 * 1e6;
const DAY = 24 * 3600 * 1e6;

/** @throws KnownAtRefused */
export function parseKnownAt(text: string): KnownAt {
  if (SEQUENCE.test(text)) return { kind: 'sequence', sequence: Number(text) as Sequence };
  const date = DATE.exec(text);
  if (date) {
    const midnight = Date.UTC(Number(date[1]), Number(date[2]) - 1, Number(date[3]));
    if (new Date(midnight).toISOString().slice(0, 10) !== text)
      throw new KnownAtRefused(`${text} is not a day of the calendar.`);
    return { kind: 'date', date: text, at: (midnight * 1000 - KOLKATA + DAY - 1) as Microseconds };
  }
  // In a URL the + of an offset means a space; who forgot to write %2B is understood all the same.
  const instant = text.replace(/ (?=\d{2}:\d{2}$)/, '+');
  const at = INSTANT.test(instant) ? fromInstant(instant) : undefined;
  if (at !== undefined) return { kind: 'instant', at };
  throw new KnownAtRefused(
    WITHOUT_OFFSET.test(text)
      ? `${text} does not say where: add Z, or +05:30 for India.`
      : `"${text}" is neither a sequence (17), nor an instant (2026-04-01T09:30:00+05:30), nor a date (2026-04-01).`,
  );
}

/** The month of the trail that an instant falls into, in Kolkata: `2026-04`. */
export function monthInKolkata(at: Microseconds): string {
  return toInstant((at + KOLKATA) as Microseconds).slice(0, 7);
}

/** The highest sequence recorded at or before the instant; NOTHING when there is none. Found by halving: `stored` only grows. */
export async function sequenceAt(log: EventLog, stream: string, at: Microseconds): Promise<Sequence> {
  let low = -1;
  let high = (await log.head(stream)) as number;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    const [event] = await log.read(stream, { from: middle as Revision, limit: 1 });
    if (!event) throw new Error(`the record has no event at ${middle}`);
    if (fromInstant(recordedAtOf(event))! <= at) low = middle;
    else high = middle - 1;
  }
  return low as Sequence;
}

export interface AsKnown {
  /** The last sequence that was known at R. */
  readonly sequence: Sequence;
  /** False when R lies beyond the last event: what is recorded from now on may still fall before R. */
  readonly final: boolean;
  readonly head: Sequence;
}

/** What R means in this record, as it is now. An R in the future, or before the first event, has an answer here too. */
export async function resolveKnownAt(log: EventLog, stream: string, knownAt: KnownAt): Promise<AsKnown> {
  const head = (await log.head(stream)) as Revision & Sequence;
  if (knownAt.kind === 'sequence') {
    return { sequence: Math.min(knownAt.sequence, head) as Sequence, final: knownAt.sequence <= head, head };
  }
  const [last] = head === NOTHING ? [] : await log.read(stream, { from: head, limit: 1 });
  if (!last || knownAt.at > fromInstant(recordedAtOf(last))!) return { sequence: head, final: false, head };
  return { sequence: await sequenceAt(log, stream, knownAt.at), final: true, head };
}
