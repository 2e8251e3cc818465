// A store of ours, started as a user starts it: another process, the command line, a data folder of its own. Its log is the
// embedded one, or an EventStoreDB's when the tests are run a second time with one (tests/journeys/on-eventstoredb.ts).

import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { LogSettings } from '../../src/event-log/open.ts';
import { type Streams, streamsWithPrefix } from '../../src/event-log/streams.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/pramaan.mjs', import.meta.url));
export const KEY = 'journey';
export const SECRET = 'journey-secret-of-the-tests';

export interface Server {
  readonly url: string;
  readonly xapi: string;
  readonly dataDir: string;
  readonly process: ChildProcess;
  /** JSON lines it has logged so far. */
  readonly log: readonly Record<string, unknown>[];
  /** What it has written on standard error so far. */
  readonly errors: () => string;
  /** Resolves with the first line logged whose message matches, also one that was logged before. */
  logged(message: RegExp): Promise<Record<string, unknown>>;
  /** `fetch` with credential and version header, below the server's root. */
  fetch(path: string, options?: RequestInit & { readonly as?: { key: string; secret: string } }): Promise<Response>;
  /** SIGTERM, and waits; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, and waits. */
  kill(): Promise<void>;
}

export interface ServerOptions {
  /** An existing folder; otherwise a new one, removed by {@link removeFolders}. */
  readonly dataDir?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
  /** A command that runs the server's in its own place (the process stays the child): strace, a limit, a faked time. */
  readonly under?: readonly string[];
}

const folders: string[] = [];

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pramaan-test-'));
  folders.push(folder);
  return folder;
}

export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** Whether these journeys run with the log on an EventStoreDB. */
export const onEventStoreDb = process.env.TEST_JOURNEYS_LOG === 'eventstoredb';

/** The settings of where the log is: the same for every process on one data folder, another log for another folder. */
export function logSettings(dataDir: string): Record<string, string> {
  if (!onEventStoreDb) return {};
  const url = process.env.TEST_JOURNEYS_EVENTSTOREDB_URL;
  if (url === undefined) throw new Error('no EventStoreDB was started for these journeys');
  const prefix = `t-${createHash('sha256').update(dataDir).digest('hex').slice(0, 12)}-`;
  return { PRAMAAN_EVENT_LOG_URL: url, PRAMAAN_STREAM_PREFIX: prefix };
}

/** Where the log of a data folder is, as the server on it is told. */
export function logOf(dataDir: string): { readonly settings: LogSettings; readonly streams: Streams } {
  const { PRAMAAN_EVENT_LOG_URL: eventLogUrl, PRAMAAN_STREAM_PREFIX: prefix = '' } = logSettings(dataDir);
  return { settings: { dataDir, ...(eventLogUrl && { eventLogUrl }) }, streams: streamsWithPrefix(prefix) };
}

/** Starts a server on a free port and resolves when it listens; its credential has every scope. */
export async function startServer(options: ServerOptions = {}): Promise<Server> {
  const dataDir = options.dataDir ?? newFolder();
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_')));
  const [command, ...rest] = [
    ...(options.under ?? []),
    ...[process.execPath, LAUNCHER, 'serve', ...(options.arguments ?? [])],
  ];
  const child = spawn(command!, rest, {
    env: {
      ...own,
      PRAMAAN_PORT: '0',
      PRAMAAN_DATA_DIR: dataDir,
      PRAMAAN_API_KEY: KEY,
      PRAMAAN_API_SECRET: SECRET,
      ...logSettings(dataDir),
      ...options.environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const log: Record<string, unknown>[] = [];
  const looking = new Set<() => void>();
  let errors = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      const entry = JSON.parse(line) as Record<string, unknown>;
      log.push(entry);
      for (const look of looking) look();
      if (entry.msg === 'listening') resolve(entry.url as string);
    });
    exited.then(([code]) => reject(new Error(`the server ended with ${code}: ${errors}`)));
  });
  return {
    url,
    xapi: `${url}/xapi`,
    dataDir,
    process: child,
    log,
    errors: () => errors,
    logged: (message) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = log.find(({ msg }) => message.test(String(msg)));
          if (!found) return;
          looking.delete(look);
          resolve(found);
        };
        looking.add(look);
        look();
        exited.then(() => reject(new Error(`the server ended without logging ${message}`)));
      }),
    fetch(path, { as = { key: KEY, secret: SECRET }, ...init } = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has('authorization')) headers.set('authorization', basic(as.key, as.secret));
      if (!headers.has('x-experience-api-version')) headers.set('x-experience-api-version', '2.0.0');
      return fetch(`${url}${path}`, { ...init, headers });
    },
    async stop() {
      child.kill('SIGTERM');
      const [code] = await exited;
      return code as number | null;
    },
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

export function basic(key: string, secret: string): string {
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
}

/** Posts statements as JSON. */
export function postStatements(
  server: Server,
  statements: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return server.fetch('/xapi/statements', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(statements),
  });
}
