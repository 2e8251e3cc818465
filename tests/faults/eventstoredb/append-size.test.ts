// A request is recorded in one append or not at all: above what the server takes in one it is a 413 that names the limit, and
// just below it is stored.

import { afterAll, expect, test } from 'vitest';
import { startDouble } from '../../eventstoredb-double/index.ts';
import type { Anything } from '../../journeys/command.ts';
import { type Chance, seeded, statement } from '../../journeys/seeded.ts';
import { newFolder, postStatements } from '../../journeys/server.ts';
import { settled } from './guarantees.ts';
import { postWithAttachment } from './load.ts';
import { endEverything, newStore, nodeOn, startedHere } from './nodes.ts';

afterAll(endEverything);

/** As many statements as bring the request to this size, about. */
function batchOf(bytes: number, by: Chance): Anything[] {
  const statements: Anything[] = [];
  let size = 0;
  while (size < bytes) {
    const next = statement(by, { result: { response: 'x'.repeat(by.whole(0, 4_000)) } });
    statements.push(next);
    size += JSON.stringify(next).length;
  }
  return statements;
}

test.each([
  ['the least that can be set', 557_056],
  ['what EventStoreDB takes unless told otherwise', 1_048_576],
])('%s, %i bytes', (_, limit) =>
  seeded(async (by) => {
    const store = await newStore();
    const server = await nodeOn(store, { environment: { PRAMAAN_MAX_APPEND_BYTES: String(limit) } });
    /** Stored, or refused for its size; nothing else. */
    const isStored = async (statements: readonly Anything[]): Promise<boolean> => {
      const response = await postStatements(server, statements);
      if (response.status === 200) return true;
      expect(response.status).toBe(413);
      const { detail } = (await response.json()) as Anything;
      const [, size, named] = /^(\d+) bytes; one append takes at most (\d+) bytes$/.exec(detail)!;
      expect(Number(size)).toBeGreaterThan(Number(named));
      expect(Number(named)).toBeLessThanOrEqual(limit);
      expect(Number(named)).toBeGreaterThan(limit - 16 * 1024);
      return false;
    };
    // The largest of the beginnings of a batch that is too large, by halves; the clients take other ids for each.
    const large = batchOf(limit * 1.2, by);
    const beginning = (count: number) => large.slice(0, count).map((each) => ({ ...each, id: statement(by).id }));
    let [stored, refused] = [0, large.length];
    expect(await isStored(beginning(refused))).toBe(false);
    expect(await settled(server)).toBe(0);
    let recorded = 0;
    while (refused - stored > 1) {
      const middle = (stored + refused) >> 1;
      if (await isStored(beginning(middle))) {
        stored = middle;
        recorded += middle;
      } else refused = middle;
    }
    // Attachments are stored in chunks, whatever their size.
    for (const bytes of [1_000, 1_500_000]) {
      const response = await server.fetch(...postWithAttachment(by, bytes));
      expect(response.status, await response.text()).toBe(200);
      recorded += 1;
    }
    // What was stored is whole, and close to the limit.
    expect(await settled(server)).toBe(recorded);
    expect(JSON.stringify(large.slice(0, refused)).length).toBeGreaterThan(limit * 0.6);
    const single = statement(by, { result: { response: 'x'.repeat(limit) } });
    expect(await isStored([single])).toBe(false);
    expect((await server.fetch(`/xapi/statements?statementId=${single.id}`)).status).toBe(404);
    expect(await settled(server)).toBe(recorded);
    expect(await server.stop()).toBe(0);
  })(),
);

test(
  'a server that takes less in one append than the node was told: a 413 that names what it takes',
  seeded(async (by) => {
    const limit = 200_000;
    const double = await startDouble({ dataDir: newFolder(), maxAppendBytes: limit });
    startedHere(double);
    const server = await nodeOn(double);
    const profile = '/xapi/activities/profile?activityId=https%3A%2F%2Flearn.example.gov.in%2F1&profileId=notes';
    const put = (bytes: number): Promise<Response> =>
      server.fetch(profile, {
        method: 'PUT',
        headers: { 'content-type': 'text/plain', 'if-none-match': '*' },
        body: 'x'.repeat(bytes),
      });
    const refused = [
      server.fetch(...postWithAttachment(by, 300_000)),
      postStatements(server, [statement(by, { result: { response: 'x'.repeat(300_000) } })]),
      put(300_000),
    ];
    for (const response of await Promise.all(refused)) {
      const body = await response.text();
      expect(response.status, body).toBe(413);
      expect(body).toContain(`one append takes at most ${limit} bytes`);
    }
    expect((await server.fetch(profile)).status).toBe(404);
    expect(await settled(server)).toBe(0);
    expect((await server.fetch(...postWithAttachment(by, 100_000))).status).toBe(200);
    expect((await put(100_000)).status).toBe(204);
    expect(await settled(server)).toBe(1);
    expect(await server.stop()).toBe(0);
  }),
);
