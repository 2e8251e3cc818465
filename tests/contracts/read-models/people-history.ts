// A record of departments, people, courses and what learners did, as commands and recording would have written it: a few of each,
// so that they meet. Random histories of it, in which some things make no sense: those must change nothing.

import fc from 'fast-check';
import {
  COURSE_LISTED,
  DEPARTMENT_CLOSED,
  DEPARTMENT_MOVED,
  DEPARTMENT_OPENED,
  IDENTITY_LINKED,
  IDENTITY_UNLINKED,
  LOAD_BEGUN,
  LOAD_COMPLETED,
  PERSON_RECORDED,
  POSTING_BEGUN,
  POSTING_ENDED,
  POSTING_WITHDRAWN,
  type ProgrammeEvent,
  ROSTER_ENTERED,
  SERVICE_CHANGED,
  SERVICE_RESUMED,
  SESSION_HELD,
} from '../../../contracts/events/index.ts';
import { toInstant } from '../../../contracts/time.ts';
import type { Microseconds, Revision, Sequence } from '../../../contracts/words.ts';
import type { Statement } from '../../../contracts/xapi/index.ts';
import type { EventToAppend } from '../../../src/event-log/index.ts';
import { openRecord, otherEvent, statementEvent, streams, type TestRecord, uuid } from '../statement-index/record.ts';

/** An event of a command, alone or of a load; or a statement. */
export type Happening =
  | { readonly said: ProgrammeEvent; readonly load?: string }
  | { readonly statement: Omit<Statement, 'stored'>; readonly scopes?: readonly string[] };

export interface PeopleRecord extends TestRecord {
  /** Appends them; resolves to the sequence of the last one. */
  happen(...happenings: readonly Happening[]): Promise<Sequence>;
}

/** Statements are stored on so many days one after the other, from June 2025 on. */
const storedAt = (sequence: number): Microseconds =>
  (1_750_000_000_000_000 + sequence * 43_200_000_000) as Microseconds;

export async function openPeopleRecord(): Promise<PeopleRecord> {
  const record = await openRecord();
  let head = 0;
  return {
    ...record,
    async happen(...happenings) {
      const events = happenings.map((one, i) => eventOf(one, head + 1 + i));
      await record.log.append(streams.record, events, { expectedRevision: head as Revision });
      head += events.length;
      return head as Sequence;
    },
  };
}

function eventOf(one: Happening, sequence: number): EventToAppend {
  const stored = toInstant(storedAt(sequence));
  if ('statement' in one) {
    const event = statementEvent({ statement: one.statement, scopes: one.scopes ?? ['all', 'void'] }, sequence);
    return { ...event, data: Buffer.from(JSON.stringify({ ...one.statement, stored })) };
  }
  const event = otherEvent(one.said.type, one.said.data, sequence);
  const metadata = { ...JSON.parse(Buffer.from(event.metadata).toString()), recordedAt: stored, load: one.load };
  return { ...event, metadata: Buffer.from(JSON.stringify(metadata)) };
}

const VERBS = ['registered', 'initialized', 'completed', 'passed', 'failed', 'attended'];
const NODES = ['UP', 'UP.health', 'UP.health.lko', 'UP.revenue', 'UP.revenue.knp'];
const CODES = ['E-1', 'E-2', 'E-3', 'E-4'];
const MAILS = ['a', 'b', 'c', 'd', 'e'].map((name) => `mailto:${name}@up.example`);
const COURSES = [1, 2, 3, 4].map((number) => `https://course.example/${number}`);

export const learned = (
  number: number,
  mbox: string,
  verb: string,
  course: string,
  more: Partial<Statement> = {},
): Happening => ({
  statement: {
    id: uuid(number),
    actor: { mbox, name: `Sent ${mbox.slice(7, 8)}` },
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}` },
    object: { id: course },
    ...more,
  } as Omit<Statement, 'stored'>,
});

export const voided = (number: number, target: number, scopes = ['all', 'void']): Happening => ({
  statement: {
    id: uuid(number),
    actor: { mbox: 'mailto:admin@up.example' },
    verb: { id: 'http://adlnet.gov/expapi/verbs/voided' },
    object: { objectType: 'StatementRef', id: uuid(target) },
  } as Omit<Statement, 'stored'>,
  scopes,
});

export const said = (event: ProgrammeEvent, load?: string): Happening => ({
  said: event,
  ...(load !== undefined && { load }),
});

/** The tree of the random histories, and a course. */
export const SETTING: readonly Happening[] = [
  ...NODES.map((id) =>
    said({
      type: DEPARTMENT_OPENED,
      data: {
        id,
        kind: id === 'UP' ? 'state' : 'department',
        ...(id !== 'UP' && { parent: id.split('.').slice(0, -1).join('.') }),
        names: { en: id },
        from: '1960-01-01',
      },
    }),
  ),
  said({
    type: COURSE_LISTED,
    data: {
      id: COURSES[0]!,
      kind: 'course',
      titles: { hi: 'पाठ्यक्रम' },
      languages: ['hi'],
      minutes: 60,
      tags: ['ai'],
      aliases: [COURSES[1]!],
      supersedes: [],
      status: 'live',
    },
  }),
];

const code = fc.constantFrom(...CODES);
const node = fc.constantFrom(...NODES, 'nowhere');
const mail = fc.constantFrom(...MAILS);
const course = fc.constantFrom(...COURSES);
const date = fc
  .tuple(fc.constantFrom(1961, 2024, 2025, 2026), fc.integer({ min: 1, max: 12 }), fc.constantFrom(1, 15, 28))
  .map((parts) => parts.map((part) => String(part).padStart(2, '0')).join('-'));
const maybeDate = fc.option(date, { nil: undefined });
const kind = fc.constantFrom('substantive' as const, 'deputation' as const, 'additional-charge' as const);
const identity = mail.map((mbox) => `mbox:${mbox}`);
const without = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T;
const posting = { code, kind, department: node, from: date };

const event = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ code, identities: fc.array(identity, { maxLength: 2 }), onboarded: maybeDate })
      .map((data) => ({ type: PERSON_RECORDED, data: without({ ...data, names: { en: `Name ${data.code}` } }) })),
  },
  {
    weight: 5,
    arbitrary: fc.record({ ...posting, to: maybeDate }).map((data) => ({ type: POSTING_BEGUN, data: without(data) })),
  },
  { weight: 2, arbitrary: fc.record({ ...posting, to: date }).map((data) => ({ type: POSTING_ENDED, data })) },
  { weight: 1, arbitrary: fc.record(posting).map((data) => ({ type: POSTING_WITHDRAWN, data })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ code, change: fc.constantFrom('leave' as const, 'retired' as const), from: date, to: maybeDate })
      .map((data) => ({ type: SERVICE_CHANGED, data: without(data) })),
  },
  { weight: 1, arbitrary: fc.record({ code, from: date, to: date }).map((data) => ({ type: SERVICE_RESUMED, data })) },
  {
    weight: 3,
    arbitrary: fc
      .record({ identity, code, from: maybeDate, to: maybeDate })
      .map((data) => ({ type: IDENTITY_LINKED, data: without(data) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ identity, code, to: maybeDate })
      .map((data) => ({ type: IDENTITY_UNLINKED, data: without(data) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ id: course, alias: course, tag: fc.constantFrom('ai', 'cyber-security'), from: maybeDate })
      .map(({ id, alias, tag, from }) => ({
        type: COURSE_LISTED,
        data: without({
          id,
          kind: 'course' as const,
          titles: { en: id },
          languages: ['en'],
          minutes: 30,
          tags: [tag],
          aliases: alias === id ? [] : [alias],
          supersedes: [],
          status: 'live' as const,
          from,
        }),
      })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ id: fc.constantFrom('S-1', 'S-2'), course, on: date }).map((data) => ({
      type: SESSION_HELD,
      data: { ...data, institute: 'UPAAM' },
    })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ session: fc.constantFrom('S-1', 'S-2'), code, attended: fc.boolean() })
      .map((data) => ({ type: ROSTER_ENTERED, data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ id: fc.constantFrom(...NODES.slice(1)), parent: node, from: date })
      .map((data) => ({ type: DEPARTMENT_MOVED, data })),
  },
  { weight: 1, arbitrary: fc.record({ id: node, to: date }).map((data) => ({ type: DEPARTMENT_CLOSED, data })) },
) as fc.Arbitrary<unknown> as fc.Arbitrary<ProgrammeEvent>;

const score = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
type Draft =
  | Happening
  | { readonly learns: readonly [string, string, string, number | undefined, string | undefined] }
  | { readonly voids: number; readonly may: boolean };

const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 5, arbitrary: event.map((one) => said(one)) },
  {
    weight: 2,
    arbitrary: fc.tuple(event, fc.constantFrom('1', '2')).map(([one, load]) => said(one, uuid(Number(load) + 5000))),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('1', '2'), fc.boolean()).map(([load, ends]) => {
      const id = uuid(Number(load) + 5000);
      return said(
        ends
          ? { type: LOAD_COMPLETED, data: { load: id, events: 0 } }
          : { type: LOAD_BEGUN, data: { load: id, kind: 'people', events: 0, sha256: '0'.repeat(64) } },
      );
    }),
  },
  {
    weight: 7,
    arbitrary: fc
      .tuple(mail, fc.constantFrom(...VERBS), course, score, maybeDate)
      .map((learns) => ({ learns }) as const),
  },
  { weight: 2, arbitrary: fc.record({ voids: fc.integer({ min: 1, max: 60 }), may: fc.boolean() }) },
);

/** What follows {@link SETTING}: the statement at place n has the id uuid(n). */
export const history: fc.Arbitrary<Happening[]> = fc.array(draft, { minLength: 1, maxLength: 60 }).map((drafts) =>
  drafts.map((one, i) => {
    if ('learns' in one) {
      const [mbox, verb, id, scaled, on] = one.learns;
      return learned(i + 1, mbox, verb, id, {
        ...(scaled !== undefined && { result: { score: { scaled } } }),
        ...(on !== undefined && { timestamp: `${on}T06:00:00.000Z` }),
      });
    }
    if ('voids' in one) return voided(i + 1, one.voids, one.may ? ['all', 'void'] : ['all']);
    return one;
  }),
);
