// History in: files and other stores into a running store, through the command line and HTTP.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type Anything,
  beside,
  credential,
  events,
  jsonLines,
  type Made,
  run,
  start,
  statementsOf,
} from './command.ts';
import { KEY, newFolder, postStatements, removeFolders, SECRET, type Server, startServer } from './server.ts';

let target: Server;
let importer: Made;
let folder: string;
beforeAll(async () => {
  folder = newFolder();
});
afterAll(removeFolders);
afterEach(async () => {
  await target?.stop();
});

async function freshTarget(environment: Record<string, string> = {}): Promise<void> {
  target = await startServer({ environment });
  importer = await credential(target, 'importer', ['import']);
}

/** `pramaan import` into the target, with a credential that has nothing but the scope import. */
function importing(...args: string[]): string[] {
  return ['import', ...args, '--to', target.url, '--key', importer.key, '--secret', importer.secret, '--json'];
}

const VOIDED = 'http://adlnet.gov/expapi/verbs/voided';

function statement(number: number, more: object = {}): Anything {
  const id = `0190a000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  return {
    id,
    actor: {
      objectType: 'Agent',
      name: 'सीता',
      account: { homePage: 'https://hr.example.gov.in', name: `E${number % 97}` },
    },
    verb: { id: 'http://adlnet.gov/expapi/verbs/completed', display: { en: 'completed', hi: 'पूर्ण किया' } },
    object: { id: `https://example.gov.in/course/${number % 13}` },
    timestamp: new Date(1_700_000_000_000 + number * 1000).toISOString(),
    ...more,
  };
}

function ndjson(name: string, statements: readonly unknown[]): string {
  const file = join(folder, name);
  writeFileSync(file, statements.map((one) => `${typeof one === 'string' ? one : JSON.stringify(one)}\n`).join(''));
  return file;
}

describe('from another store of ours', () => {
  let source: Server;
  beforeAll(async () => {
    source = await startServer();
    const other = await credential(source, 'another LMS', ['all', 'void'], {
      authority: { objectType: 'Agent', account: { homePage: 'https://lms.example.in', name: 'moodle' } },
    });
    const note = Buffer.from('प्रमाण-पत्र');
    const sha2 = createHash('sha256').update(note).digest('hex');
    const usage = { usageType: 'http://example.in/certificate', display: { en: 'certificate' } };
    const attachments = [{ ...usage, contentType: 'text/plain', length: note.length, sha2 }];
    const boundary = 'the-boundary';
    const head = `--${boundary}\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(statement(1, { attachments }))}`;
    const part = `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sha2}\r\n\r\n`;
    const posts = [
      await source.fetch('/xapi/statements', {
        method: 'POST',
        headers: { 'content-type': `multipart/mixed; boundary=${boundary}` },
        body: Buffer.concat([Buffer.from(head + part), note, Buffer.from(`\r\n--${boundary}--\r\n`)]),
      }),
      await source.fetch('/xapi/statements', {
        as: other,
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-experience-api-version': '1.0.3' },
        body: JSON.stringify([
          statement(2, { timestamp: '2026-03-31T17:05:00+05:30' }),
          statement(3),
          statement(4, { verb: { id: VOIDED }, object: { objectType: 'StatementRef', id: statement(3).id } }),
          statement(5, { object: { objectType: 'StatementRef', id: statement(1).id } }),
        ]),
      }),
      await postStatements(
        source,
        Array.from({ length: 60 }, (_, at) => statement(100 + at)),
      ),
    ];
    expect(posts.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
  afterAll(async () => {
    await source.stop();
  });
  const fromSource = (...more: string[]) => [
    ...importing(source.xapi, '--from-key', KEY, '--from-secret', SECRET, '--page', '7', ...more),
  ];

  test('everything comes over as it was: content, authority, order, attachments, voided ones; `stored` is kept beside ours', async () => {
    await freshTarget();
    const { code, json, errors } = await run(fromSource(), { PRAMAAN_DATA_DIR: folder });
    expect(errors).toMatch(/Statements in http:.*: 65, of them new: 65;/);
    expect(code).toBe(0);
    expect(json).toMatchObject({ posted: 65, rejected: 0 });

    const there = await statementsOf(source);
    const here = await statementsOf(target);
    // The voided one comes right before the statement that voids it; nothing else moves.
    const withoutStored = ({ statement: { stored: _, ...rest } }: Anything) => rest;
    expect(here.map(withoutStored)).toEqual(there.map(withoutStored));
    expect(here.map(({ metadata }) => metadata.originalStored)).toEqual(there.map((one) => one.statement.stored));
    expect(here.every((one, at) => one.statement.stored > there[at]!.statement.stored)).toBe(true);
    expect(here.find((one) => one.statement.id === statement(2).id)?.statement).toMatchObject({
      authority: { account: { homePage: 'https://lms.example.in', name: 'moodle' } },
      timestamp: '2026-03-31T17:05:00+05:30',
    });

    const voided = await target.fetch(`/xapi/statements?voidedStatementId=${statement(3).id}`);
    expect(voided.status).toBe(200);
    const attached = await target.fetch(`/xapi/statements?statementId=${statement(1).id}&attachments=true`);
    expect(attached.headers.get('content-type')).toMatch(/^multipart\/mixed/);
    expect(await attached.text()).toContain('प्रमाण-पत्र');
  });

  test('again, it stores nothing twice; later, only what is new is asked for', async () => {
    await freshTarget();
    const data = { PRAMAAN_DATA_DIR: newFolder() };
    const first = await run(fromSource(), data);
    expect(first.json.posted).toBe(65);
    const head = (await events(target)).length;

    const again = await run(fromSource('--from-start'), data);
    expect(again).toMatchObject({ code: 0, json: { posted: 65, recorded: 0 } });
    expect((await events(target)).length).toBe(head);

    const added = await postStatements(source, [statement(900)]);
    expect(added.status).toBe(200);
    const later = await run(fromSource(), data);
    expect(later.code).toBe(0);
    expect((await events(target)).length).toBe(head + 1);
    expect((await statementsOf(target)).at(-1)?.statement.id).toBe(statement(900).id);
  });

  test('killed in the middle and started again, it ends with the same statements in the same order', async () => {
    await freshTarget();
    for (let at = 2000; at < 3500; at += 500) {
      const posted = await postStatements(
        source,
        Array.from({ length: 500 }, (_, each) => statement(at + each)),
      );
      expect(posted.status).toBe(200);
    }
    const data = { PRAMAAN_DATA_DIR: newFolder() };
    for (const reached of [300, 900]) {
      const running = start(fromSource('--page', '25', '--batch', '10'), data);
      await events(target, `?atLeast=${reached}&after=${reached}&limit=1`);
      running.process.kill('SIGKILL');
      await running.ended;
    }
    const before = (await statementsOf(target)).length;
    const { code, json } = await run(fromSource('--page', '25'), data);
    expect(code).toBe(0);
    const there = await statementsOf(source);
    const here = await statementsOf(target);
    expect(here.map((one) => one.statement.id)).toEqual(there.map((one) => one.statement.id));
    expect(here.map((one) => one.statement.authority)).toEqual(there.map((one) => one.statement.authority));
    expect(here.map(({ metadata }) => metadata.originalStored)).toEqual(there.map((one) => one.statement.stored));
    expect(json.recorded).toBe(there.length - before);
    // It did not begin again: at most the page it was in came a second time, and the minute before.
    expect(json.posted).toBeLessThan(there.length);
  });

  test('a credential that may not read the source is told so', async () => {
    await freshTarget();
    const { code, errors } = await run(importing(source.xapi, '--from-key', KEY, '--from-secret', 'wrong-secret'), {
      PRAMAAN_DATA_DIR: folder,
    });
    expect(code).toBe(1);
    expect(errors).toMatch(/401.*--from-key/s);
  });
});

describe('from a file', () => {
  test('killed in the middle and started again, it ends with the same statements, each once, in order', async () => {
    await freshTarget();
    // Every third has no id of its own.
    const statements = Array.from({ length: 6000 }, (_, number) => {
      const { id, ...rest } = statement(number);
      const whose = {
        authority: { objectType: 'Agent', mbox: `mailto:lms${number % 2}@example.in` },
        stored: '2024-01-01T00:00:00.000Z',
      };
      return number % 3 === 0 ? { ...rest, ...whose } : { id, ...rest, ...whose };
    });
    const file = ndjson('killed.ndjson', statements);
    const args = importing(file, '--batch', '20');

    let last = 0;
    for (const reached of [500, 1500, 3000]) {
      const running = start(args);
      // Answered only when the record has come so far.
      await events(target, `?atLeast=${reached}&after=${reached}&limit=1`);
      running.process.kill('SIGKILL');
      await running.ended;
      expect(existsSync(`${file}.import-state.json`)).toBe(true);
      const now = (await events(target)).length;
      expect(now).toBeGreaterThan(last);
      expect(now).toBeLessThan(6000);
      last = now;
    }
    const { code, json } = await run(args);
    expect(code).toBe(0);
    expect(json.resumedAfter).toBeGreaterThanOrEqual(2900);
    expect(json.posted).toBe(6000 - json.resumedAfter);
    expect(existsSync(`${file}.import-state.json`)).toBe(false);

    const recorded = await statementsOf(target);
    expect(recorded.map((one) => one.statement.timestamp)).toEqual(statements.map(({ timestamp }) => timestamp));
    expect(recorded.map((one) => one.statement.authority)).toEqual(statements.map(({ authority }) => authority));
    expect(recorded.every(({ metadata }) => metadata.originalStored === '2024-01-01T00:00:00.000Z')).toBe(true);

    const again = await run(args);
    expect(again).toMatchObject({ code: 0, json: { posted: 6000, recorded: 0 } });
    expect((await statementsOf(target)).length).toBe(6000);
  });

  test('a bad line is named; what stands before it is stored and nothing after; mended, it goes on there', async () => {
    await freshTarget();
    const lines = [statement(1), statement(2), { ...statement(3), verb: { id: 'no IRI' } }, statement(4)];
    const file = ndjson('bad.ndjson', lines);
    const stopped = await run(importing(file));
    expect(stopped.code).toBe(1);
    expect(stopped.errors).toMatch(/line 3: \$\.verb\.id: /);
    expect(stopped.json).toMatchObject({ posted: 2, stopped: { line: 3, problems: [{ path: '$.verb.id' }] } });
    expect((await statementsOf(target)).map((one) => one.statement.id)).toEqual([1, 2].map((one) => statement(one).id));

    ndjson('bad.ndjson', [statement(1), statement(2), statement(3), statement(4)]);
    expect(await run(importing(file))).toMatchObject({ code: 0 });
    expect((await statementsOf(target)).map((one) => one.statement.id)).toEqual(
      [1, 2, 3, 4].map((one) => statement(one).id),
    );
  });

  test('with --skip-bad they are written to a file with their reasons, and everything else is stored', async () => {
    await freshTarget();
    const taken = await postStatements(target, [statement(5)]);
    expect(taken.status).toBe(200);
    const file = ndjson('skip.ndjson', [
      statement(1),
      '{"id": ',
      { ...statement(2), actor: { mbox: 'nobody' } },
      statement(3),
      { ...statement(5), result: { success: false } },
      statement(6),
      { ...statement(6), result: { success: true } },
      statement(7),
    ]);
    const { code, json } = await run(importing(file, '--skip-bad'));
    expect(code).toBe(0);
    expect(json).toMatchObject({ posted: 4, rejected: 4, rejectsFile: `${file}.rejected.ndjson` });
    const rejects = jsonLines(readFileSync(json.rejectsFile, 'utf8'));
    expect(rejects.map(({ line, problems }) => [line, problems[0].path])).toEqual([
      [2, '$.id'],
      [3, '$.actor.mbox'],
      [5, '$.id'],
      [7, '$.id'],
    ]);
    expect(rejects[1].item).toBe(JSON.stringify({ ...statement(2), actor: { mbox: 'nobody' } }));
    const ids = (await statementsOf(target)).map((one) => one.statement.id);
    expect(ids).toEqual([5, 1, 3, 6, 7].map((one) => statement(one).id));
  });

  test('killed while bad items are left out, it has each of them once in its file', async () => {
    await freshTarget();
    const file = ndjson(
      'killed-skipping.ndjson',
      Array.from({ length: 3000 }, (_, at) => (at % 100 === 50 ? { ...statement(at), verb: {} } : statement(at))),
    );
    const args = importing(file, '--skip-bad', '--batch', '20');
    for (const reached of [400, 1200]) {
      const running = start(args);
      await events(target, `?atLeast=${reached}&after=${reached}&limit=1`);
      running.process.kill('SIGKILL');
      await running.ended;
    }
    const { code } = await run(args);
    expect(code).toBe(0);
    const rejects = jsonLines(readFileSync(`${file}.rejected.ndjson`, 'utf8'));
    expect(rejects.map(({ line }) => line)).toEqual(Array.from({ length: 30 }, (_, at) => at * 100 + 51));
    expect((await statementsOf(target)).length).toBe(2970);
  });

  test('interrupted with Ctrl-C it says how to go on', async () => {
    await freshTarget();
    const file = ndjson(
      'interrupted.ndjson',
      Array.from({ length: 5000 }, (_, at) => statement(at)),
    );
    const running = start(importing(file, '--batch', '10'));
    await events(target, '?atLeast=200&after=200&limit=1');
    running.process.kill('SIGINT');
    const { code, errors } = await running.ended;
    expect(errors).toMatch(/interrupted; start it again to go on/);
    expect(code).toBe(1);
    expect(await run(importing(file))).toMatchObject({ code: 0, json: { rejected: 0 } });
    expect((await statementsOf(target)).length).toBe(5000);
  });

  test('requests that are too large for the store are halved', async () => {
    await freshTarget({ PRAMAAN_MAX_BATCH_STATEMENTS: '10', PRAMAAN_MAX_BODY_BYTES: '20000' });
    const big = { ...statement(50), result: { response: 'x'.repeat(30_000) } };
    const file = ndjson('large.ndjson', [...Array.from({ length: 50 }, (_, at) => statement(at)), big, statement(51)]);
    const { code, json } = await run(importing(file, '--skip-bad', '--batch', '64'));
    expect(code).toBe(0);
    expect(json).toMatchObject({ posted: 51, rejected: 1 });
    expect(jsonLines(readFileSync(json.rejectsFile, 'utf8'))).toMatchObject([{ line: 51 }]);
  });

  test('with the contents of its attachments in a folder', async () => {
    await freshTarget();
    const content = Buffer.from('प्रमाण-पत्र');
    const sha2 = createHash('sha256').update(content).digest('hex');
    const contents = newFolder();
    writeFileSync(join(contents, sha2), content);
    const usage = { usageType: 'http://example.in/certificate', display: { en: 'certificate' } };
    const attachments = [{ ...usage, contentType: 'text/plain', length: content.length, sha2 }];
    const file = ndjson('attachments.ndjson', [statement(1), statement(2, { attachments }), statement(3)]);
    const without = await run(importing(file));
    expect(without).toMatchObject({ code: 1, errors: expect.stringMatching(/line 2: \$\.attachments/) });
    expect(await run(importing(file, '--attachments', contents))).toMatchObject({ code: 0 });
    const attached = await target.fetch(`/xapi/statements?statementId=${statement(2).id}&attachments=true`);
    expect(await attached.text()).toContain('प्रमाण-पत्र');
  });

  test('gzipped, and as an array, it is the same', async () => {
    await freshTarget();
    const statements = [statement(1), statement(2)];
    const zipped = join(folder, 'two.ndjson.gz');
    writeFileSync(zipped, gzipSync(statements.map((one) => JSON.stringify(one)).join('\n')));
    const array = join(folder, 'two.json');
    writeFileSync(array, JSON.stringify(statements, null, 2));
    expect(await run(importing(zipped))).toMatchObject({ code: 0, json: { posted: 2 } });
    expect(await run(importing(array))).toMatchObject({ code: 0, json: { posted: 2 } });
    expect((await statementsOf(target)).length).toBe(2);
  });

  test('of completions (CSV), loaded twice, it changes nothing the second time', async () => {
    await freshTarget();
    const file = join(folder, 'completions.csv');
    writeFileSync(
      file,
      'employeeCode,learnerName,course,title,completedAt,scoreRaw,scoreMax\n' +
        'E1,आशा,https://example.gov.in/course/1,Right to Information,31/03/2026,80,100\n' +
        'E2,,https://example.gov.in/course/1,Right to Information,2026-04-01 10:15,,\n',
    );
    const args = importing(file, '--employee-home-page', 'https://hr.example.gov.in');
    expect(await run(args)).toMatchObject({ code: 0, json: { posted: 2, recorded: 2 } });
    expect(await run(args)).toMatchObject({ code: 0, json: { posted: 2, recorded: 0 } });
    const recorded = await statementsOf(target);
    expect(recorded.map((one) => [one.statement.actor.account.name, one.statement.timestamp])).toEqual([
      ['E1', '2026-03-31T00:00:00+05:30'],
      ['E2', '2026-04-01T10:15:00+05:30'],
    ]);
  });

  test('into a store that no longer holds the first part, it begins anew', async () => {
    await freshTarget();
    const file = ndjson('moved.ndjson', [statement(1), { ...statement(2), verb: {} }]);
    const state = join(folder, 'moved.state.json');
    expect((await run(importing(file, '--state', state))).code).toBe(1);
    const before = JSON.parse(readFileSync(state, 'utf8'));
    await target.stop();
    await freshTarget();
    // The same address with another record behind it.
    writeFileSync(state, JSON.stringify({ ...before, target: `${target.xapi}/` }));
    ndjson('moved.ndjson', [statement(1), statement(2)]);
    const { code, json, errors } = await run(importing(file, '--state', state));
    expect(code).toBe(0);
    expect(errors).toMatch(/does not hold what was imported before/);
    expect(json.posted).toBe(2);
  });

  test('a file that changed in its first part is refused', async () => {
    await freshTarget();
    const file = ndjson('changed.ndjson', [statement(1), { ...statement(2), verb: {} }]);
    await run(importing(file));
    ndjson('changed.ndjson', [statement(7), statement(2)]);
    const { code, errors } = await run(importing(file));
    expect(code).toBe(1);
    expect(errors).toMatch(/--from-start/);
    expect((await statementsOf(target)).length).toBe(1);
  });
});

describe('refusals, in words', () => {
  test('a credential without the scope import: nothing is stored, for its authority would replace every other', async () => {
    await freshTarget();
    const file = ndjson('scope.ndjson', [statement(1)]);
    const writer = await credential(target, 'writer', ['statements/write', 'statements/read']);
    const { code, errors } = await run([
      'import',
      file,
      '--to',
      target.url,
      '--key',
      writer.key,
      '--secret',
      writer.secret,
    ]);
    expect(code).toBe(1);
    expect(errors).toMatch(/403.*scope import/s);
    expect((await statementsOf(target)).length).toBe(0);
  });

  test('no store there, no file there, no credential', async () => {
    await freshTarget();
    const file = ndjson('one.ndjson', [statement(1)]);
    const gone = createServer().listen(0, '127.0.0.1');
    await once(gone, 'listening');
    const { port } = gone.address() as AddressInfo;
    gone.close();
    const nobody = await run(['import', file, '--to', `http://127.0.0.1:${port}`, '--key', 'k', '--secret', 's']);
    expect(nobody).toMatchObject({ code: 1, errors: expect.stringMatching(/nothing listens there/) });
    const missing = await run(importing(join(folder, 'missing.ndjson')));
    expect(missing).toMatchObject({ code: 1, errors: expect.stringMatching(/There is no file/) });
    const anonymous = await run(['import', file, '--to', target.url]);
    expect(anonymous).toMatchObject({ code: 2, errors: expect.stringMatching(/PRAMAAN_API_KEY/) });
  });

  test('PRAMAAN_PORT and the key of the environment are enough beside a store', async () => {
    await freshTarget();
    const file = ndjson('environment.ndjson', [statement(1)]);
    const { code } = await run(['import', file], { ...beside(target), PRAMAAN_PORT: new URL(target.url).port });
    expect(code).toBe(0);
    expect((await statementsOf(target)).length).toBe(1);
  });
});

describe('from a store of another make', () => {
  /** 1.0.3 only, several statements with one `stored`, links that expire, and troubles now and then. */
  class OtherStore {
    readonly statements: Anything[];
    readonly asked: string[] = [];
    /** Links older than so many requests are not known any more. */
    expired = false;
    troubles = 0;
    #server: HttpServer | undefined;
    url = '';

    constructor(statements: Anything[]) {
      this.statements = statements;
    }

    async listen(): Promise<void> {
      this.#server = createServer((request, response) => {
        const url = new URL(request.url!, 'http://localhost');
        this.asked.push(url.search);
        const answer = (status: number, body: unknown, headers: Record<string, string> = {}) => {
          response.writeHead(status, { 'content-type': 'application/json', ...headers });
          response.end(JSON.stringify(body));
        };
        if (url.pathname.endsWith('/about')) return answer(200, { version: ['1.0.0', '1.0.1', '1.0.2', '1.0.3'] });
        if (request.headers['x-experience-api-version'] !== '1.0.3') return answer(400, 'version');
        if (this.troubles > 0) {
          this.troubles--;
          return answer(this.troubles % 2 ? 503 : 429, 'busy', { 'retry-after': '0' });
        }
        const link = url.searchParams.get('link');
        if (link !== null && this.expired) {
          this.expired = false;
          return answer(404, 'expired');
        }
        const since = url.searchParams.get('since') ?? '';
        const from = link === null ? this.statements.findIndex(({ stored }) => stored > since) : Number(link);
        const page = from < 0 ? [] : this.statements.slice(from, from + 3);
        const next = from + 3;
        const more = from >= 0 && next < this.statements.length ? `/base/xapi/statements?link=${next}` : '';
        answer(200, { statements: page, more });
      }).listen(0, '127.0.0.1');
      await once(this.#server, 'listening');
      this.url = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/base/xapi`;
    }

    close(): void {
      this.#server?.closeAllConnections();
      this.#server?.close();
    }
  }

  let other: OtherStore;
  afterEach(() => other?.close());

  const stored = (second: number) =>
    `2025-01-01T00:0${Math.floor(second / 60)}:${String(second % 60).padStart(2, '0')}.000Z`;
  const held = (count: number) =>
    Array.from({ length: count }, (_, at) => ({
      ...statement(at),
      version: '1.0.0',
      authority: { objectType: 'Agent', mbox: 'mailto:old@example.in' },
      // Three at a time within one stamp.
      stored: stored(Math.floor(at / 3)),
    }));

  test('its troubles are waited out, and statements with one `stored` are not lost where a link expires', async () => {
    await freshTarget();
    other = new OtherStore(held(20));
    await other.listen();
    other.troubles = 3;
    other.expired = true;
    const { code, json, errors } = await run(importing(other.url), { PRAMAAN_DATA_DIR: newFolder() });
    expect(errors).toMatch(/answered 503.*trying again/);
    expect(code).toBe(0);
    const recorded = await statementsOf(target);
    expect(recorded.map((one) => one.statement.id)).toEqual(other.statements.map(({ id }) => id));
    expect(recorded.map(({ metadata }) => metadata.originalStored)).toEqual(other.statements.map((one) => one.stored));
    expect(recorded.every((one) => one.statement.authority.mbox === 'mailto:old@example.in')).toBe(true);
    expect(json.posted).toBeGreaterThanOrEqual(20);
  });

  test('stopped at a bad statement it goes on from there, when that can be left out', async () => {
    await freshTarget();
    other = new OtherStore(held(20));
    other.statements[10] = { ...other.statements[10], verb: { id: 'no IRI' } };
    await other.listen();
    const data = { PRAMAAN_DATA_DIR: newFolder() };
    const stopped = await run(importing(other.url, '--batch', '2'), data);
    expect(stopped).toMatchObject({
      code: 1,
      errors: expect.stringContaining(`statement ${other.statements[10].id}: $.verb.id`),
    });
    expect((await statementsOf(target)).length).toBe(10);
    other.asked.length = 0;
    const { code, json } = await run(importing(other.url, '--batch', '2', '--skip-bad'), data);
    expect(code).toBe(0);
    expect(json.rejected).toBe(1);
    // It went on with the page it was at, not from the beginning.
    expect(other.asked.filter((search) => search !== '')[0]).toBe('?link=9');
    expect((await statementsOf(target)).map((one) => one.statement.id)).toEqual(
      other.statements.filter((_, at) => at !== 10).map(({ id }) => id),
    );
  });

  test('the credential is not sent to another host', async () => {
    await freshTarget();
    other = new OtherStore(held(4));
    await other.listen();
    const honest = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      const about = request.url!.endsWith('/about');
      response.end(
        JSON.stringify(
          about ? { version: ['1.0.3'] } : { statements: held(1), more: `${other.url}/statements?link=0` },
        ),
      );
    }).listen(0, '127.0.0.1');
    await once(honest, 'listening');
    try {
      const url = `http://127.0.0.1:${(honest.address() as AddressInfo).port}/xapi`;
      const { code, errors } = await run(importing(url, '--from-key', 'k', '--from-secret', 's'), {
        PRAMAAN_DATA_DIR: newFolder(),
      });
      expect(code).toBe(1);
      expect(errors).toMatch(/continues at another host/);
      expect(other.asked).toEqual([]);
    } finally {
      honest.closeAllConnections();
      honest.close();
    }
  });
});
