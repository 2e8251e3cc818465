// How fast the embedded log appends and reads, beside bare SQLite inserts of the same bytes in the same run: JSON lines.
// node benches/append.ts [events, default 500,000] [folder, default the system's temporary one]

import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type EventId, NOTHING, type Revision } from '../contracts/words.ts';
import type { EventToAppend } from '../src/event-log/index.ts';
import { openSqliteLog } from '../src/event-log/sqlite/index.ts';

const EVENTS = Number(process.argv[2] ?? 500_000);
const AN_APPEND = 500;
const SAMPLES = 1_000;
const folder = mkdtempSync(join(process.argv[3] ?? tmpdir(), 'pramaan-bench-'));

// 0.9 kB of data and 350 bytes of metadata, as a statement's event has.
const data = Array.from({ length: SAMPLES }, () =>
  Buffer.from(JSON.stringify({ text: randomBytes(665).toString('base64') })),
);
const metadata = Array.from({ length: SAMPLES }, () =>
  Buffer.from(JSON.stringify({ salt: randomBytes(253).toString('base64') })),
);

function say(bench: string, count: number, milliseconds: number, more: Record<string, unknown> = {}): number {
  const perSecond = Math.round((count / milliseconds) * 1000);
  console.log(JSON.stringify({ bench, events: count, perSecond, ...more }));
  return perSecond;
}

function percentile(sorted: readonly number[], share: number): number {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 1000) / 1000;
}

function latencies(milliseconds: readonly number[]): Record<string, number> {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  return { p50ms: percentile(sorted, 0.5), p99ms: percentile(sorted, 0.99), maxms: percentile(sorted, 1) };
}

/** Ids are made before the clock starts: recording makes them on another thread. */
function batch(first: number, count: number): EventToAppend[] {
  return Array.from({ length: count }, (_, index) => ({
    id: randomUUID() as EventId,
    type: 'statement-recorded.v1',
    contentType: 'json',
    data: data[(first + index) % SAMPLES]!,
    metadata: metadata[(first + index) % SAMPLES]!,
  }));
}

/** What SQLite itself does on this disk: a WAL, every commit flushed, one row an event, nothing else. */
function bareInserts(): number {
  const database = new DatabaseSync(join(folder, 'bare.sqlite'));
  database.exec(`
    PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000;
    CREATE TABLE event (position INTEGER PRIMARY KEY, data BLOB, metadata BLOB) STRICT;
  `);
  const insert = database.prepare('INSERT INTO event (data, metadata) VALUES (?, ?)');
  const begun = performance.now();
  for (let first = 0; first < EVENTS; first += AN_APPEND) {
    database.exec('BEGIN IMMEDIATE');
    for (let index = first; index < first + AN_APPEND; index++)
      insert.run(data[index % SAMPLES]!, metadata[index % SAMPLES]!);
    database.exec('COMMIT');
  }
  const perSecond = say('bare SQLite inserts, 500 a transaction', EVENTS, performance.now() - begun);
  database.close();
  rmSync(join(folder, 'bare.sqlite'));
  return perSecond;
}

try {
  const bare = bareInserts();
  const file = join(folder, 'log.sqlite');
  const log = openSqliteLog(file);

  let head: number = NOTHING;
  let busy = 0;
  const waits: number[] = [];
  while (head + 1 < EVENTS) {
    const events = batch(head + 1, AN_APPEND);
    const begun = performance.now();
    head = (await log.append('record', events, { expectedRevision: head as Revision })).revision;
    waits.push(performance.now() - begun);
    busy += waits.at(-1)!;
  }
  const appended = say('append, 500 at a time, one in flight', EVENTS, busy, latencies(waits));
  console.log(
    JSON.stringify({ bench: 'append beside bare inserts', ratio: Math.round((appended / bare) * 100) / 100 }),
  );

  const single = Math.min(20_000, EVENTS);
  const singles = batch(0, single);
  let begun = performance.now();
  const each: number[] = [];
  for (const event of singles.slice(0, 2_000)) {
    const at = performance.now();
    await log.append('single', [event], { expectedRevision: 'any' });
    each.push(performance.now() - at);
  }
  say('append, 1 at a time, one in flight', each.length, performance.now() - begun, latencies(each));
  begun = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (next < single) await log.append('grouped', [singles[next++]!], { expectedRevision: 'any' });
    }),
  );
  say('append, 1 at a time, 32 in flight', single, performance.now() - begun);

  begun = performance.now();
  for (let from = 0; from < EVENTS; from += 1_000) await log.read('record', { from: from as Revision, limit: 1_000 });
  say('read, 1,000 at a time', EVENTS, performance.now() - begun);

  begun = performance.now();
  for await (const delivery of log.subscribe('record', { after: NOTHING })) if (delivery.kind === 'caught-up') break;
  say('subscribe from the start until caught up', EVENTS, performance.now() - begun);

  const pages: number[] = [];
  let seed = 1;
  for (let page = 0; page < 2_000; page++) {
    const revisions = Array.from({ length: 50 }, () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return (seed % EVENTS) as Revision;
    });
    const at = performance.now();
    log.readEach('record', revisions);
    pages.push(performance.now() - at);
  }
  say(
    'readEach, 50 scattered events',
    pages.length * 50,
    pages.reduce((sum, one) => sum + one, 0),
    latencies(pages),
  );

  await log.close();
  const { size } = statSync(file);
  console.log(
    JSON.stringify({ bench: 'file', bytes: size, bytesAnEvent: Math.round(size / (EVENTS + single + 2_000)) }),
  );
} finally {
  rmSync(folder, { recursive: true });
}
