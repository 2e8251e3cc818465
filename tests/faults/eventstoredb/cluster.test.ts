// A cluster of three whose leader is killed, or freezes, under load. Only with a real one: elections are nothing that the double
// could show.

import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { seeded } from '../../journeys/seeded.ts';
import { everythingHolds, settled } from './guarantees.ts';
import { CLUSTER_COMMAND, type KillableCluster, startCluster } from './killable.ts';
import { Load } from './load.ts';
import { endEverything, nodeOn, startedHere } from './nodes.ts';
import { MAY_GO_ON_AFTER_MS, MAY_WAIT_MS, statementsAreRead } from './promises.ts';

const KILLS = Number(process.env.TEST_KILLS ?? 3);
const FREEZE_SECONDS = Number(process.env.TEST_FREEZE_SECONDS ?? 30);
const NONE = 'TEST_EVENTSTOREDB_CLUSTER_COMMAND names no command that runs a node of a cluster';

afterAll(endEverything);

async function newCluster(): Promise<KillableCluster> {
  const cluster = await startCluster(CLUSTER_COMMAND!);
  startedHere(cluster);
  return cluster;
}

describe('a cluster', () => {
  test(`loses its leader ${KILLS} times`, { timeout: 180_000 + KILLS * 60_000 }, ({ skip }) =>
    seeded(async (by) => {
      if (!CLUSTER_COMMAND) return skip(NONE);
      const cluster = await newCluster();
      const server = await nodeOn(cluster);
      const load = new Load(by);
      load.attach(server);
      const recovered: { readonly newLeaderMs: number; readonly writesMs: number }[] = [];
      for (let round = 0; round < KILLS; round++) {
        await load.acknowledgements(by.whole(20, 120));
        const leader = await cluster.leader();
        await leader.kill();
        const killed = performance.now();
        // Answers on their way at the kill have come by the time that a new leader is there.
        await cluster.leader();
        const newLeaderMs = performance.now() - killed;
        const { at } = await load.next(({ status }) => status < 300);
        recovered.push({ newLeaderMs: Math.round(newLeaderMs), writesMs: Math.round(at - killed - newLeaderMs) });
        await statementsAreRead(server);
        await leader.start();
        await cluster.whole();
        await settled(server, { atHead: false });
      }
      await load.acknowledgements(20);
      await load.end();
      const events = await everythingHolds(server, cluster.url, load);
      console.log(JSON.stringify({ leaderKills: KILLS, events, recovered, ...load.figures() }));
      expect(Math.max(...recovered.map(({ writesMs }) => writesMs))).toBeLessThan(MAY_GO_ON_AFTER_MS);
      expect(load.slowest).toBeLessThan(MAY_WAIT_MS);
    })(),
  );

  test(
    `has a leader that is frozen for ${FREEZE_SECONDS} s`,
    { timeout: 180_000 + FREEZE_SECONDS * 1_000 },
    ({ skip }) =>
      seeded(async (by) => {
        if (!CLUSTER_COMMAND) return skip(NONE);
        const cluster = await newCluster();
        const server = await nodeOn(cluster);
        const load = new Load(by, { writers: 4, most: 5 });
        load.attach(server);
        await load.acknowledgements(by.whole(20, 80));
        const leader = await cluster.leader();
        leader.freeze();
        const frozen = performance.now();
        try {
          await load.next(({ status }) => status === 503);
          await statementsAreRead(server);
          await delay(FREEZE_SECONDS * 1_000 - (performance.now() - frozen));
        } finally {
          leader.thaw();
        }
        const thawed = performance.now();
        // Nobody leads while they find out who was gone: the server is back when they agree.
        const [back, { at }] = await Promise.all([
          cluster.whole().then(() => performance.now()),
          load.next(({ status }) => status < 300),
        ]);
        await load.acknowledgements(20);
        await load.end();
        const events = await everythingHolds(server, cluster.url, load);
        const recoveredMs = Math.round(Math.max(0, at - back));
        const wholeMs = Math.round(back - thawed);
        console.log(JSON.stringify({ frozenSeconds: FREEZE_SECONDS, events, wholeMs, recoveredMs, ...load.figures() }));
        expect(recoveredMs).toBeLessThan(MAY_GO_ON_AFTER_MS);
        expect(load.slowest).toBeLessThan(MAY_WAIT_MS);
      })(),
  );
});
