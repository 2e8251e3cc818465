// A whole cmi5 session with @xapi/cmi5: the test is the learning system that launches (launch data, preferences, `launched`, the
// fetch URL), the library is the content that was launched.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import xapi from '@xapi/xapi';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statementsOf } from '../../fixtures/statements/index.ts';
import { credential, type Made } from '../command.ts';
import { removeFolders, type Server, startServer } from '../server.ts';
import { type Anything, acknowledged, expectAllKept, type Wire, wireTo } from './wire.ts';

// The library is for browsers: it names no entry for Node and wants their XMLHttpRequest; TinCanJS's will do.
const require = createRequire(createRequire(import.meta.url).resolve('tincanjs'));
Object.assign(globalThis, { XMLHttpRequest: require('xhr2') });
const CMI5 = new URL('../../../node_modules/@xapi/cmi5/dist/Cmi5.esm.js', import.meta.url).href;
const { default: Cmi5 } = (await import(CMI5)) as { default: new (parameters: unknown) => Anything };

const EXTENSIONS = 'https://w3id.org/xapi/cmi5/context/extensions';
const VERBS = 'http://adlnet.gov/expapi/verbs';
const [launchedBefore] = statementsOf('cmi5') as Anything[];

let server: Server;
let wire: Wire;
let content: Made;
beforeAll(async () => {
  server = await startServer();
  wire = await wireTo(server);
  // What content needs and no more.
  content = await credential(server, 'content', ['statements/write', 'statements/read/mine', 'state', 'profile']);
});
afterAll(async () => {
  wire?.close();
  await server?.stop();
  removeFolders();
});

interface Session {
  readonly registration: string;
  readonly launchUrl: URL;
  /** How often the content asked for its token. */
  readonly fetched: () => number;
  end(): Promise<void>;
}

const { actor, object } = launchedBefore;

/** The learning system's part (cmi5 8, 9.3.1, 10). */
async function launch(launchData: object): Promise<Session> {
  const registration = randomUUID();
  const place = { activityId: object.id, agent: JSON.stringify(actor), registration };
  const json = { 'content-type': 'application/json', 'x-experience-api-version': '1.0.3' };
  const document = async (path: string, parameters: Record<string, string>, body: unknown, more: object = {}) => {
    const answer = await server.fetch(`/xapi/${path}?${new URLSearchParams(parameters)}`, {
      method: 'PUT',
      headers: { ...json, ...more },
      body: JSON.stringify(body),
    });
    expect(answer.status, await answer.text()).toBe(204);
  };
  const sessionid = randomUUID();
  const contextTemplate = {
    contextActivities: { grouping: [{ id: 'https://igot.example.gov.in/cmi5/course/pocso/au/1' }] },
    extensions: { [`${EXTENSIONS}/sessionid`]: sessionid },
  };
  await document('activities/state', { ...place, stateId: 'LMS.LaunchData' }, { contextTemplate, ...launchData });
  const launched = { ...structuredClone(launchedBefore), id: randomUUID(), timestamp: new Date().toISOString() };
  launched.context.registration = registration;
  launched.context.extensions[`${EXTENSIONS}/sessionid`] = sessionid;
  const answer = await server.fetch('/xapi/statements', {
    method: 'POST',
    headers: json,
    body: JSON.stringify(launched),
  });
  expect(answer.status).toBe(200);

  let fetched = 0;
  const lms = createServer((request, response) => {
    fetched++;
    const token = Buffer.from(`${content.key}:${content.secret}`).toString('base64');
    const once = request.method === 'POST' && fetched === 1;
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify(once ? { 'auth-token': token } : { 'error-code': '1', 'error-text': 'already in use' }),
    );
  });
  await once(lms.listen(0, '127.0.0.1'), 'listening');
  const { port } = lms.address() as AddressInfo;
  const launchUrl = new URL('https://content.example.gov.in/pocso/index.html');
  launchUrl.search = new URLSearchParams({
    endpoint: wire.endpoint,
    fetch: `http://127.0.0.1:${port}/fetch?session=${sessionid}`,
    actor: JSON.stringify(actor),
    registration,
    activityId: object.id,
  }).toString();
  return {
    registration,
    launchUrl,
    fetched: () => fetched,
    async end() {
      lms.close();
      lms.closeAllConnections();
    },
  };
}

/** The launch parameters, read from the URL as in a page. */
function opened({ launchUrl }: Session): Anything {
  return new Cmi5(xapi.default.getSearchQueryParamsAsObject(launchUrl.href));
}

async function verbsOf(registration: string): Promise<string[]> {
  // The content wrote with a credential of its own: what it was acknowledged is waited for by its sequence.
  const { recording } = (await (await server.fetch('/health/ready')).json()) as Anything;
  const answer = await server.fetch(`/xapi/statements?registration=${registration}&ascending=true&limit=100`, {
    headers: { 'x-pramaan-at-least': String(recording.sequence) },
  });
  const { statements } = (await answer.json()) as Anything;
  return statements.map(({ verb }: Anything) => verb.id.replace(`${VERBS}/`, ''));
}

test('launched, initialized, answered, passed, completed, terminated: one session, as it was sent', async () => {
  const preferences = { agent: JSON.stringify(actor), profileId: 'cmi5LearnerPreferences' };
  const put = await server.fetch(`/xapi/agents/profile?${new URLSearchParams(preferences)}`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', 'if-none-match': '*' },
    body: JSON.stringify({ languagePreference: 'hi-IN,en-IN', audioPreference: 'on' }),
  });
  expect(put.status).toBe(204);
  const session = await launch({ launchMode: 'Normal', masteryScore: 0.6, moveOn: 'CompletedAndPassed' });
  const au = opened(session);
  await au.initialize();
  expect(session.fetched()).toBe(1);
  expect(au.getLaunchData()).toMatchObject({ launchMode: 'Normal', masteryScore: 0.6 });
  expect(au.getLearnerPreferences()).toStrictEqual({ languagePreference: 'hi-IN,en-IN', audioPreference: 'on' });
  await au.progress(50);
  const period = { start: new Date('2026-05-04T10:05:00Z'), end: new Date('2026-05-04T10:05:12.480Z') };
  const hindi = { 'hi-IN': 'पॉक्सो अधिनियम किस वर्ष का है?' };
  await au.interactionTrueFalse('t', '1', true, true, hindi, hindi, true, period);
  await au.interactionChoice('t', '2', ['a', 'b'], ['a', 'c'], [{ id: 'a', description: hindi }], hindi, hindi, false);
  await au.interactionFillIn('t', '3', ['2012'], ['2012'], hindi);
  await au.interactionLongFillIn('t', '4', ['बच्चों का संरक्षण'], undefined, hindi);
  await au.interactionLikert('t', '5', 'likert_3', undefined, [{ id: 'likert_3', description: hindi }]);
  await au.interactionMatching('t', '6', { a: '1', b: '2' }, { a: '2', b: '1' }, [{ id: 'a' }], [{ id: '1' }]);
  await au.interactionPerformance('t', '7', { steps: 3 }, [{ id: 'steps', exact: 3 }], [{ id: 'steps' }]);
  await au.interactionSequencing('t', '8', ['a', 'b'], ['b', 'a'], [{ id: 'a' }, { id: 'b' }]);
  await au.interactionNumeric('t', '9', 18, { min: 17, max: 19 }, hindi);
  await au.interactionOther('t', '10', '(12.5,3)', '(12.5,3)', hindi);
  await au.pass({ scaled: 0.82, raw: 41, min: 0, max: 50 });
  await au.complete();
  await au.terminate();
  await session.end();

  const answered = Array.from({ length: 10 }, () => 'answered');
  expect(await verbsOf(session.registration)).toEqual([
    'launched',
    'initialized',
    'progressed',
    ...answered,
    'passed',
    'completed',
    'terminated',
  ]);
  expect(await expectAllKept(server, wire.said)).toBe(15);
  const passed = acknowledged(wire.said).find(({ sent }) => sent.verb.id === `${VERBS}/passed`)!;
  expect(passed.sent.context).toMatchObject({
    registration: session.registration,
    contextActivities: { category: expect.arrayContaining([{ id: expect.stringContaining('/moveon') }]) },
    extensions: { [`${EXTENSIONS}/masteryscore`]: 0.6 },
  });
});

test('failed first, then passed in another session of its own; each by `moveOn`', async () => {
  const first = await launch({ launchMode: 'Normal', masteryScore: 0.6, moveOn: 'Passed' });
  const failing = opened(first);
  await failing.initialize();
  await failing.moveOn({ score: 0.4 });
  await first.end();
  expect(await verbsOf(first.registration)).toEqual(['launched', 'initialized', 'failed', 'completed', 'terminated']);

  const second = await launch({ launchMode: 'Normal', masteryScore: 0.6, moveOn: 'Passed' });
  const passing = opened(second);
  await passing.initialize();
  await passing.moveOn({ score: 0.6 });
  await second.end();
  expect(await verbsOf(second.registration)).toEqual(['launched', 'initialized', 'passed', 'completed', 'terminated']);
  await expectAllKept(server, wire.said);
});

test("content sees its own statements only, and cannot reach the learning system's commands", async () => {
  const answer = await server.fetch('/xapi/statements?limit=100', { as: content });
  const { statements } = (await answer.json()) as Anything;
  expect(statements.length).toBeGreaterThan(0);
  expect(statements.some(({ verb }: Anything) => verb.id === `${VERBS}/launched`)).toBe(false);
  expect((await server.fetch('/admin/credentials', { as: content })).status).toBe(403);
  expect((await server.fetch('/audit/events', { as: content })).status).toBe(403);
});
