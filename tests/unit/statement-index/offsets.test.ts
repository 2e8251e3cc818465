// Sets of offsets: arrays and bitmaps are two ways to say the same.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bytesOfOffsets,
  intersection,
  type Offsets,
  readOffsets,
  union,
  writeOffsets,
} from '../../../src/read-models/statement-index/offsets.ts';

/** Few, many, nearly all, or runs: sets on both sides of where a bitmap is the shorter. */
const set = fc
  .oneof(
    fc.uniqueArray(fc.integer({ min: 0, max: 32_767 }), { maxLength: 30 }),
    fc
      .record({ step: fc.integer({ min: 1, max: 40 }), from: fc.integer({ min: 0, max: 100 }) })
      .map(({ step, from }) => {
        return Array.from({ length: Math.floor((32_768 - from) / step) }, (_, i) => from + i * step);
      }),
  )
  .map((list) => list.sort((a, b) => a - b));

function written(list: readonly number[]): Offsets {
  const bytes = Buffer.alloc(6 + bytesOfOffsets(list.length));
  writeOffsets(list, bytes, 6);
  return readOffsets(bytes, 6, bytes.length);
}

test('what is written comes back, sorted', () => {
  fc.assert(
    fc.property(set, (list) => {
      expect([...intersection([written(list)])]).toEqual(list);
    }),
  );
});

test('an intersection holds what is in all, whatever each is kept as', () => {
  fc.assert(
    fc.property(fc.array(set, { minLength: 1, maxLength: 4 }), (lists) => {
      const [first, ...others] = lists.map((list) => new Set(list));
      const expected = [...first!].filter((one) => others.every((other) => other.has(one)));
      expect([...intersection(lists.map(written))]).toEqual(expected);
    }),
  );
});

test('a union holds what is in any, and leaves its parts as they were', () => {
  fc.assert(
    fc.property(fc.array(set, { minLength: 1, maxLength: 3 }), (lists) => {
      const expected = [...new Set(lists.flat())].sort((a, b) => a - b);
      const sets = lists.map(written);
      expect([...intersection([union(sets)])]).toEqual(expected);
      expect(sets.map((one) => [...intersection([one])])).toEqual(lists);
    }),
  );
});
