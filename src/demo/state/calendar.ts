// The months through which the made-up state is followed: from 1 April of the financial year before, to yesterday.

import { type Day, dateOf, dayOf, financialYearStart } from '../../../contracts/days.ts';
import type { Microseconds } from '../../../contracts/words.ts';

export interface Month {
  readonly first: Day;
  /** The last day of it, or yesterday in the month that is not over. */
  readonly last: Day;
}

export interface Calendar {
  readonly today: Day;
  readonly start: Day;
  readonly yesterday: Day;
  readonly months: readonly Month[];
  /** 31 March of the financial year that is over. */
  readonly closed: Day;
}

/** @param now in milliseconds; the same for every instant of one day in India */
export function calendarOf(now: number): Calendar {
  const today = dayOf((now * 1000) as Microseconds);
  const start = financialYearStart((financialYearStart(today) - 1) as Day);
  const yesterday = (today - 1) as Day;
  const months: Month[] = [];
  for (let first = start; first <= yesterday; ) {
    const date = new Date(first * 86_400_000);
    const next = (Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / 86_400_000) as Day;
    months.push({ first, last: Math.min(next - 1, yesterday) as Day });
    first = next;
  }
  return { today, start, yesterday, months, closed: (financialYearStart(today) - 1) as Day };
}

/** The month in which a day lies: the first for what was before, the last for what is after. */
export function monthOf({ months }: Calendar, day: Day): number {
  const index = months.findIndex(({ last }) => day <= last);
  return index < 0 ? months.length - 1 : index;
}

/** `2026-03-31T22:00:00+05:30` from a day and the minutes of it. */
export function instantOf(day: Day, minute: number, seconds = 0): string {
  const two = (number: number): string => String(number).padStart(2, '0');
  return `${dateOf(day)}T${two(Math.floor(minute / 60))}:${two(minute % 60)}:${two(seconds)}+05:30`;
}
