// The SQLite file of a read model. It is disposable, so it is written without a flush per commit (WAL, synchronous NORMAL): a crash may
// cost the last commits, which the projector makes again, and never leaves an effect without its checkpoint.

import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { OtherModelVersion } from './files.ts';

export interface ModelLayout {
  /** For persons: `a statement index`. */
  readonly words: string;
  /** Of layout and fold together, kept in the column `version` of the table `checkpoint`. */
  readonly version: string;
  readonly pageBytes: number;
  /** What a new file is made with, its checkpoint at the start included. */
  readonly tables: string;
  /** Pages held by whoever writes, in KiB. */
  readonly writingCacheKib: number;
}

/** There are several readers, and the system keeps what they read again. */
const READING_CACHE_KIB = 4_000;

/** Opens for writing; a new file gets its tables. @throws OtherModelVersion */
export function openModelForWriting(file: string, layout: ModelLayout): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5000 });
  return orClosed(database, () => {
    database.exec(`PRAGMA page_size = ${layout.pageBytes}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -${layout.writingCacheKib}; PRAGMA temp_store = FILE`);
    if (database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined) {
      database.exec(`BEGIN IMMEDIATE; ${layout.tables}; COMMIT`);
    }
    checkVersion(database, file, layout);
  });
}

/** Opens for reading, beside a writer. @throws OtherModelVersion */
export function openModelForReading(file: string, layout: ModelLayout): DatabaseSync {
  if (!existsSync(file)) throw new OtherModelVersion(`${file} is not there`);
  const database = new DatabaseSync(file, { readOnly: true, timeout: 5000 });
  return orClosed(database, () => {
    database.exec(`PRAGMA cache_size = -${READING_CACHE_KIB}`);
    checkVersion(database, file, layout);
  });
}

function orClosed(database: DatabaseSync, settle: () => void): DatabaseSync {
  try {
    settle();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function checkVersion(database: DatabaseSync, file: string, { words, version: wanted }: ModelLayout): void {
  let version: unknown;
  try {
    version = database.prepare('SELECT version FROM checkpoint').get()?.version;
  } catch (error) {
    throw new OtherModelVersion(`${file} is not ${words}`, { cause: error });
  }
  if (version !== wanted) throw new OtherModelVersion(`${file} is of version ${version}, not ${wanted}`);
}
