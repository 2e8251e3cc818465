// /admin over a real socket: Express, access, recorder and log as they run in a node.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Microseconds, NOTHING } from '../../../contracts/words.ts';
import { allows, EVERY_SCOPE, type IssuedCredential, type OpenAccess, openAccess } from '../../../src/access/index.ts';
import { openEventLog } from '../../../src/event-log/open.ts';
import type { EventLog } from '../../../src/event-log/port.ts';
import { streamsWithPrefix } from '../../../src/event-log/streams.ts';
import { adminRouter } from '../../../src/http/admin/index.ts';
import { requireScope } from '../../../src/http/authentication.ts';
import { beginExchange } from '../../../src/http/exchange.ts';
import { answerNotFound, answerProblem, HttpProblem } from '../../../src/http/problem.ts';
import { Recorder } from '../../../src/recording/recorder.ts';
import { readSettings } from '../../../src/settings.ts';

const streams = streamsWithPrefix('');
const ID = '018f0000-0000-7000-8000-00000000abcd';

let dataDir: string;
let log: EventLog;
let access: OpenAccess;
let recorder: Recorder;
let server: Server;
let url: string;
let admin: IssuedCredential;
let now: Microseconds;

async function start(simulatedClock = false): Promise<void> {
  log = await openEventLog({ dataDir }, { create: true });
  access = await openAccess({ log, streams, settings: readSettings({}), now: () => now });
  // Nothing is indexed yet.
  const known = { find: () => [], indexedUpTo: () => NOTHING };
  recorder = await Recorder.open({ log, stream: streams.record, simulatedClock, known });
  const recording = {
    moveClock: (to: Microseconds, credential: string) => recorder.moveClock(to, credential),
    status: async () => ({ simulatedClock: recorder.status().simulatedClock, now: recorder.now }),
  };
  const app = express();
  app.locals.access = access;
  app.locals.hooks = {};
  app.locals.publicPath = '';
  app.use(beginExchange({}));
  app.use('/admin', adminRouter({ access, recording }));
  // Something that an LMS is refused at.
  app.post('/xapi/statements', requireScope('statements/write'), () => {
    throw new HttpProblem('invalid-statement', undefined, {
      errors: [{ index: 3, path: '$[3].actor.mbox', message: 'must be mailto: and one e-mail address' }],
    });
  });
  app.use(answerNotFound, answerProblem);
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  admin = await access.add({ name: 'admin', scopes: ['admin'] });
}

async function stop(): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await recorder.close();
  await access.close();
  await log.close();
}

beforeEach(async () => {
  now = 1_775_000_000_000_000 as Microseconds;
  dataDir = mkdtempSync(join(tmpdir(), 'pramaan-admin-'));
  await start();
});

afterEach(async () => {
  await stop();
  rmSync(dataDir, { recursive: true, force: true });
});

interface Sent {
  readonly method?: string;
  readonly as?: { readonly key: string; readonly secret: string } | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

async function ask(path: string, { method = 'GET', as = ofAdmin(), body, headers = {} }: Sent = {}) {
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(as.key ? { Authorization: `Basic ${Buffer.from(`${as.key}:${as.secret}`).toString('base64')}` } : {}),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, json: text === '' ? undefined : JSON.parse(text), text };
}
const post = (path: string, body?: unknown, sent: Sent = {}) => ask(path, { method: 'POST', body, ...sent });
const ofAdmin = () => ({ key: admin.credential.key, secret: admin.secret });
const NOBODY = { key: '', secret: '' };

describe('who may', () => {
  test('nobody without a credential, with a wrong secret, or without the scope admin', async () => {
    const lms = await access.add({ name: 'lms', scopes: EVERY_SCOPE.filter((scope) => !allows([scope], 'admin')) });
    const paths = [
      '/admin/credentials',
      `/admin/credentials/${ID}`,
      '/admin/rejections',
      '/admin/clock',
      '/admin/nothing',
    ];
    for (const path of paths) {
      expect((await ask(path, { as: NOBODY })).status).toBe(401);
      expect((await ask(path, { as: { ...ofAdmin(), secret: 'wrong' } })).status).toBe(401);
      expect((await ask(path, { as: { key: lms.credential.key, secret: lms.secret } })).status).toBe(403);
    }
  });

  test('a page of another site cannot use what the browser remembers', async () => {
    const wanted = { name: 'stolen', scopes: ['admin'] };
    const refused = await post('/admin/credentials', wanted, { headers: { 'Sec-Fetch-Site': 'cross-site' } });
    expect(refused.status).toBe(403);
    expect(access.list()).toHaveLength(1);
    expect((await ask('/admin/credentials', { headers: { 'Sec-Fetch-Site': 'same-origin' } })).status).toBe(200);
  });
});

describe('credentials', () => {
  test('are made, found, rotated and revoked; the secret is shown when it is made, and nothing may cache it', async () => {
    const made = await post('/admin/credentials', { name: 'iGOT', scopes: ['all'], requestsPerSecond: 100 });
    expect(made.status).toBe(201);
    expect(made.headers.get('Cache-Control')).toBe('no-store');
    const { secret, ...credential } = made.json;
    expect(credential).toMatchObject({ name: 'iGOT', scopes: ['all'], requestsPerSecond: 100 });
    expect(credential.createdAt).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(await access.authenticate(credential.key, secret)).toMatchObject({ id: credential.id });

    const location = made.headers.get('Location')!;
    expect((await ask(location)).json).toEqual(credential);
    const listed = await ask('/admin/credentials');
    expect(listed.json.credentials.map(({ id }: { id: string }) => id)).toEqual([admin.credential.id, credential.id]);
    expect(listed.text).not.toContain(secret);

    const rotated = await post(`${location}/rotate`);
    expect(rotated.status).toBe(200);
    expect(rotated.headers.get('Cache-Control')).toBe('no-store');
    expect(await access.authenticate(credential.key, secret)).toBeUndefined();
    expect(await access.authenticate(credential.key, rotated.json.secret)).toMatchObject({ id: credential.id });
    const chosen = await post(`${location}/rotate`, { secret: 'chosen by the operator' });
    expect(await access.authenticate(credential.key, 'chosen by the operator')).toBeDefined();
    expect(chosen.json).toMatchObject({ authority: credential.authority, key: credential.key });

    const revoked = await post(`${location}/revoke`);
    expect(revoked.json.revokedAt).toBeDefined();
    expect(await access.authenticate(credential.key, 'chosen by the operator')).toBeUndefined();
    expect((await post(`${location}/revoke`)).json).toEqual(revoked.json);
    expect((await post(`${location}/rotate`)).status).toBe(409);
  });

  test('every problem of a wrong one is named, and nothing is made', async () => {
    const { status, headers, json } = await post('/admin/credentials', {
      name: 'x',
      scopes: ['all', 'everything'],
      authority: { objectType: 'Group', member: [{ mbox: 'mailto:a@example.org' }] },
      admin: true,
    });
    expect(status).toBe(400);
    expect(headers.get('Content-Type')).toBe('application/problem+json');
    expect(json.type).toBe('/problems/invalid-credential');
    expect(json.errors.map(({ path }: { path: string }) => path).sort()).toEqual(['$', '$.authority', '$.scopes[1]']);
    expect(access.list()).toHaveLength(1);
  });

  test.each([
    ['no body', undefined],
    ['broken JSON', '{"name":'],
    ['a list', []],
    ['null', 'null'],
    ['a name that is no name', { name: { toString: 'x' }, scopes: ['all'] }],
  ])('%s is a 400', async (_what, body) => {
    expect((await post('/admin/credentials', body)).status).toBe(400);
    expect(access.list()).toHaveLength(1);
  });

  test('a body without measure is a 413', async () => {
    const { status } = await post('/admin/credentials', { name: 'x'.repeat(100_000), scopes: ['all'] });
    expect(status).toBe(413);
  });

  test('a taken key is a 409, an unknown id a 404, another method a 405', async () => {
    const wanted = { name: 'x', scopes: ['all'], key: admin.credential.key };
    expect((await post('/admin/credentials', wanted)).status).toBe(409);
    for (const path of ['', '/rejections']) expect((await ask(`/admin/credentials/${ID}${path}`)).status).toBe(404);
    for (const path of ['rotate', 'revoke']) expect((await post(`/admin/credentials/${ID}/${path}`)).status).toBe(404);
    const wrong = await ask('/admin/credentials', { method: 'DELETE' });
    expect([wrong.status, wrong.headers.get('Allow')]).toEqual([405, 'GET, HEAD, POST']);
  });

  test('the last administrator is revoked only by force', async () => {
    const path = `/admin/credentials/${admin.credential.id}/revoke`;
    expect((await post(path)).status).toBe(409);
    expect((await post(path, { force: 'yes' })).status).toBe(400);
    expect((await post(path, { force: true })).status).toBe(200);
    expect((await ask('/admin/credentials')).status).toBe(401);
  });
});

describe('why was my LMS refused?', () => {
  test('the last rejections of a credential, with paths, and without what was sent', async () => {
    const { credential, secret } = await access.add({ name: 'lms', scopes: ['statements/write'] });
    const as = { key: credential.key, secret };
    const refused = await post(
      '/xapi/statements?agent=asha@example.org',
      { actor: { mbox: 'asha@example.org' } },
      { as },
    );
    await ask('/admin/credentials', { as });
    await post('/xapi/statements', {}, { as: { ...as, secret: 'mistyped' } });

    const { json, text } = await ask(`/admin/credentials/${credential.id}/rejections`);
    expect(json.credential).toEqual({ id: credential.id, key: credential.key, name: 'lms' });
    expect(json.rejections.map(({ status }: { status: number }) => status).sort()).toEqual([400, 401, 403]);
    expect(json.rejections.find(({ status }: { status: number }) => status === 400)).toMatchObject({
      method: 'POST',
      path: '/xapi/statements',
      requestId: refused.headers.get('X-Request-Id'),
      title: 'A statement is invalid',
      problems: [{ path: '$[3].actor.mbox', message: 'must be mailto: and one e-mail address' }],
    });
    expect(text).not.toMatch(/asha|mistyped/);
  });

  test('of requests whose key nobody has, without the key: it may be a mistyped secret', async () => {
    await post('/xapi/statements', {}, { as: { key: 'a-secret-in-the-wrong-field', secret: 'x' } });
    const { json, text } = await ask('/admin/rejections');
    expect(json.rejections).toHaveLength(1);
    expect(json.rejections[0]).toMatchObject({ status: 401, path: '/xapi/statements' });
    expect(text).not.toContain('a-secret-in-the-wrong-field');
  });

  test('too many requests are a 429 with Retry-After, and too many guesses at a chosen secret too', async () => {
    const slow = await access.add({ name: 'slow', scopes: ['statements/write'], requestsPerSecond: 1 });
    const as = { key: slow.credential.key, secret: slow.secret };
    expect((await post('/xapi/statements', {}, { as })).status).toBe(400);
    const refused = await post('/xapi/statements', {}, { as });
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '1']);

    await access.add({ name: 'chosen', scopes: ['all'], key: 'chosen', secret: 'chosen by the operator' });
    const guesses = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        post('/xapi/statements', {}, { as: { key: 'chosen', secret: `guess ${i}` } }),
      ),
    );
    const statuses = guesses.map(({ status }) => status).sort();
    expect(statuses).toEqual([...Array(10).fill(401), 429, 429]);
    const known = { key: 'chosen', secret: 'chosen by the operator' };
    expect((await post('/xapi/statements', {}, { as: known })).status).toBe(400);
  });
});

describe('the clock', () => {
  const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();

  test('a real one is told, and is not moved', async () => {
    const { json } = await ask('/admin/clock');
    expect(json.simulated).toBe(false);
    expect(Math.abs(Date.parse(json.now) - Date.now())).toBeLessThan(5_000);
    const refused = await post('/admin/clock', { to: TOMORROW });
    expect([refused.status, refused.json.type]).toEqual([409, '/problems/clock-refused']);
  });

  test('a simulated one is moved forwards, by an event of the record', async () => {
    await stop();
    rmSync(dataDir, { recursive: true });
    await start(true);
    const moved = await post('/admin/clock', { to: TOMORROW });
    expect(moved.status).toBe(200);
    expect(moved.headers.get('X-Pramaan-Sequence')).toBe('1');
    expect(moved.json).toEqual({ simulated: true, now: TOMORROW.replace('Z', '000Z'), sequence: 1 });
    expect((await ask('/admin/clock')).json.simulated).toBe(true);
    expect((await log.readLast(streams.record))?.type).toBe('clock-moved.v1');
    expect((await post('/admin/clock', { to: '2020-01-01T00:00:00Z' })).status).toBe(409);
    for (const to of ['tomorrow', '2026-04-01', 5, '9000-01-01T00:00:00Z', undefined]) {
      expect((await post('/admin/clock', { to })).status).toBe(400);
    }
  });
});
