// A copy of a log in another log, whatever either is: sequences kept, resumable, verified event by event.
//
// No log can list its streams, so a copy is driven from what the known ones name: the register of document scopes, the
// manifests with their large contents, and the attachments that whoever reads the statements hands in.

import {
  DOCUMENT_SCOPE_REGISTERED,
  documentScopeRegistered,
  documentsChanged,
} from '../../contracts/events/documents.ts';
import { NOTHING, type Revision } from '../../contracts/words.ts';
import { StreamDigest } from './digest.ts';
import { type EventLog, LogRefused, type RecordedEvent } from './port.ts';
import type { Streams } from './streams.ts';

export { type BackupProgress, backupLog, type LogVerified, verifyLog } from './sqlite/index.ts';

export interface StreamToCopy {
  readonly name: string;
  /** It keeps its last event: that event is copied, its revision is not (a log cannot begin a stream in the middle). */
  readonly keepLast?: boolean;
}

export interface StreamCopied {
  readonly stream: string;
  /** Events of the stream in both logs. */
  readonly events: number;
  /** Of these, appended by this run. */
  readonly appended: number;
  readonly head: Revision;
  /** SHA-256 over all its events, read back from the copy; equal to the source's. */
  readonly digest: string;
}

export interface LogCopied {
  readonly streams: number;
  readonly events: number;
  readonly appended: number;
}

export interface CopyOptions {
  readonly from: EventLog;
  readonly to: EventLog;
  readonly streams: Iterable<StreamToCopy> | AsyncIterable<StreamToCopy>;
  /** After each append. */
  readonly onProgress?: (progress: {
    readonly stream: string;
    readonly copied: Revision;
    readonly head: Revision;
  }) => void;
  /** After each stream, verified. */
  readonly onStream?: (copied: StreamCopied) => void;
  readonly signal?: AbortSignal;
}

const READ_AT_ONCE = 500;

/**
 * Copies the streams up to their heads as they are when each is reached. Begun again, it goes on after the last event of
 * each stream that the copy holds. Streams that do not exist are left out.
 * @throws LogRefused the copy holds other events than the source; whatever the two logs throw
 */
export async function copyLog({ from, to, streams, onProgress, onStream, signal }: CopyOptions): Promise<LogCopied> {
  let [count, events, appended] = [0, 0, 0];
  for await (const stream of streams) {
    signal?.throwIfAborted();
    const copied = stream.keepLast
      ? await copyLast(from, to, stream.name)
      : await copyAll(from, to, stream.name, onProgress, signal);
    if (copied === undefined) continue;
    onStream?.(copied);
    count++;
    events += copied.events;
    appended += copied.appended;
  }
  return { streams: count, events, appended };
}

async function copyAll(
  from: EventLog,
  to: EventLog,
  stream: string,
  onProgress: CopyOptions['onProgress'],
  signal: AbortSignal | undefined,
): Promise<StreamCopied | undefined> {
  const head = await from.head(stream);
  if (head === NOTHING) return undefined;
  const begun = await to.readLast(stream);
  let copied = begun?.revision ?? NOTHING;
  if (begun !== undefined) {
    const [same] = await from.read(stream, { from: begun.revision, limit: 1 });
    if (same?.id !== begun.id) throw other(stream, begun.revision);
  }
  let appended = 0;
  while (copied < head) {
    signal?.throwIfAborted();
    const page = await from.read(stream, {
      from: (copied + 1) as Revision,
      limit: Math.min(READ_AT_ONCE, head - copied),
    });
    if (page.length === 0) throw new LogRefused(`the stream ${stream} ends at ${copied}, though its head was ${head}`);
    for (const events of parts(page, to.limits.appendBytes)) {
      ({ revision: copied } = await to.append(stream, events, { expectedRevision: copied }));
      appended += events.length;
      onProgress?.({ stream, copied, head });
    }
  }
  const digest = await compare(from, to, stream, head, signal);
  return { stream, events: head + 1, appended, head, digest };
}

/** Both logs read again from the start, so that what the digest covers is what is on disk. */
async function compare(
  from: EventLog,
  to: EventLog,
  stream: string,
  head: Revision,
  signal: AbortSignal | undefined,
): Promise<string> {
  const digest = new StreamDigest();
  for (let next = 0; next <= head; ) {
    signal?.throwIfAborted();
    const page = { from: next as Revision, limit: Math.min(READ_AT_ONCE, head - next + 1) };
    const [source, copy] = await Promise.all([from.read(stream, page), to.read(stream, page)]);
    for (const [index, event] of source.entries()) {
      if (!sameEvent(event, copy[index])) throw other(stream, event.revision);
      digest.add(copy[index]!);
    }
    if (source.length < page.limit) throw other(stream, (next + source.length) as Revision);
    next += source.length;
  }
  return digest.hex();
}

async function copyLast(from: EventLog, to: EventLog, stream: string): Promise<StreamCopied | undefined> {
  const source = await from.readLast(stream);
  if (source === undefined) return undefined;
  const before = await to.readLast(stream);
  const appended = before?.id === source.id ? 0 : 1;
  if (appended === 1) {
    await to.append(stream, [source], { expectedRevision: before?.revision ?? NOTHING, keepLast: true });
  }
  const copy = await to.readLast(stream);
  if (!sameEvent(source, copy, { revision: false })) throw other(stream, source.revision);
  const digest = new StreamDigest();
  digest.add({ ...copy!, revision: source.revision });
  return { stream, events: 1, appended, head: copy!.revision, digest: digest.hex() };
}

function sameEvent(one: RecordedEvent, two: RecordedEvent | undefined, { revision = true } = {}): boolean {
  return (
    two !== undefined &&
    (!revision || one.revision === two.revision) &&
    one.id === two.id &&
    one.type === two.type &&
    one.contentType === two.contentType &&
    Buffer.compare(one.data, two.data) === 0 &&
    Buffer.compare(one.metadata, two.metadata) === 0
  );
}

function other(stream: string, revision: Revision): LogRefused {
  return new LogRefused(
    `the copy holds another event than the source at revision ${revision} of the stream ${stream}: it is no copy of this log`,
  );
}

/** The events in appends of at most so many bytes. */
function* parts(events: readonly RecordedEvent[], appendBytes: number): Generator<readonly RecordedEvent[]> {
  let part: RecordedEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = event.data.byteLength + event.metadata.byteLength;
    if (part.length > 0 && bytes + size > appendBytes) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(event);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

/**
 * The streams of a log by what they name themselves: credentials, what statements and documents refer to, the register of
 * scopes, and the record last, so that a copy that was cut off refers to nothing that is not there.
 * @param attachments SHA-256 (hex) of the attachments that statements name
 * @param months months with an access trail, `2026-04`
 */
export async function* knownStreams(
  log: EventLog,
  streams: Streams,
  {
    attachments = [],
    months = [],
  }: {
    readonly attachments?: Iterable<string> | AsyncIterable<string>;
    readonly months?: Iterable<string>;
  } = {},
): AsyncGenerator<StreamToCopy> {
  yield { name: streams.credentials };
  for await (const sha256 of attachments) yield { name: streams.attachment(sha256) };
  for await (const scope of documentScopes(log, streams)) {
    for (const sha256 of await contentsOf(log, streams, scope)) yield { name: streams.content(sha256) };
    yield { name: streams.document(scope), keepLast: true };
  }
  yield { name: streams.documents };
  for (const month of months) yield { name: streams.access(month) };
  yield { name: streams.record };
}

async function* documentScopes(log: EventLog, streams: Streams): AsyncGenerator<string> {
  const seen = new Set<string>();
  for (let from = 0; ; from += READ_AT_ONCE) {
    const events = await log.read(streams.documents, { from: from as Revision, limit: READ_AT_ONCE });
    for (const { type, data } of events) {
      if (type !== DOCUMENT_SCOPE_REGISTERED) continue;
      const { hash } = documentScopeRegistered.parse(JSON.parse(Buffer.from(data).toString()));
      if (!seen.has(hash)) yield hash;
      seen.add(hash);
    }
    if (events.length < READ_AT_ONCE) return;
  }
}

async function contentsOf(log: EventLog, streams: Streams, scope: string): Promise<string[]> {
  const manifest = await log.readLast(streams.document(scope));
  if (manifest === undefined) return [];
  const { documents } = documentsChanged.parse(JSON.parse(Buffer.from(manifest.data).toString()));
  return documents.flatMap(({ content }) => (content === undefined ? [] : [content]));
}
