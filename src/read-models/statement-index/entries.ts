// Entries of the open segment: what each statement is found by, whole, in order of sequence. A reader holds them as columns
// and goes over them for each question: at most one segment long, that costs less than keeping any tree of them.
//
// Entry, little endian, sizes in bytes:   offset (2) · flags (1) · 0 (1) · n (4) · id (16) · digest (32) · n term keys (12 each)

import type { Identity } from './blocks.ts';
import { ID_BYTES, type IdKey, keyAt, TERM_KEY_BYTES, type TermKey } from './keys.ts';
import { SEGMENT_SEQUENCES } from './layout.ts';
import type { Offsets } from './offsets.ts';

const HEAD = 8;
const DIGEST_BYTES = 32;
const FIXED = HEAD + ID_BYTES + DIGEST_BYTES;

export interface Entry extends Identity {
  readonly terms: readonly TermKey[];
}

/** How long an entry with so many terms is. */
export function bytesOfEntry(terms: number): number {
  return FIXED + terms * TERM_KEY_BYTES;
}

/** Writes all of an entry but its terms; returns where the first of them goes. */
export function writeEntryHead(
  into: Buffer,
  at: number,
  { offset, flags, id, digest }: Identity,
  terms: number,
): number {
  into.writeUInt16LE(offset, at);
  into[at + 2] = flags;
  into[at + 3] = 0;
  into.writeUInt32LE(terms, at + 4);
  into.write(id, at + HEAD, ID_BYTES, 'latin1');
  into.set(digest, at + HEAD + ID_BYTES);
  return at + FIXED;
}

export function* readEntries(chunk: Buffer): Generator<Entry> {
  let at = 0;
  while (at < chunk.length) {
    const count = chunk.readUInt32LE(at + 4);
    const keys = at + FIXED;
    yield {
      ...identityOf(chunk, at),
      terms: Array.from({ length: count }, (_, i) => keyAt<TermKey>(chunk, keys + i * TERM_KEY_BYTES, TERM_KEY_BYTES)),
    };
    at = keys + count * TERM_KEY_BYTES;
  }
}

/** The identities alone, for those who look for ids and not for terms. */
export function* readIdentities(chunk: Buffer): Generator<Identity> {
  let at = 0;
  while (at < chunk.length) {
    yield identityOf(chunk, at);
    at += FIXED + chunk.readUInt32LE(at + 4) * TERM_KEY_BYTES;
  }
}

function identityOf(chunk: Buffer, at: number): Identity {
  return {
    offset: chunk.readUInt16LE(at),
    flags: chunk[at + 2]!,
    id: keyAt<IdKey>(chunk, at + HEAD, ID_BYTES),
    digest: chunk.subarray(at + HEAD + ID_BYTES, at + FIXED),
  };
}

/** The open segment's postings as columns: three words of a term's key, and whose it is. */
export class OpenPostings {
  #first = new Uint32Array(4096);
  #second = new Uint32Array(4096);
  #third = new Uint32Array(4096);
  #owners = new Uint16Array(4096);
  #postings = 0;
  readonly #statements = new Uint16Array(SEGMENT_SEQUENCES);
  readonly #ids = Buffer.alloc(SEGMENT_SEQUENCES * ID_BYTES);
  #count = 0;
  /** How many postings and statements stood before each chunk: the last one is read again when it has grown. */
  readonly #before: { readonly postings: number; readonly statements: number }[] = [];

  /** Number of the chunk to be read (again) first. */
  get nextChunk(): number {
    return Math.max(0, this.#before.length - 1);
  }

  /** Takes in a chunk; what it held before is replaced. Chunks between that hold no statement may be missing. */
  take(number: number, chunk: Buffer): void {
    while (this.#before.length <= number) {
      this.#before.push({ postings: this.#postings, statements: this.#count });
    }
    if (number === this.#before.length - 1) {
      this.#postings = this.#before[number]!.postings;
      this.#count = this.#before[number]!.statements;
    }
    let at = 0;
    while (at < chunk.length) {
      const offset = chunk.readUInt16LE(at);
      const count = chunk.readUInt32LE(at + 4);
      chunk.copy(this.#ids, this.#count * ID_BYTES, at + HEAD, at + HEAD + ID_BYTES);
      this.#statements[this.#count++] = offset;
      this.#makeRoom(count);
      at += FIXED;
      for (let i = 0; i < count; i++) {
        const place = this.#postings++;
        this.#first[place] = chunk.readUInt32LE(at);
        this.#second[place] = chunk.readUInt32LE(at + 4);
        this.#third[place] = chunk.readUInt32LE(at + 8);
        this.#owners[place] = offset;
        at += TERM_KEY_BYTES;
      }
    }
  }

  every(): Offsets {
    return this.#statements.subarray(0, this.#count);
  }

  find(key: TermKey): Offsets {
    const bytes = Buffer.from(key, 'latin1');
    const [a, b, c] = [bytes.readUInt32LE(0), bytes.readUInt32LE(4), bytes.readUInt32LE(8)];
    const first = this.#first;
    const found: number[] = [];
    for (let place = first.indexOf(a); place >= 0 && place < this.#postings; place = first.indexOf(a, place + 1)) {
      if (this.#second[place] === b && this.#third[place] === c) found.push(this.#owners[place]!);
    }
    return Uint16Array.from(found);
  }

  /** The offset of the statement with this id. */
  findId(id: IdKey): number | undefined {
    const held = this.#ids.subarray(0, this.#count * ID_BYTES);
    let at = held.indexOf(id, 0, 'latin1');
    // A match that begins within an id is none.
    while (at >= 0 && at % ID_BYTES !== 0) at = held.indexOf(id, at + 1, 'latin1');
    return at < 0 ? undefined : this.#statements[at / ID_BYTES];
  }

  #makeRoom(more: number): void {
    const needed = this.#postings + more;
    if (needed <= this.#owners.length) return;
    const size = Math.max(needed, this.#owners.length * 2);
    this.#first = larger(this.#first, size);
    this.#second = larger(this.#second, size);
    this.#third = larger(this.#third, size);
    const owners = new Uint16Array(size);
    owners.set(this.#owners);
    this.#owners = owners;
  }
}

function larger(column: Uint32Array, size: number): Uint32Array<ArrayBuffer> {
  const copy = new Uint32Array(size);
  copy.set(column);
  return copy;
}
