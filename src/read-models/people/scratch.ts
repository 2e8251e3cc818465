// A file for what is put aside while a model is built: written at its end, read anywhere, removed when it is closed.

import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';

export class ScratchFile {
  readonly #file: string;
  readonly #descriptor: number;
  #end = 0;

  constructor(file: string) {
    this.#file = file;
    rmSync(file, { force: true });
    this.#descriptor = openSync(file, 'w+');
  }

  /** @returns where it begins */
  append(bytes: Uint8Array): number {
    const begin = this.#end;
    for (let written = 0; written < bytes.byteLength; ) {
      written += writeSync(this.#descriptor, bytes, written, bytes.byteLength - written, begin + written);
    }
    this.#end = begin + bytes.byteLength;
    return begin;
  }

  /** Fills `into` with what begins there. */
  read(begin: number, into: Uint8Array): void {
    for (let read = 0; read < into.byteLength; ) {
      const more = readSync(this.#descriptor, into, read, into.byteLength - read, begin + read);
      if (more === 0) throw new RangeError(`${this.#file} ends before ${begin + into.byteLength}`);
      read += more;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
    rmSync(this.#file, { force: true });
  }
}
