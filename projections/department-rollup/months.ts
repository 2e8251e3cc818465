// The packed rows of a department's months: what changed on which day of the month, and the month's totals. Sorted by metric, ref and
// day, without what came to nothing: the same content is the same bytes. All numbers are varints, signed ones zigzag.
//
//   days: (metric × 2 + has sums, refs, (ref − the one before, days, (day − the one before, count, sum?)…)…)…
//   sums: (metric × 2 + has sums, refs, (ref − the one before, count, sum?)…)…

import type { Day } from '../../contracts/days.ts';
import { MOST_BYTES, Packed, putSigned, putUnsigned } from './packing.ts';
import { DAYS, dayIn, keyOf, metricIn, REFS, refIn, Tally } from './tally.ts';

/** In rising order of the keys: key, count, sum, key, … None comes to nothing. */
export type Entries = ArrayLike<number>;
/** Of an entry. */
export const FIELDS = 3;
/** So many are held in order at once: most months that a batch changes are changed in a few places. */
const FEW = 48 * FIELDS;

/** A month of one node that is being changed. */
export class MonthEntries {
  #entries: Entries = [];
  /** The same as `#entries`, as long as there are few. */
  #few: number[] | undefined = this.#entries as number[];
  /** What was added once there were many. */
  #added: Tally | undefined;

  /** From the bytes of the days; undefined: a month without entries. */
  static decode(days: Uint8Array | undefined): MonthEntries {
    const month = new MonthEntries();
    if (days !== undefined) month.#take(merge(days, NONE));
    return month;
  }

  add(day: Day, metric: number, ref: number, count: number, sum: number): void {
    if (count === 0 && sum === 0) return;
    if (this.#few === undefined) {
      this.#added ??= new Tally();
      this.#added.add(day, metric, ref, count, sum);
      return;
    }
    addInOrder(this.#few, keyOf(day, metric, ref), count, sum);
    if (this.#few.length > FEW) this.#few = undefined;
  }

  get isEmpty(): boolean {
    return this.#settled().length === 0;
  }

  encodeDays(): Uint8Array {
    return pack(this.#settled()).days.slice();
  }

  encodeSums(): Uint8Array {
    return pack(this.#settled()).sums.slice();
  }

  /** Packed together with what the month's row has; undefined where that comes to nothing. Good until anything else is packed. */
  packedWith(days: Uint8Array | undefined): PackedMonth | undefined {
    const entries = this.#settled();
    if (days === undefined) return entries.length === 0 ? undefined : pack(entries);
    const length = merge(days, entries);
    return length === 0 ? undefined : packMerged(merged, length);
  }

  /** Every entry, in order. */
  each(visit: (day: Day, metric: number, ref: number, count: number, sum: number) => void): void {
    const entries = this.#settled();
    for (let at = 0; at < entries.length; at += FIELDS) {
      const key = entries[at]!;
      visit(dayIn(key), metricIn(key), refIn(key), entries[at + 1]!, entries[at + 2]!);
    }
  }

  #take(length: number): void {
    if (length > FEW) {
      this.#entries = merged.slice(0, length);
      this.#few = undefined;
    } else {
      this.#few = Array.from(merged.subarray(0, length));
      this.#entries = this.#few;
    }
  }

  /** What was added goes in among what was there. */
  #settled(): Entries {
    if (this.#added !== undefined) {
      const added = this.#added.inOrder();
      this.#added = undefined;
      this.#take(mergeTwo(this.#entries, added));
    }
    return this.#entries;
  }
}

export interface PackedMonth {
  readonly sums: Uint8Array;
  readonly days: Uint8Array;
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

const NONE: Entries = [];

/** Adds to one entry, or puts one in its place, or takes away one that comes to nothing. */
function addInOrder(entries: number[], key: number, count: number, sum: number): void {
  let at = entries.length;
  while (at > 0 && entries[at - FIELDS]! > key) at -= FIELDS;
  if (at > 0 && entries[at - FIELDS] === key) {
    at -= FIELDS;
    entries[at + 1]! += count;
    entries[at + 2]! += sum;
    if (entries[at + 1] === 0 && entries[at + 2] === 0) entries.splice(at, FIELDS);
    return;
  }
  entries.push(0, 0, 0);
  for (let i = entries.length - 1; i >= at + FIELDS; i--) entries[i] = entries[i - FIELDS]!;
  entries[at] = key;
  entries[at + 1] = count;
  entries[at + 2] = sum;
}

/**
 * What was merged last. It is used again: rows are merged by the thousand, and arrays of their own would cost more than all
 * the rest.
 */
let merged = new Float64Array(1024 * FIELDS);
let used = 0;

/** Makes room for so many fields more. */
function makeRoom(fields: number): void {
  if (used + fields <= merged.length) return;
  const larger = new Float64Array(Math.max(2 * merged.length, used + fields));
  larger.set(merged.subarray(0, used));
  merged = larger;
}

function put(key: number, count: number, sum: number): void {
  if (count === 0 && sum === 0) return;
  merged[used] = key;
  merged[used + 1] = count;
  merged[used + 2] = sum;
  used += FIELDS;
}

/** Packed days and more entries, into `merged`. @returns the number of its fields */
function merge(days: Uint8Array, added: Entries): number {
  used = 0;
  // No entry takes less than two bytes.
  makeRoom((days.length >>> 1) * FIELDS + added.length);
  const packed = new Packed(days);
  let next = 0;
  let nextKey = added.length > 0 ? added[0]! : Number.POSITIVE_INFINITY;
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
        let count = packed.signed();
        let sum = hasSums ? packed.signed() : 0;
        while (nextKey <= key) {
          if (nextKey === key) {
            count += added[next + 1]!;
            sum += added[next + 2]!;
          } else {
            put(nextKey, added[next + 1]!, added[next + 2]!);
          }
          next += FIELDS;
          nextKey = next < added.length ? added[next]! : Number.POSITIVE_INFINITY;
        }
        put(key, count, sum);
      }
    }
  }
  for (; next < added.length; next += FIELDS) put(added[next]!, added[next + 1]!, added[next + 2]!);
  return used;
}

/** The same of entries that are not packed. */
function mergeTwo(known: Entries, added: Entries): number {
  used = 0;
  makeRoom(known.length + added.length);
  let next = 0;
  for (let at = 0; at < added.length; at += FIELDS) {
    const key = added[at]!;
    for (; next < known.length && known[next]! < key; next += FIELDS) {
      put(known[next]!, known[next + 1]!, known[next + 2]!);
    }
    if (next < known.length && known[next] === key) {
      put(key, known[next + 1]! + added[at + 1]!, known[next + 2]! + added[at + 2]!);
      next += FIELDS;
    } else {
      put(key, added[at + 1]!, added[at + 2]!);
    }
  }
  for (; next < known.length; next += FIELDS) put(known[next]!, known[next + 1]!, known[next + 2]!);
  return used;
}

/** What was packed last, used again in the same way. */
let packedDays = new Uint8Array(1024);
let packedSums = new Uint8Array(1024);
let endOfDays = 0;
let endOfSums = 0;

/** With the days, and added up over them. */
function pack(entries: Entries): PackedMonth {
  if (!Array.isArray(entries)) return packMerged(entries as Float64Array, entries.length);
  used = 0;
  makeRoom(entries.length);
  merged.set(entries);
  return packMerged(merged, entries.length);
}

function packMerged(entries: Float64Array, length: number): PackedMonth {
  endOfDays = 0;
  endOfSums = 0;
  for (let start = 0; start < length; ) start = packMetric(entries, length, start);
  return { days: packedDays.subarray(0, endOfDays), sums: packedSums.subarray(0, endOfSums) };
}

/** @returns where the next metric begins */
function packMetric(entries: Float64Array, length: number, start: number): number {
  const metric = metricIn(entries[start]!);
  const metricEnd = (metric + 1) * REFS * DAYS;
  // What is said before the refs: how many there are, and whether there are sums.
  let refs = 0;
  let refsOfSums = 0;
  let daysHaveSums = false;
  let sumsHaveSums = false;
  let end = start;
  while (end < length && entries[end]! < metricEnd) {
    const bound = (Math.floor(entries[end]! / DAYS) + 1) * DAYS;
    let count = 0;
    let sum = 0;
    for (; end < length && entries[end]! < bound; end += FIELDS) {
      count += entries[end + 1]!;
      sum += entries[end + 2]!;
      if (entries[end + 2] !== 0) daysHaveSums = true;
    }
    refs++;
    if (count !== 0 || sum !== 0) refsOfSums++;
    if (sum !== 0) sumsHaveSums = true;
  }
  // The most that can come of so many entries, each of a ref of its own.
  const mostBytes = 2 * MOST_BYTES + ((end - start) / FIELDS) * 3 * MOST_BYTES + refs * 2 * MOST_BYTES;
  packedDays = withRoom(packedDays, endOfDays, mostBytes);
  packedSums = withRoom(packedSums, endOfSums, 2 * MOST_BYTES + refs * 3 * MOST_BYTES);
  const days = packedDays;
  const sums = packedSums;
  let inDays = putUnsigned(days, endOfDays, metric * 2 + (daysHaveSums ? 1 : 0));
  inDays = putUnsigned(days, inDays, refs);
  let inSums = endOfSums;
  if (refsOfSums > 0) {
    inSums = putUnsigned(sums, inSums, metric * 2 + (sumsHaveSums ? 1 : 0));
    inSums = putUnsigned(sums, inSums, refsOfSums);
  }
  let lastRef = 0;
  let lastRefOfSums = 0;
  for (let from = start; from < end; ) {
    const begin = Math.floor(entries[from]! / DAYS) * DAYS;
    const bound = begin + DAYS;
    let to = from + FIELDS;
    while (to < end && entries[to]! < bound) to += FIELDS;
    const ref = begin / DAYS - metric * REFS;
    inDays = putUnsigned(days, inDays, ref - lastRef);
    lastRef = ref;
    inDays = putUnsigned(days, inDays, (to - from) / FIELDS);
    let count = 0;
    let sum = 0;
    let last = begin;
    for (let at = from; at < to; at += FIELDS) {
      const key = entries[at]!;
      inDays = putUnsigned(days, inDays, key - last);
      last = key;
      inDays = putSigned(days, inDays, entries[at + 1]!);
      if (daysHaveSums) inDays = putSigned(days, inDays, entries[at + 2]!);
      count += entries[at + 1]!;
      sum += entries[at + 2]!;
    }
    if (count !== 0 || sum !== 0) {
      inSums = putUnsigned(sums, inSums, ref - lastRefOfSums);
      lastRefOfSums = ref;
      inSums = putSigned(sums, inSums, count);
      if (sumsHaveSums) inSums = putSigned(sums, inSums, sum);
    }
    from = to;
  }
  endOfDays = inDays;
  endOfSums = inSums;
  return end;
}

function withRoom(bytes: Uint8Array<ArrayBuffer>, used: number, more: number): Uint8Array<ArrayBuffer> {
  if (used + more <= bytes.length) return bytes;
  const larger = new Uint8Array(Math.max(2 * bytes.length, used + more));
  larger.set(bytes.subarray(0, used));
  return larger;
}
