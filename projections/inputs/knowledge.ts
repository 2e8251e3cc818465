// What is common to everything that is dated both ways: whether it was known, and which of several holds on a day.

import type { Day } from '../../contracts/days.ts';
import { type Dated, STANDING } from './types.ts';

/** Whether something was on record, and not yet taken back, at a sequence. */
export function isSeenAt(dated: Dated, knownAt: number): boolean {
  return dated.recorded <= knownAt && (knownAt < dated.withdrawn || dated.withdrawn === STANDING);
}

/**
 * Of several accounts, each holding from its day on, the one that holds on a day: the latest that has begun; of those that
 * begin on one day, the one recorded last. Before all of them the earliest holds, so that nothing has a past without a
 * name, a place or a meaning. The accounts are in the order in which they were recorded.
 */
export function holdingOn<T extends Dated & { readonly from: Day }>(
  accounts: readonly T[],
  day: Day,
  knownAt: number,
): T | undefined {
  let begun: T | undefined;
  let earliest: T | undefined;
  for (const account of accounts) {
    if (!isSeenAt(account, knownAt)) continue;
    if (account.from <= day && (begun === undefined || account.from >= begun.from)) begun = account;
    if (earliest === undefined || account.from <= earliest.from) earliest = account;
  }
  return begun ?? earliest;
}

/** The latest of some sequences, kept in rising order, that is not above another; −1 where there is none. */
export function latestUpTo(sequences: readonly number[], knownAt: number): number {
  let low = 0;
  let high = sequences.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sequences[middle]! <= knownAt) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? -1 : sequences[low - 1]!;
}
