// Everything that is known of a learner up to a day, in the order in which it happened, with what was taken back since.

import type { z } from 'zod';
import { type Day, dateOf } from '../../../../contracts/days.ts';
import type { timelineEntry } from '../../../../contracts/http/reports.ts';
import { toInstant } from '../../../../contracts/time.ts';
import type { Microseconds } from '../../../../contracts/words.ts';
import { dayOfSecond, ownerOn } from '../../../../projections/inputs/learner.ts';
import type { Fact, Input, Inputs, SubjectNumber } from '../../../../projections/inputs/types.ts';
import { course, firstDay, lastDay, posting, scaled } from './described.ts';
import { evidenceAt } from './evidence.ts';
import type { FoundLearner } from './learners.ts';
import { isWithin, type View } from './view.ts';

type Entry = z.infer<typeof timelineEntry>;

/** An entry before its event is read. */
export interface Happened {
  readonly input: Exclude<Input, { is: 'owner' }>;
  /** Of a fact, as sent; of a link, the linked one. */
  readonly identity?: SubjectNumber;
  readonly day: Day;
  /** Seconds since 1970: of a day, its start. */
  readonly at: number;
}

/** All of it in order; rows are made of a page of it. */
export function happened(view: View, { subject }: FoundLearner): Happened[] {
  const { reader, knownAt, on } = view;
  const found: Happened[] = [];
  const own = reader.inputsOf(subject.number);
  const identities = new Set<SubjectNumber>();
  for (const input of own) {
    if (input.recorded > knownAt || input.is === 'fact' || input.is === 'owner') continue;
    if (input.is === 'posting' && !isWithin(view, input.node)) continue;
    const day = firstDayOf(view, input);
    if (day <= on) found.push({ input, day, at: startOf(day), ...(input.is === 'link' && { identity: input.other }) });
    if (input.is === 'link') identities.add(input.other);
  }
  if (subject.isPerson) {
    for (const identity of [...identities].sort((a, b) => a - b)) {
      takeFacts(found, view, identity, reader.inputsOf(identity), subject.number);
    }
  } else {
    takeFacts(found, view, subject.number, own, undefined);
  }
  return found.sort((a, b) => a.at - b.at || a.input.recorded - b.input.recorded);
}

function takeFacts(
  found: Happened[],
  { knownAt, on }: View,
  identity: SubjectNumber,
  inputs: Inputs,
  owner: SubjectNumber | undefined,
): void {
  for (const input of inputs) {
    if (input.is !== 'fact' || input.recorded > knownAt) continue;
    const day = dayOfSecond(input.at);
    if (day <= on && ownerOn(inputs, day, knownAt) === owner) found.push({ input, identity, day, at: input.at });
  }
}

/** Links hold from ever on: day 0 comes before everything else. */
function firstDayOf({ world, knownAt }: View, input: Exclude<Input, Fact>): Day {
  if (input.is === 'onboarded') return input.on;
  if (input.is !== 'attendance') return input.from;
  const session = world.sessionAt(input.session, knownAt) ?? world.session(input.session).at(-1)!;
  return session.on;
}

const startOf = (day: Day): number => day * 86_400 - 19_800;

export function timelineRows(view: View, page: readonly Happened[]): Entry[] {
  const told = evidenceAt(
    view.times,
    page.map(({ input }) => input.recorded),
  );
  return page.map((one) => {
    const { input, day } = one;
    const { recordedAt, statement, score } = told(input.recorded);
    return {
      ...what(view, one),
      on: input.is === 'link' ? firstDay(input.from) : dateOf(day),
      sequence: input.recorded,
      recordedAt,
      ...(statement !== undefined && { statement }),
      withdrawn: input.withdrawn <= view.knownAt ? input.withdrawn : null,
      ...(input.is === 'fact' && score && { scoreGiven: score }),
    };
  });
}

type What = Omit<Entry, 'on' | 'sequence' | 'recordedAt' | 'withdrawn'>;

function what(view: View, { input, identity, day }: Happened): What {
  const { world, reader, knownAt } = view;
  switch (input.is) {
    case 'fact':
      return {
        kind: input.kind,
        at: toInstant((input.at * 1_000_000) as Microseconds),
        course: course(view, world.courseOf(input.activity, day, knownAt)),
        ...(input.score !== undefined && { score: scaled(input.score) }),
        ...(input.seconds !== undefined && { seconds: input.seconds }),
        identity: reader.subject(identity!)!.key,
      };
    case 'posting':
      return { kind: 'posting', to: lastDay(input.to), posting: posting(view, input) };
    case 'service':
      return { kind: 'service', to: lastDay(input.to), change: input.change };
    case 'onboarded':
      return { kind: 'onboarded' };
    case 'link':
    case 'owner':
      return { kind: 'identity', to: lastDay(input.to), identity: reader.subject(identity!)!.key };
    case 'attendance': {
      const session = world.sessionAt(input.session, knownAt) ?? world.session(input.session).at(-1)!;
      return {
        kind: 'session',
        session: session.id,
        attended: input.attended,
        course: course(view, world.courseOf(session.course, day, knownAt)),
      };
    }
  }
}
