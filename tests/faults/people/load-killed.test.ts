// A file takes effect whole or not at all, however the node dies that loads it: killed while it checks, while it records, and when it has
// just ended. Loaded again it is there, and nothing of it twice.

import { afterAll, expect, test } from 'vitest';
import { events } from '../../journeys/command.ts';
import { type Chance, seeded } from '../../journeys/seeded.ts';
import { removeFolders, type Server, startServer } from '../../journeys/server.ts';
import { caughtUp, expectAsRebuilt, figures, type LoadLine, load, loaded, people, TREE } from './house.ts';

/** Of which each leaves two events: some appends' worth. */
const PEOPLE = 6_000;
const ENVIRONMENT = { PRAMAAN_READ_WORKERS: '1' };

afterAll(removeFolders);

/** Kills the server at the first line that is meant; what the client was told last. */
async function loadUntil(server: Server, rows: readonly string[], isMeant: (line: LoadLine) => boolean) {
  let killed: Promise<void> | undefined;
  let seen: LoadLine | undefined;
  const told = (line: LoadLine): void => {
    if (killed || !isMeant(line)) return;
    seen = line;
    killed = server.kill();
  };
  const outcome = await load(server, 'people', rows, told);
  expect(seen, 'the moment never came').toBeDefined();
  await killed;
  return outcome;
}

const MOMENTS: Readonly<Record<string, (by: Chance) => (line: LoadLine) => boolean>> = {
  'while its rows are read':
    () =>
    ({ step }) =>
      step === 'reading',
  'while its rows are compared':
    () =>
    ({ step }) =>
      step === 'comparing',
  'when its first events are recorded':
    () =>
    ({ step }) =>
      step === 'recording',
  'in the middle of its events': (by) => {
    const part = 0.1 + 0.8 * by.next();
    return ({ step, events = 0, of = 1 }) => step === 'recording' && events > part * of;
  },
  'when its last event is about to be recorded':
    () =>
    ({ step, events, of }) =>
      step === 'recording' && events === of,
  'when it has just been acknowledged':
    () =>
    ({ step }) =>
      step === 'done',
};

test.each(Object.entries(MOMENTS))(
  'killed %s, a file holds whole or not at all, and can be loaded again',
  (name, moment) =>
    seeded(async (by) => {
      const first = await startServer({ environment: ENVIRONMENT });
      await loaded(first, 'departments', TREE);
      const rows = people('health', PEOPLE);
      const outcome = await loadUntil(first, rows, moment(by));

      const { dataDir } = first;
      const server = await startServer({ dataDir, environment: ENVIRONMENT });
      await caughtUp(server);
      const recorded = (await events(server)).filter(({ type }) => type === 'load-completed.v1');
      const isWhole = recorded.length === 2;
      expect((await figures(server, 'state')).strength).toBe(isWhole ? PEOPLE : 0);
      if (outcome) expect(isWhole, 'it was acknowledged').toBe(true);
      if (name.includes('rows')) expect(isWhole).toBe(false);

      const again = await loaded(server, 'people', rows);
      expect(again.events).toBe(isWhole ? 0 : 2 * PEOPLE);
      await caughtUp(server);
      expect((await figures(server, 'state')).strength).toBe(PEOPLE);
      expect((await loaded(server, 'people', rows)).events).toBe(0);
      expect(await server.stop()).toBe(0);
      await expectAsRebuilt(server);
    })(),
);
