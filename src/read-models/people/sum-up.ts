// From what learners add to rows of rollups, for a model that is built from the start. Month by month: the nodes' own rows, and then, from
// below upwards, what lies below each: the sum of its children, for whom the tree stands still that month. What stands still for the
// others (a node that moved in the middle of the month) is added to each above one by one.

import { type Day, EARLIEST_DAY } from '../../../contracts/days.ts';
import {
  JoinedMonths,
  MonthEntries,
  type PackedMonth,
  packedMonth,
  placeInTotals,
} from '../../../projections/department-rollup/index.ts';
import { FOREVER } from '../../../projections/inputs/learner.ts';
import { NOWHERE, type NodeNumber } from '../../../projections/inputs/types.ts';
import type { World } from '../../../projections/inputs/world.ts';
import { firstDayOf, SCOPES } from './layout.ts';
import type { RollupRows } from './rollup-rows.ts';
import { ancestorsOf, Months, nodeAndMonth } from './rollups.ts';
import type { Spill } from './spill.ts';

export interface SummingUp {
  readonly world: World;
  readonly sequence: number;
  readonly spill: Spill;
  readonly rows: RollupRows;
}

/** Packed between two steps. */
const BYTES_A_STEP = 2 * 1024 * 1024;

export function* sumUp(around: SummingUp): Generator<void> {
  const { world, sequence, spill, rows } = around;
  /** What comes to those above not by a sum of their children, in this month or a later one. */
  const placed = new Months();
  for (const month of spill.months()) {
    const own = new Map<NodeNumber, Uint8Array>();
    for (const visit of spill.portions(month)) {
      const months = new Months();
      visit(months.add);
      for (const [key, entries] of months.take()) {
        const { node } = nodeAndMonth(key);
        const packed = entries.packedWith(undefined);
        if (!packed) continue;
        rows.add(node, SCOPES.own, month, packed);
        if (node !== NOWHERE) own.set(node, packed.days.slice());
      }
      yield;
    }
    const still = new StillTree(world, sequence, month);
    for (const [node, days] of own) still.placeOthers(node, days, placed);
    yield;
    const placedNow = new Map<NodeNumber, MonthEntries>();
    for (const [key, entries] of placed.take(month)) {
      const at = nodeAndMonth(key);
      if (at.month === month) placedNow.set(at.node, entries);
      else addBelow(rows, at.node, at.month, entries.packedWith(undefined));
    }
    yield* joinUpwards(around, month, still, own, placedNow);
  }
  for (const [key, entries] of placed.take()) {
    const { node, month } = nodeAndMonth(key);
    addBelow(rows, node, month, entries.packedWith(undefined));
  }
}

function addBelow(rows: RollupRows, node: NodeNumber, month: number, packed: PackedMonth | undefined): void {
  if (packed) rows.add(node, SCOPES.below, month, packed);
}

/** Each child with all below it goes to its parent, and what is below a node is written once its last child has come. */
function* joinUpwards(
  { rows }: SummingUp,
  month: number,
  still: StillTree,
  own: ReadonlyMap<NodeNumber, Uint8Array>,
  placed: ReadonlyMap<NodeNumber, MonthEntries>,
): Generator<void> {
  const below = new Map<NodeNumber, JoinedMonths>();
  let bytes = 0;
  for (const node of still.upwards()) {
    const joined = below.get(node)?.days();
    below.delete(node);
    const parent = still.parentOf(node);
    if (parent !== NOWHERE) {
      const above = below.get(parent) ?? new JoinedMonths();
      below.set(parent, above);
      for (const days of [own.get(node), joined]) if (days) above.add(days);
    }
    const others = placed.get(node);
    const packed = others ? others.packedWith(joined) : joined && packedMonth(joined);
    addBelow(rows, node, month, packed);
    bytes += packed?.days.byteLength ?? 0;
    if (bytes < BYTES_A_STEP) continue;
    bytes = 0;
    yield;
  }
  yield;
}

/** The tree of a month, as far as nothing in it moves from the month's first day to its last. */
class StillTree {
  readonly #world: World;
  readonly #sequence: number;
  readonly #from: Day;
  readonly #to: Day;
  readonly #parents: NodeNumber[] = [];
  /** Every node after its parent, and everything below a node in one piece. */
  readonly #order: NodeNumber[] = [];

  constructor(world: World, sequence: number, month: number) {
    this.#world = world;
    this.#sequence = sequence;
    // What began before 1970 counts from then on.
    this.#from = month === 0 ? EARLIEST_DAY : firstDayOf(month);
    this.#to = firstDayOf(month + 1);
    const children: NodeNumber[][] = [];
    for (const { number } of world.nodes()) {
      const parent = world.parentOn(number, this.#from, sequence);
      const above = ancestorsOf(number, world, sequence);
      const isStill = above.some((one) => one.ancestor === parent && one.from <= this.#from && one.to >= this.#to);
      const under = isStill ? parent : NOWHERE;
      children[under] ??= [];
      children[under].push(number);
    }
    // Whoever stood below itself would not be come by from the roots, and has no parent here.
    const left = [...(children[NOWHERE] ?? [])];
    for (let node = left.pop(); node !== undefined; node = left.pop()) {
      this.#order.push(node);
      this.#parents[node] ??= NOWHERE;
      for (const child of children[node] ?? []) {
        this.#parents[child] = node;
        left.push(child);
      }
    }
    for (const { number } of world.nodes()) {
      if (this.#parents[number] !== undefined) continue;
      this.#parents[number] = NOWHERE;
      this.#order.push(number);
    }
  }

  parentOf(node: NodeNumber): NodeNumber {
    return this.#parents[node]!;
  }

  /** Each node after all below it. */
  upwards(): readonly NodeNumber[] {
    return this.#order.toReversed();
  }

  /** Adds what a node counts in the month to those above it, but for what reaches them from child to parent. */
  placeOthers(node: NodeNumber, days: Uint8Array, placed: Months): void {
    const reached = new Set<NodeNumber>();
    for (let above = this.parentOf(node); above !== NOWHERE; above = this.parentOf(above)) reached.add(above);
    const all = ancestorsOf(node, this.#world, this.#sequence).filter(({ to }) => to > this.#from);
    const isReached = (one: (typeof all)[number]) =>
      reached.has(one.ancestor) && one.from <= this.#from && one.to >= this.#to;
    const left = all.filter((one) => isReached(one) && one.to < FOREVER);
    const others = all.filter((one) => !isReached(one));
    if (left.length === 0 && others.length === 0) return;
    MonthEntries.decode(days).each((day, metric, ref, count, sum) => {
      for (const { ancestor, to } of left) placed.add(ancestor, to, metric, ref, -count, -sum);
      placeInTotals(others, day, (ancestor, from, sign) => {
        placed.add(ancestor, from, metric, ref, sign * count, sign * sum);
      });
    });
  }
}
