// The double's streams: what an append, a read, a deletion does to them, as a real server was seen to do it. No gRPC here.
//
// Appends that wait are decided together and flushed together; each is answered after the flush, and until then readers do
// not see it.

import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { BlockFile, blockOf, type Entry, type EventToStore, type StoredEvent } from './file.ts';

/** A revision, or what the protocol has instead of one. */
export type Expected = number | 'any' | 'no_stream' | 'stream_exists';

export type Outcome =
  | { readonly kind: 'done'; readonly revision: number; readonly position: number | undefined }
  | { readonly kind: 'wrong-version'; readonly current: number }
  | { readonly kind: 'deleted' };

export type Found =
  | { readonly kind: 'stream'; readonly first: number; readonly last: number }
  | { readonly kind: 'no-stream' }
  | { readonly kind: 'deleted'; readonly position: number };

/** `$acl` of a stream's metadata: who may do what; a name, a role, or several. */
export interface Acl {
  readonly $r?: string | readonly string[];
  readonly $w?: string | readonly string[];
  readonly $d?: string | readonly string[];
  readonly $mr?: string | readonly string[];
  readonly $mw?: string | readonly string[];
}

export interface StreamMetadata {
  readonly $maxCount?: number | undefined;
  /** Seconds. */
  readonly $maxAge?: number | undefined;
  readonly $tb?: number | undefined;
  readonly $acl?: Acl | undefined;
}

/** A soft deletion sets $tb to the greatest 64-bit number, which JSON.parse rounds up to this. */
const DELETED = 2 ** 63;
/** The ids that an append without a revision is compared with: the latest, and not after a restart. */
const RECENT_IDS = 100_000;
const GROUP_BYTES = 16 * 1024 * 1024;

interface Stream {
  readonly name: string;
  offsets: Float64Array;
  /** Events decided on; `visible` are those on disk. */
  count: number;
  visible: number;
  tombstoned: boolean;
  tombstoneVisible: boolean;
}

interface Waiting {
  readonly decide: () => Decision | 'after-flush';
  readonly resolve: (outcome: Outcome) => void;
}

/** What a change comes to. Without entries nothing is written. */
interface Decision {
  readonly outcome: (positionOf: (entry: number, event: number) => number) => Outcome;
  readonly entries: readonly Entry[];
}

export class Streams {
  readonly #file: BlockFile;
  readonly #streams = new Map<string, Stream>();
  readonly #metadata = new Map<string, StreamMetadata>();
  readonly #recent = new Map<string, { readonly stream: string; readonly revision: number }>();
  readonly #listeners = new Map<string, Set<() => void>>();
  #waiting: Waiting[] = [];
  #flushing = false;
  /** Microseconds by which the double's clock is wrong. */
  clockShift = 0;

  constructor(folder: string) {
    this.#file = new BlockFile(join(folder, 'double.log'), ({ kind, stream: name, head, offsets }) => {
      const stream = this.#reach(name);
      if (kind === 'append') for (const offset of offsets) push(stream, offset);
      else if (kind === 'tombstone') stream.tombstoned = true;
      else stream.count = head + 1;
      show(stream);
    });
  }

  get cutOff(): number {
    return this.#file.cutOff;
  }

  get events(): number {
    let events = 0;
    for (const { count } of this.#streams.values()) events += count;
    return events;
  }

  append(name: string, expected: Expected, events: readonly EventToStore[]): Promise<Outcome> {
    return this.#change(() => {
      const check = this.#check(name, expected, events);
      if (check === 'after-flush') return check;
      if (check.kind !== 'write') return { entries: [], outcome: () => check.outcome };
      const { current } = check;
      const created = this.now();
      const entries: Entry[] = this.#undeletions(name, current, events, created);
      const last = events.length - 1;
      if (last >= 0) entries.unshift({ kind: 'append', stream: name, created, events });
      const end = this.#file.size;
      return {
        entries,
        outcome: (positionOf) => {
          return { kind: 'done', revision: current + events.length, position: last < 0 ? end : positionOf(0, last) };
        },
      };
    });
  }

  /** Soft: the stream begins anew with the next append, numbers going on. */
  delete(name: string, expected: Expected): Promise<Outcome> {
    return this.#change(() => {
      const check = this.#check(name, expected, undefined);
      if (check === 'after-flush') return check;
      if (check.kind !== 'write') return { entries: [], outcome: () => check.outcome };
      const metastream = metastreamOf(name);
      if (check.current < 0 && this.#lastOf(metastream) < 0) {
        return { entries: [], outcome: () => ({ kind: 'wrong-version', current: -1 }) };
      }
      const events = [metadataEvent('{"$tb":9223372036854775807}')];
      return {
        entries: [{ kind: 'append', stream: metastream, created: this.now(), events }],
        outcome: (positionOf) => ({ kind: 'done', revision: check.current, position: positionOf(0, 0) }),
      };
    });
  }

  tombstone(name: string, expected: Expected): Promise<Outcome> {
    return this.#change(() => {
      const check = this.#check(name, expected, undefined);
      if (check === 'after-flush') return check;
      if (check.kind !== 'write') return { entries: [], outcome: () => check.outcome };
      const position = this.#file.size;
      return {
        entries: [{ kind: 'tombstone', stream: name }],
        outcome: () => ({ kind: 'done', revision: check.current, position }),
      };
    });
  }

  /** Makes the stream's last `events` events never have been. Durable; subscribers are not told. */
  async loseTail(name: string, events: number): Promise<number> {
    const outcome = await this.#change(() => {
      const head = Math.max(-1, this.#lastOf(name) - events);
      return {
        entries: [{ kind: 'cut', stream: name, head }],
        outcome: () => ({ kind: 'done', revision: head, position: undefined }),
      };
    });
    return outcome.kind === 'done' ? outcome.revision : -1;
  }

  /** The revisions that a reader gets to see, after $maxCount, $maxAge, $tb and deletions. */
  find(name: string): Found {
    const stream = this.#streams.get(name);
    if (this.#tombstoned(name, 'tombstoneVisible')) return { kind: 'deleted', position: this.#file.size };
    const { $maxCount, $maxAge, $tb } = this.metadataOf(name);
    if (stream === undefined || stream.visible === 0 || ($tb ?? 0) >= DELETED) return { kind: 'no-stream' };
    const last = stream.visible - 1;
    let first = Math.max(0, $tb ?? 0);
    if ($maxCount !== undefined) first = Math.max(first, last - $maxCount + 1);
    if ($maxAge !== undefined) first = Math.max(first, this.#firstSince(stream, this.now() - $maxAge * 1_000_000));
    return { kind: 'stream', first, last };
  }

  /** An event on disk, and its position. Its bytes are only good until the next call. */
  event(name: string, revision: number): { readonly event: StoredEvent; readonly position: number } {
    const position = this.#streams.get(name)!.offsets[revision]!;
    return { event: this.#file.eventAt(position), position };
  }

  metadataOf(name: string): StreamMetadata {
    // A metadata stream keeps its last event; it has no metadata of its own.
    if (isMetastream(name)) return { $maxCount: 1 };
    let metadata = this.#metadata.get(name);
    if (metadata === undefined) {
      metadata = parsed(this.#rawMetadata(name));
      this.#metadata.set(name, metadata);
    }
    return metadata;
  }

  /** Calls back after each flush that added to the stream or deleted it; returns how to stop that. */
  listen(name: string, changed: () => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(changed));
    return () => {
      listeners.delete(changed);
      if (listeners.size === 0) this.#listeners.delete(name);
    };
  }

  now(): number {
    return Date.now() * 1000 + this.clockShift;
  }

  /** Whether a change may be made, or what became of it when it was made before. */
  #check(
    name: string,
    expected: Expected,
    events: readonly EventToStore[] | undefined,
  ): { kind: 'write'; current: number } | { kind: 'answer'; outcome: Outcome } | 'after-flush' {
    if (this.#unflushed(metastreamOf(isMetastream(name) ? originalOf(name) : name))) return 'after-flush';
    const stream = this.#streams.get(name);
    const current = (stream?.count ?? 0) - 1;
    const wrong = { kind: 'answer', outcome: { kind: 'wrong-version', current } } as const;
    if (this.#tombstoned(name, 'tombstoned')) return { kind: 'answer', outcome: { kind: 'deleted' } };
    if (expected === 'any' || expected === 'stream_exists') {
      if (expected === 'stream_exists') {
        if (this.#softDeleted(name)) return { kind: 'answer', outcome: { kind: 'deleted' } };
        if (current < 0 && this.#lastOf(metastreamOf(name)) < 0) return wrong;
      }
      return this.#checkRecent(name, current, events ?? []);
    }
    const revision = expected === 'no_stream' ? -1 : expected;
    if (revision > current) return wrong;
    if (revision === current) return { kind: 'write', current };
    if (this.#unflushed(name)) return 'after-flush';
    const again = events === undefined ? 0 : this.#sameIds(stream!, revision, events);
    if (events !== undefined && events.length > 0 && again === events.length) {
      const last = revision + again;
      return { kind: 'answer', outcome: { kind: 'done', revision: last, position: this.#seen(stream!, last) } };
    }
    if (again === 0 && revision === -1 && this.#softDeleted(name)) return { kind: 'write', current };
    return wrong;
  }

  /** An append to any revision counts as made when all its ids were, in this stream and lately. */
  #checkRecent(
    name: string,
    current: number,
    events: readonly EventToStore[],
  ): { kind: 'write'; current: number } | { kind: 'answer'; outcome: Outcome } | 'after-flush' {
    let last = -1;
    for (const [index, { id }] of events.entries()) {
      const known = this.#recent.get(id.toString('latin1'));
      if (known?.stream !== name) {
        if (index === 0) return { kind: 'write', current };
        return { kind: 'answer', outcome: { kind: 'wrong-version', current } };
      }
      last = known.revision;
    }
    if (events.length === 0) return { kind: 'write', current };
    const stream = this.#streams.get(name)!;
    if (last >= stream.visible) return 'after-flush';
    return { kind: 'answer', outcome: { kind: 'done', revision: last, position: this.#seen(stream, last) } };
  }

  /** How many of the events stand, by their ids alone, right after the revision. */
  #sameIds(stream: Stream, revision: number, events: readonly EventToStore[]): number {
    for (const [index, { id }] of events.entries()) {
      const at = revision + 1 + index;
      if (at >= stream.count || !this.#file.eventAt(stream.offsets[at]!).id.equals(id)) return index;
    }
    return events.length;
  }

  /** Where the event is, if a reader would still see it. */
  #seen(stream: Stream, revision: number): number | undefined {
    const found = this.find(stream.name);
    return found.kind === 'stream' && revision >= found.first ? stream.offsets[revision] : undefined;
  }

  /** A soft-deleted stream that is written to, or given metadata, begins after its old events: $tb says so. */
  #undeletions(name: string, current: number, events: readonly EventToStore[], created: number): Entry[] {
    const original = isMetastream(name) ? originalOf(name) : name;
    if (!this.#softDeleted(original)) return [];
    const raw = isMetastream(name) ? events.at(-1)?.data.toString() : this.#rawMetadata(original);
    const begins = isMetastream(name) ? this.#lastOf(original) + 1 : current + 1;
    const metadata = asObject(raw);
    if (metadata === undefined) return [];
    const event = metadataEvent(JSON.stringify({ ...metadata, $tb: begins }));
    return [{ kind: 'append', stream: metastreamOf(original), created, events: [event] }];
  }

  /** A stream that is gone for good takes its metadata with it. */
  #tombstoned(name: string, when: 'tombstoned' | 'tombstoneVisible'): boolean {
    const original = isMetastream(name) ? originalOf(name) : name;
    return this.#streams.get(name)?.[when] === true || this.#streams.get(original)?.[when] === true;
  }

  #softDeleted(name: string): boolean {
    return (this.metadataOf(name).$tb ?? 0) >= DELETED;
  }

  #rawMetadata(name: string): string | undefined {
    const stream = this.#streams.get(metastreamOf(name));
    if (stream === undefined || stream.visible === 0) return undefined;
    return this.#file.eventAt(stream.offsets[stream.visible - 1]!).data.toString();
  }

  #unflushed(name: string): boolean {
    const stream = this.#streams.get(name);
    return stream !== undefined && stream.visible !== stream.count;
  }

  #lastOf(name: string): number {
    return (this.#streams.get(name)?.count ?? 0) - 1;
  }

  #firstSince(stream: Stream, instant: number): number {
    let [low, high] = [0, stream.visible];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#file.eventAt(stream.offsets[middle]!).created < instant) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #reach(name: string): Stream {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = { name, offsets: new Float64Array(8), count: 0, visible: 0, tombstoned: false, tombstoneVisible: false };
      this.#streams.set(name, stream);
    }
    return stream;
  }

  #change(decide: () => Decision | 'after-flush'): Promise<Outcome> {
    return new Promise((resolve) => {
      this.#waiting.push({ decide, resolve });
      if (!this.#flushing) {
        this.#flushing = true;
        setImmediate(() => this.#flushAll());
      }
    });
  }

  async #flushAll(): Promise<void> {
    while (this.#waiting.length > 0) await this.#flushGroup();
    this.#flushing = false;
  }

  /** Decides in the order of arrival until one depends on what is not on disk yet; flushes; answers. */
  async #flushGroup(): Promise<void> {
    const blocks: Buffer[] = [];
    const answers: (() => void)[] = [];
    const touched = new Set<Stream>();
    let end = this.#file.size;
    let taken = 0;
    for (const { decide, resolve } of this.#waiting) {
      if (end - this.#file.size > GROUP_BYTES) break;
      const decision = decide();
      if (decision === 'after-flush') break;
      taken++;
      const start = end;
      const { block, offsets } = blockOf(decision.entries);
      if (decision.entries.length > 0) {
        blocks.push(block);
        end += block.length;
        for (const [index, entry] of decision.entries.entries()) {
          touched.add(this.#prepare(entry, offsets[index]!, start));
        }
      }
      answers.push(() => resolve(decision.outcome((entry, event) => start + offsets[entry]![event]!)));
    }
    this.#waiting.splice(0, taken);
    if (blocks.length > 0) await this.#file.append(blocks);
    for (const stream of touched) {
      show(stream);
      if (isMetastream(stream.name)) this.#metadata.delete(originalOf(stream.name));
    }
    for (const answer of answers) answer();
    for (const { name } of touched) for (const changed of this.#listeners.get(name) ?? []) changed();
  }

  #prepare(entry: Entry, offsets: readonly number[], start: number): Stream {
    const stream = this.#reach(entry.stream);
    if (entry.kind === 'tombstone') stream.tombstoned = true;
    else if (entry.kind === 'cut') stream.count = entry.head + 1;
    else {
      for (const [index, offset] of offsets.entries()) {
        this.#remember(entry.events[index]!.id, stream);
        push(stream, start + offset);
      }
    }
    return stream;
  }

  /** The first place where an id was seen is the one that counts. */
  #remember(id: Buffer, stream: Stream): void {
    const key = id.toString('latin1');
    if (this.#recent.has(key)) return;
    this.#recent.set(key, { stream: stream.name, revision: stream.count });
    if (this.#recent.size > RECENT_IDS) {
      for (const oldest of this.#recent.keys()) {
        this.#recent.delete(oldest);
        break;
      }
    }
  }
}

/** What was decided is on disk, and readers may see it. */
function show(stream: Stream): void {
  stream.visible = stream.count;
  stream.tombstoneVisible = stream.tombstoned;
}

function push(stream: Stream, offset: number): void {
  if (stream.count === stream.offsets.length) {
    const larger = new Float64Array(stream.count * 2);
    larger.set(stream.offsets);
    stream.offsets = larger;
  }
  stream.offsets[stream.count++] = offset;
}

export const isMetastream = (name: string): boolean => name.startsWith('$$');
export const metastreamOf = (name: string): string => `$$${name}`;
export const originalOf = (metastream: string): string => metastream.slice(2);

function metadataEvent(json: string): EventToStore {
  return {
    id: Buffer.from(randomUUID().replaceAll('-', ''), 'hex'),
    type: Buffer.from('$metadata'),
    isJson: true,
    data: Buffer.from(json),
    metadata: Buffer.alloc(0),
  };
}

function asObject(json: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(json ?? '');
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** A real server takes no notice of metadata of which one part is nonsense. */
function parsed(json: string | undefined): StreamMetadata {
  const { $maxCount, $maxAge, $tb, $acl } = asObject(json) ?? {};
  const limits = { $maxCount, $maxAge, $tb };
  for (const [name, value] of Object.entries(limits)) {
    const least = name === '$tb' ? 0 : 1;
    if (value !== undefined && !(Number.isInteger(value) && (value as number) >= least)) return {};
  }
  if ($acl !== undefined && (typeof $acl !== 'object' || $acl === null)) return {};
  return { ...limits, $acl } as StreamMetadata;
}
