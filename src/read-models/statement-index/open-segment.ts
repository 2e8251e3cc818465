// The open segment as its writer holds it: its entries by chunk, and its postings in the order they came, until it is sealed.
// Each distinct term has a number here; a posting is that number and the statement's offset, in two growing columns. So a
// posting costs one look at a map and nothing is allocated for it; sealing sorts them by counting.

import type { Term } from '../../../projections/statement-index/index.ts';
import type { Identity } from './blocks.ts';
import { bytesOfEntry, readEntries, writeEntryHead } from './entries.ts';
import { EVERY, type IdKey, keyAt, TERM_KEY_BYTES, type TermKey, termKeyBytes } from './keys.ts';
import { CHUNK_SEQUENCES } from './layout.ts';

const KEY_WORDS = TERM_KEY_BYTES / 4;

export class OpenSegment {
  readonly number: number;
  /** Its first sequence. */
  readonly first: number;
  /** Numbers of terms seen since this was opened. A term restored from the file may get a second number: see sortedTerms. */
  readonly #terms = new Map<Term, number>();
  /** Key of each numbered term, three words each. */
  #keys = new Uint32Array(4096 * KEY_WORDS);
  #numbers = 0;
  #postingTerms = new Uint32Array(32_768);
  #postingOffsets = new Uint16Array(32_768);
  #postings = 0;
  readonly #identities = new Map<IdKey, Identity>();
  /** Entries of the youngest chunk; whole words, since everything in an entry is. */
  #chunk = 0;
  #words = new Uint32Array(4096);
  #length = 0;
  #isChanged = false;
  /** Older chunks that were not written yet. */
  #finished: (readonly [number, Buffer])[] = [];

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
    const numbers = new Map<TermKey, number>();
    for (const { terms, ...identity } of readEntries(bytes)) {
      this.#identities.set(identity.id, { ...identity, digest: Uint8Array.from(identity.digest) });
      this.#makeRoomForPostings(terms.length);
      for (const key of terms) {
        let term = numbers.get(key);
        if (term === undefined) {
          term = this.#numbered(Buffer.from(key, 'latin1'));
          numbers.set(key, term);
        }
        this.#post(term, identity.offset);
      }
    }
    this.#chunk = number;
    this.#length = 0;
    this.#makeRoomForWords(bytes.length / 4);
    this.#length = bytes.copy(Buffer.from(this.#words.buffer)) / 4;
  }

  add(identity: Identity, terms: readonly Term[]): void {
    this.#identities.set(identity.id, identity);
    const chunk = Math.floor(identity.offset / CHUNK_SEQUENCES);
    if (chunk !== this.#chunk) this.#finishChunk(chunk);
    this.#isChanged = true;
    this.#makeRoomForWords(bytesOfEntry(terms.length) / 4);
    this.#makeRoomForPostings(terms.length);
    const words = this.#words;
    let at = writeEntryHead(Buffer.from(words.buffer), this.#length * 4, identity, terms.length) / 4;
    for (const term of terms) {
      let number = this.#terms.get(term);
      if (number === undefined) {
        number = this.#numbered(termKeyBytes(term));
        this.#terms.set(term, number);
      }
      this.#post(number, identity.offset);
      const key = number * KEY_WORDS;
      words[at++] = this.#keys[key]!;
      words[at++] = this.#keys[key + 1]!;
      words[at++] = this.#keys[key + 2]!;
    }
    this.#length = at;
  }

  /** Chunks to be written since this was last asked. */
  takeChanges(): readonly (readonly [number, Buffer])[] {
    if (this.#isChanged) this.#finishChunk(this.#chunk, this.#length);
    const changed = this.#finished;
    this.#finished = [];
    return changed;
  }

  /** In order of key, for sealing; the statements themselves stand under EVERY, which is before any other key. */
  *sortedTerms(): Generator<readonly [TermKey, Uint16Array]> {
    const every = Uint16Array.from(this.#identities.values(), ({ offset }) => offset);
    if (every.length > 0) yield [EVERY, every];

    const { ends, offsets } = this.#offsetsByTerm();
    const offsetsOf = (term: number): Uint16Array => offsets.subarray(term === 0 ? 0 : ends[term - 1]!, ends[term]!);
    const bytes = Buffer.from(this.#keys.buffer);
    const keyOf = (term: number): TermKey => keyAt<TermKey>(bytes, term * TERM_KEY_BYTES, TERM_KEY_BYTES);
    const order = this.#termsInOrder(bytes);
    for (let from = 0; from < order.length; ) {
      const key = keyOf(order[from]!);
      let to = from + 1;
      while (to < order.length && keyOf(order[to]!) === key) to++;
      // Several numbers of one term: as many as it was restored with, in the order of their offsets.
      const parts = Array.from(order.subarray(from, to))
        .sort((a, b) => a - b)
        .map(offsetsOf);
      yield [key, parts.length === 1 ? parts[0]! : Uint16Array.from(parts.flatMap((part) => [...part]))];
      from = to;
    }
  }

  sortedIdentities(): Identity[] {
    return [...this.#identities.keys()].sort().map((id) => this.#identities.get(id)!);
  }

  /** Offsets grouped by term, in order within each; and where each group ends. */
  #offsetsByTerm(): { readonly ends: Uint32Array; readonly offsets: Uint16Array } {
    const ends = new Uint32Array(this.#numbers);
    for (let i = 0; i < this.#postings; i++) ends[this.#postingTerms[i]!]!++;
    let sum = 0;
    for (let term = 0; term < ends.length; term++) {
      const count = ends[term]!;
      ends[term] = sum;
      sum += count;
    }
    const offsets = new Uint16Array(sum);
    for (let i = 0; i < this.#postings; i++) offsets[ends[this.#postingTerms[i]!]!++] = this.#postingOffsets[i]!;
    return { ends, offsets };
  }

  #termsInOrder(keys: Buffer): Uint32Array {
    // The first 48 bits decide but once in a blue moon.
    const leading = new Float64Array(this.#numbers);
    for (let term = 0; term < this.#numbers; term++) leading[term] = keys.readUIntBE(term * TERM_KEY_BYTES, 6);
    const rest = (term: number): bigint => keys.readBigUInt64BE(term * TERM_KEY_BYTES + 4);
    return Uint32Array.from({ length: this.#numbers }, (_, term) => term).sort((a, b) => {
      const difference = leading[a]! - leading[b]!;
      if (difference !== 0) return difference;
      const [x, y] = [rest(a), rest(b)];
      return x < y ? -1 : x > y ? 1 : 0;
    });
  }

  #numbered(key: Buffer): number {
    const number = this.#numbers++;
    if (this.#numbers * KEY_WORDS > this.#keys.length) this.#keys = doubled(this.#keys, Uint32Array);
    for (let word = 0; word < KEY_WORDS; word++) {
      this.#keys[number * KEY_WORDS + word] = key.readUInt32LE(word * 4);
    }
    return number;
  }

  #post(term: number, offset: number): void {
    this.#postingTerms[this.#postings] = term;
    this.#postingOffsets[this.#postings++] = offset;
  }

  /** The chunk is done with, or as far as it goes now. */
  #finishChunk(next: number, keep = 0): void {
    if (this.#isChanged) {
      this.#finished.push([this.#chunk, Buffer.from(Buffer.from(this.#words.buffer, 0, this.#length * 4))]);
    }
    this.#isChanged = false;
    this.#chunk = next;
    this.#length = keep;
  }

  #makeRoomForPostings(more: number): void {
    while (this.#postings + more > this.#postingTerms.length) {
      this.#postingTerms = doubled(this.#postingTerms, Uint32Array);
      this.#postingOffsets = doubled(this.#postingOffsets, Uint16Array);
    }
  }

  #makeRoomForWords(more: number): void {
    while (this.#length + more > this.#words.length) this.#words = doubled(this.#words, Uint32Array);
  }
}

function doubled<Column extends Uint16Array | Uint32Array>(
  column: Column,
  kind: new (length: number) => Column,
): Column {
  const larger = new kind(column.length * 2);
  larger.set(column);
  return larger;
}
