// A log as the command line names it: a connection string, a data folder, or a file that "pramaan backup" made.

import { existsSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { checkEventStoreDb, withoutPassword } from '../event-log/eventstoredb/index.ts';
import { openLogAt } from '../event-log/open.ts';
import { type EventLog, LogRefused } from '../event-log/port.ts';
import { dataFolderAt, holdDataFolder } from '../event-log/sqlite/data-folder.ts';
import { type Streams, streamsWithPrefix } from '../event-log/streams.ts';
import { SETTINGS } from '../settings.ts';
import { CommandFailed } from './failure.ts';

export interface OpenPlace {
  readonly log: EventLog;
  readonly streams: Streams;
  /** For persons; without a password. */
  readonly name: string;
  readonly isServer: boolean;
  close(): Promise<void>;
}

export interface LogPlaceNamed {
  /** Two that are equal are the same streams of the same log. */
  readonly identity: string;
  readonly name: string;
  /** To read from; nothing is made, nothing is held: others may go on writing. @throws CommandFailed, LogRefused */
  openSource(): Promise<OpenPlace>;
  /** To write to; made when it is missing, and held so that no store begins to serve it. @throws CommandFailed, LogRefused */
  openTarget(): Promise<OpenPlace>;
}

export interface PlaceOptions {
  readonly prefix: string;
  /** What a server takes in one append. */
  readonly maxAppendBytes: number;
}

/** @throws CommandFailed it is neither */
export function logPlaceNamed(text: string, options: PlaceOptions): LogPlaceNamed {
  if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(text)) return onDisk(text, options);
  if (SETTINGS.eventLogUrl.schema.safeParse(text).success) return onServer(text, options);
  throw new CommandFailed(
    `${withoutPassword(text)} is neither a folder, nor a connection string of EventStoreDB (esdb://host:2113?tls=false).`,
    2,
  );
}

function onServer(url: string, { prefix, maxAppendBytes }: PlaceOptions): LogPlaceNamed {
  const streams = streamsWithPrefix(prefix);
  const name = withoutPassword(url);
  const open = async (): Promise<OpenPlace> => {
    await checkEventStoreDb({ url, maxAppendBytes }, streams.record);
    const log = openLogAt({ kind: 'eventstoredb', url, maxAppendBytes });
    return { log, streams, name, isServer: true, close: () => log.close() };
  };
  const openTarget = async (): Promise<OpenPlace> => {
    const opened = await open();
    try {
      await refuseInUse(opened);
      return opened;
    } catch (error) {
      await opened.close();
      throw error;
    }
  };
  return { identity: `${hostsOf(url)} ${prefix}`, name, openSource: open, openTarget };
}

/** Nodes that write to a server leave marks there (recording/shared-clock.ts). An idle one may have left none lately. */
const NODE_GONE_MS = 60_000;

async function refuseInUse({ log, streams, name }: OpenPlace): Promise<void> {
  const mark = await log.readLast(streams.clock);
  if (mark === undefined || Date.now() - mark.created / 1000 > NODE_GONE_MS) return;
  throw new LogRefused(
    `${name} is in use: a node wrote to the stream ${streams.clock} within the last minute. Stop every node that works on it, wait a minute, and begin again; or give another prefix`,
  );
}

function onDisk(text: string, { prefix }: PlaceOptions): LogPlaceNamed {
  const path = resolve(text);
  const isFile = existsSync(path) ? statSync(path).isFile() : /\.sqlite3?$/.test(path);
  const { logFile, copyFile } = dataFolderAt(isFile ? dirname(path) : path);
  const file = isFile ? path : logFile;
  // The log of a data folder is that folder's, whichever way it is named.
  const folder = file === logFile ? dirname(file) : undefined;
  const streams = streamsWithPrefix(prefix);
  const openAt = (readOnly: boolean, create: boolean, release = () => {}): OpenPlace => {
    try {
      const log = openLogAt({ kind: 'sqlite', file }, { readOnly, create });
      const close = async () => {
        await log.close();
        release();
      };
      return { log, streams, name: path, isServer: false, close };
    } catch (error) {
      release();
      throw error;
    }
  };
  return {
    identity: `${existsSync(file) ? realpathSync(file) : file} ${prefix}`,
    name: path,
    async openSource() {
      if (!existsSync(file)) {
        throw new CommandFailed(
          !isFile && existsSync(copyFile)
            ? `${path} is the folder of a node whose log is on a server: give that server's connection string.`
            : `There is no log at ${file}.`,
        );
      }
      return openAt(true, false);
    },
    async openTarget() {
      if (folder === undefined) return openAt(false, true);
      refuseOtherFolder(folder, file);
      const held = holdDataFolder(folder);
      return openAt(false, true, () => held.release());
    },
  };
}

/** Without a log of its own, what lies in a folder belongs to another one. */
function refuseOtherFolder(folder: string, logFile: string): void {
  if (!existsSync(folder) || existsSync(logFile)) return;
  if (!statSync(folder).isDirectory()) throw new LogRefused(`${folder} is not a folder`);
  const others = readdirSync(folder).filter((name) => !name.startsWith('serve.lock.sqlite'));
  if (others.length === 0) return;
  throw new LogRefused(
    `${folder} holds no ${basename(logFile)}, but is not empty (${others.slice(0, 3).join(', ')}): what lies there belongs to another log. Give an empty folder, or one that is not there yet`,
  );
}

function hostsOf(url: string): string {
  const [, hosts] = /^[^:]+:\/\/([^/?]*)/.exec(withoutPassword(url))!;
  return hosts!
    .toLowerCase()
    .split(',')
    .map((host) => (/:\d+$/.test(host) ? host : `${host}:2113`))
    .sort()
    .join(',');
}
