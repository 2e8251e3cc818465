// The fuzzer: so many requests, valid and spoiled, to one server; what every answer must keep to; and what must be true of the
// server afterwards. A failure names the seed and the number of the request.

import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { chance } from '../../../src/demo/chance.ts';
import { streamsWithPrefix } from '../../../src/event-log/index.ts';
import { dataFolderAt } from '../../../src/event-log/sqlite/data-folder.ts';
import { PROBLEM_KINDS } from '../../../src/http/problem.ts';
import { digestOfIndex, rebuildStatementIndex } from '../../../src/projector/index.ts';
import { type Anything, credential, jsonLines } from '../../journeys/command.ts';
import { statement, uuid } from '../../journeys/seeded.ts';
import { basic, postStatements, type Server, startServer } from '../../journeys/server.ts';
import { type Request, requestOf, type Surroundings } from './requests.ts';
import { type Answer, bytesOf, Wire } from './wire.ts';

export interface FuzzOptions {
  readonly seed: number;
  readonly requests: number;
  /** The number of the first one; others are left out, so that a failure can be had alone. */
  readonly from?: number;
  readonly connections?: number;
  readonly dataDir: string;
  /** Told now and then, with the memory of the process. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly requests: number;
  readonly rssMiB: number;
  readonly handles: number;
}

export interface FuzzResult {
  readonly requests: number;
  readonly seconds: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly kinds: Readonly<Record<string, number>>;
  /** Connections that the server closed without an answer. */
  readonly unanswered: number;
  /** After the first fifth, which fills what is kept for speed, and at the end. */
  readonly rssMiB: { readonly warm: number; readonly end: number };
  readonly handles: { readonly before: number; readonly after: number };
  readonly events: number;
  readonly digest: string | undefined;
  readonly failures: readonly string[];
}

/** One failure says enough; a hundred are a listing. */
const MOST_FAILURES = 20;

export async function fuzz({
  seed,
  requests,
  from = 0,
  connections = 4,
  dataDir,
  onProgress,
}: FuzzOptions): Promise<FuzzResult> {
  const server = await startServer({ dataDir });
  try {
    return await fuzzServer(server, { seed, requests, from, connections, dataDir, ...(onProgress && { onProgress }) });
  } finally {
    await server.kill();
  }
}

async function fuzzServer(
  server: Server,
  { seed, requests, from, connections, dataDir, onProgress }: Required<Omit<FuzzOptions, 'onProgress'>> & FuzzOptions,
): Promise<FuzzResult> {
  const around = await surroundings(server, seed);
  const pid = server.process.pid!;
  const wires = Array.from({ length: connections }, () => new Wire(server.url));
  const statuses: Record<string, number> = {};
  const kinds: Record<string, number> = {};
  const failures: string[] = [];
  let unanswered = 0;
  let next = from;
  const send = (until: number): Promise<unknown> =>
    Promise.all(
      wires.map(async (wire) => {
        while (next < until && failures.length < MOST_FAILURES) {
          const number = next++;
          const request = requestOf(seed, number, around);
          try {
            const answer = await ask(wire, request);
            if (answer) {
              statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
              const kind = check(answer, request);
              if (kind !== undefined) kinds[kind] = (kinds[kind] ?? 0) + 1;
            } else {
              unanswered += 1;
            }
          } catch (error) {
            const told = bytesOf(request).subarray(0, 1_500).toString('utf8');
            const spoiled = request.spoiled.join(', ');
            failures.push(`seed ${seed}, request ${number} (${spoiled}): ${(error as Error).message}\n${told}`);
          }
          const done = number - from + 1;
          if (done % Math.ceil(requests / 20) === 0) {
            onProgress?.({ requests: done, rssMiB: rssMiB(pid), handles: handles(pid) });
          }
        }
      }),
    );

  const began = performance.now();
  // The first fifth opens and fills whatever is kept for speed.
  await send(from + Math.ceil(requests / 5));
  for (const wire of wires) wire.close();
  const before = await settled(pid);
  const warm = rssMiB(pid);
  await send(from + requests);
  const seconds = (performance.now() - began) / 1000;
  for (const wire of wires) wire.close();
  const after = await settled(pid, before);
  const end = rssMiB(pid);
  for (const line of server.log) if (Number(line.level) >= 50) failures.push(`logged: ${JSON.stringify(line)}`);

  const events = await readRecord(server);
  if ((await server.stop()) !== 0) failures.push('the server did not end well');
  const kept = digestOfIndex(dataDir);
  await rebuildStatementIndex({ dataDir, logFile: dataFolderAt(dataDir).logFile, streams: streamsWithPrefix('') });
  const digest = digestOfIndex(dataDir);
  if (digest !== kept) failures.push(`the index kept has the digest ${kept}, the one rebuilt ${digest}`);
  return {
    requests: next - from,
    seconds,
    statuses,
    kinds,
    unanswered,
    rssMiB: { warm, end },
    handles: { before, after },
    events,
    digest,
    failures,
  };
}

/** Statements that are there, a credential to send with, and one that may be revoked. Their secrets are random: quick to verify. */
async function surroundings(server: Server, seed: number): Promise<Surroundings> {
  const by = chance(seed);
  const ids = Array.from({ length: 40 }, () => uuid(by));
  // Half of them are recorded beforehand.
  const answer = await postStatements(
    server,
    ids.slice(0, 20).map((id) => statement(by, { id })),
  );
  if (!answer.ok) throw new Error(`the first statements were answered ${answer.status}: ${await answer.text()}`);
  const { key, secret } = await credential(server, 'fuzzer', ['all', 'void', 'import', 'audit', 'admin']);
  const victim = await credential(server, 'victim', ['state']);
  return { authorization: basic(key, secret), victim: victim.id, ids };
}

function ask(wire: Wire, request: Request): Promise<Answer | undefined> {
  const isHead = request.method === 'HEAD';
  // Whatever the request says of its own length may leave the server waiting for more: then no more comes.
  const lies = request.headers.some(([name]) => /^(content-length|transfer-encoding|expect|upgrade)$/i.test(name));
  return wire.ask(bytesOf(request), { isHead, lies: lies || request.cutShort });
}

/** @returns the kind of problem, if it was one; throws when the answer is none that a client may get */
function check({ status, headers, body }: Answer, request: Request): string | undefined {
  if (status >= 500) {
    // A store that is not ready says so; nothing here makes it so, save a sequence that does not come.
    const mayBeUnavailable = status === 503 && headers.has('retry-after');
    if (!mayBeUnavailable) throw new Error(`answered ${status}: ${body}`);
  }
  if (status < 400) return undefined;
  if (request.method === 'HEAD') return undefined;
  if (headers.get('content-type') !== 'application/problem+json') {
    throw new Error(`answered ${status} as ${headers.get('content-type')}: ${body.subarray(0, 300)}`);
  }
  const problem = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as Anything;
  const kind = /^\/problems\/([a-z-]+)$/.exec(problem.type)?.[1];
  if (!kind || !Object.hasOwn(PROBLEM_KINDS, kind)) throw new Error(`the problem is of no known type: ${body}`);
  if (problem.status !== status || typeof problem.title !== 'string')
    throw new Error(`the problem does not say what it is: ${body}`);
  for (const { path, message } of problem.errors ?? []) {
    if (typeof path !== 'string' || !path.startsWith('$') || typeof message !== 'string') {
      throw new Error(`an error without path or message: ${body}`);
    }
  }
  if ((problem.errors ?? []).length > 100) throw new Error(`${problem.errors.length} errors in one problem`);
  return kind;
}

/** The whole record as an auditor reads it: dense, and every event is JSON. */
async function readRecord(server: Server): Promise<number> {
  const response = await server.fetch('/audit/events');
  if (response.status !== 200)
    throw new Error(`the record cannot be read: ${response.status} ${await response.text()}`);
  const events = jsonLines(await response.text());
  events.forEach(({ sequence }, at) => {
    if (sequence !== at) throw new Error(`event ${at} of the record is numbered ${sequence}`);
  });
  return events.length;
}

function rssMiB(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1]) / 1024);
}

function handles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Handles once the server has noticed which connections are closed; at the latest after some seconds. */
async function settled(pid: number, wanted = 0): Promise<number> {
  let least = handles(pid);
  for (let tries = 0; tries < 100 && least > wanted; tries++) {
    await delay(50);
    least = Math.min(least, handles(pid));
  }
  return least;
}
