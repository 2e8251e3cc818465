// The generator's own list of what the made-up state comes to on its last day: one plain row a person, counted from the plan and
// from nothing that the store says. What the store answers can be held against it.

import { type Day, financialYearStart } from '../../../contracts/days.ts';
import { type Calendar, calendarOf } from './calendar.ts';
import { SEVEN_DAYS } from './catalogue.ts';
import { DEPARTMENTS, MOVE } from './departments.ts';
import { learningOf, type Visit } from './learning.ts';
import { type Person, personAt, type Size, sizeOf } from './people.ts';
import { DAYS } from './programmes.ts';

export interface CensusRow {
  readonly code: string;
  /** False of an identity that belongs to nobody. */
  readonly known: boolean;
  readonly name: { readonly hi: string; readonly en: string };
  /** Where the person counts on the day: the deputation, else the substantive posting; undefined: nowhere. */
  readonly department: string | undefined;
  /** That department and everything above it. */
  readonly within: readonly string[];
  readonly designation: string | undefined;
  readonly cadre: string | undefined;
  /** On leave or suspended. */
  readonly paused: boolean;
  readonly onboarded: boolean;
  readonly completions: readonly CensusCompletion[];
  /** Completions of a course on another day than the first. */
  readonly repeats: number;
  /** Ids of the courses in these states. */
  readonly enrolled: readonly string[];
  readonly inProgress: readonly string[];
  /** Every day on which the person did something. */
  readonly active: readonly Day[];
  readonly activeYear: boolean;
  readonly caseStudies: number;
  readonly attendedAll: boolean;
}

export interface CensusCompletion {
  readonly course: string;
  readonly tags: readonly string[];
  readonly minutes: number;
  readonly on: Day;
  /** 0 to 1; undefined when the system gives none. */
  readonly score: number | undefined;
  /** In less than a tenth of the time. */
  readonly implausible: boolean;
}

/** Everybody, the unknown last; the same options as the demo's. */
export function* census(options: { readonly scale: number; readonly seed: number; readonly now: number }) {
  const size = sizeOf(options.scale, options.seed);
  const calendar = calendarOf(options.now);
  for (let index = 0; index < size.people + size.unknown; index++) {
    yield rowOf(personAt(size, calendar, index), size, calendar);
  }
}

function rowOf(person: Person, size: Size, calendar: Calendar): CensusRow {
  const { today, yesterday } = calendar;
  const { visits, programme, contributed } = learningOf(person, size, calendar);
  const posting = postingOn(person, today);
  const did = new Set<Day>();
  if (person.onboarded?.said) did.add(person.onboarded.on);
  for (const visit of visits) {
    if (visit.enrolled !== undefined) did.add(visit.enrolled);
    if (visit.voided === undefined || visit.rating !== undefined) did.add(visit.on);
    if (visit.again !== undefined) did.add(visit.again);
  }
  if (contributed !== undefined) did.add(contributed);
  programme?.attended.forEach((came, day) => {
    if (came) did.add((programme.programme.first + day) as Day);
  });
  const missed = programme !== undefined && !programme.attended.every(Boolean);
  return {
    code: person.code,
    known: person.known,
    name: person.names,
    department: posting?.department,
    within: posting ? pathOf(posting.department) : [],
    designation: posting?.designation,
    cadre: posting?.cadre,
    paused: posting !== undefined && isPaused(person, today),
    onboarded: person.onboarded !== undefined && person.onboarded.on <= yesterday,
    completions: visits.filter(isDone).map(completionOf),
    repeats: visits.filter((visit) => isDone(visit) && visit.again !== undefined).length,
    enrolled: visits.filter(({ end }) => end === 'enrolled').map(({ course }) => course.id),
    inProgress: [
      ...visits.filter(({ end }) => end === 'in-progress').map(({ course }) => course.id),
      // Some sessions, not all: the programme is still under way.
      ...(missed && programme.attended.some(Boolean) ? [SEVEN_DAYS.id] : []),
    ],
    active: [...did].sort((a, b) => a - b),
    activeYear: [...did].some((day) => day >= financialYearStart(today)),
    caseStudies: contributed === undefined ? 0 : 1,
    attendedAll: programme !== undefined && programme.attended.filter(Boolean).length === DAYS,
  };
}

function isDone({ end, voided }: Visit): boolean {
  return (end === 'completed' || end === 'passed') && voided === undefined;
}

function completionOf({ course, on, end, score, seconds }: Visit): CensusCompletion {
  return {
    course: course.id,
    tags: course.tags,
    minutes: course.minutes,
    on,
    score: end === 'passed' && score !== undefined ? score / 100 : undefined,
    // Moodle does not say how long it took.
    implausible: course.delivered !== 'moodle' && seconds * 10 < course.minutes * 60,
  };
}

function postingOn({ postings, service }: Person, on: Day): Person['postings'][number] | undefined {
  const left = service.some(({ change, from }) => change !== 'leave' && change !== 'suspension' && from <= on);
  if (left) return undefined;
  const held = postings.filter(({ from, to }) => from <= on && (to === undefined || on <= to));
  return (
    held.find(({ kind }) => kind === 'deputation') ??
    held.find(({ kind }) => kind === 'substantive') ??
    held.find(({ kind }) => kind === 'additional-charge')
  );
}

function isPaused({ service }: Person, on: Day): boolean {
  return service.some(
    ({ change, from, to }) =>
      (change === 'leave' || change === 'suspension') && from <= on && (to === undefined || on <= to),
  );
}

/** On the last day: what moved has moved. */
const PARENTS: ReadonlyMap<string, string | undefined> = new Map(
  DEPARTMENTS.map(({ id, parent }) => [id, id === MOVE.id ? MOVE.parent : parent]),
);

function pathOf(department: string): string[] {
  const path: string[] = [];
  for (let at: string | undefined = department; at !== undefined; at = PARENTS.get(at)) path.push(at);
  return path;
}
