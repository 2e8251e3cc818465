// Whole numbers as varints, least significant seven bits first; those with a sign zigzag (0, −1, 1, −2, …). Up to 2^53.

/** Reads what {@link putUnsigned} and {@link putSigned} wrote. */
export class Packed {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isLeft(): boolean {
    return this.#at < this.#bytes.length;
  }

  unsigned(): number {
    const bytes = this.#bytes;
    const first = bytes[this.#at++]!;
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let scale = 0x80;
    for (;;) {
      const byte = bytes[this.#at++];
      if (byte === undefined) throw new RangeError('A packed row ends in the middle of a number.');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  signed(): number {
    const value = this.unsigned();
    if (value < SMALL) return (value >>> 1) ^ -(value & 1);
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** Below it the arithmetic of 32 bits holds, which takes a fraction of the time. */
const SMALL = 2 ** 31;

/** No number takes more. */
export const MOST_BYTES = 8;

/** Writes a number at a place that has room. @returns the place behind it */
export function putUnsigned(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 0x80) return putLarger(bytes, at, value);
  bytes[at] = value;
  return at + 1;
}

export function putSigned(bytes: Uint8Array, at: number, value: number): number {
  return putUnsigned(bytes, at, value < 0 ? -2 * value - 1 : 2 * value);
}

function putLarger(bytes: Uint8Array, from: number, value: number): number {
  let at = from;
  let left = value;
  while (left >= SMALL) {
    bytes[at++] = (left % 0x80) | 0x80;
    left = Math.floor(left / 0x80);
  }
  while (left >= 0x80) {
    bytes[at++] = (left & 0x7f) | 0x80;
    left >>>= 7;
  }
  bytes[at++] = left;
  return at;
}
