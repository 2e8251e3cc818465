// Requests on their way through the recorder, and what it asks the statement index.

import type { Sequence, StatementId, XapiVersion } from '../../contracts/words.ts';
import type { EventsToRecord, StatementsRecorded } from './port.ts';

/** What the statement index knows of a statement. */
export interface KnownStatement {
  readonly sequence: Sequence;
  readonly digest: string;
  readonly isVoiding: boolean;
}

/** The committed statement index, as recording asks it. */
export interface KnownStatements {
  find(ids: readonly StatementId[]): readonly (KnownStatement | undefined)[];
  /** Last sequence it covers; NOTHING when it is empty. */
  indexedUpTo(): Sequence;
}

/** A statement on its way into the log. Its bytes are the recorder's: it writes the stamp into them. */
export interface StatementToRecord {
  readonly id: StatementId;
  readonly bytes: Uint8Array;
  readonly assigned: readonly ('id' | 'timestamp' | 'version')[];
  readonly originalStored?: string;
  readonly voids?: StatementId;
}

export interface RequestToRecord {
  readonly requestId: string;
  readonly credential: { readonly id: string; readonly scopes: readonly string[] };
  readonly importing: boolean;
  readonly version: XapiVersion;
  readonly statements: readonly StatementToRecord[];
}

interface Waiting<Request, Result> {
  readonly request: Request;
  readonly bytes: number;
  /** When it came, milliseconds of performance.now(). */
  readonly since: number;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: Error) => void;
}
export type WaitingStatements = Waiting<RequestToRecord, StatementsRecorded> & { readonly kind: 'statements' };
export type WaitingEvents = Waiting<EventsToRecord, { sequence: Sequence }> & {
  readonly kind: 'events';
  /** The data of each. */
  readonly json: readonly string[];
  /** Looks once more when its turn has come; throws to refuse. */
  readonly check?: () => void;
};
/** One request that waits for its turn. */
export type Item = WaitingStatements | WaitingEvents;
