// The shapes of GET /statements over HTTP, 50 results each, on a store of so many statements: JSON lines.
//
//   npm run bench -- query [--statements 1000000] [--rounds 500] [--keep DIR] [--profile DIR]
//
// One connection, so that a wait is the work and not a queue. Beside them a GET that reads nothing: what HTTP alone takes.

import { Agent } from 'node:http';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { latencies, rounded, say, sayMachine } from './setup/figures.ts';
import { fillFolder, openFolder } from './setup/fill.ts';
import { COURSES, courseId, LEARNERS, learner, randomNumbers, rareLearner, verbId } from './setup/load.ts';
import { ask, askJson, memoryOf, readyOf, type Store, startStore } from './setup/store.ts';

const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '500' },
    keep: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
const rounds = Number(values.rounds);

async function shapesOf(agent: Agent, store: Store): Promise<Record<string, () => Record<string, string>>> {
  const random = randomNumbers(Number(values.seed) + 1);
  const below = (limit: number) => Math.floor(random() * limit);
  const common = verbId('completed');
  const someCourse = () => courseId(Math.floor(COURSES ** random()) - 1);
  const anyCourse = () => courseId(below(COURSES));
  const someone = () => JSON.stringify(learner(below(LEARNERS)));
  const rare = () => JSON.stringify(rareLearner(below(10)));
  const storedAtEnd = async (ascending: boolean): Promise<number> => {
    const url = `${store.url}/xapi/statements?limit=1&ascending=${ascending}`;
    const { statements } = await askJson<{ statements: { stored: string }[] }>(agent, url);
    return Date.parse(statements[0]!.stored);
  };
  const first = await storedAtEnd(true);
  const span = (await storedAtEnd(false)) - first;
  const instant = () => new Date(first + below(span)).toISOString();
  return {
    'no filter': () => ({}),
    verb: () => ({ verb: common }),
    'activity, as often as it comes': () => ({ activity: someCourse() }),
    'activity, any': () => ({ activity: anyCourse() }),
    agent: () => ({ agent: someone() }),
    'a rare agent': () => ({ agent: rare() }),
    'agent, related': () => ({ agent: someone(), related_agents: 'true' }),
    'activity, related': () => ({ activity: someCourse(), related_activities: 'true' }),
    'agent × verb': () => ({ agent: someone(), verb: common }),
    'agent × activity': () => ({ agent: someone(), activity: someCourse() }),
    'verb × activity': () => ({ verb: common, activity: someCourse() }),
    'a rare agent × a common verb': () => ({ agent: rare(), verb: common }),
    since: () => ({ since: instant() }),
    until: () => ({ until: instant() }),
    'since × verb': () => ({ since: instant(), verb: common }),
    'until × agent': () => ({ until: instant(), agent: someone() }),
  };
}

async function measure(store: Store): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const timed = async (url: string): Promise<readonly [number, Buffer]> => {
    const at = performance.now();
    const answer = await ask(agent, url);
    const wait = performance.now() - at;
    if (answer.status !== 200) throw new Error(`answered ${answer.status}: ${answer.body}`);
    return [wait, answer.body];
  };
  const about: number[] = [];
  for (let round = 0; round < rounds; round++) about.push((await timed(`${store.url}/xapi/about`))[0]);
  say('reference: GET /about', latencies(about));

  for (const [shape, parameters] of Object.entries(await shapesOf(agent, store))) {
    for (const ascending of [false, true]) {
      const waits: number[] = [];
      let found = 0;
      for (let round = 0; round < rounds; round++) {
        const query = new URLSearchParams({
          ...parameters(),
          limit: '50',
          ...(ascending ? { ascending: 'true' } : {}),
        });
        const [wait, body] = await timed(`${store.url}/xapi/statements?${query}`);
        waits.push(wait);
        found += (JSON.parse(body.toString()) as { statements: unknown[] }).statements.length;
      }
      say('GET /statements', { shape, ascending, found: rounded(found / rounds), ...latencies(waits) });
    }
  }
  agent.destroy();
}

sayMachine({ rounds });
const folder = openFolder(values.keep, values.folder);
try {
  await fillFolder(folder.dataDir, Number(values.statements), Number(values.seed));
  const store = await startStore(folder.dataDir, { profile: values.profile });
  try {
    const { recording } = await readyOf(new Agent(), store);
    say('started', { statements: recording.sequence, ...store.startedMs, memoryMiB: memoryOf(store.pid) });
    await measure(store);
    say('after the queries', { memoryMiB: memoryOf(store.pid) });
  } finally {
    await store.stop();
  }
} finally {
  folder.done();
}
