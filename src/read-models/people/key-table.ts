// Key → number, of millions of keys in little memory: a table by a hash of 64 bits, which holds no keys. It is made anew with
// seeds of its own each time, so nobody can make two keys meet on purpose; and by chance two of ten million meet once in a hundred
// thousand million tries, since they must also lie in the same place of the table.

import { randomBytes } from 'node:crypto';

const FIRST_SLOTS = 2 ** 16;

export class KeyTable {
  readonly #seeds = new Uint32Array(new Uint8Array(randomBytes(8)).buffer);
  #slots = FIRST_SLOTS;
  #used = 0;
  /** Of each slot: the two halves of the hash, and the number; 0: free. */
  #cells = new Uint32Array(FIRST_SLOTS * 3);
  #low = 0;
  #high = 0;

  /** 0: not there. */
  find(key: string): number {
    this.#hash(key);
    return this.#cells[this.#place() + 2]!;
  }

  /** A key that is not there yet. */
  add(key: string, number: number): void {
    if (this.#used * 3 >= this.#slots * 2) this.#grow();
    this.#hash(key);
    this.#put(number);
    this.#used++;
  }

  #put(number: number): void {
    const cell = this.#place();
    this.#cells[cell] = this.#low;
    this.#cells[cell + 1] = this.#high;
    this.#cells[cell + 2] = number;
  }

  /** The cell that holds the hash, or the free one where it belongs. */
  #place(): number {
    const cells = this.#cells;
    const mask = this.#slots - 1;
    let slot = (this.#low ^ Math.imul(this.#high, 0x9e3779b1)) & mask;
    for (;;) {
      const cell = slot * 3;
      if (cells[cell + 2] === 0 || (cells[cell] === this.#low && cells[cell + 1] === this.#high)) return cell;
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const former = this.#cells;
    this.#slots *= 2;
    this.#cells = new Uint32Array(this.#slots * 3);
    for (let cell = 0; cell < former.length; cell += 3) {
      if (former[cell + 2] === 0) continue;
      this.#low = former[cell]!;
      this.#high = former[cell + 1]!;
      this.#put(former[cell + 2]!);
    }
  }

  /** Two lanes of multiply and mix, each over every character, seeded apart. */
  #hash(key: string): void {
    let low = this.#seeds[0]! ^ key.length;
    let high = this.#seeds[1]!;
    for (let i = 0; i < key.length; i++) {
      const char = key.charCodeAt(i);
      low = Math.imul(low ^ char, 0xcc9e2d51);
      low = (low << 15) | (low >>> 17);
      high = Math.imul(high + char, 0x85ebca6b) ^ (high >>> 13);
      low = (low + (high << 7)) | 0;
    }
    low ^= low >>> 16;
    low = Math.imul(low, 0x85ebca6b);
    low ^= low >>> 13;
    high ^= high >>> 15;
    high = Math.imul(high ^ low, 0xc2b2ae35);
    high ^= high >>> 16;
    this.#low = low >>> 0;
    this.#high = high >>> 0;
  }
}
