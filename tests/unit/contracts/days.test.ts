// Days are calendar days of Asia/Kolkata; the financial year closes at 18:29:59.999999Z on 31 March.

import { describe, expect, test } from 'vitest';
import {
  dateOf,
  dayOf,
  dayOfDate,
  EARLIEST_DAY,
  endOfDay,
  financialYearOf,
  financialYearStart,
  LATEST_DAY,
} from '../../../contracts/days.ts';
import { fromInstant, toInstant } from '../../../contracts/time.ts';
import type { Microseconds } from '../../../contracts/words.ts';

const at = (instant: string): Microseconds => fromInstant(instant)!;
const day = (date: string) => dayOfDate(date)!;

describe('the day of an instant', () => {
  test('begins at 18:30Z of the date before', () => {
    expect(dateOf(dayOf(at('2026-03-31T18:29:59.999999Z')))).toBe('2026-03-31');
    expect(dateOf(dayOf(at('2026-03-31T18:30:00.000000Z')))).toBe('2026-04-01');
    expect(dateOf(dayOf(at('1969-12-31T18:29:59Z')))).toBe('1969-12-31');
  });

  test('ends with its last microsecond', () => {
    expect(toInstant(endOfDay(day('2026-03-31')))).toBe('2026-03-31T18:29:59.999999Z');
    for (let one: number = EARLIEST_DAY; one <= LATEST_DAY; one += 97) {
      const end = endOfDay(one as never);
      expect(dayOf(end)).toBe(one);
      expect(dayOf((end + 1) as Microseconds)).toBe(one + 1);
    }
  });
});

test('a date that the calendar does not have is none', () => {
  for (const text of [
    '2026-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-04-31',
    '26-04-01',
    '2026-4-1',
    '2026-04-01T00:00',
    '',
  ]) {
    expect(dayOfDate(text), text).toBeUndefined();
  }
  expect(dateOf(day('2024-02-29'))).toBe('2024-02-29');
});

test('the financial year runs from April to March', () => {
  expect(financialYearOf(day('2026-03-31'))).toBe('2025-26');
  expect(financialYearOf(day('2026-04-01'))).toBe('2026-27');
  expect(financialYearOf(day('1999-12-01'))).toBe('1999-00');
  expect(dateOf(financialYearStart(day('2026-01-15')))).toBe('2025-04-01');
  expect(dateOf(financialYearStart(day('2026-04-01')))).toBe('2026-04-01');
});
