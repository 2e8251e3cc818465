// The two messages that the double reads and writes by hand, against the stubs of the client's package.

import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import fc from 'fast-check';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import timestamp from 'google-protobuf/google/protobuf/timestamp_pb.js';
import { expect, test } from 'vitest';
import { readBatchFrame, readUuid, writeEvent } from '../../eventstoredb-double/wire.ts';

const bytes = fc.uint8Array({ maxLength: 400 }).map((array) => Buffer.from(array));
const id = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((array) => Buffer.from(array));
const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }).map((value) => value.toWellFormed());
const revision = fc.oneof(fc.nat(300), fc.maxSafeNat(), fc.constant(2n ** 63n - 1n));

const dashed = (uuid: Buffer): string =>
  uuid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

test('an event that goes out is what the stubs read', () => {
  fc.assert(
    fc.property(
      fc.record({ id, type: text, data: bytes, metadata: bytes, isJson: fc.boolean(), stream: text, revision }),
      fc.maxSafeNat(),
      fc.nat(2_000_000_000).map((seconds) => seconds * 1_000_000 + 1),
      fc.boolean(),
      (event, position, created, structuredUuid) => {
        const written = writeEvent({
          event: { ...event, type: Buffer.from(event.type), created },
          stream: Buffer.from(event.stream),
          revision: event.revision,
          position,
          structuredUuid,
        });
        const read = streamMessages.ReadResp.deserializeBinary(written);
        const outer = read.getEvent()!;
        const inner = outer.getEvent()!;
        expect(outer.getCommitPosition()).toBe(String(position));
        expect(inner.getCommitPosition()).toBe(String(position));
        expect(inner.getPreparePosition()).toBe(String(position));
        expect(inner.getStreamRevision()).toBe(String(event.revision));
        expect(Buffer.from(inner.getStreamIdentifier()!.getStreamName_asU8()).toString()).toBe(event.stream);
        expect(Object.fromEntries(inner.getMetadataMap().toObject(false, undefined as never))).toEqual({
          type: event.type,
          created: `${created}0`,
          'content-type': event.isJson ? 'application/json' : 'application/octet-stream',
        });
        expect(Buffer.from(inner.getData_asU8())).toEqual(event.data);
        expect(Buffer.from(inner.getCustomMetadata_asU8())).toEqual(event.metadata);
        const uuid = inner.getId()!;
        expect(uuid.hasStructured()).toBe(structuredUuid);
        if (!structuredUuid) expect(uuid.getString()).toBe(dashed(event.id));
        // Longer than the stubs would make it by nothing but zeros that they leave out.
        expect(readUuid(Buffer.from(uuid.serializeBinary()))).toEqual(event.id);
      },
    ),
  );
});

test('a frame of an append that the stubs wrote is read as it was meant', () => {
  const proposed = fc.record({ id, type: text, data: bytes, metadata: bytes, isJson: fc.boolean() });
  const expected = fc.constantFrom('any', 'no_stream', 'stream_exists', 0, 5, 4_000_000_000, Number.MAX_SAFE_INTEGER);
  fc.assert(
    fc.property(fc.array(proposed, { maxLength: 5 }), text, expected, fc.boolean(), (events, stream, at, isFinal) => {
      const request = new streamMessages.BatchAppendReq();
      const correlation = new shared.UUID();
      correlation.setString('an id');
      request.setCorrelationId(correlation);
      request.setIsFinal(isFinal);
      const options = new streamMessages.BatchAppendReq.Options();
      const identifier = new shared.StreamIdentifier();
      identifier.setStreamName(Buffer.from(stream));
      options.setStreamIdentifier(identifier);
      if (at === 'any') options.setAny(new empty.Empty());
      else if (at === 'no_stream') options.setNoStream(new empty.Empty());
      else if (at === 'stream_exists') options.setStreamExists(new empty.Empty());
      else options.setStreamPosition(String(at));
      options.setDeadline(timestamp.Timestamp.fromDate(new Date(1_700_000_000_250)));
      request.setOptions(options);
      for (const event of events) {
        const message = new streamMessages.BatchAppendReq.ProposedMessage();
        const uuid = new shared.UUID();
        uuid.setString(dashed(event.id));
        message.setId(uuid);
        message.getMetadataMap().set('type', event.type);
        message.getMetadataMap().set('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
        message.setData(event.data);
        message.setCustomMetadata(event.metadata);
        request.addProposedMessages(message);
      }
      const frame = readBatchFrame(Buffer.from(request.serializeBinary()));
      expect(frame).toEqual({
        correlation: Buffer.from(correlation.serializeBinary()),
        options: { stream, expected: at, deadline: 1_700_000_000_250 },
        events: events.map((event) => ({ ...event, type: Buffer.from(event.type) })),
        refused: undefined,
        isFinal,
      });
    }),
  );
});
