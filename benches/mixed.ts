// Reading while others write: GETs by agent of another credential while batches come at 10,000 statements/s, on a store of so
// many statements, beside the same GETs on the store at rest: JSON lines. And how long the store takes to start.
//
//   npm run bench -- mixed [--statements 1000000] [--seconds 20] [--rate 10000] [--keep DIR] [--profile DIR]

import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { latencies, rounded, say, sayMachine } from './setup/figures.ts';
import { fillFolder, openFolder } from './setup/fill.ts';
import { LEARNERS, learner, makeLoad, randomNumbers } from './setup/load.ts';
import { post, watched } from './setup/posting.ts';
import { addCredential, ask, FIRST, type Key, memoryOf, readyOf, type Store, startStore } from './setup/store.ts';

const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '8' },
    batch: { type: 'string', default: '100' },
    readers: { type: 'string', default: '2' },
    keep: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const batch = Number(values.batch);
const seed = Number(values.seed);
/** A reader looks at an answer for so long before it asks again. */
const PAUSE_MS = 20;

/** GETs by agent over so many connections until told to stop. */
async function readByAgent(store: Store, key: Key, readers: number, over: () => boolean) {
  const agent = new Agent({ keepAlive: true, maxSockets: readers });
  const random = randomNumbers(seed + 7);
  const waits: number[] = [];
  let found = 0;
  const reader = async () => {
    while (!over()) {
      const one = JSON.stringify(learner(Math.floor(random() * LEARNERS)));
      const query = new URLSearchParams({ agent: one, limit: '50' });
      const at = performance.now();
      const answer = await ask(agent, `${store.url}/xapi/statements?${query}`, undefined, key);
      if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
      waits.push(performance.now() - at);
      found += (JSON.parse(answer.body.toString()) as { statements: unknown[] }).statements.length;
      await sleep(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  agent.destroy();
  return { requests: waits.length, found: rounded(found / waits.length), ...latencies(waits) };
}

sayMachine({ seconds: Number(values.seconds) });
const folder = openFolder(values.keep, values.folder);
try {
  await fillFolder(folder.dataDir, Number(values.statements), seed);
  const store = await startStore(folder.dataDir, { profile: values.profile });
  try {
    const { recording } = await readyOf(new Agent(), store);
    say('started', { statements: recording.sequence, ...store.startedMs, memoryMiB: memoryOf(store.pid) });
    const reader = await addCredential(store, 'bench reader', ['all/read']);
    const readers = Number(values.readers);

    const until = performance.now() + 3_000;
    say('GET by agent, at rest', await readByAgent(store, reader, readers, () => performance.now() >= until));

    let over = false;
    const others = readByAgent(store, reader, readers, () => over);
    // It waits for its own writes to be indexed, up to a second: shown beside, no budget.
    const own = readByAgent(store, FIRST, 1, () => over);
    const posting = {
      // Of a kept folder the next run sends other statements.
      load: makeLoad(seed + 11 + recording.sequence, batch),
      batch,
      connections: Number(values.connections),
      seconds: Number(values.seconds),
      rate: Number(values.rate),
    };
    const work = post(`${store.url}/xapi/statements`, posting).finally(() => {
      over = true;
    });
    say(`batches of ${batch} at ${values.rate} statements/s, with readers`, await watched(store, work));
    say('GET by agent meanwhile, of another credential', await others);
    say('GET by agent meanwhile, of the one that posts', await own);
  } finally {
    await store.stop();
  }
} finally {
  folder.done();
}
