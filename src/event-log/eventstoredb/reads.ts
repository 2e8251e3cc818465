// Calls that read: a run of events, or the beginning of a subscription. Each is cancelled when its reader is done with it,
// whatever happened: the server allows a hundred calls a connection, and the hundredth left open would stop all others.

import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsPb from '@eventstore/db-client/generated/streams_pb.js';
import { NOTHING, type Revision } from '../../../contracts/words.ts';
import { LogUnavailable, type ReadOptions, type RecordedEvent } from '../port.ts';
import type { Connection, StreamsClient } from './connection.ts';
import { type CallError, callFailure, noAnswer } from './failures.ts';
import { isEvent, type ReadAnswer, readAnswer } from './wire.ts';

const METHOD = '/event_store.client.streams.Streams/Read';

/** A call under way. It must have an `error` listener and be cancelled. */
export interface ReadCall {
  readonly stub: StreamsClient;
  on(event: 'data', listener: (answer: ReadAnswer) => void): unknown;
  on(event: 'error', listener: (error: CallError) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
  cancel(): void;
}

/** What is asked for: so many events from a revision on, or all that ever come after one. */
export type Wanted = ReadOptions | { readonly after: Revision };

async function openRead(connection: Connection, stream: string, wanted: Wanted): Promise<ReadCall> {
  const stub = await connection.streams();
  const call = stub.makeServerStreamRequest(
    METHOD,
    (request: streamsPb.ReadReq) => Buffer.from(request.serializeBinary()),
    (message: Buffer) => readAnswer(message, stream),
    readRequest(stream, wanted),
    ...connection.arguments(),
  );
  return Object.assign(call, { stub });
}

/** @throws what `silent` is rejected with, if it is so before there is a connection */
export async function openUnlessSilent(
  connection: Connection,
  stream: string,
  wanted: Wanted,
  silent: Promise<never>,
): Promise<ReadCall> {
  const opening = openRead(connection, stream, wanted);
  try {
    return await Promise.race([opening, silent]);
  } catch (error) {
    // A call that opens after all is nobody's any more.
    const cancel = (late: ReadCall): void => {
      late.on('error', () => undefined);
      late.cancel();
    };
    opening.then(cancel, () => undefined);
    throw error;
  }
}

function readRequest(stream: string, wanted: Wanted): streamsPb.ReadReq {
  const place = new streamsPb.ReadReq.Options.StreamOptions();
  place.setStreamIdentifier(new sharedPb.StreamIdentifier().setStreamName(Buffer.from(stream)));
  const options = new streamsPb.ReadReq.Options();
  options.setStream(place);
  options.setResolveLinks(false);
  options.setNoFilter(new sharedPb.Empty());
  options.setUuidOption(new streamsPb.ReadReq.Options.UUIDOption().setString(new sharedPb.Empty()));
  if ('after' in wanted) {
    options.setSubscription(new streamsPb.ReadReq.Options.SubscriptionOptions());
    if (wanted.after === NOTHING) place.setStart(new sharedPb.Empty());
    else place.setRevision(String(wanted.after));
  } else {
    const { from, limit, backwards = false } = wanted;
    options.setReadDirection(backwards ? 1 : 0);
    options.setCount(String(limit));
    if (from !== undefined) place.setRevision(String(from));
    else if (backwards) place.setEnd(new sharedPb.Empty());
    else place.setStart(new sharedPb.Empty());
  }
  return new streamsPb.ReadReq().setOptions(options);
}

/** A run of events; none for a stream that does not exist. @throws LogUnavailable, LogRefused */
export async function readRun(
  connection: Connection,
  stream: string,
  options: ReadOptions,
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<readonly RecordedEvent[]> {
  if (options.limit <= 0) return [];
  const doing = `reading the stream ${stream}`;
  const watch = silenceWatch(timeoutMs, () => noAnswer(connection.server, doing, timeoutMs), signal);
  let call: ReadCall | undefined;
  try {
    call = await openUnlessSilent(connection, stream, options, watch.silent);
    return await Promise.race([collect(call, watch.alive), watch.silent]);
  } catch (error) {
    if (call) void connection.failed(call.stub, error as Error);
    throw error instanceof LogUnavailable ? error : callFailure(error as CallError, connection.server, doing);
  } finally {
    watch.end();
    call?.cancel();
  }
}

function collect(call: ReadCall, alive: () => void): Promise<readonly RecordedEvent[]> {
  return new Promise((resolve, reject) => {
    const events: RecordedEvent[] = [];
    call.on('data', (answer) => {
      alive();
      if (isEvent(answer)) events.push(answer);
    });
    call.on('error', reject);
    call.on('end', () => resolve(events));
  });
}

/** Fails when nothing came for so long, or when the signal is aborted. */
export function silenceWatch(milliseconds: number, failure: () => Error, signal: AbortSignal) {
  let heard = false;
  let timer: NodeJS.Timeout | undefined;
  let closed = (): void => undefined;
  const silent = new Promise<never>((_, reject) => {
    const look = (): void => {
      if (heard) timer = setTimeout(look, milliseconds);
      else reject(failure());
      heard = false;
    };
    timer = setTimeout(look, milliseconds);
    closed = () => reject(signal.reason);
    signal.addEventListener('abort', closed);
  });
  silent.catch(() => undefined);
  return {
    silent,
    alive: () => {
      heard = true;
    },
    end: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', closed);
    },
  };
}
