// Departments, courses, postings and learners as reports name them.

import type { z } from 'zod';
import { type Day, dateOf } from '../../../../contracts/days.ts';
import type {
  courseReference,
  departmentReference,
  LearnerSummary,
  postingInAnswer,
} from '../../../../contracts/http/reports.ts';
import { isSeenAt } from '../../../../projections/inputs/knowledge.ts';
import type { Learner } from '../../../../projections/inputs/learner.ts';
import {
  type ActivityNumber,
  type Link,
  type NodeNumber,
  OPEN_END,
  OPEN_START,
  type Posting,
  type SubjectNumber,
} from '../../../../projections/inputs/types.ts';
import type { Subject } from '../reader.ts';
import { postingOn, type View } from './view.ts';

type DepartmentReference = z.infer<typeof departmentReference>;
type CourseReference = z.infer<typeof courseReference>;
type PostingInAnswer = z.infer<typeof postingInAnswer>;

/** The first day; null: from ever on. */
export function firstDay(from: Day): string | null {
  return from === OPEN_START ? null : dateOf(from);
}

/** The last day; null while it lasts. */
export function lastDay(to: Day): string | null {
  return to >= OPEN_END ? null : dateOf(to);
}

export function dateOrNull(day: Day | undefined): string | null {
  return day === undefined ? null : dateOf(day);
}

/** Scores are kept in ten thousandths. */
export function scaled(score: number | undefined): number | null {
  return score === undefined ? null : score / 10_000;
}

/** Rounded to the ten thousandth in whole numbers. */
export function meanOf({ count, sum }: { readonly count: number; readonly sum: number }): {
  readonly count: number;
  readonly mean: number | null;
} {
  return { count, mean: count === 0 ? null : (Math.round(sum / count) + 0) / 10_000 };
}

export function department({ world, on, knownAt }: View, number: NodeNumber): DepartmentReference {
  const { id, kind } = world.node(number);
  return { id, kind: kind as DepartmentReference['kind'], names: world.namesOn(number, on, knownAt) };
}

export function course({ world, on, knownAt }: View, number: ActivityNumber): CourseReference {
  const version = world.courseVersion(number, on, knownAt);
  const id = world.activityIri(number);
  if (!version) return { id, titles: {} };
  return { id, kind: version.kind as NonNullable<CourseReference['kind']>, titles: version.titles };
}

export function posting(view: View, held: Posting): PostingInAnswer {
  const { kind, node, from, to, recorded, details } = held;
  return {
    kind,
    department: department(view, node),
    ...view.world.detailsAt(details),
    from: dateOf(from),
    to: lastDay(to),
    sequence: recorded,
  };
}

export function summary(view: View, subject: Subject, learner: Learner): LearnerSummary {
  const { isPerson, key } = subject;
  const names = namesKnown(view, subject);
  const held = postingOn(view, learner)?.posting;
  return {
    id: shownId(view, subject),
    ...(isPerson && { code: key }),
    names: isPerson ? namesOf(names) : names.sent === undefined ? {} : { en: names.sent },
    provisional: !isPerson,
    posting: held ? posting(view, held) : null,
  };
}

function namesOf({ hi, en }: Subject['names']): LearnerSummary['names'] {
  return { ...(hi !== undefined && { hi }), ...(en !== undefined && { en }) };
}

/** As it was named then, as far as it was known. */
function namesKnown({ knownAt }: View, { names, former }: Subject): Subject['names'] {
  return former.find(([until]) => knownAt < until)?.[1] ?? names;
}

/**
 * A person has the lowest id among the own one and those of the identities that are the person's from ever to ever, as known at R.
 * What belongs to somebody for some days only stays a learner of its own on the others, and keeps its id.
 */
export function shownId(view: View, { number, named, isPerson }: Subject): string {
  if (!isPerson) return named;
  let lowest = named;
  for (const input of view.reader.inputsOf(number)) {
    if (input.is !== 'link' || !isSeenAt(input, view.knownAt) || !isForEver(input)) continue;
    const identity = view.reader.subject(input.other)!;
    if (isLower(identity.named, lowest) && takenBy(view, input.other) === number) lowest = identity.named;
  }
  return lowest;
}

/** Whose the identity is from ever to ever, as known at R: of several the one recorded last. */
export function takenBy({ reader, knownAt }: View, identity: SubjectNumber): SubjectNumber | undefined {
  let found: Link | undefined;
  for (const input of reader.inputsOf(identity)) {
    if (input.is !== 'owner' || !isSeenAt(input, knownAt) || !isForEver(input)) continue;
    if (found === undefined || input.recorded >= found.recorded) found = input;
  }
  return found?.other;
}

function isForEver({ from, to }: Link): boolean {
  return from === OPEN_START && to === OPEN_END;
}

function isLower(id: string, other: string): boolean {
  const [sequence, ordinal] = id.split('.').map(Number) as [number, number];
  const [otherSequence, otherOrdinal] = other.split('.').map(Number) as [number, number];
  return (sequence - otherSequence || ordinal - otherOrdinal) < 0;
}
