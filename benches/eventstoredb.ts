// What a store takes whose log is an EventStoreDB on the same machine, and what several nodes on it take together: JSON lines.
//
//   npm run bench -- eventstoredb --url 'esdb://127.0.0.1:2113?tls=false' [--server-pid PID] [--seconds 10] [--profile DIR]
//
// `flat`: batches as fast as they are acknowledged; `paced`: at a rate at which the statement index must keep up; `catch-up`: a
// node started empty on what the two left; `nodes`: four nodes, of which first one and then all take batches, each over so many
// connections; `--only` for some of
// them. Each run writes under a stream prefix of its own. The load comes from this process.

import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { digestOfIndex } from '../src/projector/index.ts';
import { perSecond, rounded, say, sayMachine } from './setup/figures.ts';
import { openFolder } from './setup/fill.ts';
import { makeLoad } from './setup/load.ts';
import { post, watched } from './setup/posting.ts';
import { cpuMicroseconds, readyOf, type Store, startStore } from './setup/store.ts';

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    'server-pid': { type: 'string' },
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '8' },
    batch: { type: 'string', default: '100' },
    rate: { type: 'string', default: '5000' },
    nodes: { type: 'string', default: '4' },
    warm: { type: 'string', default: '5' },
    only: { type: 'string', default: 'flat,paced,catch-up,nodes' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
/** What several nodes are held to: all accepting take so much of what one takes alone, and nobody waits longer. */
const LEAST_OF_ONE_ACCEPTING = 0.7;
const LONGEST_WAIT_MS = 3_000;

if (values.url === undefined) throw new Error('--url: the connection string of an EventStoreDB');
const batch = Number(values.batch);
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const serverPid = values['server-pid'] === undefined ? undefined : Number(values['server-pid']);
const wanted = new Set(values.only.split(','));
const prefix = `bench-${randomUUID().slice(0, 8)}-`;
const environment = { PRAMAAN_EVENT_LOG_URL: values.url, PRAMAAN_STREAM_PREFIX: prefix };

sayMachine({ seconds, prefix });
let seed = Number(values.seed);
const folders = [0, ...Array(Number(values.nodes)).keys()].map(() => openFolder(undefined, values.folder));
try {
  await oneNode(folders[0]!.dataDir);
  if (wanted.has('catch-up')) await catchUp(folders[1]!.dataDir);
  rmSync(folders[1]!.dataDir, { recursive: true });
  if (wanted.has('nodes')) await severalNodes(folders.slice(1).map(({ dataDir }) => dataDir));
} finally {
  for (const { dataDir } of folders) rmSync(dataDir, { recursive: true, force: true });
}

async function oneNode(dataDir: string): Promise<void> {
  const store = await startStore(dataDir, { environment, profile: values.profile });
  try {
    const url = `${store.url}/xapi/statements`;
    const posting = () => ({ load: makeLoad(seed++, batch), batch, connections, seconds });
    if (wanted.has('flat')) {
      say(`batches of ${batch}`, await withServer(watched(store, post(url, posting()))));
    }
    if (wanted.has('paced')) {
      const rate = Number(values.rate);
      say(
        `batches of ${batch} at ${rate} statements/s`,
        await withServer(watched(store, post(url, { ...posting(), rate }))),
      );
    }
  } finally {
    await store.stop();
  }
}

/** A node started empty: the record copied and indexed. */
async function catchUp(dataDir: string): Promise<void> {
  const begun = performance.now();
  const store = await startStore(dataDir, { environment });
  const agent = new Agent({ keepAlive: true });
  try {
    let ready = await readyOf(agent, store);
    const copied = performance.now() - begun;
    while (ready.statementIndex.lagSequences > 0) {
      await sleep(20);
      ready = await readyOf(agent, store);
    }
    const took = performance.now() - begun;
    const events = ready.recording.sequence + 1;
    say('a node started empty', {
      events,
      copiedPerSecond: perSecond(events, copied),
      indexedPerSecond: perSecond(events, took),
      seconds: rounded(took / 1000),
    });
  } finally {
    agent.destroy();
    await store.stop();
  }
}

/** All of them running: first one takes everything, then each its share. The longest wait counts as well as the rate. */
async function severalNodes(dataDirs: readonly string[]): Promise<void> {
  const stores: Store[] = [];
  let all: Awaited<ReturnType<typeof acceptedBy>>;
  let ofOneAccepting: number;
  for (const dataDir of dataDirs) stores.push(await startStore(dataDir, { environment }));
  try {
    // What a process runs first it compiles first: on two cores that is most of what four of them do in the first seconds.
    for (const store of stores) await acceptedBy([store], stores, { seconds: Number(values.warm) });
    const one = await acceptedBy(stores.slice(0, 1), stores);
    say(`${stores.length} nodes, one accepting`, one);
    all = await acceptedBy(stores, stores);
    ofOneAccepting = rounded(all.statementsPerSecond / one.statementsPerSecond);
  } finally {
    await Promise.all(stores.map((store) => store.stop()));
  }
  const digests = new Set(dataDirs.map(digestOfIndex));
  say(`${stores.length} nodes, all accepting`, {
    ...all,
    ofOneAccepting,
    differentDigests: digests.size,
    digest: [...digests][0],
    passed: {
      ofOneAccepting: ofOneAccepting >= LEAST_OF_ONE_ACCEPTING,
      slowest: all.slowestMs < LONGEST_WAIT_MS,
      sameDigest: digests.size === 1,
    },
  });
  if (digests.size !== 1) process.exitCode = 1;
}

async function acceptedBy(
  accepting: readonly Store[],
  all: readonly Store[],
  more: { readonly seconds?: number } = {},
) {
  const before = await sameSequence(all);
  const share = { batch, seconds, connections, ...more };
  const cpu = all.map(({ pid }) => cpuMicroseconds(pid));
  const posted = await withServer(
    Promise.all(
      accepting.map((store) => post(`${store.url}/xapi/statements`, { ...share, load: makeLoad(seed++, batch) })),
    ).then((each) => ({
      statementsPerSecond: each.reduce((sum, { statementsPerSecond }) => sum + statementsPerSecond, 0),
      requests: each.reduce((sum, { requests }) => sum + requests, 0),
      putOff: each.reduce((sum, { putOff }) => sum + putOff, 0),
      slowestMs: Math.max(...each.map(({ maxms }) => maxms)),
      p99ms: each.map(({ p99ms }) => p99ms),
    })),
  );
  const nodesCpuShare = all.map(({ pid }, i) => {
    const [now, then] = [cpuMicroseconds(pid), cpu[i]];
    return now && then && rounded((now - then) / 1e6 / share.seconds);
  });
  const begun = performance.now();
  const recorded = (await sameSequence(all)) - before;
  const drainSeconds = rounded((performance.now() - begun) / 1000);
  if (recorded !== posted.requests * batch) throw new Error(`${posted.requests * batch} posted, ${recorded} recorded`);
  return { ...posted, nodesCpuShare, drainSeconds };
}

/** Waits until every node has indexed the same record. @returns its last sequence */
async function sameSequence(stores: readonly Store[]): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  try {
    for (;;) {
      const ready = await Promise.all(stores.map((store) => readyOf(agent, store)));
      const copied = ready.map(({ localCopy }) => localCopy!.sequence);
      const head = Math.max(...copied, ...ready.map(({ recording }) => recording.sequence));
      if (ready.every(({ statementIndex }) => statementIndex.sequence === head)) return head;
      await sleep(20);
    }
  } finally {
    agent.destroy();
  }
}

/** With the server's share of the processor meanwhile. */
async function withServer<T extends object>(work: Promise<T>): Promise<T & { readonly serverCpuShare?: number }> {
  const cpu = serverPid === undefined ? undefined : cpuMicroseconds(serverPid);
  const begun = performance.now();
  const result: T = await work;
  const after = serverPid === undefined ? undefined : cpuMicroseconds(serverPid);
  if (cpu === undefined || after === undefined) return result;
  return { ...result, serverCpuShare: rounded((after - cpu) / 1000 / (performance.now() - begun)) };
}
