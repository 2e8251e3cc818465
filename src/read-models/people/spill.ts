// Changes of rollups by the million, put aside on disk by month while they are made, so that each month is summed up once and in
// memory.

import type { Day } from '../../../contracts/days.ts';
import type { NodeNumber } from '../../../projections/inputs/types.ts';
import { monthOf } from './layout.ts';
import type { ScratchFile } from './scratch.ts';

/** node, metric × 2^17 + day, ref, count, sum */
const FIELDS = 5;
const DAYS = 2 ** 17;
/** Changes held before they are written, sorted by bucket. */
const MOST_HELD = 2 ** 18;
/** The nodes of a month are taken in so many portions, each a bucket. */
const PORTIONS = 8;

export class Spill {
  readonly #file: ScratchFile;
  readonly #held = new Int32Array(MOST_HELD * FIELDS);
  readonly #buckets = new Uint16Array(MOST_HELD);
  #used = 0;
  /** Where each bucket lies in the file: begin and changes, in turn. */
  readonly #pieces: number[][] = [];

  constructor(file: ScratchFile) {
    this.#file = file;
  }

  readonly add = (node: NodeNumber, day: Day, metric: number, ref: number, count: number, sum: number): void => {
    if (this.#used === MOST_HELD) this.write();
    const known = day < 0 ? (0 as Day) : day;
    const held = this.#held;
    this.#buckets[this.#used] = monthOf(known) * PORTIONS + (node % PORTIONS);
    const at = this.#used++ * FIELDS;
    held[at] = node;
    held[at + 1] = metric * DAYS + known;
    held[at + 2] = ref;
    held[at + 3] = count;
    held[at + 4] = sum;
  };

  /** Writes what is held; to be done once all are added. */
  write(): void {
    const buckets = this.#buckets.subarray(0, this.#used);
    const counts: number[] = [];
    for (const bucket of buckets) counts[bucket] = (counts[bucket] ?? 0) + 1;
    // `forEach` passes over buckets that have none.
    const next: number[] = [];
    let total = 0;
    counts.forEach((count, bucket) => {
      next[bucket] = total;
      total += count;
    });
    const sorted = new Int32Array(total * FIELDS);
    for (let i = 0; i < buckets.length; i++) {
      const from = i * FIELDS;
      const to = next[buckets[i]!]!++ * FIELDS;
      for (let field = 0; field < FIELDS; field++) sorted[to + field] = this.#held[from + field]!;
    }
    let begin = this.#file.append(new Uint8Array(sorted.buffer));
    counts.forEach((count, bucket) => {
      const pieces = this.#pieces[bucket] ?? [];
      this.#pieces[bucket] = pieces;
      pieces.push(begin, count);
      begin += count * FIELDS * Int32Array.BYTES_PER_ELEMENT;
    });
    this.#used = 0;
  }

  /** The months, in order. */
  months(): number[] {
    return [...new Set(Object.keys(this.#pieces).map((bucket) => Math.floor(Number(bucket) / PORTIONS)))];
  }

  /** The portions of a month: each node is in one of them. */
  *portions(month: number): Generator<(visit: Spill['add']) => void> {
    for (let portion = 0; portion < PORTIONS; portion++) {
      const pieces = this.#pieces[month * PORTIONS + portion];
      if (pieces) yield (visit) => this.#visit(pieces, visit);
    }
  }

  #visit(pieces: readonly number[], visit: Spill['add']): void {
    for (let i = 0; i < pieces.length; i += 2) {
      const changes = new Int32Array(pieces[i + 1]! * FIELDS);
      this.#file.read(pieces[i]!, new Uint8Array(changes.buffer));
      for (let at = 0; at < changes.length; at += FIELDS) {
        const what = changes[at + 1]!;
        const day = (what % DAYS) as Day;
        const metric = Math.floor(what / DAYS);
        visit(changes[at] as NodeNumber, day, metric, changes[at + 2]!, changes[at + 3]!, changes[at + 4]!);
      }
    }
  }
}
