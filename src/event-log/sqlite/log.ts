// The embedded log. Appends made in one turn of the event loop are committed together: one flush to disk for all of them,
// each of them whole or not at all. Heads are read inside the transaction, never remembered, so other processes may write too.

import { type Microseconds, NOTHING, type Revision } from '../../../contracts/words.ts';
import { sizeOfAppend, untilLeft } from '../adapting.ts';
import {
  type Appended,
  type AppendOptions,
  type Delivery,
  type EventToAppend,
  type LocalLog,
  LogUnavailable,
  type ReadOptions,
  type RecordedEvent,
  type SubscribeOptions,
  WrongExpectedRevision,
} from '../port.ts';
import { inWords, type OpenFile, openFile } from './file.ts';
import { prepareRows, type Rows, type StreamRow } from './rows.ts';
import { openWakeups, type Wakeups } from './wakeups.ts';

const MIB = 1024 * 1024;
/** An event fits into an EventStoreDB of default settings (1 MiB an append) with room for its envelope. */
const LIMITS = { appendBytes: 64 * MIB, eventBytes: MIB - 8 * 1024 } as const;
/** A transaction takes no more appends once it has grown to this. */
const GROUP_BYTES = 64 * MIB;
const NOT_TRIED = { outcome: 'nothing-stored' } as const;
const DEFAULT_BATCH = 1_000;
/** A delivery is cut off here, so that large events do not fill the memory; always at least one event. */
const DELIVERY_BYTES = 16 * MIB;

export interface OpenOptions {
  /** For read workers and the command line: the file must exist, appends are refused. */
  readonly readOnly?: boolean;
  /** false: the file must exist. Default true. */
  readonly create?: boolean;
  /**
   * A node's copy of another log, which can be made again from it: events keep the time at which that one took them, and
   * commits are not flushed one by one (a power cut may take the last of them, never the middle).
   */
  readonly localCopy?: boolean;
}

/**
 * Opens the embedded log, making the file when it is new (its folder must exist).
 * @throws LogRefused the file is no log, damaged, or of a newer version; LogUnavailable no such folder, not writable, locked
 */
export function openSqliteLog(file: string, options: OpenOptions = {}): LocalLog {
  const { readOnly = false, create = true, localCopy = false } = options;
  return new SqliteLog(openFile(file, { readOnly, create, flushed: !localCopy }), readOnly, localCopy);
}

/** The log over a file already open. */
export function logOver(opened: OpenFile, readOnly = false): LocalLog {
  return new SqliteLog(opened, readOnly, false);
}

interface WaitingAppend {
  readonly stream: string;
  readonly events: readonly EventToAppend[];
  readonly options: AppendOptions;
  readonly bytes: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: Error) => void;
}

type Outcome = { readonly appended: Appended; readonly stored: boolean } | WrongExpectedRevision;

class SqliteLog implements LocalLog {
  readonly limits = LIMITS;
  readonly #file: string;
  readonly #readOnly: boolean;
  readonly #localCopy: boolean;
  readonly #rows: Rows;
  readonly #wakeups: Wakeups;
  readonly #closing = new AbortController();
  #waiting: WaitingAppend[] = [];
  #commitPlanned = false;

  constructor({ database, path }: OpenFile, readOnly: boolean, localCopy: boolean) {
    this.#file = path;
    this.#readOnly = readOnly;
    this.#localCopy = localCopy;
    this.#rows = prepareRows(database);
    this.#wakeups = openWakeups(path, () => this.#rows.dataVersion());
  }

  append(stream: string, events: readonly EventToAppend[], options: AppendOptions): Promise<Appended> {
    return new Promise((resolve, reject) => {
      this.#checkOpen();
      if (this.#readOnly)
        throw new LogUnavailable(`the event log ${this.#file} was opened for reading only`, NOT_TRIED);
      const bytes = sizeOfAppend(stream, events, LIMITS);
      this.#waiting.push({ stream, events, options, bytes, resolve, reject });
      this.#planCommit();
    });
  }

  async read(stream: string, { from, limit, backwards = false }: ReadOptions): Promise<readonly RecordedEvent[]> {
    return this.#reading(() => {
      const row = this.#rows.findStream(stream);
      if (row === undefined || limit <= 0) return [];
      return this.#rows.page(row, { from, limit, backwards });
    });
  }

  async readLast(stream: string): Promise<RecordedEvent | undefined> {
    return (await this.read(stream, { limit: 1, backwards: true }))[0];
  }

  async head(stream: string): Promise<Revision> {
    return this.#reading(() => this.#rows.headOf(stream));
  }

  readEach(stream: string, revisions: readonly Revision[]): readonly RecordedEvent[] {
    return this.#reading(() => {
      const row = this.#rows.findStream(stream);
      if (row === undefined) return [];
      const [from] = revisions;
      // A run is read in one go: events of a load are asked for by the hundred.
      if (from !== undefined && revisions.length > 1 && revisions.every((one, i) => one === from + i)) {
        const run = this.#rows.page(row, { from, limit: revisions.length, backwards: false });
        return run.filter(({ revision }) => revision < from + revisions.length);
      }
      const found: RecordedEvent[] = [];
      for (const revision of revisions) {
        const event = this.#rows.one(row, revision);
        if (event !== undefined) found.push(event);
      }
      return found;
    });
  }

  subscribe(stream: string, options: SubscribeOptions): AsyncIterable<Delivery> {
    return {
      [Symbol.asyncIterator]: () =>
        untilLeft(options, this.#closing.signal, (signal) => this.#deliver(stream, options, signal)),
    };
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    while (this.#waiting.length > 0) this.#commitWaiting();
    this.#closing.abort();
    this.#wakeups.close();
    this.#rows.close();
  }

  async *#deliver(stream: string, options: SubscribeOptions, signal: AbortSignal): AsyncGenerator<Delivery, undefined> {
    const batch = Math.max(1, options.batch ?? DEFAULT_BATCH);
    let handled = options.after;
    let caughtUp = false;
    this.#wakeups.listen(stream);
    while (!signal.aborted) {
      const { events, head } = this.#reading(() => this.#rows.run(stream, handled, batch, DELIVERY_BYTES));
      if (events.length > 0) {
        handled = events.at(-1)!.revision;
        if (handled < head) caughtUp = false;
        yield { kind: 'events', events };
        // Reading is synchronous: without a turn of the event loop a long catching up would stop timers and signals.
        await new Promise((resolve) => setImmediate(resolve));
        if (signal.aborted) break;
      }
      // Also said when more has come meanwhile: under a steady load nobody would ever find the stream at rest.
      if (handled >= head && !caughtUp) {
        caughtUp = true;
        yield { kind: 'caught-up', head };
      } else if (events.length === 0) {
        await this.#wakeups.wait(stream, signal);
      }
    }
    return undefined;
  }

  #planCommit(): void {
    if (this.#commitPlanned) return;
    this.#commitPlanned = true;
    setImmediate(() => {
      this.#commitPlanned = false;
      if (this.#waiting.length > 0) this.#commitWaiting();
      if (this.#waiting.length > 0) this.#planCommit();
    });
  }

  /** Commits what waits, up to GROUP_BYTES, in one transaction; answers each append only after that. */
  #commitWaiting(): void {
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || bytes + this.#waiting[count]!.bytes <= GROUP_BYTES)) {
      bytes += this.#waiting[count++]!.bytes;
    }
    const group = this.#waiting.splice(0, count);
    const outcomes: (Outcome | Error)[] = [];
    let committing = false;
    try {
      this.#rows.begin();
      const created = (Date.now() * 1000) as Microseconds;
      for (const append of group) outcomes.push(this.#appendOne(append, created));
      committing = true;
      this.#rows.commit();
    } catch (error) {
      this.#rows.rollBack();
      const failure = inWords(error, this.#file, 'written', { committing });
      for (const { reject } of group) reject(failure);
      return;
    }
    const streams = new Set<string>();
    for (const [index, outcome] of outcomes.entries()) {
      const { stream, resolve, reject } = group[index]!;
      if (outcome instanceof Error) reject(outcome);
      else {
        if (outcome.stored) streams.add(stream);
        resolve(outcome.appended);
      }
    }
    if (streams.size > 0) this.#wakeups.appended(streams);
  }

  /** Everything is decided before the first row is written, so that a refusal leaves nothing behind in the transaction. */
  #appendOne({ stream, events, options }: WaitingAppend, created: Microseconds): Outcome | Error {
    const keepLast = options.keepLast ?? false;
    const known = this.#rows.findStream(stream);
    if (known !== undefined && known.keepLast !== keepLast) {
      return new TypeError(`stream ${stream} ${known.keepLast ? 'keeps only its last event' : 'keeps all its events'}`);
    }
    const head = known ? this.#rows.headOfRow(known) : NOTHING;
    const expected = options.expectedRevision;
    if (expected !== head) {
      const repeated =
        known && this.#repeated(known, events, expected === 'any' ? head - events.length : expected, head);
      if (repeated) return { appended: repeated, stored: false };
      if (expected !== 'any') return new WrongExpectedRevision(stream, expected, head);
    }
    const row = known ?? this.#rows.addStream(stream, keepLast);
    let revision = head as number;
    if (keepLast) {
      revision += events.length;
      this.#rows.removeAll(row);
      this.#rows.insert(row, revision as Revision, events.at(-1)!, created);
    } else {
      for (const event of events) {
        this.#rows.insert(row, ++revision as Revision, event, this.#takenAt(event) ?? created);
      }
    }
    return { appended: { revision: revision as Revision }, stored: true };
  }

  /** When the log that this one copies took the event. */
  #takenAt(event: EventToAppend & { readonly created?: Microseconds }): Microseconds | undefined {
    return this.#localCopy ? event.created : undefined;
  }

  /** The first result, when exactly these ids stand right after `expected`; of a keep-last stream only the last is left to ask. */
  #repeated(row: StreamRow, events: readonly EventToAppend[], expected: number, head: Revision): Appended | undefined {
    const revision = (expected + events.length) as Revision;
    if (expected < -1 || revision > head || (row.keepLast && revision !== head)) return undefined;
    for (let index = events.length - 1; index >= (row.keepLast ? events.length - 1 : 0); index--) {
      if (!this.#rows.holds(row, (expected + 1 + index) as Revision, events[index]!.id)) return undefined;
    }
    return { revision };
  }

  #reading<T>(look: () => T): T {
    this.#checkOpen();
    try {
      return look();
    } catch (error) {
      throw inWords(error, this.#file, 'read');
    }
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw new LogUnavailable(`the event log ${this.#file} was closed`, NOT_TRIED);
  }
}
