// Our node is killed under load, again and again, and now and then the EventStoreDB with it: the same data folder goes on, and an emptied one
// is filled again from the server.

import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { seeded } from '../../journeys/seeded.ts';
import { newFolder } from '../../journeys/server.ts';
import { everythingHolds, recordHolds, settled } from './guarantees.ts';
import { Load } from './load.ts';
import { endEverything, newStore, nodeOn } from './nodes.ts';
import { MAY_WAIT_MS } from './promises.ts';

const KILLS = Number(process.env.TEST_KILLS ?? 5);

afterAll(endEverything);

test(
  `every acknowledged statement outlives ${KILLS} kills of the node, once with nothing left of its data folder`,
  { timeout: 120_000 + KILLS * 30_000 },
  seeded(async (by) => {
    const store = await newStore();
    const dataDir = newFolder();
    const emptied = by.whole(1, KILLS);
    const load = new Load(by, { builds: true });
    const starts: number[] = [];
    for (let round = 0; round < KILLS; round++) {
      if (round === emptied) rmSync(dataDir, { recursive: true });
      const began = performance.now();
      const server = await nodeOn(store, { dataDir });
      starts.push(Math.round(performance.now() - began));
      load.attach(server);
      await load.acknowledgements(by.whole(1, 80));
      // Not always just after an answer.
      await delay(by.next() * 15);
      load.detach();
      await server.kill();
      // Now and then both go at once, as when the machine does on which they are.
      if (by.happens(0.3)) {
        await store.kill();
        await store.start();
      }
    }
    if (emptied === KILLS) rmSync(dataDir, { recursive: true });
    const server = await nodeOn(store, { dataDir });
    await settled(server);
    await recordHolds(server, load);
    load.attach(server);
    await load.acknowledgements(10);
    await load.end();
    const events = await everythingHolds(server, store.url, load);
    console.log(JSON.stringify({ nodeKills: KILLS, events, startMs: starts, ...load.figures() }));
    // Otherwise the kills hit nothing.
    expect(load.answers.gone).toBeGreaterThan(KILLS);
    expect(load.slowest).toBeLessThan(MAY_WAIT_MS);
  }),
);
