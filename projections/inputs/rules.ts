// Rules of the tree and of postings that commands ask before anything is recorded.

import type { Day } from '../../contracts/days.ts';
import { lastDayOf } from './tree.ts';
import { NOWHERE, type NodeNumber, OPEN_END, type Posting, STANDING } from './types.ts';
import type { World } from './world.ts';

/** Everything that is on record. */
const NOW = Number.POSITIVE_INFINITY;

/** Whether a department would on some day stand below itself, were it moved below another from a day on. */
export function wouldMakeCycle(world: World, number: NodeNumber, parent: NodeNumber, from: Day): boolean {
  if (parent === NOWHERE) return false;
  const placed = world.node(number).parents.map((place) => place.from);
  // Before its first place a department stands where it stood first, so a move to before that holds from ever on.
  const starts = placed.every((first) => first >= from) ? Number.NEGATIVE_INFINITY : from;
  const ends = Math.min(OPEN_END, ...placed.filter((next) => next > from));
  return world
    .memberships(parent, NOW)
    .some((above) => above.ancestor === number && above.from < ends && starts < above.to);
}

/** What would still be open below a department after its last day: it may not be closed before that is closed or moved. */
export function openBelowAfter(world: World, number: NodeNumber, lastDay: Day): readonly NodeNumber[] {
  const left: NodeNumber[] = [];
  for (const node of world.nodes()) {
    if (node.number === number) continue;
    const starts = Math.max(lastDay + 1, node.opened.from);
    const ends = lastDayOf(node, NOW) + 1;
    const stands = world
      .memberships(node.number, NOW)
      .some(({ ancestor, from, to }) => ancestor === number && Math.max(from, starts) < Math.min(to, ends));
    if (stands) left.push(node.number);
  }
  return left;
}

/**
 * The substantive posting that a new one would overlap. One that is open and began earlier is in nobody's way: the new one
 * ends it on the day before.
 */
export function substantiveOverlap(
  postings: readonly Posting[],
  begun: Pick<Posting, 'kind' | 'from' | 'to'>,
): Posting | undefined {
  if (begun.kind !== 'substantive') return undefined;
  return postings.find((posting) => {
    if (posting.kind !== 'substantive' || posting.withdrawn !== STANDING) return false;
    if (posting.to === OPEN_END && posting.from < begun.from) return false;
    return posting.from <= begun.to && begun.from <= posting.to;
  });
}
