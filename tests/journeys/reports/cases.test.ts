// Three of the cases that an auditor brings, through HTTP: somebody was transferred, something arrived late, something was
// voided. Each answer is given for the day asked about, as known at a time.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Anything } from '../command.ts';
import { removeFolders, type Server, startServer } from '../server.ts';
import { account, ask, learnerId, learnt, load, moveTo, post, voidStatement } from './asking.ts';

const Y = 'https://learn.example.gov.in/courses/cyber-security';
const X = 'https://learn.example.gov.in/courses/office-procedure';

let server: Server;
let last: number;

const courseOf = async (
  code: string,
  course: string,
  at: Record<string, string | number>,
): Promise<Anything | undefined> => {
  const id = await learnerId(server, code, last);
  const { rows } = await ask(server, `learners/${id}/progress`, { atLeast: last, ...at });
  return (rows as Anything[]).find((row) => (row.course as Anything).id === course);
};
const stateOf = async (code: string, course: string, at: Record<string, string | number>) =>
  (await courseOf(code, course, at))?.state ?? 'not-started';

/** The total figures of a department. */
async function figures(department: string, at: Record<string, string | number>): Promise<Anything> {
  const { rows } = await ask(server, `departments/${department}/rollup`, { atLeast: last, depth: 0, ...at });
  return (rows as Anything[])[0]!.total as Anything;
}

beforeAll(async () => {
  server = await startServer({ arguments: ['--simulated-clock', '2026-01-01T09:00:00+05:30'] });
  await load(server, 'departments', [
    'id,kind,parent,name_en,name_hi,from',
    'state,state,,State,राज्य,2000-01-01',
    'health,department,state,Health,स्वास्थ्य,2000-01-01',
    'health-lucknow,district,health,Health Lucknow,स्वास्थ्य लखनऊ,2000-01-01',
    'health-kanpur,district,health,Health Kanpur,स्वास्थ्य कानपुर,2000-01-01',
    'revenue,department,state,Revenue,राजस्व,2000-01-01',
  ]);
  await load(server, 'courses', [
    'id,kind,title_en,title_hi,languages,minutes,tags,status',
    `${Y},course,Cyber Security,साइबर सुरक्षा,hi en,60,cyber-security,live`,
    `${X},course,Office Procedure,कार्यालय पद्धति,hi en,45,,live`,
  ]);
  await load(server, 'people', [
    'code,name_en,identities,department,designation,from',
    ...[
      ['M', 'health-lucknow'],
      ['M2', 'health-kanpur'],
      ['N', 'health-lucknow'],
      ['O', 'health-kanpur'],
      ['P', 'health-kanpur'],
    ].map(([code, department]) => `EMP-${code},Person ${code},${account(`EMP-${code}`)},${department},ANM,2020-04-01`),
  ]);
  // M completes a course while in Lucknow; it goes along on transfer.
  await moveTo(server, '2026-02-10 12:00');
  await post(
    server,
    learnt({ who: 'EMP-M', course: X, at: '2026-02-10 11:00', result: { score: { raw: 42, max: 50 } } }),
  );
  await load(server, 'postings', [
    'code,kind,department,designation,from',
    'EMP-M,substantive,revenue,Clerk,2026-03-01',
  ]);
  await moveTo(server, '2026-03-20 12:00');
  await post(
    server,
    learnt({ id: '7d4c1c5e-0c55-4d0e-9f70-6f2f3f0f0e01', who: 'EMP-O', course: Y, at: '2026-03-20 11:00' }),
  );
  // N completes on 30 March; it arrives on 9 April.
  await moveTo(server, '2026-04-09 12:00');
  await post(server, learnt({ who: 'EMP-N', course: Y, at: '2026-03-30 16:00', result: { score: { scaled: 0.9 } } }));
  await moveTo(server, '2026-04-10 09:00');
  await load(server, 'postings', [
    'code,kind,department,designation,from',
    'EMP-M2,substantive,revenue,Clerk,2026-04-10',
  ]);
  await moveTo(server, '2026-05-02 12:00');
  last = await voidStatement(server, '7d4c1c5e-0c55-4d0e-9f70-6f2f3f0f0e01');
  await moveTo(server, '2026-05-04 12:00');
});
afterAll(async () => {
  await server?.stop();
  removeFolders();
});

describe('a transfer', () => {
  test('takes the completions along, from its day on', async () => {
    expect(await figures('health', { on: '2026-02-28' })).toMatchObject({
      strength: 5,
      completions: 1,
      withCompletion: 1,
    });
    // From 1 March M counts in Revenue; O's completion was voided later, which is known now.
    expect(await figures('health', { on: '2026-03-01' })).toMatchObject({
      strength: 4,
      completions: 0,
      withCompletion: 0,
    });
    expect(await figures('revenue', { on: '2026-02-28' })).toMatchObject({ strength: 0, completions: 0 });
    expect(await figures('revenue', { on: '2026-03-01' })).toMatchObject({
      strength: 1,
      completions: 1,
      creditedMinutes: 45,
    });
    expect(await stateOf('EMP-M', X, { on: '2026-03-15' })).toBe('completed');
  });

  test('is judged by the posting on the day asked about', async () => {
    const id = await learnerId(server, 'EMP-M2', last);
    const postingOn = async (on: string) =>
      ((await ask(server, `learners/${id}`, { on, atLeast: last })).learner as Anything).posting as Anything;
    expect(((await postingOn('2026-04-09')).department as Anything).id).toBe('health-kanpur');
    expect(((await postingOn('2026-04-10')).department as Anything).id).toBe('revenue');
  });

  test('is not known before it is recorded', async () => {
    expect(await figures('health', { on: '2026-03-15', knownAt: '2026-02-10T06:00:00Z' })).toMatchObject({
      strength: 5,
    });
    expect(await figures('health', { on: '2026-03-15', knownAt: '2026-02-11' })).toMatchObject({ strength: 4 });
  });
});

test('a late arrival counts for its day from the moment at which it is known', async () => {
  for (const [on, knownAt, state] of [
    ['2026-03-31', '2026-04-01', 'not-started'],
    ['2026-04-05', '2026-04-05', 'not-started'],
    ['2026-03-31', '2026-04-10', 'completed'],
    ['2026-04-05', '2026-04-10', 'completed'],
    ['2026-03-29', '2026-04-10', 'not-started'],
  ] as const) {
    expect(await stateOf('EMP-N', Y, { on, knownAt }), `on ${on}, known at ${knownAt}`).toBe(state);
  }
  expect(await figures('health-lucknow', { on: '2026-03-31', knownAt: '2026-04-01' })).toMatchObject({
    completions: 0,
  });
  expect(await figures('health-lucknow', { on: '2026-03-31' })).toMatchObject({ completions: 1 });
});

test('a void holds from its recording on, and what was known before stays known', async () => {
  expect(await stateOf('EMP-O', Y, { on: '2026-03-31', knownAt: '2026-04-01' })).toBe('completed');
  expect(await stateOf('EMP-O', Y, { on: '2026-03-31', knownAt: '2026-05-03' })).toBe('not-started');
  expect(await stateOf('EMP-O', Y, { on: '2026-04-05', knownAt: '2026-05-03' })).toBe('not-started');
  const id = await learnerId(server, 'EMP-O', last);
  const { rows } = await ask(server, `learners/${id}/timeline`, { atLeast: last });
  const completion = (rows as Anything[]).find(({ kind }) => kind === 'completed');
  expect(completion).toMatchObject({
    on: '2026-03-20',
    withdrawn: last,
    statement: '7d4c1c5e-0c55-4d0e-9f70-6f2f3f0f0e01',
  });
});

test('the department on 5 April, as known on 10 April and on 3 May, differs by the void', async () => {
  const then = await figures('health', { on: '2026-04-05', knownAt: '2026-04-10' });
  const later = await figures('health', { on: '2026-04-05', knownAt: '2026-05-03' });
  // M has gone to Revenue; M2 is still in Kanpur that day.
  expect(then).toMatchObject({ strength: 4, withCompletion: 2, completions: 2 });
  expect(later).toMatchObject({ strength: 4, withCompletion: 1, completions: 1, score: { count: 1, mean: 0.9 } });
  expect(await figures('health', { on: '2026-04-05' })).toEqual(later);
});

test('every answer says as of when: an instant beyond the head is not final, one before it is', async () => {
  const answer = await ask(server, 'departments/health/rollup', { knownAt: '2026-04-10', atLeast: last });
  expect(answer.asOf).toMatchObject({ on: '2026-04-10', final: true, simulatedClock: true });
  expect((answer.asOf as Anything).sequence).toBeLessThan(last);
  const beyond = await ask(server, 'departments/health/rollup', { knownAt: '2027-01-01', atLeast: last });
  expect(beyond.asOf).toMatchObject({ final: false });
  const bySequence = await ask(server, 'departments/health/rollup', { knownAt: String(last - 1), on: '2026-04-05' });
  expect((bySequence.asOf as Anything).sequence).toBe(last - 1);
  expect(((bySequence.rows as Anything[])[0]!.total as Anything).completions).toBe(2);
});

test('the score is normalised, and what the statement gave is kept', async () => {
  const row = await courseOf('EMP-M', X, { on: '2026-03-15' });
  expect(row).toMatchObject({ bestScore: 0.84, evidence: [{ score: { raw: 42, max: 50 } }] });
});
