// The people model of a made-up state: JSON lines. At scale 1 it has 18.8 lakh people, 63 departments and 72 lakh completions.
//
//   npm run bench -- people [--scale 0.01] [--keep DIR] [--only build,ask,past,live] [--profile DIR]
//
// `build`: the model made again from the record by one process. `ask`: rollups of departments of every level on random days, at
// current knowledge, without HTTP. `past`: the same as known at other instants. `live`: a store over the folder takes batches at
// --rate while somebody reads over HTTP. `--only make` leaves the record and its statement index, in the folder that is kept.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, statSync } from 'node:fs';
import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Day, dateOf, dayOf } from '../contracts/days.ts';
import type { Microseconds } from '../contracts/words.ts';
import { parseKnownAt } from '../src/audit/known-at.ts';
import { dataFolderAt } from '../src/event-log/sqlite/data-folder.ts';
import { openSqliteLog } from '../src/event-log/sqlite/index.ts';
import { followLivePeople } from '../src/read-models/people/live.ts';
import type { PeopleQueries } from '../src/read-models/people/queries/port.ts';
import { PeopleReading } from '../src/read-models/people/queries/reading.ts';
import { latencies, perSecond, rounded, say, sayMachine } from './setup/figures.ts';
import { fillIndex, openFolder } from './setup/fill.ts';
import { makeLoad, randomNumbers } from './setup/load.ts';
import { post, watched } from './setup/posting.ts';
import { makeState, type Node } from './setup/state.ts';
import { fillStateLog, peopleAt } from './setup/state-record.ts';
import {
  addCredential,
  askJson,
  type Key,
  type Memory,
  memoryOf,
  memorySeen,
  readyOf,
  type Store,
  startStore,
} from './setup/store.ts';

const { values } = parseArgs({
  options: {
    scale: { type: 'string', default: '0.01' },
    only: { type: 'string', default: 'build,ask,past,live' },
    seconds: { type: 'string', default: '20' },
    rate: { type: 'string', default: '5000' },
    connections: { type: 'string', default: '8' },
    batch: { type: 'string', default: '100' },
    questions: { type: 'string', default: '200' },
    keep: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const scale = Number(values.scale);
const seed = Number(values.seed);
const questions = Number(values.questions);
const wanted = new Set(values.only.split(','));
const DAY_MS = 86_400_000;
/** A department about so large is asked about as known at another instant. */
const PAST_PEOPLE = 30_000;
/** Rows of a page, as many as unasked. */
const limit = 100;

sayMachine({ scale });
const folder = openFolder(values.keep, values.folder);
const { nodes } = makeState(seed);
const departments = nodes.filter(({ opened }) => opened.kind === 'department');
const random = randomNumbers(seed + 7);
try {
  await fillStateLog(folder.dataDir, scale, seed);
  await fillIndex(folder.dataDir);
  if (wanted.has('build')) await build();
  if (wanted.has('ask') || wanted.has('past')) await askAll();
  if (wanted.has('live')) await live();
} finally {
  folder.done();
}

/** Runs a process and looks at its memory until it ends. */
async function build(): Promise<void> {
  for (const file of peopleFiles()) rmSync(file);
  const log = openSqliteLog(dataFolderAt(folder.dataDir).logFile, { readOnly: true });
  const events = (await log.head('record').finally(() => log.close())) + 1;
  const begun = performance.now();
  const script = fileURLToPath(new URL('setup/build-people.ts', import.meta.url));
  const profile = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
  const child = spawn(process.execPath, [...profile, script, folder.dataDir], { stdio: 'inherit' });
  const exited = once(child, 'exit');
  let over = false;
  const done = exited.finally(() => {
    over = true;
  });
  const memory: (Memory | undefined)[] = [];
  while (!over) {
    memory.push(memoryOf(child.pid!));
    await Promise.race([sleep(100), done]);
  }
  const [code] = (await exited) as [number];
  if (code !== 0) throw new Error(`building the people model ended with ${code}`);
  const took = performance.now() - begun;
  say('rebuild of the people model', {
    events,
    seconds: rounded(took / 1000),
    eventsPerSecond: perSecond(events, took),
    modelMiB: Math.round(peopleFiles().reduce((sum, file) => sum + statSync(file).size, 0) / 2 ** 20),
    memoryMiB: memorySeen(memory),
  });
}

function peopleFiles(): string[] {
  return readdirSync(folder.dataDir)
    .filter((file) => /^people[-.]/.test(file))
    .map((file) => join(folder.dataDir, file));
}

/** A day of the year that the record covers. */
function someDay(): Day {
  return (today() - Math.floor(random() * 365)) as Day;
}

function today(): Day {
  return dayOf((Date.now() * 1000) as Microseconds);
}

function someOf(of: readonly Node[]): string {
  return of[Math.floor(random() * of.length)]!.opened.id;
}

async function askAll(): Promise<void> {
  const log = openSqliteLog(dataFolderAt(folder.dataDir).logFile, { readOnly: true });
  const models = followLivePeople(folder.dataDir);
  const people = new PeopleReading({ models, log, record: 'record' });
  try {
    if (wanted.has('ask')) await askNow(people);
    if (wanted.has('past')) await askPast(people);
  } finally {
    models.close();
    await log.close();
  }
}

async function asked(what: string, times: number, question: () => Promise<unknown>, more: object = {}): Promise<void> {
  const waits: number[] = [];
  for (let n = 0; n < times; n++) {
    const at = performance.now();
    if ((await question()) === undefined) throw new Error(`${what}: no answer`);
    waits.push(performance.now() - at);
  }
  say(what, { ...more, questions: times, firstMs: rounded(waits[0]!), ...latencies(waits) });
}

async function askNow(people: PeopleQueries): Promise<void> {
  const root = nodes.slice(0, 1);
  for (const kind of new Set(nodes.map(({ opened }) => opened.kind))) {
    const of = nodes.filter(({ opened }) => opened.kind === kind);
    await asked(`rollup of a ${kind} on any day`, questions, () =>
      people.rollup({ id: someOf(of), depth: 0, on: someDay(), limit }),
    );
  }
  for (const [what, of] of [
    ['a department', departments],
    ['the state', root],
  ] as const) {
    await asked(`rollup of ${what} with those right below`, questions, () =>
      people.rollup({ id: someOf(of), depth: 1, on: someDay(), limit }),
    );
    for (const by of ['course', 'tag'] as const) {
      await asked(`rollup of ${what} by ${by}`, questions, () =>
        people.rollupBy({ id: someOf(of), by, on: someDay(), limit }),
      );
    }
  }
  await asked('brief of a department', 20, () => people.brief({ department: someOf(departments), on: someDay() }));
  await asked('brief of the state', 3, () => people.brief({ on: someDay() }));
}

/** As known at the end of days, which no answer has been given of before. */
async function askPast(people: PeopleQueries): Promise<void> {
  const all = await people.rollup({ id: nodes[0]!.opened.id, depth: 1, on: today(), limit: 1_000 });
  const near = all!.body.rows
    .slice(1)
    .toSorted((a, b) => Math.abs(a.total.strength - PAST_PEOPLE) - Math.abs(b.total.strength - PAST_PEOPLE))[0]!;
  const { id } = near.department;
  let known = today() - 340;
  await asked(
    'rollup of a department as known at another instant',
    10,
    () => {
      known += 30;
      const knownAt = parseKnownAt(dateOf(known as Day));
      return people.rollup({ id, depth: 0, on: known as Day, knownAt, limit });
    },
    { department: id, people: near.total.strength },
  );
}

/** Batches by people of the state, with things that happened in the last two days; one reader asks about departments meanwhile. */
async function live(): Promise<void> {
  const store = await startStore(folder.dataDir, { profile: values.profile });
  try {
    const agent = new Agent();
    const key = await addCredential(store, 'bench reader', ['reports']);
    const { recording } = await readyOf(agent, store);
    await askJson(agent, `${store.url}${rollupOf(nodes[0]!.opened.id)}&atLeast=${recording.sequence}`, undefined, key);
    const batch = Number(values.batch);
    const load = makeLoad(seed + recording.sequence, batch, undefined, {
      learners: peopleAt(scale),
      between: [Date.now() - 2 * DAY_MS, Date.now() - 60_000],
    });
    let over = false;
    const posting = {
      load,
      batch,
      connections: Number(values.connections),
      seconds: Number(values.seconds),
      rate: Number(values.rate),
    };
    const reading = readMeanwhile(store, key, () => over);
    const work = post(`${store.url}/xapi/statements`, posting).finally(() => {
      over = true;
    });
    say(`batches of ${batch} at ${values.rate} statements/s`, await watched(store, work));
    say('rollup of a department over HTTP meanwhile', await reading);
  } finally {
    await store.stop();
  }
}

function rollupOf(id: string): string {
  return `/reports/departments/${id}/rollup?on=${dateOf(someDay())}`;
}

async function readMeanwhile(store: Store, key: Key, over: () => boolean) {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const waits: number[] = [];
  while (!over()) {
    const at = performance.now();
    await askJson(agent, `${store.url}${rollupOf(someOf(departments))}`, undefined, key);
    waits.push(performance.now() - at);
    await sleep(50);
  }
  agent.destroy();
  return { questions: waits.length, ...latencies(waits) };
}
