// Building from the start: changes of shelves are not made one by one, which would read and write each shelf hundreds of times, but put
// aside by shelf in the order in which they came, and made at the end, each shelf in one go.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SubjectNumber } from '../../../projections/inputs/types.ts';
import { OpenShelf } from './changes.ts';
import { firstPart } from './layout.ts';
import { PART_BYTES } from './open-shelves.ts';
import { ENTRY_BYTES, shelfOf } from './shelves.ts';

/** Shelves whose changes lie together; what they hold is in memory while they are made. */
const SHELVES_A_BUCKET = 256;
/** Where in a record it says which shelf of the bucket it is for. */
const SHELF_BYTE = 15;
const FIRST_BYTES = 64 * ENTRY_BYTES;

export class Intake {
  readonly #database: DatabaseSync;
  readonly #put: StatementSync;
  readonly #buckets = new Map<number, { bytes: Buffer; used: number }>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#put = database.prepare('INSERT INTO intake VALUES (?, ?)');
  }

  add(subject: SubjectNumber, record: Buffer): void {
    const shelf = shelfOf(subject);
    const number = Math.floor(shelf / SHELVES_A_BUCKET);
    let bucket = this.#buckets.get(number);
    if (!bucket) {
      bucket = { bytes: Buffer.allocUnsafe(FIRST_BYTES), used: 0 };
      this.#buckets.set(number, bucket);
    }
    if (bucket.used === bucket.bytes.byteLength) {
      const larger = Buffer.allocUnsafe(bucket.used * 2);
      bucket.bytes.copy(larger);
      bucket.bytes = larger;
    }
    bucket.bytes.set(record, bucket.used);
    bucket.bytes[bucket.used + SHELF_BYTE] = shelf % SHELVES_A_BUCKET;
    bucket.used += ENTRY_BYTES;
  }

  /** Writes what was put aside since the last time; `upTo` is higher each time. */
  write(upTo: number): void {
    for (const [number, { bytes, used }] of this.#buckets)
      this.#put.run(number * 2 ** 32 + upTo + 1, bytes.subarray(0, used));
    this.#buckets.clear();
  }

  /** Makes the changes, bucket by bucket, and writes the shelves in order. `filled`: each shelf as it is now. */
  *fillShelves(filled: (shelf: number, entries: Buffer) => void): Generator<void> {
    const putShelf = this.#database.prepare('INSERT INTO shelf VALUES (?, ?)');
    const changesOf = this.#database.prepare(
      'SELECT changes FROM intake WHERE place >= ? AND place < ? ORDER BY place',
    );
    const last = this.#database.prepare('SELECT max(place) AS last FROM intake').get()?.last as number | null;
    const buckets = last === null ? 0 : Math.floor(last / 2 ** 32) + 1;
    for (let bucket = 0; bucket < buckets; bucket++) {
      const shelves: (OpenShelf | undefined)[] = [];
      const rows = changesOf.iterate(bucket * 2 ** 32, (bucket + 1) * 2 ** 32) as Iterable<{ changes: Uint8Array }>;
      for (const { changes } of rows) {
        const records = Buffer.from(changes.buffer, changes.byteOffset, changes.byteLength);
        for (let at = 0; at < records.byteLength; at += ENTRY_BYTES) {
          const local = records[at + SHELF_BYTE]!;
          records[at + SHELF_BYTE] = 0;
          let shelf = shelves[local];
          if (!shelf) {
            shelf = new OpenShelf([]);
            shelves[local] = shelf;
          }
          shelf.make(records, at);
        }
      }
      this.#database.exec('BEGIN');
      for (const [local, shelf] of shelves.entries()) {
        if (!shelf) continue;
        const number = bucket * SHELVES_A_BUCKET + local;
        shelf.takeChangedParts(PART_BYTES, (part, bytes) => putShelf.run(firstPart(number) + part, bytes));
        filled(number, shelf.entries);
      }
      this.#database.exec('COMMIT');
      yield;
    }
  }
}
