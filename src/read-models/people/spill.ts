// Changes of rollups by the million, put aside on disk by month while they are made, so that each month is summed up once and in
// memory. The file is there only meanwhile.

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { Day } from '../../../contracts/days.ts';
import type { NodeNumber } from '../../../projections/inputs/types.ts';
import { monthOf } from './layout.ts';

/** node, metric × 2^17 + day, ref, count, sum */
const FIELDS = 5;
const DAYS = 2 ** 17;
const FIRST_CHANGES = 64;
const MOST_CHANGES = 4096;
/** The nodes of a month are taken in so many portions. */
const PORTIONS = 8;

interface Bucket {
  fields: Int32Array;
  used: number;
  /** Where it lies in the file: offset and length, in turn. */
  readonly pieces: number[];
}

export class Spill {
  readonly #file: string;
  readonly #descriptor: number;
  readonly #buckets = new Map<number, Bucket>();
  #end = 0;

  constructor(file: string) {
    this.#file = file;
    rmSync(file, { force: true });
    this.#descriptor = openSync(file, 'w+');
  }

  readonly add = (node: NodeNumber, day: Day, metric: number, ref: number, count: number, sum: number): void => {
    const known = day < 0 ? (0 as Day) : day;
    const number = monthOf(known) * PORTIONS + (node % PORTIONS);
    let bucket = this.#buckets.get(number);
    if (!bucket) {
      bucket = { fields: new Int32Array(FIRST_CHANGES * FIELDS), used: 0, pieces: [] };
      this.#buckets.set(number, bucket);
    }
    if (bucket.used === bucket.fields.length) this.#makeRoom(bucket);
    const { fields, used } = bucket;
    fields[used] = node;
    fields[used + 1] = metric * DAYS + known;
    fields[used + 2] = ref;
    fields[used + 3] = count;
    fields[used + 4] = sum;
    bucket.used = used + FIELDS;
  };

  /** The months, in order. */
  months(): number[] {
    return [...new Set([...this.#buckets.keys()].map((number) => Math.floor(number / PORTIONS)))].sort((a, b) => a - b);
  }

  /** The portions of a month: each node is in one of them. */
  *portions(month: number): Generator<(visit: Spill['add']) => void> {
    for (let portion = 0; portion < PORTIONS; portion++) {
      const bucket = this.#buckets.get(month * PORTIONS + portion);
      if (bucket) yield (visit) => this.#visit(bucket, visit);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.#file, { force: true });
  }

  #visit(bucket: Bucket, visit: Spill['add']): void {
    const piece = new Int32Array(MOST_CHANGES * FIELDS);
    for (let i = 0; i < bucket.pieces.length; i += 2) {
      const bytes = new Uint8Array(piece.buffer, 0, bucket.pieces[i + 1]!);
      readSync(this.#descriptor, bytes, 0, bytes.byteLength, bucket.pieces[i]!);
      visitAll(piece, bytes.byteLength / 4, visit);
    }
    visitAll(bucket.fields, bucket.used, visit);
  }

  #makeRoom(bucket: Bucket): void {
    const { fields, used } = bucket;
    if (used < MOST_CHANGES * FIELDS) {
      bucket.fields = new Int32Array(used * 2);
      bucket.fields.set(fields);
      return;
    }
    const bytes = new Uint8Array(fields.buffer, 0, used * 4);
    writeSync(this.#descriptor, bytes, 0, bytes.byteLength, this.#end);
    bucket.pieces.push(this.#end, bytes.byteLength);
    this.#end += bytes.byteLength;
    bucket.used = 0;
  }
}

function visitAll(fields: Int32Array, used: number, visit: Spill['add']): void {
  for (let at = 0; at < used; at += FIELDS) {
    const what = fields[at + 1]!;
    visit(
      fields[at] as NodeNumber,
      (what % DAYS) as Day,
      Math.floor(what / DAYS),
      fields[at + 2]!,
      fields[at + 3]!,
      fields[at + 4]!,
    );
  }
}
