// The EventStoreDB is killed under load, again and again: nothing acknowledged is lost, nothing is there twice, no batch is half
// there. Writes are answered 503 meanwhile and go on by themselves; statements can be read all the time.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { seeded } from '../../journeys/seeded.ts';
import { everythingHolds, settled } from './guarantees.ts';
import { Load } from './load.ts';
import { endEverything, newStore, nodeOn } from './nodes.ts';
import { MAY_GO_ON_AFTER_MS, MAY_WAIT_MS, refusedMeanwhile } from './promises.ts';

const KILLS = Number(process.env.TEST_KILLS ?? 5);
/** Longer than anybody waits for an answer; an append is sent again for 30 s, so that more is another thing again. */
const OUTAGE_SECONDS = Number(process.env.TEST_OUTAGE_SECONDS ?? 6);

afterAll(endEverything);

test(
  `every acknowledged statement outlives ${KILLS} kills of the server, and writing goes on by itself`,
  { timeout: 120_000 + KILLS * 30_000 },
  seeded(async (by) => {
    const store = await newStore();
    const server = await nodeOn(store);
    const load = new Load(by);
    load.attach(server);
    const recovered: number[] = [];
    for (let round = 0; round < KILLS; round++) {
      await load.acknowledgements(by.whole(1, 80));
      // Not always just after an answer.
      await delay(by.next() * 15);
      await store.kill();
      // Now and then it is back before anybody has noticed much; otherwise everybody is told.
      if (by.happens(0.7)) {
        await load.next(({ status }) => status === 503);
        await refusedMeanwhile(server);
      }
      await store.start();
      recovered.push(await load.goesOn());
      await settled(server, { atHead: false });
    }
    await load.acknowledgements(10);
    await load.end();
    const events = await everythingHolds(server, store.url, load);
    const recoveredMs = recovered.map(Math.round);
    console.log(JSON.stringify({ serverKills: KILLS, events, recoveredMs, ...load.figures() }));
    expect(Math.max(...recovered)).toBeLessThan(MAY_GO_ON_AFTER_MS);
    expect(load.slowest).toBeLessThan(MAY_WAIT_MS);
  }),
);

test(
  `an outage of ${OUTAGE_SECONDS} s: writes are refused and statements are read all the time, and then it goes on by itself`,
  { timeout: 120_000 + OUTAGE_SECONDS * 1_000 },
  seeded(async (by) => {
    const store = await newStore();
    const server = await nodeOn(store);
    const load = new Load(by, { writers: 4, most: 5 });
    load.attach(server);
    await load.acknowledgements(20);
    await store.kill();
    // What is tested here is the time itself.
    await delay(OUTAGE_SECONDS * 1000);
    await refusedMeanwhile(server);
    await store.start();
    const recoveredMs = await load.goesOn();
    await load.acknowledgements(20);
    await load.end();
    const events = await everythingHolds(server, store.url, load);
    console.log(
      JSON.stringify({
        outageSeconds: OUTAGE_SECONDS,
        events,
        recoveredMs: Math.round(recoveredMs),
        ...load.figures(),
      }),
    );
    expect(recoveredMs).toBeLessThan(MAY_GO_ON_AFTER_MS);
    expect(load.slowest).toBeLessThan(MAY_WAIT_MS);
  }),
);
