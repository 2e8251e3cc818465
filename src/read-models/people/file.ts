// Opening the people model's file. It is disposable, so it is written without a flush per commit (WAL, synchronous NORMAL): a
// crash may cost the last commits, which the projector makes again, and never leaves an effect without its checkpoint.

import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { OtherModelVersion } from '../files.ts';
import { PAGE_BYTES, PEOPLE_VERSION, TABLES } from './layout.ts';

/** Opens for writing; a new file gets its tables. @throws OtherModelVersion */
export function openPeopleForWriting(file: string): DatabaseSync {
  const database = new DatabaseSync(file, { timeout: 5000 });
  try {
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
      PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -16000; PRAGMA temp_store = FILE`);
    if (database.prepare('SELECT 1 FROM sqlite_schema').get() === undefined) {
      database.exec(`BEGIN IMMEDIATE; ${TABLES}`);
      database.prepare(`INSERT INTO checkpoint VALUES (1, ?, -1, '', 0, 0, -1, -1)`).run(PEOPLE_VERSION);
      database.exec('COMMIT');
    }
    checkVersion(database, file);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** Opens for reading, beside a writer. @throws OtherModelVersion */
export function openPeopleForReading(file: string): DatabaseSync {
  if (!existsSync(file)) throw new OtherModelVersion(`${file} is not there`);
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
    throw new OtherModelVersion(`${file} is not a people model`, { cause: error });
  }
  if (version !== PEOPLE_VERSION)
    throw new OtherModelVersion(`${file} is of version ${version}, not ${PEOPLE_VERSION}`);
}
