// What auditors get: the events of the record, what was known at any R, and the trail of who has looked.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromInstant, toInstant } from '../../contracts/time.ts';
import type { Microseconds, Sequence } from '../../contracts/words.ts';
import { recordFileOf } from '../../src/event-log/open.ts';
import { buildIndexUpTo, digestOfIndex, digestOfModel } from '../../src/projector/index.ts';
import { type Anything, beside, credential, events, jsonLines, type Made, run } from './command.ts';
import { account, ask as askReports, learnt, load, post, voidStatement } from './reports/asking.ts';
import { logOf, newFolder, postStatements, removeFolders, type Server, startServer } from './server.ts';

let server: Server;
let auditor: Made;
let all: Anything[];
let folder: string;

function statement(number: number, more: object = {}): Anything {
  return {
    id: `0190b000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    actor: { objectType: 'Agent', account: { homePage: 'https://hr.example.gov.in', name: `E${number % 7}` } },
    verb: { id: `http://adlnet.gov/expapi/verbs/${number % 2 ? 'completed' : 'attended'}` },
    object: { id: `https://example.gov.in/course/${number % 5}` },
    ...more,
  };
}
const VOIDED = 40;

beforeAll(async () => {
  folder = newFolder();
  server = await startServer();
  auditor = await credential(server, 'State auditor', ['audit']);
  for (let batch = 0; batch < 12; batch++) {
    const numbers = Array.from({ length: 25 }, (_, at) => batch * 25 + at);
    expect(
      (
        await postStatements(
          server,
          numbers.map((number) => statement(number)),
        )
      ).status,
    ).toBe(200);
  }
  const object = { objectType: 'StatementRef', id: statement(VOIDED).id };
  const posted = await postStatements(server, [
    statement(300, { verb: { id: 'http://adlnet.gov/expapi/verbs/voided' }, object }),
    statement(301),
  ]);
  expect(posted.status).toBe(200);
  all = await events(server);
});
afterAll(async () => {
  await server.stop();
  removeFolders();
});

const ask = (query: string, as: Made = auditor) => server.fetch(`/audit/events${query}`, { as });

describe('GET /audit/events', () => {
  test('needs the scope audit: neither `all` nor `admin` is enough', async () => {
    const others = await credential(server, 'everything else', ['all', 'admin', 'import', 'void']);
    for (const path of ['/audit/events', '/audit/access']) {
      expect((await server.fetch(path, { as: others })).status).toBe(403);
      expect((await fetch(`${server.url}${path}`)).status).toBe(401);
      expect((await server.fetch(path, { as: auditor, method: 'POST' })).status).toBe(405);
    }
    expect((await ask('')).status).toBe(200);
  });

  test('gives every event of the record, in order, once', async () => {
    expect(all.map(({ sequence }) => sequence)).toEqual(Array.from({ length: 303 }, (_, at) => at));
    expect(all[0]).toMatchObject({ type: 'record-opened.v1', data: { simulatedClock: false } });
    const shown = await server.fetch(`/xapi/statements?statementId=${statement(17).id}`);
    const event = all.find(({ data }) => data.id === statement(17).id);
    expect(event.data).toEqual(await shown.json());
    expect(event).toMatchObject({ type: 'statement-recorded.v1', recordedAt: event.data.stored });
    expect(event.metadata).toMatchObject({ codec: 'plain', version: '2.0.0' });
  });

  test('takes a part: after and until, as sequence or instant, and a limit', async () => {
    const sequences = async (query: string) =>
      jsonLines(await (await ask(query)).text()).map(({ sequence }) => sequence);
    const at = (sequence: number, more = 0) =>
      encodeURIComponent(toInstant((fromInstant(all[sequence].recordedAt)! + more) as Microseconds));
    expect(await sequences('?after=9&until=12')).toEqual([10, 11, 12]);
    expect(await sequences('?after=299&limit=2')).toEqual([300, 301]);
    expect(await sequences(`?after=${at(9)}&until=${at(12)}`)).toEqual([10, 11, 12]);
    expect(await sequences(`?after=${at(9, -1)}&until=${at(12, -1)}`)).toEqual([9, 10, 11]);
    expect(await sequences('?until=2020-01-01')).toEqual([]);
    expect(await sequences('?after=302')).toEqual([]);
    expect(await sequences('?after=5000')).toEqual([]);
  });

  test('says up to where it goes, and whether that is final', async () => {
    const said = async (query: string) => {
      const { headers } = await ask(query);
      return [headers.get('content-type'), headers.get('x-pramaan-until'), headers.get('x-pramaan-final')];
    };
    expect(await said('?after=300')).toEqual(['application/x-ndjson', '302', null]);
    expect(await said('?after=300&until=301')).toEqual(['application/x-ndjson', '301', 'true']);
    expect(await said('?after=300&until=9999')).toEqual(['application/x-ndjson', '302', 'false']);
    // Today's end in Kolkata lies after everything recorded so far.
    const today = new Date(Date.now() + 5.5 * 3_600_000).toISOString().slice(0, 10);
    expect(await said(`?after=300&until=${today}`)).toEqual(['application/x-ndjson', '302', 'false']);
    const head = await server.fetch('/audit/events?after=300', { as: auditor, method: 'HEAD' });
    expect([head.status, head.headers.get('x-pramaan-until'), await head.text()]).toEqual([200, '302', '']);
  });

  test.each([
    ['?until=yesterday', '$.until', /neither a sequence/],
    ['?until=2026-02-30', '$.until', /not a day/],
    ['?after=2026-04-01T00:00:00', '$.after', /add Z/],
    ['?limit=0', '$.limit', /at least 1/],
    ['?atLeast=x', '$.atLeast', /whole number/],
    ['?untill=5', '$.untill', /unknown/],
    ['?until=5&until=6', '$.until', /twice/],
  ])('refuses %s in words', async (query, path, words) => {
    const response = await ask(query);
    expect(response.status).toBe(400);
    const problem = (await response.json()) as Anything;
    expect(problem.errors).toMatchObject([{ path, message: expect.stringMatching(words) }]);
  });
});

describe('GET /audit/access', () => {
  const month = new Date(Date.now() + 5.5 * 3_600_000).toISOString().slice(0, 7);

  test('names every use: who, what, when, with which parameters, and how it ended', async () => {
    const requestId = `look-${Date.now()}`;
    await (
      await server.fetch('/audit/events?after=298', { as: auditor, headers: { 'x-request-id': requestId } })
    ).text();
    const trail = jsonLines(await (await server.fetch(`/audit/access?month=${month}`, { as: auditor })).text());
    const begun = trail.find(({ type, data }) => type === 'audit-accessed.v1' && data.requestId === requestId);
    expect(begun.data).toEqual({
      credential: auditor.id,
      name: 'State auditor',
      what: 'events',
      parameters: { after: '298' },
      at: begun.recordedAt,
      requestId,
    });
    const ended = trail.find(({ data }) => data.access === begun.id);
    expect(ended).toMatchObject({
      type: 'audit-access-ended.v1',
      data: { outcome: 'whole', events: 4, last: 302 },
      metadata: { $causationId: begun.id, $correlationId: requestId },
    });
    // This look at the trail is in it too: it was written before anything was given out.
    expect(trail.at(-1).data).toMatchObject({ what: 'access', parameters: { month } });
    expect(trail.map(({ sequence }) => sequence)).toEqual(trail.map((_, at) => at));
  });

  test('can be had as one JSON document; without a month it is this one', async () => {
    const response = await server.fetch('/audit/access', { as: auditor, headers: { accept: 'application/json' } });
    const trail = (await response.json()) as Anything;
    expect(trail.month).toBe(month);
    expect(trail.events.length).toBeGreaterThan(2);
    expect(await (await server.fetch('/audit/access?month=2020-01', { as: auditor })).text()).toBe('');
    expect((await server.fetch('/audit/access?month=2020-13', { as: auditor })).status).toBe(400);
  });

  test('a reader who goes away in the middle was given no more than it took, and the trail says so', async () => {
    const large = await startServer();
    try {
      for (let at = 0; at < 40; at++) {
        const response = await postStatements(large, [statement(at, { result: { response: 'x'.repeat(500_000) } })]);
        expect(response.status).toBe(200);
      }
      const leaving = new AbortController();
      const response = await large.fetch('/audit/events', { signal: leaving.signal });
      const reader = response.body!.getReader();
      await reader.read();
      leaving.abort();
      const outcome = async (): Promise<Anything> => {
        const trail = jsonLines(await (await large.fetch('/audit/access')).text());
        const begun = trail.find(({ data }) => data.what === 'events');
        return trail.find(({ data }) => data.access === begun.id)?.data ?? outcome();
      };
      const { outcome: how, events: given } = await outcome();
      expect(how).toBe('cut-off');
      expect(given).toBeLessThan(41);
    } finally {
      await large.stop();
    }
  });

  test('a use that was refused is none', async () => {
    const before = jsonLines(await (await server.fetch('/audit/access', { as: auditor })).text()).length;
    await ask('?until=yesterday');
    await (await server.fetch('/audit/events')).text();
    const after = jsonLines(await (await server.fetch('/audit/access', { as: auditor })).text());
    expect(after.slice(before + 1).map(({ data }) => data.what ?? data.outcome)).toEqual(['events', 'whole', 'access']);
  });
});

describe('pramaan replay', () => {
  const replay = (knownAt: string, out: string) =>
    run(['replay', '--known-at', knownAt, '--out', out, '--json'], beside(server));

  test('gives exactly what was known at R: events, and read models built from these alone', async () => {
    const out = join(folder, 'at-instant');
    const R = 150;
    const { code, json, errors } = await replay(all[R].recordedAt, out);
    expect(errors).toMatch(/151 events known/);
    expect(code).toBe(0);
    const manifest = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8'));
    expect(json).toEqual(manifest);
    expect(manifest).toMatchObject({
      format: 'pramaan-replay.v1',
      recordId: all[0].data.recordId,
      knownAt: { kind: 'instant', instant: all[R].recordedAt },
      sequence: R,
      lastEvent: { id: all[R].id, recordedAt: all[R].recordedAt },
      final: true,
      head: 302,
      counts: { events: R + 1, byType: { 'record-opened.v1': 1, 'statement-recorded.v1': R } },
    });
    expect(readdirSync(out).sort()).toEqual([
      'events.ndjson',
      'manifest.json',
      'people.sqlite',
      'statement-index.sqlite',
    ]);

    // The same bytes that an auditor is given over HTTP.
    const file = readFileSync(join(out, 'events.ndjson'));
    expect(file.toString()).toBe(await (await ask(`?until=${R}`)).text());
    expect(manifest.files.events.sha256).toBe(createHash('sha256').update(file).digest('hex'));

    const { settings, streams } = logOf(server.dataDir);
    const logFile = recordFileOf(settings);
    const fresh = await buildIndexUpTo({ logFile, streams, until: R as Sequence, dir: join(folder, 'fresh') });
    expect(manifest.files.statementIndex.digest).toBe(fresh.digest);
    expect(fresh.checkpoint.sequence).toBe(R);
  });

  test('before and after a void: what was known then is not what is known now', async () => {
    const digests: string[] = [];
    for (const R of [300, 301, 302]) {
      const { code, json } = await replay(String(R), join(folder, `at-${R}`));
      expect(code).toBe(0);
      expect(json).toMatchObject({ sequence: R, final: true, knownAt: { kind: 'sequence' } });
      digests.push(json.files.statementIndex.digest);
    }
    expect(new Set(digests).size).toBe(3);
    // At the head it is the index that the store itself keeps.
    expect(digests[2]).toBe(digestOfIndex(server.dataDir));
  });

  test('gives the learners and departments as they were kept when the record ended there', async () => {
    const state = await startServer();
    try {
      const course = 'https://learn.example.gov.in/courses/office-procedure';
      const voided = '7d4c1c5e-0c55-4d0e-9f70-6f2f3f0f0e01';
      const moments: { readonly sequence: number; readonly digest: string | undefined }[] = [];
      const remember = async (sequence: number): Promise<void> => {
        await askReports(state, 'unmatched', { atLeast: sequence });
        moments.push({ sequence, digest: digestOfModel('people', state.dataDir) });
      };
      await load(state, 'departments', [
        'id,kind,parent,name_en,from',
        'state,state,,State,2000-01-01',
        'health,department,state,Health,2000-01-01',
        'revenue,department,state,Revenue,2000-01-01',
      ]);
      await load(state, 'people', [
        'code,name_en,identities,department,from',
        `EMP-1,First,${account('EMP-1')},health,2020-04-01`,
        `EMP-2,Second,${account('EMP-2')},health,2020-04-01`,
      ]);
      const learns = (who: string, id?: string) =>
        learnt({ who, course, at: '2026-03-20 11:00', ...(id === undefined ? {} : { id }) });
      // EMP-3 is nobody's yet; what is voided next was known until then.
      await remember(await post(state, learns('EMP-1', voided), learns('EMP-3')));
      await remember(await voidStatement(state, voided));
      await load(state, 'people', ['code,name_en,identities', `EMP-3,Third,${account('EMP-3')}`]);
      const moved = await load(state, 'postings', [
        'code,kind,department,from',
        'EMP-2,substantive,revenue,2026-03-01',
      ]);
      await remember(moved.sequence);
      await post(state, learns('EMP-2'));

      for (const { sequence, digest } of moments) {
        const out = join(folder, `people-${sequence}`);
        const { code, json } = await run(
          ['replay', '--known-at', String(sequence), '--out', out, '--json'],
          beside(state),
        );
        expect(code).toBe(0);
        expect(json.files.peopleModel).toEqual({ name: 'people.sqlite', version: expect.any(String), digest });
      }
      expect(new Set(moments.map(({ digest }) => digest)).size).toBe(3);
    } finally {
      await state.stop();
    }
  });

  test('today is not over: what is known so far is not final', async () => {
    const today = new Date(Date.now() + 5.5 * 3_600_000).toISOString().slice(0, 10);
    const { code, json, errors } = await replay(today, join(folder, 'today'));
    expect(code).toBe(0);
    expect(json).toMatchObject({ sequence: 302, final: false, knownAt: { kind: 'date' } });
    expect(errors).toMatch(/not final/);
  });

  test('is in the trail, with the account that asked', async () => {
    await replay('12', join(folder, 'at-12'));
    const trail = jsonLines(await (await server.fetch('/audit/access', { as: auditor })).text());
    const begun = trail.findLast(({ data }) => data.what === 'replay');
    expect(begun.data).toMatchObject({ credential: 'command-line', parameters: { knownAt: '12', sequence: 12 } });
    expect(trail.find(({ data }) => data.access === begun.id).data).toMatchObject({
      outcome: 'whole',
      events: 13,
      last: 12,
    });
  });

  test('what cannot be answered is said in words, and nothing is written', async () => {
    const out = join(folder, 'refused');
    for (const [knownAt, words] of [
      ['2999-01-01', /in the future/],
      ['2999-01-01T00:00:00Z', /in the future/],
      ['2020-01-01', /Nothing was known at 2020-01-01: this record begins at/],
      ['2020-01-01T00:00:00', /add Z/],
      ['soon', /neither a sequence/],
    ] as const) {
      const { code, errors } = await replay(knownAt, out);
      expect(errors).toMatch(words);
      expect(code).toBe(2);
    }
    expect(readdirSync(folder)).not.toContain('refused');

    mkdirSync(out);
    writeFileSync(join(out, 'letter.txt'), 'mine');
    expect(await replay('5', out)).toMatchObject({ code: 2, errors: expect.stringMatching(/not empty/) });
    expect(readdirSync(out)).toEqual(['letter.txt']);
  });
});
