// The EventStoreDB stops answering without a word: connections stay, nothing is refused. Nobody waits longer than 3 s for a 503,
// and what was on its way when it froze is not there twice after the thaw.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { seeded } from '../../journeys/seeded.ts';
import { everythingHolds, settled } from './guarantees.ts';
import { Load } from './load.ts';
import { endEverything, newStore, nodeOn } from './nodes.ts';
import { MAY_GO_ON_AFTER_MS, MAY_WAIT_MS, refusedMeanwhile } from './promises.ts';

const ROUNDS = Number(process.env.TEST_KILLS ?? 2);
const FREEZE_SECONDS = Number(process.env.TEST_FREEZE_SECONDS ?? 6);

afterAll(endEverything);

test(
  `frozen for ${FREEZE_SECONDS} s: writes are 503 within 3 s, and go on after the thaw`,
  { timeout: 120_000 + FREEZE_SECONDS * 2_000 },
  seeded(async (by) => {
    const store = await newStore();
    const server = await nodeOn(store);
    const load = new Load(by, { most: 10 });
    load.attach(server);
    const recovered: number[] = [];
    // The first is too short for anybody to be told.
    for (const seconds of [by.next(), FREEZE_SECONDS]) {
      await load.acknowledgements(by.whole(20, 80));
      store.freeze();
      onTestFinished(() => store.thaw());
      if (seconds > 3) {
        const frozen = performance.now();
        await load.next(({ status }) => status === 503);
        await refusedMeanwhile(server);
        await delay(seconds * 1000 - (performance.now() - frozen));
      } else await delay(seconds * 1000);
      store.thaw();
      recovered.push(await load.goesOn());
      await settled(server, { atHead: false });
    }
    await load.acknowledgements(20);
    await load.end();
    const events = await everythingHolds(server, store.url, load);
    const recoveredMs = recovered.map(Math.round);
    console.log(JSON.stringify({ freezeSeconds: FREEZE_SECONDS, events, recoveredMs, ...load.figures() }));
    expect(Math.max(...recovered)).toBeLessThan(MAY_GO_ON_AFTER_MS);
    expect(load.slowest).toBeLessThan(MAY_WAIT_MS);
  }),
);

test(
  `frozen until everybody was told, and killed then, ${ROUNDS} times: it goes on when the server is back`,
  { timeout: 120_000 + ROUNDS * 30_000 },
  seeded(async (by) => {
    const store = await newStore();
    const server = await nodeOn(store);
    const load = new Load(by, { most: 10 });
    load.attach(server);
    const recovered: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await load.acknowledgements(by.whole(5, 40));
      store.freeze();
      await load.next(({ status }) => status === 503);
      await store.kill();
      // The appends that are sent again now meet nobody.
      await delay(by.whole(0, 2_500));
      await store.start();
      recovered.push(await load.goesOn());
      await settled(server, { atHead: false });
    }
    await load.acknowledgements(10);
    await load.end();
    const events = await everythingHolds(server, store.url, load);
    const recoveredMs = recovered.map(Math.round);
    console.log(JSON.stringify({ frozenAndKilled: recovered.length, events, recoveredMs, ...load.figures() }));
    expect(Math.max(...recovered)).toBeLessThan(MAY_GO_ON_AFTER_MS);
    expect(load.slowest).toBeLessThan(MAY_WAIT_MS);
  }),
);
