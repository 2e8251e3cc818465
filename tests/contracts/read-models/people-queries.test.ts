// What the people queries promise: every answer for a day, as known at a time, the same whenever it is asked; nothing outside the
// asker's departments; pages that hold together; every figure with what it rests on.

import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { type Day, dayOfDate } from '../../../contracts/days.ts';
import {
  CLOCK_MOVED,
  COURSE_LISTED,
  type CourseListed,
  DEPARTMENT_MOVED,
  DEPARTMENT_OPENED,
  IDENTITY_LINKED,
  IDENTITY_UNLINKED,
  NATIONAL_FIGURE_RECORDED,
  PERSON_RECORDED,
  POSTING_BEGUN,
  POSTING_ENDED,
  ROSTER_ENTERED,
  SERVICE_CHANGED,
  SESSION_HELD,
} from '../../../contracts/events/index.ts';
import { GROUPINGS } from '../../../contracts/http/reports.ts';
import type { Sequence } from '../../../contracts/words.ts';
import type { Statement } from '../../../contracts/xapi/index.ts';
import { METRICS } from '../../../projections/department-rollup/index.ts';
import { parseKnownAt } from '../../../src/audit/known-at.ts';
import { PEOPLE, PEOPLE_FILES, PeopleReader } from '../../../src/read-models/people/index.ts';
import { RecordTimes } from '../../../src/read-models/people/queries/as-of.ts';
import { PeopleNotReady, type PeopleQueries } from '../../../src/read-models/people/queries/port.ts';
import { totalsOfCourse } from '../../../src/read-models/people/queries/quality.ts';
import { viewOf } from '../../../src/read-models/people/queries/view.ts';
import { streams } from '../statement-index/record.ts';
import { answered, PeopleRecord, type Saying } from './people-record.ts';

const open: PeopleRecord[] = [];
afterEach(async () => {
  for (const record of open.splice(0)) await record.close();
});
async function newRecord(): Promise<PeopleRecord> {
  const record = await PeopleRecord.open('2026-01-01T00:00:00Z');
  open.push(record);
  return record;
}

const day = (date: string): Day => dayOfDate(date)!;
const at = (text: string | number) => parseKnownAt(String(text));

const department = (id: string, kind: 'state' | 'department' | 'district', parent?: string): Saying => ({
  event: {
    type: DEPARTMENT_OPENED,
    data: { id, kind, names: { en: `The ${id}` }, from: '2020-01-01', ...(parent !== undefined && { parent }) },
  },
});
const account = (name: string): string => `account:https://lms.example|${name}`;
const person = (code: string, en: string, identities: readonly string[] = [account(code)]): Saying => ({
  event: { type: PERSON_RECORDED, data: { code, names: { en }, identities: [...identities] } },
});
const posted = (code: string, to: string, from = '2024-04-01', designation = 'ANM'): Saying => ({
  event: {
    type: POSTING_BEGUN,
    data: { code, kind: 'substantive', department: to, from, details: { designation, cadre: 'regular' } },
  },
});
const listed = (id: string, more: Partial<CourseListed> = {}): Saying => ({
  event: {
    type: COURSE_LISTED,
    data: {
      id,
      kind: 'course',
      titles: { en: `About ${id}` },
      languages: ['hi', 'en'],
      tags: [],
      aliases: [],
      supersedes: [],
      status: 'live',
      ...more,
    },
  },
});

const VERBS = {
  completed: 'http://adlnet.gov/expapi/verbs/completed',
  passed: 'http://adlnet.gov/expapi/verbs/passed',
  registered: 'http://adlnet.gov/expapi/verbs/registered',
  launched: 'http://adlnet.gov/expapi/verbs/launched',
  voided: 'http://adlnet.gov/expapi/verbs/voided',
} as const;
const X = 'https://courses.example/x';
const Y = 'https://courses.example/y';
const Y_BEFORE = 'https://courses.example/y-2019';
const SEVEN_DAYS = 'https://courses.example/seven-days';
const PLATFORM = 'https://platform.example/';

function did(
  name: string,
  verb: Exclude<keyof typeof VERBS, 'voided'>,
  activity: string,
  timestamp: string,
  more: Partial<Statement> = {},
): Saying & { readonly statement: { readonly id: string } } {
  return {
    statement: {
      id: randomUUID(),
      actor: { objectType: 'Agent', account: { homePage: 'https://lms.example', name } },
      verb: { id: VERBS[verb] },
      object: { objectType: 'Activity', id: activity },
      timestamp,
      version: '2.0.0',
      ...more,
    } as Omit<Statement, 'stored'> & { readonly id: string },
  };
}
const voiding = (id: string, timestamp: string): Saying => ({
  statement: {
    id: randomUUID(),
    actor: { objectType: 'Agent', account: { homePage: 'https://lms.example', name: 'clerk' } },
    verb: { id: VERBS.voided },
    object: { objectType: 'StatementRef', id },
    timestamp,
    version: '2.0.0',
  } as Omit<Statement, 'stored'>,
});

/** State › Health › {Lucknow, Kanpur}; State › Revenue; M and N in Lucknow, O in Kanpur. */
const BEGINNING: readonly Saying[] = [
  department('STATE', 'state'),
  department('HEALTH', 'department', 'STATE'),
  department('LUCKNOW', 'district', 'HEALTH'),
  department('KANPUR', 'district', 'HEALTH'),
  department('REVENUE', 'department', 'STATE'),
  listed(PLATFORM, { kind: 'platform' }),
  listed(X, { minutes: 60, tags: ['ai'], languages: ['en'], provider: 'HEALTH' }),
  listed(Y, { minutes: 40, tags: ['cyber-security', 'ai'], aliases: [Y_BEFORE] }),
  person('M', 'Meera Lal'),
  person('N', 'Naresh Lal'),
  person('O', 'Omvati Lal'),
  posted('M', 'LUCKNOW'),
  posted('N', 'LUCKNOW', '2024-04-01', 'ASHA'),
  posted('O', 'KANPUR'),
];

async function begun(): Promise<PeopleRecord> {
  const record = await newRecord();
  await record.say('2026-01-05T05:00:00Z', ...BEGINNING);
  return record;
}

const idOf = async ({ queries }: PeopleRecord, code: string): Promise<string> =>
  (await queries.learners({ q: code, limit: 1 })).body.rows[0]!.id;

/** One answer of every report, as JSON: what is asked of each is the same. */
async function everything(
  queries: PeopleQueries,
  ids: readonly string[],
  asked: { on: Day; knownAt?: ReturnType<typeof at>; within?: string },
) {
  const list = { ...asked, limit: 1000 };
  const all: Record<string, unknown> = {
    learners: answered('learners', await queries.learners({ ...list, q: 'm' })).body,
    everyone: answered('learners', await queries.learners({ ...list, q: 'lal' })).body,
    departments: answered('departments', await queries.departments(list)).body,
    courses: answered('courses', await queries.courses(list)).body,
    unmatched: answered('unmatched', await queries.unmatched(list)).body,
    brief: (await queries.brief(asked))?.body,
  };
  for (const course of [X, Y, Y_BEFORE, SEVEN_DAYS]) {
    all[`quality ${course}`] = (await queries.quality({ ...asked, id: course }))?.body;
  }
  for (const id of ['STATE', 'HEALTH', 'LUCKNOW', 'KANPUR', 'REVENUE']) {
    all[`rollup ${id}`] = (await queries.rollup({ ...list, id, depth: 8 }))?.body;
    all[`learners ${id}`] = (await queries.departmentLearners({ ...list, id }))?.body;
    for (const by of GROUPINGS) all[`${id} by ${by}`] = (await queries.rollupBy({ ...list, id, by }))?.body;
  }
  for (const id of ids) {
    for (const report of ['learner', 'progress', 'timeline'] as const) {
      const answer = await queries[report]({ ...list, id });
      all[`${report} ${id}`] = answer && ('mergedInto' in answer ? answer : answer.body);
    }
  }
  return all;
}

/** A year in which much is recorded late, taken back, moved and merged. */
const HISTORY: readonly (readonly [stored: string, ...Saying[]])[] = [
  ['2026-01-06T05:00:00Z', did('M', 'registered', PLATFORM, '2026-01-06T04:00:00Z')],
  [
    '2026-01-10T05:00:00Z',
    did('M', 'completed', X, '2026-01-10T04:00:00Z', { result: { score: { raw: 7, min: 0, max: 10 } } }),
  ],
  ['2026-01-11T05:00:00Z', did('N', 'launched', Y, '2026-01-11T04:00:00Z')],
  ['2026-01-12T05:00:00Z', did('stranger', 'completed', Y_BEFORE, '2025-12-01T04:00:00Z')],
  [
    '2026-01-15T05:00:00Z',
    did('O', 'passed', Y, '2026-01-15T04:00:00Z', { result: { duration: 'PT20S', score: { scaled: 0.8 } } }),
  ],
  [
    '2026-02-01T05:00:00Z',
    {
      event: {
        type: POSTING_ENDED,
        data: { code: 'M', kind: 'substantive', department: 'LUCKNOW', from: '2024-04-01', to: '2026-02-28' },
      },
    },
  ],
  ['2026-02-02T05:00:00Z', posted('M', 'REVENUE', '2026-03-01')],
  [
    '2026-02-10T05:00:00Z',
    { event: { type: SERVICE_CHANGED, data: { code: 'N', change: 'leave', from: '2026-02-10', to: '2026-03-10' } } },
  ],
  [
    '2026-03-05T05:00:00Z',
    { event: { type: DEPARTMENT_MOVED, data: { id: 'KANPUR', parent: 'REVENUE', from: '2026-03-01' } } },
  ],
  [
    '2026-03-20T05:00:00Z',
    did('M', 'completed', Y, '2026-03-20T04:00:00Z'),
    did('M', 'completed', Y, '2026-03-21T04:00:00Z'),
  ],
  ['2026-04-09T05:00:00Z', did('N', 'completed', Y, '2026-03-30T04:00:00Z')],
  [
    '2026-04-10T05:00:00Z',
    { event: { type: IDENTITY_LINKED, data: { identity: account('stranger'), code: 'N', from: '2025-06-01' } } },
  ],
  ['2026-04-12T05:00:00Z', person('P', 'Mohan Lal', []), posted('P', 'KANPUR', '2025-04-01')],
  ['2026-04-13T05:00:00Z', did('later-p', 'completed', X, '2026-04-13T04:00:00Z')],
  ['2026-04-14T05:00:00Z', { event: { type: IDENTITY_LINKED, data: { identity: account('later-p'), code: 'P' } } }],
  ['2026-04-15T05:00:00Z', { event: { type: IDENTITY_UNLINKED, data: { identity: account('stranger'), code: 'N' } } }],
  [
    '2026-04-20T05:00:00Z',
    listed(SEVEN_DAYS, { kind: 'blended-programme', minutes: 2000 }),
    { event: { type: SESSION_HELD, data: { id: 'S1', course: SEVEN_DAYS, institute: 'SIHFW', on: '2026-04-18' } } },
    { event: { type: SESSION_HELD, data: { id: 'S2', course: SEVEN_DAYS, institute: 'SIHFW', on: '2026-04-19' } } },
    { event: { type: ROSTER_ENTERED, data: { session: 'S1', code: 'O', attended: true } } },
    { event: { type: ROSTER_ENTERED, data: { session: 'S2', code: 'O', attended: true } } },
    { event: { type: ROSTER_ENTERED, data: { session: 'S1', code: 'N', attended: false } } },
  ],
  ['2026-04-21T05:00:00Z', listed(X, { minutes: 90, tags: ['cyber-security'], from: '2026-02-01' })],
  [
    '2026-04-22T05:00:00Z',
    {
      event: {
        type: NATIONAL_FIGURE_RECORDED,
        data: { figure: 'completions', financialYear: '2025-26', value: 67_000_000, on: '2026-03-30', source: 'PIB' },
      },
    },
  ],
];

const [, passedY] = HISTORY.find(([stored]) => stored === '2026-01-15T05:00:00Z')!;
const LAST: readonly (readonly [stored: string, ...Saying[]])[] = [
  ...HISTORY,
  ['2026-05-02T05:00:00Z', voiding((passedY!.statement as Statement).id!, '2026-05-02T04:00:00Z')],
];

describe('what was answered once', () => {
  test('is answered again, as known then, by every report for every day', async () => {
    const record = await begun();
    const ids = await Promise.all(['M', 'N', 'O'].map((code) => idOf(record, code)));
    const days = ['2025-12-15', '2026-01-31', '2026-03-31', '2027-01-01'].map(day);
    const then: { readonly sequence: Sequence; readonly on: Day; readonly said: unknown }[] = [];
    for (const [stored, ...sayings] of LAST) {
      await record.say(stored, ...sayings);
      for (const on of days)
        then.push({ sequence: record.head, on, said: await everything(record.queries, ids, { on }) });
    }
    for (const { sequence, on, said } of then) {
      expect(await everything(record.queries, ids, { on, knownAt: at(sequence) }), `known at ${sequence}`).toEqual(
        said,
      );
    }
    expect(new Set(then.map(({ said }) => JSON.stringify(said))).size).toBeGreaterThan(LAST.length * 2);
  });

  test('is answered again to who is limited to a department, as long as the tree is the same', async () => {
    const record = await begun();
    const ids = await Promise.all(['M', 'N', 'O'].map((code) => idOf(record, code)));
    const then: { readonly sequence: Sequence; readonly within: string; readonly said: unknown }[] = [];
    const on = day('2026-03-31');
    for (const [stored, ...sayings] of LAST) {
      const stays = sayings.filter(({ event }) => event?.type !== DEPARTMENT_MOVED);
      if (stays.length > 0) await record.say(stored, ...stays);
      for (const within of ['HEALTH', 'KANPUR', 'REVENUE']) {
        then.push({ sequence: record.head, within, said: await everything(record.queries, ids, { on, within }) });
      }
    }
    for (const { sequence, within, said } of then) {
      const again = await everything(record.queries, ids, { on, within, knownAt: at(sequence) });
      expect(again, `${within}, known at ${sequence}`).toEqual(said);
    }
  });
});

/** Completions of a department on a day, as known at R. */
async function completionsAt({ queries }: PeopleRecord, id: string, on: string, knownAt?: string): Promise<number> {
  const answer = await queries.rollup({
    id,
    depth: 0,
    limit: 1,
    on: day(on),
    ...(knownAt !== undefined && { knownAt: at(knownAt) }),
  });
  return answered('rollup', answer).body.rows[0]!.total.completions;
}

describe('the day and what was known', () => {
  test('a late arrival changes the past as known later, and not as known before', async () => {
    const record = await begun();
    await record.say('2026-04-09T05:00:00Z', did('N', 'completed', Y, '2026-03-30T04:00:00Z'));
    expect(await completionsAt(record, 'LUCKNOW', '2026-03-31', '2026-04-01')).toBe(0);
    expect(await completionsAt(record, 'LUCKNOW', '2026-04-05', '2026-04-05')).toBe(0);
    expect(await completionsAt(record, 'LUCKNOW', '2026-03-29', '2026-04-10')).toBe(0);
    expect(await completionsAt(record, 'LUCKNOW', '2026-03-31', '2026-04-10')).toBe(1);
    expect(await completionsAt(record, 'LUCKNOW', '2026-03-31')).toBe(1);
  });

  test('a voided statement counts as known before it was voided, and is told of afterwards', async () => {
    const record = await begun();
    const completed = did('O', 'completed', Y, '2026-03-20T04:00:00Z');
    const first = await record.say('2026-03-20T05:00:00Z', completed);
    const last = await record.say('2026-05-02T05:00:00Z', voiding(completed.statement.id, '2026-05-02T04:00:00Z'));
    expect(await completionsAt(record, 'KANPUR', '2026-03-31', '2026-04-01')).toBe(1);
    expect(await completionsAt(record, 'KANPUR', '2026-03-31', '2026-05-03')).toBe(0);
    const id = await idOf(record, 'O');
    const now = answered('timeline', await record.queries.timeline({ id, limit: 100 }));
    const before = answered(
      'timeline',
      await record.queries.timeline({ id, limit: 100, knownAt: at((last - 1) as number) }),
    );
    expect(now.body.rows.at(-1)).toMatchObject({ kind: 'completed', sequence: first, withdrawn: last });
    expect(before.body.rows.at(-1)).toMatchObject({ kind: 'completed', sequence: first, withdrawn: null });
  });

  test('a date of knowing ends in Kolkata; beyond the record nothing is final', async () => {
    const record = await begun();
    const late = await record.say('2026-03-31T18:29:59.5Z', did('O', 'completed', Y, '2026-03-31T10:00:00Z'));
    await record.say('2026-03-31T18:30:00.5Z', did('M', 'completed', X, '2026-03-31T10:00:00Z'));
    const ask = async (knownAt?: string, on?: string) =>
      answered(
        'departments',
        await record.queries.departments({
          limit: 1,
          ...(knownAt !== undefined && { knownAt: at(knownAt) }),
          ...(on !== undefined && { on: day(on) }),
        }),
      ).asOf;
    expect(await ask('2026-03-31')).toEqual({
      on: '2026-03-31',
      knownAt: '2026-03-31T18:29:59.999999Z',
      sequence: late,
      final: true,
      lagMs: 0,
      simulatedClock: true,
    });
    expect(await ask('2026-04-01')).toMatchObject({ on: '2026-04-01', sequence: record.head, final: false });
    expect(await ask(String(late))).toMatchObject({ knownAt: '2026-03-31T18:29:59.500000Z', final: true });
    expect(await ask(String(record.head + 1))).toMatchObject({ sequence: record.head, final: false });
    // Without any: today by the record's own clock, which has just passed midnight in Kolkata.
    expect(await ask()).toMatchObject({ on: '2026-04-01', knownAt: '2026-03-31T18:30:00.500000Z', final: false });
    expect(await ask(undefined, '2030-01-01')).toMatchObject({ on: '2030-01-01', sequence: record.head });
    await record.say('2026-04-02T00:00:00Z', { event: { type: CLOCK_MOVED, data: { to: '2026-04-09T20:00:00Z' } } });
    expect(await ask()).toMatchObject({ on: '2026-04-10' });
  });

  test('a model that lags says by how much, and does not call final what it has not seen', async () => {
    const record = await begun();
    const seen = record.head;
    const since = Date.now();
    await record.record('2026-02-01T00:00:00Z', did('O', 'completed', Y, '2026-01-20T04:00:00Z'));
    const last = await record.record('2026-03-01T00:00:00Z', did('M', 'completed', Y, '2026-01-20T04:00:00Z'));
    const asOf = async (knownAt: number) =>
      answered('departments', await record.queries.departments({ limit: 1, knownAt: at(knownAt) })).asOf;
    const lagging = await asOf(last);
    expect(lagging).toMatchObject({ sequence: seen, final: false });
    // How long it waits for real: the record's clock has gone on by a month.
    expect(lagging.lagMs).toBeGreaterThanOrEqual(0);
    expect(lagging.lagMs).toBeLessThanOrEqual(Date.now() - since + 1);
    expect(await asOf(seen)).toMatchObject({ sequence: seen, final: true });
    await record.fold();
    expect(await asOf(last)).toMatchObject({ sequence: last, final: true, lagMs: 0 });
  });

  test('there is nothing to ask while the model is being built', async () => {
    const record = await newRecord();
    await expect(record.queries.departments({ limit: 1 })).rejects.toThrow(PeopleNotReady);
    expect(await record.queries.status()).toMatchObject({ sequence: -1 });
  });
});

describe('pages', () => {
  test('hold together while statements arrive, people move and names are added', async () => {
    const record = await begun();
    for (const [stored, ...sayings] of LAST.slice(0, 12)) await record.say(stored, ...sayings);
    const { queries } = record;
    const id = await idOf(record, 'M');
    type Paged = { readonly body: { readonly rows: readonly unknown[] }; readonly next?: never };
    const lists = {
      learners: (list) => queries.learners({ ...list, q: 'lal' }),
      departments: (list) => queries.departments(list),
      rollup: (list) => queries.rollup({ ...list, id: 'STATE', depth: 8 }),
      rollupBy: (list) => queries.rollupBy({ ...list, id: 'STATE', by: 'language' }),
      departmentLearners: (list) => queries.departmentLearners({ ...list, id: 'STATE' }),
      courses: (list) => queries.courses(list),
      progress: (list) => queries.progress({ ...list, id }),
      timeline: (list) => queries.timeline({ ...list, id }),
      unmatched: (list) => queries.unmatched(list),
    } satisfies Record<string, (list: Parameters<PeopleQueries['departments']>[0]) => Promise<unknown>>;
    await record.say(
      '2026-04-11T00:00:00Z',
      ...['s-1', 's-2', 's-3'].map((name) => did(name, 'completed', X, '2026-04-01T00:00:00Z')),
    );
    const firsts: [string, Paged, Paged][] = [];
    for (const [name, ask] of Object.entries(lists)) {
      firsts.push([
        name,
        (await ask({ limit: 1000 })) as unknown as Paged,
        (await ask({ limit: 1 })) as unknown as Paged,
      ]);
    }
    for (const [stored, ...sayings] of LAST.slice(12)) await record.say(stored, ...sayings);
    for (const [name, whole, first] of firsts) {
      const rows = [...first.body.rows];
      let page = first;
      while (page.next) {
        page = (await lists[name as keyof typeof lists]({ limit: 1, cursor: page.next })) as unknown as Paged;
        rows.push(...page.body.rows);
      }
      expect(rows, name).toEqual(whole.body.rows);
      expect(rows.length, name).toBeGreaterThan(1);
    }
  });
});

describe('who is limited to a department', () => {
  test('sees nothing outside it, by any route', async () => {
    const record = await begun();
    for (const [stored, ...sayings] of LAST) await record.say(stored, ...sayings);
    const { queries } = record;
    const [m, n, o] = await Promise.all(['M', 'N', 'O'].map((code) => idOf(record, code)));
    const asked = { within: 'LUCKNOW', limit: 1000 };
    for (const id of ['STATE', 'HEALTH', 'KANPUR', 'REVENUE', 'NOWHERE']) {
      expect(await queries.rollup({ ...asked, id, depth: 8 })).toBeUndefined();
      expect(await queries.rollupBy({ ...asked, id, by: 'course' })).toBeUndefined();
      expect(await queries.departmentLearners({ ...asked, id })).toBeUndefined();
      expect(await queries.brief({ ...asked, department: id })).toBeUndefined();
    }
    for (const id of [m!, o!]) {
      for (const report of ['learner', 'progress', 'timeline'] as const) {
        expect(await queries[report]({ ...asked, id })).toBeUndefined();
      }
    }
    expect(answered('learner', await queries.learner({ ...asked, id: n! })).body.learner.code).toBe('N');
    const codes = async (on?: string) =>
      (await queries.learners({ ...asked, q: 'lal', ...(on && { on: day(on) }) })).body.rows.map(({ code }) => code);
    expect(await codes()).toEqual(['N']);
    // Before the transfer M was posted here.
    expect(await codes('2026-02-28')).toEqual(['M', 'N']);
    expect(
      (await queries.departments(asked)).body.rows.map(({ id, depth, parent }) => ({ id, depth, parent })),
    ).toEqual([{ id: 'LUCKNOW', depth: 0, parent: null }]);
    expect((await queries.unmatched(asked)).body).toEqual({ learners: 0, rows: [] });
    expect(answered('brief', await queries.brief(asked)).body.brief).toMatchObject({
      department: { id: 'LUCKNOW' },
      metrics: { strength: 1 },
    });
    const all = answered('quality', await queries.quality({ id: Y })).body.quality.completed;
    expect(answered('quality', await queries.quality({ ...asked, id: Y })).body.quality.completed).toBe(1);
    expect(all).toBe(3);
    expect(await queries.rollup({ within: 'GONE', limit: 1, id: 'LUCKNOW', depth: 0 })).toBeUndefined();
  });

  test('sees of who came from elsewhere nothing of where that was', async () => {
    const record = await begun();
    await record.say('2026-02-02T05:00:00Z', posted('M', 'REVENUE', '2026-03-01'));
    const asked = { id: await idOf(record, 'M'), on: day('2026-03-31'), limit: 100 };
    for (const report of ['learner', 'timeline'] as const) {
      const limited = await record.queries[report]({ ...asked, within: 'REVENUE' });
      expect(JSON.stringify(limited)).toContain('REVENUE');
      expect(JSON.stringify(limited)).not.toContain('LUCKNOW');
      expect(JSON.stringify(await record.queries[report](asked))).toContain('LUCKNOW');
    }
  });

  test('is judged by the tree of today, not by that of the day asked about', async () => {
    const record = await begun();
    await record.say('2026-03-05T05:00:00Z', {
      event: { type: DEPARTMENT_MOVED, data: { id: 'KANPUR', parent: 'REVENUE', from: '2026-03-01' } },
    });
    const strength = async (id: string, within: string) => {
      const answer = await record.queries.rollup({ id, within, depth: 8, limit: 100, on: day('2026-02-01') });
      return answer?.body.rows.map(({ department: { id: of }, total, difference }) => [of, total.strength, difference]);
    };
    // On the day Kanpur lay under Health; today it is Revenue's to see, with what was counted there then.
    expect(await strength('HEALTH', 'HEALTH')).toEqual([
      ['HEALTH', 2, {}],
      ['LUCKNOW', 2, {}],
    ]);
    expect(await strength('KANPUR', 'REVENUE')).toEqual([['KANPUR', 1, {}]]);
    expect(await strength('KANPUR', 'HEALTH')).toBeUndefined();
  });
});

describe('learners', () => {
  test('an identity that was linked hands its id over, and keeps it as known before', async () => {
    const record = await begun();
    const named = await record.say('2026-04-13T05:00:00Z', did('later-p', 'completed', X, '2026-04-13T04:00:00Z'));
    const [unknown] = (await record.queries.unmatched({ limit: 10 })).body.rows;
    expect(unknown).toMatchObject({ id: `${named}.0`, identity: account('later-p'), facts: 1, first: '2026-04-13' });
    const recorded = await record.say('2026-04-14T05:00:00Z', person('P', 'Mohan Lal', []));
    const own = await idOf(record, 'P');
    const linked = await record.say('2026-04-15T05:00:00Z', {
      event: { type: IDENTITY_LINKED, data: { identity: account('later-p'), code: 'P' } },
    });
    const { queries } = record;
    expect(await idOf(record, 'P')).toBe(unknown!.id);
    expect(await queries.learner({ id: own })).toEqual({ mergedInto: unknown!.id });
    const now = answered('progress', await queries.progress({ id: unknown!.id, limit: 10 }));
    expect(now.body).toMatchObject({ learner: { code: 'P', provisional: false }, totals: { completions: 1 } });
    const knownAt = at(recorded as number);
    const before = answered('progress', await queries.progress({ id: unknown!.id, limit: 10, knownAt }));
    expect(before.body).toMatchObject({ learner: { provisional: true }, totals: { completions: 1 } });
    expect(answered('learner', await queries.learner({ id: own, knownAt })).body.learner.code).toBe('P');
    expect((await queries.unmatched({ limit: 10 })).body.learners).toBe(0);
    expect((await queries.unmatched({ limit: 10, knownAt })).body.learners).toBe(1);
    expect(linked).toBe(record.head);
    expect(await queries.learner({ id: unknown!.id, knownAt: at((named as number) - 1) })).toBeUndefined();
  });

  test('of several ids that were taken over the lowest known at the time is shown, then as now', async () => {
    const record = await begun();
    const first = await record.say('2026-04-13T05:00:00Z', did('first-p', 'completed', X, '2026-04-13T04:00:00Z'));
    const second = await record.say('2026-04-13T06:00:00Z', did('second-p', 'completed', Y, '2026-04-13T04:00:00Z'));
    await record.say('2026-04-14T05:00:00Z', person('P', 'Mohan Lal', []));
    const linked = (name: string): Saying => ({
      event: { type: IDENTITY_LINKED, data: { identity: account(name), code: 'P' } },
    });
    const between = await record.say('2026-04-15T05:00:00Z', linked('second-p'));
    expect(await idOf(record, 'P')).toBe(`${second}.0`);
    await record.say('2026-04-16T05:00:00Z', linked('first-p'));
    expect(await idOf(record, 'P')).toBe(`${first}.0`);
    const knownAt = at(between as number);
    const then = answered('learner', await record.queries.learner({ id: `${second}.0`, knownAt }));
    expect(then.body.learner).toMatchObject({ id: `${second}.0`, code: 'P' });
    await record.say('2026-04-17T05:00:00Z', {
      event: { type: IDENTITY_UNLINKED, data: { identity: account('first-p'), code: 'P' } },
    });
    expect(await idOf(record, 'P')).toBe(`${second}.0`);
  });

  test('an id goes along only with an identity that is somebody’s from ever to ever, and on with it when that was a mistake', async () => {
    const record = await begun();
    const { queries } = record;
    const sent = did('shared', 'completed', X, '2026-03-01T04:00:00Z');
    const named = await record.say('2026-04-13T05:00:00Z', sent, did('shared', 'completed', Y, '2026-04-12T04:00:00Z'));
    const provisional = `${(named as number) - 1}.0`;
    await record.say('2026-04-14T05:00:00Z', person('P', 'Mohan Lal', []), person('Q', 'Kamla Lal', []));
    const own = await idOf(record, 'P');
    const link = (code: string, dates: object = {}): Saying => ({
      event: { type: IDENTITY_LINKED, data: { identity: account('shared'), code, ...dates } },
    });
    const unlink = (code: string): Saying => ({
      event: { type: IDENTITY_UNLINKED, data: { identity: account('shared'), code } },
    });
    // P's from April on: what was done in March is still nobody's, and can be asked for.
    await record.say('2026-04-15T05:00:00Z', link('P', { from: '2026-04-01' }));
    expect(await idOf(record, 'P')).toBe(own);
    const rest = answered('progress', await queries.progress({ id: provisional, limit: 10 }));
    expect(rest.body).toMatchObject({ learner: { id: provisional, provisional: true }, totals: { completions: 1 } });
    const theirs = answered('progress', await queries.progress({ id: own, limit: 10 }));
    expect(theirs.body).toMatchObject({ learner: { id: own, code: 'P' }, totals: { completions: 1 } });
    // P's for ever, by mistake; then Q's.
    const mistaken = await record.say('2026-04-16T05:00:00Z', unlink('P'), link('P'));
    expect(await idOf(record, 'P')).toBe(provisional);
    await record.say('2026-04-17T05:00:00Z', unlink('P'), link('Q'));
    expect(await idOf(record, 'Q')).toBe(provisional);
    expect(await idOf(record, 'P')).toBe(own);
    const then = answered('learner', await queries.learner({ id: provisional, knownAt: at(mistaken as number) }));
    expect(then.body.learner.code).toBe('P');
  });

  test('a name holds from when it is known: past answers keep the name of their time', async () => {
    const record = await begun();
    const before = await record.say('2026-04-13T05:00:00Z', person('P', 'Mohan Lal', []));
    const between = await record.say('2026-04-14T05:00:00Z', person('P', 'Mohan Lal Verma', []));
    await record.say('2026-04-15T05:00:00Z', person('P', 'Mohan Verma', []));
    const id = await idOf(record, 'P');
    const nameAt = async (knownAt?: Sequence) => {
      const asked = knownAt === undefined ? { id } : { id, knownAt: at(knownAt as number) };
      return answered('learner', await record.queries.learner(asked)).body.learner.names.en;
    };
    expect(await nameAt(before)).toBe('Mohan Lal');
    expect(await nameAt(between)).toBe('Mohan Lal Verma');
    expect(await nameAt()).toBe('Mohan Verma');
  });

  test('who shares an identity with another is found by the own name all the same', async () => {
    const record = await begun();
    const sent = {
      actor: { objectType: 'Agent', name: 'Kamla', account: { homePage: 'https://lms.example', name: 'k' } },
    };
    await record.say(
      '2026-04-13T05:00:00Z',
      did('k', 'completed', X, '2026-04-13T04:00:00Z', sent as Partial<Statement>),
      person('P', 'Mohan Lal', [account('k')]),
      person('Q', 'Kamla Lal', []),
      { event: { type: IDENTITY_LINKED, data: { identity: account('k'), code: 'Q', from: '2026-05-01' } } },
    );
    const found = await record.queries.learners({ q: 'kamla', limit: 10 });
    expect(found.body.rows.map(({ code }) => code)).toEqual(['P', 'Q']);
  });

  test('an identity is unmatched where nobody owns it, for what it did while nobody did', async () => {
    const record = await begun();
    const linkedFor = (name: string, from: string, to: string): Saying => ({
      event: { type: IDENTITY_LINKED, data: { identity: account(name), code: 'N', from, to } },
    });
    await record.say(
      '2026-04-10T05:00:00Z',
      did('lent', 'completed', X, '2025-12-01T04:00:00Z'),
      did('lent', 'completed', Y, '2025-07-01T04:00:00Z'),
      did('returned', 'completed', X, '2025-07-01T04:00:00Z'),
      linkedFor('lent', '2025-06-01', '2025-08-31'),
      linkedFor('returned', '2025-06-01', '2025-08-31'),
    );
    const unmatched = async (on: string) =>
      (await record.queries.unmatched({ limit: 10, on: day(on) })).body.rows.map(({ identity, facts }) => [
        identity,
        facts,
      ]);
    expect(await unmatched('2026-04-10')).toEqual([[account('lent'), 1]]);
    expect(await unmatched('2025-07-31')).toEqual([]);
  });

  test('are found in either script, by code and by identity, each once', async () => {
    const record = await begun();
    const found = async (q: string) =>
      (await record.queries.learners({ q, limit: 10 })).body.rows.map(({ code }) => code);
    expect(await found('मीरा')).toEqual(['M']);
    expect(await found('meera la')).toEqual(['M']);
    expect(await found('O')).toContain('O');
    expect(await found(account('N'))).toEqual(['N']);
    expect(await found('lal')).toEqual(['M', 'N', 'O']);
    await record.say('2026-01-06T05:00:00Z', person('Q', 'Qasim Beg', [account('beg.qasim'), account('beg.2')]));
    expect(await found('beg')).toEqual(['Q']);
    expect(await found('nobody at all')).toEqual([]);
    expect(await found('"*')).toEqual([]);
  });

  test('progress names the statements behind it and the score as it was given', async () => {
    const record = await begun();
    const completed = did('M', 'completed', X, '2026-01-10T04:00:00Z', {
      result: { score: { raw: 7, min: 0, max: 10 } },
    });
    const sequence = await record.say('2026-01-10T05:00:00Z', completed);
    const id = await idOf(record, 'M');
    const { rows } = answered('progress', await record.queries.progress({ id, limit: 10 })).body;
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      course: { id: X, kind: 'course', titles: { en: `About ${X}` } },
      state: 'completed',
      completed: '2026-01-10',
      bestScore: 0.7,
      creditedMinutes: 60,
      evidence: [
        {
          sequence,
          recordedAt: '2026-01-10T05:00:00.000000Z',
          statement: completed.statement.id,
          score: { raw: 7, min: 0, max: 10 },
        },
      ],
    });
    const timeline = answered('timeline', await record.queries.timeline({ id, limit: 100 })).body.rows;
    expect(timeline.map(({ kind }) => kind)).toEqual(['identity', 'posting', 'completed']);
    expect(timeline[2]).toMatchObject({ statement: completed.statement.id, score: 0.7, scoreGiven: { raw: 7 } });
  });
});

describe('departments and courses', () => {
  test('the brief counts cadres, sessions, tags, languages and the share of the nation', async () => {
    const record = await begun();
    for (const [stored, ...sayings] of LAST) await record.say(stored, ...sayings);
    const { brief } = answered('brief', await record.queries.brief({ on: day('2026-03-31') })).body;
    expect(brief).toMatchObject({
      department: { id: 'STATE' },
      financialYear: '2025-26',
      metrics: { strength: 4, onboarded: 1, withCompletion: 2, completions: 3 },
      cadres: [
        { designation: 'ANM', cadre: 'regular', strength: 3, onboarded: 1, withCompletion: 1, completions: 2 },
        { designation: 'ASHA', cadre: 'regular', strength: 1, onboarded: 0, withCompletion: 1, completions: 1 },
      ],
      catalogue: {
        courses: 3,
        byLanguage: [
          { language: 'en', courses: 3 },
          { language: 'hi', courses: 3 },
        ],
      },
    });
    expect(brief.national.find(({ figure }) => figure === 'completions')).toEqual({
      figure: 'completions',
      value: 3,
      nation: { value: 67_000_000, financialYear: '2025-26', on: '2026-03-30', source: 'PIB' },
      share: { numerator: 3, denominator: 67_000_000, percent: 0 },
    });
    expect(brief.national.find(({ figure }) => figure === 'onboarded')).toMatchObject({ nation: null, share: null });
    const { sessions, tags } = answered('brief', await record.queries.brief({ on: day('2026-04-30') })).body.brief;
    expect(sessions).toMatchObject([{ course: { id: SEVEN_DAYS }, sessions: 2, attendedAll: 1 }]);
    expect(tags.map(({ tag, learners }) => [tag, learners])).toEqual([
      ['ai', 2],
      ['cyber-security', 3],
    ]);
  });

  test('an activity that nobody lists and everybody has left again is no course, now as when it is asked later', async () => {
    const record = await begun();
    const unlisted = 'https://courses.example/unlisted';
    const left = { verb: { id: 'http://adlnet.gov/expapi/verbs/unregistered' } };
    const then = await record.say(
      '2026-03-10T05:00:00Z',
      did('M', 'registered', unlisted, '2026-01-10T04:00:00Z'),
      did('M', 'registered', unlisted, '2026-03-10T04:00:00Z', left),
    );
    const ask = async (on: string) =>
      (await record.queries.quality({ id: unlisted, on: day(on), knownAt: at(then) }))?.body;
    const live = [await ask('2026-02-01'), await ask('2026-03-10')];
    expect(live).toEqual([{ quality: expect.objectContaining({ enrolled: 1, learners: 1 }) }, undefined]);
    await record.say(
      '2026-03-11T05:00:00Z',
      // Tags are numbered too, and one of them as this activity is.
      listed(X, { tags: Array.from({ length: 40 }, (_, i) => `tag ${i}`) }),
      did('O', 'completed', X, '2026-03-01T04:00:00Z'),
    );
    expect((await record.queries.quality({ id: unlisted, on: day('2026-03-11') }))?.body).toBeUndefined();
    expect([await ask('2026-02-01'), await ask('2026-03-10')]).toEqual(live);
  });

  test('the quality of a course that very many took, as known before, is worked out in small steps', async () => {
    const record = await begun();
    const member = Array.from({ length: 6000 }, (_, i) => ({
      objectType: 'Agent',
      account: { homePage: 'https://lms.example', name: `in a hall ${i}` },
    }));
    const all = { actor: { objectType: 'Group', member } } as Partial<Statement>;
    await record.say('2026-03-10T05:00:00Z', did('M', 'completed', X, '2026-03-10T04:00:00Z', all));
    const database = PEOPLE.open(PEOPLE_FILES.file(record.dataDir, 1));
    const reader = new PeopleReader(database);
    const times = new RecordTimes(record.log, streams.record);
    const model = reader.begin();
    const moment = times.moment(await times.question({}), model);
    const view = { ...viewOf(reader, model, times, moment, undefined), isCurrent: false };
    const making = totalsOfCourse(view, view.world.findActivity(X)!);
    let steps = 0;
    let step = making.next();
    for (; !step.done; step = making.next()) steps++;
    database.close();
    // Between two steps the transaction may be given back: never are more than some hundred learners worked out in one.
    expect(steps).toBeGreaterThanOrEqual(20);
    expect(step.value.count(METRICS.completions, view.world.findActivity(X)!)).toBe(6000);
  });

  test('an alias means its course, and everybody counts for its quality, posted or not', async () => {
    const record = await begun();
    await record.say('2026-01-12T05:00:00Z', did('stranger', 'completed', Y_BEFORE, '2025-12-01T04:00:00Z'));
    const last = await record.say(
      '2026-01-15T05:00:00Z',
      did('O', 'passed', Y, '2026-01-15T04:00:00Z', {
        result: { duration: 'PT20S', score: { scaled: 0.8 } },
      }),
    );
    const quality = async (id: string, knownAt?: number) => {
      const answer = await record.queries.quality({
        id,
        on: day('2026-01-31'),
        ...(knownAt && { knownAt: at(knownAt) }),
      });
      return answered('quality', answer).body.quality;
    };
    const expected = {
      course: { id: Y },
      learners: 2,
      completed: 2,
      implausible: 1,
      score: { count: 1, mean: 0.8 },
      implausibleShare: { numerator: 1, denominator: 2, percent: 50 },
    };
    expect(await quality(Y_BEFORE)).toMatchObject(expected);
    await record.say('2026-02-01T00:00:00Z', did('N', 'completed', Y, '2026-01-20T00:00:00Z'));
    expect(await quality(Y, last)).toMatchObject(expected);
    expect(await quality(Y)).toMatchObject({ completed: 3 });
    expect(await record.queries.quality({ id: 'https://courses.example/none' })).toBeUndefined();
  });
});
