// Where `stored` comes from: unique and strictly increasing along the record, in microseconds.

import type { Microseconds } from '../../contracts/words.ts';

export interface Clock {
  now(): Microseconds;
}

export const systemClock: Clock = {
  now: () => (Date.now() * 1000) as Microseconds,
};

/** A clock that stands still until it is moved by command: the demo, the journeys and late arrivals need one. */
export class SimulatedClock implements Clock {
  #at: Microseconds;
  constructor(at: Microseconds) {
    this.#at = at;
  }
  now(): Microseconds {
    return this.#at;
  }
  moveTo(at: Microseconds): void {
    this.#at = at;
  }
}

/**
 * Hands out stamps: `stored = max(clock, last + 1 µs)`. A clock that jumps back makes stamps creep until it has caught up;
 * they never repeat and never fall.
 */
export class Stamps {
  readonly #clock: Clock;
  #last: Microseconds;
  constructor(clock: Clock, last: Microseconds) {
    this.#clock = clock;
    this.#last = last;
  }

  get last(): Microseconds {
    return this.#last;
  }

  next(): Microseconds {
    this.#last = Math.max(this.#clock.now(), this.#last + 1) as Microseconds;
    return this.#last;
  }

  /** A reading at or below which nothing will be stamped any more. */
  close(): Microseconds {
    this.#last = Math.max(this.#clock.now(), this.#last) as Microseconds;
    return this.#last;
  }

  /** Somebody else's stamp was seen in the record: ours come after it. */
  seen(stamp: Microseconds): void {
    if (stamp > this.#last) this.#last = stamp;
  }
}
