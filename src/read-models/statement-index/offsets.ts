// Sets of offsets within one segment: a sorted array while small, a bitmap of 4,096 bytes once that is shorter (the
// containers of Roaring bitmaps, with one container a segment and term).

import { SEGMENT_SEQUENCES } from './layout.ts';

const WORDS = SEGMENT_SEQUENCES / 32;
const BITMAP_BYTES = SEGMENT_SEQUENCES / 8;
/** From this many offsets on a bitmap is not longer than an array of two bytes each. */
const DENSE = BITMAP_BYTES / 2;

/** Sorted offsets, or one bit for each. */
export type Offsets = Uint16Array | Uint32Array;

export const NO_OFFSETS: Offsets = new Uint16Array(0);

/** How many bytes {@link writeOffsets} writes for so many offsets. */
export function bytesOfOffsets(count: number): number {
  return count < DENSE ? count * 2 : BITMAP_BYTES;
}

/** Writes sorted offsets, little endian. */
export function writeOffsets(offsets: ArrayLike<number>, into: Buffer, at: number): void {
  if (offsets.length < DENSE) {
    for (let i = 0; i < offsets.length; i++) into.writeUInt16LE(offsets[i]!, at + i * 2);
    return;
  }
  into.fill(0, at, at + BITMAP_BYTES);
  for (let i = 0; i < offsets.length; i++) {
    const offset = offsets[i]!;
    const byte = at + (offset >> 3);
    into[byte] = into[byte]! | (1 << (offset & 7));
  }
}

/** Reads what {@link writeOffsets} wrote, out of a block. */
export function readOffsets(block: Buffer, from: number, to: number): Offsets {
  const copy = block.buffer.slice(block.byteOffset + from, block.byteOffset + to) as ArrayBuffer;
  return copy.byteLength === BITMAP_BYTES ? new Uint32Array(copy) : new Uint16Array(copy);
}

const isBitmap = (set: Offsets): set is Uint32Array => set instanceof Uint32Array;

const has = (set: Uint32Array, offset: number): boolean => (set[offset >> 5]! & (1 << (offset & 31))) !== 0;

function toBitmap(set: Offsets): Uint32Array {
  if (isBitmap(set)) return set;
  const bits = new Uint32Array(WORDS);
  for (const offset of set) bits[offset >> 5]! |= 1 << (offset & 31);
  return bits;
}

function toSorted(set: Offsets): Uint16Array {
  if (!isBitmap(set)) return set;
  const found = new Uint16Array(SEGMENT_SEQUENCES);
  let count = 0;
  for (let word = 0; word < WORDS; word++) {
    let bits = set[word]!;
    while (bits !== 0) {
      const lowest = bits & -bits;
      found[count++] = word * 32 + 31 - Math.clz32(lowest);
      bits ^= lowest;
    }
  }
  return found.subarray(0, count);
}

/** Everything that is in any of them. */
export function union(sets: readonly Offsets[]): Offsets {
  const filled = sets.filter((set) => set.length > 0);
  if (filled.length === 0) return NO_OFFSETS;
  if (filled.length === 1) return filled[0]!;
  const bits = toBitmap(filled[0]!).slice();
  for (const set of filled.slice(1)) {
    if (isBitmap(set)) for (let word = 0; word < WORDS; word++) bits[word]! |= set[word]!;
    else for (const offset of set) bits[offset >> 5]! |= 1 << (offset & 31);
  }
  return bits;
}

/** What is in all of them, sorted. */
export function intersection(sets: readonly Offsets[]): Uint16Array {
  let fewest: Uint16Array | undefined;
  for (const set of sets) if (!isBitmap(set) && (!fewest || set.length < fewest.length)) fewest = set;
  if (!fewest) {
    if (sets.length === 1) return toSorted(sets[0]!);
    const bits = (sets[0] as Uint32Array).slice();
    for (const set of sets.slice(1)) for (let word = 0; word < WORDS; word++) bits[word]! &= set[word]!;
    return toSorted(bits);
  }
  let left = fewest;
  for (const set of sets) {
    if (set === fewest) continue;
    if (left.length === 0) break;
    left = isBitmap(set) ? left.filter((offset) => has(set, offset)) : inBoth(left, set);
  }
  return left;
}

/** `few` is the shorter: each of its offsets is looked for ahead of where the one before was found, in growing leaps. */
function inBoth(few: Uint16Array, many: Uint16Array): Uint16Array {
  let from = 0;
  return few.filter((offset) => {
    let leap = 1;
    let to = from;
    while (to < many.length && many[to]! < offset) {
      from = to + 1;
      to += leap;
      leap *= 2;
    }
    to = Math.min(to, many.length);
    while (from < to) {
      const middle = (from + to) >> 1;
      if (many[middle]! < offset) from = middle + 1;
      else to = middle;
    }
    return many[from] === offset;
  });
}
