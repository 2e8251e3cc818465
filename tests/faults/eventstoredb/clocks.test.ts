// A node whose clock is far off the log server's stamps nothing: writes are refused in words until the clock is right, and
// statements are read. The node's time comes from libfaketime (a package of Debian's).

import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Anything } from '../../journeys/command.ts';
import { seeded, statement } from '../../journeys/seeded.ts';
import { newFolder, postStatements, type Server } from '../../journeys/server.ts';
import { until } from '../until.ts';
import { healthOf, settled } from './guarantees.ts';
import type { KillableStore } from './killable.ts';
import { endEverything, newStore, nodeOn } from './nodes.ts';
import { statementsAreRead } from './promises.ts';

const LIBRARY = ['/usr/lib', '/usr/lib64']
  .filter(existsSync)
  .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))])
  .map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'))
  .find(existsSync);
/** Without libfaketime the tests are skipped, and the run says so; PRAMAAN_REQUIRE_FAKETIME=1 makes that a failure. */
const NO_FAKETIME = LIBRARY === undefined && process.env.PRAMAAN_REQUIRE_FAKETIME !== '1';

let store: KillableStore;
beforeAll(
  seeded(async (by) => {
    store = await newStore();
    const server = await nodeOn(store);
    expect((await postStatements(server, [statement(by), statement(by)])).status).toBe(200);
    expect(await server.stop()).toBe(0);
  }),
);
afterAll(endEverything);

describe.skipIf(NO_FAKETIME)("a node's clock", () => {
  test.each<[what: string, seconds: number, words: RegExp]>([
    ['8 s ahead of', 8, /clock is [78]\.\d s ahead of the event log server's/],
    ['8 s behind', -8, /clock is [789]\.\d s behind the event log server's/],
  ])(
    '%s that of the server: writes are refused, statements are read, and a clock set right is enough',
    (_, seconds, words) =>
      seeded(async (by) => {
        const clock = new Clock();
        clock.set(seconds);
        const server = await nodeOn(store, { environment: clock.environment });
        const head = await settled(server);
        for (let again = 0; again < 2; again++) {
          const refused = await postStatements(server, statement(by));
          expect(refused.status).toBe(503);
          expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
          expect(((await refused.json()) as Anything).detail).toMatch(words);
        }
        const health = await healthOf(server);
        expect(health.status).toBe('not-ready');
        expect(health.recording.state).toBe('refusing');
        expect(health.reasons.join('\n')).toMatch(words);
        expect(health.localCopy.sequence).toBe(head);
        await statementsAreRead(server);

        clock.set(0);
        await until(async () => (await postStatements(server, statement(by))).status === 200, 'a write that succeeds');
        expect(await settled(server)).toBe(head + 1);
        expect(await server.stop()).toBe(0);
      })(),
  );

  test.each([2, -2])('%i s off: it writes', (seconds) =>
    seeded(async (by) => {
      const clock = new Clock();
      clock.set(seconds);
      const server: Server = await nodeOn(store, { environment: clock.environment });
      for (let again = 0; again < 5; again++) {
        expect((await postStatements(server, [statement(by), statement(by)])).status).toBe(200);
      }
      await settled(server);
      expect(await server.stop()).toBe(0);
    })(),
  );
});

/** The time of a process, so many seconds from the real one. */
class Clock {
  readonly #file = join(newFolder(), 'time');

  set(seconds: number): void {
    // Replaced at once: half a time is none.
    writeFileSync(`${this.#file}.next`, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`);
    renameSync(`${this.#file}.next`, this.#file);
  }

  get environment(): Record<string, string> {
    return {
      LD_PRELOAD: LIBRARY!,
      FAKETIME_TIMESTAMP_FILE: this.#file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
  }
}
