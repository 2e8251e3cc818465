// Promise 1: nothing acknowledged is lost, nothing is half stored. The process is killed in the middle of parallel batches, many
// times in a row on one data folder, and looked at after each restart as its clients would look.

import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { streamsWithPrefix } from '../../src/event-log/index.ts';
import { dataFolderAt } from '../../src/event-log/sqlite/data-folder.ts';
import { digestOfModel, rebuildModel } from '../../src/projector/index.ts';
import { type Anything, events, jsonLines, start } from '../journeys/command.ts';
import { asSent, type Chance, seeded, statement, uuid } from '../journeys/seeded.ts';
import { KEY, newFolder, postStatements, removeFolders, SECRET, type Server, startServer } from '../journeys/server.ts';
import { until } from './until.ts';

const ROUNDS = Number(process.env.TEST_KILLS ?? 50);
const WRITERS = 8;
/** Many starts: one thread less to each. */
const ONE_READER = { PRAMAAN_READ_WORKERS: '1' };

afterAll(removeFolders);

interface Batch {
  readonly statements: readonly Anything[];
  readonly attachment?: Buffer;
  acknowledged: boolean;
}

/** Every batch a client ever sent, and where each id belongs. */
class Sent {
  readonly batches: Batch[] = [];
  readonly batchOf = new Map<string, Batch>();

  add(batch: Batch): Batch {
    this.batches.push(batch);
    for (const { id } of batch.statements) this.batchOf.set(id, batch);
    return batch;
  }
}

/** What every look at the record has seen so far. */
interface Seen {
  readonly ids: Set<string>;
  sequence: number;
  stored: string;
}

const STATE = (writer: number) =>
  `/xapi/activities/state?${new URLSearchParams({
    activityId: 'https://learn.example.gov.in/courses/1',
    agent: JSON.stringify({ mbox: `mailto:writer-${writer}@learn.example.gov.in` }),
    stateId: 'bookmark',
  })}`;

interface Bookmark {
  acknowledged: number;
  sent: number;
}

test(
  `every acknowledged statement outlives ${ROUNDS} kills, no batch is half there, and the read models kept are those rebuilt`,
  seeded(async (by) => {
    const dataDir = newFolder();
    const sent = new Sent();
    const seen: Seen = { ids: new Set(), sequence: -1, stored: '' };
    const bookmarks: Bookmark[] = Array.from({ length: WRITERS }, () => ({ acknowledged: 0, sent: 0 }));
    let slowestStart = 0;
    let halfway = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const begun = performance.now();
      const server = await startServer({ dataDir, environment: ONE_READER });
      slowestStart = Math.max(slowestStart, performance.now() - begun);
      const fresh = await lookAtTheRecord(server, sent, seen);
      await lookAsClientsDo(server, by, fresh, bookmarks);
      halfway += await writeUntilKilled(server, by, sent, bookmarks);
    }
    const server = await startServer({ dataDir, environment: ONE_READER });
    const fresh = await lookAtTheRecord(server, sent, seen);
    await lookAsClientsDo(server, by, fresh, bookmarks);
    await retryWhatWasNotAcknowledged(server, sent);
    await lookAtTheRecord(server, sent, seen);
    await until(async () => {
      const { statementIndex, peopleModel } = (await (await server.fetch('/health/ready')).json()) as Anything;
      return statementIndex.sequence === seen.sequence && peopleModel.sequence === seen.sequence;
    }, `sequence ${seen.sequence} in both read models`);
    expect(await server.stop()).toBe(0);

    const { logFile } = dataFolderAt(dataDir);
    for (const model of ['statement-index', 'people'] as const) {
      const kept = digestOfModel(model, dataDir);
      expect(await rebuildModel(model, { dataDir, logFile, streams: streamsWithPrefix('') })).toBe(true);
      expect(digestOfModel(model, dataDir)).toBe(kept);
    }

    const acknowledged = sent.batches.filter((batch) => batch.acknowledged);
    console.log(
      JSON.stringify({
        kills: ROUNDS,
        batches: sent.batches.length,
        statements: seen.ids.size,
        requestsUnderWayAtAKill: halfway,
        slowestStartMs: Math.round(slowestStart),
      }),
    );
    // Otherwise the kills hit nothing.
    expect(halfway).toBeGreaterThan(ROUNDS);
    expect(acknowledged).toHaveLength(sent.batches.length);
  }),
);

test(
  'killed at any moment of its start, again and again, it begins one record and one first credential',
  seeded(async (by) => {
    const dataDir = newFolder();
    for (let round = 0; round < 20; round++) {
      const { process, ended } = start(['serve'], {
        PRAMAAN_PORT: '0',
        PRAMAAN_DATA_DIR: dataDir,
        PRAMAAN_API_KEY: KEY,
        PRAMAAN_API_SECRET: SECRET,
      });
      const timer = setTimeout(() => process.kill('SIGKILL'), by.whole(300, 1_800));
      process.stdout!.once('data', () => process.kill('SIGKILL'));
      const { errors } = await ended;
      clearTimeout(timer);
      expect(errors).toBe('');
    }
    const server = await startServer({ dataDir, environment: ONE_READER });
    expect((await postStatements(server, statement(by))).headers.get('x-pramaan-sequence')).toBe('1');
    const record = await events(server);
    expect(record.map(({ type }) => type)).toEqual(['record-opened.v1', 'statement-recorded.v1']);
    const { credentials } = (await (await server.fetch('/admin/credentials')).json()) as Anything;
    expect(credentials.map(({ key }: Anything) => key)).toEqual([KEY]);
    expect(await server.stop()).toBe(0);
  }),
);

/** The record from where the last look ended, in its order, as an auditor gets it. Returns the batches that are new in it. */
async function lookAtTheRecord(server: Server, sent: Sent, seen: Seen): Promise<Set<Batch>> {
  const response = await server.fetch(`/audit/events${seen.sequence < 0 ? '' : `?after=${seen.sequence}`}`);
  expect(response.status).toBe(200);
  const fresh = new Set<Batch>();
  for (const event of jsonLines(await response.text())) {
    expect(event.sequence).toBe(seen.sequence + 1);
    seen.sequence = event.sequence;
    if (event.type !== 'statement-recorded.v1') continue;
    const { id, stored } = event.data;
    if (stored <= seen.stored) expect.fail(`sequence ${event.sequence}: stored ${stored} after ${seen.stored}`);
    seen.stored = stored;
    if (seen.ids.has(id)) expect.fail(`the id ${id} is in the record twice`);
    seen.ids.add(id);
    const batch = sent.batchOf.get(id);
    if (!batch) expect.fail(`nobody sent ${id}`);
    const original = batch.statements.find((candidate) => candidate.id === id);
    if (!isDeepStrictEqual(asSent(event.data), original)) expect(asSent(event.data)).toEqual(original);
    fresh.add(batch);
  }
  for (const batch of sent.batches) {
    const there = batch.statements.filter(({ id }) => seen.ids.has(id)).length;
    if (there !== 0 && there !== batch.statements.length) {
      expect.fail(`of a batch of ${batch.statements.length}, ${there} are in the record`);
    }
    if (batch.acknowledged && there === 0) expect.fail('a batch that was acknowledged is not in the record');
  }
  return fresh;
}

/** Statements by id, attachments and documents: what was acknowledged is answered, equal to what was sent. */
async function lookAsClientsDo(
  server: Server,
  by: Chance,
  fresh: ReadonlySet<Batch>,
  bookmarks: readonly Bookmark[],
): Promise<void> {
  const wanted = [...fresh].flatMap((batch) => batch.statements);
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (let next = wanted.pop(); next; next = wanted.pop()) {
        const response = await server.fetch(`/xapi/statements?statementId=${next.id}`);
        if (response.status !== 200) expect.fail(`${next.id} by its id: ${response.status} ${await response.text()}`);
        const found = asSent(await response.json());
        if (!isDeepStrictEqual(found, next)) expect(found).toEqual(next);
      }
    }),
  );
  const withAttachment = [...fresh].filter(({ attachment }) => attachment);
  if (withAttachment.length > 0) {
    const { statements, attachment } = by.pick(withAttachment);
    const response = await server.fetch(`/xapi/statements?attachments=true&statementId=${statements[0].id}`);
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer()).includes(attachment!)).toBe(true);
  }
  for (const [writer, { acknowledged, sent }] of bookmarks.entries()) {
    const response = await server.fetch(STATE(writer), { headers: { 'x-experience-api-version': '1.0.3' } });
    if (response.status === 404 && acknowledged === 0) continue;
    expect(response.status).toBe(200);
    const { page } = (await response.json()) as { page: number };
    // The one under way at the kill may be there or not.
    expect(page).toBeGreaterThanOrEqual(acknowledged);
    expect(page).toBeLessThanOrEqual(sent);
  }
}

/** Eight writers at once, until the process is killed under them. Returns how many requests were under way then. */
async function writeUntilKilled(
  server: Server,
  by: Chance,
  sent: Sent,
  bookmarks: readonly Bookmark[],
): Promise<number> {
  const killAfter = by.whole(1, 60);
  // From an instant within the work for one answer to some way into the next ones.
  const thenAfterMs = by.next() * 12;
  let answered = 0;
  let underWay = 0;
  let gone = false;
  let killed: Promise<number> | undefined;
  const answeredOne = (): void => {
    answered += 1;
    if (answered < killAfter) return;
    killed ??= new Promise((resolve) => {
      setTimeout(() => {
        const hit = underWay;
        gone = true;
        void server.kill().then(() => resolve(hit));
      }, thenAfterMs);
    });
  };
  /** Undefined when the connection broke. */
  const send = async (path: string, init: RequestInit): Promise<Response | undefined> => {
    underWay += 1;
    try {
      const response = await server.fetch(path, init);
      await response.arrayBuffer();
      return response;
    } catch (error) {
      if (!gone) throw error;
      return undefined;
    } finally {
      underWay -= 1;
    }
  };
  await Promise.all(
    bookmarks.map(async (bookmark, writer) => {
      while (!gone) {
        if (by.happens(0.15)) {
          const page = ++bookmark.sent;
          // Small ones travel in the manifest of their scope, large ones in a stream of their own.
          const body = JSON.stringify({ page, notes: 'x'.repeat(by.happens(0.2) ? 20_000 : 10) });
          const headers = { 'content-type': 'application/json', 'x-experience-api-version': '1.0.3' };
          const response = await send(STATE(writer), { method: 'PUT', headers, body });
          if (!response) return;
          expect(response.status).toBe(204);
          bookmark.acknowledged = page;
        } else {
          const again = sent.batches.findLast((batch) => !batch.acknowledged);
          // Clients send ids and repeat what they got no answer to.
          const batch = again && by.happens(0.3) ? again : sent.add(newBatch(by));
          const response = await send('/xapi/statements', requestOf(batch));
          if (!response) return;
          expect(response.status).toBe(200);
          batch.acknowledged = true;
        }
        answeredOne();
      }
    }),
  );
  return killed!;
}

async function retryWhatWasNotAcknowledged(server: Server, sent: Sent): Promise<void> {
  for (const batch of sent.batches.filter(({ acknowledged }) => !acknowledged)) {
    const response = await server.fetch('/xapi/statements', requestOf(batch));
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual(batch.statements.map(({ id }) => id));
    batch.acknowledged = true;
  }
}

function newBatch(by: Chance): Batch {
  const size = by.happens(0.1) ? by.whole(100, 400) : by.whole(1, 30);
  const statements = Array.from({ length: size }, () => statement(by));
  if (!by.happens(0.1)) return { statements, acknowledged: false };
  const attachment = Buffer.from(uuid(by).repeat(by.whole(1, 5_000)));
  statements[0].attachments = [
    {
      usageType: 'https://learn.example.gov.in/attachments/certificate',
      display: { 'en-IN': 'Certificate' },
      contentType: 'application/octet-stream',
      length: attachment.byteLength,
      sha2: sha256(attachment),
    },
  ];
  return { statements, attachment, acknowledged: false };
}

function requestOf({ statements, attachment }: Batch): RequestInit {
  const json = JSON.stringify(statements);
  if (!attachment) return { method: 'POST', headers: { 'content-type': 'application/json' }, body: json };
  const head =
    `--parts\r\nContent-Type: application/json\r\n\r\n${json}\r\n--parts\r\nContent-Type: application/octet-stream\r\n` +
    `Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sha256(attachment)}\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), attachment, Buffer.from('\r\n--parts--\r\n')]);
  return { method: 'POST', headers: { 'content-type': 'multipart/mixed; boundary=parts' }, body };
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
