// The log port: everything that Pramaan asks of an event log, and nothing else. Two adapters: sqlite/ (embedded) and
// eventstoredb/. Nothing reads across streams; an adapter's own positions never leave it.

import type { EventId, Microseconds, Revision } from '../../contracts/words.ts';

/** An event as it is handed to the log. `data` and `metadata` are kept and returned byte for byte. */
export interface EventToAppend {
  readonly id: EventId;
  /** Kebab-case with a version: `statement-recorded.v1`. */
  readonly type: string;
  /** `json`: data is UTF-8 JSON, a fixed point of JSON.parse and JSON.stringify. `binary`: any bytes. */
  readonly contentType: 'json' | 'binary';
  readonly data: Uint8Array;
  /** UTF-8 JSON object, a fixed point of JSON.parse and JSON.stringify. */
  readonly metadata: Uint8Array;
}

export interface RecordedEvent extends EventToAppend {
  readonly stream: string;
  readonly revision: Revision;
  /** When the log took it, by the log's clock; not `stored`. */
  readonly created: Microseconds;
}

/** A revision: the stream's last event must be this one; -1 (NOTHING): the stream must be empty. `any`: no check. */
export type ExpectedRevision = Revision | 'any';

export interface AppendOptions {
  readonly expectedRevision: ExpectedRevision;
  /** The stream keeps only its last event. Said on every append to such a stream; a stream is one or the other for life. */
  readonly keepLast?: boolean;
}

export interface Appended {
  /** Revision of the last event of this append (of the earlier one, when this was its repetition). */
  readonly revision: Revision;
}

export interface ReadOptions {
  /** First revision wanted, inclusive. Forwards: default 0; backwards: default the last. */
  readonly from?: Revision;
  /** At most this many events are returned; fewer than asked means that the stream's end was reached. */
  readonly limit: number;
  readonly backwards?: boolean;
}

/** What a subscription yields: a run of events in order, or that everything up to `head` has been handed over. */
export type Delivery =
  | { readonly kind: 'events'; readonly events: readonly RecordedEvent[] }
  | { readonly kind: 'caught-up'; readonly head: Revision };

export interface SubscribeOptions {
  /** Last revision already handled; NOTHING (-1) for the start. */
  readonly after: Revision;
  /** Ends the subscription; the iterator then returns. */
  readonly signal?: AbortSignal;
  /** At most this many events a delivery; default 1,000. */
  readonly batch?: number;
  /** Told of the failure while the log cannot be reached, and `undefined` when the subscription goes on again. */
  readonly onInterrupted?: (failure: Error | undefined) => void;
  /** Told when the subscriber has fallen far behind after it had caught up; `caught-up` is delivered when it has again. */
  readonly onFarBehind?: () => void;
}

export interface EventLog {
  /** What one append and one event may hold at most, in bytes of data and metadata together. */
  readonly limits: { readonly appendBytes: number; readonly eventBytes: number };

  /**
   * Appends all events or none, on disk before it resolves. The same event ids at the same expected revision again
   * succeed with the first result and store nothing. An empty list is refused.
   * @throws WrongExpectedRevision, AppendTooLarge, LogUnavailable
   */
  append(stream: string, events: readonly EventToAppend[], options: AppendOptions): Promise<Appended>;

  /** A run of the stream's events; empty for a stream that does not exist. @throws LogUnavailable */
  read(stream: string, options: ReadOptions): Promise<readonly RecordedEvent[]>;

  /** The stream's last event. @throws LogUnavailable */
  readLast(stream: string): Promise<RecordedEvent | undefined>;

  /** Revision of the stream's last event, NOTHING (-1) when it has none. @throws LogUnavailable */
  head(stream: string): Promise<Revision>;

  /**
   * Every event after `after`, for ever, in order, without gaps, each once. Says `caught-up` once at the head, and again
   * each time it has reached the head after falling behind or after an interruption. The next run is fetched only when the
   * last one was taken (back-pressure). Never ends on its own account; leaving the loop releases everything.
   */
  subscribe(stream: string, options: SubscribeOptions): AsyncIterable<Delivery>;

  close(): Promise<void>;
}

/**
 * A log on this machine's disk: the embedded log, and every node's local copy of the record. It alone can be asked for
 * scattered events at once and without a promise, which is what pages of statements are made of.
 */
export interface LocalLog extends EventLog {
  /** The events at these revisions, in the order asked for; a revision that does not exist is left out. */
  readEach(stream: string, revisions: readonly Revision[]): readonly RecordedEvent[];
}

/** The stream is not where the writer believed it to be: somebody else appended first. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly actual: Revision;
  constructor(stream: string, expected: ExpectedRevision, actual: Revision) {
    super(`stream ${stream}: expected revision ${expected}, found ${actual}`);
    this.stream = stream;
    this.expected = expected;
    this.actual = actual;
  }
}

/** One append, or one event of it, is larger than the log takes. Nothing was stored. */
export class AppendTooLarge extends Error {
  override readonly name = 'AppendTooLarge';
  readonly size: number;
  readonly limit: number;
  constructor(size: number, limit: number) {
    super(`an append of ${size} bytes is above the log's limit of ${limit} bytes`);
    this.size = size;
    this.limit = limit;
  }
}

/**
 * The log cannot be reached or cannot write (disk full, server away). `outcome` says what became of the append: `unknown`
 * asks for the identical append again, until it succeeds or the revision is wrong.
 */
export class LogUnavailable extends Error {
  override readonly name = 'LogUnavailable';
  readonly outcome: 'unknown' | 'nothing-stored';
  constructor(message: string, options: ErrorOptions & { readonly outcome?: 'unknown' | 'nothing-stored' } = {}) {
    super(message, options);
    this.outcome = options.outcome ?? 'unknown';
  }
}

/**
 * A log that lacks the end of what it acknowledged has lost it when it has lacked it for so long, milliseconds: a leader that was
 * frozen answers without the end until it knows that it leads no more.
 */
export const LOSS_LASTS_MS = 10_000;

/** The log is there and must not be used: damaged, of a newer version, locked by another process. In words for a person. */
export class LogRefused extends Error {
  override readonly name = 'LogRefused';
}
