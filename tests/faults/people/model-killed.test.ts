// The people model after kills: while it follows a record that grows, and while it is built. And after its file was of another version,
// or the log is an older one: it comes back by itself, as a rebuild makes it, and remembers nothing that was lost.

import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { PEOPLE_FILES } from '../../../src/read-models/people/index.ts';
import { type Anything, beside, run, start } from '../../journeys/command.ts';
import { type Chance, seeded, uuid } from '../../journeys/seeded.ts';
import { newFolder, postStatements, removeFolders, type Server, startServer } from '../../journeys/server.ts';
import { until } from '../until.ts';
import { ask, caughtUp, expectAsRebuilt, figures, loaded, people, TREE } from './house.ts';

const PEOPLE = 600;
const COURSES = ['https://learn.example/a', 'https://learn.example/b', 'https://learn.example/c'];
const ENVIRONMENT = { PRAMAAN_READ_WORKERS: '1' };

afterAll(removeFolders);

/** What somebody learnt; now and then a void of one of those before. */
function learnt(by: Chance, before: string[]): Anything {
  const id = uuid(by);
  if (before.length > 0 && by.happens(0.1)) {
    const object = { objectType: 'StatementRef', id: by.pick(before) };
    return { id, actor: { mbox: 'mailto:registrar@state.example' }, verb: { id: VOIDED }, object };
  }
  before.push(id);
  // Some of them nobody knows.
  const name = `${by.pick(['health', 'revenue'])}-${by.whole(0, PEOPLE + 50)}`;
  return {
    id,
    actor: { account: { homePage: 'https://learn.example', name } },
    verb: { id: `http://adlnet.gov/expapi/verbs/${by.pick(['completed', 'passed', 'registered', 'initialized'])}` },
    object: { id: by.pick(COURSES) },
    timestamp: `2026-0${by.whole(1, 3)}-${by.whole(10, 28)}T06:00:00Z`,
  };
}
const VOIDED = 'http://adlnet.gov/expapi/verbs/voided';

async function post(server: Server, statements: readonly Anything[]): Promise<void> {
  const response = await postStatements(server, statements);
  expect(response.status, await response.clone().text()).toBe(200);
}

async function withPeople(): Promise<Server> {
  const server = await startServer({ environment: ENVIRONMENT });
  await loaded(server, 'departments', TREE);
  await loaded(server, 'people', people('health', PEOPLE));
  await loaded(server, 'people', people('revenue', PEOPLE));
  return server;
}

async function begin(dataDir: string, ...args: readonly string[]): Promise<Server> {
  const server = await startServer({ dataDir, environment: ENVIRONMENT, arguments: args });
  onTestFinished(() => server.kill());
  return server;
}

test(
  'killed while it follows, again and again, it ends up as a rebuild',
  seeded(async (by) => {
    const before: string[] = [];
    let server = await withPeople();
    for (let round = 0; round < 5; round++) {
      const left = by.whole(5, 40);
      let posted = 0;
      let killed: Promise<void> | undefined;
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          while (!killed) {
            const batch = Array.from({ length: by.whole(1, 60) }, () => learnt(by, before));
            await post(server, batch).catch((error) => {
              if (!killed) throw error;
            });
            if (++posted === left) killed = server.kill();
          }
        }),
      );
      await killed;
      server = await begin(server.dataDir);
    }
    await caughtUp(server);
    expect((await figures(server, 'state')).strength).toBe(2 * PEOPLE);
    expect((await figures(server, 'state')).completions).toBeGreaterThan(0);
    expect(await server.stop()).toBe(0);
    await expectAsRebuilt(server);
  }),
);

test(
  'killed while it is built, by a command and by a start, it is built in the end',
  seeded(async (by) => {
    const before: string[] = [];
    const first = await withPeople();
    for (let batch = 0; batch < 40; batch++)
      await post(
        first,
        Array.from({ length: 250 }, () => learnt(by, before)),
      );
    await caughtUp(first);
    const expected = await figures(first, 'state');
    expect(await first.stop()).toBe(0);
    const { dataDir } = first;
    const isBuilding = () => PEOPLE_FILES.read(dataDir).building !== undefined;

    const interrupted = { rebuild: 0, serve: 0 };
    for (const command of ['rebuild', 'serve', 'rebuild', 'serve', 'rebuild', 'serve'] as const) {
      // A node makes a model whose files are gone; a command makes one beside the model that answers.
      if (command === 'serve') {
        for (const name of readdirSync(dataDir)) if (/^people-\d+\.sqlite/.test(name)) rmSync(join(dataDir, name));
      }
      const args = command === 'serve' ? ['serve'] : ['rebuild', 'people'];
      const { process, ended } = start(args, { ...beside(first), PRAMAAN_PORT: '0' });
      let isOver = false;
      void ended.then(() => {
        isOver = true;
      });
      await until(() => isBuilding() || isOver, 'a generation to be built');
      const timer = setTimeout(() => process.kill('SIGKILL'), by.whole(0, 200));
      const { code } = await ended;
      clearTimeout(timer);
      if (code === null && isBuilding()) interrupted[command]++;
    }
    // Otherwise the kills hit nothing.
    expect(interrupted.rebuild).toBeGreaterThan(0);
    expect(interrupted.serve).toBeGreaterThan(0);

    const server = await begin(dataDir);
    await caughtUp(server);
    expect(await figures(server, 'state')).toEqual(expected);
    expect(await server.stop()).toBe(0);
    await expectAsRebuilt(server);
  }),
);

test(
  'of another version, it is built again by itself',
  seeded(async (by) => {
    const first = await withPeople();
    await post(
      first,
      Array.from({ length: 300 }, () => learnt(by, [])),
    );
    await caughtUp(first);
    const expected = await figures(first, 'state');
    expect(await first.stop()).toBe(0);
    const { dataDir } = first;
    const old = PEOPLE_FILES.file(dataDir, PEOPLE_FILES.read(dataDir).live!);
    const file = new DatabaseSync(old);
    file.exec(`UPDATE checkpoint SET version = '0.9'; DELETE FROM rollup`);
    file.close();

    const server = await begin(dataDir);
    await caughtUp(server);
    expect(await figures(server, 'state')).toEqual(expected);
    expect(await server.stop()).toBe(0);
    await expectAsRebuilt(server);
  }),
);

test(
  'an older log accepted, the model is built from it and knows nothing of what was lost, which can be loaded again',
  seeded(async (by) => {
    const first = await startServer({ environment: ENVIRONMENT });
    await loaded(first, 'departments', TREE);
    await loaded(first, 'people', people('health', PEOPLE));
    await post(
      first,
      Array.from({ length: 200 }, () => learnt(by, [])),
    );
    await caughtUp(first);
    const then = await figures(first, 'state');
    const older = join(newFolder(), 'older.sqlite');
    expect((await run(['backup', '--out', older], beside(first))).code).toBe(0);

    await loaded(first, 'people', people('revenue', PEOPLE));
    await post(
      first,
      Array.from({ length: 200 }, () => learnt(by, [])),
    );
    await caughtUp(first);
    expect((await figures(first, 'state')).strength).toBe(2 * PEOPLE);
    await first.kill();
    const { dataDir } = first;
    for (const end of ['', '-wal', '-shm']) rmSync(join(dataDir, `log.sqlite${end}`), { force: true });
    cpSync(older, join(dataDir, 'log.sqlite'));

    const refused = await run(['serve'], { ...beside(first), PRAMAAN_PORT: '0' });
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain('--accept-loss');

    const server = await begin(dataDir, '--accept-loss');
    await caughtUp(server);
    expect(await figures(server, 'state')).toEqual(then);
    expect((await figures(server, 'revenue')).strength).toBe(0);
    expect((await ask(server, 'learners', { q: 'revenue-7' })).rows.filter(({ code }: Anything) => code)).toEqual([]);
    expect((await loaded(server, 'people', people('revenue', PEOPLE))).events).toBe(2 * PEOPLE);
    await caughtUp(server);
    expect((await figures(server, 'state')).strength).toBe(2 * PEOPLE);
    expect(await server.stop()).toBe(0);
    await expectAsRebuilt(server);
  }),
);
