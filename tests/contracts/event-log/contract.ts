// What every event log promises, as one suite. An adapter joins it with one line: eventLogContract(name, open).

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EventId, NOTHING, type Revision } from '../../../contracts/words.ts';
import {
  AppendTooLarge,
  type EventLog,
  type EventToAppend,
  WrongExpectedRevision,
} from '../../../src/event-log/index.ts';
import {
  all,
  binaryEvent,
  filled,
  idsOf,
  jsonEvent,
  newStream,
  numbered,
  Reader,
  revision,
  revisionsOf,
} from './events.ts';

export interface LogUnderTest {
  readonly log: EventLog;
  /** Closes `log`, or restarts what is behind it, and opens it again on the same events. */
  reopen(): Promise<EventLog>;
  /** Another handle on the same log, as another process would have; closed by whoever asked for it. */
  second(): Promise<EventLog>;
  close(): Promise<void>;
}

const FIRST = { expectedRevision: NOTHING } as const;
const KEPT_LAST = { keepLast: true } as const;

export function eventLogContract(name: string, open: () => Promise<LogUnderTest>): void {
  describe(`${name} keeps the promises of an event log`, { timeout: 60_000 }, () => {
    let under: LogUnderTest;
    let log: EventLog;
    beforeAll(async () => {
      under = await open();
      log = under.log;
    });
    afterAll(() => under.close());

    describe('append', () => {
      test('numbers the events of a stream from 0, without gaps, over all appends', async () => {
        const stream = newStream();
        const events = numbered(7);
        const first = await log.append(stream, events.slice(0, 3), FIRST);
        const second = await log.append(stream, events.slice(3, 4), { expectedRevision: revision(2) });
        const third = await log.append(stream, events.slice(4), { expectedRevision: 'any' });
        expect([first.revision, second.revision, third.revision]).toEqual([2, 3, 6]);
        const stored = await all(log, stream);
        expect(revisionsOf(stored)).toEqual([0, 1, 2, 3, 4, 5, 6]);
        expect(idsOf(stored)).toEqual(idsOf(events));
      });

      test('keeps the streams apart', async () => {
        const [one, other] = [newStream(), newStream()];
        const events = numbered(4);
        await log.append(one, [events[0]!], FIRST);
        await log.append(other, [events[1]!], FIRST);
        await log.append(one, [events[2]!], { expectedRevision: revision(0) });
        await log.append(other, [events[3]!], { expectedRevision: revision(0) });
        expect(idsOf(await all(log, one))).toEqual([events[0]!.id, events[2]!.id]);
        expect(idsOf(await all(log, other))).toEqual([events[1]!.id, events[3]!.id]);
        expect((await all(log, other)).map(({ stream }) => stream)).toEqual([other, other]);
      });

      test('every event says when the log took it', async () => {
        const stream = newStream();
        const before = Date.now();
        await log.append(stream, numbered(2), FIRST);
        const last = await log.readLast(stream);
        // The log's clock may be another machine's; a minute is far less than a wrong unit would make.
        expect(Math.abs(last!.created / 1000 - before)).toBeLessThan(60_000);
        expect((await all(log, stream)).at(-1)!.created).toBe(last!.created);
      });

      test('refuses an empty list', async () => {
        const stream = newStream();
        await expect(log.append(stream, [], FIRST)).rejects.toThrow(RangeError);
        expect(await log.head(stream)).toBe(NOTHING);
      });

      test('refuses a revision that is not the head, says where the head is, and stores nothing', async () => {
        const stream = await filled(log, 3);
        for (const wrong of [NOTHING, revision(0), revision(1), revision(3), revision(100)]) {
          const error = await log.append(stream, numbered(2), { expectedRevision: wrong }).catch((reason) => reason);
          expect(error).toBeInstanceOf(WrongExpectedRevision);
          expect(error).toMatchObject({ stream, expected: wrong, actual: 2 });
        }
        expect(await all(log, stream)).toHaveLength(3);
      });

      test('refuses a revision in a stream that does not exist', async () => {
        const stream = newStream();
        const error = await log
          .append(stream, numbered(1), { expectedRevision: revision(0) })
          .catch((reason) => reason);
        expect(error).toBeInstanceOf(WrongExpectedRevision);
        expect(error).toMatchObject({ expected: 0, actual: NOTHING });
        expect(await log.head(stream)).toBe(NOTHING);
      });

      test('lets exactly one of 50 parallel appends at one revision win', async () => {
        const stream = await filled(log, 2);
        const rivals = Array.from({ length: 50 }, () => numbered(3));
        const outcomes = await Promise.allSettled(
          rivals.map((events) => log.append(stream, events, { expectedRevision: revision(1) })),
        );
        const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
        expect(winners).toHaveLength(1);
        for (const outcome of outcomes) {
          if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(WrongExpectedRevision);
        }
        const stored = await all(log, stream);
        expect(idsOf(stored.slice(2))).toEqual(idsOf(rivals[winners[0]!]!));
      });

      test('lets all of 50 parallel appends win where no revision is expected, each of them whole', async () => {
        const stream = newStream();
        const groups = Array.from({ length: 50 }, () => numbered(3));
        const answers = await Promise.all(
          groups.map((events) => log.append(stream, events, { expectedRevision: 'any' })),
        );
        const stored = await all(log, stream);
        expect(revisionsOf(stored)).toEqual(Array.from({ length: 150 }, (_, index) => index));
        for (const [index, { revision: last }] of answers.entries()) {
          expect(idsOf(stored.slice(last - 2, last + 1))).toEqual(idsOf(groups[index]!));
        }
      });

      test('stores nothing of an append above the limit, names the limit, and goes on', async () => {
        const stream = newStream();
        const { appendBytes, eventBytes } = log.limits;
        const whole = { ...binaryEvent(Buffer.alloc(eventBytes - 2)), metadata: Buffer.from('{}') };
        const tooMany = Array.from({ length: Math.floor(appendBytes / eventBytes) + 1 }, () => ({
          ...whole,
          id: binaryEvent(Buffer.alloc(0)).id,
        }));
        const error = await log.append(stream, tooMany, FIRST).catch((reason) => reason);
        expect(error).toBeInstanceOf(AppendTooLarge);
        expect(error).toMatchObject({ size: tooMany.length * eventBytes, limit: appendBytes });
        expect(await log.head(stream)).toBe(NOTHING);
        expect((await log.append(stream, [whole], FIRST)).revision).toBe(0);
      });

      test('takes an event of exactly the limit and refuses one a byte larger', async () => {
        const stream = newStream();
        const data = randomBytes(log.limits.eventBytes - 2);
        await log.append(stream, [binaryEvent(data)], FIRST);
        expect(Buffer.compare((await log.readLast(stream))!.data, data)).toBe(0);
        const larger = [jsonEvent(1), binaryEvent(randomBytes(log.limits.eventBytes - 1)), jsonEvent(2)];
        await expect(log.append(stream, larger, { expectedRevision: revision(0) })).rejects.toThrow(AppendTooLarge);
        expect(await log.head(stream)).toBe(0);
      });

      test('leaves room for an event of 1,000,000 bytes, so that every log can be copied to every other', () => {
        expect(log.limits.eventBytes).toBeGreaterThanOrEqual(1_000_000);
        expect(log.limits.eventBytes).toBeLessThan(1_048_576);
        expect(log.limits.appendBytes).toBeGreaterThanOrEqual(log.limits.eventBytes);
      });
    });

    describe('the same append again', () => {
      test('succeeds with the first result and stores nothing', async () => {
        const stream = await filled(log, 2);
        const events = numbered(5);
        const first = await log.append(stream, events, { expectedRevision: revision(1) });
        expect(await log.append(stream, events, { expectedRevision: revision(1) })).toEqual(first);
        expect(await all(log, stream)).toHaveLength(7);
      });

      test('succeeds when it created the stream, and when both are on their way at once', async () => {
        const stream = newStream();
        const events = numbered(3);
        const [one, other] = await Promise.all([log.append(stream, events, FIRST), log.append(stream, events, FIRST)]);
        expect(other).toEqual(one);
        expect(idsOf(await all(log, stream))).toEqual(idsOf(events));
      });

      test('succeeds after later events, from another handle, and after a restart', async () => {
        const stream = newStream();
        const events = numbered(3);
        const first = await log.append(stream, events, FIRST);
        await log.append(stream, numbered(4), { expectedRevision: first.revision });
        expect(await log.append(stream, events, FIRST)).toEqual(first);
        const other = await under.second();
        expect(await other.append(stream, events, FIRST)).toEqual(first);
        await other.close();
        log = await under.reopen();
        expect(await log.append(stream, events, FIRST)).toEqual(first);
        expect(await all(log, stream)).toHaveLength(7);
      });

      test('is judged by ids alone: other contents under the same ids store nothing', async () => {
        const stream = newStream();
        const events = numbered(2);
        await log.append(stream, events, FIRST);
        const others = events.map((event) => ({ ...event, data: Buffer.from('{"other":true}') }));
        expect((await log.append(stream, others, FIRST)).revision).toBe(1);
        expect((await all(log, stream)).map(({ data }) => Buffer.from(data).toString())).toEqual([
          '{"number":0}',
          '{"number":1}',
        ]);
      });

      test('may be its beginning only: that one was stored too', async () => {
        const stream = newStream();
        const events = numbered(4);
        await log.append(stream, events, FIRST);
        expect((await log.append(stream, events.slice(0, 2), FIRST)).revision).toBe(1);
        expect(await all(log, stream)).toHaveLength(4);
      });

      test('is another append when it is longer, has another id, or another order', async () => {
        const stream = newStream();
        const events = numbered(3);
        await log.append(stream, events, FIRST);
        const others: EventToAppend[][] = [
          [...events, jsonEvent('one more')],
          [events[0]!, jsonEvent('other'), events[2]!],
          [jsonEvent('other'), events[1]!, events[2]!],
          [events[0]!, events[1]!, jsonEvent('other')],
          [events[2]!, events[1]!, events[0]!],
        ];
        for (const other of others)
          await expect(log.append(stream, other, FIRST)).rejects.toThrow(WrongExpectedRevision);
        expect(idsOf(await all(log, stream))).toEqual(idsOf(events));
      });
    });

    describe('what was appended', () => {
      const same = async (events: readonly EventToAppend[]): Promise<void> => {
        const stream = newStream();
        await log.append(stream, events, FIRST);
        const stored = await all(log, stream);
        expect(stored).toHaveLength(events.length);
        for (const [index, event] of events.entries()) {
          const { id, type, contentType, data, metadata } = stored[index]!;
          expect({ id, type, contentType }).toEqual({ id: event.id, type: event.type, contentType: event.contentType });
          expect(Buffer.from(data).toString('latin1')).toBe(Buffer.from(event.data).toString('latin1'));
          expect(Buffer.from(metadata).toString('latin1')).toBe(Buffer.from(event.metadata).toString('latin1'));
        }
      };

      test('comes back byte for byte: JSON in every script', () =>
        same(
          [
            'प्रमाण',
            'ಕರ್ನಾಟಕ',
            '😀 \u{10ffff}',
            'line\u2028paragraph\u2029',
            '\u0000\u001f\u007f\u0080\u00a0\ufeff\uffff',
            'quote " backslash \\ slash / tab \t',
            { 'e\u0301': 'combining', '\u00e9': 'composed' },
          ].map((value) => jsonEvent(value, { $correlationId: 'प्र \u2028 😀' })),
        ));

      test('comes back byte for byte: lone surrogates as JSON escapes them', () =>
        same([jsonEvent('\ud800'), jsonEvent(['\udfff\ud800']), jsonEvent({ '\udc00': 1 })]));

      test('comes back byte for byte: numbers, and names that mean something to JavaScript', () =>
        same(
          [
            0,
            -1.5,
            1e21,
            5e-324,
            1.7976931348623157e308,
            9007199254740991,
            0.1,
            null,
            true,
            [],
            {},
            '',
            [[[[[[]]]]]],
            JSON.parse('{"__proto__":{"constructor":1},"toString":null,"10":1}'),
          ].map((value) => jsonEvent(value, { nested: { part: [1, 2] } })),
        ));

      test('comes back byte for byte: any bytes', () =>
        same([
          binaryEvent(Uint8Array.from({ length: 256 }, (_, index) => index)),
          binaryEvent(Buffer.from([0xc3, 0x28, 0xff, 0xfe, 0x00])),
          binaryEvent(Buffer.from('{"looks":"like JSON" }')),
          binaryEvent(Buffer.from([0])),
          binaryEvent(new Uint8Array(0)),
          binaryEvent(randomBytes(200_000)),
        ]));

      test('comes back byte for byte: a view into a larger buffer', () => {
        const larger = Buffer.from('before{"inside":1}behind');
        const inside = larger.subarray(6, -6);
        return same([{ ...jsonEvent(0), data: inside }, binaryEvent(new Uint8Array(inside))]);
      });
    });

    describe('read', () => {
      test('gives a run from any revision, forwards', async () => {
        const stream = await filled(log, 10);
        const run = async (from: number, limit: number) =>
          revisionsOf(await log.read(stream, { from: revision(from), limit }));
        expect(await run(0, 3)).toEqual([0, 1, 2]);
        expect(await run(4, 3)).toEqual([4, 5, 6]);
        expect(await run(8, 5)).toEqual([8, 9]);
        expect(await run(9, 1)).toEqual([9]);
        expect(await run(10, 5)).toEqual([]);
        expect(await run(1_000, 5)).toEqual([]);
        expect(revisionsOf(await log.read(stream, { limit: 2 }))).toEqual([0, 1]);
      });

      test('gives a run from any revision, backwards', async () => {
        const stream = await filled(log, 10);
        const run = async (from: number | undefined, limit: number) =>
          revisionsOf(
            await log.read(stream, {
              ...(from === undefined ? {} : { from: revision(from) }),
              limit,
              backwards: true,
            }),
          );
        expect(await run(undefined, 3)).toEqual([9, 8, 7]);
        expect(await run(4, 3)).toEqual([4, 3, 2]);
        expect(await run(1, 5)).toEqual([1, 0]);
        expect(await run(0, 5)).toEqual([0]);
      });

      test('returns all that was asked for, however large: fewer events mean the end of the stream', async () => {
        const stream = newStream();
        for (let index = 0; index < 6; index++) {
          await log.append(stream, [binaryEvent(randomBytes(900_000))], { expectedRevision: revision(index - 1) });
        }
        expect(await log.read(stream, { limit: 5 })).toHaveLength(5);
        const long = await filled(log, 5_000);
        expect(revisionsOf(await log.read(long, { limit: 4_500 }))).toEqual(Array.from({ length: 4_500 }, (_, i) => i));
      });

      test('finds nothing in a stream that does not exist', async () => {
        const stream = newStream();
        expect(await log.read(stream, { limit: 10 })).toEqual([]);
        expect(await log.read(stream, { limit: 10, backwards: true })).toEqual([]);
        expect(await log.readLast(stream)).toBeUndefined();
        expect(await log.head(stream)).toBe(NOTHING);
      });

      test('readLast and head follow every append, on this handle and on others', async () => {
        const stream = newStream();
        const other = await under.second();
        for (let number = 0; number < 5; number++) {
          await log.append(stream, numbered(1, number), { expectedRevision: revision(number - 1) });
          for (const handle of [log, other]) {
            expect(await handle.head(stream)).toBe(number);
            expect(Buffer.from((await handle.readLast(stream))!.data).toString()).toBe(`{"number":${number}}`);
          }
        }
        await other.close();
      });
    });

    describe('subscribe', () => {
      const reading = (
        stream: string,
        after: Revision = NOTHING,
        options: { batch?: number; signal?: AbortSignal } = {},
      ) => new Reader(log.subscribe(stream, { after, ...options }), after);
      const upTo = (count: number, from = 0) => Array.from({ length: count - from }, (_, index) => from + index);

      test('hands over every event from the start, in order, each once, and then says that it has caught up', async () => {
        const stream = await filled(log, 2_500);
        const reader = reading(stream);
        expect(await reader.untilCaughtUp()).toBe(2_499);
        expect(revisionsOf(reader.events)).toEqual(upTo(2_500));
        expect(reader.events[7]).toEqual((await log.read(stream, { from: revision(7), limit: 1 }))[0]);
        await reader.leave();
      });

      test('hands over what comes after the revision given', async () => {
        const stream = await filled(log, 20);
        const reader = reading(stream, revision(12));
        await reader.untilCaughtUp();
        expect(revisionsOf(reader.events)).toEqual(upTo(20, 13));
        await reader.leave();
        const atHead = reading(stream, revision(19));
        expect(await atHead.untilCaughtUp()).toBe(19);
        expect(atHead.events).toEqual([]);
        await atHead.leave();
      });

      test('hands over later events as they come, on this handle and from others', async () => {
        const stream = await filled(log, 3);
        const reader = reading(stream);
        await reader.untilCaughtUp();
        const other = await under.second();
        for (let head = 2; head < 22; head += 2) {
          const waiting = reader.untilEvents(head + 3);
          await (head % 4 === 0 ? other : log).append(stream, numbered(2, head + 1), {
            expectedRevision: revision(head),
          });
          await waiting;
        }
        await reader.untilEvents(23);
        expect(revisionsOf(reader.events)).toEqual(upTo(23));
        await other.close();
        await reader.leave();
      });

      test('waits for a stream that does not exist yet', async () => {
        const stream = newStream();
        const reader = reading(stream);
        expect(await reader.untilCaughtUp()).toBe(NOTHING);
        const waiting = reader.untilEvents(3);
        await log.append(stream, numbered(3), FIRST);
        expect(revisionsOf(await waiting)).toEqual([0, 1, 2]);
        await reader.leave();
      });

      test('says that it has caught up only when everything before was handed over, also while others write', async () => {
        const stream = await filled(log, 1_200);
        const reader = reading(stream, NOTHING, { batch: 100 });
        let writing = true;
        const writer = (async () => {
          for (let head = 1_199; writing; head += 10) {
            await log.append(stream, numbered(10, head + 1), { expectedRevision: revision(head) });
          }
        })();
        for (let said = 0; said < 1 || reader.events.length < 3_000; ) {
          const delivery = await reader.next();
          if (delivery === undefined) throw new Error('the subscription ended on its own account');
          if (delivery.kind === 'caught-up') {
            said++;
            expect(delivery.head).toBe(reader.handled);
            expect(delivery.head).toBeGreaterThanOrEqual(1_199);
          }
        }
        writing = false;
        await writer;
        expect(revisionsOf(reader.events)).toEqual(upTo(reader.events.length));
        await reader.leave();
      });

      test('says it once, and again after falling behind', async () => {
        const stream = await filled(log, 5);
        const reader = reading(stream, NOTHING, { batch: 50 });
        expect(await reader.untilCaughtUp()).toBe(4);
        // Far more than one delivery, while nobody reads.
        for (let head = 4; head < 3_004; head += 500) {
          await log.append(stream, numbered(500, head + 1), { expectedRevision: revision(head) });
        }
        expect(await reader.untilCaughtUp()).toBe(3_004);
        expect(revisionsOf(reader.events)).toEqual(upTo(3_005));
        const said = reader.deliveries.filter(({ kind }) => kind === 'caught-up');
        expect(said).toHaveLength(2);
        await reader.leave();
      });

      test('hands over at most a batch at once, and nothing more until it was taken', async () => {
        const stream = await filled(log, 205);
        const reader = reading(stream, NOTHING, { batch: 20 });
        await reader.next();
        expect(reader.deliveries).toHaveLength(1);
        await log.append(stream, numbered(1_000, 205), { expectedRevision: revision(204) });
        await reader.untilEvents(1_205);
        for (const delivery of reader.deliveries) {
          if (delivery.kind === 'events') {
            expect(delivery.events.length).toBeGreaterThan(0);
            expect(delivery.events.length).toBeLessThanOrEqual(20);
          }
        }
        expect(revisionsOf(reader.events)).toEqual(upTo(1_205));
        await reader.leave();
      });

      test('loses nothing when the subscriber lags behind a fast writer', async () => {
        const stream = newStream();
        const reader = reading(stream, NOTHING, { batch: 64 });
        const writer = (async () => {
          for (let head = -1; head < 7_999; head += 200) {
            await log.append(stream, numbered(200, head + 1), { expectedRevision: revision(head) });
          }
        })();
        // Each delivery costs the subscriber a read of its own: it is slower than the writer.
        while (reader.events.length < 8_000) {
          if ((await reader.next()) === undefined) throw new Error('the subscription ended on its own account');
          await log.read(stream, { limit: 50 });
        }
        await writer;
        expect(revisionsOf(reader.events)).toEqual(upTo(8_000));
        await reader.leave();
      });

      test('serves several subscribers of one stream, each from its own place', async () => {
        const stream = await filled(log, 50);
        const readers = [NOTHING, revision(9), revision(39), revision(49)].map((after) => reading(stream, after));
        const waiting = readers.map((reader) => reader.untilEvents(60 - (reader.handled + 1)));
        await log.append(stream, numbered(10, 50), { expectedRevision: revision(49) });
        const got = await Promise.all(waiting);
        expect(got.map((events) => events.length)).toEqual([60, 50, 20, 10]);
        for (const events of got) expect(events.at(-1)!.revision).toBe(59);
        for (const reader of readers) await reader.leave();
      });

      test('releases everything when left early: after 150 of them the log still reads, appends and subscribes', async () => {
        const stream = await filled(log, 1_500);
        for (let time = 0; time < 75; time++) {
          for await (const delivery of log.subscribe(stream, { after: NOTHING, batch: 10 })) {
            expect(delivery.kind).toBe('events');
            break;
          }
          await expect(async () => {
            for await (const _ of log.subscribe(stream, { after: NOTHING })) throw new Error('the subscriber failed');
          }).rejects.toThrow('the subscriber failed');
        }
        expect(await log.read(stream, { limit: 1_500 })).toHaveLength(1_500);
        await log.append(stream, numbered(1, 1_500), { expectedRevision: revision(1_499) });
        const reader = reading(stream);
        expect(await reader.untilCaughtUp()).toBe(1_500);
        await reader.leave();
      });

      test('can be left while it waits at the head', async () => {
        const stream = await filled(log, 1);
        const reader = reading(stream);
        await reader.untilCaughtUp();
        const waiting = reader.next();
        await reader.leave();
        expect(await waiting).toBeUndefined();
        expect(await reader.next()).toBeUndefined();
      });

      test('ends by its signal: before it began, while it hands over, and while it waits', async () => {
        const stream = await filled(log, 100);
        expect(await reading(stream, NOTHING, { signal: AbortSignal.abort() }).next()).toBeUndefined();

        const inTheMiddle = new AbortController();
        const reader = reading(stream, NOTHING, { signal: inTheMiddle.signal, batch: 10 });
        await reader.next();
        const before = reader.events.length;
        inTheMiddle.abort();
        expect(await reader.next()).toBeUndefined();
        expect(before).toBeLessThanOrEqual(10);
        expect(reader.events).toHaveLength(before);

        const atHead = new AbortController();
        const waiter = reading(stream, NOTHING, { signal: atHead.signal });
        await waiter.untilCaughtUp();
        const waiting = waiter.next();
        atHead.abort();
        expect(await waiting).toBeUndefined();
      });

      test('begins anew each time it is iterated', async () => {
        const stream = await filled(log, 3);
        const subscription = log.subscribe(stream, { after: NOTHING });
        for (let time = 0; time < 2; time++) {
          const reader = new Reader(subscription);
          await reader.untilCaughtUp();
          expect(revisionsOf(reader.events)).toEqual([0, 1, 2]);
          await reader.leave();
        }
      });
    });

    describe('two writers', () => {
      test('of one stream never overwrite each other: every acknowledged append is there once, whole, where it was said', async () => {
        const stream = newStream();
        const other = await under.second();
        const write = async (handle: EventLog) => {
          const acknowledged: { ids: string[]; last: number }[] = [];
          let head = await handle.head(stream);
          while (acknowledged.length < 40) {
            const events = numbered(5);
            try {
              const { revision: last } = await handle.append(stream, events, { expectedRevision: head });
              acknowledged.push({ ids: idsOf(events), last });
              head = last;
            } catch (error) {
              if (!(error instanceof WrongExpectedRevision)) throw error;
              head = error.actual;
            }
          }
          return acknowledged;
        };
        const acknowledged = (await Promise.all([write(log), write(other)])).flat();
        const stored = await all(log, stream);
        expect(revisionsOf(stored)).toEqual(Array.from({ length: 400 }, (_, index) => index));
        for (const { ids, last } of acknowledged) expect(idsOf(stored.slice(last - 4, last + 1))).toEqual(ids);
        expect(new Set(idsOf(stored)).size).toBe(400);
        expect(idsOf(await all(other, stream))).toEqual(idsOf(stored));
        await other.close();
      });
    });

    describe('a stream that keeps its last event', () => {
      test('holds the last one only, whose revision goes on counting', async () => {
        const stream = newStream();
        const events = numbered(6);
        await log.append(stream, [events[0]!], { ...FIRST, ...KEPT_LAST });
        await log.append(stream, events.slice(1, 3), { expectedRevision: revision(0), ...KEPT_LAST });
        const { revision: last } = await log.append(stream, events.slice(3), {
          expectedRevision: revision(2),
          ...KEPT_LAST,
        });
        expect(last).toBe(5);
        expect(await log.head(stream)).toBe(5);
        expect(idsOf(await all(log, stream))).toEqual([events[5]!.id]);
        expect(revisionsOf(await log.read(stream, { limit: 10, backwards: true }))).toEqual([5]);
        expect((await log.readLast(stream))!.id).toBe(events[5]!.id);
      });

      test('takes the latest append again without storing it again', async () => {
        const stream = newStream();
        await log.append(stream, numbered(1), { ...FIRST, ...KEPT_LAST });
        const events = numbered(2);
        const first = await log.append(stream, events, { expectedRevision: revision(0), ...KEPT_LAST });
        expect(await log.append(stream, events, { expectedRevision: revision(0), ...KEPT_LAST })).toEqual(first);
        log = await under.reopen();
        expect(await log.append(stream, events, { expectedRevision: revision(0), ...KEPT_LAST })).toEqual(first);
        expect(await log.head(stream)).toBe(2);
      });

      test('lets one of many parallel changes win', async () => {
        const stream = newStream();
        await log.append(stream, numbered(1), { ...FIRST, ...KEPT_LAST });
        const outcomes = await Promise.allSettled(
          Array.from({ length: 20 }, () =>
            log.append(stream, numbered(1), { expectedRevision: revision(0), ...KEPT_LAST }),
          ),
        );
        expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await log.head(stream)).toBe(1);
      });

      test('hands its subscribers the last event and every later last one', async () => {
        const stream = newStream();
        await log.append(stream, numbered(3), { ...FIRST, ...KEPT_LAST });
        const reader = new Reader(log.subscribe(stream, { after: NOTHING }));
        expect(await reader.untilCaughtUp()).toBe(2);
        expect(reader.handled).toBe(2);
        const waiting = reader.next();
        await log.append(stream, numbered(1, 3), { expectedRevision: revision(2), ...KEPT_LAST });
        await waiting;
        expect(reader.handled).toBe(3);
        await reader.leave();
      });
    });

    test('everything is there after a restart', async () => {
      const stream = newStream();
      const kept = newStream();
      const events = numbered(1_000);
      await log.append(stream, events, FIRST);
      await log.append(kept, numbered(3), { ...FIRST, ...KEPT_LAST });
      const before = await all(log, stream);
      log = await under.reopen();
      expect(await all(log, stream)).toEqual(before);
      expect(idsOf(before)).toEqual(idsOf(events));
      expect(await log.head(kept)).toBe(2);
      expect((await log.append(stream, numbered(1), { expectedRevision: revision(999) })).revision).toBe(1_000);
      expect(new Set<EventId>(before.map(({ id }) => id)).size).toBe(1_000);
    });
  });
}
