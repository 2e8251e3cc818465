// Rollup rows put aside as they come, month by month, and written in the order in which they lie in the table: each of its pages once.

import type { DatabaseSync } from 'node:sqlite';
import type { PackedMonth } from '../../../projections/department-rollup/index.ts';
import type { NodeNumber } from '../../../projections/inputs/types.ts';
import type { ScratchFile } from './scratch.ts';

/** node × 2 + scope, times this, + month */
const MONTHS = 4096;
const ROWS_A_STEP = 20_000;

export class RollupRows {
  readonly #file: ScratchFile;
  readonly #keys: number[] = [];
  /** Of each row: where its sums begin, how long they are, and the days behind them. */
  readonly #places: number[] = [];

  constructor(file: ScratchFile) {
    this.#file = file;
  }

  add(node: NodeNumber, scope: number, month: number, { sums, days }: PackedMonth): void {
    this.#keys.push((node * 2 + scope) * MONTHS + month);
    this.#places.push(this.#file.append(sums), sums.byteLength, days.byteLength);
    this.#file.append(days);
  }

  *writeAll(database: DatabaseSync): Generator<void> {
    const put = database.prepare('INSERT INTO rollup VALUES (?, ?, ?, ?, ?)');
    const keys = this.#keys;
    const order = Uint32Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
    for (let from = 0; from < order.length; from += ROWS_A_STEP) {
      database.exec('BEGIN');
      for (const row of order.subarray(from, from + ROWS_A_STEP)) {
        const [begin, sums, days] = this.#places.slice(row * 3, row * 3 + 3) as [number, number, number];
        const bytes = new Uint8Array(sums + days);
        this.#file.read(begin, bytes);
        const place = Math.floor(keys[row]! / MONTHS);
        put.run(place >>> 1, place & 1, keys[row]! % MONTHS, bytes.subarray(0, sums), bytes.subarray(sums));
      }
      database.exec('COMMIT');
      yield;
    }
  }
}
