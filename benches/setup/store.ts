// A store to measure: another process, started as a user starts it, with every default; and how it is asked.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request as send } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Ready } from '../../contracts/http/health.ts';
import type { Answer } from './connection.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/pramaan.mjs', import.meta.url));

export interface Key {
  readonly key: string;
  readonly secret: string;
}
/** The first credential of every store measured: every scope. */
export const FIRST: Key = { key: 'bench', secret: 'bench-secret-of-this-run' };

export interface Store {
  readonly url: string;
  readonly pid: number;
  /** From its start until it listened, and until /health/ready said yes. */
  readonly startedMs: { readonly listening: number; readonly ready: number };
  stop(): Promise<void>;
}

export interface StoreOptions {
  /** A folder in which every thread leaves its CPU profile. */
  readonly profile?: string | undefined;
  /** Settings that are not the defaults. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs a command of Pramaan. */
export function startCommand(
  dataDir: string,
  args: readonly string[],
  { profile, environment }: StoreOptions = {},
): ChildProcess {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_'));
  return spawn(process.execPath, [LAUNCHER, ...args], {
    env: {
      ...Object.fromEntries(own),
      ...(profile ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-interval 500 --cpu-prof-dir=${profile}` } : {}),
      PRAMAAN_PORT: '0',
      PRAMAAN_DATA_DIR: dataDir,
      PRAMAAN_API_KEY: FIRST.key,
      PRAMAAN_API_SECRET: FIRST.secret,
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

export async function startStore(dataDir: string, options: StoreOptions = {}): Promise<Store> {
  const begun = performance.now();
  const child = startCommand(dataDir, ['serve'], options);
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout! });
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const entry = JSON.parse(line) as { msg: string; url: string };
      if (entry.msg === 'listening') resolve(entry.url);
    });
    exited.then(() => reject(new Error('the store ended before it listened')));
  });
  const listening = Math.round(performance.now() - begun);
  // Its log is read and thrown away, as cheaply as can be.
  lines.removeAllListeners('line').close();
  child.stdout!.resume();
  const agent = new Agent();
  while ((await ask(agent, `${url}/health/ready`)).status !== 200) await sleep(10);
  return {
    url,
    pid: child.pid!,
    startedMs: { listening, ready: Math.round(performance.now() - begun) },
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

export function authorization({ key, secret }: Key): string {
  return `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`;
}

export function ask(agent: Agent, url: string, body?: Buffer, key: Key = FIRST): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: authorization(key),
      'x-experience-api-version': '2.0.0',
      ...(body ? { 'content-type': 'application/json', 'content-length': body.byteLength } : {}),
    };
    const asked = send(url, { agent, method: body ? 'POST' : 'GET', headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => resolve({ status: answer.statusCode!, body: Buffer.concat(chunks) }));
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });
}

/** @throws when the answer is not a success */
export async function askJson<T>(agent: Agent, url: string, body?: unknown, key?: Key): Promise<T> {
  const answer = await ask(agent, url, body === undefined ? undefined : Buffer.from(JSON.stringify(body)), key);
  if (answer.status >= 300) throw new Error(`${url} answered ${answer.status}: ${answer.body}`);
  return JSON.parse(answer.body.toString()) as T;
}

/** A credential of its own, beside the one that posts. */
export async function addCredential(store: Store, name: string, scopes: readonly string[]): Promise<Key> {
  const agent = new Agent();
  const { key, secret } = await askJson<Key>(agent, `${store.url}/admin/credentials`, { name, scopes });
  return { key, secret };
}

export function readyOf(agent: Agent, store: Store): Promise<Ready> {
  return askJson(agent, `${store.url}/health/ready`);
}

/** Sum of each counter's or histogram's value over its labels. */
export async function metricsOf(agent: Agent, store: Store, ...names: string[]): Promise<number[]> {
  const text = (await ask(agent, `${store.url}/metrics`)).body.toString();
  return names.map((name) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    ),
  );
}

/** Processor time that a process has taken so far, all threads (Linux). */
export function cpuMicroseconds(pid: number): number | undefined {
  try {
    // After the name in parentheses; the 14th and 15th field of the line, in hundredths of a second.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10_000;
  } catch {
    return undefined;
  }
}

/** A process's memory in MiB: all of it, and without pages of files (Linux). */
export interface Memory {
  readonly rss: number;
  readonly anonymous: number;
}

export function memoryOf(pid: number): Memory | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const mebibytes = (name: string) =>
      Math.round(Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)![1]) / 1024);
    return { rss: mebibytes('VmRSS'), anonymous: mebibytes('RssAnon') };
  } catch {
    return undefined;
  }
}

/** The most and the last of what was seen. */
export function memorySeen(seen: readonly (Memory | undefined)[]): Record<string, number> | undefined {
  const known = seen.filter((one) => one !== undefined);
  const last = known.at(-1);
  return (
    last && {
      maxRss: Math.max(...known.map(({ rss }) => rss)),
      maxAnonymous: Math.max(...known.map(({ anonymous }) => anonymous)),
      lastRss: last.rss,
      lastAnonymous: last.anonymous,
    }
  );
}
