// The data folder: made when it is missing, and held by one serving process at a time. Commands that only append to small
// streams or read (credentials, backup, replay) work beside the one that serves.

import { accessSync, constants, existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LogRefused } from '../port.ts';

export interface DataFolder {
  readonly path: string;
  /** The embedded log. */
  readonly logFile: string;
  /** The local copy of the record, of a node whose log is on a server. */
  readonly copyFile: string;
}

/** Where things are in the data folder; touches nothing. */
export function dataFolderAt(path: string): DataFolder {
  const absolute = resolve(path);
  return {
    path: absolute,
    logFile: join(absolute, 'log.sqlite'),
    copyFile: join(absolute, 'record-copy.sqlite'),
  };
}

/**
 * Makes the folder and holds it until `release` is called or the process ends, however it ends: the lock is SQLite's own
 * lock on a file, which the operating system drops with the process.
 * @throws LogRefused in words, when the folder cannot be used or another process serves it
 */
export function holdDataFolder(path: string): DataFolder & { release(): void } {
  const folder = dataFolderAt(path);
  try {
    makeFolder(folder.path);
    accessSync(folder.path, constants.W_OK);
  } catch (error) {
    throw new LogRefused(`the data folder ${folder.path} cannot be used: ${(error as Error).message}`);
  }
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(join(folder.path, 'serve.lock.sqlite'));
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock?.close();
    const { message } = error as Error;
    throw new LogRefused(
      /locked|busy/i.test(message)
        ? `the data folder ${folder.path} is in use by another Pramaan process; stop it, or set PRAMAAN_DATA_DIR to another folder`
        : `the data folder ${folder.path} cannot be used: ${message}`,
    );
  }
  const held = lock;
  return { ...folder, release: () => held.close() };
}

/** Not by `recursive`: that one never returns where a folder can neither be made nor be missing (below /proc, for one). */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}
