// Where a statement's id stands. Ids are random and most ids asked for are new ones, so each sealed segment has a Bloom
// filter, held in memory, bit-sliced: one row for each bit position, one column for each segment. One look at eight rows
// tells which of all segments may hold the id, however many there are.

import { idsIn } from './blocks.ts';
import { ID_BYTES, type IdKey } from './keys.ts';
import { SEGMENT_SEQUENCES } from './layout.ts';
import type { Segment, Segments } from './segments.ts';

/** 16 bits a statement and eight positions an id: one false hit in 1,700 ids and segments. 64 KiB a segment. A power of two. */
const ROWS = SEGMENT_SEQUENCES * 16;
const POSITIONS = 8;

export interface Found {
  readonly sequence: number;
  readonly flags: number;
  readonly digest: Uint8Array;
}

export class SealedIdentities {
  readonly #segments: Segments;
  #filtered = 0;
  #stride = 1;
  #bits = new Uint32Array(ROWS);

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  /** Takes in the segments sealed since it was last called. */
  refresh(): void {
    const { all } = this.#segments;
    while (this.#filtered < all.length) {
      const word = this.#filtered >> 5;
      this.#take(word, all.slice(this.#filtered, (word + 1) * 32));
    }
  }

  find(id: IdKey): Found | undefined {
    this.refresh();
    const rows = positions(Buffer.from(id, 'latin1'), 0);
    for (let word = this.#stride - 1; word >= 0; word--) {
      let maybe = 0xffffffff;
      for (let i = 0; i < POSITIONS; i++) maybe &= this.#bits[rows[i]! * this.#stride + word]!;
      while (maybe !== 0) {
        const bit = 31 - Math.clz32(maybe);
        maybe &= ~(1 << bit);
        const segment = this.#segments.all[word * 32 + bit]!;
        const identity = this.#segments.identity(segment, id);
        if (identity) return { ...identity, sequence: segment.first + identity.offset };
      }
    }
    return undefined;
  }

  /** Segments of one word of the rows: gathered in a column of 2 MiB, which fits a cache, where the whole does not. */
  #take(word: number, segments: readonly Segment[]): void {
    while (word >= this.#stride) this.#widen();
    const column = new Uint32Array(ROWS);
    for (const segment of segments) {
      const bit = 1 << (segment.number & 31);
      for (const block of this.#segments.identityBlocks(segment)) {
        for (const at of idsIn(block)) {
          const rows = positions(block, at);
          for (let i = 0; i < POSITIONS; i++) column[rows[i]!]! |= bit;
        }
      }
      this.#filtered = segment.number + 1;
    }
    const bits = this.#bits;
    const stride = this.#stride;
    for (let row = 0, at = word; row < ROWS; row++, at += stride) bits[at]! |= column[row]!;
  }

  #widen(): void {
    const stride = this.#stride < 4 ? this.#stride * 2 : this.#stride + 4;
    const bits = new Uint32Array(ROWS * stride);
    for (let row = 0; row < ROWS; row++) {
      for (let word = 0; word < this.#stride; word++)
        bits[row * stride + word] = this.#bits[row * this.#stride + word]!;
    }
    this.#bits = bits;
    this.#stride = stride;
  }
}

const rows = new Uint32Array(POSITIONS);

/**
 * Eight rows of the filter, out of all 128 bits of the id that starts at `at`: ids made on purpose to meet in the filter only
 * slow their own search. The array is used again at the next call.
 */
function positions(ids: Buffer, at: number): Uint32Array {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let word = at; word < at + ID_BYTES; word += 4) {
    const bits = ids[word]! | (ids[word + 1]! << 8) | (ids[word + 2]! << 16) | (ids[word + 3]! << 24);
    a = Math.imul(a ^ bits, 0xcc9e2d51);
    a ^= a >>> 15;
    b = Math.imul(b + bits, 0x1b873593);
    b ^= b >>> 13;
  }
  a ^= b >>> 16;
  b = Math.imul(b, 0xc2b2ae35) | 1;
  for (let i = 0; i < POSITIONS; i++) {
    rows[i] = (a >>> 0) & (ROWS - 1);
    a = (a + b) | 0;
  }
  return rows;
}
