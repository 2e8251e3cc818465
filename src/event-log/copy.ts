// A copy of a log in another log, whatever either is: sequences kept, resumable, verified event by event. And copies of the
// embedded log's file.
//
// What refers comes after what it refers to: attachments before the statements that name them, contents before their manifest,
// the record last. So a copy that was cut off names nothing that is not there, and begun again it goes on.

import { RECORD_OPENED } from '../../contracts/events/names.ts';
import { type EventId, NOTHING, type Revision } from '../../contracts/words.ts';
import { refuseChangedThere } from './copying/changed-there.ts';
import { attachmentsNamedBy, contentsNamedBy, scopesRegisteredIn } from './copying/named.ts';
import { beginningHeld, copyLast, copyWhole, type StreamCopied } from './copying/one-stream.ts';
import { PatientLog } from './copying/patience.ts';
import { parseJson } from './json-event.ts';
import { type EventLog, LogRefused, type LogUnavailable, type RecordedEvent } from './port.ts';
import type { Streams } from './streams.ts';

export type { StreamCopied } from './copying/one-stream.ts';
export { type BackupProgress, backupLog, type LogVerified, verifyLog } from './sqlite/index.ts';

export interface Side {
  readonly log: EventLog;
  readonly streams: Streams;
  /** In the words that the operator used. */
  readonly name: string;
}

export interface LogCopied {
  /** Streams in both logs, and all their events; of a stream that keeps its last event that one counts. */
  readonly streams: number;
  readonly events: number;
  /** Of these, appended by this run. */
  readonly appended: number;
  /** Equal in both. */
  readonly record: {
    readonly head: Revision;
    readonly lastEventId: EventId;
    /** SHA-256, hex: see StreamDigest. */
    readonly digest: string;
  };
}

export interface CopyProgress {
  /** Events that are in the copy and were read back. */
  readonly events: number;
  /** Of the record, and where it ends; undefined before its turn has come. */
  readonly record?: { readonly copied: Revision; readonly head: Revision };
}

export interface CopyOptions {
  readonly from: Side;
  readonly to: Side;
  /** Months that may have an access trail, `2026-04`. */
  readonly months?: Iterable<string>;
  /** Milliseconds for which a log may be away; default: not at all. */
  readonly patienceMs?: number;
  readonly onProgress?: (progress: CopyProgress) => void;
  /** After each stream, verified. */
  readonly onStream?: (copied: StreamCopied) => void;
  /** A log cannot be reached (and is asked again), or, with undefined, it can again. */
  readonly onTrouble?: (side: Side, error: LogUnavailable | undefined) => void;
  readonly signal?: AbortSignal;
}

/** Small streams are copied so many at a time: each is a few round trips. */
const AT_ONCE = 24;
/** Attachments may be large. */
const ATTACHMENTS_AT_ONCE = 6;

/**
 * Copies everything up to the heads as they are when each stream is reached. Nothing else may write to the copy meanwhile.
 * @throws LogRefused nothing to copy, another record in the copy, something that the copy cannot hold; LogUnavailable
 */
export function copyLog(options: CopyOptions): Promise<LogCopied> {
  return new LogCopy(options).run();
}

class LogCopy {
  readonly #options: CopyOptions;
  readonly #from: PatientLog;
  readonly #to: PatientLog;
  readonly #attachments = new Set<string>();
  /** Two scopes may name the same content. */
  readonly #contents = new Map<string, Promise<unknown>>();
  readonly #counted = { streams: 0, events: 0, appended: 0 };
  #eventsCopied = 0;
  #record: CopyProgress['record'];

  constructor(options: CopyOptions) {
    this.#options = options;
    const patient = (side: Side): PatientLog =>
      new PatientLog(side.log, {
        patienceMs: options.patienceMs ?? 0,
        onTrouble: (error) => options.onTrouble?.(side, error),
        ...(options.signal && { signal: options.signal }),
      });
    this.#from = patient(options.from);
    this.#to = patient(options.to);
  }

  async run(): Promise<LogCopied> {
    await this.#checkRecords();
    await this.#whole(({ credentials }) => credentials);
    const scopes = scopesRegisteredIn(this.#from, this.#options.from.streams.documents);
    await eachOf(scopes, AT_ONCE, (scope) => this.#scope(scope));
    await this.#whole(({ documents }) => documents);
    await eachOf(this.#options.months ?? [], AT_ONCE, (month) => this.#whole(({ access }) => access(month)));
    const record = (await this.#copyRecord())!;
    const last = await this.#to.readLast(this.#options.to.streams.record);
    return { ...this.#counted, record: { head: record.head, lastEventId: last!.id, digest: record.digest } };
  }

  /** Before anything is written: is there a record to copy, and is what the copy holds a beginning of it? */
  async #checkRecords(): Promise<void> {
    const { from, to } = this.#options;
    const [source] = await this.#from.read(from.streams.record, { from: 0 as Revision, limit: 1 });
    if (source === undefined) {
      throw new LogRefused(
        `nothing to copy: ${from.name} holds no record (its stream ${from.streams.record} is empty)`,
      );
    }
    const [target] = await this.#to.read(to.streams.record, { from: 0 as Revision, limit: 1 });
    if (target !== undefined && target.id !== source.id) {
      throw new LogRefused(
        `${to.name} holds another record (${idOf(target)}) than ${from.name} (${idOf(source)}), and nothing here ever replaces one. Give an empty place, or another prefix`,
      );
    }
    const [ends, head] = [await this.#to.readLast(to.streams.record), await this.#from.head(from.streams.record)];
    if (ends === undefined) return;
    const [same] = await this.#from.read(from.streams.record, { from: ends.revision, limit: 1 });
    if (same?.id === ends.id) return this.#checkGoneOn();
    throw new LogRefused(
      `the record at ${to.name} has gone on by itself: it ends at sequence ${ends.revision}, the one at ${from.name} at ${head}, and they are not the same up to there. It is a log of its own now, and is left as it is`,
    );
  }

  /** A copy that holds a record may have been served since: then documents or credentials may have been changed there. */
  async #checkGoneOn(): Promise<void> {
    const { from, to } = this.#options;
    for (const named of ['credentials', 'documents'] as const) {
      await beginningHeld({ from: this.#from, to: this.#to, source: from.streams[named], target: to.streams[named] });
    }
    await eachOf(scopesRegisteredIn(this.#to, to.streams.documents), AT_ONCE, async (scope) => {
      const target = to.streams.document(scope);
      const there = await this.#to.readLast(target);
      const source = there && (await this.#from.readLast(from.streams.document(scope)));
      if (source) refuseChangedThere(target, there, source);
    });
  }

  async #copyRecord(): Promise<StreamCopied | undefined> {
    const head = await this.#from.head(this.#options.from.streams.record);
    this.#record = { copied: NOTHING, head };
    return this.#whole(({ record }) => record, {
      before: (events) => this.#attachmentsNamedBy(events),
      onRevision: (copied) => {
        this.#record = { copied, head: Math.max(head, copied) as Revision };
      },
    });
  }

  async #attachmentsNamedBy(events: readonly RecordedEvent[]): Promise<void> {
    const fresh = new Set(events.flatMap(attachmentsNamedBy)).difference(this.#attachments);
    for (const sha256 of fresh) this.#attachments.add(sha256);
    await eachOf(fresh, ATTACHMENTS_AT_ONCE, (sha256) => this.#whole(({ attachment }) => attachment(sha256)));
  }

  /** The contents that a manifest names, then this manifest: a later one may name others. */
  async #scope(scope: string): Promise<void> {
    const { from, to } = this.#options;
    const source = from.streams.document(scope);
    const manifest = await this.#from.readLast(source);
    if (manifest === undefined) return;
    for (const sha256 of contentsNamedBy(manifest)) {
      const copied = this.#contents.get(sha256) ?? this.#whole(({ content }) => content(sha256));
      this.#contents.set(sha256, copied);
      await copied;
    }
    const sides = { from: this.#from, to: this.#to, source, target: to.streams.document(scope) };
    this.#count(await copyLast(sides, manifest));
    this.#progressed(1);
  }

  async #whole(
    named: (streams: Streams) => string,
    {
      before,
      onRevision,
    }: {
      readonly before?: (events: readonly RecordedEvent[]) => Promise<void>;
      readonly onRevision?: (revision: Revision) => void;
    } = {},
  ): Promise<StreamCopied | undefined> {
    const { from, to, signal } = this.#options;
    const copied = await copyWhole({
      from: this.#from,
      to: this.#to,
      source: named(from.streams),
      target: named(to.streams),
      onProgress: (revision, events) => {
        onRevision?.(revision);
        this.#progressed(events);
      },
      signal,
      ...(before && { before }),
    });
    if (copied) this.#count(copied);
    return copied;
  }

  #progressed(events: number): void {
    this.#options.signal?.throwIfAborted();
    this.#eventsCopied += events;
    this.#options.onProgress?.({ events: this.#eventsCopied, ...(this.#record && { record: this.#record }) });
  }

  #count(copied: StreamCopied): void {
    this.#counted.streams++;
    this.#counted.events += copied.events;
    this.#counted.appended += copied.appended;
    this.#options.onStream?.(copied);
  }
}

function idOf({ type, data }: RecordedEvent): string {
  return type === RECORD_OPENED ? (parseJson(data) as { recordId: string }).recordId : `it begins with ${type}`;
}

/** Several at a time, begun in order; the first failure ends it when those that were begun have ended. */
async function eachOf<T>(
  items: Iterable<T> | AsyncIterable<T>,
  atOnce: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const failures: unknown[] = [];
  for await (const item of items) {
    const one: Promise<void> = work(item)
      .then(
        () => undefined,
        (error: unknown) => void failures.push(error),
      )
      .finally(() => running.delete(one));
    running.add(one);
    if (running.size >= atOnce) await Promise.race(running);
    if (failures.length > 0) break;
  }
  await Promise.all(running);
  if (failures.length > 0) throw failures[0];
}
