// The open segment as its writer holds it: entries by chunk and postings by term in memory, until it is sealed.

import type { Identity } from './blocks.ts';
import { type Entry, readEntries, writeEntry } from './entries.ts';
import { EVERY, type IdKey, type TermKey } from './keys.ts';
import { CHUNK_SEQUENCES, SEGMENT_POSTINGS, SEGMENT_SEQUENCES } from './layout.ts';

export class OpenSegment {
  readonly number: number;
  /** Its first sequence. */
  readonly first: number;
  readonly #postings = new Map<TermKey, number[]>();
  readonly #identities = new Map<IdKey, Identity>();
  /** Entries since the chunk they belong to was last written whole. */
  #chunk: { number: number; entries: Buffer[] } = { number: 0, entries: [] };
  #changed = new Map<number, Buffer[]>();
  #size = 0;

  constructor(number: number, first: number) {
    this.number = number;
    this.first = first;
  }

  /** Brings back what the file holds of it; chunks in order. */
  restore(number: number, bytes: Buffer): void {
    const entries: Buffer[] = [];
    for (const entry of readEntries(bytes)) {
      const own = { ...entry, digest: Uint8Array.from(entry.digest) };
      this.#keep(own);
      entries.push(writeEntry(own));
    }
    this.#chunk = { number, entries };
  }

  add(entry: Entry): void {
    this.#keep(entry);
    const number = Math.floor(entry.offset / CHUNK_SEQUENCES);
    if (number !== this.#chunk.number) this.#chunk = { number, entries: [] };
    this.#chunk.entries.push(writeEntry(entry));
    this.#changed.set(number, this.#chunk.entries);
  }

  identity(id: IdKey): Identity | undefined {
    return this.#identities.get(id);
  }

  get statements(): number {
    return this.#identities.size;
  }

  /** Whether the segment ends with this sequence. */
  isFull(sequence: number): boolean {
    return sequence - this.first + 1 >= SEGMENT_SEQUENCES || this.#size >= SEGMENT_POSTINGS;
  }

  /** Chunks to be written since this was last asked. */
  takeChanges(): Iterable<readonly [number, Buffer]> {
    const changed = [...this.#changed].map(([number, entries]) => [number, Buffer.concat(entries)] as const);
    this.#changed = new Map();
    return changed;
  }

  /** Sorted for sealing; the statements themselves stand under EVERY. */
  sortedTerms(): (readonly [TermKey, number[]])[] {
    const terms = [...this.#postings.keys()].sort().map((key) => [key, this.#postings.get(key)!] as const);
    const every = [...this.#identities.values()].map(({ offset }) => offset);
    return every.length === 0 ? terms : [[EVERY, every], ...terms];
  }

  sortedIdentities(): Identity[] {
    return [...this.#identities.keys()].sort().map((id) => this.#identities.get(id)!);
  }

  #keep({ terms, ...identity }: Entry): void {
    this.#identities.set(identity.id, identity);
    this.#size += terms.length;
    for (const key of terms) {
      const offsets = this.#postings.get(key);
      if (offsets) offsets.push(identity.offset);
      else this.#postings.set(key, [identity.offset]);
    }
  }
}
