// Whole numbers as varints, least significant seven bits first; those with a sign zigzag (0, −1, 1, −2, …). Up to 2^53.

/** Reads what a {@link Packer} wrote. */
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
const FIRST_BYTES = 256;

export class Packer {
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;

  unsigned(value: number): void {
    if (this.#length + 8 > this.#bytes.length) this.#grow();
    const bytes = this.#bytes;
    let left = value;
    while (left >= SMALL) {
      bytes[this.#length++] = (left % 0x80) | 0x80;
      left = Math.floor(left / 0x80);
    }
    while (left >= 0x80) {
      bytes[this.#length++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    bytes[this.#length++] = left;
  }

  signed(value: number): void {
    this.unsigned(value < 0 ? -2 * value - 1 : 2 * value);
  }

  /** Begins anew; what was handed out before is written over. */
  clear(): void {
    this.#length = 0;
  }

  /** Good until the next number, or until it is cleared. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #grow(): void {
    const bytes = new Uint8Array(this.#bytes.length * 2);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }
}
