// Every limit of the store as a client meets it: 413 or 429 naming the limit, nothing stored, and what is just within it taken.
// Then what a store answers that cannot write: 503, and it goes on when it can again.

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chance } from '../../src/demo/chance.ts';
import { type Anything, credential, statementsOf } from './command.ts';
import { rawSocket } from './raw-socket.ts';
import { statement } from './seeded.ts';
import {
  basic,
  KEY,
  newFolder,
  onEventStoreDb,
  postStatements,
  removeFolders,
  SECRET,
  type Server,
  startServer,
} from './server.ts';

afterAll(removeFolders);

const by = chance(1);
const KIB = 1024;

/** A statement that is so many bytes long as JSON. */
function statementOf(bytes: number): string {
  const empty = JSON.stringify({ ...statement(by), result: { response: '' } });
  return empty.replace('"response":""', `"response":"${'x'.repeat(bytes - Buffer.byteLength(empty))}"`);
}

function post(server: Server, body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
  return server.fetch('/xapi/statements', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as NonNullable<RequestInit['body']>,
  });
}

async function expectRefusal(response: Response, status: number, kind: string, detail: RegExp): Promise<void> {
  const text = await response.text();
  expect(response.status, text).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(JSON.parse(text)).toMatchObject({ type: `/problems/${kind}`, status, detail: expect.stringMatching(detail) });
}

async function head(server: Server): Promise<number> {
  return ((await (await server.fetch('/health/ready')).json()) as Anything).recording.sequence;
}

describe('limits that are settings', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer({
      environment: {
        PRAMAAN_MAX_BODY_BYTES: String(64 * KIB),
        PRAMAAN_MAX_INFLATED_BYTES: String(128 * KIB),
        PRAMAAN_MAX_ATTACHMENT_BYTES: String(16 * KIB),
        PRAMAAN_MAX_BATCH_STATEMENTS: '10',
      },
    });
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  test('PRAMAAN_MAX_BODY_BYTES, to the byte', async () => {
    expect((await post(server, statementOf(64 * KIB))).status).toBe(200);
    const before = await head(server);
    await expectRefusal(await post(server, statementOf(64 * KIB + 1)), 413, 'too-large', /65536 bytes/);
    await expectRefusal(await post(server, statementOf(64 * KIB * 20)), 413, 'too-large', /65536 bytes/);
    expect(await head(server)).toBe(before);
  });

  test('PRAMAAN_MAX_BODY_BYTES of a body that does not say how long it is', async () => {
    const raw = await rawSocket(server);
    raw.write(
      `POST /xapi/statements HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(KEY, SECRET)}\r\nX-Experience-API-Version: 2.0.0\r\n` +
        'Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n',
    );
    for (let chunk = 0; chunk < 5; chunk++) raw.write(`4000\r\n${' '.repeat(0x4000)}\r\n`);
    expect(await raw.answered(/"status":413/)).toMatch(/^HTTP\/1.1 413 .*65536 bytes/s);
    raw.socket.destroy();
  });

  test('PRAMAAN_MAX_INFLATED_BYTES, to the byte', async () => {
    const batch = (bytes: number) => {
      const one = Buffer.from(statementOf(60 * KIB));
      const rest = bytes - one.length - 3;
      return gzipSync(
        Buffer.concat([Buffer.from('['), one, Buffer.from(','), Buffer.from(statementOf(rest)), Buffer.from(']')]),
      );
    };
    const gzip = { 'content-encoding': 'gzip' };
    expect((await post(server, batch(128 * KIB), gzip)).status).toBe(200);
    const before = await head(server);
    await expectRefusal(await post(server, batch(128 * KIB + 1), gzip), 413, 'too-large', /131072 bytes/);
    expect(await head(server)).toBe(before);
  });

  test('PRAMAAN_MAX_ATTACHMENT_BYTES of an attachment, to the byte', async () => {
    const multipart = (bytes: number) => {
      const content = Buffer.alloc(bytes, 'x');
      const sha2 = createHash('sha256').update(content).digest('hex');
      const usageType = 'https://learn.example.gov.in/attachments/certificate';
      const described = { usageType, display: { en: 'x' }, contentType: 'text/plain', length: bytes, sha2 };
      const head = `--b\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(statement(by, { attachments: [described] }))}`;
      const part = `\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sha2}\r\n\r\n`;
      return Buffer.concat([Buffer.from(head + part), content, Buffer.from('\r\n--b--\r\n')]);
    };
    const type = { 'content-type': 'multipart/mixed; boundary=b' };
    expect((await post(server, multipart(16 * KIB), type)).status).toBe(200);
    const before = await head(server);
    await expectRefusal(await post(server, multipart(16 * KIB + 1), type), 413, 'too-large', /16384 bytes/);
    expect(await head(server)).toBe(before);
  });

  test('PRAMAAN_MAX_ATTACHMENT_BYTES of a document, to the byte', async () => {
    const document = (bytes: number, method = 'PUT') =>
      server.fetch(
        `/xapi/activities/profile?${new URLSearchParams({ activityId: 'https://learn.example.gov.in/courses/1', profileId: `${bytes}` })}`,
        {
          method,
          headers: { 'content-type': 'application/octet-stream', 'if-none-match': '*' },
          ...(method === 'PUT' ? { body: Buffer.alloc(bytes, 'x') } : {}),
        },
      );
    expect((await document(16 * KIB)).status).toBe(204);
    await expectRefusal(await document(16 * KIB + 1), 413, 'too-large', /16384 bytes/);
    expect((await document(16 * KIB + 1, 'GET')).status).toBe(404);
  });

  test('PRAMAAN_MAX_BATCH_STATEMENTS', async () => {
    const batch = (count: number) => Array.from({ length: count }, () => statement(by));
    expect((await postStatements(server, batch(10))).status).toBe(200);
    const before = await head(server);
    await expectRefusal(await postStatements(server, batch(11)), 413, 'too-large', /10 statements, not 11/);
    expect(await head(server)).toBe(before);
  });
});

describe('requests a second', () => {
  let server: Server;
  beforeAll(async () => {
    server = await startServer({ environment: { PRAMAAN_MAX_REQUESTS_PER_SECOND: '20' } });
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  const ask = (as?: { key: string; secret: string }) => server.fetch('/xapi/statements?limit=1', as ? { as } : {});

  async function burst(
    count: number,
    as: { key: string; secret: string },
  ): Promise<{ taken: number; refused: Response[] }> {
    const answers = await Promise.all(Array.from({ length: count }, () => ask(as)));
    const taken = answers.filter(({ status }) => status === 200).length;
    const refused = answers.filter(({ status }) => status === 429);
    expect(taken + refused.length).toBe(count);
    return { taken, refused };
  }

  test('PRAMAAN_MAX_REQUESTS_PER_SECOND: 429 naming the limit, and when to come again', async () => {
    const client = await credential(server, 'hasty', ['all']);
    await ask(client);
    const { taken, refused } = await burst(200, client);
    expect(taken).toBeGreaterThan(0);
    expect(refused.length).toBeGreaterThan(0);
    for (const response of refused) {
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      await expectRefusal(response, 429, 'too-many-requests', /20 requests a second/);
    }
    // Others are not kept out by it.
    const other = await credential(server, 'patient', ['all']);
    expect((await ask(other)).status).toBe(200);
    // And it is let in again.
    while ((await ask(client)).status !== 200);
  });

  test('a limit of its own goes before the setting', async () => {
    const client = await credential(server, 'slow', ['all'], { requestsPerSecond: 2 });
    await ask(client);
    const { refused } = await burst(60, client);
    expect(refused.length).toBeGreaterThan(0);
    await expectRefusal(refused[0]!, 429, 'too-many-requests', /2 requests a second/);
  });

  test('what is refused stores nothing', async () => {
    const client = await credential(server, 'writes much', ['all']);
    const before = await head(server);
    const answers = await Promise.all(
      Array.from({ length: 120 }, () =>
        server.fetch('/xapi/statements', {
          method: 'POST',
          as: client,
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(statement(by)),
        }),
      ),
    );
    const taken = answers.filter(({ status }) => status === 200).length;
    expect(taken).toBeLessThan(120);
    expect(await head(server)).toBe(before + taken);
  });
});

describe("the log's own limits", () => {
  let server: Server;
  const LIMIT = 1024 * KIB - 8 * KIB;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  test('a statement above the limit of one event: 413 naming it, alone or in a batch of good ones', async () => {
    const before = await head(server);
    await expectRefusal(await post(server, statementOf(LIMIT + 1)), 413, 'too-large', new RegExp(String(LIMIT)));
    const batch = `[${statementOf(900)},${statementOf(LIMIT + 1)},${statementOf(900)}]`;
    await expectRefusal(await post(server, batch), 413, 'too-large', new RegExp(String(LIMIT)));
    expect(await head(server)).toBe(before);
  });

  test('requests that wait with a refused one are recorded all the same', async () => {
    const before = await head(server);
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, place) =>
        post(server, place % 4 === 0 ? statementOf(LIMIT + 1) : statementOf(900)),
      ),
    );
    for (const [place, { status }] of answers.entries()) expect(status).toBe(place % 4 === 0 ? 413 : 200);
    expect(await head(server)).toBe(before + 30);
  });

  test('a statement just within it comes back as it was', async () => {
    const large = statementOf(LIMIT - 8 * KIB);
    expect((await post(server, large)).status).toBe(200);
    const { id, result } = JSON.parse(large) as Anything;
    const found = (await (await server.fetch(`/xapi/statements?statementId=${id}`)).json()) as Anything;
    expect(found.result).toEqual(result);
  });

  test('so many documents in one scope that their list is above it: 413, and those before are all there', async () => {
    const agent = '{"mbox":"mailto:collector@learn.example.gov.in"}';
    const of = (profileId?: string) =>
      `/xapi/agents/profile?${new URLSearchParams({ agent, ...(profileId === undefined ? {} : { profileId }) })}`;
    const put = (id: string) =>
      server.fetch(of(id), {
        method: 'PUT',
        headers: { 'content-type': 'application/json', 'if-none-match': '*' },
        body: '{}',
      });
    const taken: string[] = [];
    for (let place = 100; place < 300; place++) {
      const id = `${place}${'x'.repeat(10_000)}`;
      const response = await put(id);
      if (response.status === 204) {
        taken.push(id);
        continue;
      }
      await expectRefusal(response, 413, 'too-large', new RegExp(String(LIMIT)));
      break;
    }
    expect(taken.length).toBeGreaterThan(50);
    expect(taken.length).toBeLessThan(200);
    expect(await (await server.fetch(of())).json()).toEqual(taken);
  });
});

describe.skipIf(onEventStoreDb)('a full disk below the embedded log', () => {
  test('writes are answered 503, reads go on, and when there is room again so do writes', async ({ skip }) => {
    const folder = join(newFolder(), 'small');
    mkdirSync(folder);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder]);
    if (mounted.status !== 0) skip('a small disk cannot be mounted here: it takes root on Linux');
    let server: Server | undefined;
    try {
      server = await startServer({ dataDir: folder });
      const acknowledged: string[] = [];
      const write = async () => {
        const batch = Array.from({ length: 50 }, () => statement(by));
        const response = await postStatements(server!, batch);
        if (response.status === 200) acknowledged.push(...batch.map(({ id }) => id));
        return response;
      };
      expect((await write()).status).toBe(200);

      const ballast = join(folder, 'ballast');
      const { bavail, bsize } = statfsSync(folder);
      writeFileSync(ballast, Buffer.alloc((bavail - 64) * bsize));
      let response = await write();
      while (response.status === 200) response = await write();
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      await expectRefusal(response, 503, 'unavailable', /full|disk|space/i);
      const refusedAt = await head(server);
      for (let again = 0; again < 5; again++) expect((await write()).status).toBe(503);
      const state = `/xapi/activities/state?${new URLSearchParams({
        activityId: 'https://learn.example.gov.in/courses/1',
        agent: '{"mbox":"mailto:full@learn.example.gov.in"}',
        stateId: 'large',
      })}`;
      const document = () =>
        server!.fetch(state, { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(500_000) });
      await expectRefusal(await document(), 503, 'unavailable', /full|disk|space/i);
      expect((await server.fetch(state)).status).toBe(404);
      expect(await head(server)).toBe(refusedAt);
      for (const id of [acknowledged[0]!, acknowledged.at(-1)!]) {
        expect((await server.fetch(`/xapi/statements?statementId=${id}`)).status).toBe(200);
      }
      expect((await server.fetch('/health/live')).status).toBe(200);

      rmSync(ballast);
      while ((await write()).status !== 200);
      expect((await document()).status).toBe(204);
      const { sequence } = ((await (await server.fetch('/health/ready')).json()) as Anything).recording;
      const caughtUp = async () =>
        (await server!.fetch('/xapi/statements?limit=1', { headers: { 'x-pramaan-at-least': `${sequence}` } })).status;
      while ((await caughtUp()) !== 200);
      expect((await server.fetch('/health/ready')).status).toBe(200);
      expect((await statementsOf(server)).map((each) => each.statement.id)).toEqual(acknowledged);
      expect(await server.stop()).toBe(0);
      server = await startServer({ dataDir: folder });
      expect((await statementsOf(server)).map((each) => each.statement.id)).toEqual(acknowledged);
      expect(await server.stop()).toBe(0);
      server = undefined;
    } finally {
      await server?.kill();
      spawnSync('umount', [folder]);
    }
  });
});
