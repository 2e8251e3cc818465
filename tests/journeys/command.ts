// A command of ours, run as an operator runs it: another process, with an environment of its own.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { KEY, logSettings, SECRET, type Server } from './server.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/pramaan.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly output: string;
  readonly errors: string;
  /** The last line of standard output as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: each command's own shape
  readonly json: any;
}

export interface Running {
  readonly process: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** @param environment added to PATH and the like; no PRAMAAN_ variable is inherited */
export function start(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Running {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_')));
  const child = spawn(process.execPath, [LAUNCHER, ...args], {
    env: { ...own, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]).then(
    ([[code], output, errors]) => ({
      code: code as number | null,
      output,
      errors,
      json: lastLine(output),
    }),
  );
  return { process: child, ended };
}

function lastLine(output: string): unknown {
  const line = output.trimEnd().split('\n').at(-1)!;
  return line.startsWith('{') ? JSON.parse(line) : undefined;
}

export function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return start(args, environment).ended;
}

/** The environment of a command beside this server: its data folder and the credential with every scope. */
export function beside(server: Server): Record<string, string> {
  return {
    PRAMAAN_DATA_DIR: server.dataDir,
    PRAMAAN_API_KEY: KEY,
    PRAMAAN_API_SECRET: SECRET,
    ...logSettings(server.dataDir),
  };
}

export interface Made {
  readonly id: string;
  readonly key: string;
  readonly secret: string;
}

/** A credential made under /admin. */
export async function credential(
  server: Server,
  name: string,
  scopes: readonly string[],
  more: object = {},
): Promise<Made> {
  const response = await server.fetch('/admin/credentials', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, scopes, ...more }),
  });
  if (response.status !== 201)
    throw new Error(`/admin/credentials answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as Made;
}

// biome-ignore lint/suspicious/noExplicitAny: statements and events of any shape
export type Anything = any;

/** The events of the record, as an auditor gets them. */
export async function events(server: Server, query = ''): Promise<Anything[]> {
  const response = await server.fetch(`/audit/events${query}`);
  if (response.status !== 200) throw new Error(`/audit/events answered ${response.status}: ${await response.text()}`);
  return jsonLines(await response.text());
}

export function jsonLines(content: string): Anything[] {
  return content
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** The statements of the record in its order, with their events' metadata. */
export async function statementsOf(server: Server): Promise<{ statement: Anything; metadata: Anything }[]> {
  const all = await events(server);
  return all
    .filter(({ type }) => type === 'statement-recorded.v1')
    .map(({ data, metadata }) => ({ statement: data, metadata }));
}
