// What every call goes through before it is served: slowness, silence, credentials, rights, a server that is not ready or not
// the leader.

import { setTimeout as wait } from 'node:timers/promises';
import type { Metadata } from '@grpc/grpc-js';
import type { Access, Caller, Operation } from './access.ts';
import { accessDenied, type Failure, notLeader, notReady, tooBusy, unauthenticated } from './failures.ts';
import type { Faults } from './faults.ts';
import type { Streams } from './streams.ts';

/** What the calls of one running double share. */
export interface Double {
  readonly streams: Streams;
  readonly faults: Faults;
  readonly access: Access;
  readonly maxAppendBytes: number;
  readonly address: { readonly host: string; readonly port: number };
  /** Cuts the connection that this call came over. */
  cut(peer: string): void;
}

export const SILENT = 'silent';

/** Undefined when the call may go on; SILENT when nothing may ever be answered. */
export async function refusal(
  double: Double,
  metadata: Metadata,
  what?: { readonly operation: Operation; readonly stream: string },
): Promise<Failure | typeof SILENT | undefined> {
  const { faults, access } = double;
  const slow = faults.take('slow');
  if (slow !== undefined) await wait(slow.ms ?? 1_000);
  if (faults.take('silence') !== undefined) return SILENT;
  const caller = access.callerOf(metadata);
  if (caller === undefined) return unauthenticated();
  if (what === undefined) return undefined;
  return unable(double) ?? (access.allows(caller, what.operation, what.stream) ? undefined : accessDenied());
}

/** Why this server serves nobody just now. */
export function unable({ faults, address }: Double): Failure | undefined {
  if (faults.take('not-ready') !== undefined) return notReady();
  if (faults.take('busy') !== undefined) return tooBusy();
  const elsewhere = faults.take('not-leader');
  if (elsewhere !== undefined) return notLeader(elsewhere.host ?? address.host, elsewhere.port ?? address.port);
  return undefined;
}

export type { Caller };
