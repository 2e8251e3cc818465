// What a whole store takes, over HTTP, beside what its parts take alone in the same run: JSON lines.
//
//   npm run bench -- ingest [--seconds 8] [--only batches,paced,singles,queries] [--folder DIR] [--profile DIR]
//
// The store is another process, started as a user starts it, with every default; the load comes from this one. `batches` and
// `singles`: as fast as they are acknowledged. `paced`: a rate at which the statement index must keep up. `queries`: the shapes
// of GET /statements on what was stored. With --profile every thread of the store leaves its CPU profile in DIR.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as send } from 'node:http';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { Ready } from '../contracts/http/health.ts';
import { type EventId, NOTHING, type Revision } from '../contracts/words.ts';
import { parseBody, validateStatements } from '../contracts/xapi/index.ts';
import { openSqliteLog } from '../src/event-log/sqlite/index.ts';
import {
  COURSES,
  courseId,
  LEARNERS,
  type Load,
  learner,
  makeLoad,
  randomNumbers,
  rareLearner,
  verbId,
} from './load.ts';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '8' },
    connections: { type: 'string', default: '8' },
    batch: { type: 'string', default: '100' },
    rate: { type: 'string', default: '10000' },
    singles: { type: 'string', default: '32' },
    only: { type: 'string', default: 'references,batches,paced,singles,queries' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const SECONDS = Number(values.seconds);
const BATCH = Number(values.batch);
const SEED = Number(values.seed);
const CREDENTIAL = { key: 'bench', secret: 'bench-secret-of-this-run' };
const wanted = new Set(values.only.split(','));

function say(bench: string, figures: Record<string, unknown>): void {
  console.log(JSON.stringify({ bench, ...figures }));
}

const rounded = (number: number): number => Math.round(number * 100) / 100;

function latencies(milliseconds: readonly number[]): Record<string, number> {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { p50ms: at(0.5), p95ms: at(0.95), p99ms: at(0.99), maxms: at(1) };
}

// The store ---------------------------------------------------------------------------------------------------------------

interface Store {
  readonly url: string;
  readonly process: ChildProcess;
  stop(): Promise<void>;
}

async function startStore(dataDir: string): Promise<Store> {
  const launcher = fileURLToPath(new URL('../bin/pramaan.mjs', import.meta.url));
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_'));
  const child = spawn(process.execPath, [launcher, 'serve'], {
    env: {
      ...Object.fromEntries(own),
      ...(values.profile
        ? { NODE_OPTIONS: `--cpu-prof --cpu-prof-interval 500 --cpu-prof-dir=${values.profile}` }
        : {}),
      PRAMAAN_PORT: '0',
      PRAMAAN_DATA_DIR: dataDir,
      PRAMAAN_API_KEY: CREDENTIAL.key,
      PRAMAAN_API_SECRET: CREDENTIAL.secret,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: child.stdout! });
  const url = await new Promise<string>((resolve, reject) => {
    lines.on('line', (line) => {
      const entry = JSON.parse(line) as { msg: string; url: string };
      if (entry.msg === 'listening') resolve(entry.url);
    });
    exited.then(() => reject(new Error('the store ended before it listened')));
  });
  // Its log is read and thrown away, as cheaply as can be.
  lines.removeAllListeners('line').close();
  child.stdout!.resume();
  return {
    url,
    process: child,
    async stop() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const authorization = `Basic ${Buffer.from(`${CREDENTIAL.key}:${CREDENTIAL.secret}`).toString('base64')}`;

function ask(agent: Agent, url: string, body?: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization,
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

function memoryMiB({ process: { pid } }: Store): number | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
    return Math.round(Number(kilobytes) / 1024);
  } catch {
    return undefined;
  }
}

async function ready(agent: Agent, store: Store): Promise<Ready> {
  return JSON.parse((await ask(agent, `${store.url}/health/ready`)).body.toString()) as Ready;
}

/** Sum of a counter's or histogram's value over its labels. */
async function metric(agent: Agent, store: Store, ...names: string[]): Promise<number[]> {
  const text = (await ask(agent, `${store.url}/metrics`)).body.toString();
  return names.map((name) =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    ),
  );
}

const COUNTED = ['pramaan_appends_total', 'pramaan_appended_events_total', 'pramaan_append_duration_seconds_sum'];

/** How far the index was behind, and the process's memory, four times a second while something goes on. */
async function watched<T>(store: Store, work: Promise<T>): Promise<T & Record<string, unknown>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const before = await metric(agent, store, ...COUNTED);
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  const seen: Ready[] = [];
  const memory: number[] = [];
  while (!over) {
    seen.push(await ready(agent, store));
    memory.push(memoryMiB(store) ?? 0);
    await Promise.race([sleep(250), done]);
  }
  const result = await done;
  const after = await metric(agent, store, ...COUNTED);
  const [appends = 0, events = 0, appending = 0] = after.map((value, i) => value - before[i]!);
  const behind = seen.map(({ statementIndex }) => statementIndex);
  const begun = performance.now();
  let now = await ready(agent, store);
  const backlog = now.statementIndex.lagSequences;
  while (now.statementIndex.lagSequences > 0) {
    await sleep(20);
    now = await ready(agent, store);
  }
  const drain = (performance.now() - begun) / 1000;
  agent.destroy();
  return {
    ...result,
    log: { appends, eventsAnAppend: rounded(events / appends), msAnAppend: rounded((appending / appends) * 1000) },
    index: {
      maxLagMs: Math.round(Math.max(...behind.map(({ lagMs }) => lagMs))),
      lagMsOverTime: behind.filter((_, i) => i % 4 === 0).map(({ lagMs }) => Math.round(lagMs)),
      backlog,
      drainSeconds: rounded(drain),
    },
    memoryMiB: { max: Math.max(...memory), last: memory.at(-1) },
  };
}

/** Posts over so many connections until the time is up; `perSecond` statements at most when given. */
async function post(store: Store, load: Load, statements: number, connections: number, perSecond?: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const url = `${store.url}/xapi/statements`;
  const waits: number[] = [];
  const begun = performance.now();
  const until = begun + SECONDS * 1000;
  let sent = 0;
  const connection = async () => {
    while (performance.now() < until) {
      if (perSecond !== undefined) {
        const due = begun + ((sent * statements) / perSecond) * 1000;
        sent++;
        const early = due - performance.now();
        if (early > 1) await sleep(early);
      }
      const body = load.next();
      const at = performance.now();
      const answer = await ask(agent, url, body);
      if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
      waits.push(performance.now() - at);
    }
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const seconds = (performance.now() - begun) / 1000;
  agent.destroy();
  return {
    connections,
    statementBytes: load.statementBytes,
    requests: waits.length,
    statementsPerSecond: Math.round((waits.length * statements) / seconds),
    ...latencies(waits),
  };
}

// References: what the parts take alone ------------------------------------------------------------------------------------

const REFERENCE_MS = 2_000;

function parseAndValidate(load: Load): void {
  const begun = performance.now();
  let batches = 0;
  let parsing = 0;
  while (performance.now() - begun < REFERENCE_MS) {
    const body = load.next();
    const at = performance.now();
    const parsed = parseBody(body);
    if (!parsed.ok || !validateStatements(parsed.value, '2.0.0').ok) throw new Error('the load is not valid');
    parsing += performance.now() - at;
    batches++;
  }
  say('reference: parse and validate, one thread', {
    statementsPerSecond: Math.round(((batches * BATCH) / parsing) * 1000),
  });
  let only = 0;
  const bodies = Array.from({ length: 200 }, () => load.next());
  for (let turn = 0; turn < 5; turn++) {
    const at = performance.now();
    for (const body of bodies) JSON.parse(body.toString());
    only += performance.now() - at;
  }
  say('reference: JSON.parse alone, one thread', {
    statementsPerSecond: Math.round(((bodies.length * 5 * BATCH) / only) * 1000),
  });
}

async function rawAppend(folder: string, load: Load): Promise<void> {
  const log = openSqliteLog(join(folder, 'raw.sqlite'));
  const statements = (JSON.parse(load.next().toString()) as object[]).map((one) => Buffer.from(JSON.stringify(one)));
  const metadata = Buffer.alloc(350, 'm');
  const begun = performance.now();
  let head: number = NOTHING;
  let appending = 0;
  while (performance.now() - begun < REFERENCE_MS) {
    const events = Array.from({ length: 500 }, (_, i) => ({
      id: randomUUID() as EventId,
      type: 'statement-recorded.v1',
      contentType: 'json' as const,
      data: statements[i % statements.length]!,
      metadata,
    }));
    const at = performance.now();
    head = (await log.append('record', events, { expectedRevision: head as Revision })).revision;
    appending += performance.now() - at;
  }
  await log.close();
  say('reference: raw append, 500 at a time', { statementsPerSecond: Math.round(((head + 1) / appending) * 1000) });
}

// Queries -----------------------------------------------------------------------------------------------------------------

const QUERY_ROUNDS = 200;

async function queries(store: Store): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const random = randomNumbers(SEED);
  const below = (limit: number) => Math.floor(random() * limit);
  const common = verbId('completed');
  const someCourse = () => courseId(Math.floor(COURSES ** random()) - 1);
  const someone = () => JSON.stringify(learner(below(LEARNERS)));
  const page = await ask(agent, `${store.url}/xapi/statements?limit=50&ascending=true`);
  const first = Date.parse(
    (JSON.parse(page.body.toString()) as { statements: { stored: string }[] }).statements[0]!.stored,
  );
  const span = Date.now() - first;
  const instant = () => new Date(first + below(span)).toISOString();
  const shapes: Record<string, () => Record<string, string>> = {
    'no filter': () => ({}),
    verb: () => ({ verb: common }),
    activity: () => ({ activity: someCourse() }),
    agent: () => ({ agent: someone() }),
    'agent, related': () => ({ agent: someone(), related_agents: 'true' }),
    'activity, related': () => ({ activity: someCourse(), related_activities: 'true' }),
    'agent × verb': () => ({ agent: someone(), verb: common }),
    'agent × activity': () => ({ agent: someone(), activity: someCourse() }),
    'verb × activity': () => ({ verb: common, activity: someCourse() }),
    'a rare agent, a common verb': () => ({ agent: JSON.stringify(rareLearner(below(10))), verb: common }),
    since: () => ({ since: instant() }),
    until: () => ({ until: instant() }),
    'since × verb': () => ({ since: instant(), verb: common }),
  };
  for (const [shape, parameters] of Object.entries(shapes)) {
    for (const ascending of [false, true]) {
      const waits: number[] = [];
      let found = 0;
      for (let round = 0; round < QUERY_ROUNDS; round++) {
        const query = new URLSearchParams({
          ...parameters(),
          limit: '50',
          ...(ascending ? { ascending: 'true' } : {}),
        });
        const at = performance.now();
        const answer = await ask(agent, `${store.url}/xapi/statements?${query}`);
        waits.push(performance.now() - at);
        if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
        found += (JSON.parse(answer.body.toString()) as { statements: unknown[] }).statements.length;
      }
      say('GET /statements', { shape, ascending, found: rounded(found / QUERY_ROUNDS), ...latencies(waits) });
    }
  }
  agent.destroy();
}

say('machine', { cpus: availableParallelism(), load: rounded(loadavg()[0]!), node: process.version, seconds: SECONDS });
const folder = mkdtempSync(join(values.folder, 'pramaan-bench-'));
try {
  const load = makeLoad(SEED, BATCH);
  if (wanted.has('references')) {
    parseAndValidate(load);
    await rawAppend(folder, load);
  }
  const store = await startStore(join(folder, 'data'));
  try {
    if (wanted.has('batches')) {
      say(`batches of ${BATCH}`, await watched(store, post(store, load, BATCH, Number(values.connections))));
    }
    if (wanted.has('paced')) {
      const rate = Number(values.rate);
      const paced = post(store, load, BATCH, Number(values.connections), rate);
      say(`batches of ${BATCH} at ${rate} statements/s`, await watched(store, paced));
    }
    if (wanted.has('singles')) {
      const single = makeLoad(SEED + 1, 1);
      say('single statements', await watched(store, post(store, single, 1, Number(values.singles))));
    }
    const agent = new Agent({ keepAlive: true });
    say('stored', { events: (await ready(agent, store)).recording.sequence + 1, memoryMiB: memoryMiB(store) });
    agent.destroy();
    if (wanted.has('queries')) await queries(store);
  } finally {
    await store.stop();
  }
} finally {
  rmSync(folder, { recursive: true });
}
