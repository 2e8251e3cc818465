// What operators count on: an orderly stop, words for what is in the way, health and metrics that tell the truth, logs without
// personal data, credentials that end when they are ended, and a store that comes back as it was.

import { createHash } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { ready } from '../../contracts/http/health.ts';
import { chance } from '../../src/demo/chance.ts';
import { digestOfIndex } from '../../src/projector/index.ts';
import { type Anything, beside, credential, events, run, statementsOf } from './command.ts';
import { rawSocket } from './raw-socket.ts';
import { asSent, seeded, statement } from './seeded.ts';
import {
  basic,
  KEY,
  newFolder,
  postStatements,
  removeFolders,
  SECRET,
  type Server,
  type ServerOptions,
  startServer,
} from './server.ts';

const by = chance(6);
const JSON_TYPE = { 'content-type': 'application/json' };

const running: Server[] = [];
/** A server that is gone when its test is over, however that went. */
async function serverOf(options?: ServerOptions): Promise<Server> {
  const server = await startServer(options);
  running.push(server);
  return server;
}
afterEach(async () => {
  for (const server of running.splice(0)) if (server.process.exitCode === null) await server.kill();
});
afterAll(removeFolders);

async function readiness(server: Server): Promise<Anything> {
  const response = await server.fetch('/health/ready');
  return { code: response.status, ...ready.parse(await response.json()) };
}

/** Resolves when queries see this sequence. */
async function indexed(server: Server, sequence: number): Promise<void> {
  const response = await server.fetch('/xapi/statements?limit=1', {
    headers: { 'x-pramaan-at-least': String(sequence) },
  });
  expect(response.status).toBe(200);
  await response.arrayBuffer();
}

describe('SIGTERM', () => {
  test('a request under way is answered and recorded, one that comes meanwhile learns that the node is stopping; exit code 0', async () => {
    const server = await serverOf();
    const one = statement(by);
    const body = Buffer.from(JSON.stringify(one));
    const late = await rawSocket(server);
    late.write(
      `POST /xapi/statements HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(KEY, SECRET)}\r\nX-Experience-API-Version: 2.0.0\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\nExpect: 100-continue\r\n\r\n`,
    );
    await late.answered(/^HTTP\/1.1 100 /);
    late.write(body.subarray(0, 100));
    const probe = await rawSocket(server);
    probe.write('GET /health/live HTTP/1.1\r\nHost: x\r\n\r\nGET /health/ready HTTP/1.1\r\nHost: x\r\n');
    await probe.answered(/"live"/);

    const exited = server.stop();
    await server.logged(/^stopping/);
    await expect(fetch(`${server.url}/health/live`)).rejects.toThrow();
    probe.write('\r\n');
    expect(await probe.answers).toMatch(/HTTP\/1.1 503 .*the node is stopping/s);
    late.write(body.subarray(100));
    expect(await late.answers).toMatch(new RegExp(`HTTP/1.1 200 .*${one.id}`, 's'));
    expect(await exited).toBe(0);

    const again = await serverOf({ dataDir: server.dataDir });
    expect(asSent(await (await again.fetch(`/xapi/statements?statementId=${one.id}`)).json())).toEqual(one);
  });

  test(
    'under writers who do not stop: every answer given holds, and the process ends soon',
    seeded(async (chance) => {
      const server = await serverOf();
      const acknowledged: string[] = [];
      const first = Promise.withResolvers<void>();
      const statuses = new Set<number>();
      const writers = Array.from({ length: 8 }, async () => {
        for (;;) {
          const batch = Array.from({ length: chance.whole(1, 20) }, () => statement(chance));
          const response = await postStatements(server, batch).catch(() => undefined);
          if (!response) return;
          statuses.add(response.status);
          if (response.status === 200) acknowledged.push(...batch.map(({ id }) => id));
          if (acknowledged.length > 500) first.resolve();
        }
      });
      await first.promise;
      const begun = performance.now();
      expect(await server.stop()).toBe(0);
      const seconds = (performance.now() - begun) / 1000;
      await Promise.all(writers);
      expect([...statuses]).toEqual([200]);
      // Connections that are kept alive do not keep it: it does not come to cutting them off after ten seconds.
      expect(seconds).toBeLessThan(8);

      const again = await serverOf({ dataDir: server.dataDir });
      const there = new Set((await statementsOf(again)).map((each) => each.statement.id));
      expect(acknowledged.filter((id) => !there.has(id))).toEqual([]);
    }),
  );
});

describe('what is in the way is said in words', () => {
  const serve = (environment: Record<string, string>) =>
    run(['serve'], { PRAMAAN_PORT: '0', PRAMAAN_DATA_DIR: newFolder(), ...environment });

  test.each<[string, Record<string, string>, RegExp]>([
    ['a port that is none', { PRAMAAN_PORT: 'eighty' }, /PRAMAAN_PORT: /],
    ['a limit below one', { PRAMAAN_MAX_BODY_BYTES: '0' }, /PRAMAAN_MAX_BODY_BYTES: /],
    ['a version that is not served', { PRAMAAN_XAPI_FALLBACK_VERSION: '0.9' }, /PRAMAAN_XAPI_FALLBACK_VERSION: /],
    ['a setting that does not exist', { PRAMAAN_PROT: '8080' }, /PRAMAAN_PROT: there is no such setting/],
    ['a key without a secret', { PRAMAAN_API_KEY: 'key' }, /PRAMAAN_API_KEY and PRAMAAN_API_SECRET: set both/],
    ['several at once', { PRAMAAN_PORT: '-1', PRAMAAN_METRICS: 'x' }, /PRAMAAN_PORT: .*\n.*PRAMAAN_METRICS: /],
  ])('%s: exit code 2', async (_what, environment, words) => {
    const { code, errors, output } = await serve(environment);
    expect(code).toBe(2);
    expect(errors).toMatch(words);
    expect(errors).not.toMatch(/^\s+at /m);
    expect(output).toBe('');
  });

  test('a secret that is too short is not repeated', async () => {
    const { code, errors } = await serve({ PRAMAAN_API_KEY: 'key', PRAMAAN_API_SECRET: 'hunter2' });
    expect(code).toBe(2);
    expect(errors).toMatch(/PRAMAAN_API_SECRET: at least 8 characters/);
    expect(errors).not.toContain('hunter2');
  });

  test('a log that is no log: exit code 1', async () => {
    const folder = newFolder();
    writeFileSync(join(folder, 'log.sqlite'), 'this is not a database '.repeat(1000));
    const { code, errors } = await serve({ PRAMAAN_DATA_DIR: folder });
    expect(code).toBe(1);
    expect(errors).toMatch(/^pramaan: .*log\.sqlite/);
    expect(errors).not.toMatch(/^\s+at /m);
  });

  test('a second process on the same folder: exit code 1, and the first goes on', async () => {
    const server = await serverOf();
    const { code, errors } = await serve({ PRAMAAN_DATA_DIR: server.dataDir });
    expect(code).toBe(1);
    expect(errors).toMatch(/in use by another Pramaan process/);
    expect((await postStatements(server, statement(by))).status).toBe(200);
  });

  test('a port that is taken by another store: exit code 1', async () => {
    const server = await serverOf();
    const { code, errors } = await serve({ PRAMAAN_PORT: new URL(server.url).port });
    expect(code).toBe(1);
    expect(errors).toMatch(/is taken by another program/);
  });
});

describe('health and metrics', () => {
  test('tell what was recorded, refused and indexed', async () => {
    const server = await serverOf();
    expect(await readiness(server)).toMatchObject({
      code: 200,
      status: 'ready',
      recording: { state: 'recording', sequence: 0 },
    });
    const before = await metrics(server);

    for (let batch = 1; batch <= 5; batch++) {
      const response = await postStatements(
        server,
        Array.from({ length: batch }, () => statement(by)),
      );
      expect(response.status).toBe(200);
    }
    const again = statement(by);
    expect((await postStatements(server, again)).status).toBe(200);
    expect((await postStatements(server, again)).status).toBe(200);
    expect(
      (await postStatements(server, { ...again, actor: { mbox: 'mailto:other@learn.example.gov.in' } })).status,
    ).toBe(409);
    expect((await postStatements(server, [{}, {}, {}])).status).toBe(400);
    expect((await server.fetch('/xapi/statements', { as: { key: 'nobody', secret: 'nothing at all' } })).status).toBe(
      401,
    );
    await indexed(server, 16);

    const after = await metrics(server);
    const grown = (name: string) => (after.get(name) ?? 0) - (before.get(name) ?? 0);
    expect(grown('pramaan_appended_events_total')).toBe(16);
    expect(grown('pramaan_http_requests_total{method="POST",route="/xapi/statements",status="200"}')).toBe(7);
    expect(grown('pramaan_http_requests_total{method="POST",route="/xapi/statements",status="409"}')).toBe(1);
    expect(grown('pramaan_http_requests_total{method="GET",route="/xapi/statements",status="401"}')).toBe(1);
    expect(grown('pramaan_statements_rejected_total{reason="invalid-statement"}')).toBe(3);
    expect(grown('pramaan_statements_rejected_total{reason="conflict"}')).toBe(1);
    expect(after.get('pramaan_projection_lag_sequences{projection="statement-index"}')).toBe(0);
    expect(after.get('pramaan_recording')).toBe(1);
    expect(await readiness(server)).toMatchObject({
      code: 200,
      recording: { sequence: 16 },
      statementIndex: { state: 'following', sequence: 16, lagSequences: 0, lagMs: 0 },
    });
  });

  async function metrics(server: Server): Promise<Map<string, number>> {
    const text = await (await server.fetch('/metrics')).text();
    const lines = text.split('\n').filter((line) => line && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  }
});

test('nothing that a person could be known by is logged, at any level', async () => {
  const server = await serverOf({ environment: { PRAMAAN_LOG_LEVEL: 'trace' } });
  const asha = {
    name: 'Asha Vermaxyz',
    mbox: 'mailto:asha.vermaxyz@learn.example.gov.in',
  };
  const traces = [
    'vermaxyz',
    'emp-98765',
    'bloodgroup',
    'journey-secret',
    'wrong-secret',
    'mistyped-key',
    Buffer.from(`${KEY}:${SECRET}`).toString('base64'),
  ];
  const agent = JSON.stringify(asha);
  const account = { homePage: 'https://hr.example.gov.in', name: 'EMP-98765' };
  const form = new URLSearchParams({ agent, authorization: basic(KEY, SECRET), 'x-experience-api-version': '1.0.3' });
  const state = `/xapi/activities/state?${new URLSearchParams({ agent, activityId: 'https://learn.example.gov.in/x', stateId: 'vermaxyz' })}`;
  const requests: Promise<Response>[] = [
    postStatements(server, statement(by, { actor: asha })),
    postStatements(server, [
      statement(by, { actor: { account } }),
      statement(by, { actor: { ...asha, openid: 'vermaxyz' } }),
    ]),
    postStatements(server, statement(by, { actor: asha, result: { bloodgroup: 'O' } })),
    postStatements(server, `{"name":"Asha Vermaxyz"`, {}),
    server.fetch(`/xapi/statements?agent=${encodeURIComponent(agent)}`),
    server.fetch(`/xapi/statements?agent=${encodeURIComponent(agent)}&vermaxyz=1`),
    server.fetch(`/xapi/statements?agent=vermaxyz`),
    server.fetch(`/xapi/vermaxyz/EMP-98765`),
    server.fetch(`/vermaxyz%ff`),
    server.fetch(`/xapi/agents?agent=${encodeURIComponent(JSON.stringify({ account }))}`),
    server.fetch(state, { method: 'PUT', headers: JSON_TYPE, body: '{"bloodgroup":"O"}' }),
    server.fetch(state, { method: 'POST', headers: JSON_TYPE, body: '{"bloodgroup"' }),
    server.fetch(state),
    server.fetch('/xapi/statements', { as: { key: KEY, secret: 'wrong-secret-of-asha' } }),
    server.fetch('/xapi/statements', { as: { key: 'mistyped-key', secret: 'wrong-secret' } }),
    fetch(`${server.xapi}/statements?method=GET`, { method: 'POST', body: form }),
    server.fetch('/admin/credentials', {
      method: 'POST',
      headers: JSON_TYPE,
      body: JSON.stringify({ name: 'Vermaxyz', scopes: ['all'], authority: asha, secret: 'wrong-secret-chosen' }),
    }),
    server.fetch('/admin/credentials/vermaxyz'),
    server.fetch(`/audit/events?after=vermaxyz`),
  ];
  const statuses = (await Promise.all(requests)).map(({ status }) => status);
  expect(statuses).toContain(200);
  expect(statuses).toContain(400);
  expect(Math.max(...statuses)).toBeLessThan(500);
  const raw = await rawSocket(server);
  raw.write('GET /vermaxyz HTTP/1.1\r\nHost: x\r\nCookie: EMP-98765\u0001\r\n\r\n');
  expect(await raw.answers).toMatch(/^HTTP\/1.1 400 /);
  expect(await server.stop()).toBe(0);

  const logged = `${server.log.map((line) => JSON.stringify(line)).join('\n')}\n${server.errors()}`;
  expect(server.log.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  expect(server.log.filter(({ status }) => status === 400).length).toBeGreaterThan(0);
  for (const trace of traces) expect(logged.toLowerCase()).not.toContain(trace.toLowerCase());
});

describe('credentials', () => {
  const json = async (...of: Parameters<typeof run>): Promise<Anything> => JSON.parse((await run(...of)).output);

  test('revoked by the command line, one is refused within a second', async () => {
    const server = await serverOf();
    const lms = await credential(server, 'an LMS', ['all']);
    const ask = () => server.fetch('/xapi/statements?limit=1', { as: lms });
    expect((await ask()).status).toBe(200);
    const { code } = await run(['credentials', 'revoke', lms.key], beside(server));
    const revoked = performance.now();
    expect(code).toBe(0);
    while ((await ask()).status !== 401);
    expect(performance.now() - revoked).toBeLessThan(1000);
    expect((await server.fetch('/xapi/statements?limit=1')).status).toBe(200);
  });

  test('made and rotated by the command line, they hold within a second', async () => {
    const server = await serverOf();
    const made = await json(['credentials', 'add', '--name', 'new', '--scope', 'all', '--json'], beside(server));
    const from = performance.now();
    while ((await server.fetch('/xapi/statements?limit=1', { as: made })).status !== 200);
    expect(performance.now() - from).toBeLessThan(1000);
    const rotated = await json(['credentials', 'rotate', made.key, '--json'], beside(server));
    const rotatedAt = performance.now();
    while ((await server.fetch('/xapi/statements?limit=1', { as: made })).status !== 401);
    while ((await server.fetch('/xapi/statements?limit=1', { as: rotated })).status !== 200);
    expect(performance.now() - rotatedAt).toBeLessThan(1000);
  });
});

describe('time', () => {
  const moveTo = (server: Server, to: string) =>
    server.fetch('/admin/clock', { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ to }) });

  test('a simulated clock stands still, is moved by command, never back, and is kept over a restart', async () => {
    const server = await serverOf({ arguments: ['--simulated-clock'] });
    const moved = await moveTo(server, '2031-04-01T00:00:00Z');
    expect(moved.status).toBe(200);
    const sequence = Number(moved.headers.get('x-pramaan-sequence'));
    expect(await moved.json()).toEqual({ simulated: true, now: '2031-04-01T00:00:00.000000Z', sequence });
    const ids = (await (await postStatements(server, [statement(by), statement(by)])).json()) as string[];
    const stored = async (on: Server, id: string) =>
      ((await (await on.fetch(`/xapi/statements?statementId=${id}`)).json()) as Anything).stored;
    expect(await stored(server, ids[0]!)).toMatch(/^2031-04-01T00:00:00\.0000\d\dZ$/);
    expect((await stored(server, ids[1]!)) > (await stored(server, ids[0]!))).toBe(true);
    for (const earlier of ['2031-03-31T23:59:59Z', '2031-04-01T00:00:00Z']) {
      const refused = await moveTo(server, earlier);
      expect(refused.status).toBe(409);
      expect(await refused.json()).toMatchObject({ type: '/problems/clock-refused' });
    }
    expect(await server.stop()).toBe(0);

    // Without the option: a record keeps what it was made with.
    const again = await serverOf({ dataDir: server.dataDir });
    expect(await (await again.fetch('/admin/clock')).json()).toMatchObject({
      simulated: true,
      now: expect.stringMatching(/^2031-04-01T00:00:00\./),
    });
    const [id] = (await (await postStatements(again, statement(by))).json()) as [string];
    expect(await stored(again, id)).toMatch(/^2031-04-01T00:00:00\./);
    const [opened] = await events(again);
    expect(opened).toMatchObject({ type: 'record-opened.v1', data: { simulatedClock: true } });
  });

  test('a real clock cannot be moved', async () => {
    const server = await serverOf();
    const refused = await moveTo(server, '2031-04-01T00:00:00Z');
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      type: '/problems/clock-refused',
      detail: 'The clock of this record is real.',
    });
  });
});

describe('sequences', () => {
  test('every write says its sequence, the same one again when it is repeated', async () => {
    const server = await serverOf();
    const batch = Array.from({ length: 7 }, () => statement(by));
    const first = await postStatements(server, batch);
    expect(first.headers.get('x-pramaan-sequence')).toBe('7');
    expect((await postStatements(server, statement(by))).headers.get('x-pramaan-sequence')).toBe('8');
    expect((await postStatements(server, batch)).headers.get('x-pramaan-sequence')).toBe('7');
    const put = statement(by);
    const response = await server.fetch(`/xapi/statements?statementId=${put.id}`, {
      method: 'PUT',
      headers: JSON_TYPE,
      body: JSON.stringify(put),
    });
    expect([response.status, response.headers.get('x-pramaan-sequence')]).toEqual([204, '9']);
    const recorded = await events(server, '?after=0');
    expect(recorded.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(recorded.map(({ data }) => data.id)).toEqual([...batch.map(({ id }) => id), expect.any(String), put.id]);
  });

  test('who names a sequence waits for it', async () => {
    const server = await serverOf();
    const reader = await credential(server, 'reads', ['statements/read', 'audit']);
    const one = statement(by);
    const query = server.fetch('/xapi/statements', { as: reader, headers: { 'x-pramaan-at-least': '1' } });
    const audit = server.fetch('/audit/events?atLeast=1', { as: reader });
    expect((await postStatements(server, one)).headers.get('x-pramaan-sequence')).toBe('1');
    const { statements } = (await (await query).json()) as { statements: Anything[] };
    expect(statements.map(({ id }) => id)).toEqual([one.id]);
    expect(await (await audit).text()).toContain(one.id);
  });

  test('what does not come is a 503 after a while, and nonsense a 400', async () => {
    const server = await serverOf();
    const [query, audit] = await Promise.all([
      server.fetch('/xapi/statements', { headers: { 'x-pramaan-at-least': '1' } }),
      server.fetch('/audit/events?atLeast=1'),
    ]);
    for (const response of [query, audit]) {
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await response.json()).toMatchObject({ type: '/problems/unavailable' });
    }
    expect((await server.fetch('/xapi/statements', { headers: { 'x-pramaan-at-least': 'soon' } })).status).toBe(400);
    expect((await server.fetch('/audit/events?atLeast=-1')).status).toBe(400);
  });
});

describe('a restart', () => {
  /** A request with one attachment of any bytes, named by a digest of the SHA-2 family. */
  function withAttachment(algorithm: string): { readonly content: Buffer; readonly request: RequestInit } {
    const content = Buffer.from(Array.from({ length: 1000 }, () => by.whole(0, 255)));
    const sha2 = createHash(algorithm).update(content).digest('hex');
    const usageType = 'https://learn.example.gov.in/attachments/certificate';
    const described = { usageType, display: { en: 'x' }, contentType: 'image/png', length: content.length, sha2 };
    const head =
      `--b\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(statement(by, { attachments: [described] }))}\r\n--b\r\n` +
      `Content-Type: image/png\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sha2}\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--b--\r\n')]);
    return { content, request: { method: 'POST', headers: { 'content-type': 'multipart/mixed; boundary=b' }, body } };
  }

  test('keeps statements, documents, attachments, credentials and refuses what it refused', async () => {
    const server = await serverOf();
    const lms = await credential(server, 'an LMS', ['all']);
    const batch = Array.from({ length: 50 }, () => statement(by));
    expect((await postStatements(server, batch)).status).toBe(200);
    const profile = `/xapi/agents/profile?${new URLSearchParams({ agent: '{"mbox":"mailto:kept@learn.example.gov.in"}', profileId: 'kept' })}`;
    const put = await server.fetch(profile, {
      method: 'PUT',
      headers: { ...JSON_TYPE, 'if-none-match': '*' },
      body: '{"kept":true}',
    });
    const attached = ['sha224', 'sha256', 'sha384', 'sha512'].map((algorithm) => withAttachment(algorithm));
    for (const { request } of attached) expect((await server.fetch('/xapi/statements', request)).status).toBe(200);
    const before = await (await server.fetch('/xapi/statements')).json();
    expect(await server.stop()).toBe(0);

    const again = await serverOf({ dataDir: server.dataDir });
    expect(await (await again.fetch('/xapi/statements', { as: lms })).json()).toEqual(before);
    const multipart = await again.fetch('/xapi/statements?attachments=true&limit=10');
    expect(multipart.status).toBe(200);
    const contents = Buffer.from(await multipart.arrayBuffer());
    for (const { content } of attached) expect(contents.includes(content)).toBe(true);
    const document = await again.fetch(profile);
    expect(document.headers.get('etag')).toBe(put.headers.get('etag'));
    expect(await document.json()).toEqual({ kept: true });
    const changed = { ...batch[7], result: { success: true, completion: true } };
    expect((await postStatements(again, changed)).status).toBe(409);
    expect((await postStatements(again, batch[7])).headers.get('x-pramaan-sequence')).toBe('8');
    expect((await postStatements(again, statement(by))).headers.get('x-pramaan-sequence')).toBe('55');
  });

  test('without its index it builds it again, equal, and does not answer as if it were whole meanwhile', async () => {
    const server = await serverOf();
    const all: string[] = [];
    for (let batch = 0; batch < 20; batch++) {
      const statements = Array.from({ length: 200 }, () => statement(by));
      expect((await postStatements(server, statements)).status).toBe(200);
      all.push(...statements.map(({ id }) => id));
    }
    const [target] = all;
    const voiding = {
      actor: { mbox: 'mailto:registrar@learn.example.gov.in' },
      verb: { id: 'http://adlnet.gov/expapi/verbs/voided' },
      object: { objectType: 'StatementRef', id: target },
    };
    expect((await postStatements(server, voiding)).status).toBe(200);
    await indexed(server, 4001);
    expect(await server.stop()).toBe(0);
    const kept = digestOfIndex(server.dataDir);
    expect(kept).toMatch(/^[0-9a-f]{64}$/);
    for (const file of readdirSync(server.dataDir)) {
      if (!file.startsWith('log.sqlite')) rmSync(join(server.dataDir, file), { recursive: true });
    }

    const again = await serverOf({ dataDir: server.dataDir });
    for (;;) {
      const response = await again.fetch('/xapi/statements?limit=1');
      if (response.status === 200) break;
      expect(response.status).toBe(503);
      expect(response.headers.get('retry-after')).toMatch(/^\d+$/);
      await response.arrayBuffer();
    }
    await indexed(again, 4001);
    expect((await again.fetch(`/xapi/statements?statementId=${target}`)).status).toBe(404);
    expect((await again.fetch(`/xapi/statements?voidedStatementId=${target}`)).status).toBe(200);
    expect(await readiness(again)).toMatchObject({ code: 200, statementIndex: { state: 'following', sequence: 4001 } });
    expect(await again.stop()).toBe(0);
    expect(digestOfIndex(again.dataDir)).toBe(kept);
  });
});
