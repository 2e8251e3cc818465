// What a learner adds to the counts of departments, wherever they are posted: items that hold over intervals of days.

import { type Day, financialYearStart } from '../../contracts/days.ts';
import { FOREVER, type Learner } from '../inputs/learner.ts';
import { OPEN_START } from '../inputs/types.ts';
import type { World } from '../inputs/world.ts';
import {
  byCourse,
  completionsByDay,
  type Happening,
  happeningsOf,
  isActivity,
  isCompletion,
  isImplausible,
  nextState,
  onboardedOn,
  PLATFORM,
  type ProgressState,
} from '../learner-progress/index.ts';
import { METRICS } from './metrics.ts';

export interface Item {
  readonly metric: number;
  readonly ref: number;
  readonly from: Day;
  /** Half open. */
  readonly to: Day;
  readonly count: number;
  readonly sum: number;
}

/** All but strength and pauses, which hang on the posting alone. */
export function itemsOf(learner: Learner, world: World, knownAt: number): Item[] {
  const items: Item[] = [];
  const happenings = happeningsOf(learner, world, knownAt);
  const onboarded = onboardedOn(learner, happenings);
  if (onboarded !== undefined) put(items, METRICS.onboarded, 0, onboarded, FOREVER, 1, 0);
  if (happenings.length === 0) return items;
  addActive(items, happenings);

  const spans: Span[] = [];
  const courses = byCourse(happenings);
  for (let start = 0; start < courses.length; ) {
    const { course } = courses[start]!;
    let end = start + 1;
    while (end < courses.length && courses[end]!.course === course) end++;
    if (course !== PLATFORM) addCourse(items, spans, courses, start, end, world, knownAt);
    start = end;
  }
  addUnions(items, spans);
  return items;
}

/** One course's part in something that counts once a learner, however many courses it comes from. */
interface Span {
  readonly metric: number;
  readonly ref: number;
  readonly from: Day;
  readonly to: Day;
}

function addActive(items: Item[], happenings: readonly Happening[]): void {
  addWindows(items, METRICS.active7, happenings, (day) => day + 7);
  addWindows(items, METRICS.active30, happenings, (day) => day + 30);
  addWindows(items, METRICS.activeYear, happenings, nextFinancialYear);
}

/** The union of the windows that begin on the days of activity. */
function addWindows(
  items: Item[],
  metric: number,
  happenings: readonly Happening[],
  endOf: (day: Day) => number,
): void {
  let from = -1;
  let to = -1;
  for (const happening of happenings) {
    if (!isActivity(happening)) continue;
    const { day } = happening;
    if (day > to) {
      if (from !== -1) put(items, metric, 0, from, to, 1, 0);
      from = day;
    }
    to = endOf(day);
  }
  if (from !== -1) put(items, metric, 0, from, to, 1, 0);
}

/** What lies between `start` and `end` is of one course, in order. */
function addCourse(
  items: Item[],
  spans: Span[],
  happenings: readonly Happening[],
  start: number,
  end: number,
  world: World,
  knownAt: number,
): void {
  const { course } = happenings[start]!;
  /** Where the completions that stand begin. */
  let episode = start;
  let isStanding = false;
  /** What the state is, and what it would be without completions. */
  let state: ProgressState = 'not-started';
  let since = 0 as Day;
  let otherwise: ProgressState = 'not-started';

  for (let i = start; i < end; i++) {
    const { kind, day } = happenings[i]!;
    otherwise = nextState(otherwise, kind);
    if (isCompletion(kind)) {
      isStanding = true;
    } else if (kind === 'revoked') {
      if (isStanding) addCompletions(items, spans, happenings, episode, i, day, world, knownAt);
      isStanding = false;
      episode = i + 1;
    }
    const next = isStanding ? 'completed' : otherwise;
    if (next === state) continue;
    addState(items, spans, course, state, since, day);
    state = next;
    since = day;
  }
  addState(items, spans, course, state, since, FOREVER);
  if (isStanding) addCompletions(items, spans, happenings, episode, end, FOREVER, world, knownAt);
  addBesides(items, happenings, start, end);
}

function addState(items: Item[], spans: Span[], course: number, state: ProgressState, from: Day, to: Day): void {
  if (from >= to) return;
  if (state === 'enrolled') {
    put(items, METRICS.courseEnrolled, course, from, to, 1, 0);
    spans.push({ metric: METRICS.enrolled, ref: 0, from, to });
  } else if (state === 'in-progress') {
    put(items, METRICS.courseInProgress, course, from, to, 1, 0);
    spans.push({ metric: METRICS.inProgress, ref: 0, from, to });
  }
}

/** The completions that stood together until `to`: the first day's counts, those of other days are repeats. */
function addCompletions(
  items: Item[],
  spans: Span[],
  happenings: readonly Happening[],
  start: number,
  end: number,
  to: Day,
  world: World,
  knownAt: number,
): void {
  const standing: Happening[] = [];
  for (let i = start; i < end; i++) {
    const happening = happenings[i]!;
    if (happening.day < to && isCompletion(happening.kind)) standing.push(happening);
  }
  const [first, ...repeats] = completionsByDay(standing);
  if (first === undefined) return;
  const { course, day: from, score } = first;
  put(items, METRICS.completions, course, from, to, 1, 0);
  for (const { day } of repeats) put(items, METRICS.repeats, course, day, to, 1, 0);
  if (score !== undefined) put(items, METRICS.scores, course, from, to, 1, score);
  spans.push({ metric: METRICS.withCompletion, ref: 0, from, to });
  const version = world.courseVersion(course, from, knownAt);
  if (version === undefined) return;
  if (isImplausible(first, version.minutes)) put(items, METRICS.implausible, course, from, to, 1, 0);
  for (const tag of version.tags) spans.push({ metric: METRICS.withTag, ref: tag, from, to });
}

/** Ratings, contributions and rosters, which the state does not depend on. */
function addBesides(items: Item[], happenings: readonly Happening[], start: number, end: number): void {
  let rated: Happening | undefined;
  let hasContributed = false;
  let hasMissed = false;
  let lastSession: Day | undefined;
  for (let i = start; i < end; i++) {
    const happening = happenings[i]!;
    const { kind, course, day, score } = happening;
    if (kind === 'rated' && score !== undefined) {
      if (rated !== undefined) put(items, METRICS.ratings, course, rated.day, day, 1, rated.score!);
      rated = happening;
    } else if (kind === 'contributed') {
      if (!hasContributed) put(items, METRICS.contributed, course, day, FOREVER, 1, 0);
      hasContributed = true;
    } else if (kind === 'missed') {
      hasMissed = true;
    } else if (kind === 'session') {
      lastSession = day;
    }
  }
  const { course } = happenings[start]!;
  if (rated !== undefined) put(items, METRICS.ratings, course, rated.day, FOREVER, 1, rated.score!);
  if (lastSession !== undefined && !hasMissed) put(items, METRICS.attendedAll, course, lastSession, FOREVER, 1, 0);
}

function addUnions(items: Item[], spans: Span[]): void {
  if (spans.length > 1) spans.sort((a, b) => a.metric - b.metric || a.ref - b.ref || a.from - b.from);
  for (let i = 0; i < spans.length; ) {
    const { metric, ref, from } = spans[i]!;
    let { to } = spans[i]!;
    for (i++; i < spans.length; i++) {
      const span = spans[i]!;
      if (span.metric !== metric || span.ref !== ref || span.from > to) break;
      if (span.to > to) to = span.to;
    }
    put(items, metric, ref, from, to, 1, 0);
  }
}

function put(items: Item[], metric: number, ref: number, from: number, to: number, count: number, sum: number): void {
  const first = Math.max(from, OPEN_START) as Day;
  const end = Math.min(to, FOREVER) as Day;
  if (first < end) items.push({ metric, ref, from: first, to: end, count, sum });
}

/** The first days of the financial years from 1969-70 on; working a date out anew for each fact would cost more than all the rest. */
const YEAR_STARTS: readonly Day[] = yearStarts();

function yearStarts(): Day[] {
  const found = [financialYearStart(0 as Day)];
  while (found.at(-1)! <= FOREVER) found.push(financialYearStart((found.at(-1)! + 380) as Day));
  return found;
}

function nextFinancialYear(day: Day): Day {
  let year = Math.floor((day - YEAR_STARTS[0]!) / 366);
  while (YEAR_STARTS[year]! <= day) year++;
  return YEAR_STARTS[year]!;
}
