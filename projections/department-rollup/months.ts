// The packed rows of a department's months: what changed on which day of the month, and the month's totals. Sorted by metric, ref and
// day, without what came to nothing: the same content is the same bytes. All numbers are varints, signed ones zigzag.
//
//   days: (metric × 2 + has sums, refs, (ref − the one before, days, (day − the one before, count, sum?)…)…)…
//   sums: (metric × 2 + has sums, refs, (ref − the one before, count, sum?)…)…

import type { Day } from '../../contracts/days.ts';
import { Packed, Packer } from './packing.ts';
import { DAYS, dayIn, metricIn, REFS, refIn, Tally } from './tally.ts';

/** Entries of one month, in rising order of their keys. */
interface Columns {
  readonly length: number;
  readonly keys: Float64Array;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
}

/** A month of one node that is being changed. */
export class MonthEntries {
  #columns: Columns = NO_ENTRIES;
  readonly #added = new Tally();

  /** From the bytes of the days; undefined: a month without entries. */
  static decode(days: Uint8Array | undefined): MonthEntries {
    const month = new MonthEntries();
    if (days !== undefined) month.#columns = decodeDays(days);
    return month;
  }

  add(day: Day, metric: number, ref: number, count: number, sum: number): void {
    this.#added.add(day, metric, ref, count, sum);
  }

  get isEmpty(): boolean {
    return this.#settled().length === 0;
  }

  encodeDays(): Uint8Array {
    return encode(this.#settled(), true);
  }

  encodeSums(): Uint8Array {
    return encode(this.#settled(), false);
  }

  /** Every entry, in order. */
  each(visit: (day: Day, metric: number, ref: number, count: number, sum: number) => void): void {
    const { length, keys, counts, sums } = this.#settled();
    for (let i = 0; i < length; i++) {
      const key = keys[i]!;
      visit(dayIn(key), metricIn(key), refIn(key), counts[i]!, sums[i]!);
    }
  }

  /** What was added goes in among what was there. */
  #settled(): Columns {
    if (this.#added.size > 0) {
      this.#columns = merge(this.#columns, this.#added);
      this.#added.clear();
    }
    return this.#columns;
  }
}

/** Takes the changes of the days up to `on`, of a month's packed days. */
export function readDays(days: Uint8Array, on: Day, into: Totals): void {
  const packed = new Packed(days);
  while (packed.isLeft) {
    const head = packed.unsigned();
    const hasSums = (head & 1) === 1;
    const metric = head >>> 1;
    let ref = 0;
    for (let refs = packed.unsigned(); refs > 0; refs--) {
      ref += packed.unsigned();
      let day = 0;
      let count = 0;
      let sum = 0;
      for (let left = packed.unsigned(); left > 0; left--) {
        day += packed.unsigned();
        const isIn = day <= on;
        const changed = packed.signed();
        if (isIn) count += changed;
        if (!hasSums) continue;
        const changedSum = packed.signed();
        if (isIn) sum += changedSum;
      }
      if (count !== 0 || sum !== 0) into.add(metric, ref, count, sum);
    }
  }
}

/** Takes a month's packed totals. */
export function readSums(sums: Uint8Array, into: Totals): void {
  const packed = new Packed(sums);
  while (packed.isLeft) {
    const head = packed.unsigned();
    const hasSums = (head & 1) === 1;
    const metric = head >>> 1;
    let ref = 0;
    for (let refs = packed.unsigned(); refs > 0; refs--) {
      ref += packed.unsigned();
      const count = packed.signed();
      into.add(metric, ref, count, hasSums ? packed.signed() : 0);
    }
  }
}

export interface Total {
  count: number;
  sum: number;
}

/** What a node counts on a day, being added up. */
export class Totals {
  readonly #metrics = new Map<number, Map<number, Total>>();

  add(metric: number, ref: number, count: number, sum: number): void {
    let refs = this.#metrics.get(metric);
    if (refs === undefined) {
      refs = new Map();
      this.#metrics.set(metric, refs);
    }
    const known = refs.get(ref);
    if (known === undefined) {
      refs.set(ref, { count, sum });
    } else {
      known.count += count;
      known.sum += sum;
    }
  }

  count(metric: number, ref = 0): number {
    return this.#metrics.get(metric)?.get(ref)?.count ?? 0;
  }

  /** By ref, in no order; some may be nothing. */
  of(metric: number): ReadonlyMap<number, Readonly<Total>> {
    return this.#metrics.get(metric) ?? NOTHING;
  }
}

const NOTHING: ReadonlyMap<number, Total> = new Map();

const NO_ENTRIES: Columns = {
  length: 0,
  keys: new Float64Array(),
  counts: new Float64Array(),
  sums: new Float64Array(),
};

function decodeDays(days: Uint8Array): Columns {
  const packed = new Packed(days);
  // No entry takes less than two bytes.
  const most = days.length >>> 1;
  const keys = new Float64Array(most);
  const counts = new Float64Array(most);
  const sums = new Float64Array(most);
  let length = 0;
  while (packed.isLeft) {
    const head = packed.unsigned();
    const hasSums = (head & 1) === 1;
    const metric = head >>> 1;
    let ref = 0;
    for (let refs = packed.unsigned(); refs > 0; refs--) {
      ref += packed.unsigned();
      let key = (metric * REFS + ref) * DAYS;
      for (let left = packed.unsigned(); left > 0; left--) {
        key += packed.unsigned();
        keys[length] = key;
        counts[length] = packed.signed();
        if (hasSums) sums[length] = packed.signed();
        length++;
      }
    }
  }
  return { length, keys, counts, sums };
}

function merge(known: Columns, added: Tally): Columns {
  const most = known.length + added.size;
  const keys = new Float64Array(most);
  const counts = new Float64Array(most);
  const sums = new Float64Array(most);
  let length = 0;
  const put = (key: number, count: number, sum: number): void => {
    if (count === 0 && sum === 0) return;
    keys[length] = key;
    counts[length] = count;
    sums[length] = sum;
    length++;
  };
  let next = 0;
  const putUpTo = (key: number): void => {
    for (; next < known.length && known.keys[next]! < key; next++) {
      put(known.keys[next]!, known.counts[next]!, known.sums[next]!);
    }
  };
  added.each((key, count, sum) => {
    putUpTo(key);
    if (next < known.length && known.keys[next] === key) {
      put(key, known.counts[next]! + count, known.sums[next]! + sum);
      next++;
    } else {
      put(key, count, sum);
    }
  });
  putUpTo(Number.POSITIVE_INFINITY);
  return { length, keys, counts, sums };
}

/** With the days, or added up over them. */
function encode(columns: Columns, withDays: boolean): Uint8Array {
  const packer = new Packer();
  for (let start = 0; start < columns.length; ) {
    const metric = metricIn(columns.keys[start]!);
    const end = endOf(columns, start, (metric + 1) * REFS * DAYS);
    encodeMetric(packer, columns, metric, start, end, withDays);
    start = end;
  }
  return packer.bytes();
}

function encodeMetric(
  packer: Packer,
  columns: Columns,
  metric: number,
  start: number,
  end: number,
  withDays: boolean,
): void {
  const { keys, counts, sums } = columns;
  /** The ends of the refs that are written. */
  const ends: number[] = [];
  const totals: Total[] = [];
  let hasSums = false;
  for (let from = start; from < end; ) {
    const to = Math.min(end, endOf(columns, from, (Math.floor(keys[from]! / DAYS) + 1) * DAYS));
    let count = 0;
    let sum = 0;
    for (let i = from; i < to; i++) {
      count += counts[i]!;
      sum += sums[i]!;
      if (withDays && sums[i] !== 0) hasSums = true;
    }
    if (sum !== 0) hasSums = true;
    if (withDays || count !== 0 || sum !== 0) {
      ends.push(from, to);
      totals.push({ count, sum });
    }
    from = to;
  }
  if (ends.length === 0) return;
  packer.unsigned(metric * 2 + (hasSums ? 1 : 0));
  packer.unsigned(totals.length);
  let lastRef = 0;
  for (const [n, total] of totals.entries()) {
    const from = ends[2 * n]!;
    const to = ends[2 * n + 1]!;
    const ref = refIn(keys[from]!);
    packer.unsigned(ref - lastRef);
    lastRef = ref;
    if (!withDays) {
      packer.signed(total.count);
      if (hasSums) packer.signed(total.sum);
      continue;
    }
    packer.unsigned(to - from);
    let lastDay = 0;
    for (let i = from; i < to; i++) {
      const day = dayIn(keys[i]!);
      packer.unsigned(day - lastDay);
      lastDay = day;
      packer.signed(counts[i]!);
      if (hasSums) packer.signed(sums[i]!);
    }
  }
}

/** The first entry whose key is not below a bound. */
function endOf({ length, keys }: Columns, start: number, bound: number): number {
  let i = start;
  while (i < length && keys[i]! < bound) i++;
  return i;
}
