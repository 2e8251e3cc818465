// So many a second, with a second's worth at once: a token bucket, filled when it is asked. O(1), no timer.

import type { Microseconds } from '../../contracts/words.ts';

export class TokenBucket {
  readonly #perSecond: number;
  readonly #capacity: number;
  #tokens: number;
  #filled: Microseconds;

  constructor(perSecond: number, capacity: number, now: Microseconds) {
    this.#perSecond = perSecond;
    // Below one token, nothing would ever be admitted.
    this.#capacity = Math.max(1, capacity);
    this.#tokens = this.#capacity;
    this.#filled = now;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  /** Takes a token: 0. Or, when there is none, takes nothing: seconds until there is one. */
  take(now: Microseconds): number {
    // A clock set back must not stop the filling until it has caught up: time begins anew from there.
    const elapsed = Math.max(0, now - this.#filled) / 1_000_000;
    this.#filled = now;
    this.#tokens = Math.min(this.#capacity, this.#tokens + elapsed * this.#perSecond);
    if (this.#tokens >= 1) {
      this.#tokens -= 1;
      return 0;
    }
    return (1 - this.#tokens) / this.#perSecond;
  }
}
