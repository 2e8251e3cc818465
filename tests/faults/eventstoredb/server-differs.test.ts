// An EventStoreDB that lost the end of the record, holds another one, or none: found out at the start, before anything is
// written, with the range in words, and while running. Going on with it is somebody's recorded decision.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { lossAccepted } from '../../../contracts/events/index.ts';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import { type Anything, events, run } from '../../journeys/command.ts';
import { asSent, type Chance, seeded, statement } from '../../journeys/seeded.ts';
import { newFolder, postStatements, type Server } from '../../journeys/server.ts';
import { until } from '../until.ts';
import { copyIsTheServersRecord, healthOf, modelsAreThoseRebuilt, settled } from './guarantees.ts';
import type { KillableStore } from './killable.ts';
import { endEverything, logAt, newStore, nodeOn } from './nodes.ts';
import { statementsAreRead } from './promises.ts';

let store: KillableStore;
/** What the server had stored when the record was half as long, and at its end. */
let older: string;
let whole: string;
/** A data folder of a node that has copied and indexed the whole record. */
let dataDir: string;
let record: Anything[];
/** So many events are in the older one. */
let kept: number;

async function write(server: Server, by: Chance, batches: number): Promise<void> {
  for (let batch = 0; batch < batches; batch++) {
    const statements = Array.from({ length: by.whole(1, 20) }, () => statement(by));
    await until(async () => (await postStatements(server, statements)).status === 200, 'a batch that is recorded');
  }
}

async function headOfServer(): Promise<number> {
  const log = openEventStoreDbLog({ url: store.url, maxAppendBytes: 1_048_576 });
  return log.head('record').finally(() => log.close());
}

beforeAll(
  seeded(async (by) => {
    store = await newStore();
    dataDir = newFolder();
    const server = await nodeOn(store, { dataDir });
    await write(server, by, 12);
    kept = (await settled(server)) + 1;
    older = await store.copyOfData();
    await write(server, by, 12);
    await settled(server);
    record = await events(server);
    expect(await server.stop()).toBe(0);
    whole = await store.copyOfData();
  }),
);
afterAll(endEverything);

/** Digests of what a refused start must leave alone. */
function filesIn(folder: string): Record<string, string> {
  const names = readdirSync(folder).filter((name) => /^(record-copy|statement-index).*(\.sqlite|\.json)$/.test(name));
  return Object.fromEntries(
    names.map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(join(folder, name)))
        .digest('hex'),
    ]),
  );
}

async function refusedStart(): Promise<string> {
  const before = { head: await headOfServer(), files: filesIn(dataDir) };
  const { code, errors } = await run(['serve'], logAt(store.url, { PRAMAAN_PORT: '0', PRAMAAN_DATA_DIR: dataDir }));
  expect(code).toBe(1);
  expect(errors).toMatch(/^pramaan: /);
  expect(errors).toContain('--accept-loss');
  expect(errors).not.toMatch(/^\s+at /m);
  expect({ head: await headOfServer(), files: filesIn(dataDir) }).toEqual(before);
  return errors;
}

/** A node of somebody else's writes to this server. */
async function writtenByOthers(by: Chance, batches: number): Promise<void> {
  const other = await nodeOn(store);
  await write(other, by, batches);
  expect(await other.stop()).toBe(0);
}

describe.each<[what: string, make: (by: Chance) => Promise<void>, words: () => RegExp, first: () => number]>([
  [
    'lost its tail',
    () => store.startOn(older),
    () =>
      new RegExp(
        `copied the record up to sequence ${record.length - 1}, and the server, whose record ends at sequence ${kept - 1}, ` +
          `does not have events ${kept} to ${record.length - 1} of it`,
      ),
    () => kept,
  ],
  [
    'lost its tail, and others have written more since than was lost',
    async (by) => {
      await store.startOn(older);
      await writtenByOthers(by, 40);
    },
    () => new RegExp(`does not have events ${kept} to ${record.length - 1} of it`),
    () => kept,
  ],
  [
    'holds another record',
    async (by) => {
      await store.startOn(undefined);
      await writtenByOthers(by, 3);
    },
    () => new RegExp(`the server holds another record where this node has copied one .* ${record.length - 1}\\.`),
    () => 0,
  ],
  [
    'is empty',
    () => store.startOn(undefined),
    () => new RegExp(`the server holds no record where this node has copied one .* ${record.length - 1}\\.`),
    () => 0,
  ],
])('a server that %s', (_, make, words, first) => {
  test(
    'is refused at the start with the range, and nothing changes; --accept-loss records it and goes on',
    seeded(async (by) => {
      // The folder that has the whole record: made again from the server that has it.
      dataDir = newFolder();
      await store.startOn(whole);
      const before = await nodeOn(store, { dataDir });
      await settled(before);
      expect(await before.stop()).toBe(0);

      await make(by);
      const there = await headOfServer();
      expect(await refusedStart()).toMatch(words());

      const server = await nodeOn(store, { dataDir, arguments: ['--accept-loss'] });
      const now = await events(server);
      const begun = there < 0 ? 1 : 0;
      expect(now).toHaveLength(there + 1 + begun + 1);
      expect(now.slice(0, first())).toEqual(record.slice(0, first()));
      const accepted = now.find(({ type }) => type === 'loss-accepted.v1');
      expect(accepted.sequence).toBe(now.length - 1);
      expect(lossAccepted.parse(accepted.data)).toEqual({
        from: first(),
        to: record.length - 1,
        lastEventId: record.at(-1).id,
        logEndedAt: there,
      });
      // Their senders still have them: what was lost is not "known already".
      const lost = record.slice(first()).filter(({ type }) => type === 'statement-recorded.v1');
      const again = await postStatements(
        server,
        lost.map(({ data }) => asSent(data)),
      );
      expect(again.status).toBe(200);
      expect(await settled(server)).toBe(now.length - 1 + lost.length);
      const { data: sent } = by.pick(lost);
      const found = await server.fetch(`/xapi/statements?statementId=${sent.id}`);
      expect(asSent((await found.json()) as Anything)).toEqual(asSent(sent));
      expect(await server.stop()).toBe(0);
      await copyIsTheServersRecord(dataDir, store.url);
      await modelsAreThoseRebuilt(dataDir);

      // Nothing is asked a second time.
      const next = await nodeOn(store, { dataDir });
      await settled(next);
      expect(await next.stop()).toBe(0);
    }),
  );
});

describe.each<[what: string, make: (by: Chance) => Promise<void>]>([
  ['lost its tail', async () => undefined],
  ['lost its tail, and others have written more since than was lost', (by) => writtenByOthers(by, 40)],
])('a server that comes back while the node runs and %s', (_, more) => {
  test(
    'is written to no more, in words; statements are read, and the node ends in order',
    seeded(async (by) => {
      await store.startOn(whole);
      dataDir = newFolder();
      const server = await nodeOn(store, { dataDir });
      await settled(server);
      // The node sees nothing of what happens meanwhile.
      server.process.kill('SIGSTOP');
      await store.startOn(older);
      await more(by);
      server.process.kill('SIGCONT');

      const health = await until(async () => {
        const now = await healthOf(server);
        return now.recording.state === 'refusing' && /lost/.test(now.recording.detail) && now;
      }, 'a node that refuses writes for what was lost');
      expect(health.status).toBe('not-ready');
      const head = await headOfServer();
      const refused = await postStatements(server, [statement(by), statement(by)]);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(((await refused.json()) as Anything).detail).toMatch(/lost/);
      const document = await server.fetch(
        '/xapi/activities/profile?activityId=https%3A%2F%2Flearn.example.gov.in%2F1&profileId=notes',
        { method: 'PUT', headers: { 'content-type': 'text/plain', 'if-none-match': '*' }, body: 'x' },
      );
      expect(document.status).toBe(503);
      expect(await headOfServer()).toBe(head);
      await statementsAreRead(server);
      const last = record.findLast(({ type }) => type === 'statement-recorded.v1');
      expect((await server.fetch(`/xapi/statements?statementId=${last.data.id}`)).status).toBe(200);
      expect(await server.stop()).toBe(0);
      expect(server.errors()).not.toMatch(/^\s+at /m);
      expect(await refusedStart()).toMatch(/does not have events/);
    }),
  );
});
