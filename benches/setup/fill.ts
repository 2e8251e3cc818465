// A data folder with so many statements, made quickly: the log is written directly, as the recorder would have written it, and
// the statement index is built from it. A folder that is kept is gone on with, so that growth shows.

import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { RECORD_OPENED, STATEMENT_RECORDED } from '../../contracts/events/index.ts';
import { toInstant } from '../../contracts/time.ts';
import { type EventId, type Microseconds, NOTHING, type Revision } from '../../contracts/words.ts';
import type { Statement } from '../../contracts/xapi/index.ts';
import type { EventToAppend } from '../../src/event-log/index.ts';
import { streamsWithPrefix } from '../../src/event-log/index.ts';
import { jsonEvent, salt } from '../../src/event-log/json-event.ts';
import { dataFolderAt } from '../../src/event-log/sqlite/data-folder.ts';
import { openSqliteLog } from '../../src/event-log/sqlite/index.ts';
import { rebuildStatementIndex } from '../../src/projector/index.ts';
import { openIndexLookup } from '../../src/read-models/index.ts';
import { prepareStatements } from '../../src/recording/index.ts';
import { stampOf } from '../../src/recording/opening.ts';
import { stampInto } from '../../src/recording/prepare.ts';
import { perSecond, say } from './figures.ts';
import { makeLoad } from './load.ts';

const AT_ONCE = 2_000;
const streams = streamsWithPrefix('');
const AUTHORITY = { objectType: 'Agent', account: { homePage: 'https://pramaan.example', name: 'bench' } };
const YEAR = 365 * 86_400 * 1_000_000;
/** Between two stamps, in microseconds: twelve million statements fill a year that ends about now. */
const STEP = Math.floor(YEAR / 12_000_000);

export interface Folder {
  readonly dataDir: string;
  /** Removes it, unless it was given to be kept. */
  done(): void;
}

/** @param keep a folder to be made, or gone on with; without it a temporary one in `parent` */
export function openFolder(keep: string | undefined, parent: string): Folder {
  const dataDir = keep ?? mkdtempSync(join(parent, 'pramaan-bench-'));
  mkdirSync(dataDir, { recursive: true });
  return { dataDir, done: () => (keep === undefined ? rmSync(dataDir, { recursive: true }) : undefined) };
}

/** The folder with a log and an index of at least so many statements. */
export async function fillFolder(dataDir: string, statements: number, seed: number): Promise<void> {
  await fillLog(dataDir, statements, seed);
  await fillIndex(dataDir);
}

/** The statement index of what the log holds, when more than a little is missing. */
export async function fillIndex(dataDir: string): Promise<void> {
  const { logFile } = dataFolderAt(dataDir);
  const log = openSqliteLog(logFile, { readOnly: true });
  const head = await log.head(streams.record).finally(() => log.close());
  const lookup = openIndexLookup(dataDir);
  const indexed: number = lookup.checkpoint().sequence;
  lookup.close();
  // What little is missing the store indexes by itself.
  if (head - indexed > 100_000) await rebuildStatementIndex({ dataDir, logFile, streams });
}

/** Appends what is missing. @returns how many statements the record then holds, about */
export async function fillLog(dataDir: string, statements: number, seed: number): Promise<number> {
  const { logFile } = dataFolderAt(dataDir);
  const isNew = !existsSync(logFile);
  const log = openSqliteLog(logFile);
  try {
    if (isNew) await beginRecord(log);
    let head: number = await log.head(streams.record);
    if (head >= statements) return head;
    let stamp: number = stampOf((await log.readLast(streams.record))!);
    const begun = performance.now();
    const first = head;
    const load = makeLoad(seed + 100_003 * (head + 1), 1, ([statement]) => {
      const as = { version: '2.0.0', authority: AUTHORITY, keepAuthority: false } as const;
      return prepareStatements([statement as Statement], as)[0]!.json;
    });
    const metadata = JSON.stringify({
      credential: '00000000-0000-4000-8000-00000000beac',
      scopes: ['all', 'void', 'import'],
      $correlationId: 'bench',
      $causationId: 'bench',
      part: [1, 1],
      version: '2.0.0',
      assigned: ['version'],
      codec: 'plain',
    }).slice(0, -1);
    const next = (): EventToAppend => {
      const data = load.next();
      stamp += STEP;
      stampInto(data, toInstant(stamp as Microseconds), false);
      return {
        id: randomUUID() as EventId,
        type: STATEMENT_RECORDED,
        contentType: 'json',
        data,
        metadata: Buffer.from(`${metadata},"salt":"${salt()}"}`),
      };
    };
    while (head < statements) {
      const events = Array.from({ length: Math.min(AT_ONCE, statements - head) }, next);
      head = (await log.append(streams.record, events, { expectedRevision: head as Revision })).revision;
    }
    const took = performance.now() - begun;
    say('prepared: the log, written directly', {
      statements: head,
      eventsPerSecond: perSecond(head - first, took),
    });
    return head;
  } finally {
    await log.close();
  }
}

/** A year ago: what follows is stamped later, and now is later still. */
async function beginRecord(log: ReturnType<typeof openSqliteLog>): Promise<void> {
  const recordedAt = toInstant((Date.now() * 1000 - YEAR) as Microseconds);
  const opened = { recordId: randomUUID(), simulatedClock: false };
  const event = jsonEvent(RECORD_OPENED, opened, { recordedAt, codec: 'plain', salt: salt() });
  await log.append(streams.record, [event], { expectedRevision: NOTHING });
}
