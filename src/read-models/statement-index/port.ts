// What may be asked of the statement index. Answers come from read workers; `http/` only writes them out.

import type { AgentKey, CredentialId, Microseconds, Sequence, StatementId } from '../../../contracts/words.ts';

/** GET /statements after parsing: every filter is optional, all given ones hold together. */
export interface StatementQuery {
  readonly verb?: string;
  readonly activity?: string;
  readonly agent?: AgentKey;
  readonly registration?: string;
  readonly relatedActivities: boolean;
  readonly relatedAgents: boolean;
  /** Exclusive. */
  readonly since?: Microseconds;
  /** Inclusive. */
  readonly until?: Microseconds;
  /** Only statements posted by this credential (scope statements/read/mine). */
  readonly postedBy?: CredentialId;
  readonly ascending: boolean;
  /** At least 1. */
  readonly limit: number;
  /** Where the page before ended: pages never lose or repeat a statement while others are written. */
  readonly cursor?: Cursor;
  readonly format: 'exact' | 'ids' | 'canonical';
  /** `Accept-Language` in order of preference; used by `canonical`. */
  readonly languages: readonly string[];
}

/**
 * The last sequence handed over, and the head of the index when the first page was read: newest-first pages never show
 * what came after the first of them.
 */
export interface Cursor {
  readonly after: Sequence;
  readonly head: Sequence;
}

/** The index as one read saw it. */
export interface IndexedUpTo {
  readonly sequence: Sequence;
  /** `stored` of the last indexed event; 0 on an empty record. */
  readonly stored: Microseconds;
}

export interface StatementPage {
  /** UTF-8: the statements' JSON joined by commas, without the brackets. */
  readonly statements: Uint8Array;
  readonly count: number;
  /** Present when there are more. */
  readonly next?: Cursor;
  /** `stored` of the newest statement of the page; undefined when it is empty. */
  readonly newest?: Microseconds;
  /** SHA-256 of every attachment the page's statements name, with its content type, each once (for `attachments=true`). */
  readonly attachments: readonly { readonly sha256: string; readonly contentType: string }[];
  readonly indexedUpTo: IndexedUpTo;
}

export interface FoundStatement {
  readonly statement: Uint8Array;
  readonly stored: Microseconds;
  readonly sequence: Sequence;
  readonly voided: boolean;
  /** Credential that posted it. */
  readonly credential: string;
  readonly attachments: readonly { readonly sha256: string; readonly contentType: string }[];
}

export interface StatementQueries {
  find(query: StatementQuery): Promise<StatementPage>;
  /** By id; `at` is given when recording still has it in its tail (not indexed yet). Voided ones are found too and say so. */
  byId(
    id: StatementId,
    options: {
      readonly at?: Sequence;
      readonly format: StatementQuery['format'];
      readonly languages: readonly string[];
    },
  ): Promise<FoundStatement | undefined>;
  /** The canonical definition of an activity, merged from what sources with the `define` scope sent; as an Activity object. */
  activity(id: string): Promise<Record<string, unknown> | undefined>;
  /** Names under which an agent was seen, latest first, each once. */
  agentNames(agent: AgentKey): Promise<readonly string[]>;
  /** Events of the record as NDJSON, for `/audit/events`: sequence > after and ≤ until, at most `limit`. */
  events(range: { readonly after: Sequence; readonly until?: Sequence; readonly limit: number }): Promise<{
    readonly ndjson: Uint8Array;
    readonly last: Sequence;
    readonly count: number;
  }>;
  indexedUpTo(): Promise<IndexedUpTo>;
  close(): Promise<void>;
}

/** There is no index to ask: it is being built, by itself, after an upgrade or because it was deleted. 503 until then. */
export class IndexNotReady extends Error {
  override readonly name = 'IndexNotReady';
  /** How far the building has come. */
  readonly indexedUpTo: Sequence;
  constructor(indexedUpTo: Sequence) {
    super(`the statement index is being built; it has come to sequence ${indexedUpTo}`);
    this.indexedUpTo = indexedUpTo;
  }
}
