// Opens the event log that the settings name. The only place that knows where it is.

import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '../settings.ts';
import { type LocalLog, LogRefused } from './port.ts';
import { openSqliteLog } from './sqlite/index.ts';

export interface OpenLogOptions {
  /** Makes the data folder and an empty log where there is none; otherwise that is refused. */
  readonly create?: boolean;
  readonly readOnly?: boolean;
}

/** The embedded log's file in the data folder. */
export function logFile({ dataDir }: Pick<Settings, 'dataDir'>): string {
  return join(dataDir, 'log.sqlite');
}

/** @throws LogRefused in words for a person */
export async function openEventLog(
  settings: Pick<Settings, 'dataDir'>,
  { create = false, readOnly = false }: OpenLogOptions = {},
): Promise<LocalLog> {
  const file = logFile(settings);
  if (create) mkdirSync(settings.dataDir, { recursive: true });
  else if (!existsSync(file)) {
    throw new LogRefused(
      `there is no log at ${file}: check PRAMAAN_DATA_DIR, or run "pramaan serve" there once to make it`,
    );
  }
  return openSqliteLog(file, { create, readOnly });
}
