// Append and BatchAppend: a client uses the first only with credentials of its own for one call.

import { setTimeout as wait } from 'node:timers/promises';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import type statusMessages from '@eventstore/db-client/generated/status_pb.js';
import streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import { type Caller, type Double, refusal, SILENT } from './calls.ts';
import {
  appendTooLarge,
  batch,
  type Failure,
  invalid,
  missingProperty,
  notLeader,
  streamDeleted,
  thrown,
  unauthenticated,
} from './failures.ts';
import type { EventToStore } from './file.ts';
import { nameIn, streamIdentifier } from './messages.ts';
import { fail } from './reads.ts';
import type { Expected, Outcome } from './streams.ts';
import { type BatchFrame, proposed, readUuid, revisionOf } from './wire.ts';

export type BatchCall = ServerDuplexStream<BatchFrame, streamMessages.BatchAppendResp>;
export type AppendCall = ServerReadableStream<streamMessages.AppendReq, streamMessages.AppendResp>;

/** An append whose last frame is still to come; a real server waits for that as long as the call lives. */
interface Begun {
  readonly stream: string;
  readonly expected: Expected;
  readonly events: EventToStore[];
  bytes: number;
}

export function batchAppend(double: Double, call: BatchCall): void {
  const caller = double.access.callerOf(call.metadata);
  if (caller === undefined) fail(call, unauthenticated());
  else new BatchAppends(double, call, caller);
}

class BatchAppends {
  readonly #double: Double;
  readonly #call: BatchCall;
  readonly #caller: Caller;
  readonly #begun = new Map<string, Begun>();
  #pending = 0;
  #ending = false;
  /** Frames are looked at in their order, also when each has to wait. */
  #before: Promise<void> | undefined;

  constructor(double: Double, call: BatchCall, caller: Caller) {
    this.#double = double;
    this.#call = call;
    this.#caller = caller;
    call.on('data', (frame: BatchFrame) => this.#receive(frame));
    call.on('end', () => {
      this.#ending = true;
      this.#endWhenDone();
    });
    call.on('error', () => {});
  }

  #receive(frame: BatchFrame): void {
    const slow = frame.options === undefined ? undefined : this.#double.faults.take('slow');
    if (slow === undefined && this.#before === undefined) {
      this.#look(frame);
      return;
    }
    const mine = (this.#before ?? Promise.resolve())
      .then(() => (slow === undefined ? undefined : wait(slow.ms ?? 1_000)))
      .then(() => {
        if (this.#before === mine) this.#before = undefined;
        this.#look(frame);
        this.#endWhenDone();
      });
    this.#before = mine;
  }

  #look(frame: BatchFrame): void {
    const key = frame.correlation.toString('latin1');
    if (frame.options !== undefined && !this.#begun.has(key) && !this.#begin(frame, key)) return;
    const append = this.#begun.get(key);
    if (append === undefined) return;
    if (frame.refused !== undefined) {
      this.#begun.delete(key);
      this.#answer(frame, append.stream, { error: batch.badRequest(frame.refused) });
      return;
    }
    for (const event of frame.events) {
      append.events.push(event);
      // The real server means to count more, and counts the data alone.
      append.bytes += event.data.length;
    }
    const { maxAppendBytes, faults } = this.#double;
    if (append.bytes > maxAppendBytes || faults.take('too-large') !== undefined) {
      this.#begun.delete(key);
      this.#answer(frame, append.stream, { error: batch.tooLarge(maxAppendBytes) });
      return;
    }
    if (!frame.isFinal) return;
    this.#begun.delete(key);
    this.#store(frame, append);
  }

  #begin(frame: BatchFrame, key: string): boolean {
    const { faults, access, address } = this.#double;
    const { stream, expected, deadline } = frame.options!;
    if (faults.take('silence') !== undefined) return false;
    const refuse = (error: statusMessages.Status) => {
      this.#answer(frame, stream, { error });
      return false;
    };
    if (stream === undefined) return refuse(batch.badRequest('Object reference not set to an instance of an object.'));
    if (!access.allows(this.#caller, 'write', stream)) return refuse(batch.accessDenied());
    if (deadline !== undefined && deadline <= Date.now()) return refuse(batch.timeout());
    if (expected === undefined) return refuse(batch.badRequest("'None' is not a valid expected position"));
    if (faults.take('not-ready') !== undefined) return refuse(batch.notHandled('Server Is Not Ready'));
    if (faults.take('busy') !== undefined) return refuse(batch.notHandled('Server Is Busy'));
    const elsewhere = faults.take('not-leader');
    if (elsewhere !== undefined) {
      fail(this.#call, notLeader(elsewhere.host ?? address.host, elsewhere.port ?? address.port));
      return false;
    }
    this.#begun.set(key, { stream, expected, events: [], bytes: 0 });
    return true;
  }

  async #store(frame: BatchFrame, { stream, expected, events }: Begun): Promise<void> {
    this.#pending++;
    const { streams, faults } = this.#double;
    const unanswered = faults.take('drop-ack') !== undefined;
    const outcome = await streams.append(stream, expected, events);
    this.#pending--;
    if (!unanswered && faults.get('silence') === undefined) {
      this.#answer(frame, stream, answerTo(outcome, stream, expected));
    }
    this.#endWhenDone();
  }

  #answer(
    frame: BatchFrame,
    stream: string | undefined,
    { error, success }: { error?: statusMessages.Status; success?: streamMessages.BatchAppendResp.Success },
  ): void {
    if (this.#call.cancelled || this.#call.writableEnded) return;
    const response = new streamMessages.BatchAppendResp();
    response.setCorrelationId(shared.UUID.deserializeBinary(frame.correlation));
    if (stream !== undefined) response.setStreamIdentifier(streamIdentifier(stream));
    if (error !== undefined) response.setError(error);
    if (success !== undefined) response.setSuccess(success);
    this.#call.write(response);
  }

  #endWhenDone(): void {
    if (this.#ending && this.#pending === 0 && this.#before === undefined && !this.#call.cancelled) this.#call.end();
  }
}

function answerTo(outcome: Outcome, stream: string, expected: Expected) {
  if (outcome.kind === 'deleted') return { error: batch.streamDeleted(stream) };
  if (outcome.kind === 'wrong-version') return { error: batch.wrongVersion(expected, outcome.current) };
  const success = new streamMessages.BatchAppendResp.Success();
  if (outcome.revision < 0) success.setNoStream(new empty.Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) success.setNoPosition(new empty.Empty());
  else {
    const position = new shared.AllStreamPosition();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    success.setPosition(position);
  }
  return { success };
}

/** The whole append in one call: its options, then its events one by one. */
export async function append(
  double: Double,
  call: AppendCall,
  callback: sendUnaryData<streamMessages.AppendResp>,
): Promise<void> {
  let options: streamMessages.AppendReq.Options | undefined;
  const events: EventToStore[] = [];
  let bytes = 0;
  let refused: Failure | typeof SILENT | undefined;
  for await (const request of call as AsyncIterable<streamMessages.AppendReq>) {
    if (refused !== undefined) continue;
    if (request.hasOptions()) {
      options = request.getOptions()!;
      const stream = nameIn(options.getStreamIdentifier());
      refused = await refusal(double, call.metadata, { operation: 'write', stream });
      if (double.faults.take('too-large') !== undefined) refused = appendTooLarge(double.maxAppendBytes);
      continue;
    }
    const message = request.getProposedMessage()!;
    const metadata = message.getMetadataMap();
    for (const property of ['content-type', 'type']) if (!metadata.has(property)) refused = missingProperty(property);
    const event = proposed(
      readUuid(Buffer.from(message.getId()!.serializeBinary())),
      Buffer.from(metadata.get('type') ?? ''),
      metadata.get('content-type') ?? '',
      Buffer.from(message.getData_asU8()),
      Buffer.from(message.getCustomMetadata_asU8()),
    );
    if (typeof event === 'string') refused ??= thrown();
    else {
      events.push(event);
      bytes += event.data.length;
      if (bytes > double.maxAppendBytes) refused = appendTooLarge(double.maxAppendBytes);
    }
  }
  if (refused === SILENT) return;
  if (refused !== undefined || options === undefined) return callback(refused ?? invalid('an append without options'));
  const stream = nameIn(options.getStreamIdentifier());
  let expected: Expected = 'any';
  if (options.hasRevision()) expected = revisionOf(options.getRevision());
  else if (options.hasNoStream()) expected = 'no_stream';
  else if (options.hasStreamExists()) expected = 'stream_exists';
  const unanswered = double.faults.take('drop-ack') !== undefined;
  const outcome = await double.streams.append(stream, expected, events);
  if (unanswered || double.faults.get('silence') !== undefined) return;
  if (outcome.kind === 'deleted') return callback(streamDeleted(stream));
  callback(null, unaryAnswer(outcome, expected));
}

function unaryAnswer(outcome: Exclude<Outcome, { kind: 'deleted' }>, expected: Expected): streamMessages.AppendResp {
  const response = new streamMessages.AppendResp();
  if (outcome.kind === 'wrong-version') {
    response.setWrongExpectedVersion(wrongVersionAnswer(expected, outcome.current));
    return response;
  }
  const success = new streamMessages.AppendResp.Success();
  if (outcome.revision < 0) success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(outcome.revision));
  if (outcome.position === undefined) success.setNoPosition(new shared.Empty());
  else {
    const position = new streamMessages.AppendResp.Position();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    success.setPosition(position);
  }
  response.setSuccess(success);
  return response;
}

function wrongVersionAnswer(
  expected: Expected,
  current: number,
): InstanceType<typeof streamMessages.AppendResp.WrongExpectedVersion> {
  const wrong = new streamMessages.AppendResp.WrongExpectedVersion();
  const nothing = new shared.Empty();
  if (current < 0) wrong.setCurrentNoStream(nothing);
  else wrong.setCurrentRevision(String(current));
  if (expected === 'any') wrong.setExpectedAny(nothing);
  else if (expected === 'stream_exists') wrong.setExpectedStreamExists(nothing);
  else if (expected === 'no_stream') wrong.setExpectedNoStream(nothing);
  else wrong.setExpectedRevision(String(expected));
  return wrong;
}
