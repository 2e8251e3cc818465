// Chance that falls the same way each time: the demo shows the same state to everybody.

import { v5 as uuidV5 } from 'uuid';

const NAMESPACE = '6f1f3a0e-6a55-5f0c-9b6e-2a1d1c0a9e77';

export interface Chance {
  /** From 0 up to 1, 1 excluded. */
  next(): number;
  /** A whole number from `from` to `to`, both included. */
  whole(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
  /** True in this share of cases. */
  happens(share: number): boolean;
}

/** Mulberry32 (Tommy Ettinger, public domain): 32 bits of state are plenty for a demo. */
export function chance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return { next, whole, pick: (from) => from[whole(0, from.length - 1)]!, happens: (share) => next() < share };
}

/** The same UUID for the same words. */
export function idOf(...words: readonly (string | number)[]): string {
  return uuidV5(words.join(' '), NAMESPACE);
}
