// What happened to a learner, course by course: the facts that stand and the sessions of the rosters, in one order that does not
// depend on their arrival.

import type { Day } from '../../contracts/days.ts';
import { dayOfSecond, type Learner, type LearnerFact } from '../inputs/learner.ts';
import { type ActivityNumber, type FactKind, OPEN_START } from '../inputs/types.ts';
import type { World } from '../inputs/world.ts';

/** Stands for the platform itself, which is no course. */
export const PLATFORM = 0 as ActivityNumber;

export interface Happening {
  readonly course: ActivityNumber;
  readonly day: Day;
  /** Seconds since 1970; of a session, the start of its day: what else happens on that day comes after it. */
  readonly at: number;
  readonly recorded: number;
  /** `session`: attended; `missed`: on the roster, not attended. */
  readonly kind: FactKind | 'session' | 'missed';
  readonly score: number | undefined;
  readonly seconds: number | undefined;
  /** Number of the session; 0 for a fact. */
  readonly session: number;
  readonly fact: LearnerFact | undefined;
}

/** In order of time. */
export function happeningsOf(learner: Learner, world: World, knownAt: number): Happening[] {
  const found: Happening[] = [];
  for (const fact of learner.facts) {
    const { activity, at, recorded, kind, score, seconds } = fact;
    const day = dayOfSecond(at);
    let course = world.courseOf(activity, day, knownAt);
    if (world.courseVersion(course, day, knownAt)?.kind === 'platform') course = PLATFORM;
    found.push({ course, day, at, recorded, kind, score, seconds, session: 0, fact });
  }
  if (learner.attendance.length === 0) return found;
  for (const { session: number, attended, recorded } of learner.attendance) {
    const session = world.sessionAt(number, knownAt);
    if (session === undefined) continue;
    const day = Math.max(session.on, OPEN_START) as Day;
    const course = world.courseOf(session.course, day, knownAt);
    const at = day * 86_400 - 19_800;
    const kind = attended ? 'session' : 'missed';
    found.push({
      course,
      day,
      at,
      recorded,
      kind,
      score: undefined,
      seconds: undefined,
      session: number,
      fact: undefined,
    });
  }
  // Facts are in order already, and the sort is stable.
  return found.sort((a, b) => a.at - b.at || isFact(a) - isFact(b) || (isFact(a) ? 0 : inOrderOfRosters(a, b)));
}

/**
 * The same, those of one course together, by the number of the course. What is taken back at an instant takes back what
 * was completed at that very instant too: so it comes after it.
 */
export function byCourse(happenings: readonly Happening[]): Happening[] {
  if (happenings.length < 2) return [...happenings];
  return happenings.toSorted((a, b) => a.course - b.course || a.at - b.at || isTakingBack(a) - isTakingBack(b));
}

/** The first day on the platform: as HR says, or by a statement, whichever is earlier. */
export function onboardedOn(learner: Learner, happenings: readonly Happening[]): Day | undefined {
  const registered = happenings.find(({ course, kind }) => course === PLATFORM && kind === 'enrolled')?.day;
  if (registered === undefined || learner.onboarded === undefined) return registered ?? learner.onboarded;
  return registered < learner.onboarded ? registered : learner.onboarded;
}

/** Whether a learner is active by it: what is taken back or missed is no activity. */
export function isActivity({ kind }: Happening): boolean {
  return kind !== 'revoked' && kind !== 'missed';
}

function isFact({ fact }: Happening): number {
  return fact === undefined ? 0 : 1;
}

function inOrderOfRosters(a: Happening, b: Happening): number {
  return a.recorded - b.recorded || a.session - b.session;
}

function isTakingBack({ kind }: Happening): number {
  return kind === 'revoked' ? 1 : 0;
}
