// What must hold at the end of every fault: the record has everything that was acknowledged, once and whole; the node's copy is
// the server's record, event by event; the read models are those that a rebuild makes.

import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import type { Revision } from '../../../contracts/words.ts';
import { StreamDigest } from '../../../src/event-log/digest.ts';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import { type EventLog, streamsWithPrefix } from '../../../src/event-log/index.ts';
import { dataFolderAt } from '../../../src/event-log/sqlite/data-folder.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { digestOfModel, type ModelName, rebuildModel } from '../../../src/projector/index.ts';
import { type Anything, events } from '../../journeys/command.ts';
import { asSent } from '../../journeys/seeded.ts';
import type { Server } from '../../journeys/server.ts';
import { until } from '../until.ts';
import type { Load } from './load.ts';

const streams = streamsWithPrefix('');
const MAX_APPEND_BYTES = 1_048_576;

export async function healthOf(server: Server): Promise<Anything> {
  return (await server.fetch('/health/ready')).json();
}

/** Ready, and, unless there is no waiting for that under load, copy and read models at the head of the record; returns that head. */
export async function settled(server: Server, { atHead = true } = {}): Promise<number> {
  let last: Anything;
  const ready = async (): Promise<boolean> => {
    last = await healthOf(server);
    const { status, recording, localCopy, statementIndex, peopleModel } = last;
    if (status !== 'ready' || !atHead) return status === 'ready';
    return (
      localCopy.sequence >= recording.sequence &&
      [statementIndex, peopleModel].every(
        ({ state, sequence }) => state === 'following' && sequence === localCopy.sequence,
      )
    );
  };
  await until(ready, 'a node that is ready and whose read models have seen everything').catch((error: Error) => {
    error.message += ` ${JSON.stringify(last)}`;
    throw error;
  });
  return last.localCopy.sequence;
}

/** The record as an auditor gets it, held against what the clients sent and were answered. */
export async function recordHolds(server: Server, load: Load): Promise<number> {
  const found = new Set<string>();
  let stored = '';
  const record = await events(server);
  for (const [at, { sequence, type, data }] of record.entries()) {
    if (sequence !== at) expect.fail(`sequence ${sequence} where ${at} was due`);
    if (type !== 'statement-recorded.v1') continue;
    if (found.has(data.id)) expect.fail(`the id ${data.id} is in the record twice, again at sequence ${sequence}`);
    if (data.stored <= stored) expect.fail(`sequence ${sequence}: stored ${data.stored} after ${stored}`);
    stored = data.stored;
    found.add(data.id);
    const original = load.batchOf.get(data.id)?.statements.find(({ id }) => id === data.id);
    if (!original) expect.fail(`nobody sent ${data.id}`);
    if (!isDeepStrictEqual(asSent(data), original)) expect(asSent(data)).toEqual(original);
  }
  for (const { statements, acknowledged } of load.batches) {
    const there = statements.filter(({ id }) => found.has(id)).length;
    if (there !== 0 && there !== statements.length) {
      expect.fail(`of a batch of ${statements.length}, ${there} are in the record`);
    }
    if (acknowledged && there === 0) expect.fail('a batch that was acknowledged is not in the record');
  }
  return record.length;
}

/** A few of the attachments, byte for byte. */
export async function attachmentsAreThere(server: Server, load: Load): Promise<void> {
  const attached = load.batches.filter(({ attachment, acknowledged }) => attachment && acknowledged);
  for (const { statements, attachment } of attached.slice(-10)) {
    const response = await server.fetch(`/xapi/statements?attachments=true&statementId=${statements[0].id}`);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).includes(attachment!)).toBe(true);
  }
}

/** The copy in this folder is the server's record, event by event. The node must be stopped. */
export async function copyIsTheServersRecord(dataDir: string, url: string): Promise<void> {
  const copy = openSqliteLog(dataFolderAt(dataDir).copyFile, { readOnly: true });
  const server = openEventStoreDbLog({ url, maxAppendBytes: MAX_APPEND_BYTES });
  try {
    const head = await server.head(streams.record);
    expect(await copy.head(streams.record)).toBe(head);
    expect(await digestOf(copy, head)).toBe(await digestOf(server, head));
  } finally {
    await server.close();
    await copy.close();
  }
}

async function digestOf(log: Pick<EventLog, 'read'>, head: number): Promise<string> {
  const digest = new StreamDigest();
  for (let from = 0; from <= head; ) {
    const page = await log.read(streams.record, { from: from as Revision, limit: 1_000 });
    for (const event of page) digest.add(event);
    from += page.length;
  }
  return digest.hex();
}

/** The read models kept are those that the record makes. The node must be stopped. Returns their digests. */
export async function modelsAreThoseRebuilt(dataDir: string): Promise<Readonly<Record<ModelName, string>>> {
  const rebuilt = async (model: ModelName): Promise<string> => {
    const kept = digestOfModel(model, dataDir);
    expect(kept).toBeDefined();
    expect(await rebuildModel(model, { dataDir, logFile: dataFolderAt(dataDir).copyFile, streams })).toBe(true);
    expect(digestOfModel(model, dataDir)).toBe(kept);
    return kept!;
  };
  return { 'statement-index': await rebuilt('statement-index'), people: await rebuilt('people') };
}

/** All of it: the load has ended, the server is there. Stops the node. Returns the number of events in the record. */
export async function everythingHolds(server: Server, url: string, load: Load): Promise<number> {
  await settled(server);
  await recordHolds(server, load);
  await load.repeat(server);
  await settled(server);
  const count = await recordHolds(server, load);
  await load.checkBookmark(server);
  await attachmentsAreThere(server, load);
  expect(await server.stop()).toBe(0);
  await copyIsTheServersRecord(server.dataDir, url);
  await modelsAreThoseRebuilt(server.dataDir);
  return count;
}
