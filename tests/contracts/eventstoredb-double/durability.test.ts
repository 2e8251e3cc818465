// What the double acknowledged is there after any kill, what a crash left half written is not, and it remembers by ids what
// it has stored.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { EventStoreDBClient, type JSONEventType, WrongExpectedVersionError } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Double, startDouble } from '../../eventstoredb-double/index.ts';
import { newStream, numbered, numbersOf, readAll, refusalOf, upTo, Watched } from './client.ts';

let double: Double;
let client: EventStoreDBClient;
beforeEach(async () => {
  double = await startDouble();
  client = EventStoreDBClient.connectionString(double.url);
});
afterEach(async () => {
  await client.dispose();
  await double.stop();
});

/** The identical append, until it is answered; as the program does it. */
async function persistently(stream: string, events: ReturnType<typeof numbered>, head: number): Promise<number> {
  const expectedRevision = head < 0 ? 'no_stream' : BigInt(head);
  for (;;) {
    try {
      return Number((await client.appendToStream(stream, events, { expectedRevision })).nextExpectedRevision);
    } catch (error) {
      if (error instanceof WrongExpectedVersionError) throw error;
      await pause(10);
    }
  }
}

test('killed ten times under appends, it loses and doubles nothing', async () => {
  const stream = newStream();
  let head = -1;
  let restarting: Promise<void> | undefined;
  let killed = 0;
  const bytes = () => statSync(join(double.dataDir, 'double.log')).size;
  while (killed < 10 || restarting !== undefined) {
    const sent = persistently(stream, numbered(20, head + 1, 300), head);
    if (restarting === undefined && killed < 10 && head > 0) {
      killed++;
      restarting = double.restart().then(() => {
        restarting = undefined;
      });
    }
    head = await sent;
  }
  expect(await numbersOf(client, stream)).toEqual(upTo(head + 1));
  expect(new Set((await readAll(client, stream)).map(({ event }) => event!.id)).size).toBe(head + 1);
  expect(bytes()).toBeGreaterThan(head * 300);
});

test('after a restart an append is still known by its ids at its revision, and events keep their places and times', async () => {
  const stream = newStream();
  const events = numbered(3);
  const first = await client.appendToStream(stream, events, { expectedRevision: 'no_stream' });
  await client.appendToStream(stream, numbered(2, 3), { expectedRevision: 2n });
  await client.setStreamMetadata(stream, { maxCount: 4 });
  await client.tombstoneStream(`${stream}-gone`);
  const before = await readAll(client, stream);
  await double.restart();
  await expect.poll(() => readAll(client, stream).catch(() => [])).toEqual(before);
  expect(await client.appendToStream(stream, events, { expectedRevision: 'no_stream' })).toEqual({
    ...first,
    nextExpectedRevision: 2n,
  });
  expect((await refusalOf(numbersOf(client, `${stream}-gone`))).type).toBe('stream-deleted');
  const longer = client.appendToStream(stream, [...events, ...numbered(1)], { expectedRevision: 'no_stream' });
  expect((await refusalOf(longer)).type).toBe('wrong-expected-version');
});

describe('an end that a crash left half written', () => {
  const file = () => join(double.dataDir, 'double.log');

  test('is cut off at the start, whatever of it reached the disk', async () => {
    const stream = newStream();
    await client.appendToStream(stream, numbered(5), { expectedRevision: 'no_stream' });
    await double.kill();
    const whole = readFileSync(file());
    await double.restart();
    await expect.poll(() => persistently(stream, numbered(5, 5), 4)).toBe(9);
    await double.kill();
    const longer = readFileSync(file());
    const block = longer.subarray(whole.length);
    const wrongByte = Buffer.from(block);
    wrongByte[block.length - 3]! ^= 1;
    const hole = Buffer.from(block).fill(0, 20, 60);
    const ends = [
      block.subarray(0, 1),
      block.subarray(0, 11),
      block.subarray(0, -1),
      wrongByte,
      hole,
      Buffer.alloc(99),
    ];
    for (const end of ends) {
      writeFileSync(file(), Buffer.concat([whole, end]));
      await double.restart();
      expect(double.cutOff).toBe(end.length);
      await expect.poll(() => numbersOf(client, stream).catch(() => [])).toEqual(upTo(5));
      await double.kill();
    }
    writeFileSync(file(), longer);
    await double.restart();
    expect(double.cutOff).toBe(0);
    await expect.poll(() => numbersOf(client, stream).catch(() => [])).toEqual(upTo(10));
  });

  test('does not stand in the way of what is appended after it', async () => {
    const stream = newStream();
    await client.appendToStream(stream, numbered(5), { expectedRevision: 'no_stream' });
    await double.kill();
    appendFileSync(file(), 'PBLK and then the power failed');
    await double.restart();
    await expect.poll(() => persistently(stream, numbered(5, 5), 4)).toBe(9);
    await double.restart();
    expect(double.cutOff).toBe(0);
    await expect.poll(() => numbersOf(client, stream).catch(() => [])).toEqual(upTo(10));
  });
});

test('a lost tail: the last events are gone after the restart, and others take their numbers', async () => {
  const stream = newStream();
  const other = newStream();
  await client.appendToStream(stream, numbered(10), { expectedRevision: 'no_stream' });
  await client.appendToStream(other, numbered(2), { expectedRevision: 'no_stream' });
  expect(await double.loseTail(stream, 3)).toBe(6);
  await expect.poll(() => numbersOf(client, stream).catch(() => [])).toEqual(upTo(7));
  expect(await numbersOf(client, other)).toEqual([0, 1]);
  await client.appendToStream(stream, numbered(2, 70), { expectedRevision: 6n });
  expect(await numbersOf(client, stream, { fromRevision: 6n })).toEqual([6, 70, 71]);
  await double.restart();
  await expect.poll(() => numbersOf(client, stream).catch(() => [])).toEqual([...upTo(7), 70, 71]);
});

test('a hundred thousand events are there within seconds of a start, and are caught up with', async () => {
  const stream = newStream();
  const batch = 1_000;
  for (let head = -1; head < 99_999; head += batch) {
    await client.appendToStream<JSONEventType>(stream, numbered(batch, head + 1, 400), {
      expectedRevision: head < 0 ? 'no_stream' : BigInt(head),
    });
  }
  const begun = performance.now();
  await double.restart();
  // A tenth of this is usual; the machine may be busy.
  expect(performance.now() - begun).toBeLessThan(5_000);
  await expect
    .poll(() => numbersOf(client, stream, { fromRevision: 99_998n }).catch(() => []))
    .toEqual([99_998, 99_999]);
  const watched = await new Watched(client, stream, { fromRevision: 49_999n }).untilRevision(99_999);
  expect(watched.revisions).toEqual(upTo(100_000, 50_000));
  await watched.stop();
});

test('alone, it says in its first line that it is a double and not EventStoreDB', async () => {
  const main = fileURLToPath(new URL('../../eventstoredb-double/main.ts', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'pramaan-double-'));
  const alone = spawn(process.execPath, [main, '--port', '0', '--data', folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = createInterface(alone.stdout)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toMatch(/test double.*not EventStoreDB/);
  const [url] = /^esdb:\S+(?=,)/.exec((await lines.next()).value!)!;
  const direct = EventStoreDBClient.connectionString(url);
  const stream = newStream();
  await direct.appendToStream(stream, numbered(1));
  expect(await numbersOf(direct, stream)).toEqual([0]);
  await direct.dispose();
  const exited = once(alone, 'exit');
  alone.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
  rmSync(folder, { recursive: true });
});
