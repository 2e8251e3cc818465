// The tree as it was known at one sequence: who stands below whom on which day. Everything is worked out when first asked for and
// kept, since rollups ask millions of times. Commands let no department stand below itself; were it so all the same, whoever
// climbs stops where the circle closes.

import { type Day, EARLIEST_DAY } from '../../contracts/days.ts';
import { isSeenAt, latestUpTo } from './knowledge.ts';
import { NOWHERE, type NodeNumber, OPEN_END, type TreeNode } from './types.ts';

/** From a day on, until the next step. */
interface Step {
  readonly parent: NodeNumber;
  readonly from: Day;
}

/** When a department stood below another, or was it: from one day to before another. */
export interface Membership {
  readonly ancestor: NodeNumber;
  readonly from: Day;
  readonly to: Day;
}

/** The tree between two days on which it changed. */
interface Shape {
  readonly from: Day;
  /** The day on which the next one begins. */
  readonly to: Day;
  readonly children: readonly (readonly NodeNumber[] | undefined)[];
  /** Every department after the one it stands below, each with everything below it in one piece. */
  readonly order: readonly NodeNumber[];
  readonly position: Int32Array;
  readonly size: Int32Array;
}

/** Shapes kept: of a tree of 10,000 departments each takes some 300 kB. */
const SHAPES = 16;
const NONE: readonly never[] = [];

export class TreeView {
  readonly #nodes: readonly TreeNode[];
  readonly #knownAt: number;
  readonly #steps: (readonly Step[] | undefined)[] = [];
  readonly #memberships: (readonly Membership[] | undefined)[] = [];
  /** The days on which the tree changes, rising. */
  #days: readonly Day[] | undefined;
  /** By the day on which they begin; those asked for last at the end. */
  readonly #shapes = new Map<number, Shape>();
  /** Most questions are about the same day as the one before. */
  #last: Shape | undefined;

  constructor(nodes: readonly TreeNode[], knownAt: number) {
    this.#nodes = nodes;
    this.#knownAt = knownAt;
  }

  /** Where a department stood, from ever on: without gaps, no two alike in succession. Empty where it is not known. */
  stepsOf(number: NodeNumber): readonly Step[] {
    let steps = this.#steps[number];
    if (!steps) {
      steps = this.#makeSteps(number);
      this.#steps[number] = steps;
    }
    return steps;
  }

  parentOn(number: NodeNumber, day: Day): NodeNumber {
    const steps = this.stepsOf(number);
    for (let i = steps.length - 1; i >= 0; i--) if (i === 0 || steps[i]!.from <= day) return steps[i]!.parent;
    return NOWHERE;
  }

  pathOn(number: NodeNumber, day: Day): readonly NodeNumber[] {
    if (number === NOWHERE) return [NOWHERE];
    if (this.stepsOf(number).length === 0) return NONE;
    const path: NodeNumber[] = [];
    for (let at = number; at !== NOWHERE && !path.includes(at); at = this.parentOn(at, day)) path.push(at);
    return path.reverse();
  }

  childrenOn(number: NodeNumber, day: Day): readonly NodeNumber[] {
    return number === NOWHERE ? NONE : (this.#shapeOn(day).children[number] ?? NONE);
  }

  rootsOn(day: Day): readonly NodeNumber[] {
    return this.#shapeOn(day).children[NOWHERE] ?? NONE;
  }

  belowOn(number: NodeNumber, day: Day): readonly NodeNumber[] {
    if (number === NOWHERE) return [NOWHERE];
    if (this.stepsOf(number).length === 0) return NONE;
    const { order, position, size } = this.#shapeOn(day);
    const start = position[number]!;
    return order.slice(start, start + size[number]!);
  }

  /** In the order of the ancestors' numbers, of one ancestor in that of the days; no two meet. */
  membershipsOf(number: NodeNumber): readonly Membership[] {
    let memberships = this.#memberships[number];
    if (!memberships) {
      memberships = this.#makeMemberships(number);
      this.#memberships[number] = memberships;
    }
    return memberships;
  }

  #makeSteps(number: NodeNumber): readonly Step[] {
    const known = (this.#nodes[number]?.parents ?? NONE).filter((placed) => isSeenAt(placed, this.#knownAt));
    // Sorting is stable: of those of one day the one recorded last comes last, and holds.
    const sorted = known.sort((a, b) => a.from - b.from);
    const steps: Step[] = [];
    for (const [i, { parent, from }] of sorted.entries()) {
      if (sorted[i + 1]?.from === from || steps.at(-1)?.parent === parent) continue;
      steps.push({ parent, from: steps.length === 0 ? EARLIEST_DAY : from });
    }
    return steps;
  }

  #makeMemberships(number: NodeNumber): readonly Membership[] {
    if (number !== NOWHERE && this.stepsOf(number).length === 0) return NONE;
    const found: { ancestor: NodeNumber; from: Day; to: Day }[] = [];
    this.#climb([number], EARLIEST_DAY, OPEN_END, found);
    found.sort((a, b) => a.ancestor - b.ancestor || a.from - b.from);
    const joined: typeof found = [];
    for (const next of found) {
      const last = joined.at(-1);
      if (last?.ancestor === next.ancestor && last.to === next.from) last.to = next.to;
      else joined.push(next);
    }
    return joined;
  }

  /**
   * Itself and all above over some days. From day to day only, never by what stood above the parent at other times: two
   * departments may in turn have stood below each other.
   */
  #climb(path: readonly NodeNumber[], from: Day, to: Day, found: { ancestor: NodeNumber; from: Day; to: Day }[]): void {
    const number = path.at(-1)!;
    found.push({ ancestor: number, from, to });
    const steps = this.stepsOf(number);
    for (const [i, { parent, from: since }] of steps.entries()) {
      const first = Math.max(from, since) as Day;
      const end = Math.min(to, steps[i + 1]?.from ?? OPEN_END) as Day;
      if (parent === NOWHERE || first >= end || path.includes(parent)) continue;
      this.#climb([...path, parent], first, end, found);
    }
  }

  #shapeOn(day: Day): Shape {
    const last = this.#last;
    if (last && last.from <= day && day < last.to) return last;
    if (!this.#days) {
      const days = new Set<Day>();
      for (const { number } of this.#known()) for (const { from } of this.stepsOf(number)) days.add(from);
      this.#days = [...days].sort((a, b) => a - b);
    }
    const since = latestUpTo(this.#days, Math.max(day, EARLIEST_DAY));
    let shape = this.#shapes.get(since);
    this.#shapes.delete(since);
    shape ??= this.#makeShape(since as Day);
    this.#shapes.set(since, shape);
    if (this.#shapes.size > SHAPES) this.#shapes.delete(this.#shapes.keys().next().value!);
    this.#last = shape;
    return shape;
  }

  #makeShape(day: Day): Shape {
    const children: NodeNumber[][] = [];
    for (const { number } of this.#known()) {
      const parent = this.parentOn(number, day);
      const siblings = children[parent];
      if (siblings) siblings.push(number);
      else children[parent] = [number];
    }
    const order: NodeNumber[] = [];
    const position = new Int32Array(this.#nodes.length);
    const size = new Int32Array(this.#nodes.length);
    const place = (number: NodeNumber): void => {
      const start = order.length;
      position[number] = start;
      order.push(number);
      for (const child of children[number] ?? NONE) place(child);
      size[number] = order.length - start;
    };
    for (const root of children[NOWHERE] ?? NONE) place(root);
    return { from: day, to: this.#days!.find((next) => next > day) ?? OPEN_END, children, order, position, size };
  }

  *#known(): IterableIterator<TreeNode> {
    for (let number = 1; number < this.#nodes.length; number++) {
      const node = this.#nodes[number]!;
      if (isSeenAt(node.opened, this.#knownAt)) yield node;
    }
  }
}
