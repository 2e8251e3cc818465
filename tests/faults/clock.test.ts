// A clock that jumps both ways under a running store: `stored` stays unique and increasing along the record, pollers miss
// nothing, and nothing stops. The process's time comes from a file, through libfaketime (a package of Debian's).

import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Microseconds } from '../../contracts/words.ts';
import { Stamps } from '../../src/recording/clock.ts';
import { type Anything, events } from '../journeys/command.ts';
import { seeded, statement } from '../journeys/seeded.ts';
import { newFolder, postStatements, removeFolders, type Server, startServer } from '../journeys/server.ts';

afterAll(removeFolders);

test(
  'stamps never repeat and never fall, whatever the clock does and whatever others stamp',
  seeded(async (by) => {
    let now = 1_790_000_000_000_000;
    const stamps = new Stamps({ now: () => now as Microseconds }, now as Microseconds);
    let last = now;
    for (let step = 0; step < 20_000; step++) {
      if (by.happens(0.2)) now += by.whole(-3_600_000_000, 3_600_000_000);
      else now += by.whole(0, 3);
      if (by.happens(0.1)) stamps.seen((now + by.whole(-1_000_000, 1_000_000)) as Microseconds);
      if (by.happens(0.1)) {
        const closed = stamps.close();
        expect(closed).toBeGreaterThanOrEqual(last);
        last = closed;
      }
      const stamp = stamps.next();
      if (stamp <= last) expect.fail(`step ${step}: ${stamp} after ${last}`);
      if (stamp < now) expect.fail(`step ${step}: ${stamp} while the clock says ${now}`);
      last = stamp;
    }
  }),
);

const LIBRARY = ['/usr/lib', '/usr/lib64']
  .filter(existsSync)
  .flatMap((folder) => [folder, ...readdirSync(folder).map((name) => join(folder, name))])
  .map((folder) => join(folder, 'faketime', 'libfaketimeMT.so.1'))
  .find(existsSync);
/** Without libfaketime the tests are skipped, and the run says so; PRAMAAN_REQUIRE_FAKETIME=1 makes that a failure. */
const NO_FAKETIME = LIBRARY === undefined && process.env.PRAMAAN_REQUIRE_FAKETIME !== '1';

describe.skipIf(NO_FAKETIME)('a real server whose clock jumps', () => {
  test(
    'by hours, forwards and back: every statement once, in order, and a poller by `since` sees each once',
    seeded(async (by) => {
      const file = join(newFolder(), 'time');
      const setClock = (at: Date): void => {
        // Replaced at once: half a time is none.
        writeFileSync(`${file}.next`, `@${at.toISOString().slice(0, 19).replace('T', ' ')}\n`);
        renameSync(`${file}.next`, file);
      };
      const begin = Date.UTC(2027, 3, 1, 6);
      setClock(new Date(begin));
      const server = await startServer({
        environment: {
          TZ: 'UTC',
          LD_PRELOAD: LIBRARY!,
          FAKETIME_TIMESTAMP_FILE: file,
          FAKETIME_NO_CACHE: '1',
          FAKETIME_DONT_FAKE_MONOTONIC: '1',
        },
      });
      onTestFinished(() => server.kill());
      const sent = new Set<string>();
      const polled: string[] = [];
      let since = '';
      let furthest = begin;
      let behind = 0;
      for (let jump = 0; jump < 25; jump++) {
        const at = begin + by.whole(-12 * 3_600, 12 * 3_600) * 1000;
        if (at < furthest) behind += 1;
        furthest = Math.max(furthest, at);
        setClock(new Date(at));
        for (let batch = 0; batch < 4; batch++) {
          const statements = Array.from({ length: by.whole(1, 10) }, () => statement(by));
          const response = await postStatements(server, statements);
          expect(response.status).toBe(200);
          for (const { id } of statements) sent.add(id);
        }
        since = await poll(server, since, polled);
      }
      // Otherwise it never jumped back.
      expect(behind).toBeGreaterThan(5);

      let stored = '';
      for (const { type, data } of await events(server)) {
        if (type !== 'statement-recorded.v1') continue;
        if (data.stored <= stored) expect.fail(`stored ${data.stored} after ${stored}`);
        stored = data.stored;
      }
      // Never ahead of the furthest that the clock has been, save for the creeping microseconds and the time of the test itself.
      expect(Date.parse(stored)).toBeLessThan(furthest + 300_000);
      expect(Date.parse(stored)).toBeGreaterThanOrEqual(furthest);
      await poll(server, since, polled);
      expect(polled).toHaveLength(sent.size);
      expect(new Set(polled)).toEqual(sent);
      expect(await server.stop()).toBe(0);
    }),
  );
});

/** Everything stored after `since`, oldest first, as a poller does that trusts `stored`. Returns the last it has seen. */
async function poll(server: Server, since: string, polled: string[]): Promise<string> {
  let last = since;
  for (let more = `/xapi/statements?ascending=true${since && `&since=${encodeURIComponent(since)}`}`; more; ) {
    const page = (await (await server.fetch(more)).json()) as Anything;
    for (const { id, stored } of page.statements) {
      polled.push(id);
      last = stored;
    }
    more = page.more;
  }
  return last;
}
