// The shelves that a batch touches: read when first touched, changed in memory, written once.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Inputs, SubjectNumber } from '../../../projections/inputs/types.ts';
import { OpenShelf } from './changes.ts';
import { ENTRIES_A_PART, firstPart } from './layout.ts';
import { ENTRY_BYTES, inputsIn, shelfOf } from './shelves.ts';

/** Bytes of shelves held; beyond that they are written and let go. */
const MOST_BYTES = 32 * 1024 * 1024;
export const PART_BYTES = ENTRIES_A_PART * ENTRY_BYTES;

export class OpenShelves {
  readonly #sql: { readonly read: StatementSync; readonly put: StatementSync };
  #shelves = new Map<number, OpenShelf>();
  #touched = new Set<number>();
  #bytes = 0;

  constructor(database: DatabaseSync) {
    this.#sql = {
      read: database.prepare('SELECT entries FROM shelf WHERE part >= ? AND part < ? ORDER BY part'),
      put: database.prepare('INSERT OR REPLACE INTO shelf VALUES (?, ?)'),
    };
  }

  change(subject: SubjectNumber, record: Buffer): void {
    const number = shelfOf(subject);
    this.#touched.add(number);
    this.#shelf(number).make(record);
  }

  inputsOf = (subject: SubjectNumber): Inputs => inputsIn([this.#shelf(shelfOf(subject)).entries], subject);

  /** All entries of a shelf. */
  entries(number: number): Buffer {
    return this.#shelf(number).entries;
  }

  /** Writes what was changed; what was read stays, as far as there is room. */
  write(): void {
    for (const number of this.#touched) this.#write(number);
    this.#touched.clear();
  }

  #write(number: number): void {
    const shelf = this.#shelves.get(number);
    shelf?.takeChangedParts(PART_BYTES, (part, bytes) => this.#sql.put.run(firstPart(number) + part, bytes));
  }

  #shelf(number: number): OpenShelf {
    const open = this.#shelves.get(number);
    if (open) return open;
    if (this.#bytes > MOST_BYTES) {
      this.write();
      this.#shelves = new Map();
      this.#bytes = 0;
    }
    const parts = this.#sql.read.all(firstPart(number), firstPart(number + 1)).map((row) => row.entries as Uint8Array);
    const shelf = new OpenShelf(parts);
    this.#shelves.set(number, shelf);
    this.#bytes += 1000 + shelf.entries.byteLength * 1.25;
    return shelf;
  }
}
