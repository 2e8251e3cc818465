// Told to stop while its EventStoreDB is away, a node answers who waits and ends in order.

import { afterAll, describe, expect, test } from 'vitest';
import { seeded } from '../../journeys/seeded.ts';
import { newFolder } from '../../journeys/server.ts';
import { everythingHolds } from './guarantees.ts';
import type { KillableStore } from './killable.ts';
import { Load } from './load.ts';
import { endEverything, newStore, nodeOn } from './nodes.ts';

/** The requests that wait are answered within 3 s, then come the closing calls to a server that does not answer. */
const SOON_MS = 8_000;

afterAll(endEverything);

describe.each<[how: string, away: (store: KillableStore) => unknown, back: (store: KillableStore) => unknown]>([
  ['gone', (store) => store.kill(), (store) => store.start()],
  ['frozen', (store) => store.freeze(), (store) => store.thaw()],
])('with the server %s', (how, away, back) => {
  test.each([
    ['at once', false],
    ['after everybody was told', true],
  ])('SIGTERM %s: it ends with 0, and nothing acknowledged is lost', (when, told) =>
    seeded(async (by) => {
      const store = await newStore();
      const dataDir = newFolder();
      const server = await nodeOn(store, { dataDir });
      const load = new Load(by);
      load.attach(server);
      await load.acknowledgements(by.whole(10, 40));
      await away(store);
      if (told) await load.next(({ status }) => status === 503);
      load.detach();
      const began = performance.now();
      expect(await server.stop()).toBe(0);
      const took = performance.now() - began;
      expect(server.errors()).toBe('');
      console.log(JSON.stringify({ server: how, sigterm: when, endedMs: Math.round(took) }));
      await back(store);
      const next = await nodeOn(store, { dataDir });
      load.attach(next);
      await load.acknowledgements(5);
      await load.end();
      await everythingHolds(next, store.url, load);
      expect(took).toBeLessThan(SOON_MS);
    })(),
  );
});
