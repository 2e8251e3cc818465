// Where a change at one department shows in the totals of those above it, as the tree stood from day to day.

import type { Day } from '../../contracts/days.ts';
import { FOREVER } from '../inputs/learner.ts';
import type { NodeNumber } from '../inputs/types.ts';
import type { Membership } from '../inputs/world.ts';

/** A change from `day` on counts from then on, or from when the node came there; and is given back when the node leaves. */
export function placeInTotals(
  memberships: readonly Membership[],
  day: Day,
  add: (ancestor: NodeNumber, day: Day, sign: 1 | -1) => void,
): void {
  for (const { ancestor, from, to } of memberships) {
    if (day >= to) continue;
    add(ancestor, day > from ? day : from, 1);
    if (to < FOREVER) add(ancestor, to, -1);
  }
}
