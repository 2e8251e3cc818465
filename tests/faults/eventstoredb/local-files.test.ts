// The log on the server is the only truth: what a node keeps beside it may be deleted, damaged or cut, and the disk below it may
// be full. It comes back by itself, and the same.

import {
  cpSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOfModel } from '../../../src/projector/index.ts';
import { type Anything, events, run } from '../../journeys/command.ts';
import { asSent, type Chance, seeded } from '../../journeys/seeded.ts';
import { newFolder } from '../../journeys/server.ts';
import { until } from '../until.ts';
import { copyIsTheServersRecord, everythingHolds, healthOf, modelsAreThoseRebuilt, settled } from './guarantees.ts';
import type { KillableStore } from './killable.ts';
import { Load } from './load.ts';
import { endEverything, logAt, newStore, nodeOn, smallDisk } from './nodes.ts';
import { statementsAreRead } from './promises.ts';

let store: KillableStore;
let record: Anything[];
let digests: Readonly<Record<'statement-index' | 'people', string | undefined>>;
/** A data folder as an orderly stop leaves it, and one as a kill does: parts of it are in write-ahead logs. */
const folders: Record<'stopped' | 'killed', string> = { stopped: '', killed: '' };

beforeAll(
  seeded(async (by) => {
    store = await newStore();
    folders.stopped = newFolder();
    folders.killed = newFolder();
    const server = await nodeOn(store, { dataDir: folders.stopped });
    const load = new Load(by);
    load.attach(server);
    await load.acknowledgements(60);
    await load.end();
    await settled(server);
    record = await events(server);
    const other = await nodeOn(store, { dataDir: folders.killed });
    await settled(other);
    await other.kill();
    expect(await server.stop()).toBe(0);
    digests = {
      'statement-index': digestOfModel('statement-index', folders.stopped),
      people: digestOfModel('people', folders.stopped),
    };
  }),
);
afterAll(endEverything);

const COPY = 'record-copy.sqlite';

function removeAll(folder: string, beginning: string): void {
  for (const name of readdirSync(folder)) if (name.startsWith(beginning)) rmSync(join(folder, name));
}

function someBytes(by: Chance, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => by.whole(0, 255)));
}

function overwrite(file: string, at: number, bytes: Uint8Array): void {
  writeSync(openSync(file, 'r+'), bytes, 0, bytes.length, at);
}

const DAMAGES: Readonly<Record<string, (folder: string, by: Chance) => void>> = {
  'the local copy is deleted': (folder) => {
    removeAll(folder, COPY);
  },
  'the local copy is deleted, its write-ahead log not': (folder) => rmSync(join(folder, COPY)),
  'the local copy is rubbish': (folder, by) => writeFileSync(join(folder, COPY), someBytes(by, by.whole(1, 100_000))),
  'the local copy is empty': (folder) => writeFileSync(join(folder, COPY), ''),
  'the local copy is cut': (folder, by) => {
    const file = join(folder, COPY);
    truncateSync(file, by.whole(1, statSync(file).size - 1));
  },
  'the local copy is cut at a page': (folder, by) => {
    const file = join(folder, COPY);
    truncateSync(file, 4096 * by.whole(1, Math.floor(statSync(file).size / 4096) - 1));
  },
  'the local copy is overwritten in the middle': (folder, by) => {
    const file = join(folder, COPY);
    const { size } = statSync(file);
    if (size > 8192) overwrite(file, 4096, someBytes(by, size - 4096));
  },
  'the statement index is deleted': (folder) => {
    removeAll(folder, 'statement-index');
  },
  'the people model is deleted': (folder) => {
    removeAll(folder, 'people');
  },
  'the local copy and the statement index are deleted': (folder) => {
    removeAll(folder, COPY);
    removeAll(folder, 'statement-index');
  },
  'everything is deleted': (folder) => rmSync(folder, { recursive: true }),
};

describe.each(['stopped', 'killed'] as const)('in a folder of a node that was %s', (how) => {
  // Whoever tampers with files does so after a stop; after a kill it is the write-ahead logs that make a difference.
  const damages = Object.entries(DAMAGES).filter(([name]) => how === 'stopped' || /deleted|at a page/.test(name));
  test.each(damages)('%s', (_, damage) =>
    seeded(async (by) => {
      const dataDir = newFolder();
      cpSync(folders[how], dataDir, { recursive: true });
      damage(dataDir, by);
      const server = await nodeOn(store, { dataDir });
      await settled(server);
      expect(await events(server)).toEqual(record);
      const { data } = by.pick(record.filter(({ type }) => type === 'statement-recorded.v1'));
      const found = await server.fetch(`/xapi/statements?statementId=${data.id}`);
      expect(asSent((await found.json()) as Anything)).toEqual(asSent(data));
      expect(await server.stop()).toBe(0);
      await copyIsTheServersRecord(dataDir, store.url);
      expect(await modelsAreThoseRebuilt(dataDir)).toEqual(digests);
    })(),
  );
});

test('a damaged local copy is kept until the server is known to hold the record, and beside the new one', () =>
  seeded(async (by) => {
    const dataDir = newFolder();
    cpSync(folders.stopped, dataDir, { recursive: true });
    const file = join(dataDir, COPY);
    const damaged = someBytes(by, by.whole(1, 100_000));
    writeFileSync(file, damaged);
    const another = await newStore();
    const environment = logAt(another.url, { PRAMAAN_PORT: '0', PRAMAAN_DATA_DIR: dataDir });
    const { code, errors } = await run(['serve'], environment);
    expect([code, errors]).toEqual([1, expect.stringContaining('--accept-loss')]);
    expect(readFileSync(file)).toEqual(damaged);

    const server = await nodeOn(store, { dataDir });
    await settled(server);
    expect(await events(server)).toEqual(record);
    expect(await server.stop()).toBe(0);
    expect(readFileSync(`${file}.damaged`)).toEqual(damaged);
  })());

test('a local copy that a newer version wrote is left as it is, and that is said', async () => {
  const dataDir = newFolder();
  cpSync(folders.stopped, dataDir, { recursive: true });
  const file = join(dataDir, COPY);
  const database = new DatabaseSync(file);
  database.exec('PRAGMA user_version = 99');
  database.close();
  const newer = readFileSync(file);
  const environment = logAt(store.url, { PRAMAAN_PORT: '0', PRAMAAN_DATA_DIR: dataDir });
  for (const more of [[], ['--accept-loss']]) {
    const { code, errors } = await run(['serve', ...more], environment);
    expect([code, errors]).toEqual([1, expect.stringMatching(/record-copy\.sqlite was written by a newer Pramaan/)]);
  }
  expect(readFileSync(file)).toEqual(newer);
});

test('the disk below the local copy is full: it says so, statements are read, and it heals when there is room', (context) =>
  seeded(async (by) => {
    const dataDir = smallDisk(48);
    if (!dataDir) return context.skip('no file system can be mounted here');
    const own = await newStore();
    const ballast = join(dataDir, 'something-else-on-this-disk');
    writeFileSync(ballast, Buffer.alloc(36 * 1024 * 1024));
    const server = await nodeOn(own, { dataDir });
    const load = new Load(by, { most: 100, attachments: 0 });
    load.attach(server);
    const full = await until(async () => {
      const now = await healthOf(server);
      return /full/.test(now.log.detail ?? '') && now;
    }, 'a node that says that its disk is full');
    expect(full.status).toBe('not-ready');
    await statementsAreRead(server);
    expect((await server.fetch('/health/live')).status).toBe(200);
    rmSync(ballast);
    const healing = performance.now();
    await settled(server, { atHead: false });
    const healedMs = Math.round(performance.now() - healing);
    await load.acknowledgements(10);
    await load.end();
    const count = await everythingHolds(server, own.url, load);
    console.log(JSON.stringify({ fullDisk: true, healedMs, events: count, ...load.figures() }));
  })());
