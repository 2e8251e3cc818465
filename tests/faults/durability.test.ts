// Promise 1, beyond what a killed process can show (the page cache survives it): every answer comes after the flush of what it
// acknowledges, and whatever a power cut leaves of the unflushed rest, the log opens with everything acknowledged and nothing half.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Revision } from '../../contracts/words.ts';
import { streamsWithPrefix } from '../../src/event-log/index.ts';
import { openSqliteLog, verifyLog } from '../../src/event-log/sqlite/index.ts';
import type { Anything } from '../journeys/command.ts';
import { type Chance, seeded, statement, uuid } from '../journeys/seeded.ts';
import { newFolder, removeFolders, type Server } from '../journeys/server.ts';
import { type Call, callsOf, NO_STRACE, startTraced } from './strace.ts';

const WRITERS = 6;
const REQUESTS = 180;
const POWER_CUTS = 45;
const SECTOR = 512;
const streams = streamsWithPrefix('');

interface Sent {
  readonly ids: readonly string[];
  /** Hex SHA-256 of its attachment. */
  readonly attachment?: string;
  readonly page?: { readonly writer: number; readonly number: number };
}

/** Every acknowledged request by its X-Request-Id. */
type Acknowledged = Map<string, Sent>;

async function write(server: Server, by: Chance): Promise<Acknowledged> {
  const acknowledged: Acknowledged = new Map();
  let left = REQUESTS;
  await Promise.all(
    Array.from({ length: WRITERS }, async (_, writer) => {
      for (let number = 1; left-- > 0; number++) {
        const requestId = uuid(by);
        const kind = by.next();
        const { sent, path, init } =
          kind < 0.15 ? documentOf(writer, number) : kind < 0.25 ? withAttachment(by) : batchOf(by);
        const headers = { ...init.headers, 'x-request-id': requestId };
        const response = await server.fetch(path, { ...init, headers });
        await response.arrayBuffer();
        expect([200, 204]).toContain(response.status);
        acknowledged.set(requestId, sent);
      }
    }),
  );
  return acknowledged;
}

interface Request {
  readonly sent: Sent;
  readonly path: string;
  readonly init: { readonly method: string; readonly headers: Record<string, string>; readonly body: string };
}

function batchOf(by: Chance): Request {
  const statements = Array.from({ length: by.happens(0.3) ? 1 : by.whole(50, 200) }, () => statement(by));
  return {
    sent: { ids: statements.map(({ id }) => id) },
    path: '/xapi/statements',
    init: { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(statements) },
  };
}

function withAttachment(by: Chance): Request {
  const content = uuid(by).repeat(by.whole(1, 400));
  const sha2 = createHash('sha256').update(content).digest('hex');
  const usageType = 'https://learn.example.gov.in/attachments/certificate';
  const attachment = {
    usageType,
    display: { en: 'Certificate' },
    contentType: 'text/plain',
    length: content.length,
    sha2,
  };
  const sent = statement(by, { attachments: [attachment] });
  const body =
    `--parts\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(sent)}\r\n--parts\r\nContent-Type: text/plain\r\n` +
    `Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sha2}\r\n\r\n${content}\r\n--parts--\r\n`;
  return {
    sent: { ids: [sent.id], attachment: sha2 },
    path: '/xapi/statements',
    init: { method: 'POST', headers: { 'content-type': 'multipart/mixed; boundary=parts' }, body },
  };
}

function documentOf(writer: number, number: number): Request {
  const scope = {
    activityId: `https://learn.example.gov.in/courses/${writer}`,
    agent: JSON.stringify({ mbox: 'mailto:learner@learn.example.gov.in' }),
    stateId: 'bookmark',
  };
  return {
    sent: { ids: [], page: { writer, number } },
    path: `/xapi/activities/state?${new URLSearchParams(scope)}`,
    init: {
      method: 'PUT',
      headers: { 'content-type': 'application/json', 'x-experience-api-version': '1.0.3' },
      body: JSON.stringify({ page: number }),
    },
  };
}

/** A file as the disk has it: what was flushed, and what was written since and may be there or not. */
class FileOnDisk {
  #flushed = Buffer.alloc(0);
  #length = 0;
  readonly #unflushed: { readonly at: number; readonly begun: number; readonly bytes?: Buffer }[] = [];

  write(at: number, bytes: Buffer, begun: number): void {
    this.#unflushed.push({ at, bytes, begun });
  }
  truncate(at: number, begun: number): void {
    this.#unflushed.push({ at, begun });
  }
  /** Everything that was written before the flush began is on disk when it has ended. */
  flushed(begun: number): void {
    while (this.#unflushed[0] && this.#unflushed[0].begun < begun) {
      const { at, bytes } = this.#unflushed.shift()!;
      if (bytes === undefined) this.#length = Math.min(this.#length, at);
      else this.#put(at, bytes);
    }
  }
  /** After a power cut: of the unflushed rest each write is there whole, in some of its sectors, or not at all. */
  afterPowerCut(by: Chance, kept: number): Buffer {
    const copy = new FileOnDisk();
    copy.#put(0, this.#flushed.subarray(0, this.#length));
    for (const { at, bytes } of this.#unflushed) {
      if (bytes === undefined) {
        if (by.happens(kept)) copy.#length = Math.min(copy.#length, at);
        continue;
      }
      const torn = by.happens(0.3);
      if (!torn && !by.happens(kept)) continue;
      for (let from = 0; from < bytes.length; from += SECTOR) {
        if (!torn || by.happens(kept)) copy.#put(at + from, bytes.subarray(from, from + SECTOR));
      }
    }
    return copy.#flushed.subarray(0, copy.#length);
  }
  get dirty(): boolean {
    return this.#unflushed.length > 0;
  }
  #put(at: number, bytes: Buffer): void {
    const end = at + bytes.length;
    if (end > this.#flushed.length) {
      const larger = Buffer.alloc(Math.max(end, this.#flushed.length * 2));
      this.#flushed.copy(larger);
      this.#flushed = larger;
    }
    // What a truncation cut off reads as zeros when the file grows past it again.
    if (at > this.#length) this.#flushed.fill(0, this.#length, at);
    bytes.copy(this.#flushed, at);
    this.#length = Math.max(this.#length, end);
  }
}

const LOG = 'log.sqlite';
const WAL = 'log.sqlite-wal';
const REQUEST_ID = /\r\nx-request-id: (\S+)\r\n/gi;

describe.skipIf(NO_STRACE)('a real server, watched by strace', () => {
  let acknowledged: Acknowledged;
  const calls: Call[] = [];
  let by: Chance;

  beforeAll(
    seeded(async (chance) => {
      by = chance;
      const trace = join(newFolder(), 'trace');
      const wanted = ['read', 'write', 'writev', 'pwrite64', 'pwritev', 'fsync', 'fdatasync', 'ftruncate'];
      const server = await startTraced(trace, wanted, ['-xx', '-s', '70000']);
      acknowledged = await write(server, by);
      expect(await server.stop()).toBe(0);
      await server.traced();
      for await (const call of callsOf(trace, (file) => file === 'socket' || file === LOG || file === WAL))
        calls.push(call);
    }),
    240_000,
  );
  afterAll(removeFolders);

  /** Where in the trace each request came in and each answer went out. */
  function exchanges(): Map<string, { arrived?: number; answered?: number }> {
    const found = new Map<string, { arrived?: number; answered?: number }>();
    for (const [at, { name, phase, file, bytes }] of calls.entries()) {
      if (file !== 'socket') continue;
      for (const [, id] of bytes.toString('latin1').matchAll(REQUEST_ID)) {
        const one = found.get(id!) ?? {};
        if (name === 'read' && phase !== 'began') one.arrived ??= at;
        if (name.startsWith('write') && phase !== 'ended') one.answered ??= at;
        found.set(id!, one);
      }
    }
    return found;
  }

  test('no answer is written before the log was flushed after its request had come', () => {
    const began = new Map<string, number>();
    /** Begin and end of each flush of the write-ahead log. */
    const flushes: { readonly from: number; readonly to: number }[] = [];
    for (const [at, { name, phase, thread, file, result }] of calls.entries()) {
      if (file !== WAL || !/^fd?(data)?sync$/.test(name)) continue;
      if (phase === 'began') began.set(thread, at);
      else if (result === 0) flushes.push({ from: phase === 'whole' ? at : began.get(thread)!, to: at });
    }
    const found = exchanges();
    for (const id of acknowledged.keys()) {
      const { arrived, answered } = found.get(id)!;
      expect(arrived).toBeLessThan(answered!);
      const flushed = flushes.some(({ from, to }) => from > arrived! && to < answered!);
      if (!flushed) expect.fail(`request ${id} was answered without a flush (calls ${arrived} to ${answered})`);
    }
    expect(acknowledged.size).toBe(REQUESTS);
    // Requests that came together share a flush: fewer than two each, attachments and documents included.
    console.log(JSON.stringify({ requests: REQUESTS, flushes: flushes.length }));
  });

  test(
    `after a power cut at any of ${POWER_CUTS} instants the log opens with all that was acknowledged, and nothing half`,
    seeded(async (chance) => {
      const found = [...exchanges()].filter(([id]) => acknowledged.has(id));
      const answered = found.map(([id, one]) => ({ id, at: one.answered! })).sort((a, b) => a.at - b.at);
      const first = answered[0]!.at;
      const cuts = new Set<number>();
      // The worst instants: an answer just leaves, the log is just being flushed after a checkpoint.
      while (cuts.size < POWER_CUTS * 0.5) cuts.add(chance.pick(answered).at);
      const checkpoints = calls.flatMap(({ name, file }, at) =>
        file === LOG && name.endsWith('sync') && at > first ? [at] : [],
      );
      for (const at of checkpoints.slice(0, 4))
        cuts
          .add(at)
          .add(at - 1)
          .add(at + 1);
      while (cuts.size < POWER_CUTS) cuts.add(chance.whole(first, calls.length - 1));

      const files = { [LOG]: new FileOnDisk(), [WAL]: new FileOnDisk() };
      const began = new Map<string, number>();
      let unflushed = 0;
      for (const [at, { name, phase, thread, file, bytes, numbers }] of calls.entries()) {
        if (cuts.has(at)) {
          const known = answered.filter((answer) => answer.at <= at).map(({ id }) => acknowledged.get(id)!);
          if (files[LOG].dirty || files[WAL].dirty) unflushed += 1;
          for (const kept of [0, chance.next()]) {
            await looksWhole(files[LOG].afterPowerCut(chance, kept), files[WAL].afterPowerCut(chance, kept), known, [
              ...acknowledged.values(),
            ]).catch((error: Error) => {
              error.message += `\n(power cut at call ${at} of ${calls.length}, ${kept} of the unflushed kept)`;
              throw error;
            });
          }
        }
        if (file === 'socket') continue;
        const on = files[file as typeof LOG | typeof WAL];
        if (name === 'pwrite64' && phase !== 'ended') on.write(numbers.at(-1)!, bytes, at);
        else if (name === 'ftruncate' && phase !== 'ended') on.truncate(numbers.at(-1)!, at);
        else if (name.endsWith('sync')) {
          if (phase === 'began') began.set(thread, at);
          else on.flushed(phase === 'whole' ? at : began.get(thread)!);
        }
      }
      console.log(
        JSON.stringify({ powerCuts: cuts.size, withUnflushedWrites: unflushed, checkpoints: checkpoints.length }),
      );
      // Otherwise the cuts hit nothing.
      expect(unflushed).toBeGreaterThan(5);
      expect(checkpoints.length).toBeGreaterThan(0);
    }),
  );

  /** Opens what the disk has, and looks for everything acknowledged and for halves of what was sent. */
  async function looksWhole(log: Buffer, wal: Buffer, known: readonly Sent[], all: readonly Sent[]): Promise<void> {
    const folder = mkdtempSync(join(newFolder(), 'after-'));
    const file = join(folder, LOG);
    writeFileSync(file, log);
    writeFileSync(join(folder, WAL), wal);
    const opened = openSqliteLog(file, { create: false });
    try {
      const ids = new Set<string>();
      let stored = '';
      for (let from = 0; ; ) {
        const events = await opened.read(streams.record, { from: from as Revision, limit: 2_000 });
        if (events.length === 0) break;
        for (const { revision, type, data } of events) {
          if (revision !== from++) expect.fail(`revision ${revision} where ${from - 1} was due`);
          if (type !== 'statement-recorded.v1') continue;
          const recorded = JSON.parse(Buffer.from(data).toString());
          if (recorded.stored <= stored) expect.fail(`stored ${recorded.stored} after ${stored}`);
          stored = recorded.stored;
          ids.add(recorded.id);
        }
      }
      for (const { ids: sent } of all) {
        const there = sent.filter((id) => ids.has(id)).length;
        if (there !== 0 && there !== sent.length) expect.fail(`of a request of ${sent.length}, ${there} are there`);
      }
      for (const sent of known) {
        if (sent.ids[0] !== undefined && !ids.has(sent.ids[0])) expect.fail('an acknowledged request is gone');
        if (sent.attachment) expect(await opened.head(streams.attachment(sent.attachment))).toBeGreaterThanOrEqual(0);
      }
      const pages = await pagesIn(opened);
      for (const { page } of known) {
        if (page)
          expect(pages.get(`https://learn.example.gov.in/courses/${page.writer}`)).toBeGreaterThanOrEqual(page.number);
      }
    } finally {
      await opened.close();
    }
    verifyLog(file);
    rmSync(folder, { recursive: true });
  }

  /** The page in each writer's bookmark. */
  async function pagesIn(log: ReturnType<typeof openSqliteLog>): Promise<Map<string, number>> {
    const pages = new Map<string, number>();
    for (const { data } of await log.read(streams.documents, { limit: 100 })) {
      const { scope, hash } = JSON.parse(Buffer.from(data).toString());
      const last = await log.readLast(streams.document(hash));
      if (!last) continue;
      const [document] = (JSON.parse(Buffer.from(last.data).toString()) as Anything).documents;
      pages.set(scope.activityId, JSON.parse(Buffer.from(document.inline, 'base64').toString()).page);
    }
    return pages;
  }
});
