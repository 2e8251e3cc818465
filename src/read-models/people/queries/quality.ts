// How one course is taken, by everybody or by those the asker may see: its metrics, by current knowledge or as known before.

import { METRICS, Totals, valuesOn } from '../../../../projections/department-rollup/index.ts';
import type { ActivityNumber, SubjectNumber } from '../../../../projections/inputs/types.ts';
import { NOWHERE } from '../../../../projections/inputs/types.ts';
import { addKept, addKeptTotal, countEach, membersOf, RUN } from './amounts.ts';
import { topsOf } from './departments.ts';
import { namedWith } from './scan.ts';
import { learner, type View } from './view.ts';

/** What is counted by course; of other metrics the same number means a tag or something else. */
const OF_COURSES: ReadonlySet<number> = new Set([
  METRICS.completions,
  METRICS.repeats,
  METRICS.scores,
  METRICS.implausible,
  METRICS.ratings,
  METRICS.courseEnrolled,
  METRICS.courseInProgress,
  METRICS.contributed,
  METRICS.attendedAll,
]);

/** What is counted of one course. */
export class CourseTotals extends Totals {
  readonly #course: ActivityNumber;

  constructor(course: ActivityNumber) {
    super();
    this.#course = course;
  }

  override add(metric: number, ref: number, count: number, sum: number): void {
    if (ref === this.#course && OF_COURSES.has(metric)) super.add(metric, ref, count, sum);
  }

  /** Whether anything at all is counted of it on the day: what came and went again is not, wherever it is looked up. */
  get isNamed(): boolean {
    return [...OF_COURSES].some((metric) => this.count(metric, this.#course) !== 0);
  }
}

export function* totalsOfCourse(view: View, course: ActivityNumber): Generator<void, CourseTotals> {
  const { world, reach, on, knownAt } = view;
  const totals = new CourseTotals(course);
  if (view.isCurrent) {
    for (const top of reach ? topsOf(view) : world.roots(on, knownAt)) addKeptTotal(view, top, totals);
    if (!reach) addKept(view, NOWHERE, 'own', totals);
    return totals;
  }
  const add = (_node: number, metric: number, ref: number, count: number, sum: number): void =>
    totals.add(metric, ref, count, sum);
  if (reach) {
    yield* countEach(
      view,
      membersOf(view, reach.nodes) as Iterable<number> as Iterable<SubjectNumber>,
      reach.nodes,
      add,
    );
    return totals;
  }
  let done = 0;
  for (const [subject, isPerson] of yield* usersOf(view, course)) {
    valuesOn(learner(view, subject, isPerson), world, on, knownAt, add);
    if (++done % RUN === 0) yield;
  }
  return totals;
}

/** Whoever may have anything to do with the course: identities that named it, those who own them, those on its rosters. */
function* usersOf(view: View, course: ActivityNumber): Generator<void, ReadonlyMap<SubjectNumber, boolean>> {
  const { world, knownAt } = view;
  const aliases = world.course(course)?.versions.flatMap((version) => version.aliases) ?? [];
  const sessions = world.sessionsOf(course, knownAt).map(({ number }) => number);
  const found = new Map<SubjectNumber, boolean>();
  const named = yield* namedWith(view, new Set([course, ...aliases]), new Set(sessions));
  let done = 0;
  for (const subject of named) {
    if (++done % RUN === 0) yield;
    const inputs = view.reader.inputsOf(subject);
    // Facts lie with identities alone; rosters, postings and links with people.
    found.set(subject, !inputs.some(({ is }) => is === 'fact'));
    for (const input of inputs) if (input.is === 'owner') found.set(input.other, true);
  }
  return new Map([...found].sort(([a], [b]) => a - b));
}
