// What each person of the made-up state does on the platform, worked out from the seed like the person: courses taken, how they
// ended, what came in late, was voided or done again. A plan, from which statements are written and the census is counted apart.

import type { Day } from '../../../contracts/days.ts';
import type { Chance } from '../chance.ts';
import type { Calendar } from './calendar.ts';
import { CATALOGUE, type ListedCourse, SEVEN_DAYS, SEVEN_DAYS_ASSESSMENT } from './catalogue.ts';
import { BRANCHES } from './departments.ts';
import { chanceOf, type Person, type Size, sums, weighted } from './people.ts';
import type { Staffing } from './posts.ts';
import { attendanceOf, type Programme } from './programmes.ts';

/** One course of one person. */
export interface Visit {
  readonly course: ListedCourse;
  readonly end: 'completed' | 'passed' | 'failed' | 'in-progress' | 'enrolled' | 'left';
  /** When the enrolment was said apart, some days before. */
  readonly enrolled?: Day;
  readonly on: Day;
  /** Of the day. */
  readonly minute: number;
  /** The day on which the end was posted: later than `on` when it came in late. */
  readonly posted: Day;
  /** Scaled, in hundredths. */
  readonly score?: number;
  readonly seconds: number;
  /** Stars, 1 to 5. */
  readonly rating?: number;
  /** Completed once more on that day. */
  readonly again?: Day;
  /** The statement of the end was voided on that day. */
  readonly voided?: Day;
  /** By mail address instead of the account. */
  readonly byMail: boolean;
  /** The statement names the course by an alias. */
  readonly byAlias: boolean;
}

export interface Learning {
  readonly visits: readonly Visit[];
  readonly programme?: { readonly programme: Programme; readonly attended: readonly boolean[] };
  /** A case study shared. */
  readonly contributed?: Day;
}

/** Of all people, how many have completed something; and how many courses they have then, on average less one. */
const LEARNERS = 0.53;
const ONBOARDED = 0.988;
const COURSES_MORE = 7.45;
const MOST_COURSES = 36;

const NOTHING: Learning = { visits: [] };

export function learningOf(person: Person, size: Size, calendar: Calendar): Learning {
  if (person.known && !person.onboarded) return NOTHING;
  const fortune = chanceOf(size.seed, person.index, 'learning');
  const called = attendanceOf(person, size, calendar, fortune);
  const visits = visitsOf(person, calendar, fortune);
  if (called?.attended.every(Boolean)) visits.push(...closing(called.programme, fortune));
  const contributed = fortune.happens(0.006) ? dayBetween(fortune, calendar, person.from, person.to) : undefined;
  return { visits, ...(called && { programme: called }), ...(contributed !== undefined && { contributed }) };
}

function visitsOf(person: Person, calendar: Calendar, fortune: Chance): Visit[] {
  if (person.known && !fortune.happens(LEARNERS / ONBOARDED)) {
    return fortune.happens(0.06) ? [begun(person, calendar, fortune)] : [];
  }
  const many = person.known ? COURSES_MORE : 1;
  const wanted = 1 + Math.min(MOST_COURSES - 1, Math.floor(-Math.log(1 - fortune.next()) * many));
  const { courses, running } = CHOICES.get(person.branch.staffing)!;
  const taken = new Set<ListedCourse>();
  const visits: Visit[] = [];
  // The first one ends well: who counts as a learner has a completion.
  for (let tries = 0; visits.length < wanted && tries < wanted * 4; tries++) {
    const course = weighted(fortune, courses, running);
    if (taken.has(course)) continue;
    taken.add(course);
    visits.push(visitOf(person, calendar, course, fortune, visits.length === 0));
    if (fortune.happens(0.13)) visits.push(...extra(person, calendar, fortune, taken));
  }
  return visits;
}

/** Courses that were begun and not ended, besides those that were. */
function extra(person: Person, calendar: Calendar, fortune: Chance, taken: Set<ListedCourse>): Visit[] {
  const visit = begun(person, calendar, fortune);
  if (taken.has(visit.course)) return [];
  taken.add(visit.course);
  return [visit];
}

function begun(person: Person, calendar: Calendar, fortune: Chance): Visit {
  const { courses, running } = CHOICES.get(person.branch.staffing)!;
  const course = weighted(fortune, courses, running);
  const visit = visitOf(person, calendar, course, fortune, true);
  const end = fortune.pick(['in-progress', 'in-progress', 'enrolled', 'enrolled', 'failed', 'left'] as const);
  const { course: _course, score: _score, rating: _rating, again: _again, enrolled: _enrolled, ...bare } = visit;
  return { ...bare, course, end, posted: visit.on, ...(end === 'failed' && { score: fortune.whole(10, 49) }) };
}

function visitOf(person: Person, calendar: Calendar, course: ListedCourse, fortune: Chance, sure: boolean): Visit {
  const on = dayBetween(fortune, calendar, person.from, person.to);
  const rated = fortune.happens(0.04);
  const again = fortune.happens(0.02) ? on + fortune.whole(5, 90) : undefined;
  const late = fortune.happens(0.02) ? fortune.whole(5, 90) : 0;
  const voided = fortune.happens(0.003) && !sure ? on + late + fortune.whole(10, 60) : undefined;
  const fast = fortune.happens(0.01);
  const scored = course.delivered === 'platform' ? course.number % 3 === 0 : course.delivered === 'cmi5';
  const early = fortune.whole(1, 15);
  const bare = voided !== undefined && voided <= calendar.yesterday && course.delivered !== 'cmi5';
  const apart = fortune.happens(0.12) && !bare && on - early >= person.from;
  return {
    course,
    end: scored ? 'passed' : 'completed',
    ...(apart && { enrolled: (on - early) as Day }),
    on,
    minute: fortune.whole(9 * 60, 20 * 60),
    posted: Math.min(on + late, calendar.yesterday) as Day,
    ...(scored && { score: fortune.whole(50, 100) }),
    seconds: fast ? fortune.whole(12, 40) : Math.floor(course.minutes * 60 * (0.3 + fortune.next() * 0.9)),
    ...(rated && !bare && { rating: fortune.whole(2, 5) }),
    ...(again !== undefined && again <= person.to && !bare && { again: again as Day }),
    ...(bare && { voided: voided as Day }),
    byMail: course.delivered === 'platform' && person.mail !== undefined && fortune.happens(0.3),
    byAlias: course.delivered !== 'platform' || (course.aliases.length > 0 && fortune.happens(0.05)),
  };
}

/** Who sat in all seven days has the programme completed, and is assessed on the evening of the last. */
function closing({ last }: Programme, fortune: Chance): Visit[] {
  const score = fortune.whole(35, 100);
  const evening = { on: last, posted: last, seconds: 3_000, byMail: false, byAlias: false };
  return [
    { ...evening, course: SEVEN_DAYS, end: 'completed', minute: 18 * 60, seconds: SEVEN_DAYS.minutes * 60 },
    { ...evening, course: SEVEN_DAYS_ASSESSMENT, end: score < 50 ? 'failed' : 'passed', minute: 19 * 60, score },
  ];
}

/** More and more as the months go by, and a fifth of it all in March, before the year closes. */
function dayBetween(fortune: Chance, { closed }: Calendar, from: Day, to: Day): Day {
  const march = Math.max(closed - 30, from);
  const inMarch = fortune.happens(0.2);
  const luck = fortune.next();
  if (inMarch && march <= Math.min(closed, to)) {
    return (march + Math.floor(luck * (Math.min(closed, to) - march + 1))) as Day;
  }
  return (from + Math.floor(luck ** 0.7 * (to - from + 1))) as Day;
}

/** What the people of a staffing choose from. */
const CHOICES: ReadonlyMap<
  Staffing,
  { readonly courses: readonly ListedCourse[]; readonly running: readonly number[] }
> = new Map(
  [...new Set(BRANCHES.map(({ staffing }) => staffing))].map((staffing) => {
    const courses = CATALOGUE.filter((one) => one.weight > 0 && (!one.staffing || one.staffing === staffing));
    return [staffing, { courses, running: sums(courses) }] as const;
  }),
);
