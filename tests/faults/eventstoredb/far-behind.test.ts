// A node that others have left far behind, while it stood still or could not reach its EventStoreDB, is not ready until it has
// copied what they wrote.

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import type { EventId, Revision } from '../../../contracts/words.ts';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import { type Double, startDouble } from '../../eventstoredb-double/index.ts';
import { seeded, statement } from '../../journeys/seeded.ts';
import { newFolder, postStatements, type Server } from '../../journeys/server.ts';
import { healthOf, settled } from './guarantees.ts';
import { endEverything, nodeOn, startedHere } from './nodes.ts';

const EVENTS = 50_000;
const AN_APPEND = 500;
/** A node that stood still learns only by catching up how far behind it is: by so many events at the latest. */
const KNOWN_AFTER = 15_000;

afterAll(endEverything);

/** Appends to the record as a node does that notes something; returns the head. */
async function writtenByOthers({ url }: { readonly url: string }): Promise<number> {
  const log = openEventStoreDbLog({ url, maxAppendBytes: 1_048_576 });
  try {
    let head = await log.head('record');
    for (let written = 0; written < EVENTS; written += AN_APPEND) {
      const metadata = Buffer.from(
        JSON.stringify({ recordedAt: new Date().toISOString().replace('Z', '000Z'), codec: 'plain' }),
      );
      const events = Array.from({ length: AN_APPEND }, (_, index) => ({
        id: randomUUID() as EventId,
        type: 'noted-by-others.v1',
        contentType: 'json' as const,
        data: Buffer.from(JSON.stringify({ number: written + index, words: 'n'.repeat(500) })),
        metadata,
      }));
      ({ revision: head } = await log.append('record', events, { expectedRevision: head as Revision }));
    }
    return head;
  } finally {
    await log.close();
  }
}

/** Looks all the time until the node is at the head: it is never ready before, but for what `excused` says. */
async function isNotReadyBefore(head: number, server: Server, excused: (copied: number) => boolean): Promise<void> {
  let [notReady, copied] = [0, -1];
  while (copied < head) {
    const { status, reasons, localCopy } = await healthOf(server);
    copied = localCopy.sequence;
    if (status === 'ready' && copied < head && !excused(copied)) expect.fail(`ready at ${copied} of ${head}`);
    if (/still being copied/.test(reasons.join('\n'))) notReady++;
    await delay(5);
  }
  expect(notReady).toBeGreaterThan(0);
  expect(await settled(server)).toBe(head);
}

async function begun(): Promise<{ readonly double: Double; readonly server: Server }> {
  const double = await startDouble({ dataDir: newFolder() });
  startedHere(double);
  const server = await nodeOn(double);
  await seeded(async (by) => {
    expect((await postStatements(server, [statement(by)])).status).toBe(200);
  })();
  await settled(server);
  return { double, server };
}

test(`a node that stood still while others appended ${EVENTS} events`, async () => {
  const { double, server } = await begun();
  server.process.kill('SIGSTOP');
  const head = await writtenByOthers(double);
  server.process.kill('SIGCONT');
  await isNotReadyBefore(head, server, (copied) => copied < KNOWN_AFTER);
  expect(await server.stop()).toBe(0);
});

test(`a node that could not reach the server while others appended ${EVENTS} events`, async () => {
  const { double, server } = await begun();
  await double.kill();
  const elsewhere = await startDouble({ dataDir: double.dataDir });
  startedHere(elsewhere);
  const head = await writtenByOthers(elsewhere);
  await elsewhere.kill();
  await double.restart();
  await isNotReadyBefore(head, server, () => false);
  expect(await server.stop()).toBe(0);
});
