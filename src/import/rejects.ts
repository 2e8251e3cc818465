// The file of items that were left out (`--skip-bad`): one JSON object a line, with the place, the reasons and the item itself.

import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import type { Problem } from '../../contracts/http/problem.ts';
import type { Item } from './source.ts';

export class Rejects {
  readonly file: string;
  readonly #descriptor: number;
  #bytes: number;

  /** Goes on behind `bytes`: what an interrupted run wrote after it last saved its state is rejected, and written, again. */
  constructor(file: string, bytes: number) {
    this.file = file;
    this.#descriptor = openSync(file, bytes > 0 ? 'r+' : 'w', 0o600);
    ftruncateSync(this.#descriptor, bytes);
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add({ place, raw }: Item, problems: readonly Problem[]): void {
    const line = `${JSON.stringify({ place: place.text, line: place.line, problems, item: raw })}\n`;
    this.#bytes += writeSync(this.#descriptor, line, this.#bytes);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}
