// A backup of a store that goes on working, and the same store again from it.

import { copyFileSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOfIndex } from '../../src/projector/index.ts';
import { type Anything, beside, credential, type Ended, events, type Made, run } from './command.ts';
import { newFolder, postStatements, removeFolders, type Server, startServer } from './server.ts';

let server: Server;
let lms: Made;
let folder: string;
let file: string;
let backedUp: Ended;
/** Acknowledged before the backup was begun, and after it had ended. */
const before: string[] = [];
const meanwhile: string[] = [];

function statement(number: number): Anything {
  return {
    id: `0190c000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    actor: { objectType: 'Agent', mbox: `mailto:e${number % 50}@example.gov.in` },
    verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
    object: { id: `https://example.gov.in/course/${number % 20}` },
    result: { response: 'x'.repeat(500) },
  };
}

const idsOf = (all: readonly Anything[]) =>
  all.filter(({ type }) => type === 'statement-recorded.v1').map(({ data }) => data.id as string);

beforeAll(async () => {
  folder = newFolder();
  file = join(folder, 'backup.sqlite');
  server = await startServer();
  lms = await credential(server, 'LMS', ['statements/write', 'statements/read', 'state']);
  let number = 0;
  const post = async (acknowledged: string[]) => {
    const statements = Array.from({ length: 50 }, () => statement(number++));
    const response = await postStatements(server, statements);
    expect(response.status).toBe(200);
    acknowledged.push(...((await response.json()) as string[]));
  };
  for (let batch = 0; batch < 80; batch++) await post(before);
  const state = await server.fetch(
    `/xapi/activities/state?activityId=https://example.gov.in/course/1&stateId=bookmark&agent=${encodeURIComponent('{"mbox":"mailto:e1@example.gov.in"}')}`,
    { method: 'PUT', headers: { 'content-type': 'text/plain', 'if-none-match': '*' }, body: 'पृष्ठ 7' },
  );
  expect(state.status).toBe(204);

  let ended = false;
  const backup = run(['backup', '--out', file, '--json'], beside(server)).finally(() => {
    ended = true;
  });
  // Four clients write until the backup is there.
  await Promise.all(
    Array.from({ length: 4 }, async () => {
      while (!ended) await post(meanwhile);
    }),
  );
  backedUp = await backup;
});
afterAll(async () => {
  await server.stop();
  removeFolders();
});

test('says what was verified', () => {
  expect(backedUp.code).toBe(0);
  expect(backedUp.errors).toMatch(/no damage.*revisions without gaps.*Digest of the record: [0-9a-f]{64}/s);
  expect(meanwhile.length).toBeGreaterThan(0);
  expect(backedUp.json.record.head).toBeGreaterThanOrEqual(before.length);
  // One file: whoever carries it away needs nothing beside it.
  expect(readdirSync(folder)).toEqual(['backup.sqlite']);
});

test('restored, it holds every statement acknowledged before, the documents and the credentials; its index is built again', async () => {
  const dataDir = join(newFolder(), 'data');
  const restored = await run(['restore', file, '--digest', backedUp.json.record.digest, '--json'], {
    PRAMAAN_DATA_DIR: dataDir,
  });
  expect(restored.errors).toMatch(/read through before and after/);
  expect(restored).toMatchObject({ code: 0, json: { record: backedUp.json.record, events: backedUp.json.events } });

  const again = await startServer({ dataDir });
  try {
    const there = await events(server);
    const here = await events(again, `?atLeast=${backedUp.json.record.head}`);
    expect(here).toEqual(there.slice(0, here.length));
    expect(here.at(-1)).toMatchObject({ sequence: backedUp.json.record.head, id: backedUp.json.record.lastEventId });
    const ids = new Set(idsOf(here));
    expect(before.filter((id) => !ids.has(id))).toEqual([]);

    const state = await again.fetch(
      `/xapi/activities/state?activityId=https://example.gov.in/course/1&stateId=bookmark&agent=${encodeURIComponent('{"mbox":"mailto:e1@example.gov.in"}')}`,
      { as: lms },
    );
    expect([state.status, await state.text()]).toEqual([200, 'पृष्ठ 7']);
    const found = await again.fetch(
      `/xapi/statements?agent=${encodeURIComponent('{"mbox":"mailto:e1@example.gov.in"}')}&limit=5`,
      {
        as: lms,
        headers: { 'x-pramaan-at-least': String(backedUp.json.record.head) },
      },
    );
    expect(((await found.json()) as Anything).statements.length).toBe(5);

    // It goes on as a store of its own.
    const next = await postStatements(again, [statement(1_000_000)]);
    expect(next.headers.get('x-pramaan-sequence')).toBe(String(backedUp.json.record.head + 1));
  } finally {
    await again.stop();
  }
  const built = digestOfIndex(dataDir);
  const replayed = await run(
    ['replay', '--known-at', String(backedUp.json.record.head + 1), '--out', join(folder, 'replayed'), '--json'],
    {
      PRAMAAN_DATA_DIR: dataDir,
    },
  );
  expect(replayed.json.files.statementIndex.digest).toBe(built);
});

test('never replaces anything: neither a file nor a log', async () => {
  expect(await run(['backup', '--out', file], beside(server))).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/never replaces a file/),
  });
  expect(await run(['restore', file], { PRAMAAN_DATA_DIR: server.dataDir })).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/holds a log already/),
  });
  const full = newFolder();
  writeFileSync(join(full, 'letter.txt'), 'mine');
  expect(await run(['restore', file], { PRAMAAN_DATA_DIR: full })).toMatchObject({
    code: 1,
    errors: expect.stringMatching(/not empty \(letter\.txt\)/),
  });
});

test('what is damaged, or not the one meant, is refused before anything is written', async () => {
  const dataDir = join(folder, 'never');
  const damaged = join(folder, 'damaged.sqlite');
  const length = readFileSync(file).length;
  copyFileSync(file, damaged);
  const descriptor = openSync(damaged, 'r+');
  for (let at = Math.floor(length / 2); at < length / 2 + 65_536; at += 512)
    writeSync(descriptor, Buffer.alloc(512, 0x55), 0, 512, at);
  const half = join(folder, 'half.sqlite');
  writeFileSync(half, readFileSync(file).subarray(0, Math.floor(length / 2)));
  const letter = join(folder, 'letter.txt');
  writeFileSync(letter, 'not a log');
  for (const one of [damaged, half, letter, join(folder, 'missing')]) {
    const { code, errors } = await run(['restore', one], { PRAMAAN_DATA_DIR: dataDir });
    expect(errors).toMatch(/^pramaan: /);
    expect(errors).not.toMatch(/^\s+at /m);
    expect(code).toBe(1);
  }
  const other = await run(['restore', file, '--digest', '0'.repeat(64)], { PRAMAAN_DATA_DIR: dataDir });
  expect(other).toMatchObject({ code: 1, errors: expect.stringMatching(/not the backup meant/) });
  mkdirSync(dataDir);
  expect(readdirSync(dataDir)).toEqual([]);
});
