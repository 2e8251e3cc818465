// The shelves that a batch touches. Changes are put aside, and made when their shelf is looked at or all are written: so each is
// read and written once, in the order in which they lie.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Inputs, SubjectNumber } from '../../../projections/inputs/types.ts';
import { OpenShelf } from './changes.ts';
import { ENTRIES_A_PART, firstPart } from './layout.ts';
import { ENTRY_BYTES, inputsIn, shelfOf } from './shelves.ts';

/** Bytes of shelves held; beyond that they are written and let go. */
const MOST_BYTES = 32 * 1024 * 1024;
/** Changes put aside. */
const MOST_WAITING = 50_000;
export const PART_BYTES = ENTRIES_A_PART * ENTRY_BYTES;

export class OpenShelves {
  readonly #sql: { readonly read: StatementSync; readonly put: StatementSync };
  #shelves = new Map<number, OpenShelf>();
  /** Changes that are not made yet, by shelf. */
  #waiting = new Map<number, Buffer[]>();
  #waits = 0;
  #bytes = 0;

  constructor(database: DatabaseSync) {
    const read = database.prepare('SELECT entries FROM shelf WHERE part >= ? AND part < ? ORDER BY part');
    read.setReturnArrays(true);
    this.#sql = {
      read,
      put: database.prepare('INSERT OR REPLACE INTO shelf VALUES (?, ?)'),
    };
  }

  change(subject: SubjectNumber, record: Buffer): void {
    const number = shelfOf(subject);
    const waiting = this.#waiting.get(number);
    if (waiting) waiting.push(Buffer.from(record));
    else this.#waiting.set(number, [Buffer.from(record)]);
    if (++this.#waits >= MOST_WAITING) this.write();
  }

  inputsOf = (subject: SubjectNumber): Inputs => inputsIn([this.#shelf(shelfOf(subject)).entries], subject);

  /** All entries of a shelf. */
  entries(number: number): Buffer {
    return this.#shelf(number).entries;
  }

  /** Writes what was changed; what was read stays, as far as there is room. */
  write(): void {
    for (const number of [...this.#waiting.keys()].sort((a, b) => a - b)) this.#shelf(number);
  }

  #shelf(number: number): OpenShelf {
    const shelf = this.#shelves.get(number) ?? this.#open(number);
    const waiting = this.#waiting.get(number);
    if (!waiting) return shelf;
    this.#waiting.delete(number);
    this.#waits -= waiting.length;
    for (const record of waiting) shelf.make(record);
    shelf.takeChangedParts(PART_BYTES, (part, bytes) => this.#sql.put.run(firstPart(number) + part, bytes));
    return shelf;
  }

  #open(number: number): OpenShelf {
    if (this.#bytes > MOST_BYTES) {
      this.#shelves = new Map();
      this.#bytes = 0;
    }
    const rows = this.#sql.read.all(firstPart(number), firstPart(number + 1)) as unknown as [entries: Uint8Array][];
    const shelf = new OpenShelf(rows.map(([entries]) => entries));
    this.#shelves.set(number, shelf);
    this.#bytes += 1000 + shelf.entries.byteLength * 1.25;
    return shelf;
  }
}
