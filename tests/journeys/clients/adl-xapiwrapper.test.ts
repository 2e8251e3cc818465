// adl-xapiwrapper, ADL's wrapper for Node from 2013: it says version 1.0.1, writes documents with PUT and POST, knows no ETags
// but those it is given.

import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statementsOfVersion1 } from '../../fixtures/statements/index.ts';
import { KEY, removeFolders, SECRET, type Server, startServer } from '../server.ts';
import { type Anything, expectAllKept, type Wire, wireTo } from './wire.ts';

const adl: Anything = createRequire(import.meta.url)('adl-xapiwrapper');

const COURSE = 'http://lms.example.gov.in/scorm/CCS-Conduct-Rules-1964';
const SUNITA = { account: { homePage: 'https://igot.example.gov.in', name: 'emp-118820' } };
/** A parameter of the library that is left out. */
const NONE = null;

let server: Server;
let wire: Wire;
let wrapper: Anything;
beforeAll(async () => {
  server = await startServer();
  wire = await wireTo(server);
  wrapper = new adl.XAPIWrapper({ url: `${wire.endpoint}/`, auth: { user: KEY, pass: SECRET } });
});
afterAll(async () => {
  wire?.close();
  await server?.stop();
  removeFolders();
});

interface Answer {
  readonly status: number;
  readonly body: Anything;
  readonly etag: string;
}

function call(method: string, ...args: Anything[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    wrapper[method](...args, (error: unknown, answer: Anything, body: string) => {
      if (error) reject(error);
      else resolve({ status: answer.statusCode, body: parsed(body), etag: answer.headers.etag });
    });
  });
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body!);
  } catch {
    return body;
  }
}

test('finds the store usable', async () => {
  expect(await new Promise((resolve) => wrapper.testConfig(resolve))).toBe(true);
  expect(wire.said[1]!.headers['x-experience-api-version']).toBe('1.0.1');
});

test('statements come back as they were sent, page after page', async () => {
  const shapes = statementsOfVersion1();
  const { status, body: ids } = await call('sendStatements', shapes);
  expect(status).toBe(200);
  expect(await expectAllKept(server, wire.said)).toBe(shapes.length);
  const found: string[] = [];
  let page = (await call('getStatements', { limit: 5, ascending: true }, NONE)).body;
  found.push(...page.statements.map(({ id }: Anything) => id));
  while (page.more) {
    page = (await call('getStatements', NONE, page.more)).body;
    found.push(...page.statements.map(({ id }: Anything) => id));
  }
  expect(found).toEqual(ids.filter((id: string) => id !== '9c2f6f0a-3a57-4a93-9d7a-5a1d7b8c1e02'));
});

test('an activity and a person', async () => {
  expect((await call('getActivities', COURSE)).body).toMatchObject({ id: COURSE });
  expect((await call('getAgents', SUNITA)).body).toMatchObject({ objectType: 'Person', account: [SUNITA.account] });
});

test('documents: objects are merged, texts replaced, ETags respected', async () => {
  const state = (value: unknown, matches: unknown = NONE) =>
    call('sendState', COURSE, SUNITA, 'पृष्ठ', NONE, value, matches, NONE);
  const read = () => call('getState', COURSE, SUNITA, 'पृष्ठ', NONE, NONE);
  expect((await state({ page: 3, theme: 'dark' })).status).toBe(204);
  expect((await state({ page: 4 })).status).toBe(204);
  const kept = await read();
  expect(kept.body).toStrictEqual({ page: 4, theme: 'dark' });
  expect((await state({ page: 5 }, kept.etag)).status).toBe(204);
  expect((await state({ page: 6 }, kept.etag)).status).toBe(412);
  expect((await state('पाँच')).status).toBe(204);
  expect((await read()).body).toBe('पाँच');
  expect((await call('getState', COURSE, SUNITA, NONE, NONE, NONE)).body).toEqual(['पृष्ठ']);

  expect((await call('sendAgentProfile', SUNITA, 'भाषा', { language: 'hi-IN' }, NONE, '*')).status).toBe(204);
  expect((await call('getAgentProfile', SUNITA, 'भाषा', NONE)).body).toStrictEqual({ language: 'hi-IN' });
  expect((await call('sendActivityProfile', COURSE, 'edition', { year: 2026 }, NONE, '*')).status).toBe(204);
  expect((await call('sendActivityProfile', COURSE, 'edition', { year: 2027 }, NONE, '*')).status).toBe(412);
  expect((await call('getActivityProfile', COURSE, 'edition', NONE)).body).toStrictEqual({ year: 2026 });
});
