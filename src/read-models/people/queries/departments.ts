// Departments: the tree as it stood on a day, what each of them counts, and who is posted there.

import { dateOf } from '../../../../contracts/days.ts';
import type { ReportRow } from '../../../../contracts/http/reports.ts';
import { lastDayOf } from '../../../../projections/inputs/tree.ts';
import { NOWHERE, type NodeNumber, type SubjectNumber } from '../../../../projections/inputs/types.ts';
import { Amounts, addKept, addKeptTotal, differenceOf, type MinutesOf, metricsOf, minutesOn, RUN } from './amounts.ts';
import { dateOrNull, department, lastDay, summary } from './described.ts';
import { lastActiveDay, onboardedDay, progressIn, totalsOf } from './learners.ts';
import { isWithin, learner as learnerOf, nodesBelow, postingOn, type View } from './view.ts';

export interface Placed {
  readonly node: NodeNumber;
  readonly depth: number;
}

/** Departments that had been opened by that day, each before those below it; closed ones too, since people may count there. */
export function treeOf(view: View): Placed[] {
  const { world, on, knownAt, reach } = view;
  const tops = reach ? topsOf(view) : world.roots(on, knownAt);
  return tops.flatMap((top) => placedBelow(view, top, Number.POSITIVE_INFINITY));
}

/** Where the asker's departments begin on that day: today's subtree may have lain in several places. */
export function topsOf(view: View): readonly NodeNumber[] {
  const { world, on, knownAt, reach } = view;
  return [...reach!.nodes].filter((node) => {
    const path = world.pathOn(node, on, knownAt);
    return path.length > 0 && !path.slice(0, -1).some((above) => reach!.nodes.has(above));
  });
}

export function placedBelow(view: View, top: NodeNumber, depth: number): Placed[] {
  const found: Placed[] = [];
  const place = (node: NodeNumber, at: number): void => {
    if (isWithin(view, node) && (at === 0 || isOpened(view, node))) found.push({ node, depth: at });
    if (at < depth) for (const child of view.world.childrenOn(node, view.on, view.knownAt)) place(child, at + 1);
  };
  place(top, 0);
  return found;
}

function isOpened({ world, on }: View, node: NodeNumber): boolean {
  return world.node(node).opened.from <= on;
}

export function departmentRow(view: View, { node, depth }: Placed): ReportRow<'departments'> {
  const { world, knownAt } = view;
  return {
    ...department(view, node),
    parent: parentOf(view, node),
    depth,
    opened: dateOf(world.node(node).opened.from),
    closed: lastDay(lastDayOf(world.node(node), knownAt)),
  };
}

/** Null of a root, and of what lies under a department that the asker may not see. */
function parentOf(view: View, node: NodeNumber): string | null {
  const parent = view.world.parentOn(node, view.on, view.knownAt);
  return parent === NOWHERE || !isWithin(view, parent) ? null : view.world.node(parent).id;
}

/**
 * Rows of a rollup, down to a depth: only above it is it looked whether those right below add up. `own`: of every department
 * below the one asked about, as known before; undefined: current knowledge.
 */
export function rollupRows(
  view: View,
  page: readonly Placed[],
  deepest: number,
  own: ReadonlyMap<NodeNumber, Amounts> | undefined,
): ReportRow<'rollup'>[] {
  const { world, on, knownAt } = view;
  const minutesOf = minutesOn(view);
  const known = new Map<NodeNumber, Amounts>();
  const totalOf = (node: NodeNumber): Amounts => {
    let total = known.get(node);
    if (!total) {
      total = own ? summed(view, node, own, minutesOf) : keptTotal(view, node, minutesOf);
      known.set(node, total);
    }
    return total;
  };
  return page.map(({ node, depth }) => {
    const at = own ? (own.get(node) ?? new Amounts(minutesOf)) : keptOwn(view, node, minutesOf);
    const total = totalOf(node);
    return {
      department: department(view, node),
      parent: parentOf(view, node),
      depth,
      total: metricsOf(total),
      own: metricsOf(at),
      difference:
        depth < deepest
          ? differenceOf(total, [at, ...world.childrenOn(node, on, knownAt).map(totalOf)], minutesOf)
          : {},
    };
  });
}

function summed(view: View, node: NodeNumber, own: ReadonlyMap<NodeNumber, Amounts>, minutesOf: MinutesOf): Amounts {
  const total = new Amounts(minutesOf);
  for (const one of nodesBelow(view, node)) {
    const amounts = own.get(one);
    if (amounts) total.plus(amounts);
  }
  return total;
}

function keptTotal(view: View, node: NodeNumber, minutesOf: MinutesOf): Amounts {
  const total = new Amounts(minutesOf);
  addKeptTotal(view, node, total);
  return total;
}

function keptOwn(view: View, node: NodeNumber, minutesOf: MinutesOf): Amounts {
  const own = new Amounts(minutesOf);
  if (isWithin(view, node)) addKept(view, node, 'own', own);
  return own;
}

export interface LearnersPage {
  readonly rows: ReportRow<'departmentLearners'>[];
  /** The last subject handed over, when there are more. */
  readonly after?: number;
}

/** Those whose primary posting of the day lies at the node or below, in the order of their numbers. */
export function* learnersAt(view: View, top: NodeNumber, after: number, limit: number): Generator<void, LearnersPage> {
  const nodes = new Set(nodesBelow(view, top));
  const rows: ReportRow<'departmentLearners'>[] = [];
  let last = after;
  let looked = 0;
  for (const number of membersInOrder(view, [...nodes], after, limit)) {
    const learner = learnerOf(view, number, true);
    const primary = postingOn(view, learner);
    if (++looked % RUN === 0) yield;
    if (!primary || !nodes.has(primary.node)) continue;
    if (rows.length === limit) return { rows, after: last };
    rows.push({
      learner: summary(view, view.reader.subject(number)!, learner),
      onboarded: onboardedDay(view, learner) !== undefined,
      paused: primary.paused !== undefined,
      lastActive: dateOrNull(lastActiveDay(view, learner)),
      totals: totalsOf(progressIn(view, learner)),
    });
    last = number;
  }
  return { rows };
}

/**
 * Members of many departments merged in order, a little of each at a time: what lies up to the lowest end of what was read is
 * complete.
 */
function* membersInOrder(
  view: View,
  nodes: readonly NodeNumber[],
  after: number,
  limit: number,
): Generator<SubjectNumber> {
  const atOnce = Math.max(8, Math.ceil((4 * limit) / Math.max(1, nodes.length)));
  let left = nodes;
  for (let at = after; left.length > 0; ) {
    const found = new Set<SubjectNumber>();
    const unfinished: NodeNumber[] = [];
    let complete = Number.POSITIVE_INFINITY;
    for (const node of left) {
      const members = view.reader.membersAfter(node, at, atOnce);
      for (const member of members) found.add(member);
      if (members.length < atOnce) {
        // What it still has lies in this run, but may lie beyond what is complete in it.
        if (members.length > 0) unfinished.push(node);
        continue;
      }
      unfinished.push(node);
      complete = Math.min(complete, members.at(-1)!);
    }
    const run = [...found].filter((member) => member <= complete).sort((a, b) => a - b);
    yield* run;
    if (complete === Number.POSITIVE_INFINITY) return;
    at = complete;
    left = unfinished;
  }
}
