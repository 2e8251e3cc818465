// Where the event log is, and how it is opened by whoever does not need to know which one it is. What is described here goes
// to the threads: each opens a log of its own.

import { existsSync, mkdirSync } from 'node:fs';
import type { Settings } from '../settings.ts';
import { openEventStoreDbLog } from './eventstoredb/index.ts';
import { type EventLog, type LocalLog, LogRefused } from './port.ts';
import { dataFolderAt } from './sqlite/data-folder.ts';
import { openSqliteLog } from './sqlite/index.ts';

/** A log that can be opened: plain data. */
export type LogPlace =
  | { readonly kind: 'sqlite'; readonly file: string }
  /** `url` may hold a password: it is never shown or logged. */
  | { readonly kind: 'eventstoredb'; readonly url: string; readonly maxAppendBytes: number };

export type LogSettings = Pick<Settings, 'dataDir'> & Partial<Pick<Settings, 'eventLogUrl' | 'maxAppendBytes'>>;

export interface OpenLogOptions {
  /** Makes the data folder and an empty log where there is none; otherwise that is refused. */
  readonly create?: boolean;
  readonly readOnly?: boolean;
}

/** An append that a server has not answered for so long counts as one of unknown outcome, and is sent again. */
const SERVER_SILENT_MS = 2_000;
/** What an EventStoreDB takes in one append unless it is told otherwise. */
const SERVER_APPEND_BYTES = 1024 * 1024;

/** Where the settings say that the log is: the store's own file, or a server. */
export function logPlaceOf({ dataDir, eventLogUrl, maxAppendBytes = SERVER_APPEND_BYTES }: LogSettings): LogPlace {
  if (eventLogUrl !== undefined) return { kind: 'eventstoredb', url: eventLogUrl, maxAppendBytes };
  return { kind: 'sqlite', file: dataFolderAt(dataDir).logFile };
}

/**
 * The file on this machine in which the record can be read: the embedded log, or with a server the node's local copy of the
 * record. Everything to the right of the record reads this one.
 */
export function recordFileOf({ dataDir, eventLogUrl }: LogSettings): string {
  const { logFile, copyFile } = dataFolderAt(dataDir);
  return eventLogUrl === undefined ? logFile : copyFile;
}

/** @throws LogRefused in words for a person. A server is not asked before the log is used. */
export function openLogAt(place: LogPlace, { create = false, readOnly = false }: OpenLogOptions = {}): EventLog {
  if (place.kind === 'sqlite') return openSqliteLog(place.file, { create, readOnly });
  const { url, maxAppendBytes } = place;
  return openEventStoreDbLog({ url, maxAppendBytes, timeoutMs: SERVER_SILENT_MS });
}

/** @throws LogRefused in words for a person */
export async function openEventLog(
  settings: LogSettings,
  { create = false, readOnly = false }: OpenLogOptions = {},
): Promise<EventLog> {
  const place = logPlaceOf(settings);
  if (place.kind === 'sqlite' && create) mkdirSync(dataFolderAt(settings.dataDir).path, { recursive: true });
  if (place.kind === 'sqlite' && !create) refuseMissing(place.file);
  return openLogAt(place, { create, readOnly });
}

/** The record as it can be read on this machine, for commands beside a node. @throws LogRefused in words for a person */
export function openLocalRecord(settings: LogSettings): LocalLog {
  const file = recordFileOf(settings);
  refuseMissing(file);
  return openSqliteLog(file, { readOnly: true });
}

function refuseMissing(file: string): void {
  if (existsSync(file)) return;
  throw new LogRefused(
    `there is no log at ${file}: check PRAMAAN_DATA_DIR, or run "pramaan serve" there once to make it`,
  );
}
