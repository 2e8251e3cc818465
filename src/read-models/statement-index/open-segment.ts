// The open segment as its writer holds it: entries by chunk and postings by term in memory, until it is sealed.

import type { Term } from '../../../projections/statement-index/index.ts';
import type { Identity } from './blocks.ts';
import { bytesOfEntry, readEntries, writeEntryHead } from './entries.ts';
import { EVERY, type IdKey, TERM_KEY_BYTES, type TermKey, termKey } from './keys.ts';
import { CHUNK_SEQUENCES } from './layout.ts';

interface Posting {
  readonly key: TermKey;
  /** The key as three words, which are written faster than characters. */
  readonly words: readonly [number, number, number];
  readonly offsets: number[];
}

/** A term has its key here once it was seen in this segment: most come again and again, and are not hashed each time. */
export class OpenSegment {
  readonly number: number;
  /** Its first sequence. */
  readonly first: number;
  readonly #byTerm = new Map<Term, Posting>();
  readonly #byKey = new Map<TermKey, Posting>();
  readonly #identities = new Map<IdKey, Identity>();
  /** Entries of the youngest chunk. */
  #chunk = 0;
  #bytes = Buffer.alloc(16 * 1024);
  #length = 0;
  #isChanged = false;
  /** Older chunks that were not written yet. */
  #finished: (readonly [number, Buffer])[] = [];
  #postings = 0;

  constructor(number: number, first: number) {
    this.number = number;
    this.first = first;
  }

  get postings(): number {
    return this.#postings;
  }

  get statements(): number {
    return this.#identities.size;
  }

  identity(id: IdKey): Identity | undefined {
    return this.#identities.get(id);
  }

  /** Brings back what the file holds of it; chunks in order. */
  restore(number: number, bytes: Buffer): void {
    for (const { terms, ...identity } of readEntries(bytes)) {
      this.#keep({ ...identity, digest: Uint8Array.from(identity.digest) }, terms.length);
      for (const key of terms) this.#posting(key).offsets.push(identity.offset);
    }
    this.#chunk = number;
    this.#length = 0;
    this.#makeRoom(bytes.length);
    this.#length = bytes.copy(this.#bytes);
  }

  add(identity: Identity, terms: readonly Term[]): void {
    this.#keep(identity, terms.length);
    const chunk = Math.floor(identity.offset / CHUNK_SEQUENCES);
    if (chunk !== this.#chunk) this.#finishChunk(chunk);
    this.#isChanged = true;
    this.#makeRoom(bytesOfEntry(terms.length));
    let at = writeEntryHead(this.#bytes, this.#length, identity, terms.length);
    for (const term of terms) {
      let posting = this.#byTerm.get(term);
      if (!posting) {
        posting = this.#posting(termKey(term));
        this.#byTerm.set(term, posting);
      }
      posting.offsets.push(identity.offset);
      const [a, b, c] = posting.words;
      this.#bytes.writeUInt32LE(a, at);
      this.#bytes.writeUInt32LE(b, at + 4);
      this.#bytes.writeUInt32LE(c, at + 8);
      at += TERM_KEY_BYTES;
    }
    this.#length = at;
  }

  /** Chunks to be written since this was last asked. */
  takeChanges(): readonly (readonly [number, Buffer])[] {
    const changed = this.#finished;
    if (this.#isChanged) changed.push([this.#chunk, Buffer.from(this.#bytes.subarray(0, this.#length))]);
    this.#finished = [];
    this.#isChanged = false;
    return changed;
  }

  /** Sorted for sealing; the statements themselves stand under EVERY. */
  sortedTerms(): (readonly [TermKey, readonly number[]])[] {
    const terms = [...this.#byKey.keys()].sort().map((key) => [key, this.#byKey.get(key)!.offsets] as const);
    const every = [...this.#identities.values()].map(({ offset }) => offset);
    return every.length === 0 ? terms : [[EVERY, every], ...terms];
  }

  sortedIdentities(): Identity[] {
    return [...this.#identities.keys()].sort().map((id) => this.#identities.get(id)!);
  }

  #keep(identity: Identity, terms: number): void {
    this.#identities.set(identity.id, identity);
    this.#postings += terms;
  }

  #posting(key: TermKey): Posting {
    const known = this.#byKey.get(key);
    if (known) return known;
    const bytes = Buffer.from(key, 'latin1');
    const words = [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8)] as const;
    const posting: Posting = { key, words, offsets: [] };
    this.#byKey.set(key, posting);
    return posting;
  }

  #finishChunk(next: number): void {
    if (this.#isChanged) this.#finished.push([this.#chunk, Buffer.from(this.#bytes.subarray(0, this.#length))]);
    this.#isChanged = false;
    this.#chunk = next;
    this.#length = 0;
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}
