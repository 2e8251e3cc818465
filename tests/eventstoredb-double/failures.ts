// What a server answers when it cannot or will not: gRPC statuses with their trailers, and the statuses inside answers of
// BatchAppend.

import shared from '@eventstore/db-client/generated/shared_pb.js';
import statusMessages from '@eventstore/db-client/generated/status_pb.js';
import { Metadata, type ServiceError, status } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import type { Expected } from './streams.ts';

export type Failure = Pick<ServiceError, 'code' | 'details' | 'metadata'>;

function failure(code: status, details: string, trailers: Readonly<Record<string, string>> = {}): Failure {
  const metadata = new Metadata();
  for (const [key, value] of Object.entries(trailers)) metadata.set(key, value);
  return { code, details, metadata };
}

export const unauthenticated = (): Failure => failure(status.UNAUTHENTICATED, 'Unauthenticated');
export const accessDenied = (): Failure =>
  failure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' });
export const notReady = (): Failure => failure(status.UNAVAILABLE, 'Server Is Not Ready');
export const tooBusy = (): Failure => failure(status.UNAVAILABLE, 'Server Is Too Busy');
/** What a handler that throws comes to. */
export const thrown = (): Failure => failure(status.UNKNOWN, 'Exception was thrown by handler.');
export const readError = (): Failure => failure(status.UNKNOWN, 'Unexpected ReadStreamResult: Error');
export const unsupported = (what: string): Failure =>
  failure(status.UNIMPLEMENTED, `${what}: not done by this test double of EventStoreDB`);
export const invalid = (details: string): Failure => failure(status.INVALID_ARGUMENT, details);
export const notLeader = (host: string, port: number): Failure =>
  failure(status.NOT_FOUND, 'Leader info available', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  });
export const streamDeleted = (stream: string): Failure =>
  failure(status.FAILED_PRECONDITION, `Event stream '${stream}' is deleted.`, {
    exception: 'stream-deleted',
    'stream-name': stream,
  });
export const tooSlow = (state: 'live' | 'transitioning to live'): Failure =>
  failure(
    status.ABORTED,
    `Operation timed out: Consumer too slow to handle event while ${state}. Client resubscription required.`,
  );
export const appendTooLarge = (limit: number): Failure =>
  failure(status.INVALID_ARGUMENT, `Maximum Append Size of ${limit} Exceeded.`, {
    exception: 'maximum-append-size-exceeded',
    'maximum-append-size': String(limit),
  });
export const missingProperty = (property: string): Failure =>
  failure(status.INVALID_ARGUMENT, `Required Metadata Property '${property}' is missing`, {
    exception: 'missing-required-metadata-property',
    'required-metadata-properties': 'type,content-type',
  });
export const wrongVersion = (stream: string, expected: Expected, current: number): Failure => {
  const number = expected === 'no_stream' ? -1 : expected === 'any' ? -2 : expected === 'stream_exists' ? -4 : expected;
  const words = `Stream: ${stream}, Expected version: ${number}, Actual version: ${current}`;
  return failure(status.FAILED_PRECONDITION, `Delete failed due to WrongExpectedVersion. ${words}`, {
    exception: 'wrong-expected-version',
    'stream-name': stream,
    'expected-version': String(number),
    'actual-version': String(current),
  });
};

type Details = { serializeBinary(): Uint8Array };

function inAnswer(code: number, message: string, type: string, details: Details): statusMessages.Status {
  const packed = new any.Any();
  packed.pack(details.serializeBinary(), type);
  const answer = new statusMessages.Status();
  answer.setCode(code as Parameters<typeof answer.setCode>[0]);
  answer.setMessage(message);
  answer.setDetails(packed);
  return answer;
}

const OURS = 'event_store.client';

/** The statuses that BatchAppend sends inside its answers; the call goes on. */
export const batch = {
  wrongVersion(expected: Expected, current: number): statusMessages.Status {
    const details = new shared.WrongExpectedVersion();
    if (current < 0) details.setCurrentNoStream(new empty.Empty());
    else details.setCurrentStreamRevision(String(current));
    if (expected === 'any') details.setExpectedAny(new empty.Empty());
    else if (expected === 'stream_exists') details.setExpectedStreamExists(new empty.Empty());
    else if (expected === 'no_stream') details.setExpectedNoStream(new empty.Empty());
    else details.setExpectedStreamPosition(String(expected));
    return inAnswer(6, 'WrongExpectedVersion', `${OURS}.WrongExpectedVersion`, details);
  },
  streamDeleted(stream: string): statusMessages.Status {
    const name = new shared.StreamIdentifier();
    name.setStreamName(Buffer.from(stream));
    const details = new shared.StreamDeleted();
    details.setStreamIdentifier(name);
    return inAnswer(5, 'StreamDeleted', `${OURS}.StreamDeleted`, details);
  },
  tooLarge(limit: number): statusMessages.Status {
    const details = new shared.MaximumAppendSizeExceeded();
    details.setMaxappendsize(limit);
    return inAnswer(3, 'MaximumAppendSizeExceeded', `${OURS}.MaximumAppendSizeExceeded`, details);
  },
  accessDenied: () => inAnswer(7, 'AccessDenied', `${OURS}.AccessDenied`, new shared.AccessDenied()),
  timeout: () => inAnswer(4, 'Timeout', `${OURS}.Timeout`, new shared.Timeout()),
  badRequest(words: string): statusMessages.Status {
    const details = new shared.BadRequest();
    details.setMessage(words);
    return inAnswer(3, 'BadRequest', `${OURS}.BadRequest`, details);
  },
  notHandled: (words: 'Server Is Not Ready' | 'Server Is Busy') =>
    inAnswer(0, words, 'google.protobuf.Empty', new empty.Empty()),
};
