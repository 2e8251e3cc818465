// Calendar days of Asia/Kolkata (UTC+05:30, no daylight saving) and the financial year, April to March.

import type { Microseconds } from './words.ts';

declare const brand: unique symbol;

/** Days since 1970-01-01 of the calendar of Asia/Kolkata. */
export type Day = number & { readonly [brand]: 'Day' };

const OFFSET_MICROSECONDS = 19_800_000_000;
const DAY_MICROSECONDS = 86_400_000_000;
const DAY_MILLISECONDS = 86_400_000;
const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Files of millions of rows name the same few thousand days. */
const DATES = new Map<Day, string>();
const MOST_DATES = 60_000;

/** Input dates lie between these: what lies outside is a typing error. */
export const EARLIEST_DAY = dayOfDate('1940-01-01')!;
export const LATEST_DAY = dayOfDate('2099-12-31')!;

/** The day on which an instant falls. */
export function dayOf(at: Microseconds): Day {
  return Math.floor((at + OFFSET_MICROSECONDS) / DAY_MICROSECONDS) as Day;
}

/** The last microsecond of a day. */
export function endOfDay(day: Day): Microseconds {
  return ((day + 1) * DAY_MICROSECONDS - OFFSET_MICROSECONDS - 1) as Microseconds;
}

/** `2026-03-31` → its day; undefined when there is no such date. */
export function dayOfDate(text: string): Day | undefined {
  const match = ISO_DATE.exec(text);
  if (!match) return undefined;
  const at = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  const day = Math.floor(at / DAY_MILLISECONDS) as Day;
  return dateOf(day) === text ? day : undefined;
}

/** `2026-03-31` */
export function dateOf(day: Day): string {
  const known = DATES.get(day);
  if (known !== undefined) return known;
  const date = new Date(day * DAY_MILLISECONDS).toISOString().slice(0, 10);
  if (DATES.size < MOST_DATES) DATES.set(day, date);
  return date;
}

/** The first day of the financial year in which a day lies. */
export function financialYearStart(day: Day): Day {
  const date = new Date(day * DAY_MILLISECONDS);
  const year = date.getUTCMonth() < 3 ? date.getUTCFullYear() - 1 : date.getUTCFullYear();
  return (Date.UTC(year, 3, 1) / DAY_MILLISECONDS) as Day;
}

/** `2025-26` */
export function financialYearOf(day: Day): string {
  const year = new Date(financialYearStart(day) * DAY_MILLISECONDS).getUTCFullYear();
  return `${year}-${String((year + 1) % 100).padStart(2, '0')}`;
}
