// How far a learner is in each course at the end of a day.

import type { Day } from '../../contracts/days.ts';
import type { Learner } from '../inputs/learner.ts';
import type { ActivityNumber } from '../inputs/types.ts';
import type { World } from '../inputs/world.ts';
import { byCourse, type Happening, happeningsOf, PLATFORM } from './happenings.ts';
import { completionsByDay, isCompletion, isImplausible, nextState, type ProgressState } from './state.ts';

export interface CourseProgress {
  readonly course: ActivityNumber;
  readonly state: ProgressState;
  /** Days of the first enrolment, the first sign of work, the first completion that stands. */
  readonly enrolled: Day | undefined;
  readonly started: Day | undefined;
  readonly completed: Day | undefined;
  /** The first completion that stands: the one that counts. */
  readonly first: Happening | undefined;
  /** Days of completions that stand, and those of them after the first. */
  readonly completions: number;
  readonly repeats: number;
  /** Scaled × 10,000, of the completions that stand and the failed attempts. */
  readonly bestScore: number | undefined;
  readonly lastScore: number | undefined;
  /** Every completion that stands is a waiver. */
  readonly waived: boolean;
  readonly implausible: boolean;
  /** Sessions attended, of those on whose rosters the learner stands. */
  readonly attended: number;
  readonly sessions: number;
  /** Credited. */
  readonly minutes: number;
  readonly lastRating: number | undefined;
  /** Everything up to the day, in order of time, also what was taken back. */
  readonly behind: readonly Happening[];
}

/** One entry for each course on which anything is known up to the end of the day, by the number of the course. */
export function progressOf(learner: Learner, world: World, on: Day, knownAt: number): readonly CourseProgress[] {
  const happenings = byCourse(happeningsOf(learner, world, knownAt).filter(({ day }) => day <= on));
  const found: CourseProgress[] = [];
  for (let start = 0; start < happenings.length; ) {
    const { course } = happenings[start]!;
    let end = start + 1;
    while (end < happenings.length && happenings[end]!.course === course) end++;
    if (course !== PLATFORM) found.push(inCourse(course, happenings.slice(start, end), world, on, knownAt));
    start = end;
  }
  return found;
}

function inCourse(
  course: ActivityNumber,
  behind: readonly Happening[],
  world: World,
  on: Day,
  knownAt: number,
): CourseProgress {
  const takenBack = behind.findLastIndex(({ kind }) => kind === 'revoked');
  const standing = behind.slice(takenBack + 1).filter(({ kind }) => isCompletion(kind));
  const days = completionsByDay(standing);
  const [first] = days;
  const scores = behind
    .filter(({ kind }, i) => kind === 'failed' || (i > takenBack && isCompletion(kind)))
    .flatMap(({ score }) => score ?? []);
  const sessions = behind.filter(({ session }) => session !== 0);
  return {
    course,
    state: stateOf(behind, standing),
    enrolled: behind.find(({ kind }) => kind === 'enrolled')?.day,
    started: behind.find(({ kind }) => nextState('not-started', kind) === 'in-progress')?.day,
    completed: first?.day,
    first,
    completions: days.length,
    repeats: Math.max(0, days.length - 1),
    bestScore: scores.toSorted((a, b) => a - b).at(-1),
    lastScore: scores.at(-1),
    waived: first !== undefined && standing.every(({ kind }) => kind === 'waived'),
    implausible: first !== undefined && isImplausible(first, world.courseVersion(course, first.day, knownAt)?.minutes),
    attended: sessions.filter(({ kind }) => kind === 'session').length,
    sessions: sessions.length,
    minutes: first === undefined ? 0 : (world.courseVersion(course, on, knownAt)?.minutes ?? 0),
    lastRating: behind.findLast(({ kind, score }) => kind === 'rated' && score !== undefined)?.score,
    behind,
  };
}

function stateOf(behind: readonly Happening[], standing: readonly Happening[]): ProgressState {
  if (standing.some(({ kind }) => kind === 'passed')) return 'passed';
  if (standing.length > 0) return 'completed';
  return behind.reduce<ProgressState>((state, { kind }) => nextState(state, kind), 'not-started');
}
