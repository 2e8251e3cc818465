// The packed rows of a month: equal contents are equal bytes, and reading them adds up.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Day } from '../../../contracts/days.ts';
import { MonthEntries, readDays, readSums, Totals } from '../../../projections/department-rollup/index.ts';

type Entry = readonly [day: Day, metric: number, ref: number, count: number, sum: number];

const amount = fc.integer({ min: -3, max: 3 });
const large = fc.integer({ min: -(2 ** 52), max: 2 ** 52 });
/** Few keys, so that entries meet; now and then numbers of the largest size. */
const entry: fc.Arbitrary<Entry> = fc.tuple(
  fc.integer({ min: 20_545, max: 20_575 }) as fc.Arbitrary<Day>,
  fc.constantFrom(1, 10, 12, 255),
  fc.constantFrom(0, 1, 2, 300, 2 ** 28 - 1),
  fc.oneof({ weight: 9, arbitrary: amount }, { weight: 1, arbitrary: large }),
  fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 4, arbitrary: amount }, { weight: 1, arbitrary: large }),
);
const entries = fc.array(entry, { maxLength: 60 }).filter((all) => all.filter(isLarge).length < 2);

function isLarge([, , , count, sum]: Entry): boolean {
  return Math.abs(count) > 3 || Math.abs(sum) > 3;
}

function monthOf(all: readonly Entry[], from?: Uint8Array): MonthEntries {
  const month = MonthEntries.decode(from);
  for (const each of all) month.add(...each);
  return month;
}

/** What the entries come to, by the plainest means. */
function expected(all: readonly Entry[], keyOf: (entry: Entry) => string): Record<string, [number, number]> {
  const found: Record<string, [number, number]> = {};
  for (const each of all) {
    const [count, sum] = found[keyOf(each)] ?? [0, 0];
    found[keyOf(each)] = [count + each[3], sum + each[4]];
  }
  return Object.fromEntries(Object.entries(found).filter(([, [count, sum]]) => count !== 0 || sum !== 0));
}

function read(totals: Totals): Record<string, [number, number]> {
  const found: Record<string, [number, number]> = {};
  for (const metric of [1, 10, 12, 255]) {
    for (const [ref, { count, sum }] of totals.of(metric)) {
      if (count !== 0 || sum !== 0) found[`${metric} ${ref}`] = [count, sum];
    }
  }
  return found;
}

describe('a packed month', () => {
  test('gives back what was put in, without what came to nothing', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const found: Record<string, [number, number]> = {};
        MonthEntries.decode(monthOf(all).encodeDays()).each((day, metric, ref, count, sum) => {
          found[`${day} ${metric} ${ref}`] = [count, sum];
        });
        expect(found).toEqual(expected(all, ([day, metric, ref]) => `${day} ${metric} ${ref}`));
      }),
    );
  });

  test('is the same bytes whatever the order, and however often it was packed in between', () => {
    const shuffled = entries.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray([...all.keys()], { minLength: all.length }), fc.nat(all.length)),
    );
    fc.assert(
      fc.property(shuffled, ([all, order, cut]) => {
        const other = order.map((i) => all[i]!);
        const whole = monthOf(all);
        const twice = monthOf(other.slice(cut), monthOf(other.slice(0, cut)).encodeDays());
        expect(twice.encodeDays()).toEqual(whole.encodeDays());
        expect(twice.encodeSums()).toEqual(whole.encodeSums());
      }),
    );
  });

  test('is empty when everything was taken back', () => {
    fc.assert(
      fc.property(entries, (all) => {
        const back = all.map(([day, metric, ref, count, sum]): Entry => [day, metric, ref, -count, -sum]);
        const month = monthOf(back, monthOf(all).encodeDays());
        expect([month.isEmpty, month.encodeDays().length, month.encodeSums().length]).toEqual([true, 0, 0]);
      }),
    );
  });

  test('adds up to any of its days, and as a whole', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 20_544, max: 20_576 }), (all, on) => {
        const month = monthOf(all);
        const days = new Totals();
        readDays(month.encodeDays(), on as Day, days);
        expect(read(days)).toEqual(
          expected(
            all.filter(([day]) => day <= on),
            ([, metric, ref]) => `${metric} ${ref}`,
          ),
        );
        const sums = new Totals();
        readSums(month.encodeSums(), sums);
        expect(read(sums)).toEqual(expected(all, ([, metric, ref]) => `${metric} ${ref}`));
      }),
    );
  });

  test('that was cut short is refused', () => {
    const days = monthOf([[20_545 as Day, 10, 300, 1, 0]]).encodeDays();
    expect(() => MonthEntries.decode(days.slice(0, -1))).toThrow(RangeError);
  });
});
