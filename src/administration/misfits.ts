// What does not fit, gathered over a whole file: the first ones by line are shown, all are counted.

import type { Misfit } from './port.ts';

const SHOWN = 1_000;

export class Misfits {
  #kept: Misfit[] = [];
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** Those to show, in the order of the lines. */
  get shown(): readonly Misfit[] {
    this.#trim();
    return this.#kept;
  }

  add(line: number | undefined, column: string | undefined, message: string): void {
    this.#total += 1;
    this.#kept.push({ ...(line !== undefined && { line }), ...(column !== undefined && { column }), message });
    // They do not come in the order of the lines: people are gone through in the order of their codes.
    if (this.#kept.length >= 4 * SHOWN) this.#trim();
  }

  #trim(): void {
    this.#kept.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
    this.#kept.length = Math.min(this.#kept.length, SHOWN);
  }
}
