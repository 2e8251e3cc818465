// The bytes between us and EventStoreDB: read by the generated classes as we mean them, and by other readers of the server as
// plain JSON.

import { randomBytes } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EventId, NOTHING } from '../../../contracts/words.ts';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import { isEvent, readAnswer, withProposedMessages } from '../../../src/event-log/eventstoredb/wire.ts';
import { type EventToAppend, WrongExpectedRevision } from '../../../src/event-log/index.ts';
import { startDouble } from '../../eventstoredb-double/index.ts';
import { type EventStoreForTests, eventStoreForTests } from '../../eventstoredb-double/server-for-tests.ts';
import { all, binaryEvent, jsonEvent, newStream, numbered, revision } from './events.ts';

const bytes = fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 16_000, maxLength: 17_000 }));
const event: fc.Arbitrary<EventToAppend> = fc.record({
  id: fc.uuid().map((id) => id as EventId),
  type: fc.string({ minLength: 1, maxLength: 200, unit: 'grapheme' }),
  contentType: fc.constantFrom('json', 'binary'),
  data: bytes,
  metadata: bytes,
});
const CONTENT_TYPES = { json: 'application/json', binary: 'application/octet-stream' };
const MIB = 1024 * 1024;
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

describe('an event on its way to the server', () => {
  test('is what the generated class reads', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 5 }), (events) => {
        const request = new streamsPb.BatchAppendReq()
          .setIsFinal(true)
          .setCorrelationId(new sharedPb.UUID().setString('c'));
        const read = streamsPb.BatchAppendReq.deserializeBinary(
          withProposedMessages(request.serializeBinary(), events),
        );
        expect(read.getIsFinal()).toBe(true);
        expect(read.getCorrelationId()?.getString()).toBe('c');
        const messages = read.getProposedMessagesList();
        expect(messages).toHaveLength(events.length);
        for (const [index, { id, type, contentType, data, metadata }] of events.entries()) {
          const message = messages[index]!;
          expect(message.getId()?.getString()).toBe(id);
          expect(message.getMetadataMap().get('type')).toBe(type);
          expect(message.getMetadataMap().get('content-type')).toBe(CONTENT_TYPES[contentType]);
          expect(hex(message.getData_asU8())).toBe(hex(data));
          expect(hex(message.getCustomMetadata_asU8())).toBe(hex(metadata));
        }
      }),
    );
  });
});

describe('an event on its way back', () => {
  test('is what the generated class wrote', () => {
    const revision = fc.oneof(fc.nat(), fc.integer({ min: 2 ** 31, max: Number.MAX_SAFE_INTEGER }));
    fc.assert(
      fc.property(event, revision, fc.boolean(), ({ id, type, contentType, data, metadata }, at, position) => {
        const recorded = new streamsPb.ReadResp.ReadEvent.RecordedEvent()
          .setId(new sharedPb.UUID().setString(id))
          .setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from('elsewhere')))
          .setStreamRevision(String(at))
          .setPreparePosition('18446744073709551615')
          .setCommitPosition('18446744073709551615')
          .setCustomMetadata(metadata)
          .setData(data);
        recorded.getMetadataMap().set('type', type);
        recorded.getMetadataMap().set('created', '17953244686121517');
        recorded.getMetadataMap().set('content-type', CONTENT_TYPES[contentType]);
        const inside = new streamsPb.ReadResp.ReadEvent().setEvent(recorded);
        if (position) inside.setCommitPosition('12345');
        else inside.setNoPosition(new sharedPb.Empty());
        const answer = readAnswer(Buffer.from(new streamsPb.ReadResp().setEvent(inside).serializeBinary()), 'here');
        if (!isEvent(answer)) throw new Error('it was not read as an event');
        expect({ ...answer, data: hex(answer.data), metadata: hex(answer.metadata) }).toEqual({
          id,
          type,
          contentType,
          data: hex(data),
          metadata: hex(metadata),
          stream: 'here',
          revision: at,
          created: 1_795_324_468_612_151,
        });
      }),
    );
  });

  test('cut off in the middle, is an error and no event', () => {
    const recorded = new streamsPb.ReadResp.ReadEvent.RecordedEvent().setData(Buffer.alloc(300)).setStreamRevision('7');
    const inside = new streamsPb.ReadResp.ReadEvent().setEvent(recorded);
    const whole = Buffer.from(new streamsPb.ReadResp().setEvent(inside).serializeBinary());
    expect(() => readAnswer(whole.subarray(0, whole.length - 10), 'here')).toThrow(RangeError);
  });

  test('the rarer messages are left to the generated class', () => {
    const caughtUp = new streamsPb.ReadResp().setCaughtUp(new streamsPb.ReadResp.CaughtUp());
    const answer = readAnswer(Buffer.from(caughtUp.serializeBinary()), 'here');
    expect(isEvent(answer)).toBe(false);
    expect((answer as streamsPb.ReadResp).hasCaughtUp()).toBe(true);
  });
});

describe('on a server', () => {
  let server: EventStoreForTests;
  beforeAll(async () => {
    server = await eventStoreForTests();
  });
  afterAll(() => server.close());

  test('no event passes through the generated classes', async () => {
    const written = vi.spyOn(streamsPb.BatchAppendReq.ProposedMessage, 'serializeBinaryToWriter');
    const read = vi.spyOn(streamsPb.ReadResp.ReadEvent.RecordedEvent, 'deserializeBinaryFromReader');
    const log = openEventStoreDbLog({ url: server.url, maxAppendBytes: 1_048_576 });
    const stream = newStream();
    await log.append(stream, numbered(10), { expectedRevision: NOTHING });
    expect(await all(log, stream)).toHaveLength(10);
    for await (const delivery of log.subscribe(stream, { after: NOTHING })) if (delivery.kind === 'caught-up') break;
    await log.close();
    expect(written).not.toHaveBeenCalled();
    expect(read).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  test('an append of many messages is one append: whole, or not at all', async () => {
    const double = await startDouble({ maxAppendBytes: 12 * MIB });
    const log = openEventStoreDbLog({ url: double.url, maxAppendBytes: 12 * MIB });
    const stream = newStream();
    const events = Array.from({ length: 11 }, () => binaryEvent(randomBytes(1_000_000)));
    expect((await log.append(stream, events, { expectedRevision: NOTHING })).revision).toBe(10);
    const stored = await all(log, stream);
    expect(stored.map(({ data }) => hex(data))).toEqual(events.map(({ data }) => hex(data)));
    await expect(log.append(stream, events, { expectedRevision: revision(3) })).rejects.toThrow(WrongExpectedRevision);
    expect(await log.head(stream)).toBe(10);
    await log.close();
    await double.stop();
  });

  test("other readers see JSON, with the server's own names for request and cause", async () => {
    const log = openEventStoreDbLog({ url: server.url, maxAppendBytes: 1_048_576 });
    const stream = newStream();
    await log.append(stream, [jsonEvent({ of: 'प्रमाण' }, { $correlationId: 'request', $causationId: 'cause' })], {
      expectedRevision: NOTHING,
    });
    await log.close();
    const client = EventStoreDBClient.connectionString(server.url);
    const reading = client.readStream(stream, { maxCount: 1 });
    for await (const { event: seen } of reading) {
      expect(seen).toMatchObject({
        isJson: true,
        data: { of: 'प्रमाण' },
        metadata: { $correlationId: 'request', $causationId: 'cause' },
      });
    }
    await reading.cancel();
    await client.dispose();
    expect.assertions(1);
  });
});
