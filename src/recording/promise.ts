// How far the record is complete (`X-Experience-API-Consistent-Through`): up to which stamp nothing will be added any more, once
// an index has come to a sequence.

import type { Microseconds, Sequence } from '../../contracts/words.ts';
import { systemClock } from './clock.ts';

export interface Promised {
  readonly through: Microseconds;
  readonly head: Sequence;
}

/** What nodes that write may be behind with, all told (their clocks, their repetitions), microseconds. */
const OTHERS_MAY_LAG = 60_000_000;
/** A reading serves for so long, milliseconds. */
const READING_MS = 250;

/**
 * On a log that other nodes write to: a reading of the clock, and then of the head. What anybody had stamped a minute before the
 * one is in the log by the other.
 */
export class HeadReadings {
  readonly #head: () => Promise<Sequence>;
  #last: (Promised & { readonly at: number }) | undefined;
  #next: Promise<void> | undefined;

  constructor(head: () => Promise<Sequence>) {
    this.#head = head;
  }

  /** The last reading, not older than a moment unless the log is away: what an old one promised still holds. */
  async latest(): Promise<Promised | undefined> {
    if (!this.#last || performance.now() - this.#last.at > READING_MS) {
      this.#next ??= this.#read().finally(() => {
        this.#next = undefined;
      });
      await this.#next.catch(() => undefined);
    }
    return this.#last;
  }

  async #read(): Promise<void> {
    const at = performance.now();
    const through = (systemClock.now() - OTHERS_MAY_LAG) as Microseconds;
    this.#last = { through, head: await this.#head(), at };
  }
}
