// One learner as known at a sequence: a person with the facts of the identities that are theirs on each day, or, where nobody owns
// an identity, the identity itself (a provisional learner). And where a learner is posted, day by day.

import { type Day, dayOf } from '../../contracts/days.ts';
import type { Microseconds } from '../../contracts/words.ts';
import { isSeenAt } from './knowledge.ts';
import {
  type Attendance,
  type Fact,
  type FactKind,
  type Inputs,
  type Link,
  NOWHERE,
  type NodeNumber,
  OPEN_END,
  OPEN_START,
  type Posting,
  type Service,
  type SubjectNumber,
} from './types.ts';

/** The end of a half-open interval that has none. */
export const FOREVER = OPEN_END;

export interface LearnerFact extends Fact {
  /** As sent. */
  readonly identity: SubjectNumber;
}

export interface Learner {
  readonly subject: SubjectNumber;
  readonly isPerson: boolean;
  /** Theirs on the day of the fact, in order of time; those of one second in an order that their arrival has no part in. */
  readonly facts: readonly LearnerFact[];
  readonly postings: readonly Posting[];
  readonly services: readonly Service[];
  /** As HR said last. */
  readonly onboarded: Day | undefined;
  /** The last word for each session. */
  readonly attendance: readonly Attendance[];
  /** Of a person, the identities; of an identity, its owners. */
  readonly links: readonly Link[];
}

export type InputsOf = (subject: SubjectNumber) => Inputs;

/** Reads the learner's shelves: one for an identity, one more for each identity of a person. */
export function learnerAt(subject: SubjectNumber, isPerson: boolean, inputsOf: InputsOf, knownAt: number): Learner {
  const inputs = inputsOf(subject);
  const facts: LearnerFact[] = [];
  const postings: Posting[] = [];
  const services: Service[] = [];
  const attendance: Attendance[] = [];
  const links: Link[] = [];
  const identities: SubjectNumber[] = [];
  let onboarded: Day | undefined;
  let onboardedRecorded = -1;
  for (const input of inputs) {
    if (!isSeenAt(input, knownAt)) continue;
    switch (input.is) {
      case 'posting':
        postings.push(input);
        break;
      case 'service':
        services.push(input);
        break;
      case 'onboarded':
        if (input.recorded < onboardedRecorded) break;
        onboarded = input.on;
        onboardedRecorded = input.recorded;
        break;
      case 'attendance':
        putLastWord(attendance, input);
        break;
      case 'link':
        links.push(input);
        if (!identities.includes(input.other)) identities.push(input.other);
        break;
      case 'owner':
        links.push(input);
        break;
    }
  }
  if (isPerson) {
    if (identities.length > 1) identities.sort((a, b) => a - b);
    for (const identity of identities) takeFacts(facts, identity, inputsOf(identity), subject, knownAt);
  } else {
    takeFacts(facts, subject, inputs, undefined, knownAt);
  }
  sortFacts(facts);
  return { subject, isPerson, facts, postings, services, onboarded, attendance, links };
}

export interface PrimaryPosting {
  /** {@link NOWHERE} in the gaps, and once service has ended. */
  readonly node: NodeNumber;
  readonly posting: Posting | undefined;
  /** On strength, but away. */
  readonly paused: 'leave' | 'suspension' | undefined;
  readonly from: Day;
  /** Half open; {@link FOREVER}: without end. */
  readonly to: Day;
}

/** Where a learner counts, for every day from day 0 on, without gaps and in order. */
export function primaryPostings(learner: Learner): readonly PrimaryPosting[] {
  const { postings, services } = learner;
  if (postings.length === 0) return POSTED_NOWHERE;
  const days: number[] = [OPEN_START];
  for (const { from, to } of postings) days.push(from, to + 1);
  for (const { from, to } of services) days.push(from, to + 1);
  days.sort((a, b) => a - b);

  const found: PrimaryPosting[] = [];
  for (let i = 0; i < days.length; i++) {
    const from = Math.max(OPEN_START, days[i]!) as Day;
    const to = Math.min(FOREVER, days[i + 1] ?? FOREVER) as Day;
    if (from >= to) continue;
    const service = serviceOn(services, from);
    const isOver = service !== undefined && !isPause(service.change);
    const posting = isOver ? undefined : primaryOn(postings, from);
    const paused =
      posting !== undefined && service !== undefined && isPause(service.change) ? service.change : undefined;
    const last = found.at(-1);
    if (last !== undefined && last.posting === posting && last.paused === paused) {
      found[found.length - 1] = { ...last, to };
    } else {
      found.push({ node: posting?.node ?? NOWHERE, posting, paused, from, to });
    }
  }
  return found;
}

/** The calendar day of a fact's second. */
export function dayOfSecond(at: number): Day {
  return dayOf((at * 1_000_000) as Microseconds);
}

const POSTED_NOWHERE: readonly PrimaryPosting[] = [
  { node: NOWHERE, posting: undefined, paused: undefined, from: OPEN_START, to: FOREVER },
];

const RANK = { deputation: 2, substantive: 1, 'additional-charge': 0 } as const;

function isPause(change: Service['change']): change is 'leave' | 'suspension' {
  return change === 'leave' || change === 'suspension';
}

/** The facts of an identity on the days on which `owner` has it (undefined: nobody). */
function takeFacts(
  into: LearnerFact[],
  identity: SubjectNumber,
  inputs: Inputs,
  owner: SubjectNumber | undefined,
  knownAt: number,
): void {
  const owners = inputs.filter(({ is }) => is === 'owner');
  for (const input of inputs) {
    if (input.is !== 'fact' || !isSeenAt(input, knownAt)) continue;
    if (ownerOn(owners, dayOfSecond(input.at), knownAt) === owner) into.push({ ...input, identity });
  }
}

/** Should several persons have an identity on one day, the last recorded link decides. */
export function ownerOn(inputs: Inputs, day: Day, knownAt: number): SubjectNumber | undefined {
  let owner: SubjectNumber | undefined;
  let recorded = -1;
  for (const input of inputs) {
    if (input.is !== 'owner' || input.recorded < recorded || !isSeenAt(input, knownAt)) continue;
    if (input.from > day || day > input.to) continue;
    owner = input.other;
    recorded = input.recorded;
  }
  return owner;
}

function putLastWord(attendance: Attendance[], input: Attendance): void {
  const known = attendance.findIndex(({ session }) => session === input.session);
  if (known === -1) attendance.push(input);
  else if (input.recorded >= attendance[known]!.recorded) attendance[known] = input;
}

/** Facts mostly come in order; the sort is stable, and of those that say the same it does not matter which comes first. */
function sortFacts(facts: LearnerFact[]): void {
  for (let i = 1; i < facts.length; i++) {
    if (inOrder(facts[i - 1]!, facts[i]!) > 0) {
      facts.sort(inOrder);
      return;
    }
  }
}

/**
 * Systems send what happens at once in several statements (launched and initialized, completed and passed), and they arrive in any
 * order. Within a second one thing leads to the next; of two of a kind the one with the better score comes first.
 */
const WITHIN_A_SECOND = {
  enrolled: 0,
  progressed: 1,
  attended: 2,
  failed: 3,
  completed: 4,
  passed: 5,
  satisfied: 6,
  waived: 7,
  contributed: 8,
  rated: 9,
  left: 10,
  revoked: 11,
} as const satisfies Record<FactKind, number>;
const NO_SCORE = -20_000;

function inOrder(a: Fact, b: Fact): number {
  return (
    a.at - b.at ||
    WITHIN_A_SECOND[a.kind] - WITHIN_A_SECOND[b.kind] ||
    (b.score ?? NO_SCORE) - (a.score ?? NO_SCORE) ||
    (b.seconds ?? -1) - (a.seconds ?? -1) ||
    a.activity - b.activity ||
    a.recorded - b.recorded
  );
}

/** Of several of one kind, the one that began last; then the one recorded last. */
function primaryOn(postings: readonly Posting[], day: Day): Posting | undefined {
  let best: Posting | undefined;
  for (const posting of postings) {
    if (posting.from > day || day > posting.to) continue;
    if (best === undefined || isBefore(best, posting)) best = posting;
  }
  return best;
}

function isBefore(a: Posting, b: Posting): boolean {
  const order = RANK[a.kind] - RANK[b.kind] || a.from - b.from || a.recorded - b.recorded;
  return order <= 0;
}

/** An end of service goes before a pause; of several, the one recorded last. */
function serviceOn(services: readonly Service[], day: Day): Service | undefined {
  let found: Service | undefined;
  for (const service of services) {
    if (service.from > day || day > service.to) continue;
    if (found === undefined || precedes(service, found)) found = service;
  }
  return found;
}

function precedes(service: Service, other: Service): boolean {
  const isOver = !isPause(service.change);
  if (isOver !== !isPause(other.change)) return isOver;
  return service.recorded >= other.recorded;
}
