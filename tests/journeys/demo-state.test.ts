// What the running demo answers about its made-up state, held against the generator's own list: the brief, the rollups of several
// departments, courses, and who is not known. The list is counted here in the plainest way, from plain rows.

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Day, dateOf, dayOfDate } from '../../contracts/days.ts';
import { answerOf, type ReportBody, type ReportName } from '../../contracts/http/reports.ts';
import { CATALOGUE } from '../../src/demo/state/catalogue.ts';
import { type CensusRow, census } from '../../src/demo/state/index.ts';
import { saidUntilServing, startDemo } from './demo-process.ts';

const SCALE = 0.002;
const SEED = 11;

let demo: ChildProcess;
let rows: readonly CensusRow[];
let today: Day;
let ask: <Name extends ReportName>(
  report: Name,
  path: string,
  query?: Readonly<Record<string, string>>,
) => Promise<ReportBody<Name>>;

beforeAll(async () => {
  demo = startDemo('0', ['--scale', String(SCALE), '--seed', String(SEED)]);
  const said = await saidUntilServing(demo);
  const [, url, key, secret] = /unfolds in (\S+):[\s\S]*key +(\S+)\n +secret +(\S+)/.exec(said)!;
  // The demo's day, should midnight have passed since.
  const [, yesterday] = /From \S+ to (\S+), in/.exec(said)!;
  today = (dayOfDate(yesterday!)! + 1) as Day;
  rows = [...census({ scale: SCALE, seed: SEED, now: Date.parse(`${dateOf(today)}T12:00:00+05:30`) })];
  const authorization = `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
  ask = async <Name extends ReportName>(report: Name, path: string, query = {}) => {
    const asked = new URLSearchParams({ on: dateOf(today), ...query });
    const answer = await fetch(`${url}${path}?${asked}`, { headers: { authorization } });
    const body = await answer.text();
    expect(answer.status, `${path}: ${body}`).toBe(200);
    // The answer holds to its contract.
    return answerOf(report).parse(JSON.parse(body)) as unknown as ReportBody<Name>;
  };
}, 120_000);
afterAll(async () => {
  const ended = once(demo, 'exit');
  demo.kill('SIGTERM');
  await ended;
});

/** Those who count in a department or below it. */
function within(department: string): readonly CensusRow[] {
  return rows.filter((row) => row.within.includes(department));
}

function count(people: readonly CensusRow[], holds: (row: CensusRow) => boolean): number {
  return people.filter(holds).length;
}

function active(row: CensusRow, days: number): boolean {
  return row.active.some((day) => day > today - days);
}

/** What the store must say of a department, as far as the list knows. */
function counted(department: string) {
  const people = within(department);
  const completions = people.flatMap((row) => row.completions);
  return {
    strength: people.length,
    paused: count(people, (row) => row.paused),
    onboarded: count(people, (row) => row.onboarded),
    active7: count(people, (row) => active(row, 7)),
    active30: count(people, (row) => active(row, 30)),
    activeYear: count(people, (row) => row.activeYear),
    enrolled: count(people, (row) => row.enrolled.length > 0),
    inProgress: count(people, (row) => row.inProgress.length > 0),
    withCompletion: count(people, (row) => row.completions.length > 0),
    completions: completions.length,
    repeats: people.reduce((sum, row) => sum + row.repeats, 0),
    creditedMinutes: completions.reduce((sum, { minutes }) => sum + minutes, 0),
    implausible: completions.filter(({ implausible }) => implausible).length,
    caseStudies: people.reduce((sum, row) => sum + row.caseStudies, 0),
    attendedAll: count(people, (row) => row.attendedAll),
  };
}

test('the state is large enough for the comparison to mean something', () => {
  const { strength, ...others } = counted('state');
  expect(strength).toBeGreaterThan(3_500);
  for (const [name, value] of Object.entries(others)) expect(value, name).toBeGreaterThan(0);
  expect(within('agricultural-marketing.council').length).toBeGreaterThan(0);
  expect(count(rows, (row) => row.department === undefined && row.completions.length > 0)).toBeGreaterThan(0);
});

describe('a department and what is below it', () => {
  test.each([
    ...['state', 'health', 'health.directorate', 'health.division.navalpur', 'health.navalpur', 'home'],
    ...['basic-education', 'revenue.council', 'energy.corporation', 'law', 'agriculture'],
    // What moved in the ninth month.
    ...['agricultural-marketing.council', 'agricultural-marketing'],
  ])('%s', async (department) => {
    const { rows: answered } = await ask('rollup', `/reports/departments/${department}/rollup`);
    expect(answered[0]!.total).toMatchObject(counted(department));
  });

  test('every department of the state, and all that they count adds up', async () => {
    const { rows: answered } = await ask('rollup', '/reports/departments/state/rollup', { depth: '1', limit: '200' });
    const departments = answered.slice(1);
    expect(departments).toHaveLength(63);
    for (const { department, total } of departments) expect(total, department.id).toMatchObject(counted(department.id));
    expect(answered[0]!.difference).toEqual({});
  });
});

describe('the brief', () => {
  test.each(['state', 'health', 'home'])('of %s', async (department) => {
    const { brief } = await ask('brief', '/reports/brief', { department });
    const people = within(department);
    expect(brief.metrics).toMatchObject(counted(department));
    for (const { tag, learners, completions } of brief.tags) {
      const tagged = people.map((row) => row.completions.filter((one) => one.tags.includes(tag)).length);
      expect({ tag, learners, completions }).toEqual({
        tag,
        learners: tagged.filter((number) => number > 0).length,
        completions: tagged.reduce((sum, number) => sum + number, 0),
      });
    }
    expect(brief.tags.map(({ tag }) => tag)).toEqual(['ai', 'cyber-security']);
    for (const { designation, cadre, strength, onboarded, withCompletion, completions } of brief.cadres) {
      const same = people.filter((row) => row.designation === designation && row.cadre === cadre);
      expect({ designation, cadre, strength, onboarded, withCompletion, completions }).toEqual({
        designation,
        cadre,
        strength: same.length,
        onboarded: count(same, (row) => row.onboarded),
        withCompletion: count(same, (row) => row.completions.length > 0),
        completions: same.reduce((sum, row) => sum + row.completions.length, 0),
      });
    }
    expect(brief.cadres.reduce((sum, { strength }) => sum + strength, 0)).toBe(people.length);
  });

  test('its catalogue by language is the one that was loaded', async () => {
    const { brief } = await ask('brief', '/reports/brief');
    const live = CATALOGUE.filter(({ kind, status }) => kind !== 'platform' && status === 'live');
    for (const { language, courses } of brief.catalogue.byLanguage) {
      expect([language, courses]).toEqual([
        language,
        live.filter(({ languages }) => languages.includes(language)).length,
      ]);
    }
    expect(brief.catalogue.courses).toBe(live.length);
  });

  test('the nation is there with date and source, and the share is of its figure', async () => {
    const { brief } = await ask('brief', '/reports/brief');
    for (const { value, nation, share } of brief.national) {
      expect(nation).toMatchObject({ source: 'Made up for the demo' });
      expect(share).toMatchObject({ numerator: value, denominator: nation!.value });
    }
    expect(brief.national).toHaveLength(4);
  });
});

describe('courses', () => {
  test.each(['state', 'health', 'home'])('completions of each in %s', async (department) => {
    const { rows: answered } = await ask('rollupBy', `/reports/departments/${department}/rollup`, {
      by: 'course',
      limit: '500',
    });
    const expected = new Map<string, number>();
    for (const { completions } of within(department)) {
      for (const { course } of completions) expected.set(course, (expected.get(course) ?? 0) + 1);
    }
    const found = answered
      .filter(({ completions }) => completions > 0)
      .map(({ key, completions }) => [key, completions] as const);
    expect(new Map(found)).toEqual(expected);
  });
});

test('mean scores of the courses whose completions carry one', async () => {
  const { rows: answered } = await ask('rollupBy', '/reports/departments/state/rollup', { by: 'course', limit: '500' });
  const completions = within('state').flatMap((row) => row.completions);
  // cmi5 gives the score with another statement of the same session.
  const own = new Set(CATALOGUE.filter(({ delivered }) => delivered !== 'moodle').map(({ id }) => id));
  const scored = answered.filter(({ key, score }) => own.has(key) && score.count > 0);
  expect(scored.length).toBeGreaterThan(10);
  for (const { key, score } of scored) {
    const scores = completions.flatMap((one) => (one.course === key && one.score !== undefined ? [one.score] : []));
    expect(score.count, key).toBe(scores.length);
    expect(score.mean!, key).toBeCloseTo(scores.reduce((sum, one) => sum + one, 0) / scores.length, 3);
  }
});

test('those whom nobody knows are listed, and only those', async () => {
  const { learners } = await ask('unmatched', '/reports/unmatched', { limit: '1' });
  expect(learners).toBe(count(rows, (row) => !row.known && row.active.length > 0));
});
