// How far the statement index has come, as the main thread knows it, and who waits for it to come further.

import { type Microseconds, NOTHING, type Sequence } from '../contracts/words.ts';
import type { IndexedUpTo } from './read-models/statement-index/port.ts';

interface Waiter {
  readonly sequence: Sequence;
  readonly settle: (reached: boolean) => void;
}

export class Progress {
  #indexed: IndexedUpTo = { sequence: NOTHING, stored: 0 as Microseconds };
  readonly #waiters = new Set<Waiter>();

  get indexed(): IndexedUpTo {
    return this.#indexed;
  }

  advance(to: IndexedUpTo): void {
    this.#indexed = to;
    for (const waiter of this.#waiters) if (waiter.sequence <= to.sequence) waiter.settle(true);
  }

  /** True as soon as the index has reached the sequence; false after the time-out. */
  waitFor(sequence: Sequence, timeoutMs: number): Promise<boolean> {
    if (this.#indexed.sequence >= sequence) return Promise.resolve(true);
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
