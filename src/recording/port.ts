// What the rest of the house may ask of recording, and what it answers. The implementation runs on a thread of its own.

import type { CredentialId, Microseconds, Sequence, StatementId, XapiVersion } from '../../contracts/words.ts';

/** A validated statement made ready by prepare.ts on the HTTP thread; only the stamp is missing. */
export interface PreparedStatement {
  readonly id: StatementId;
  /**
   * The statement as it will be returned. Its last member is `stored` (and, when assigned, `timestamp` before it), with 27
   * characters of room for the stamp.
   */
  readonly json: string;
  readonly assigned: readonly ('id' | 'timestamp' | 'version')[];
  /** `stored` where an imported statement came from. */
  readonly originalStored?: string;
  /** The statement voided by this one, when its verb is `voided`. */
  readonly voids?: StatementId;
}

export interface AttachmentContent {
  readonly sha256: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

export interface StatementsToRecord {
  readonly requestId: string;
  readonly credential: { readonly id: CredentialId; readonly scopes: readonly string[] };
  /** History from elsewhere: its voids were decided there. */
  readonly importing: boolean;
  readonly version: XapiVersion;
  readonly statements: readonly PreparedStatement[];
  readonly attachments: readonly AttachmentContent[];
}

export interface StatementsRecorded {
  /** Highest sequence that holds a statement of this request: its own last one, or where a repeated one already stood. */
  readonly sequence: Sequence;
  /** How many were new; the others were there already. */
  readonly recorded: number;
}

/** One document of a scope, without its content. */
export interface DocumentInfo {
  readonly id: string;
  readonly etag: string;
  readonly contentType: string;
  readonly updated: Microseconds;
  readonly registration?: string;
}
export interface Document extends DocumentInfo {
  readonly content: Uint8Array;
}

/** Whose documents: activity + agent for state, an agent, or an activity. */
export type DocumentScope =
  | { readonly kind: 'state'; readonly activityId: string; readonly agent: string }
  | { readonly kind: 'agent-profile'; readonly agent: string }
  | { readonly kind: 'activity-profile'; readonly activityId: string };

export interface DocumentKey {
  readonly id: string;
  /** State only. A document with a registration and one without are two documents. */
  readonly registration?: string;
}

/** `If-Match` / `If-None-Match` as the standard uses them: `*` or unquoted etags. */
export interface Preconditions {
  readonly ifMatch?: readonly string[] | '*';
  readonly ifNoneMatch?: readonly string[] | '*';
}

export type DocumentChange =
  | {
      readonly kind: 'put';
      readonly scope: DocumentScope;
      readonly key: DocumentKey;
      readonly contentType: string;
      readonly content: Uint8Array;
      readonly preconditions: Preconditions;
      /** Refuse to replace an existing document when the request carries no precondition (profiles; state in 2.0). */
      readonly preconditionNeeded: boolean;
    }
  | {
      readonly kind: 'merge';
      readonly scope: DocumentScope;
      readonly key: DocumentKey;
      readonly contentType: string;
      readonly content: Uint8Array;
      readonly preconditions: Preconditions;
    }
  | {
      readonly kind: 'delete';
      readonly scope: DocumentScope;
      readonly key: DocumentKey;
      readonly preconditions: Preconditions;
    }
  | { readonly kind: 'delete-all'; readonly scope: DocumentScope; readonly registration?: string };

export interface DocumentChanged {
  readonly etag?: string;
}

/** `json`: data that were JSON already, and are not taken apart and put together again on each thread. */
export type EventToRecord = { readonly type: string } & ({ readonly data: unknown } | { readonly json: string });

/** What a command or a clerk leaves behind: recorded whole or not at all, one after the other without a gap. */
export interface EventsToRecord {
  readonly events: readonly EventToRecord[];
  /** The load that they belong to: they hold from its `load-completed` on. */
  readonly load?: string;
  readonly credential?: string;
  readonly requestId?: string;
  /** What it was decided on: refused as `overtaken` when another command's event stands after this sequence. */
  readonly unlessCommandsSince?: Sequence;
}

export interface Recording {
  /** Records a request whole or not at all; on disk before it resolves. @throws RecordingRefused */
  recordStatements(request: StatementsToRecord): Promise<StatementsRecorded>;
  /** A statement acknowledged but perhaps not indexed yet: its sequence. */
  findRecent(id: StatementId): Promise<Sequence | undefined>;
  /**
   * For `X-Experience-API-Consistent-Through`: once an index has reached `head`, every statement stored at or before
   * `through` is in it, and none will ever be stored at or before it again.
   */
  consistentThrough(): Promise<{ readonly through: Microseconds; readonly head: Sequence }>;

  changeDocument(
    change: DocumentChange,
    by?: { readonly credential: string; readonly requestId: string },
  ): Promise<DocumentChanged>;
  readDocument(scope: DocumentScope, key: DocumentKey): Promise<Document | undefined>;
  /** All documents of the scope changed after `since`; state: of one registration when given. In order of id. */
  listDocuments(
    scope: DocumentScope,
    options: { readonly registration?: string; readonly since?: Microseconds },
  ): Promise<readonly DocumentInfo[]>;

  readAttachment(sha256: string): Promise<Uint8Array | undefined>;

  /** Appends events to the record, stamped in the same queue. @returns the sequence of the last @throws RecordingRefused */
  recordEvents(request: EventsToRecord): Promise<{ readonly sequence: Sequence }>;

  /** Moves the simulated clock. @throws RecordingRefused `clock-is-real` | `clock-backwards` */
  moveClock(to: Microseconds, credential: string): Promise<{ readonly sequence: Sequence }>;

  /** The statement index has committed everything up to here: the tail is trimmed. */
  indexed(upTo: Sequence): void;

  close(): Promise<void>;
}

/** Why nothing was recorded; `http/` turns each reason into a status and a problem+json answer. */
export type Refusal =
  /** 409: these ids are taken by other statements. */
  | { readonly reason: 'conflict'; readonly statements: readonly { readonly index: number; readonly id: string }[] }
  /** 412 / 409: a document's precondition does not hold, or none was given where one is needed. */
  | { readonly reason: 'precondition-failed'; readonly etag?: string }
  | { readonly reason: 'precondition-missing'; readonly etag: string }
  /** 400: a merge of what is not a JSON object. */
  | { readonly reason: 'not-mergeable'; readonly detail: string }
  /** 403: the credential may not void. 400: the target is itself a voiding statement (import: taken, and voids nothing). */
  | { readonly reason: 'may-not-void' }
  | { readonly reason: 'voids-a-void'; readonly index: number; readonly id: string }
  /** 413: above the log's limit of one append. */
  | { readonly reason: 'too-large'; readonly size: number; readonly limit: number }
  /** 503 with Retry-After: log away, disk full, index too far behind, clock off. The outcome may be unknown. */
  | { readonly reason: 'unavailable'; readonly detail: string; readonly retryAfter: number }
  /** 409: a command's event came in after the state on which this was decided; decide again. */
  | { readonly reason: 'overtaken' }
  | { readonly reason: 'clock-is-real' }
  | { readonly reason: 'clock-backwards'; readonly now: Microseconds };

export class RecordingRefused extends Error {
  override readonly name = 'RecordingRefused';
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(`refused: ${refusal.reason}`);
    this.refusal = refusal;
  }
}
