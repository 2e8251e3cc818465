// What the embedded log promises beyond the contract: other threads and processes, a killed writer, a full disk, files that
// are no log, scattered reads.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOTHING } from '../../../contracts/words.ts';
import { type LocalLog, LogRefused, LogUnavailable } from '../../../src/event-log/index.ts';
import { openFile } from '../../../src/event-log/sqlite/file.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { logOver } from '../../../src/event-log/sqlite/log.ts';
import { all, binaryEvent, filled, idsOf, numbered, Reader, revision, revisionsOf } from './events.ts';

const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));

let folder: string;
let file: string;
const opened: LocalLog[] = [];
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pramaan-log-'));
  file = join(folder, 'log.sqlite');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const log of opened.splice(0)) await log.close();
  rmSync(folder, { recursive: true });
});

function open(options: Parameters<typeof openSqliteLog>[1] = {}): LocalLog {
  const log = openSqliteLog(file, options);
  opened.push(log);
  return log;
}

/** Another process that appends to `record`; `shell` stands before its command line. */
function writing(appends: number, shell = ''): { child: ChildProcess; lines: AsyncIterableIterator<string> } {
  const child = spawn(
    '/bin/sh',
    ['-c', `${shell} exec "$0" "$@"`, process.execPath, WRITER, file, 'record', `${appends}`],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  children.push(child);
  return { child, lines: createInterface({ input: child.stdout! })[Symbol.asyncIterator]() };
}

describe('other threads and processes', () => {
  test('a subscriber hears of what another thread appends', async () => {
    const log = open();
    const reader = new Reader(log.subscribe('record', { after: NOTHING }));
    await reader.untilCaughtUp();
    const worker = new Worker(WRITER, { workerData: [file, 'record', '20'] });
    expect(revisionsOf(await reader.untilEvents(140))).toEqual(Array.from({ length: 140 }, (_, index) => index));
    await reader.leave();
    await worker.terminate();
  });

  test('a subscriber hears of what another process appends', async () => {
    const log = open();
    const reader = new Reader(log.subscribe('record', { after: NOTHING }));
    await reader.untilCaughtUp();
    writing(20);
    expect(revisionsOf(await reader.untilEvents(140))).toEqual(Array.from({ length: 140 }, (_, index) => index));
    await reader.leave();
  });

  test('a handle for reading only reads and follows, and refuses to append', async () => {
    const log = open();
    await filled(log, 10, 'record');
    const onlyReads = open({ readOnly: true });
    const reader = new Reader(onlyReads.subscribe('record', { after: NOTHING }));
    await reader.untilCaughtUp();
    const waiting = reader.untilEvents(12);
    await log.append('record', numbered(2), { expectedRevision: revision(9) });
    expect(await waiting).toHaveLength(12);
    await reader.leave();
    const refused = onlyReads.append('record', numbered(1), { expectedRevision: 'any' });
    await expect(refused).rejects.toMatchObject({ name: 'LogUnavailable', outcome: 'nothing-stored' });
  });

  test('many open a new file at once and agree on one log', async () => {
    const workers = Array.from(
      { length: 6 },
      (_, index) => new Worker(WRITER, { workerData: [file, `stream-${index}`, '3'] }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    const log = open();
    for (let index = 0; index < 6; index++) expect(await log.head(`stream-${index}`)).toBe(20);
  });

  test('a closed log ends its subscriptions, lets what was begun finish, and refuses the rest', async () => {
    const log = open();
    const reader = new Reader(log.subscribe('record', { after: NOTHING }));
    await reader.untilCaughtUp();
    const waiting = reader.next();
    const begun = log.append('other', numbered(2), { expectedRevision: NOTHING });
    await log.close();
    expect((await begun).revision).toBe(1);
    expect(await waiting).toBeUndefined();
    await expect(log.head('record')).rejects.toThrow(LogUnavailable);
    expect(await open().head('other')).toBe(1);
  });
});

describe('a writer that dies', () => {
  test('in the middle of appends, three times: everything acknowledged is there, no append is there in part', async () => {
    let acknowledged = -1;
    for (let time = 0; time < 3; time++) {
      const { child, lines } = writing(1_000_000);
      const until = acknowledged + 7 * (40 + 13 * time);
      const exit = once(child, 'exit');
      for await (const line of lines) {
        acknowledged = Number(line.replace('acknowledged ', ''));
        if (acknowledged >= until) child.kill('SIGKILL');
      }
      await exit;
      const log = openSqliteLog(file);
      const stored = await all(log, 'record');
      expect(stored.length).toBeGreaterThan(acknowledged);
      expect(stored.length % 7).toBe(0);
      expect(stored.map(({ data }) => JSON.parse(Buffer.from(data).toString()).number)).toEqual(
        stored.map((_, index) => index),
      );
      await log.close();
    }
    expect(acknowledged).toBeGreaterThan(7 * 150);
  });
});

describe('no room to write', () => {
  test('on a full disk: the append says so and stored nothing, reads go on, and so do appends once there is room', async () => {
    const { database, path } = openFile(file, { readOnly: false, create: true });
    const log = logOver({ database, path });
    opened.push(log);
    await filled(log, 100, 'record');
    const pages = database.prepare('PRAGMA page_count').get()!.page_count;
    database.exec(`PRAGMA max_page_count = ${pages}`);
    const [large, small] = await Promise.allSettled([
      log.append('large', [binaryEvent(Buffer.alloc(900_000))], { expectedRevision: NOTHING }),
      log.append('small', numbered(1), { expectedRevision: NOTHING }),
    ]);
    for (const outcome of [large, small]) {
      expect(outcome).toMatchObject({
        status: 'rejected',
        reason: { name: 'LogUnavailable', outcome: 'nothing-stored' },
      });
    }
    expect((large as PromiseRejectedResult).reason.message).toContain('the disk is full');
    expect(await log.head('small')).toBe(NOTHING);
    expect(await all(log, 'record')).toHaveLength(100);
    database.exec('PRAGMA max_page_count = 1000000');
    expect((await log.append('small', numbered(1), { expectedRevision: NOTHING })).revision).toBe(0);
    expect((await log.append('large', numbered(1), { expectedRevision: NOTHING })).revision).toBe(0);
  });

  test('where the system allows no larger file: what was acknowledged is there, the failed append is not', async () => {
    // The limit counts blocks of 512 or 1,024 bytes; ignored, the signal becomes an error of write().
    const { lines } = writing(1_000_000, `trap '' XFSZ; ulimit -f 1000;`);
    let acknowledged = -1;
    let last = '';
    for await (const line of lines) {
      last = line;
      if (line.startsWith('acknowledged ')) acknowledged = Number(line.slice(13));
    }
    expect(last).toContain('LogUnavailable');
    expect(last).toContain(file);
    const log = open();
    expect(await log.head('record')).toBe(acknowledged);
    expect((await log.append('record', numbered(1), { expectedRevision: 'any' })).revision).toBe(acknowledged + 1);
  });
});

describe('a file that is no log, or not ours to use, is refused in words and left as it is', () => {
  const refusal = (options: Parameters<typeof openSqliteLog>[1] = {}): Error => {
    try {
      openSqliteLog(file, options).close();
    } catch (error) {
      return error as Error;
    }
    throw new Error('it was opened');
  };

  test('rubbish', () => {
    writeFileSync(file, 'this is no database, '.repeat(1_000));
    expect(refusal()).toBeInstanceOf(LogRefused);
    expect(refusal().message).toContain(`${file} is not an event log`);
    expect(readFileSync(file, 'utf8')).toBe('this is no database, '.repeat(1_000));
  });

  test("another program's database", () => {
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE theirs (x)');
    database.close();
    const before = readFileSync(file);
    expect(refusal()).toBeInstanceOf(LogRefused);
    expect(refusal().message).toContain('another program');
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  test('a newer layout', async () => {
    await openSqliteLog(file).close();
    const database = new DatabaseSync(file);
    database.exec('PRAGMA user_version = 2');
    database.close();
    expect(refusal()).toBeInstanceOf(LogRefused);
    expect(refusal().message).toContain('newer Pramaan');
  });

  test('a log that lost its end', async () => {
    const log = openSqliteLog(file);
    await filled(log, 3_000, 'record');
    await log.close();
    truncateSync(file, Math.floor(statSync(file).size / 2));
    expect(refusal()).toBeInstanceOf(LogRefused);
    expect(refusal().message).toMatch(/damaged.*backup/);
  });

  test('a log that lost the first events of a stream', async () => {
    const log = openSqliteLog(file);
    await filled(log, 30, 'record');
    await log.close();
    const database = new DatabaseSync(file);
    database.exec('DELETE FROM event WHERE place & 4294967295 < 5');
    database.close();
    expect(refusal().message).toContain('events of the stream record are missing');
  });

  test('no folder, a file in its place, a place where nobody may write, no file to read', () => {
    const name = file;
    file = join(folder, 'nowhere', 'log.sqlite');
    expect(refusal()).toMatchObject({ name: 'LogUnavailable', message: expect.stringContaining('there is no folder') });
    writeFileSync(join(folder, 'plain'), '');
    file = join(folder, 'plain', 'log.sqlite');
    expect(refusal()).toMatchObject({ name: 'LogUnavailable', message: expect.stringContaining('is not a folder') });
    file = name;
    expect(refusal({ readOnly: true })).toMatchObject({ message: expect.stringContaining('no event log at') });
    expect(refusal({ create: false })).toMatchObject({ message: expect.stringContaining('no event log at') });
    file = folder;
    expect(refusal()).toMatchObject({ name: 'LogRefused', message: expect.stringContaining('is not a file') });
    file = name;
  });

  test.runIf(process.platform === 'linux')('a folder in which not even root may make a file', () => {
    const name = file;
    file = '/proc/log.sqlite';
    expect(refusal()).toMatchObject({
      name: 'LogUnavailable',
      outcome: 'nothing-stored',
      message: expect.stringContaining('cannot be opened or written'),
    });
    file = name;
  });

  test('an empty file is a new log', async () => {
    writeFileSync(file, '');
    const log = open();
    expect((await log.append('record', numbered(1), { expectedRevision: NOTHING })).revision).toBe(0);
  });
});

describe('what only a log on this machine does', () => {
  test('readEach gives scattered events in the order asked for and leaves out those that are not there', async () => {
    const log = open();
    const stream = await filled(log, 500);
    const stored = await all(log, stream);
    const wanted = [499, 3, 1_000, 250, 3, -1, 0].map(revision);
    expect(log.readEach(stream, wanted)).toEqual([499, 3, 250, 3, 0].map((index) => stored[index]));
    expect(log.readEach(stream, [498, 499, 500, 501].map(revision))).toEqual(stored.slice(498, 500));
    expect(log.readEach('no such stream', wanted)).toEqual([]);
  });

  test('an append at any revision, repeated while it is the last, is not stored again', async () => {
    const log = open();
    await filled(log, 3, 'record');
    const events = numbered(2);
    const first = await log.append('record', events, { expectedRevision: 'any' });
    expect(await log.append('record', events, { expectedRevision: 'any' })).toEqual(first);
    expect(idsOf(await all(log, 'record'))).toHaveLength(5);
  });

  test('a delivery is cut off where it grows large', async () => {
    const log = open();
    for (let index = 0; index < 40; index++) {
      await log.append('large', [binaryEvent(Buffer.alloc(1_000_000, index))], { expectedRevision: 'any' });
    }
    const reader = new Reader(log.subscribe('large', { after: NOTHING }));
    await reader.untilCaughtUp();
    await reader.leave();
    expect(reader.events).toHaveLength(40);
    for (const delivery of reader.deliveries) {
      if (delivery.kind === 'events') expect(delivery.events.length).toBeLessThan(20);
    }
  });

  test('a stream that keeps its last event cannot be written as one that keeps all', async () => {
    const log = open();
    await log.append('kept', numbered(1), { expectedRevision: NOTHING, keepLast: true });
    await expect(log.append('kept', numbered(1), { expectedRevision: revision(0) })).rejects.toThrow(TypeError);
    expect(await log.head('kept')).toBe(0);
  });
});
