// The tail: statements that are in the log and perhaps not yet in the statement index. Together the two know every id.

import type { Sequence, StatementId } from '../../contracts/words.ts';

/** Above this many statements ahead of the index, writes are answered with 503. */
export const TAIL_LIMIT = 200_000;

interface Entry {
  readonly sequence: Sequence;
  readonly isVoiding: boolean;
}

export class Tail {
  // Insertion order is the order of the record, so that trimming takes from the front.
  readonly #entries = new Map<StatementId, Entry>();

  get size(): number {
    return this.#entries.size;
  }

  find(id: StatementId): Entry | undefined {
    return this.#entries.get(id);
  }

  /** The first statement of an id stands; one that a foreign writer doubled would not displace it. */
  add(id: StatementId, entry: Entry): void {
    if (!this.#entries.has(id)) this.#entries.set(id, entry);
  }

  /** Forgets what a committed checkpoint of the index covers; never anything else. */
  trim(upTo: Sequence): void {
    for (const [id, entry] of this.#entries) {
      if (entry.sequence > upTo) return;
      this.#entries.delete(id);
    }
  }
}
