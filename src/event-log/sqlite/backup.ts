// A copy of the embedded log's file while others write to it, and the proof that such a file is whole.

import { randomUUID } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { backup, type DatabaseSync } from 'node:sqlite';
import type { EventId, Revision } from '../../../contracts/words.ts';
import { NOTHING } from '../../../contracts/words.ts';
import { StreamDigest } from '../digest.ts';
import { LogRefused, LogUnavailable } from '../port.ts';
import { inWords, openFile } from './file.ts';
import { prepareRows } from './rows.ts';

/** Pages copied between two words on progress: 4 MiB. */
const STEP_PAGES = 256;
const READ_AT_ONCE = 1_000;

export interface BackupProgress {
  readonly copiedPages: number;
  readonly totalPages: number;
}

export interface LogVerified {
  readonly events: number;
  readonly streams: number;
  /** The stream asked about (the record): its last event and the digest over all its events; -1 when it has none. */
  readonly record: {
    readonly head: Revision;
    readonly lastEventId: EventId | undefined;
    /** SHA-256, hex: see StreamDigest. */
    readonly digest: string;
  };
}

/**
 * Copies the log as it is at this moment, in one file, while others go on writing. It appears under its name only when it
 * is whole, on disk and verified. The WAL of the running store grows by what is written meanwhile.
 * @param record name of the stream whose digest is wanted (the record)
 * @throws LogUnavailable not readable, no room, `to` exists or its folder does not; LogRefused the copy is not whole
 */
export async function backupLog(
  file: string,
  to: string,
  { record = 'record', onProgress }: { record?: string; onProgress?: (progress: BackupProgress) => void } = {},
): Promise<LogVerified> {
  const target = resolve(to);
  if (existsSync(target)) throw new LogUnavailable(`${target} exists; a backup never replaces a file`);
  if (!existsSync(dirname(target))) throw new LogUnavailable(`there is no folder ${dirname(target)} for the backup`);
  const unfinished = `${target}.${randomUUID()}.unfinished`;
  const { database } = openFile(file, { readOnly: true, create: false });
  try {
    // One snapshot, held to the end: otherwise every append of another connection would start the copy anew.
    database.exec('BEGIN');
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    const pages = await backup(database, unfinished, {
      rate: STEP_PAGES,
      progress: ({ totalPages, remainingPages }) =>
        onProgress?.({ copiedPages: totalPages - remainingPages, totalPages }),
    });
    onProgress?.({ copiedPages: pages, totalPages: pages });
    database.exec('COMMIT');
    const verified = seal(unfinished, record);
    flush(unfinished);
    renameSync(unfinished, target);
    flush(dirname(target));
    return verified;
  } catch (error) {
    throw inWords(error, unfinished, 'written');
  } finally {
    database.close();
    for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(unfinished + suffix, { force: true });
  }
}

/** Makes the copy one file that needs no WAL beside it, and reads it through. */
function seal(file: string, record: string): LogVerified {
  const { database } = openFile(file, { readOnly: false, create: false });
  try {
    database.exec('PRAGMA journal_mode = DELETE');
    return readThrough(database, file, record);
  } finally {
    database.close();
  }
}

function flush(path: string): void {
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Reads a log's file through: SQLite's own check, revisions without gaps, one event in streams that keep their last, and
 * every byte of the record. Takes as long as reading the file.
 * @throws LogRefused what is wrong with it; LogUnavailable it cannot be read
 */
export function verifyLog(file: string, { record = 'record' }: { record?: string } = {}): LogVerified {
  const { database } = openFile(file, { readOnly: true, create: false });
  try {
    return readThrough(database, file, record);
  } catch (error) {
    throw inWords(error, file, 'read', { damage: LogRefused });
  } finally {
    database.close();
  }
}

function readThrough(database: DatabaseSync, file: string, record: string): LogVerified {
  const [problem] = database.prepare('PRAGMA integrity_check(1)').all();
  if (problem?.integrity_check !== 'ok') {
    throw new LogRefused(`${file} is damaged: ${problem?.integrity_check}. Restore it from another backup`);
  }
  // One pass over the events gives every stream's count and ends.
  const wrong = database
    .prepare(`
      SELECT stream.name AS name, found.* FROM (
        SELECT place >> 32 AS stream, count(*) AS events, min(place & 4294967295) AS first, max(place & 4294967295) AS last
        FROM event GROUP BY place >> 32
      ) AS found FULL JOIN stream ON stream.id = found.stream
      WHERE stream.id IS NULL OR found.stream IS NULL
        OR CASE keep_last WHEN 1 THEN events <> 1 ELSE first <> 0 OR events <> last + 1 END
      LIMIT 1
    `)
    .get();
  if (wrong) {
    const found = `${wrong.events ?? 0} events, revisions ${wrong.first ?? '-'} to ${wrong.last ?? '-'}`;
    throw new LogRefused(
      `${file} is damaged: events of the stream ${wrong.name ?? wrong.stream} are missing (${found})`,
    );
  }
  const strangers = database
    .prepare('SELECT count(*) AS events FROM event WHERE kind NOT IN (SELECT id FROM kind)')
    .get();
  if (strangers?.events !== 0)
    throw new LogRefused(`${file} is damaged: the types of ${strangers?.events} events are missing`);
  const total = database
    .prepare('SELECT (SELECT count(*) FROM event) AS events, (SELECT count(*) FROM stream) AS streams')
    .get();
  return { events: total!.events as number, streams: total!.streams as number, record: digestOf(database, record) };
}

function digestOf(database: DatabaseSync, name: string): LogVerified['record'] {
  const rows = prepareRows(database);
  const stream = rows.findStream(name);
  const digest = new StreamDigest();
  let head: Revision = NOTHING;
  let lastEventId: EventId | undefined;
  while (stream !== undefined) {
    const events = rows.page(stream, { from: (head + 1) as Revision, limit: READ_AT_ONCE, backwards: false });
    for (const event of events) digest.add(event);
    const last = events.at(-1);
    if (last === undefined) break;
    head = last.revision;
    lastEventId = last.id;
  }
  return { head, lastEventId, digest: digest.hex() };
}
