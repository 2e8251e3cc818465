// Opening the index's file. It is disposable, so it is written without a flush per commit (WAL, synchronous NORMAL): a
// crash may cost the last commits, which the projector makes again, and never leaves an effect without its checkpoint.

import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { EventId, Microseconds, Sequence } from '../../../contracts/words.ts';
import { AT_THE_START, type ModelCheckpoint, OtherModelVersion } from '../files.ts';
import type { ReadableModel } from '../follower.ts';
import { INDEX_FILES } from './generations.ts';
import { INDEX_VERSION, PAGE_BYTES, TABLES } from './layout.ts';

export type IndexCheckpoint = ModelCheckpoint;

/** The file holds an index of another version, or none. */
export class OtherIndexVersion extends OtherModelVersion {
  override readonly name = 'OtherIndexVersion';
}

/** Opens for writing; a new file gets its tables. @throws OtherIndexVersion */
export function openIndexForWriting(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -8000`);
    if (database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined) {
      database.exec(`BEGIN IMMEDIATE; ${TABLES}`);
      database
        .prepare(`INSERT INTO checkpoint VALUES (1, ?, ${AT_THE_START.sequence}, '', ${AT_THE_START.stored})`)
        .run(INDEX_VERSION);
      database.exec('COMMIT');
    }
    checkVersion(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens for reading, beside a writer. @throws OtherIndexVersion */
export function openIndexForReading(file: string): DatabaseSync {
  if (!existsSync(file)) throw new OtherIndexVersion(`${file} is not there`);
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  try {
    // There are several readers, and the system keeps what they read again.
    database.exec('PRAGMA cache_size = -4000');
    checkVersion(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkVersion(database: DatabaseSync, file: string): void {
  let version: unknown;
  try {
    version = database.prepare('SELECT version FROM checkpoint').get()?.version;
  } catch (error) {
    throw new OtherIndexVersion(`${file} is not a statement index`, { cause: error });
  }
  if (version !== INDEX_VERSION) throw new OtherIndexVersion(`${file} is of version ${version}, not ${INDEX_VERSION}`);
}

export function readCheckpoint(database: DatabaseSync): IndexCheckpoint {
  const row = database.prepare('SELECT sequence, event, stored FROM checkpoint').get() as {
    sequence: Sequence;
    event: string;
    stored: Microseconds;
  };
  return { sequence: row.sequence, eventId: row.event === '' ? undefined : (row.event as EventId), stored: row.stored };
}

export const INDEX: ReadableModel = { files: INDEX_FILES, open: openIndexForReading, checkpoint: readCheckpoint };
