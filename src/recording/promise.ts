// How far the record is complete (`X-Experience-API-Consistent-Through`): up to which stamp nothing will be added any more, once
// an index has come to a sequence.

import { setTimeout as delay } from 'node:timers/promises';
import type { Microseconds, Sequence } from '../../contracts/words.ts';

export interface Promised {
  readonly through: Microseconds;
  readonly head: Sequence;
}

/** A reading serves for so long, milliseconds. */
const READING_MS = 250;
/** A log that does not answer keeps no reader longer, milliseconds. */
const PATIENCE_MS = 200;

/** On a log that other nodes write to: first up to when they are through, and then the head. */
export class HeadReadings {
  readonly #othersAreThrough: () => Promise<Microseconds>;
  readonly #head: () => Promise<Sequence>;
  #last: (Promised & { readonly at: number }) | undefined;
  #next: Promise<unknown> | undefined;

  constructor(othersAreThrough: () => Promise<Microseconds>, head: () => Promise<Sequence>) {
    this.#othersAreThrough = othersAreThrough;
    this.#head = head;
  }

  /** The last reading, not older than a moment unless the log is away: what an old one promised still holds. */
  async latest(): Promise<Promised | undefined> {
    if (!this.#last || performance.now() - this.#last.at > READING_MS) {
      this.#next ??= this.#soon();
      await this.#next;
    }
    return this.#last;
  }

  /** Over with the next reading, or when that takes too long: it is there for those who ask later. */
  #soon(): Promise<unknown> {
    const reading = this.#read()
      .catch(() => undefined)
      .finally(() => {
        this.#next = undefined;
      });
    return Promise.race([reading, delay(PATIENCE_MS, undefined, { ref: false })]);
  }

  async #read(): Promise<void> {
    const at = performance.now();
    const through = await this.#othersAreThrough();
    this.#last = { through, head: await this.#head(), at };
  }
}
