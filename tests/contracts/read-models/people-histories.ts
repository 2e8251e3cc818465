// Random records about few departments, people, identities and courses, so that they meet: what commands would have let pass and
// some things that make no sense, files completed and never completed, statements of people known and unknown, voids before and
// after what they void, late and future timestamps.

import fc from 'fast-check';
import { type Day, dateOf, dayOfDate } from '../../../contracts/days.ts';
import {
  COURSE_LISTED,
  DEPARTMENT_CLOSED,
  DEPARTMENT_MOVED,
  DEPARTMENT_OPENED,
  DEPARTMENT_RENAMED,
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
import type { Statement } from '../../../contracts/xapi/index.ts';
import { uuid } from '../statement-index/record.ts';

/** One event of the record. */
export type Entry =
  | { readonly event: ProgrammeEvent; readonly load?: string }
  | { readonly statement: Omit<Statement, 'stored'>; readonly scopes?: readonly string[] };

/** A department moves below one that stands before it here: commands let no circle pass. */
export const NODES = ['UP', 'BOARD', 'UP.health', 'UP.revenue', 'UP.health.lko', 'UP.health.knp'] as const;
export const CODES = ['E-1', 'E-2', 'E-3', 'E-4'] as const;
export const IDENTITIES = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => `account:https://hr.example|${name}`);
export const PLATFORM = 'https://platform.example/';
export const COURSES = [1, 2, 3, 4].map((number) => `https://course.example/${number}`);
/** Each of them an alias of one course at most. */
const ALIASES = COURSES.map((course) => `${course}/before`);
const SESSIONS = ['S-1', 'S-2', 'S-3'];

/** Statements are about days from here on; they are stored from {@link FIRST_STORED} on. */
const FIRST_DAY = dayOfDate('2025-01-10')!;
export const FIRST_STORED = dayOfDate('2025-10-01')!;
const LAST_DAY = dayOfDate('2026-07-01')!;
/** On which the properties look. */
export const DAYS = [
  ...['2024-12-31', '2025-03-31', '2025-04-01', '2025-09-15', '2025-11-01', '2026-03-31', '2027-01-01', '2090-01-01'],
].map((date) => dayOfDate(date)!);

const between = (first: Day, last: Day): fc.Arbitrary<string> =>
  fc.integer({ min: first, max: last }).map((day) => dateOf(day as Day));
const date = fc.oneof(between(FIRST_DAY, LAST_DAY), fc.constantFrom('1985-06-01', '2025-04-01', '2025-09-15'));
const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(arbitrary, { nil: undefined });
const code = fc.constantFrom(...CODES);
const identity = fc.constantFrom(...IDENTITIES);
const node = fc.constantFrom(...NODES, 'nowhere');
const posting = {
  code,
  kind: fc.constantFrom('substantive' as const, 'deputation' as const, 'additional-charge' as const),
  department: node,
  from: date,
};

/** What is not given is left out, as in JSON. */
const given = <T extends object>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

const listed = (number: number, more: object = {}): ProgrammeEvent => ({
  type: COURSE_LISTED,
  data: given({
    id: COURSES[number]!,
    kind: 'course' as const,
    titles: { en: `Course ${number}` },
    languages: ['hi'],
    minutes: 60,
    tags: ['ai'],
    aliases: [ALIASES[number]!],
    supersedes: [],
    status: 'live' as const,
    ...more,
  }),
});

const events: fc.WeightedArbitrary<ProgrammeEvent>[] = [
  {
    weight: 4,
    arbitrary: fc
      .record({ code, identities: fc.array(identity, { maxLength: 2 }), onboarded: maybe(date) })
      .map((data) => ({ type: PERSON_RECORDED, data: given({ ...data, names: { en: `Name ${data.code}` } }) })),
  },
  {
    weight: 6,
    arbitrary: fc.record({ ...posting, to: maybe(date) }).map((data) => ({ type: POSTING_BEGUN, data: given(data) })),
  },
  { weight: 2, arbitrary: fc.record({ ...posting, to: date }).map((data) => ({ type: POSTING_ENDED, data })) },
  { weight: 1, arbitrary: fc.record(posting).map((data) => ({ type: POSTING_WITHDRAWN, data })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ code, change: fc.constantFrom('leave' as const, 'retired' as const), from: date, to: maybe(date) })
      .map((data) => ({ type: SERVICE_CHANGED, data: given(data) })),
  },
  { weight: 1, arbitrary: fc.record({ code, from: date, to: date }).map((data) => ({ type: SERVICE_RESUMED, data })) },
  {
    weight: 4,
    arbitrary: fc
      .record({ identity, code, from: maybe(date), to: maybe(date) })
      .map((data) => ({ type: IDENTITY_LINKED, data: given(data) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ identity, code, to: maybe(date) })
      .map((data) => ({ type: IDENTITY_UNLINKED, data: given(data) })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({
        number: fc.nat(COURSES.length - 1),
        hasAlias: fc.boolean(),
        tags: fc.subarray(['ai', 'cyber-security', 'ethics']),
        languages: fc.subarray(['hi', 'en']),
        provider: fc.constantFrom('UP.health', 'an institute', undefined),
        minutes: fc.constantFrom(30, 60),
        from: maybe(date),
      })
      .map(({ number, hasAlias, ...more }) => listed(number, { ...more, ...(!hasAlias && { aliases: [] }) })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ id: fc.constantFrom(...SESSIONS), course: fc.constantFrom(...COURSES, ...ALIASES), on: date })
      .map((data) => ({ type: SESSION_HELD, data: { ...data, institute: 'UPAAM' } })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ session: fc.constantFrom(...SESSIONS), code, attended: fc.boolean() })
      .map((data) => ({ type: ROSTER_ENTERED, data })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record({ at: fc.integer({ min: 1, max: NODES.length - 1 }), below: fc.nat(), from: date })
      .map(({ at, below, from }) => ({
        type: DEPARTMENT_MOVED,
        data: { id: NODES[at]!, parent: NODES[below % at]!, from },
      })),
  },
  { weight: 1, arbitrary: fc.record({ id: node, to: date }).map((data) => ({ type: DEPARTMENT_CLOSED, data })) },
  {
    weight: 1,
    arbitrary: fc
      .record({ id: node, from: date })
      .map(({ id, from }) => ({ type: DEPARTMENT_RENAMED, data: { id, names: { en: `${id} since ${from}` }, from } })),
  },
];
const event = fc.oneof(...events);

const VERBS = [
  'registered',
  'initialized',
  'failed',
  'attended',
  'revoked',
  'unregistered',
  'waived',
  'rated',
  'shared',
];
const verb = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('completed', 'passed') },
  { weight: 4, arbitrary: fc.constantFrom(...VERBS) },
);
const learns = fc.record({
  /** Several: members of a group. */
  who: fc.oneof(
    { weight: 8, arbitrary: identity.map((one) => [one]) },
    fc.uniqueArray(identity, { minLength: 2, maxLength: 3 }),
  ),
  verb,
  activity: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...COURSES) },
    { weight: 2, arbitrary: fc.constantFrom(...ALIASES) },
    { weight: 1, arbitrary: fc.constantFrom(PLATFORM, 'https://unlisted.example/x') },
  ),
  scaled: maybe(fc.integer({ min: 0, max: 10 }).map((tenths) => tenths / 10)),
  isQuick: fc.boolean(),
  completion: fc.constantFrom(undefined, undefined, true, false),
  /** Days from {@link FIRST_DAY} on; undefined: when it is stored. */
  on: maybe(fc.oneof(fc.nat(2), fc.nat(LAST_DAY - FIRST_DAY))),
});
export type Learns = typeof learns extends fc.Arbitrary<infer T> ? T : never;

type Draft =
  | { readonly is: 'event'; readonly event: ProgrammeEvent }
  | {
      readonly is: 'load';
      readonly events: readonly ProgrammeEvent[];
      readonly between: readonly Learns[];
      readonly isWhole: boolean;
    }
  | { readonly is: 'learns'; readonly learns: Learns }
  | { readonly is: 'voids'; readonly target: number; readonly may: boolean };

const MOST = 50;
const draft: fc.Arbitrary<Draft> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ is: fc.constant('event' as const), event }) },
  {
    weight: 1,
    arbitrary: fc.record({
      is: fc.constant('load' as const),
      events: fc.array(event, { minLength: 1, maxLength: 6 }),
      between: fc.array(learns, { maxLength: 3 }),
      isWhole: fc.oneof(fc.constant(true), fc.constant(true), fc.constant(false)),
    }),
  },
  { weight: 9, arbitrary: fc.record({ is: fc.constant('learns' as const), learns }) },
  {
    weight: 2,
    arbitrary: fc.record({
      is: fc.constant('voids' as const),
      target: fc.integer({ min: 1, max: MOST }),
      may: fc.boolean(),
    }),
  },
);

/** The tree, the catalogue and the people with whom every history begins. */
export const SETTING: readonly Entry[] = (
  [
    ...NODES.map(
      (id): ProgrammeEvent => ({
        type: DEPARTMENT_OPENED,
        data: given({
          id,
          kind: id.includes('.') ? ('department' as const) : ('state' as const),
          parent: id.includes('.') ? id.slice(0, id.lastIndexOf('.')) : undefined,
          names: { en: id },
          from: id === 'BOARD' ? '2025-03-01' : '1960-01-01',
        }),
      }),
    ),
    listed(0),
    listed(0, { id: PLATFORM, kind: 'platform', aliases: [], tags: [] }),
    { type: PERSON_RECORDED, data: { code: 'E-1', names: { en: 'Name E-1' }, identities: [IDENTITIES[0]!] } } as const,
    {
      type: POSTING_BEGUN,
      data: { code: 'E-1', kind: 'substantive', department: 'UP.health.lko', from: '2020-01-01' },
    } as const,
  ] as const satisfies readonly ProgrammeEvent[]
).map((one) => ({ event: one }));

/** `late`: every statement is about a day before the first is stored, so that it says the same whenever it comes. */
export function histories({ late }: { readonly late: boolean }): fc.Arbitrary<Entry[]> {
  return fc.array(draft, { minLength: 1, maxLength: MOST }).map((drafts) => {
    let statements = 0;
    let loads = 0;
    const learned = (one: Learns): Entry => statementOf(one, ++statements, late);
    return drafts.flatMap((one): Entry[] => {
      if (one.is === 'event') return [{ event: one.event }];
      if (one.is === 'learns') return [learned(one.learns)];
      if (one.is === 'voids') return [voiding(++statements, one.target, one.may)];
      const load = uuid(9000 + ++loads);
      const { length } = one.events;
      const begun = { load, kind: 'people' as const, events: length, sha256: '0'.repeat(64) };
      const rows = one.events.flatMap((event, i): Entry[] => {
        const meanwhile = one.between[i];
        return [{ event, load }, ...(meanwhile ? [learned(meanwhile)] : [])];
      });
      const completed = { event: { type: LOAD_COMPLETED, data: { load, events: length } } } as const;
      return [{ event: { type: LOAD_BEGUN, data: begun } }, ...rows, ...(one.isWhole ? [completed] : [])];
    });
  });
}

/** The statement of a number; many are of the same second. */
function statementOf(
  { who, verb, activity, scaled, isQuick, completion, on }: Learns,
  number: number,
  late: boolean,
): Entry {
  const agents = who.map((key) => {
    const [homePage, name] = key.slice('account:'.length).split('|');
    return { account: { homePage: homePage!, name: name! }, name: `Sent ${name}` };
  });
  const span = late ? FIRST_STORED - FIRST_DAY : LAST_DAY - FIRST_DAY;
  const day = on === undefined && late ? 100 : on;
  const second = number % 2 === 0 ? '06:00:00' : new Date(number * 1000).toISOString().slice(11, 19);
  const timestamp = day === undefined ? undefined : `${dateOf((FIRST_DAY + (day % span)) as Day)}T${second}.000+05:30`;
  const result = given({
    score: scaled === undefined ? undefined : { scaled },
    duration: isQuick ? 'PT20S' : 'PT50M',
    completion,
  });
  return {
    statement: given({
      id: uuid(number),
      actor: agents.length === 1 ? agents[0]! : { objectType: 'Group', member: agents },
      verb: { id: `http://adlnet.gov/expapi/verbs/${verb}` },
      object: { id: activity },
      result,
      timestamp,
    }) as unknown as Omit<Statement, 'stored'>,
  };
}

export function voiding(number: number, target: number, may = true): Entry {
  return {
    statement: {
      id: uuid(number),
      actor: { mbox: 'mailto:admin@up.example' },
      verb: { id: 'http://adlnet.gov/expapi/verbs/voided' },
      object: { objectType: 'StatementRef', id: uuid(target) },
    } as unknown as Omit<Statement, 'stored'>,
    scopes: may ? ['all', 'void'] : ['statements/write'],
  };
}
