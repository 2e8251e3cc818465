// What a department counts on a day: added up from the rows that the model keeps, or from learner to learner as known before.

import { type MetricsInAnswer, shareOf } from '../../../../contracts/http/reports.ts';
import { METRICS, readDays, readSums, Totals, valuesOn } from '../../../../projections/department-rollup/index.ts';
import { learnerAt } from '../../../../projections/inputs/learner.ts';
import type { ActivityNumber, NodeNumber, SubjectNumber } from '../../../../projections/inputs/types.ts';
import { monthOf } from '../layout.ts';
import { meanOf } from './described.ts';
import { nodesBelow, type View } from './view.ts';

const LAST_METRIC = Math.max(...Object.values(METRICS));

export type MinutesOf = (course: ActivityNumber) => number;

/** Every metric over all courses. */
export class Amounts extends Totals {
  readonly counts = new Float64Array(LAST_METRIC + 1);
  readonly sums = new Float64Array(LAST_METRIC + 1);
  creditedMinutes = 0;
  readonly #minutesOf: MinutesOf;

  constructor(minutesOf: MinutesOf) {
    super();
    this.#minutesOf = minutesOf;
  }

  override add(metric: number, ref: number, count: number, sum: number): void {
    this.counts[metric]! += count;
    this.sums[metric]! += sum;
    if (metric === METRICS.completions) this.creditedMinutes += count * this.#minutesOf(ref as ActivityNumber);
  }

  plus(other: Amounts, sign: 1 | -1 = 1): this {
    for (let metric = 0; metric <= LAST_METRIC; metric++) {
      this.counts[metric]! += sign * other.counts[metric]!;
      this.sums[metric]! += sign * other.sums[metric]!;
    }
    this.creditedMinutes += sign * other.creditedMinutes;
    return this;
  }
}

/** What a course credits, as the catalogue has it on the day. */
export function minutesOn({ world, on, knownAt }: View): MinutesOf {
  const known = new Map<ActivityNumber, number>();
  return (course) => {
    let minutes = known.get(course);
    if (minutes === undefined) {
      minutes = world.courseVersion(course, on, knownAt)?.minutes ?? 0;
      known.set(course, minutes);
    }
    return minutes;
  };
}

/** Adds what a node counts by current knowledge. */
export function addKept({ reader, on }: View, node: NodeNumber, scope: 'own' | 'total', into: Totals): void {
  const month = monthOf(on);
  for (const row of reader.months(node, scope, month)) {
    if (row.month < month) readSums(row.sums, into);
    else readDays(row.days, on, into);
  }
}

/** A node with everything below it, by current knowledge; of departments that moved out of the asker's sight, nothing. */
export function addKeptTotal(view: View, node: NodeNumber, into: Totals): void {
  const seen = nodesBelow(view, node);
  if (seen.length === view.world.belowOn(node, view.on, view.knownAt).length) addKept(view, node, 'total', into);
  else for (const one of seen) addKept(view, one, 'own', into);
}

/** Learners are worked out in runs of so many: between two of them the transaction may be given back. */
export const RUN = 500;

export type Counting = (node: NodeNumber, metric: number, ref: number, count: number, sum: number) => void;

/** Goes through learners and tells what each of them counts for, as known at R, when that is at one of the nodes. */
export function* countEach(
  view: View,
  people: Iterable<SubjectNumber>,
  nodes: ReadonlySet<NodeNumber>,
  add: Counting,
): Generator<void, void> {
  // All that a learner counts for on a day is at one node.
  let at: NodeNumber | undefined;
  let isIn = false;
  const counting: Counting = (node, metric, ref, count, sum) => {
    if (node !== at) {
      at = node;
      isIn = nodes.has(node);
    }
    if (isIn) add(node, metric, ref, count, sum);
  };
  let done = 0;
  for (const subject of people) {
    const learner = learnerAt(subject, true, view.reader.inputsOf, view.knownAt);
    valuesOn(learner, view.world, view.on, view.knownAt, counting);
    if (++done % RUN === 0) yield;
  }
}

/** Whoever was ever posted at one of the nodes, each once, in order. */
export function membersOf({ reader }: View, nodes: Iterable<NodeNumber>): Uint32Array {
  const lists: SubjectNumber[][] = [];
  let length = 0;
  for (const node of nodes) {
    const members = reader.membersOf(node);
    if (members.length === 0) continue;
    lists.push(members);
    length += members.length;
  }
  const all = new Uint32Array(length);
  let at = 0;
  for (const members of lists) {
    all.set(members, at);
    at += members.length;
  }
  if (lists.length < 2) return all;
  all.sort();
  let kept = 0;
  for (let i = 0; i < length; i++) if (i === 0 || all[i] !== all[i - 1]) all[kept++] = all[i]!;
  return all.subarray(0, kept);
}

/** Own amounts of a node and of everything below it, as known at R. */
export function* ownAmounts(view: View, node: NodeNumber): Generator<void, ReadonlyMap<NodeNumber, Amounts>> {
  const nodes = new Set(nodesBelow(view, node));
  const minutesOf = minutesOn(view);
  const amounts = new Map<NodeNumber, Amounts>();
  const members = membersOf(view, nodes) as Iterable<number> as Iterable<SubjectNumber>;
  let last: NodeNumber | undefined;
  let own = new Amounts(minutesOf);
  yield* countEach(view, members, nodes, (at, metric, ref, count, sum) => {
    if (at !== last) {
      own = amounts.get(at) ?? new Amounts(minutesOf);
      amounts.set(at, own);
      last = at;
    }
    own.add(metric, ref, count, sum);
  });
  return amounts;
}

/** With every ref, of a node and everything below it, as known at R. */
export function* totalsAt(view: View, node: NodeNumber): Generator<void, Totals> {
  const totals = new Totals();
  if (view.isCurrent) {
    addKeptTotal(view, node, totals);
    return totals;
  }
  const nodes = new Set(nodesBelow(view, node));
  const members = membersOf(view, nodes) as Iterable<number> as Iterable<SubjectNumber>;
  yield* countEach(view, members, nodes, (_node, metric, ref, count, sum) => totals.add(metric, ref, count, sum));
  return totals;
}

/** Over all courses, of what was counted by course. */
export function amountsOf(view: View, totals: Totals): Amounts {
  const amounts = new Amounts(minutesOn(view));
  for (const metric of Object.values(METRICS)) {
    for (const [ref, { count, sum }] of totals.of(metric)) amounts.add(metric, ref, count, sum);
  }
  return amounts;
}

export function metricsOf({ counts, sums, creditedMinutes }: Amounts): MetricsInAnswer {
  const strength = counts[METRICS.strength]!;
  const onboarded = counts[METRICS.onboarded]!;
  const withCompletion = counts[METRICS.withCompletion]!;
  const mean = (metric: number) => meanOf({ count: counts[metric]!, sum: sums[metric]! });
  return {
    strength,
    paused: counts[METRICS.paused]!,
    onboarded,
    active7: counts[METRICS.active7]!,
    active30: counts[METRICS.active30]!,
    activeYear: counts[METRICS.activeYear]!,
    enrolled: counts[METRICS.enrolled]!,
    inProgress: counts[METRICS.inProgress]!,
    withCompletion,
    completions: counts[METRICS.completions]!,
    repeats: counts[METRICS.repeats]!,
    creditedMinutes,
    implausible: counts[METRICS.implausible]!,
    caseStudies: counts[METRICS.contributed]!,
    attendedAll: counts[METRICS.attendedAll]!,
    score: mean(METRICS.scores),
    rating: mean(METRICS.ratings),
    onboardedShare: shareOf(onboarded, strength),
    completionShare: shareOf(withCompletion, strength),
  };
}

/** What of a node's amounts those at the node and those right below do not add up to. */
export function differenceOf(total: Amounts, parts: readonly Amounts[], minutesOf: MinutesOf): Record<string, number> {
  const left = new Amounts(minutesOf).plus(total);
  for (const part of parts) left.plus(part, -1);
  const difference: Record<string, number> = {};
  for (const [name, metric] of Object.entries(METRICS)) {
    if (left.counts[metric] !== 0) difference[name] = left.counts[metric]!;
    if (left.sums[metric] !== 0) difference[`${name}Sum`] = left.sums[metric]!;
  }
  if (left.creditedMinutes !== 0) difference.creditedMinutes = left.creditedMinutes;
  return difference;
}
