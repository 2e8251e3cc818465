// The embedded log's file: how it is opened, what is laid out in it, and the words for why it cannot be used.
//
// An event's place is (number of its stream << 32) | revision: the table's own key. So a stream lies together on disk,
// its head is one descent of the tree, and no second index is written. Streams never end, numbers are never reused.

import { closeSync, existsSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogRefused, LogUnavailable } from '../port.ts';

/** `Prmn`, in the header of every log file: the file command and we know it by this. */
export const APPLICATION_ID = 0x50726d6e;
/** Version of the layout below. A file of a higher one was written by a newer Pramaan. */
export const LAYOUT_VERSION = 1;

// Measured with 0.9 kB events, 500 an append: 4 KiB pages take half as many events a second, 32 KiB and more gain nothing
// and make the smallest append dearer.
const PAGE_BYTES = 16_384;
// A checkpoint copies this much from the WAL into the file within one commit: 16 MiB, some 20 ms. More is no faster.
const CHECKPOINT_PAGES = 1_000;
// What is read again and again is in the system's own cache: each handle's is for what is under way.
const CACHE_KIB = { reading: 2_048, writing: 8_192 } as const;
const WAL_BYTES_KEPT = 64 * 1024 * 1024;
const BUSY_MILLISECONDS = 5_000;

/** Nothing is wrong with the file: it is this program that cannot read it. */
export class WrittenByNewer extends LogRefused {}

const LAYOUT = `
  CREATE TABLE stream (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    keep_last INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE kind (
    id INTEGER PRIMARY KEY,
    type TEXT NOT NULL,
    content_type TEXT NOT NULL,
    UNIQUE (type, content_type)
  ) STRICT;
  CREATE TABLE event (
    place INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    kind INTEGER NOT NULL,
    created INTEGER NOT NULL,
    metadata BLOB NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
`;

export interface OpenFile {
  readonly database: DatabaseSync;
  /** The file's one true path, by which every handle of this process knows it. */
  readonly path: string;
}

/**
 * Opens the file, or lays it out when it is new.
 * @throws LogRefused not a log, damaged, or written by a newer version; LogUnavailable no such folder, not writable
 */
export function openFile(
  file: string,
  { readOnly, create, flushed = true }: { readOnly: boolean; create: boolean; flushed?: boolean },
): OpenFile {
  const asked = resolve(file);
  if (!existsSync(dirname(asked))) {
    throw new LogUnavailable(`the event log cannot be opened: there is no folder ${dirname(asked)}`);
  }
  if (!statSync(dirname(asked)).isDirectory()) {
    throw new LogUnavailable(`the event log cannot be opened: ${dirname(asked)} is not a folder`);
  }
  const exists = existsSync(asked);
  if (!exists && (readOnly || !create)) throw new LogUnavailable(`there is no event log at ${asked}`);
  if (exists && !statSync(asked).isFile()) throw new LogRefused(`${asked} is not a file, so it holds no event log`);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(asked, { readOnly, timeout: BUSY_MILLISECONDS });
    if (!readOnly) database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    const empty = isEmpty(database);
    if (empty && readOnly) throw new LogRefused(`${asked} is empty: no event log was ever made in it`);
    if (!empty) checkHeader(database, asked);
    if (!readOnly) {
      writeAhead(database, flushed);
      if (empty) layOut(database, asked);
    }
    database.exec(`PRAGMA cache_size = -${readOnly ? CACHE_KIB.reading : CACHE_KIB.writing}`);
    checkStart(database, asked);
    return { database, path: realpathSync(asked) };
  } catch (error) {
    database?.close();
    throw inWords(error, asked, 'opened', { damage: LogRefused });
  }
}

/** Whether there is a file and something in it: a log, or what is to be refused as none. It is left as it is. */
export function holdsAnything(file: string): boolean {
  if (!existsSync(file)) return false;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MILLISECONDS });
    return !isEmpty(database);
  } catch {
    return true;
  } finally {
    database?.close();
  }
}

/**
 * Whether the end of the file is missing: it is shorter than it says itself. What its write-ahead log may still complete is not
 * judged.
 */
export function isCutOff(file: string): boolean {
  if ((statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) return false;
  const header = Buffer.alloc(100);
  const opened = openSync(file, 'r');
  try {
    if (readSync(opened, header) < header.length) return true;
  } finally {
    closeSync(opened);
  }
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  return statSync(file).size < header.readUInt32BE(28) * pageBytes;
}

function isEmpty(database: DatabaseSync): boolean {
  return (
    numberOf(database, 'PRAGMA application_id') === 0 && numberOf(database, 'SELECT count(*) FROM sqlite_schema') === 0
  );
}

function checkHeader(database: DatabaseSync, file: string): void {
  if (numberOf(database, 'PRAGMA application_id') !== APPLICATION_ID) {
    throw new LogRefused(
      `${file} is the SQLite file of another program, not an event log of Pramaan; it was left as it is. Give another data folder, or move the file away`,
    );
  }
  const version = numberOf(database, 'PRAGMA user_version');
  if (version > LAYOUT_VERSION) {
    throw new WrittenByNewer(
      `${file} was written by a newer Pramaan (layout ${version}; this one knows ${LAYOUT_VERSION}); it was left as it is. Start that version or a later one`,
    );
  }
  if (version < LAYOUT_VERSION) {
    throw new LogRefused(`${file} says layout ${version}, which no Pramaan ever wrote: it is damaged. ${RESTORE}`);
  }
}

/**
 * Flushed, every commit is on disk before it returns: synchronous=FULL flushes the WAL each time; fullfsync is what it takes on
 * macOS. Otherwise the WAL is flushed when it is copied into the file: a power cut takes whole commits from its end.
 */
function writeAhead(database: DatabaseSync, flushed: boolean): void {
  // Two openers of a new file may meet here; SQLite answers "busy" at once, whatever the timeout.
  for (let attempt = 0; ; attempt++) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      break;
    } catch (error) {
      if (primaryCode(error) !== BUSY || attempt === 500) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
  database.exec(`
    PRAGMA synchronous = ${flushed ? 'FULL' : 'NORMAL'};
    PRAGMA fullfsync = ON;
    PRAGMA checkpoint_fullfsync = ON;
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA journal_size_limit = ${WAL_BYTES_KEPT};
  `);
}

function layOut(database: DatabaseSync, file: string): void {
  database.exec('BEGIN IMMEDIATE');
  // Somebody else may have laid it out since we looked.
  if (isEmpty(database)) {
    database.exec(`${LAYOUT} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${LAYOUT_VERSION};`);
  }
  database.exec('COMMIT');
  checkHeader(database, file);
}

/** What can be seen of damage without reading the whole file: the layout, and both ends of the oldest streams. */
function checkStart(database: DatabaseSync, file: string): void {
  for (const table of ['stream', 'kind', 'event']) {
    if (numberOf(database, `SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '${table}'`) !== 1) {
      throw new LogRefused(`${file} is damaged: its table ${table} is missing. ${RESTORE}`);
    }
  }
  const oldest = database.prepare('SELECT id, name, keep_last FROM stream ORDER BY id LIMIT 20').all();
  const ends = database.prepare(`
    SELECT
      (SELECT place & 4294967295 FROM event WHERE place BETWEEN ?1 << 32 AND (?1 << 32) | 4294967295 ORDER BY place LIMIT 1) AS first,
      (SELECT length(data) FROM event WHERE place BETWEEN ?1 << 32 AND (?1 << 32) | 4294967295 ORDER BY place DESC LIMIT 1) AS last
  `);
  for (const { id, name, keep_last } of oldest) {
    const { first, last } = ends.get(id!)!;
    if (last === null || (keep_last === 0 && first !== 0)) {
      throw new LogRefused(`${file} is damaged: events of the stream ${name} are missing. ${RESTORE}`);
    }
  }
}

const RESTORE = 'Restore it from a backup (pramaan restore)';

function numberOf(database: DatabaseSync, sql: string): number {
  const statement = database.prepare(sql);
  return Object.values(statement.get()!)[0] as number;
}

const BUSY = 5;
const REASONS: Readonly<Record<number, string>> = {
  3: 'permission was denied',
  [BUSY]: 'another process kept it locked',
  6: 'another process kept it locked',
  7: 'memory ran out',
  8: 'the file or its folder is read-only',
  10: 'the disk reported an error',
  13: 'the disk is full',
  14: 'the file or its folder cannot be opened or written',
};
const LEAVES_NOTHING: ReadonlySet<number> = new Set([BUSY, 6, 13]);
const DAMAGED: ReadonlySet<number> = new Set([11, 26]);

function primaryCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

/**
 * An error of SQLite as one of the port's, in words; any other error is returned as it is. A full disk, a lock, a missing
 * right leave nothing behind; after anything else the commit may have happened all the same.
 */
export function inWords(
  error: unknown,
  file: string,
  attempted: 'opened' | 'read' | 'written',
  {
    damage = LogUnavailable,
    committing = false,
  }: { damage?: new (message: string, options: ErrorOptions) => Error; committing?: boolean } = {},
): Error {
  const code = primaryCode(error);
  if (code === undefined) return error as Error;
  if (DAMAGED.has(code)) {
    const what = code === 26 ? `${file} is not an event log: it is no SQLite file at all` : `${file} is damaged`;
    return new damage(`${what}. ${RESTORE}, or give another data folder`, { cause: error });
  }
  const reason = REASONS[code] ?? (error as Error).message;
  const outcome = committing && !LEAVES_NOTHING.has(code) ? 'unknown' : 'nothing-stored';
  return new LogUnavailable(`the event log ${file} cannot be ${attempted}: ${reason}`, { cause: error, outcome });
}
