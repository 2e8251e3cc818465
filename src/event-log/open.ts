// Opens the event log that the settings name, for whoever does not need to know which one it is.

import { existsSync, mkdirSync } from 'node:fs';
import type { Settings } from '../settings.ts';
import { type LocalLog, LogRefused } from './port.ts';
import { dataFolderAt } from './sqlite/data-folder.ts';
import { openSqliteLog } from './sqlite/index.ts';

export interface OpenLogOptions {
  /** Makes the data folder and an empty log where there is none; otherwise that is refused. */
  readonly create?: boolean;
  readonly readOnly?: boolean;
}

/** @throws LogRefused in words for a person */
export async function openEventLog(
  settings: Pick<Settings, 'dataDir'>,
  { create = false, readOnly = false }: OpenLogOptions = {},
): Promise<LocalLog> {
  const { path, logFile: file } = dataFolderAt(settings.dataDir);
  if (create) mkdirSync(path, { recursive: true });
  else if (!existsSync(file)) {
    throw new LogRefused(
      `there is no log at ${file}: check PRAMAAN_DATA_DIR, or run "pramaan serve" there once to make it`,
    );
  }
  return openSqliteLog(file, { create, readOnly });
}
