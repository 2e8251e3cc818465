// The faults of the double: each does what its name says, to as many calls as it was told, and no more once cleared.

import {
  type EventStoreDBClient as Client,
  EventStoreDBClient,
  MaxAppendSizeExceededError,
  NotLeaderError,
  TimeoutError,
  UnavailableError,
  UnknownError,
} from '@eventstore/db-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Double, startDouble } from '../../eventstoredb-double/index.ts';
import { newStream, numbered, numbersOf, readAll, refusalOf, revisionOf, upTo, Watched } from './client.ts';

let double: Double;
beforeAll(async () => {
  double = await startDouble();
});
afterAll(() => double.stop());

let client: Client;
let stream: string;
const clients: Client[] = [];
/** A client of its own settings, so that it shares no connection with another. */
function newClient(): Client {
  const one = EventStoreDBClient.connectionString(`${double.url}&keepAliveInterval=${20_000 + clients.length}`);
  clients.push(one);
  return one;
}
beforeEach(async () => {
  client = newClient();
  stream = newStream();
  await client.appendToStream(stream, numbered(100), { expectedRevision: 'no_stream' });
});
afterEach(async () => {
  double.thaw();
  await double.clear();
  await client.dispose();
});

const append = (count: number, head: number, by = client) =>
  by.appendToStream(stream, numbered(count, head + 1), { expectedRevision: BigInt(head) });

/** Whether it is still not settled after the double has answered other calls. */
async function unanswered(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const done = () => {
    settled = true;
  };
  promise.then(done, done);
  const other = newClient();
  for (const _ of upTo(10)) await readAll(other, `$$${stream}`).catch(() => {});
  await other.dispose();
  return !settled;
}

test('drop-ack: the append is made, its answer never comes, its repetition succeeds', async () => {
  await double.fault('drop-ack', { times: 1 });
  const events = numbered(2, 100);
  const lost = client.appendToStream(stream, events, { expectedRevision: 99n });
  expect(await unanswered(lost)).toBe(true);
  expect(await numbersOf(client, stream, { fromRevision: 99n })).toEqual([99, 100, 101]);
  const again = await client.appendToStream(stream, events, { expectedRevision: 99n });
  expect(again.nextExpectedRevision).toBe(101n);
});

test('silence: no call is answered or done, and connections stay: what was open goes on when it is over', async () => {
  const watched = await new Watched(client, stream).untilTold('caughtUp');
  await double.fault('silence', { times: 3 });
  const lost = [append(1, 99), numbersOf(client, stream), client.deleteStream(stream)];
  for (const one of lost) one.catch(() => {});
  expect(await unanswered(Promise.race(lost))).toBe(true);
  expect(await numbersOf(client, stream)).toEqual(upTo(100));
  await double.fault('silence');
  await double.clear();
  await append(1, 99);
  await watched.untilRevision(100);
  expect(watched.error).toBeUndefined();
  await watched.stop();
});

test('disconnect: every call is cut off; the same client goes on by itself', async () => {
  const watched = await new Watched(client, stream).untilTold('caughtUp');
  await double.disconnect();
  await watched.untilFailed();
  expect(watched.error).toBeInstanceOf(UnavailableError);
  await expect
    .poll(() =>
      append(1, 99).then(
        () => 'done',
        (error: Error) => error.name,
      ),
    )
    .toBe('done');
});

test('disconnect-mid-read: some events come, then the connection is cut', async () => {
  await double.fault('disconnect-mid-read', { times: 1, after: 25 });
  const got: number[] = [];
  const error = await refusalOf(
    (async () => {
      for await (const event of client.readStream(stream)) got.push(revisionOf(event));
    })(),
  );
  expect(error.code).toBe(14);
  expect(got).toEqual(upTo(got.length));
  expect(got.length).toBeLessThanOrEqual(25);
  await expect.poll(() => numbersOf(client, stream).catch(() => [])).toEqual(upTo(100));
});

test('not-ready and busy: said in the words that the server uses, in an answer for appends, as a status for reads', async () => {
  await double.fault('not-ready', { times: 2 });
  const refused = await refusalOf(append(1, 99));
  expect(refused).toBeInstanceOf(UnknownError);
  expect(refused.message).toBe('Could not recognize Server Is Not Ready');
  const read = await refusalOf(numbersOf(client, stream));
  expect(read).toBeInstanceOf(UnavailableError);
  expect(read.message).toContain('Server Is Not Ready');
  await double.fault('busy', { times: 1 });
  await expect.poll(() => append(1, 99).catch((error: Error) => error.message)).toMatch(/Server Is Busy/);
  expect(await numbersOf(client, stream)).toEqual(upTo(100));
  await append(1, 99);
});

test('not-leader: the error names the leader, and the client goes there by itself', async () => {
  const leader = await startDouble();
  await double.fault('not-leader', { times: 1, port: leader.port });
  const error = await refusalOf<NotLeaderError>(append(1, 99));
  expect(error).toBeInstanceOf(NotLeaderError);
  expect(error.leader).toEqual({ address: '127.0.0.1', port: leader.port });
  const there = newStream();
  await expect
    .poll(() =>
      client.appendToStream(there, numbered(1)).then(
        () => 'done',
        (reason: Error) => reason.message,
      ),
    )
    .toBe('done');
  const direct = EventStoreDBClient.connectionString(leader.url);
  expect(await numbersOf(direct, there)).toEqual([0]);
  await direct.dispose();
  await client.dispose();
  await leader.stop();
});

test('too-large: an append is refused whatever its size, and nothing stored', async () => {
  await double.fault('too-large', { times: 1 });
  expect(await refusalOf(append(1, 99))).toBeInstanceOf(MaxAppendSizeExceededError);
  await append(1, 99);
  expect(await numbersOf(client, stream, { fromRevision: 99n })).toEqual([99, 100]);
});

test('too-slow: a live subscriber is ended at its next event', async () => {
  const watched = await new Watched(client, stream).untilTold('caughtUp');
  await double.fault('too-slow', { times: 1 });
  await append(1, 99);
  await watched.untilFailed();
  expect(watched.error).toBeInstanceOf(TimeoutError);
  expect(watched.revisions).toEqual(upTo(100));
});

test('slow: each call waits so long, in its order', async () => {
  await double.fault('slow', { ms: 120 });
  const begun = performance.now();
  const order: string[] = [];
  await Promise.all([append(1, 99).then(() => order.push('first')), append(1, 100).then(() => order.push('second'))]);
  expect(performance.now() - begun).toBeGreaterThanOrEqual(119);
  expect(order).toEqual(['first', 'second']);
  await double.clear();
  expect(await numbersOf(client, stream, { fromRevision: 99n })).toEqual([99, 100, 101]);
});

test('clock: what is appended bears the time that the double believes', async () => {
  await double.fault('clock', { ms: -3_600_000 });
  await append(1, 99);
  await double.clear();
  await append(1, 100);
  const [early, right] = await readAll(client, stream, { fromRevision: 100n });
  expect(Math.abs(early!.event!.created.getTime() + 3_600_000 - Date.now())).toBeLessThan(60_000);
  expect(Math.abs(right!.event!.created.getTime() - Date.now())).toBeLessThan(60_000);
});

describe('frozen', () => {
  test('it answers nothing, and once thawed does what it was asked meanwhile', async () => {
    double.freeze();
    let answered = false;
    const waiting = append(1, 99).then(() => {
      answered = true;
    });
    // Another double, which is asked and answers meanwhile.
    const other = await startDouble();
    const elsewhere = EventStoreDBClient.connectionString(other.url);
    for (const _ of upTo(10)) await numbersOf(elsewhere, stream).catch(() => {});
    expect(answered).toBe(false);
    double.thaw();
    await waiting;
    expect(await numbersOf(client, stream, { fromRevision: 99n })).toEqual([99, 100]);
    await elsewhere.dispose();
    await other.stop();
  });
});

test('faults that are not cleared outlast a restart; those for so many calls do not', async () => {
  const own = await startDouble();
  await own.fault('too-large');
  await own.fault('not-ready', { times: 5 });
  await own.restart();
  const one = EventStoreDBClient.connectionString(own.url);
  expect(await refusalOf(one.appendToStream(stream, numbered(1)))).toBeInstanceOf(MaxAppendSizeExceededError);
  await one.dispose();
  await own.stop();
});
