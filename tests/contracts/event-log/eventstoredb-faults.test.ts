// The EventStoreDB adapter when the server, or the way to it, fails: nothing lost, nothing doubled, no gap in a subscription.
// Against the double, because a real server cannot be told to fail.

import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { NOTHING, type Revision } from '../../../contracts/words.ts';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import {
  AppendTooLarge,
  type EventLog,
  type EventToAppend,
  LogRefused,
  LogUnavailable,
} from '../../../src/event-log/index.ts';
import { type Double, startDouble } from '../../eventstoredb-double/index.ts';
import { all, filled, idsOf, newStream, numbered, Reader, revision, revisionsOf } from './events.ts';

const FIRST = { expectedRevision: NOTHING } as const;
const FOLLOWER = fileURLToPath(new URL('./eventstoredb-follower.ts', import.meta.url));

let double: Double;
let log: EventLog;
const opened: EventLog[] = [];
const doubles: Double[] = [];

async function newDouble(...parameters: Parameters<typeof startDouble>): Promise<Double> {
  const started = await startDouble(...parameters);
  doubles.push(started);
  return started;
}

function open(url: string, timeoutMs = 400): EventLog {
  const made = openEventStoreDbLog({ url, maxAppendBytes: 1_048_576, timeoutMs });
  opened.push(made);
  return made;
}

beforeEach(async () => {
  double = await newDouble();
  log = open(double.url);
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
  await Promise.all(doubles.splice(0).map((one) => one.stop()));
});

/** As a writer must do it: the identical append until its outcome is known. Says how often it was not. */
async function appendSurely(stream: string, events: readonly EventToAppend[], head: number): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      expect((await log.append(stream, events, { expectedRevision: revision(head) })).revision).toBe(
        head + events.length,
      );
      return failures;
    } catch (error) {
      expect(error).toBeInstanceOf(LogUnavailable);
    }
  }
}

const failure = (attempt: Promise<unknown>): Promise<unknown> =>
  attempt.then(
    () => undefined,
    (error) => error,
  );

describe('an append', () => {
  test('whose answer is lost is unknown; the identical one again has the first result, and is stored once', async () => {
    const stream = newStream();
    const events = numbered(5);
    await double.fault('drop-ack', { times: 1 });
    expect(await failure(log.append(stream, events, FIRST))).toMatchObject({
      name: 'LogUnavailable',
      outcome: 'unknown',
    });
    expect((await log.append(stream, events, FIRST)).revision).toBe(4);
    expect(idsOf(await all(log, stream))).toEqual(idsOf(events));
  });

  test('that a silent server never took is unknown, and stored by its repetition', async () => {
    const stream = newStream();
    const events = numbered(5);
    await double.fault('silence');
    expect(await failure(log.append(stream, events, FIRST))).toMatchObject({ outcome: 'unknown' });
    expect(await failure(log.read(stream, { limit: 1 }))).toBeInstanceOf(LogUnavailable);
    await double.clear();
    await appendSurely(stream, events, NOTHING);
    expect(idsOf(await all(log, stream))).toEqual(idsOf(events));
  });

  test('sent to a frozen server is settled when it goes on, by whichever attempt it answers', async () => {
    const stream = await filled(log, 1);
    const events = numbered(5);
    double.freeze();
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await failure(log.append(stream, events, { expectedRevision: revision(0) }))).toMatchObject({
        outcome: 'unknown',
      });
    }
    const last = log.append(stream, events, { expectedRevision: revision(0) });
    double.thaw();
    expect((await last).revision).toBe(5);
    expect(await all(log, stream)).toHaveLength(6);
  });

  test.each(['not-ready', 'busy'] as const)('that a server refuses as %s stored nothing', async (fault) => {
    const stream = newStream();
    const events = numbered(2);
    await double.fault(fault, { times: 1 });
    expect(await failure(log.append(stream, events, FIRST))).toMatchObject({
      name: 'LogUnavailable',
      outcome: 'nothing-stored',
    });
    expect((await log.append(stream, events, FIRST)).revision).toBe(1);
  });

  test('that a server refuses because another is the leader stored nothing; the next goes to the leader', async () => {
    const leader = await newDouble();
    const stream = newStream();
    const events = numbered(2);
    await double.fault('not-leader', { host: '127.0.0.1', port: leader.port });
    expect(await failure(log.append(stream, events, FIRST))).toMatchObject({ outcome: 'nothing-stored' });
    await appendSurely(stream, events, NOTHING);
    expect(idsOf(await all(open(leader.url), stream))).toEqual(idsOf(events));
  });

  test('that the server finds too large says what the server allows', async () => {
    await double.fault('too-large', { times: 1 });
    const error = await failure(log.append(newStream(), numbered(2), FIRST));
    expect(error).toBeInstanceOf(AppendTooLarge);
    expect(error).toMatchObject({ limit: 1_048_576 });
  });

  test('to nobody is certain to have stored nothing, and does when somebody is there', async () => {
    await double.kill();
    const stream = newStream();
    const events = numbered(2);
    expect(await failure(log.append(stream, events, FIRST))).toMatchObject({ outcome: 'nothing-stored' });
    await double.restart();
    await appendSurely(stream, events, NOTHING);
    expect(idsOf(await all(log, stream))).toEqual(idsOf(events));
  });

  test('goes on beside one that is never answered', async () => {
    const [one, other] = [newStream(), newStream()];
    await double.fault('drop-ack', { times: 1 });
    const lost = failure(log.append(one, numbered(1), FIRST));
    expect((await log.append(other, numbered(3), FIRST)).revision).toBe(2);
    expect(await lost).toMatchObject({ outcome: 'unknown' });
  });

  test('fails by itself alone: the failure of one connection is none of another', async () => {
    const other = await newDouble();
    const otherLog = open(other.url, 5_000);
    const stream = newStream();
    await otherLog.append(stream, numbered(1), FIRST);
    await log.append(newStream(), numbered(1), FIRST);
    await other.fault('slow', { ms: 200 });
    const slow = otherLog.append(stream, numbered(1), { expectedRevision: revision(0) });
    await double.disconnect();
    await failure(log.append(newStream(), numbered(1), FIRST));
    expect((await slow).revision).toBe(1);
  });
});

describe('a server that is killed again and again', () => {
  test('under a writer and a reader: nothing acknowledged is lost, nothing doubled, no gap', {
    timeout: 60_000,
  }, async () => {
    const stream = newStream();
    const written: string[] = [];
    const reader = new Reader(log.subscribe(stream, { after: NOTHING }));
    let unknown = 0;
    const writer = (async () => {
      for (let head = -1; head < 1_199; head += 20) {
        const events = numbered(20, head + 1);
        unknown += await appendSurely(stream, events, head);
        written.push(...idsOf(events));
      }
    })();
    for (let kill = 1; kill <= 5; kill++) {
      await reader.untilEvents(kill * 200);
      await double.restart();
    }
    await writer;
    await reader.untilEvents(1_200);
    expect(unknown).toBeGreaterThan(0);
    expect(revisionsOf(reader.events)).toEqual(Array.from({ length: 1_200 }, (_, index) => index));
    expect(idsOf(reader.events)).toEqual(written);
    expect(idsOf(await all(log, stream))).toEqual(written);
    await reader.leave();
  });
});

describe('a read', () => {
  test('that is cut off fails as a whole, and succeeds when asked again', async () => {
    const stream = await filled(log, 500);
    await double.fault('disconnect-mid-read', { times: 1, after: 100 });
    expect(await failure(log.read(stream, { limit: 500 }))).toBeInstanceOf(LogUnavailable);
    expect(await log.read(stream, { limit: 500 })).toHaveLength(500);
  });

  test('of a server that is not ready is a matter of waiting', async () => {
    await double.fault('not-ready', { times: 1 });
    expect(await failure(log.head(newStream()))).toBeInstanceOf(LogUnavailable);
    expect(await log.head(newStream())).toBe(NOTHING);
  });

  test('leaves no call behind: after 300 subscriptions left early everything else goes on', async () => {
    const stream = await filled(log, 2_000);
    for (let time = 0; time < 300; time++) {
      for await (const _ of log.subscribe(stream, { after: NOTHING, batch: 5 })) break;
    }
    expect(await log.read(stream, { limit: 2_000 })).toHaveLength(2_000);
    expect((await log.append(stream, numbered(1), { expectedRevision: revision(1_999) })).revision).toBe(2_000);
  });
});

describe('a subscription', () => {
  function following(stream: string, after: Revision = NOTHING) {
    const told: (Error | undefined)[] = [];
    const listeners = new Set<() => void>();
    const onInterrupted = (error: Error | undefined): void => {
      told.push(error);
      for (const listener of listeners) listener();
    };
    const reader = new Reader(log.subscribe(stream, { after, onInterrupted }), after);
    /** Resolves when it was told so; the subscription is being read meanwhile. */
    const untilTold = (what: (error: Error | undefined) => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (told.some(what)) resolve();
        };
        listeners.add(look);
        look();
      });
    return { reader, told, untilTold };
  }

  test('waits for a server that is away, tells so, and goes on when it is there', async () => {
    const stream = await filled(log, 10);
    const { reader, told, untilTold } = following(stream, revision(3));
    await double.kill();
    const caughtUp = reader.untilCaughtUp();
    await untilTold((error) => error instanceof LogUnavailable);
    await double.restart();
    expect(await caughtUp).toBe(9);
    expect(revisionsOf(reader.events)).toEqual([4, 5, 6, 7, 8, 9]);
    expect(told.at(-1)).toBeUndefined();
    await reader.leave();
  });

  test('goes on without a gap when the connection is cut in the middle of it', async () => {
    const stream = await filled(log, 3_000);
    await double.fault('disconnect-mid-read', { times: 5, after: 150 });
    const { reader, told } = following(stream);
    expect(await reader.untilCaughtUp()).toBe(2_999);
    expect(revisionsOf(reader.events)).toEqual(Array.from({ length: 3_000 }, (_, index) => index));
    expect(told.filter((error) => error !== undefined)).not.toHaveLength(0);
    expect(told.at(-1)).toBeUndefined();
    await reader.leave();
  });

  test('says after an interruption that it has caught up, also when nothing came meanwhile', async () => {
    const stream = await filled(log, 10);
    const { reader, told } = following(stream);
    expect(await reader.untilCaughtUp()).toBe(9);
    await double.disconnect();
    expect(await reader.untilCaughtUp()).toBe(9);
    expect(told).toEqual([expect.any(LogUnavailable), undefined]);
    expect(revisionsOf(reader.events)).toHaveLength(10);
    await reader.leave();
  });

  test('that the server drops for lagging goes on, and nobody is told of a failure', async () => {
    const stream = await filled(log, 1);
    const { reader, told } = following(stream);
    await reader.untilCaughtUp();
    for (let head = 0; head < 6_000; head += 500) {
      await log.append(stream, numbered(500, head + 1), { expectedRevision: revision(head) });
    }
    await reader.untilEvents(6_001);
    expect(revisionsOf(reader.events)).toEqual(Array.from({ length: 6_001 }, (_, index) => index));
    expect(told).toEqual([]);
    await reader.leave();
  });

  test('does not follow a server that came back without the end of the log', async () => {
    const stream = await filled(log, 100);
    const { reader } = following(stream);
    await reader.untilCaughtUp();
    const next = failure(reader.next());
    expect(await double.loseTail(stream, 10)).toBe(89);
    const error = await next;
    expect(error).toBeInstanceOf(LogRefused);
    expect((error as Error).message).toContain('99');
  });

  test('does not follow one on which others have written since it lost the end', async () => {
    const stream = await filled(log, 100);
    const { reader } = following(stream);
    await reader.untilCaughtUp();
    expect(await double.loseTail(stream, 10)).toBe(89);
    await appendSurely(stream, numbered(20, 90), 89);
    const error = await failure(reader.next());
    expect(error).toBeInstanceOf(LogRefused);
    expect((error as Error).message).toContain('revision 99');
  });

  test('refuses a place that the stream has not reached: this is another log, or it lost its end', async () => {
    const stream = await filled(log, 5);
    await expect(following(stream, revision(7)).reader.next()).rejects.toThrow(LogRefused);
  });
});

describe('a thread that follows', () => {
  test('ends by itself when its log is closed, also while the server is away', async () => {
    for (const away of [false, true]) {
      const worker = new Worker(FOLLOWER, { workerData: { url: double.url, stream: newStream() } });
      const exit = once(worker, 'exit');
      const said = async (word: string): Promise<void> => {
        for await (const [message] of on(worker, 'message')) if (message === word) return;
      };
      await said('caught-up');
      if (away) {
        const interrupted = said('interrupted');
        await double.kill();
        await interrupted;
      }
      worker.postMessage('close');
      expect(await exit).toEqual([0]);
    }
  });
});
