// A learner's part in the rollups: items, split by where the learner is posted. As changes from day to day, and as they stand on one day.

import type { Day } from '../../contracts/days.ts';
import { FOREVER, type Learner, type PrimaryPosting, primaryPostings } from '../inputs/learner.ts';
import { NOWHERE, type NodeNumber } from '../inputs/types.ts';
import type { World } from '../inputs/world.ts';
import { type Item, itemsOf } from './items.ts';
import { METRICS } from './metrics.ts';

export type AddDelta = (node: NodeNumber, day: Day, metric: number, ref: number, count: number, sum: number) => void;
export type AddValue = (node: NodeNumber, metric: number, ref: number, count: number, sum: number) => void;

/** The changes that the learner makes to the counts of the nodes themselves; their sum up to a day is the value on that day. */
export function contributionsOf(learner: Learner, world: World, knownAt: number, add: AddDelta): void {
  const postings = primaryPostings(learner);
  const items = itemsOf(learner, world, knownAt);
  for (let start = 0; start < postings.length; ) {
    const { node, from } = postings[start]!;
    let end = start + 1;
    while (end < postings.length && postings[end]!.node === node) end++;
    const { to } = postings[end - 1]!;
    if (node !== NOWHERE) {
      addOver(add, node, METRICS.strength, 0, from, to, 1, 0);
      addPauses(add, postings, start, end);
    }
    for (const item of items) {
      const first = item.from > from ? item.from : from;
      const last = item.to < to ? item.to : to;
      addOver(add, node, item.metric, item.ref, first, last, item.count, item.sum);
    }
    start = end;
  }
  addCadres(add, postings, items, world);
}

/** Of the field cadres: a posting counts as what it is, also where another one at the same department follows. */
function addCadres(add: AddDelta, postings: readonly PrimaryPosting[], items: readonly Item[], world: World): void {
  for (let start = 0; start < postings.length; ) {
    const { node, posting, from } = postings[start]!;
    const cadre = cadreOf(world, posting);
    let end = start + 1;
    while (end < postings.length && postings[end]!.node === node && cadreOf(world, postings[end]!.posting) === cadre)
      end++;
    const { to } = postings[end - 1]!;
    start = end;
    if (node === NOWHERE) continue;
    addOver(add, node, METRICS.cadreStrength, cadre, from, to, 1, 0);
    for (const item of items) {
      const metric = OF_CADRES[item.metric];
      if (metric === undefined) continue;
      const first = item.from > from ? item.from : from;
      const last = item.to < to ? item.to : to;
      addOver(add, node, metric, cadre, first, last, 1, 0);
    }
  }
}

const cadreOf = (world: World, posting: PrimaryPosting['posting']): number => world.cadreOf(posting?.details ?? 0);

/** What is counted by cadre too. */
const OF_CADRES: readonly (number | undefined)[] = ofCadres();

function ofCadres(): (number | undefined)[] {
  const found: (number | undefined)[] = [];
  found[METRICS.onboarded] = METRICS.cadreOnboarded;
  found[METRICS.withCompletion] = METRICS.cadreWithCompletion;
  found[METRICS.completions] = METRICS.cadreCompletions;
  return found;
}

/** What the learner counts for on one day. */
export function valuesOn(learner: Learner, world: World, on: Day, knownAt: number, add: AddValue): void {
  const posting = primaryPostings(learner).find((each) => holdsOn(each, on));
  if (posting === undefined) return;
  const { node } = posting;
  const cadre = cadreOf(world, posting.posting);
  if (node !== NOWHERE) {
    add(node, METRICS.strength, 0, 1, 0);
    add(node, METRICS.cadreStrength, cadre, 1, 0);
  }
  if (posting.paused !== undefined) add(node, METRICS.paused, 0, 1, 0);
  for (const item of itemsOf(learner, world, knownAt)) {
    if (!holdsOn(item, on)) continue;
    add(node, item.metric, item.ref, item.count, item.sum);
    const metric = OF_CADRES[item.metric];
    if (metric !== undefined && node !== NOWHERE) add(node, metric, cadre, 1, 0);
  }
}

function addPauses(add: AddDelta, postings: readonly PrimaryPosting[], start: number, end: number): void {
  for (let i = start; i < end; i++) {
    const { node, paused, from } = postings[i]!;
    if (paused === undefined) continue;
    while (i + 1 < end && postings[i + 1]!.paused !== undefined) i++;
    addOver(add, node, METRICS.paused, 0, from, postings[i]!.to, 1, 0);
  }
}

function addOver(
  add: AddDelta,
  node: NodeNumber,
  metric: number,
  ref: number,
  from: Day,
  to: Day,
  count: number,
  sum: number,
): void {
  if (from >= to) return;
  add(node, from, metric, ref, count, sum);
  if (to < FOREVER) add(node, to, metric, ref, 0 - count, 0 - sum);
}

function holdsOn({ from, to }: Pick<Item, 'from' | 'to'>, day: Day): boolean {
  return from <= day && day < to;
}
