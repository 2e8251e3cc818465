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

export interface Append {
  readonly stream: string;
  readonly events: readonly EventToAppend[];
  readonly expected: ExpectedRevision;
  readonly bytes: number;
}

/** An append that was sent. It stays unanswered when it was given up, because the answer to it is one to its repetition too. */
interface Sent extends Append {
  readonly answer: Promise<Revision>;
  givenUp: boolean;
  settle(outcome: Revision | Error): void;
}

/** One BatchAppend call, and what it has not answered, by correlation id. */
interface Call {
  readonly unanswered: Map<string, Sent>;
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
  append(append: Append): Promise<Revision> {
    const appended = this.#append(append);
    this.#onTheirWay.add(appended);
    const done = (): void => void this.#onTheirWay.delete(appended);
    appended.then(done, done);
    return appended;
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

  #append(append: Append): Promise<Revision> {
    const doing = `appending to the stream ${append.stream}`;
    const { server } = this.#connection;
    return new Promise((resolve, reject) => {
      let sent: Sent | undefined;
      let over = false;
      const timer = setTimeout(() => {
        over = true;
        if (sent) sent.givenUp = true;
        const words = `EventStoreDB at ${server.address} cannot be reached, while ${doing}`;
        reject(
          sent ? noAnswer(server, doing, this.#timeoutMs) : new LogUnavailable(words, { outcome: 'nothing-stored' }),
        );
      }, this.#timeoutMs);
      this.#open()
        .then(
          (call) => {
            if (over) return NOTHING;
            // The server would keep a second one waiting for the first, for seconds, and then not know its outcome.
            sent = sameOnItsWay(call, append) ?? send(call, append);
            return sent.answer;
          },
          (error: Error) => {
            const failure = callFailure(error, server, doing);
            if (!(failure instanceof LogUnavailable)) throw failure;
            // There was no call to send it on.
            throw new LogUnavailable(failure.message, { cause: error, outcome: 'nothing-stored' });
          },
        )
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
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
    const { server } = this.#connection;
    const unanswered = new Map<string, Sent>();
    const call = stub.makeBidiStreamRequest(
      METHOD,
      (message: Buffer) => message,
      streamsPb.BatchAppendResp.deserializeBinary,
      ...this.#connection.arguments(),
    );
    call.on('data', (answer: streamsPb.BatchAppendResp) => {
      const correlation = idOf(answer.getCorrelationId());
      const sent = unanswered.get(correlation);
      if (sent === undefined) return;
      unanswered.delete(correlation);
      const status = answer.getError();
      const outcome = status
        ? appendFailure(status, sent, server)
        : (Number(answer.getSuccess()?.getCurrentRevision()) as Revision);
      sent.settle(outcome);
      if (outcome instanceof LogUnavailable) return;
      // What became of it is what becomes of its repetitions, and those given up need no answer any more.
      for (const [other, repetition] of unanswered) {
        if (!same(repetition, sent)) continue;
        unanswered.delete(other);
        repetition.settle(outcome);
      }
    });
    const ended = (error: CallError): void => {
      over();
      // The server ends the whole call to say this to one append; with several on it, to which one is not said.
      const certain = isNotLeader(error) && unanswered.size === 1;
      for (const sent of unanswered.values()) {
        const failure = callFailure(error, server, `appending to the stream ${sent.stream}`);
        sent.settle(
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

function send(call: Call, append: Append): Sent {
  const { promise, resolve, reject } = Promise.withResolvers<Revision>();
  // One that was given up is settled all the same, and nobody listens.
  promise.catch(() => undefined);
  const sent: Sent = {
    ...append,
    answer: promise,
    givenUp: false,
    settle: (outcome) => (outcome instanceof Error ? reject(outcome) : resolve(outcome)),
  };
  const correlation = randomUUID();
  call.unanswered.set(correlation, sent);
  for (const message of messages(correlation, append)) call.write(message);
  return sent;
}

function sameOnItsWay(call: Call, append: Append): Sent | undefined {
  for (const sent of call.unanswered.values()) if (!sent.givenUp && same(sent, append)) return sent;
  return undefined;
}

/** As the server judges it: by stream, place and ids. */
function same(one: Append, two: Append): boolean {
  return (
    one.stream === two.stream &&
    one.expected === two.expected &&
    one.events.length === two.events.length &&
    one.events.every(({ id }, index) => id === two.events[index]!.id)
  );
}

/** The requests of one append: one, unless it is larger than a message may be. */
function* messages(correlation: string, { stream, events, expected }: Append): Generator<Buffer> {
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
