// What an EventStoreDB does, as far as the program depends on it. The double must do it; a real server, named by
// TEST_EVENTSTOREDB_URL, is held against the same sentences. Where the two differ, the double is wrong.

import { randomBytes } from 'node:crypto';
import {
  type AppendResult,
  binaryEvent,
  EventStoreDBClient,
  jsonEvent,
  MaxAppendSizeExceededError,
  StreamDeletedError,
  StreamNotFoundError,
  TimeoutError,
  WrongExpectedVersionError,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EventStoreForTests, eventStoreForTests } from '../../eventstoredb-double/server-for-tests.ts';
import { newStream, numbered, numbersOf, readAll, refusalOf, revisionOf, upTo, Watched } from './client.ts';

const LIMIT = 1_048_576;

let server: EventStoreForTests;
let client: EventStoreDBClient;
beforeAll(async () => {
  server = await eventStoreForTests();
  client = EventStoreDBClient.connectionString(server.url);
});
afterAll(async () => {
  await client.dispose();
  await server.close();
});

const append = (
  stream: string,
  events: Parameters<EventStoreDBClient['appendToStream']>[1],
  expected: bigint | 'no_stream' | 'any' | 'stream_exists',
): Promise<AppendResult> => client.appendToStream(stream, events, { expectedRevision: expected });

const wrong = (promise: Promise<unknown>): Promise<WrongExpectedVersionError> =>
  refusalOf<WrongExpectedVersionError>(promise);

describe('an append', () => {
  test('numbers events from 0 and answers with the last number and a place in the whole log', async () => {
    const stream = newStream();
    const first = await append(stream, numbered(3), 'no_stream');
    const second = await append(stream, numbered(2, 3), 2n);
    expect([first.success, first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([true, 2n, 4n]);
    expect(second.position!.commit).toBeGreaterThan(first.position!.commit);
    expect((await readAll(client, stream)).map(revisionOf)).toEqual([0, 1, 2, 3, 4]);
  });

  test('made again succeeds for ever with its first answer, and stores nothing', async () => {
    const stream = newStream();
    const events = numbered(3);
    const first = await append(stream, events, 'no_stream');
    expect(await append(stream, events, 'no_stream')).toEqual(first);
    await append(stream, numbered(2, 3), 2n);
    expect(await append(stream, events, 'no_stream')).toEqual(first);
    expect(await numbersOf(client, stream)).toEqual([0, 1, 2, 3, 4]);
  });

  test('is known by its ids at the expected revision alone: other contents succeed and change nothing', async () => {
    const stream = newStream();
    const events = numbered(2);
    await append(stream, events, 'no_stream');
    const others = numbered(2, 100).map((event, index) => ({ ...event, id: events[index]!.id }));
    expect((await append(stream, others, 'no_stream')).nextExpectedRevision).toBe(1n);
    expect(await numbersOf(client, stream)).toEqual([0, 1]);
  });

  test('that is the beginning of an earlier one succeeds with its own last number; a longer or a half-known one does not', async () => {
    const stream = newStream();
    const events = numbered(3);
    await append(stream, events, 'no_stream');
    expect((await append(stream, events.slice(0, 2), 'no_stream')).nextExpectedRevision).toBe(1n);
    expect((await append(stream, events.slice(1), 0n)).nextExpectedRevision).toBe(2n);
    for (const list of [[...events, ...numbered(1)], [events[0]!, ...numbered(1)], numbered(1)]) {
      const error = await wrong(append(stream, list, 'no_stream'));
      expect(error).toBeInstanceOf(WrongExpectedVersionError);
      expect(error.actualVersion).toBe(2n);
    }
    expect(await numbersOf(client, stream)).toEqual([0, 1, 2]);
  });

  test('with ids that the stream has, at its head, is stored again; so is an id twice in one append', async () => {
    const stream = newStream();
    const events = numbered(2);
    await append(stream, events, 'no_stream');
    expect((await append(stream, events, 1n)).nextExpectedRevision).toBe(3n);
    expect((await append(stream, [events[0]!, events[0]!], 3n)).nextExpectedRevision).toBe(5n);
    expect(await numbersOf(client, stream)).toEqual([0, 1, 0, 1, 0, 0]);
    expect((await append(stream, events, 1n)).nextExpectedRevision).toBe(3n);
    // Without a revision to look at, an id stands for the first event that had it.
    expect((await append(stream, events, 'any')).nextExpectedRevision).toBe(1n);
  });

  test('at another revision than the head says where the head is', async () => {
    const stream = newStream();
    const missing = await wrong(append(stream, numbered(1), 0n));
    expect([missing.expectedVersion, missing.actualVersion, missing.streamName]).toEqual([0n, 'no_stream', stream]);
    await append(stream, numbered(3), 'no_stream');
    for (const expected of [0n, 1n, 3n, 100n, 'no_stream'] as const) {
      const error = await wrong(append(stream, numbered(1), expected));
      expect([error.type, error.expectedVersion, error.actualVersion]).toEqual([
        'wrong-expected-version',
        expected,
        2n,
      ]);
    }
  });

  test('wins alone of fifty made at once at one revision', async () => {
    const stream = newStream();
    const outcomes = await Promise.allSettled(upTo(50).map(() => append(stream, numbered(2), 'no_stream')));
    const lost = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(lost).toHaveLength(49);
    for (const { reason } of lost) expect((reason as WrongExpectedVersionError).actualVersion).toBe(1n);
    expect(await readAll(client, stream)).toHaveLength(2);
  });

  test('to any revision is known by ids that were stored lately, at their first place', async () => {
    const stream = newStream();
    const events = numbered(2);
    expect((await append(stream, events, 'any')).nextExpectedRevision).toBe(1n);
    expect((await append(stream, events, 'any')).nextExpectedRevision).toBe(1n);
    expect((await append(stream, events.slice(0, 1), 'any')).nextExpectedRevision).toBe(0n);
    expect((await append(stream, [...numbered(1), events[0]!], 'any')).nextExpectedRevision).toBe(3n);
    await wrong(append(stream, [...events, ...numbered(1)], 'any'));
    expect((await append(stream, events, 'stream_exists')).nextExpectedRevision).toBe(1n);
    expect((await append(newStream(), events, 'any')).nextExpectedRevision).toBe(1n);
  });

  test('to a stream that must exist is refused when it does not', async () => {
    const stream = newStream();
    expect((await wrong(append(stream, numbered(1), 'stream_exists'))).actualVersion).toBe('no_stream');
    await append(stream, numbered(1), 'no_stream');
    expect((await append(stream, numbered(1), 'stream_exists')).nextExpectedRevision).toBe(1n);
  });

  test('of nothing succeeds at the head and changes nothing', async () => {
    const stream = newStream();
    await append(stream, [], 'no_stream');
    expect(await refusalOf(readAll(client, stream))).toBeInstanceOf(StreamNotFoundError);
    await append(stream, numbered(2), 'no_stream');
    expect((await append(stream, [], 1n)).nextExpectedRevision).toBe(1n);
    expect((await wrong(append(stream, [], 0n))).actualVersion).toBe(1n);
  });

  test('may hold 1,048,576 bytes of data, metadata not counted; one more is refused, and the connection goes on', async () => {
    const stream = newStream();
    const bytes = (data: number, metadata = 2) =>
      binaryEvent({ type: 'tested-bytes.v1', data: Buffer.alloc(data, 1), metadata: new Uint8Array(metadata).fill(1) });
    await append(stream, [bytes(LIMIT - 10), bytes(10, 100_000)], 'no_stream');
    for (const events of [[bytes(LIMIT + 1)], [bytes(LIMIT), bytes(1)]]) {
      const error = await refusalOf<MaxAppendSizeExceededError>(append(stream, events, 1n));
      expect(error).toBeInstanceOf(MaxAppendSizeExceededError);
      expect(error.maxAppendSize).toBe(LIMIT);
    }
    expect((await append(stream, [bytes(1)], 1n)).nextExpectedRevision).toBe(2n);
  });

  test('sent in several frames is one append', async () => {
    const stream = newStream();
    const events = numbered(200, 0, 100);
    const options = { expectedRevision: 'no_stream', batchAppendSize: 2_000 } as const;
    expect((await client.appendToStream(stream, events, options)).nextExpectedRevision).toBe(199n);
    expect((await client.appendToStream(stream, events, options)).nextExpectedRevision).toBe(199n);
    expect(await numbersOf(client, stream)).toEqual(upTo(200));
  });

  test('of its own call, as a client makes it with credentials for one call, is the same', async () => {
    const stream = newStream();
    const credentials = { username: 'admin', password: 'changeit' };
    const events = numbered(3);
    const options = { expectedRevision: 'no_stream', credentials } as const;
    const first = await client.appendToStream(stream, events, options);
    expect(first.nextExpectedRevision).toBe(2n);
    expect(await client.appendToStream(stream, events, options)).toEqual(first);
    const error = await wrong(client.appendToStream(stream, numbered(1), options));
    expect([error.expectedVersion, error.actualVersion]).toEqual(['no_stream', 2n]);
    const large = [binaryEvent({ type: 'tested-bytes.v1', data: Buffer.alloc(LIMIT + 1) })];
    const tooLarge = await refusalOf<MaxAppendSizeExceededError>(
      client.appendToStream(stream, large, { expectedRevision: 2n, credentials }),
    );
    expect([tooLarge.type, tooLarge.maxAppendSize]).toEqual(['maximum-append-size-exceeded', LIMIT]);
    expect(await numbersOf(client, stream)).toEqual([0, 1, 2]);
  });
});

describe('a read', () => {
  let stream: string;
  beforeAll(async () => {
    stream = newStream();
    await append(stream, numbered(100), 'no_stream');
  });

  test('gives back what was appended', async () => {
    const mixed = newStream();
    const id = '0b1e9f0a-7c3d-4a52-9f5e-0d1c2b3a4958';
    const data = randomBytes(300);
    const json = jsonEvent({ type: 'tested.v1', id, data: { text: 'प्रमाण', list: [1, 2.5] }, metadata: { who: 'me' } });
    const before = Date.now();
    const { position } = await append(mixed, [json, binaryEvent({ type: 'tested-bytes.v1', data })], 'no_stream');
    const [first, second] = await readAll(client, mixed);
    expect(first!.event).toMatchObject({ id, streamId: mixed, type: 'tested.v1', isJson: true, revision: 0n });
    expect(first!.event).toMatchObject({ data: json.data, metadata: json.metadata });
    // The server's clock may be another machine's; a minute is far less than a wrong unit would make.
    expect(Math.abs(first!.event!.created.getTime() - before)).toBeLessThan(60_000);
    expect(second!.event!.isJson).toBe(false);
    expect(Buffer.from(second!.event!.data as Uint8Array)).toEqual(data);
    expect(second!.event!.position).toEqual(position);
    expect(second!.commitPosition).toBe(position!.commit);
  });

  test('begins where it is told, that event included, and ends after so many or at the end', async () => {
    expect(await numbersOf(client, stream)).toEqual(upTo(100));
    expect(await numbersOf(client, stream, { fromRevision: 97n })).toEqual([97, 98, 99]);
    expect(await numbersOf(client, stream, { fromRevision: 10n, maxCount: 70 })).toEqual(upTo(80, 10));
    expect(await numbersOf(client, stream, { fromRevision: 100n })).toEqual([]);
    expect(await numbersOf(client, stream, { fromRevision: 1_000n })).toEqual([]);
  });

  test('goes backwards from the end or from where it is told', async () => {
    const backwards = (fromRevision: 'start' | 'end' | bigint, maxCount: number) =>
      numbersOf(client, stream, { direction: 'backwards', fromRevision, maxCount });
    expect(await backwards('end', 1)).toEqual([99]);
    expect(await backwards('end', 1_000)).toEqual(upTo(100).reverse());
    expect(await backwards(2n, 10)).toEqual([2, 1, 0]);
    expect(await backwards('start', 10)).toEqual([0]);
    expect(await backwards(150n, 2)).toEqual([99, 98]);
  });

  test('of a stream that does not exist fails and says so', async () => {
    const missing = newStream();
    for (const options of [{}, { direction: 'backwards', fromRevision: 'end' }] as const) {
      const error = await refusalOf<StreamNotFoundError>(readAll(client, missing, options));
      expect(error).toBeInstanceOf(StreamNotFoundError);
      expect(error.streamName).toBe(missing);
    }
  });
});

describe('the metadata of a stream', () => {
  test('is kept in a stream of its own, of which the last event counts', async () => {
    const stream = newStream();
    expect((await client.getStreamMetadata(stream)).metadata).toBeUndefined();
    await client.setStreamMetadata(stream, { maxCount: 7 }, { expectedRevision: 'no_stream' });
    await wrong(client.setStreamMetadata(stream, { maxCount: 7 }, { expectedRevision: 'no_stream' }));
    await client.setStreamMetadata(stream, { maxCount: 8, owner: 'us' }, { expectedRevision: 0n });
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 8, owner: 'us' });
    expect((await readAll(client, `$$${stream}`)).map(revisionOf)).toEqual([1]);
    expect(await refusalOf(readAll(client, stream))).toBeInstanceOf(StreamNotFoundError);
  });

  test('$maxCount leaves the last events; what it hides still makes a repetition succeed', async () => {
    const stream = newStream();
    await client.setStreamMetadata(stream, { maxCount: 2 });
    const events = numbered(5);
    await append(stream, events, 'no_stream');
    expect(await numbersOf(client, stream)).toEqual([3, 4]);
    expect(await numbersOf(client, stream, { fromRevision: 1n, maxCount: 1 })).toEqual([3]);
    expect(await numbersOf(client, stream, { direction: 'backwards', fromRevision: 'end' })).toEqual([4, 3]);
    expect(await numbersOf(client, stream, { direction: 'backwards', fromRevision: 2n })).toEqual([]);
    await append(stream, numbered(3, 5), 4n);
    expect((await append(stream, events, 'no_stream')).nextExpectedRevision).toBe(4n);
    expect((await append(stream, events.slice(0, 1), 'no_stream')).position).toBeUndefined();
    expect(await numbersOf(client, stream)).toEqual([6, 7]);
  });

  test('$tb cuts off the beginning, also all of it; the numbers go on', async () => {
    const stream = newStream();
    await append(stream, numbered(5), 'no_stream');
    await client.setStreamMetadata(stream, { truncateBefore: 3 });
    expect(await numbersOf(client, stream)).toEqual([3, 4]);
    await client.setStreamMetadata(stream, { truncateBefore: 5 });
    expect(await numbersOf(client, stream)).toEqual([]);
    await append(stream, numbered(1, 5), 4n);
    expect(await numbersOf(client, stream)).toEqual([5]);
  });

  test('$maxAge hides what is older', async () => {
    const stream = newStream();
    await client.setStreamMetadata(stream, { maxAge: 1 });
    await append(stream, numbered(3), 'no_stream');
    await expect.poll(() => numbersOf(client, stream), { timeout: 5_000 }).toEqual([]);
    await append(stream, numbered(1, 3), 2n);
    expect(await numbersOf(client, stream)).toEqual([3]);
  });
});

describe('a deleted stream', () => {
  test('is gone until it is written again; its numbers go on, and metadata say where it begins', async () => {
    const stream = newStream();
    const events = numbered(2);
    await append(stream, events, 'no_stream');
    await wrong(client.deleteStream(stream, { expectedRevision: 7n }));
    await client.deleteStream(stream, { expectedRevision: 1n });
    expect(await refusalOf(readAll(client, stream))).toBeInstanceOf(StreamNotFoundError);
    expect(await refusalOf(append(stream, numbered(1), 'stream_exists'))).toBeInstanceOf(StreamDeletedError);
    expect((await append(stream, events, 'no_stream')).nextExpectedRevision).toBe(1n);
    expect((await append(stream, numbered(1, 2), 'no_stream')).nextExpectedRevision).toBe(2n);
    expect(await numbersOf(client, stream)).toEqual([2]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ truncateBefore: 2 });
  });

  test('can be written again at its head, and keeps its metadata but for the beginning', async () => {
    const stream = newStream();
    await append(stream, numbered(3), 'no_stream');
    await client.deleteStream(stream);
    await client.setStreamMetadata(stream, { maxCount: 5 });
    expect(await numbersOf(client, stream)).toEqual([]);
    await append(stream, numbered(1, 3), 2n);
    expect(await numbersOf(client, stream)).toEqual([3]);
    expect((await client.getStreamMetadata(stream)).metadata).toEqual({ maxCount: 5, truncateBefore: 3 });
  });

  test('that never was is refused', async () => {
    expect((await wrong(client.deleteStream(newStream()))).type).toBe('wrong-expected-version');
  });

  test('for good refuses everything, its metadata too', async () => {
    const stream = newStream();
    const events = numbered(2);
    await append(stream, events, 'no_stream');
    await client.tombstoneStream(stream, { expectedRevision: 1n });
    for (const attempt of [
      () => readAll(client, stream),
      () => readAll(client, stream, { direction: 'backwards', fromRevision: 'end' }),
      () => append(stream, events, 'no_stream'),
      () => append(stream, numbered(1), 'any'),
      () => client.deleteStream(stream),
      () => client.tombstoneStream(stream),
      () => client.setStreamMetadata(stream, { maxCount: 1 }),
    ]) {
      const error = await refusalOf<StreamDeletedError>(attempt());
      expect(error).toBeInstanceOf(StreamDeletedError);
    }
    const watched = await new Watched(client, stream).untilFailed();
    expect(watched.error).toBeInstanceOf(StreamDeletedError);
  });
});

describe('a subscription', () => {
  test('is confirmed, catches up, says so once, and goes on live', async () => {
    const stream = newStream();
    await append(stream, numbered(100), 'no_stream');
    const watched = new Watched(client, stream);
    await watched.untilTold('caughtUp');
    await watched.untilRevision(99);
    await append(stream, numbered(3, 100), 99n);
    await watched.untilRevision(102);
    expect(watched.told[0]).toBe('confirmation');
    expect(watched.told.filter((one) => one === 'caughtUp')).toHaveLength(1);
    expect(watched.revisions).toEqual(upTo(103));
    await watched.stop();
  });

  test('begins after the revision it is told, or after the end', async () => {
    const stream = newStream();
    await append(stream, numbered(5), 'no_stream');
    const after = new Watched(client, stream, { fromRevision: 2n });
    const ahead = new Watched(client, stream, { fromRevision: 6n });
    const atEnd = new Watched(client, stream, { fromRevision: 'end' });
    for (const watched of [after, ahead, atEnd]) await watched.untilTold('caughtUp');
    await append(stream, numbered(3, 5), 4n);
    for (const watched of [after, ahead, atEnd]) await watched.untilRevision(7);
    expect(after.revisions).toEqual([3, 4, 5, 6, 7]);
    expect(ahead.revisions).toEqual([7]);
    expect(atEnd.revisions).toEqual([5, 6, 7]);
    for (const watched of [after, ahead, atEnd]) await watched.stop();
  });

  test('to a stream that does not exist waits, and has not caught up before there is one', async () => {
    const stream = newStream();
    const watched = await new Watched(client, stream).untilTold('confirmation');
    await append(stream, numbered(3), 'no_stream');
    await watched.untilRevision(2);
    await watched.untilTold('caughtUp');
    expect(watched.told.indexOf('caughtUp')).toBeGreaterThan(0);
    expect(watched.revisions).toEqual([0, 1, 2]);
    await watched.stop();
  });

  test('of a stream with $maxCount gets the last event, then each as it comes', async () => {
    const stream = newStream();
    await client.setStreamMetadata(stream, { maxCount: 1 });
    await append(stream, numbered(3), 'no_stream');
    const watched = await new Watched(client, stream).untilTold('caughtUp');
    await append(stream, numbered(3, 3), 2n);
    await watched.untilRevision(5);
    expect(watched.revisions).toEqual([2, 3, 4, 5]);
    await watched.stop();
  });

  test('ends when its stream is deleted for good, and goes on when it is written again after a soft deletion', async () => {
    const stream = newStream();
    await append(stream, numbered(2), 'no_stream');
    const watched = await new Watched(client, stream).untilTold('caughtUp');
    await client.deleteStream(stream);
    await append(stream, numbered(1, 2), 'no_stream');
    await watched.untilRevision(2);
    await client.tombstoneStream(stream);
    await watched.untilFailed();
    expect(watched.error).toBeInstanceOf(StreamDeletedError);
    expect(watched.revisions.slice(0, 3)).toEqual([0, 1, 2]);
  });

  test('that lags is ended by the server; begun again after its last event it misses nothing', async () => {
    const stream = newStream();
    await append(stream, numbered(1, 0, 850), 'no_stream');
    let handled = -1;
    const follow = () => new Watched(client, stream, handled < 0 ? {} : { fromRevision: BigInt(handled) });
    let watched = await follow().untilTold('caughtUp');
    await watched.untilRevision(0);
    // More in one append than the server keeps for a live subscriber. On a busy machine a real one may get it out in time.
    let head = 0;
    for (; watched.error === undefined && head < 18_000; head += 900) {
      await append(stream, numbered(900, head + 1, 850), BigInt(head));
      await watched.until(({ told, error }) => told.includes(head + 900) || error !== undefined);
    }
    await watched.untilFailed();
    expect(watched.error).toBeInstanceOf(TimeoutError);
    expect(watched.error!.code).toBe(10);
    expect(watched.error!.message).toContain('Consumer too slow to handle event while live');
    const all = [...watched.revisions];
    while (all.at(-1)! < head) {
      handled = all.at(-1)!;
      watched = await follow().until(({ told, error }) => told.includes(head) || error !== undefined);
      all.push(...watched.revisions);
    }
    expect(all).toEqual(upTo(head + 1));
    await watched.stop();
  });

  test('keeps up with appends that are not too large for it', async () => {
    const stream = newStream();
    await append(stream, numbered(1), 'no_stream');
    const watched = await new Watched(client, stream).untilTold('caughtUp');
    for (let head = 0; head < 200; head += 20) {
      await append(stream, numbered(20, head + 1, 850), BigInt(head));
      await watched.untilRevision(head + 20);
    }
    expect(watched.revisions).toEqual(upTo(201));
    expect(watched.error).toBeUndefined();
    await watched.stop();
  });
});

test('a connection carries a hundred calls; the next one waits until one of them ends', async () => {
  const stream = newStream();
  await append(stream, numbered(1), 'no_stream');
  // Clients of one process share a connection as long as their settings are the same.
  const crowded = EventStoreDBClient.connectionString(`${server.url}&keepAliveInterval=20000`);
  const watched = upTo(100).map(() => new Watched(crowded, stream));
  for (const one of watched) await one.untilTold('caughtUp');
  let answered = false;
  const waiting = numbersOf(crowded, stream).then((numbers) => {
    answered = true;
    return numbers;
  });
  // Far longer than a read takes: twenty of them, one after the other, over another connection.
  for (const _ of upTo(20)) await numbersOf(client, stream);
  expect(answered).toBe(false);
  await watched[0]!.stop();
  expect(await waiting).toEqual([0]);
  for (const one of watched.slice(1)) await one.stop();
  await crowded.dispose();
});

test('a client that is given several addresses asks who leads, and goes there', async () => {
  const stream = newStream();
  const several = EventStoreDBClient.connectionString(server.url.replace(/^esdb:\/\/([^/?]+)/, 'esdb://$1,$1'));
  await several.appendToStream(stream, numbered(2), { expectedRevision: 'no_stream' });
  expect(await numbersOf(several, stream)).toEqual([0, 1]);
  await several.dispose();
});
