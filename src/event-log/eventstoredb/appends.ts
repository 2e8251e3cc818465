// Appends, all through one BatchAppend call as long as the connection lasts. Each has a time-out of its own: the server keeps
// deadlines only while it is well, and a frozen one would never answer.

import { randomUUID } from 'node:crypto';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { NOTHING, type Revision } from '../../../contracts/words.ts';
import { type EventToAppend, type ExpectedRevision, LogUnavailable } from '../port.ts';
import type { Connection, StreamsClient } from './connection.ts';
import { appendFailure, type CallError, callFailure, isNotLeader, noAnswer } from './failures.ts';
import { withProposedMessages } from './wire.ts';

const METHOD = '/event_store.client.streams.Streams/BatchAppend';
/** An append larger than this goes in several messages: the server takes up to 17 MiB in one. */
const MESSAGE_BYTES = 4 * 1024 * 1024;

interface Waiting {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly bytes: number;
  settle(outcome: Revision | Error): void;
}

/** One BatchAppend call and the appends that it has not answered, those given up included, by correlation id. */
interface Call {
  readonly unanswered: Map<string, Waiting>;
  write(message: Buffer): void;
  cancel(): void;
}

export class Appends {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  #call: Promise<Call> | undefined;
  readonly #onTheirWay = new Set<Promise<Revision>>();

  constructor(connection: Connection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** @throws WrongExpectedRevision, AppendTooLarge, LogUnavailable, LogRefused */
  append(stream: string, events: readonly EventToAppend[], expected: ExpectedRevision, bytes: number) {
    const appended = this.#append(stream, events, expected, bytes);
    this.#onTheirWay.add(appended);
    const done = (): void => void this.#onTheirWay.delete(appended);
    appended.then(done, done);
    return appended;
  }

  #append(
    stream: string,
    events: readonly EventToAppend[],
    expected: ExpectedRevision,
    bytes: number,
  ): Promise<Revision> {
    return new Promise((resolve, reject) => {
      const doing = `appending to the stream ${stream}`;
      let sent = false;
      let settled = false;
      const settle = (outcome: Revision | Error): void => {
        settled = true;
        clearTimeout(timer);
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      const timer = setTimeout(() => {
        const { address } = this.#connection;
        settle(
          sent
            ? noAnswer(address, doing, this.#timeoutMs)
            : new LogUnavailable(`EventStoreDB at ${address} cannot be reached, while ${doing}`, {
                outcome: 'nothing-stored',
              }),
        );
      }, this.#timeoutMs);
      this.#open().then(
        (call) => {
          if (settled) return;
          sent = true;
          const correlation = randomUUID();
          call.unanswered.set(correlation, { stream, expected, bytes, settle });
          for (const message of messages(correlation, stream, events, expected)) call.write(message);
        },
        (error: Error) => {
          const failure = callFailure(error, this.#connection.address, doing);
          // There was no call to send it on.
          settle(
            failure instanceof LogUnavailable
              ? new LogUnavailable(failure.message, { cause: error, outcome: 'nothing-stored' })
              : failure,
          );
        },
      );
    });
  }

  /** Waits for the appends on their way, each at most for its time-out, and ends the call. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#onTheirWay);
    const call = this.#call;
    this.#call = undefined;
    // A connection that is still being looked for is nothing to wait for.
    call?.then(
      (opened) => opened.cancel(),
      () => undefined,
    );
  }

  #open(): Promise<Call> {
    if (this.#call === undefined) {
      const opening = this.#connection.streams().then((stub) => this.#callOn(stub, () => forget()));
      const forget = (): void => {
        if (this.#call === opening) this.#call = undefined;
      };
      opening.catch(forget);
      this.#call = opening;
    }
    return this.#call;
  }

  #callOn(stub: StreamsClient, over: () => void): Call {
    const { address } = this.#connection;
    const unanswered = new Map<string, Waiting>();
    const call = stub.makeBidiStreamRequest(
      METHOD,
      (message: Buffer) => message,
      streamsPb.BatchAppendResp.deserializeBinary,
      ...this.#connection.arguments(),
    );
    call.on('data', (answer: streamsPb.BatchAppendResp) => {
      const correlation = idOf(answer.getCorrelationId());
      const waiting = unanswered.get(correlation);
      if (waiting === undefined) return;
      unanswered.delete(correlation);
      const error = answer.getError();
      if (error) waiting.settle(appendFailure(error, waiting, address));
      else waiting.settle(Number(answer.getSuccess()?.getCurrentRevision()) as Revision);
    });
    const ended = (error: CallError): void => {
      over();
      // The server ends the whole call to say this to one append; with several on it, to which one is not said.
      const certain = isNotLeader(error) && unanswered.size === 1;
      for (const waiting of unanswered.values()) {
        const failure = callFailure(error, address, `appending to the stream ${waiting.stream}`);
        waiting.settle(
          certain ? new LogUnavailable(failure.message, { cause: error, outcome: 'nothing-stored' }) : failure,
        );
      }
      unanswered.clear();
      void this.#connection.failed(stub, error);
    };
    call.on('error', ended);
    call.on('end', () => ended(new Error('the server ended the call')));
    return { unanswered, write: (message) => void call.write(message), cancel: () => call.cancel() };
  }
}

/** The requests of one append: one, unless it is larger than a message may be. */
function* messages(
  correlation: string,
  stream: string,
  events: readonly EventToAppend[],
  expected: ExpectedRevision,
): Generator<Buffer> {
  const options = new streamsPb.BatchAppendReq.Options();
  options.setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream)));
  if (expected === 'any') options.setAny(new sharedPb.Empty());
  else if (expected === NOTHING) options.setNoStream(new sharedPb.Empty());
  else options.setStreamPosition(String(expected));
  const request = new streamsPb.BatchAppendReq()
    .setCorrelationId(new sharedPb.UUID().setString(correlation))
    .setOptions(options);
  for (let begin = 0; begin < events.length; ) {
    let end = begin;
    for (let bytes = 0; end < events.length; end++) {
      bytes += events[end]!.data.byteLength + events[end]!.metadata.byteLength;
      if (end > begin && bytes > MESSAGE_BYTES) break;
    }
    request.setIsFinal(end === events.length);
    const part = end - begin === events.length ? events : events.slice(begin, end);
    yield withProposedMessages(request.serializeBinary(), part);
    request.clearOptions();
    begin = end;
  }
}

/** The server gives an id back as its two halves, whichever way it got it. */
function idOf(uuid: sharedPb.UUID | undefined): string {
  const halves = uuid?.getStructured();
  if (halves === undefined) return uuid?.getString() ?? '';
  const hex =
    BigInt.asUintN(64, BigInt(halves.getMostSignificantBits())).toString(16).padStart(16, '0') +
    BigInt.asUintN(64, BigInt(halves.getLeastSignificantBits())).toString(16).padStart(16, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
