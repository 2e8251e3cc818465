// What the server or the connection answers when something fails, as the errors of the port: is it a matter of waiting, of
// the writer's revision, of size, or of a person who has to change something?

import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import type statusPb from '@eventstore/db-client/generated/status_pb.js';
import { NOTHING, type Revision } from '../../../contracts/words.ts';
import { AppendTooLarge, type ExpectedRevision, LogRefused, LogUnavailable, WrongExpectedRevision } from '../port.ts';
import type { ServerNamed } from './connection-string.ts';

/** Codes of gRPC that are told apart here. */
const PERMISSION_DENIED = 7;
const ABORTED = 10;
const UNIMPLEMENTED = 12;
const UNAUTHENTICATED = 16;

/** The error of a call, as grpc-js makes it. */
export interface CallError extends Error {
  readonly code?: number;
  readonly details?: string;
  readonly metadata?: { get(name: string): readonly (string | Buffer)[] };
}

/** The server names the reason of some failures in the trailer `exception`. */
function reasonOf(error: CallError): string {
  return String(error.metadata?.get('exception')[0] ?? '');
}

/** A subscriber that lags is cut off by the server (23.10): no fault, it goes on where it was. */
export function isCutOffForLag(error: CallError): boolean {
  return error.code === ABORTED && /too slow/i.test(error.details ?? error.message);
}

export function isNotLeader(error: CallError): boolean {
  return reasonOf(error) === 'not-leader';
}

/** The connection was never there, so that the call cannot have reached the server. */
function neverConnected(error: CallError): boolean {
  return /^(No connection established|Name resolution failed)/.test(error.details ?? '');
}

/** @param doing what was tried, as it reads after "while": `reading the stream record` */
export function callFailure(error: CallError, server: ServerNamed, doing: string): LogUnavailable | LogRefused {
  const words = error.details || error.message;
  const reason = reasonOf(error);
  if (error.code === UNAUTHENTICATED) {
    const whom =
      server.user === undefined
        ? 'wants a user and a password, and PRAMAAN_EVENT_LOG_URL names none'
        : `refuses the user ${server.user} or the password`;
    return new LogRefused(`EventStoreDB at ${server.address} ${whom}, while ${doing}: ${words}`, { cause: error });
  }
  if (error.code === PERMISSION_DENIED || reason === 'access-denied') return accessDenied(server, doing, error);
  if (reason === 'stream-deleted') return deleted(server, doing);
  if (error.code === UNIMPLEMENTED) {
    return new LogRefused(`what answers at ${server.address} is no EventStoreDB that Pramaan can use: ${words}`, {
      cause: error,
    });
  }
  return new LogUnavailable(`EventStoreDB at ${server.address} cannot be reached, while ${doing}: ${words}`, {
    cause: error,
    outcome: neverConnected(error) ? 'nothing-stored' : 'unknown',
  });
}

/** What an append fails with that the server answered with `status`. */
export function appendFailure(
  status: statusPb.Status,
  append: { readonly stream: string; readonly expected: ExpectedRevision; readonly bytes: number },
  server: ServerNamed,
): Error {
  const details = status.getDetails();
  const doing = `appending to the stream ${append.stream}`;
  switch (details?.getTypeName()) {
    case 'event_store.client.WrongExpectedVersion': {
      const wrong = sharedPb.WrongExpectedVersion.deserializeBinary(details.getValue_asU8());
      const actual = wrong.hasCurrentStreamRevision() ? Number(wrong.getCurrentStreamRevision()) : NOTHING;
      return new WrongExpectedRevision(append.stream, append.expected, actual as Revision);
    }
    case 'event_store.client.MaximumAppendSizeExceeded': {
      const exceeded = sharedPb.MaximumAppendSizeExceeded.deserializeBinary(details.getValue_asU8());
      return new AppendTooLarge(append.bytes, exceeded.getMaxappendsize());
    }
    case 'event_store.client.AccessDenied':
      return accessDenied(server, doing);
    case 'event_store.client.StreamDeleted':
      return deleted(server, doing);
    case 'event_store.client.BadRequest':
      return new LogRefused(
        `EventStoreDB at ${server.address} does not understand the request, while ${doing}: ${sharedPb.BadRequest.deserializeBinary(details.getValue_asU8()).getMessage()}`,
      );
  }
  // Timeout: the write was begun and not confirmed by enough nodes in time. Unknown: anything.
  // Not ready, busy, no leader: the server answers so instead of beginning.
  const message = status.getMessage();
  const begun = !/^(Server Is Not Ready|Server Is Busy|No leader info available)/.test(message);
  return new LogUnavailable(
    `EventStoreDB at ${server.address} could not append to the stream ${append.stream}: ${message}`,
    {
      outcome: begun ? 'unknown' : 'nothing-stored',
    },
  );
}

export function noAnswer(server: ServerNamed, doing: string, milliseconds: number): LogUnavailable {
  return new LogUnavailable(
    `EventStoreDB at ${server.address} did not answer within ${milliseconds} ms, while ${doing}`,
  );
}

function accessDenied(server: ServerNamed, doing: string, cause?: Error): LogRefused {
  const whom =
    server.user === undefined ? 'PRAMAAN_EVENT_LOG_URL names no user' : `the user ${server.user} lacks a right`;
  return new LogRefused(
    `EventStoreDB at ${server.address} denies access, while ${doing}: ${whom}; Pramaan must be allowed to read and to write its streams and their metadata (see their ACL)`,
    cause && { cause },
  );
}

function deleted(server: ServerNamed, doing: string): LogRefused {
  return new LogRefused(
    `EventStoreDB at ${server.address} says that the stream was deleted for ever (tombstoned), while ${doing}`,
  );
}
