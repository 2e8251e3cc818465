// How far something has come along the record (the statement index, the local copy), and who waits for it to come further.

import type { Sequence } from '../contracts/words.ts';

interface Waiter {
  readonly sequence: Sequence;
  readonly settle: (reached: boolean) => void;
}

export class Progress<Place extends { readonly sequence: Sequence }> {
  #at: Place;
  readonly #waiters = new Set<Waiter>();

  constructor(at: Place) {
    this.#at = at;
  }

  get at(): Place {
    return this.#at;
  }

  advance(to: Place): void {
    this.#at = to;
    for (const waiter of this.#waiters) if (waiter.sequence <= to.sequence) waiter.settle(true);
  }

  /** True as soon as the sequence is reached; false after the time-out. */
  waitFor(sequence: Sequence, timeoutMs: number): Promise<boolean> {
    if (this.#at.sequence >= sequence) return Promise.resolve(true);
    return new Promise((resolve) => {
      const timer = setTimeout(() => waiter.settle(false), timeoutMs);
      const waiter: Waiter = {
        sequence,
        settle: (reached) => {
          clearTimeout(timer);
          this.#waiters.delete(waiter);
          resolve(reached);
        },
      };
      this.#waiters.add(waiter);
    });
  }
}
