// Learners: found by id or by name, code or identity; their details, and how far they are.

import type { z } from 'zod';
import { type Day, dateOf } from '../../../../contracts/days.ts';
import type { courseProgress, progressTotals, ReportBody } from '../../../../contracts/http/reports.ts';
import { type Learner, ownerOn } from '../../../../projections/inputs/learner.ts';
import type { Link, SubjectNumber } from '../../../../projections/inputs/types.ts';
import {
  type CourseProgress,
  happeningsOf,
  isActivity,
  onboardedOn,
  progressOf,
} from '../../../../projections/learner-progress/index.ts';
import type { Subject } from '../reader.ts';
import { course, dateOrNull, firstDay, lastDay, posting, scaled, shownId, summary, takenBy } from './described.ts';
import { evidenceAt } from './evidence.ts';
import type { MergedInto } from './port.ts';
import { isWithin, learner as learnerOf, mayBeSeen, type View } from './view.ts';

export interface FoundLearner {
  readonly subject: Subject;
  readonly learner: Learner;
}
type ProgressTotals = z.infer<typeof progressTotals>;
type ProgressRow = z.infer<typeof courseProgress>;

/** Whose id it was, as known at R. */
export function findLearner(view: View, id: string): FoundLearner | MergedInto | undefined {
  const [sequence, ordinal] = id.split('.').map(Number) as [number, number];
  const named = view.reader.named(sequence, ordinal);
  if (!named || named.recorded > view.knownAt) return undefined;
  const subject = learnerOfIdentity(view, named);
  const found = subject && { subject, learner: learnerOf(view, subject.number, subject.isPerson) };
  if (!found || !mayBeSeen(view, found.learner)) return undefined;
  const shown = shownId(view, found.subject);
  return shown === id ? found : { mergedInto: shown };
}

/** Itself, or the person who has taken the identity over, as known at R. */
function learnerOfIdentity(view: View, subject: Subject): Subject | undefined {
  const taken = subject.isPerson ? undefined : takenBy(view, subject.number);
  return taken === undefined ? subject : view.reader.subject(taken);
}

/** Who is meant by the identity on the day: also somebody who has it for some days only. */
function learnerOnTheDay(view: View, subject: Subject): Subject | undefined {
  if (subject.isPerson) return subject;
  const owner = ownerOn(view.reader.inputsOf(subject.number), view.on, view.knownAt);
  return owner === undefined ? learnerOfIdentity(view, subject) : view.reader.subject(owner);
}

const MATCHES_AT_ONCE = 500;
/** Up to so many departments, who was ever posted in them is looked up once, instead of where each found learner stands. */
const FEW_NODES = 500;

export interface FoundPage {
  readonly rows: ReportBody<'learners'>['rows'];
  /** Number of the last subject handed over, when there are more. */
  readonly after?: number;
}

/** Learners of whom every word is known, in the order of their subjects' numbers; or the one whose code or identity was given. */
export function* searchLearners(
  view: View,
  words: string | SubjectNumber,
  after: number,
  limit: number,
): Generator<void, FoundPage> {
  const rows: FoundPage['rows'][number][] = [];
  const members = membersInReach(view);
  let last = after;
  for (let at = after; ; ) {
    const matches =
      typeof words === 'number' ? [words].filter((one) => one > at) : view.reader.search(words, at, MATCHES_AT_ONCE);
    for (const number of matches) {
      at = number;
      const subject = view.reader.subject(number);
      if (!subject || subject.recorded > view.knownAt) continue;
      if (members && subject.isPerson && !members.has(number)) continue;
      const shown = learnerOnTheDay(view, subject);
      if (!shown) continue;
      const learner = learnerOf(view, shown.number, shown.isPerson);
      if (!mayBeSeen(view, learner)) continue;
      if (typeof words === 'string' && shown.isPerson && !isFirstMatch(view, words, number, learner)) continue;
      if (rows.length === limit) return { rows, after: last };
      rows.push(summary(view, shown, learner));
      last = number;
    }
    if (matches.length < MATCHES_AT_ONCE) return { rows };
    yield;
  }
}

function membersInReach({ reach, reader }: View): ReadonlySet<number> | undefined {
  if (!reach || reach.nodes.size > FEW_NODES) return undefined;
  const members = new Set<number>();
  for (const node of reach.nodes) for (const member of reader.membersOf(node)) members.add(member);
  return members;
}

/**
 * A person may be found by the own name and by several identities, and is told of where the first of them lies; an identity that is
 * another's too may lead to that one.
 */
function isFirstMatch(view: View, words: string, number: SubjectNumber, { subject, links }: Learner): boolean {
  const leadsHere = (one: SubjectNumber): boolean =>
    one === subject || learnerOnTheDay(view, view.reader.subject(one)!)?.number === subject;
  for (const one of [subject, ...links.map(({ other }) => other)]) {
    if (one < number && view.reader.search(words, one - 1, 1)[0] === one && leadsHere(one)) return false;
  }
  return true;
}

export function details(view: View, { subject, learner }: FoundLearner): ReportBody<'learner'>['learner'] {
  return {
    ...summary(view, subject, learner),
    identities: identitiesOf(view, subject, learner),
    onboarded: dateOrNull(onboardedDay(view, learner)),
    postings: learner.postings
      .filter(({ node }) => isWithin(view, node))
      .toSorted((a, b) => a.from - b.from || a.recorded - b.recorded)
      .map((one) => posting(view, one)),
    service: learner.services
      .toSorted((a, b) => a.from - b.from || a.recorded - b.recorded)
      .map(({ change, from, to, recorded }) => ({
        change,
        from: dateOf(from),
        to: lastDay(to),
        sequence: recorded,
      })),
  };
}

function identitiesOf(
  { reader }: View,
  subject: Subject,
  { links }: Learner,
): ReportBody<'learner'>['learner']['identities'] {
  if (!subject.isPerson) {
    return [{ identity: subject.key, from: null, to: null, sequence: Number.parseInt(subject.named, 10) }];
  }
  return links
    .filter(({ is }) => is === 'link')
    .map(({ other, from, to, recorded }: Link) => ({
      identity: reader.subject(other)!.key,
      from: firstDay(from),
      to: lastDay(to),
      sequence: recorded,
    }));
}

/** By HR or by a statement, up to the day; undefined: not onboarded. */
export function onboardedDay({ world, on, knownAt }: View, learner: Learner): Day | undefined {
  const day = onboardedOn(learner, happeningsOf(learner, world, knownAt));
  return day !== undefined && day <= on ? day : undefined;
}

/** The last day up to `on` on which the learner did something. */
export function lastActiveDay({ world, on, knownAt }: View, learner: Learner): Day | undefined {
  return happeningsOf(learner, world, knownAt).findLast((one) => one.day <= on && isActivity(one))?.day;
}

export function progressIn({ world, on, knownAt }: View, learner: Learner): readonly CourseProgress[] {
  return progressOf(learner, world, on, knownAt);
}

export function totalsOf(progress: readonly CourseProgress[]): ProgressTotals {
  const totals = { enrolled: 0, inProgress: 0, completions: 0, repeats: 0, creditedMinutes: 0 };
  for (const { state, first, repeats, minutes } of progress) {
    if (state === 'enrolled') totals.enrolled++;
    if (state === 'in-progress') totals.inProgress++;
    if (first) totals.completions++;
    totals.repeats += repeats;
    totals.creditedMinutes += minutes;
  }
  return totals;
}

/** With what each rests on. */
export function progressRows(view: View, progress: readonly CourseProgress[]): ProgressRow[] {
  const told = evidenceAt(
    view.times,
    progress.flatMap(({ behind }) => behind.map(({ recorded }) => recorded)),
  );
  return progress.map((one) => ({
    course: course(view, one.course),
    state: one.state,
    enrolled: dateOrNull(one.enrolled),
    started: dateOrNull(one.started),
    completed: dateOrNull(one.completed),
    completions: one.first ? 1 : 0,
    repeats: one.repeats,
    bestScore: scaled(one.bestScore),
    lastScore: scaled(one.lastScore),
    waived: one.waived,
    implausible: one.implausible,
    sessions: one.sessions === 0 ? null : { attended: one.attended, held: one.sessions },
    creditedMinutes: one.minutes,
    evidence: [...new Set(one.behind.map(({ recorded }) => recorded))].map(told),
  }));
}
