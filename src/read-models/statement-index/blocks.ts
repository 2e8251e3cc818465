// Blocks of a sealed segment: sorted keys, found by bisection. A segment remembers the first key of each block.
//
// Term block, all little endian, sizes in bytes:   n (2) · n keys (12 each) · n ends (2 each) · offsets of each term
// Identity block:                                  n entries of id (16) · offset (2) · flags (1) · 0 (1) · digest (32)

import { ID_BYTES, type IdKey, keyAt, TERM_KEY_BYTES, type TermKey } from './keys.ts';
import { BLOCK_BYTES } from './layout.ts';
import { bytesOfOffsets, type Offsets, readOffsets, writeOffsets } from './offsets.ts';

export interface Block {
  readonly firstKey: string;
  readonly bytes: Buffer;
}

const DIGEST_BYTES = 32;
const IDENTITY_BYTES = ID_BYTES + 4 + DIGEST_BYTES;
const IDENTITIES_PER_BLOCK = Math.floor(BLOCK_BYTES / IDENTITY_BYTES);

type TermWithOffsets = readonly [TermKey, ArrayLike<number>];

/** Terms in order of key, each with its sorted offsets. */
export function* termBlocks(terms: Iterable<TermWithOffsets>): Generator<Block> {
  let run: TermWithOffsets[] = [];
  let size = 2;
  for (const term of terms) {
    const more = TERM_KEY_BYTES + 2 + bytesOfOffsets(term[1].length);
    if (run.length > 0 && size + more > BLOCK_BYTES) {
      yield termBlock(run, size);
      run = [];
      size = 2;
    }
    run.push(term);
    size += more;
  }
  if (run.length > 0) yield termBlock(run, size);
}

function termBlock(terms: readonly TermWithOffsets[], size: number): Block {
  const bytes = Buffer.alloc(size);
  bytes.writeUInt16LE(terms.length, 0);
  const ends = 2 + terms.length * TERM_KEY_BYTES;
  let end = ends + terms.length * 2;
  for (const [i, [key, offsets]] of terms.entries()) {
    bytes.write(key, 2 + i * TERM_KEY_BYTES, TERM_KEY_BYTES, 'latin1');
    writeOffsets(offsets, bytes, end);
    end += bytesOfOffsets(offsets.length);
    bytes.writeUInt16LE(end, ends + i * 2);
  }
  return { firstKey: terms[0]![0], bytes };
}

/** The offsets of a term in its block; undefined when it is not there. */
export function findTerm(block: Buffer, key: TermKey): Offsets | undefined {
  const count = block.readUInt16LE(0);
  const at = bisect(count, (i) => keyAt<TermKey>(block, 2 + i * TERM_KEY_BYTES, TERM_KEY_BYTES), key);
  if (at < 0 || keyAt(block, 2 + at * TERM_KEY_BYTES, TERM_KEY_BYTES) !== key) return undefined;
  const ends = 2 + count * TERM_KEY_BYTES;
  const from = at === 0 ? ends + count * 2 : block.readUInt16LE(ends + (at - 1) * 2);
  return readOffsets(block, from, block.readUInt16LE(ends + at * 2));
}

/** A statement's id, where it stands, and what decides on a repetition. */
export interface Identity {
  readonly id: IdKey;
  readonly offset: number;
  readonly flags: number;
  /** 32 bytes. */
  readonly digest: Uint8Array;
}

/** Identities in order of id. */
export function* identityBlocks(identities: readonly Identity[]): Generator<Block> {
  for (let from = 0; from < identities.length; from += IDENTITIES_PER_BLOCK) {
    const run = identities.slice(from, from + IDENTITIES_PER_BLOCK);
    const bytes = Buffer.alloc(run.length * IDENTITY_BYTES);
    for (const [i, { id, offset, flags, digest }] of run.entries()) {
      const at = i * IDENTITY_BYTES;
      bytes.write(id, at, ID_BYTES, 'latin1');
      bytes.writeUInt16LE(offset, at + ID_BYTES);
      bytes[at + ID_BYTES + 2] = flags;
      bytes.set(digest, at + ID_BYTES + 4);
    }
    yield { firstKey: run[0]!.id, bytes };
  }
}

/** Where the id of each entry begins. */
export function* idsIn(block: Buffer): Generator<number> {
  for (let at = 0; at < block.length; at += IDENTITY_BYTES) yield at;
}

function identityAt(block: Buffer, index: number): Identity {
  const at = index * IDENTITY_BYTES;
  return {
    id: keyAt<IdKey>(block, at, ID_BYTES),
    offset: block.readUInt16LE(at + ID_BYTES),
    flags: block[at + ID_BYTES + 2]!,
    digest: block.subarray(at + ID_BYTES + 4, at + IDENTITY_BYTES),
  };
}

export function findIdentity(block: Buffer, id: IdKey): Identity | undefined {
  const at = bisect(block.length / IDENTITY_BYTES, (i) => keyAt<IdKey>(block, i * IDENTITY_BYTES, ID_BYTES), id);
  if (at < 0) return undefined;
  const found = identityAt(block, at);
  return found.id === id ? found : undefined;
}

/** First keys of a segment's blocks, end to end. */
export type FirstKeys = Buffer;

export function firstKeys(blocks: readonly Block[]): FirstKeys {
  return Buffer.from(blocks.map(({ firstKey }) => firstKey).join(''), 'latin1');
}

/** Which block of a segment may hold the key: its number from 0, -1 when none does. */
export function blockWith(keys: FirstKeys, key: TermKey | IdKey): number {
  const length = key.length;
  return bisect(keys.length / length, (i) => keyAt<TermKey>(keys, i * length, length), key);
}

/** The last index whose key is not above the wanted one; -1 when all are. */
function bisect(count: number, keyOf: (index: number) => string, wanted: string): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (keyOf(middle) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
