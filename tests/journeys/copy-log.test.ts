// A whole log moved from a folder to EventStoreDB and back: the same store from the copy, also when copying was cut off.

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { NOTHING } from '../../contracts/words.ts';
import { verifyLog } from '../../src/event-log/copy.ts';
import { openEventStoreDbLog } from '../../src/event-log/eventstoredb/index.ts';
import { type EventLog, streamsWithPrefix } from '../../src/event-log/index.ts';
import { jsonEvent } from '../../src/event-log/json-event.ts';
import { digestOfIndex, digestOfModel } from '../../src/projector/index.ts';
import { startDouble } from '../eventstoredb-double/index.ts';
import { type EventStoreForTests, eventStoreForTests } from '../eventstoredb-double/server-for-tests.ts';
import { type Anything, credential, events, jsonLines, type Made, run, start } from './command.ts';
import { newFolder, postStatements, removeFolders, type Server, startServer } from './server.ts';

/** A real server keeps what earlier runs wrote. */
const PREFIX = `journey-${randomUUID().slice(0, 8)}-`;
const STATEMENTS = 2_500;
/** Larger than what travels in a manifest, smaller than the least append a server may be set to. */
const DOCUMENT = randomBytes(20_000).toString('base64');
const ATTACHMENT = randomBytes(40_000);
const SHA2 = createHash('sha256').update(ATTACHMENT).digest('hex');
const PROFILE = '/xapi/activities/profile?activityId=https://example.gov.in/course/1&profileId=outline';
const STATE = `/xapi/activities/state?activityId=https://example.gov.in/course/1&stateId=bookmark&agent=${encodeURIComponent('{"mbox":"mailto:e1@example.gov.in"}')}`;

let server: Server;
let lms: Made;
let eventStore: EventStoreForTests;

function statement(number: number, more: object = {}): Anything {
  return {
    id: `0190c000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    actor: { objectType: 'Agent', mbox: `mailto:e${number % 50}@example.gov.in` },
    verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
    object: { id: `https://example.gov.in/course/${number % 20}` },
    result: { response: 'x'.repeat(500) },
    ...more,
  };
}

const put = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
  server.fetch(path, { method: 'PUT', headers: { 'content-type': 'text/plain', ...headers }, body });

beforeAll(async () => {
  eventStore = await eventStoreForTests();
  server = await startServer();
  lms = await credential(server, 'LMS', ['statements/write', 'statements/read', 'state', 'profile']);
  for (let first = 0; first < STATEMENTS; first += 500) {
    const batch = Array.from({ length: 500 }, (_, index) => statement(first + index));
    expect((await postStatements(server, batch)).status).toBe(200);
  }
  const display = { en: 'certificate' };
  const usageType = 'http://id.tincanapi.com/attachment/certificate-of-completion';
  const attachment = { usageType, display, contentType: 'image/png', length: ATTACHMENT.length, sha2: SHA2 };
  const body = Buffer.concat([
    Buffer.from('--b\r\nContent-Type: application/json\r\n\r\n'),
    Buffer.from(JSON.stringify(statement(STATEMENTS, { attachments: [attachment] }))),
    Buffer.from(
      `\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${SHA2}\r\n\r\n`,
    ),
    ATTACHMENT,
    Buffer.from('\r\n--b--\r\n'),
  ]);
  const headers = { 'content-type': 'multipart/mixed; boundary=b' };
  expect((await server.fetch('/xapi/statements', { method: 'POST', headers, body })).status).toBe(200);
  expect((await put(STATE, 'पृष्ठ 7')).status).toBe(204);
  expect((await put(PROFILE, DOCUMENT, { 'if-none-match': '*' })).status).toBe(204);
  // Leaves its trace in the access trail.
  await events(server, '?limit=1');
});
afterAll(async () => {
  await server.stop();
  await eventStore.close();
  removeFolders();
});

const copy = (from: string, to: string, ...more: string[]) =>
  run(['copy-log', '--from', from, '--to', to, '--json', ...more]);

test('a log that is in use goes to EventStoreDB and back, and another store goes on with it', async () => {
  const there = await copy(server.dataDir, eventStore.url, '--to-prefix', PREFIX);
  expect(there.errors).toMatch(/was read back:[\s\S]*in both[\s\S]*Digest of the record, equal in both: [0-9a-f]{64}/);
  expect(there).toMatchObject({ code: 0, json: { fromPrefix: '', toPrefix: PREFIX } });
  const { streams, appended, record } = there.json;
  // The record, credentials, documents, two scopes, a content, an attachment, the trail of this month.
  expect(streams).toBe(8);
  expect(appended).toBe(there.json.events);

  // What was recorded meanwhile comes with the next run.
  expect((await postStatements(server, [statement(STATEMENTS + 1)])).status).toBe(200);
  expect((await put(STATE, 'पृष्ठ 8', { 'if-match': '*' })).status).toBe(204);
  const again = await copy(server.dataDir, eventStore.url, '--to-prefix', PREFIX);
  expect(again.json).toMatchObject({ streams, appended: 2, record: { head: record.head + 1 } });

  const dataDir = join(newFolder(), 'moved');
  const back = await copy(eventStore.url, dataDir, '--from-prefix', PREFIX, '--to-prefix', '');
  expect(back).toMatchObject({ code: 0, json: { streams, record: again.json.record, events: again.json.events } });
  const file = join(server.dataDir, 'log.sqlite');
  expect(verifyLog(join(dataDir, 'log.sqlite'))).toEqual(verifyLog(file));
  expect(back.json.record).toEqual(verifyLog(file).record);

  const moved = await startServer({ dataDir });
  try {
    const here = await events(moved, `?atLeast=${record.head + 1}`);
    expect(here).toEqual(await events(server));
    const as = lms;
    const [state, profile] = [await moved.fetch(STATE, { as }), await moved.fetch(PROFILE, { as })];
    expect([await state.text(), await profile.text()]).toEqual(['पृष्ठ 8', DOCUMENT]);
    expect(profile.headers.get('etag')).toBe((await server.fetch(PROFILE)).headers.get('etag'));
    const path = `/xapi/statements?statementId=${statement(STATEMENTS).id}&attachments=true`;
    const found = Buffer.from(await (await moved.fetch(path, { as })).arrayBuffer());
    expect(found.includes(ATTACHMENT)).toBe(true);
    const trail = async (one: Server) => jsonLines(await (await one.fetch('/audit/access')).text());
    expect(await trail(moved)).toEqual(expect.arrayContaining((await trail(server)).slice(0, 2)));
    const next = await postStatements(moved, [statement(1_000_000)]);
    expect(next.headers.get('x-pramaan-sequence')).toBe(String(record.head + 2));
  } finally {
    await moved.stop();
  }
  const original = join(newFolder(), 'data');
  await copy(server.dataDir, original);
  const whole = await startServer({ dataDir: original });
  await events(whole, `?atLeast=${record.head + 1}`);
  await whole.fetch(`/reports/unmatched?atLeast=${record.head + 1}`);
  await whole.stop();
  // The store that went on has one statement more; without it, the read models of both are the same.
  const replayed = await run(
    ['replay', '--known-at', String(record.head + 1), '--out', join(newFolder(), 'replay'), '--json'],
    {
      PRAMAAN_DATA_DIR: dataDir,
    },
  );
  expect(replayed.json.files.statementIndex.digest).toBe(digestOfIndex(original));
  expect(replayed.json.files.peopleModel.digest).toBe(digestOfModel('people', original));
});

test('a node on EventStoreDB goes on with the copy; while it writes, nothing is copied over it, and it can be copied away', async () => {
  const prefix = `${PREFIX}node-`;
  const there = await copy(server.dataDir, eventStore.url, '--to-prefix', prefix);
  const environment = { PRAMAAN_EVENT_LOG_URL: eventStore.url, PRAMAAN_STREAM_PREFIX: prefix };
  const node = await startServer({ environment });
  const { head } = there.json.record;
  const dataDir = join(newFolder(), 'away');
  try {
    expect(await events(node, `?atLeast=${head}`)).toEqual(await events(server));
    const profile = await node.fetch(PROFILE, { as: lms });
    expect([profile.status, await profile.text()]).toEqual([200, DOCUMENT]);
    const next = await postStatements(node, [statement(2_000_000)]);
    expect(next.headers.get('x-pramaan-sequence')).toBe(String(head + 1));
    expect(await copy(server.dataDir, eventStore.url, '--to-prefix', prefix)).toMatchObject({
      code: 1,
      errors: expect.stringMatching(/is in use: a node wrote/),
    });
    const away = await copy(eventStore.url, dataDir, '--from-prefix', prefix, '--to-prefix', '');
    expect(away.json).toMatchObject({ streams: there.json.streams, record: { head: head + 1 } });
    // The folder of that node holds the record alone.
    const wrong = await copy(node.dataDir, join(newFolder(), 'no'), '--from-prefix', prefix);
    expect(wrong.errors).toMatch(/whose log is on a server: give that server's connection string/);
  } finally {
    await node.stop();
  }
  const back = await startServer({ dataDir });
  try {
    const found = await back.fetch(`/xapi/statements?statementId=${statement(2_000_000).id}`, { as: lms });
    expect(found.status).toBe(200);
  } finally {
    await back.stop();
  }
});

/** Resolves when the stream has more than `revision`. */
async function reaches(log: EventLog, stream: string, revision: number): Promise<void> {
  for await (const delivery of log.subscribe(stream, { after: NOTHING })) {
    if (delivery.kind === 'events' && delivery.events.at(-1)!.revision > revision) return;
  }
}

test('killed in the middle, both ways, it goes on where it was', async () => {
  const double = await startDouble();
  const log = openEventStoreDbLog({ url: double.url, maxAppendBytes: 1024 * 1024 });
  try {
    await double.fault('slow', { ms: 20 });
    const args = ['copy-log', '--from', server.dataDir, '--to', double.url, '--append-bytes', '65536', '--json'];
    for (const milestone of [100, 1_000]) {
      const copying = start(args);
      await reaches(log, 'record', milestone);
      copying.process.kill('SIGKILL');
      expect((await copying.ended).json).toBeUndefined();
    }
    const held = await log.head('record');
    await double.clear();
    const there = await run(args);
    const source = verifyLog(join(server.dataDir, 'log.sqlite'));
    expect(there).toMatchObject({ code: 0, json: { events: source.events, streams: source.streams } });
    expect(there.json.record).toEqual(source.record);
    expect(there.json.appended).toBeLessThanOrEqual(source.record.head - held);

    const dataDir = join(newFolder(), 'back');
    // Each longer read is cut off: so far and no farther.
    await double.fault('disconnect-mid-read', { after: 700 });
    const back = ['copy-log', '--from', double.url, '--to', dataDir, '--json'];
    const copying = start(back);
    const [line] = await once(copying.process.stderr!, 'data');
    expect(String(line)).toMatch(/trying again for 120 s/);
    copying.process.kill('SIGKILL');
    await copying.ended;
    await double.clear();
    const resumed = await run(back);
    expect(resumed.json).toMatchObject({ events: source.events, record: source.record });
    expect(resumed.json.appended).toBeLessThan(source.record.head);
    expect(resumed.json.appended).toBeGreaterThan(0);
    expect(verifyLog(join(dataDir, 'log.sqlite'))).toEqual(source);
  } finally {
    await log.close();
    await double.stop();
  }
});

test('a server that goes away and comes back in the middle changes nothing', async () => {
  const double = await startDouble();
  const log = openEventStoreDbLog({ url: double.url, maxAppendBytes: 1024 * 1024 });
  try {
    await double.fault('slow', { ms: 20 });
    const args = ['copy-log', '--from', server.dataDir, '--to', double.url, '--append-bytes', '65536', '--json'];
    const copying = start(args);
    await reaches(log, 'record', 100);
    await double.restart();
    await double.fault('drop-ack', { times: 2 });
    await reaches(log, 'record', 1_000);
    await double.clear();
    const { code, json } = await copying.ended;
    expect({ code, record: json.record }).toEqual({
      code: 0,
      record: verifyLog(join(server.dataDir, 'log.sqlite')).record,
    });
  } finally {
    await log.close();
    await double.stop();
  }
});

test('documents that were changed in a copy stay as they were acknowledged there, and those changed in the source follow', async () => {
  const [A, B] = [join(newFolder(), 'a'), join(newFolder(), 'b')];
  const second = PROFILE.replace('outline', 'second');
  const changed = PROFILE.replace('course/1', 'course/2');
  /** What each path answers, after these changes were made by a store on the folder. */
  const serving = async (dataDir: string, ...changes: [method: 'PUT' | 'DELETE', path: string, body?: string][]) => {
    const store = await startServer({ dataDir });
    try {
      for (const [method, path, body] of changes) {
        const etag = (await store.fetch(path)).headers.get('etag');
        const condition: Record<string, string> = etag ? { 'if-match': etag } : { 'if-none-match': '*' };
        const headers = { 'content-type': 'text/plain', ...condition };
        expect((await store.fetch(path, { method, headers, ...(body && { body }) })).status).toBe(204);
      }
      return await Promise.all([PROFILE, second, changed].map(async (path) => (await store.fetch(path)).text()));
    } finally {
      await store.stop();
    }
  };
  const refused = { code: 1, errors: expect.stringMatching(/gone on by itself: documents .* were changed there/) };
  const gone = expect.stringMatching(/not found|404/i);

  await serving(A, ['PUT', PROFILE, 'old'], ['PUT', second, 'old'], ['PUT', changed, 'old']);
  expect((await copy(A, B)).code).toBe(0);
  // Of the source, everything follows: what it changed, and that it deleted the newest.
  await serving(A, ['PUT', PROFILE, 'new'], ['DELETE', second]);
  expect(await copy(A, B)).toMatchObject({ code: 0, json: { appended: 1 } });
  expect(await serving(B)).toEqual(['new', gone, 'old']);
  await serving(A, ['PUT', second, 'again'], ['PUT', changed, 'x'], ['DELETE', changed]);
  expect((await copy(A, B)).code).toBe(0);

  expect(await serving(B, ['PUT', PROFILE, 'acknowledged'])).toEqual(['acknowledged', 'again', gone]);
  expect(await copy(A, B)).toMatchObject(refused);
  // Nothing is written, not even what the source alone has changed.
  await serving(A, ['PUT', changed, 'of the source']);
  expect(await copy(A, B)).toMatchObject(refused);
  expect(await serving(B)).toEqual(['acknowledged', 'again', gone]);

  await serving(A, ['PUT', PROFILE, 'of the source']);
  const D = join(newFolder(), 'd');
  expect((await copy(A, D)).code).toBe(0);
  expect(await serving(D, ['DELETE', second])).toEqual(['of the source', gone, 'of the source']);
  expect(await copy(A, D)).toMatchObject(refused);
  expect(await serving(D)).toEqual(['of the source', gone, 'of the source']);
});

test('no part of a password is shown, whatever it is made of', async () => {
  const { port } = new URL(eventStore.url);
  for (const password of ['part/part', 'part?part', 'part/part?part', 'part@part', 'part:part', '/@:?part']) {
    for (const scheme of ['esdb', 'http']) {
      const url = `${scheme}://admin:${password}@127.0.0.1:${port}?tls=false`;
      for (const places of [
        [url, join(newFolder(), 'copy')],
        [server.dataDir, url],
      ] as const) {
        const { code, errors, output } = await copy(...places, '--from-prefix', `${PREFIX}none-`);
        expect([code, errors]).toEqual([scheme === 'esdb' ? 1 : 2, expect.stringMatching(/^pramaan: /)]);
        expect(errors + output).not.toMatch(/part|admin/);
      }
    }
  }
});

test('what cannot be copied is said in words, and nothing is touched', async () => {
  const empty = newFolder();
  const letter = newFolder();
  writeFileSync(join(letter, 'letter.txt'), 'mine');
  const other = await startServer();
  const stranger = other.dataDir;
  await other.stop();
  const prefix = `${PREFIX}words-`;
  // What a node that works on a server leaves there.
  const used = streamsWithPrefix(`${PREFIX}used-`);
  const log = openEventStoreDbLog({ url: eventStore.url, maxAppendBytes: 1024 * 1024 });
  const mark = jsonEvent('clock-compared.v1', { writers: {} }, {});
  await log.append(used.clock, [mark], { expectedRevision: NOTHING, keepLast: true });
  await log.close();
  const cases: [RegExp, string[]][] = [
    [/nothing to copy: .* holds no record/, [server.dataDir, empty, '--from-prefix', 'no-']],
    [/There is no log at/, [join(empty, 'nowhere'), join(empty, 'copy')]],
    [/the same log under the same prefix/, [server.dataDir, join(server.dataDir, 'log.sqlite')]],
    [/is in use by another Pramaan process/, [stranger, server.dataDir]],
    [/is in use: a node wrote/, [server.dataDir, eventStore.url, '--to-prefix', `${PREFIX}used-`]],
    [/holds another record/, [server.dataDir, stranger]],
    [/not empty \(letter\.txt\)/, [server.dataDir, letter]],
    [
      /the event at revision 0 of the stream .*content-.* bytes; the copy takes/,
      [server.dataDir, eventStore.url, '--to-prefix', prefix, '--append-bytes', '65536'],
    ],
    [/EventStoreDB at 127\.0\.0\.1:1/, [server.dataDir, 'esdb://127.0.0.1:1?tls=false']],
  ];
  expect((await put(PROFILE.replace('outline', 'large'), 'x'.repeat(100_000), { 'if-none-match': '*' })).status).toBe(
    204,
  );
  for (const [words, [from, to, ...more]] of cases) {
    const { code, errors, json } = await copy(from!, to!, ...more);
    expect(errors).toMatch(words);
    expect(errors).not.toMatch(/^\s+at /m);
    expect([code, json]).toEqual([1, undefined]);
  }
  expect(readdirSync(empty)).toEqual([]);
  expect(existsSync(join(letter, 'log.sqlite'))).toBe(false);
  expect((await run(['copy-log', '--from', 'http://a', '--to', empty])).code).toBe(2);
  expect((await copy(server.dataDir, empty, '--append-bytes', '7')).code).toBe(2);
});
