// Statements posted over HTTP, and what is seen of the store meanwhile.

import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadModelStatus, Ready } from '../../contracts/http/health.ts';
import { Connection } from './connection.ts';
import { latencies, rounded } from './figures.ts';
import type { Load } from './load.ts';
import {
  authorization,
  cpuMicroseconds,
  FIRST,
  type Memory,
  memoryOf,
  memorySeen,
  metricsOf,
  readyOf,
  type Store,
} from './store.ts';

export interface Posting {
  readonly load: Load;
  /** Statements of a request. */
  readonly batch: number;
  readonly connections: number;
  readonly seconds: number;
  /** Statements a second at most; as fast as they are acknowledged when absent. */
  readonly rate?: number;
}

/** A client that is put off comes again after this at the latest, milliseconds. */
const LONGEST_PAUSE_MS = 1_000;
/** One that is put off for so long has no store any more. */
const GIVE_UP_MS = 60_000;

/** Posts until the time is up. What is answered 503 is posted again, as clients do; each attempt is a wait of its own. */
export async function post(url: string, { load, batch, connections, seconds, rate }: Posting) {
  const { pathname } = new URL(url);
  const headers = [
    `Authorization: ${authorization(FIRST)}`,
    'X-Experience-API-Version: 2.0.0',
    'Content-Type: application/json',
  ];
  const head = `${headers.join('\r\n')}\r\n`;
  const waits: number[] = [];
  const generator = process.cpuUsage();
  const begun = performance.now();
  const until = begun + seconds * 1000;
  let sent = 0;
  let acknowledged = 0;
  let putOff = 0;
  const connection = async () => {
    const connected = new Connection(url);
    while (performance.now() < until) {
      if (rate !== undefined) {
        const due = begun + ((sent * batch) / rate) * 1000;
        sent++;
        const early = due - performance.now();
        if (early > 1) await sleep(early);
      }
      const body = load.next();
      const first = performance.now();
      for (;;) {
        const at = performance.now();
        const { status, retryAfter = 1, body: words } = await connected.ask('POST', pathname, head, body);
        waits.push(performance.now() - at);
        if (status === 200) break;
        if (status !== 503 || at - first > GIVE_UP_MS) throw new Error(`answered ${status}: ${words}`);
        putOff++;
        await sleep(Math.min(retryAfter * 1000, LONGEST_PAUSE_MS));
      }
      acknowledged++;
    }
    connected.close();
  };
  await Promise.all(Array.from({ length: connections }, connection));
  const took = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(generator);
  return {
    connections,
    statementBytes: load.statementBytes,
    requests: acknowledged,
    putOff,
    statementsPerSecond: Math.round((acknowledged * batch) / took),
    ...latencies(waits),
    generatorCpuShare: rounded((user + system) / 1e6 / took),
  };
}

const COUNTED = ['pramaan_appends_total', 'pramaan_appended_events_total', 'pramaan_append_duration_seconds_sum'];
const LOOK_EVERY_MS = 250;

/** How far the read models were behind, and the process's memory, four times a second while something goes on; then how long it catches up. */
export async function watched<T>(store: Store, work: Promise<T>): Promise<T & Record<string, unknown>> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const before = await metricsOf(agent, store, ...COUNTED);
  const cpuBefore = cpuMicroseconds(store.pid);
  let over = false;
  const done = work.finally(() => {
    over = true;
  });
  const seen: Ready[] = [];
  const memory: (Memory | undefined)[] = [];
  while (!over) {
    seen.push(await readyOf(agent, store));
    memory.push(memoryOf(store.pid));
    await Promise.race([sleep(LOOK_EVERY_MS), done]);
  }
  const result = await done;
  const after = await metricsOf(agent, store, ...COUNTED);
  const [appends = 0, events = 0, appending = 0] = after.map((value, i) => value - before[i]!);
  const [index, people] = await Promise.all([
    drained(agent, store, seen, ({ statementIndex }) => statementIndex),
    drained(agent, store, seen, ({ peopleModel }) => peopleModel),
  ]);
  const cpu = cpuMicroseconds(store.pid);
  agent.destroy();
  return {
    ...result,
    log: { appends, eventsAnAppend: rounded(events / appends), msAnAppend: rounded((appending / appends) * 1000) },
    index,
    people,
    // All threads, the read models included: what does not depend on who else uses the machine.
    cpuMicrosecondsAStatement: cpu && cpuBefore && rounded((cpu - cpuBefore) / events),
    memoryMiB: memorySeen(memory),
  };
}

/** How far a read model was behind while it was looked at, and how long it then takes to catch up. */
async function drained(agent: Agent, store: Store, seen: readonly Ready[], modelOf: (ready: Ready) => ReadModelStatus) {
  const begun = performance.now();
  let now = modelOf(await readyOf(agent, store));
  const backlog = now.lagSequences;
  while (now.lagSequences > 0) {
    await sleep(20);
    now = modelOf(await readyOf(agent, store));
  }
  const lags = seen.map((ready) => Math.round(modelOf(ready).lagMs));
  // At most twenty of them, evenly: how it went over time.
  const every = Math.ceil(lags.length / 20);
  return {
    maxLagMs: Math.max(...lags),
    lagMsOverTime: lags.filter((_, i) => i % every === 0),
    maxLagSequences: Math.max(...seen.map((ready) => modelOf(ready).lagSequences)),
    backlog,
    drainSeconds: rounded((performance.now() - begun) / 1000),
  };
}
