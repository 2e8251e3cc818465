// State, agent profiles and activity profiles (xAPI 1.0.3 Communication 2.2 to 2.7). Each scope is one stream that keeps its
// last event, the manifest; so a precondition, a list or a deletion of many is one decision at one revision.

import { createHash } from 'node:crypto';
import {
  DOCUMENT_SCOPE_REGISTERED,
  DOCUMENTS_CHANGED,
  type DocumentsChanged,
  documentsChanged,
  type ManifestEntry,
} from '../../contracts/events/documents.ts';
import { fromInstant, toInstant } from '../../contracts/time.ts';
import { type Microseconds, NOTHING, type Revision } from '../../contracts/words.ts';
import { appendUntilKnown } from '../event-log/append-until-known.ts';
import {
  AppendTooLarge,
  type EventLog,
  LogUnavailable,
  type Streams,
  WrongExpectedRevision,
} from '../event-log/index.ts';
import { jsonEvent, parseJson, salt } from '../event-log/json-event.ts';
import { readChunks, sha256Of, storeChunks } from './chunks.ts';
import {
  type Document,
  type DocumentChange,
  type DocumentChanged,
  type DocumentInfo,
  type DocumentKey,
  type DocumentScope,
  type Preconditions,
  RecordingRefused,
} from './port.ts';

/** Contents up to this size travel in the manifest, as long as the manifest stays small. */
const INLINE_BYTES = 4 * 1024;
const INLINE_TOTAL_BYTES = 256 * 1024;

interface Manifest {
  readonly revision: Revision;
  readonly documents: readonly ManifestEntry[];
}

export interface FoundDocument {
  /** Of the content, bytes. */
  readonly size: number;
  read(): Promise<Document>;
}

/** What a change comes to: the manifest after it, and a content too large to travel in it. */
interface Decided {
  readonly documents: readonly ManifestEntry[];
  readonly etag?: string;
  readonly store?: { readonly sha256: string; readonly content: Uint8Array };
}

export class Documents {
  readonly #log: EventLog;
  readonly #streams: Streams;
  readonly #now: () => Microseconds;
  #lastUpdated = 0;
  /** Changes of one scope one after another, so that they rarely race. */
  readonly #queues = new Map<string, Promise<unknown>>();

  constructor(log: EventLog, streams: Streams, now: () => Microseconds) {
    this.#log = log;
    this.#streams = streams;
    this.#now = now;
  }

  async change(change: DocumentChange, by?: { credential: string; requestId: string }): Promise<DocumentChanged> {
    const stream = this.#streams.document(hashOf(change.scope));
    const before = this.#queues.get(stream) ?? Promise.resolve();
    const mine = before.then(() => this.#change(stream, change, by));
    // While the log is away those who wait behind are told with the first, and do not wait for it one after another.
    const settled = mine.then(
      () => undefined,
      (error) => {
        if (error instanceof LogUnavailable) throw error;
      },
    );
    settled.catch(() => undefined);
    this.#queues.set(stream, settled);
    try {
      return await mine;
    } catch (error) {
      throw refusalOf(error);
    } finally {
      if (this.#queues.get(stream) === settled) this.#queues.delete(stream);
    }
  }

  /** What is said of the document; its content is read when it is asked for. */
  async find(scope: DocumentScope, key: DocumentKey): Promise<FoundDocument | undefined> {
    const { documents } = await this.#manifest(this.#streams.document(hashOf(scope)));
    const entry = documents.find((candidate) => isOf(candidate, key));
    if (!entry) return undefined;
    const read = async () => ({ ...infoOf(entry), content: await this.#contentOf(entry) });
    return { size: entry.size, read };
  }

  async list(
    scope: DocumentScope,
    { registration, since }: { readonly registration?: string; readonly since?: Microseconds },
  ): Promise<readonly DocumentInfo[]> {
    const { documents } = await this.#manifest(this.#streams.document(hashOf(scope)));
    return documents
      .filter((entry) => registration === undefined || entry.registration === registration)
      .map(infoOf)
      .filter((info) => since === undefined || info.updated > since)
      .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
  }

  async #change(
    stream: string,
    change: DocumentChange,
    by: { credential: string; requestId: string } | undefined,
  ): Promise<DocumentChanged> {
    for (;;) {
      const manifest = await this.#manifest(stream);
      const decided = await this.#decide(change, manifest.documents);
      if (decided.documents === manifest.documents) return {};
      if (decided.store)
        await storeChunks(this.#log, this.#streams.content(decided.store.sha256), decided.store.content);
      if (manifest.revision === NOTHING) await this.#register(change.scope);
      const data: DocumentsChanged = { scope: change.scope, documents: [...decided.documents] };
      const event = jsonEvent(DOCUMENTS_CHANGED, data, {
        ...(by && { credential: by.credential, $correlationId: by.requestId, $causationId: by.requestId }),
        codec: 'plain',
        salt: salt(),
      });
      if (event.data.length + event.metadata.length > this.#log.limits.eventBytes) {
        throw new AppendTooLarge(event.data.length + event.metadata.length, this.#log.limits.eventBytes);
      }
      try {
        await appendUntilKnown(this.#log, stream, [event], { expectedRevision: manifest.revision, keepLast: true });
        return decided.etag === undefined ? {} : { etag: decided.etag };
      } catch (error) {
        // Another node changed the scope: decide again at what is there now.
        if (!(error instanceof WrongExpectedRevision)) throw error;
      }
    }
  }

  async #decide(change: DocumentChange, documents: readonly ManifestEntry[]): Promise<Decided> {
    if (change.kind === 'delete-all') {
      const kept = documents.filter(
        (entry) => change.registration !== undefined && entry.registration !== change.registration,
      );
      return { documents: kept.length === documents.length ? documents : kept };
    }
    const existing = documents.find((entry) => isOf(entry, change.key));
    checkPreconditions(change.preconditions, existing?.etag);
    const others = documents.filter((entry) => entry !== existing);
    switch (change.kind) {
      case 'delete':
        return { documents: existing ? others : documents };
      case 'put': {
        const unconditional =
          change.preconditions.ifMatch === undefined && change.preconditions.ifNoneMatch === undefined;
        if (existing && unconditional && change.preconditionNeeded) {
          throw new RecordingRefused({ reason: 'precondition-missing', etag: existing.etag });
        }
        return this.#withDocument(others, change.key, change.contentType, change.content);
      }
      case 'merge': {
        const posted = mergeable(change.contentType, change.content, 'the document posted');
        if (!existing) return this.#withDocument(others, change.key, change.contentType, change.content);
        const present = mergeable(existing.contentType, await this.#contentOf(existing), 'the document there');
        const merged = Buffer.from(JSON.stringify({ ...present, ...posted }));
        return this.#withDocument(others, change.key, existing.contentType, merged);
      }
    }
  }

  #withDocument(others: readonly ManifestEntry[], key: DocumentKey, contentType: string, content: Uint8Array): Decided {
    this.#lastUpdated = Math.max(this.#now(), this.#lastUpdated + 1);
    const etag = createHash('sha1').update(content).digest('hex');
    const described = {
      id: key.id,
      ...(key.registration === undefined ? undefined : { registration: key.registration }),
      etag,
      contentType,
      updated: toInstant(this.#lastUpdated as Microseconds),
      size: content.length,
    };
    const inlineBytes = others.reduce((sum, entry) => sum + (entry.inline?.length ?? 0), 0);
    if (content.length <= INLINE_BYTES && inlineBytes < INLINE_TOTAL_BYTES) {
      const inline = Buffer.from(content).toString('base64');
      return { documents: [...others, { ...described, inline }], etag };
    }
    const sha256 = sha256Of(content);
    return { documents: [...others, { ...described, content: sha256 }], etag, store: { sha256, content } };
  }

  async #manifest(stream: string): Promise<Manifest> {
    const last = await this.#log.readLast(stream);
    if (!last) return { revision: NOTHING, documents: [] };
    return { revision: last.revision, documents: documentsChanged.parse(parseJson(last.data)).documents };
  }

  async #register(scope: DocumentScope): Promise<void> {
    const event = jsonEvent(
      DOCUMENT_SCOPE_REGISTERED,
      { scope, hash: hashOf(scope) },
      { codec: 'plain', salt: salt() },
    );
    await this.#log.append(this.#streams.documents, [event], { expectedRevision: 'any' });
  }

  async #contentOf(entry: ManifestEntry): Promise<Uint8Array> {
    if (entry.inline !== undefined) return Buffer.from(entry.inline, 'base64');
    const content = await readChunks(this.#log, this.#streams.content(entry.content!));
    if (!content) throw new LogUnavailable(`the content ${entry.content} of document ${entry.id} is not in the log`);
    return content;
  }
}

/** Hex SHA-256 that names the scope's stream. */
export function hashOf(scope: DocumentScope): string {
  const parts = [scope.kind, 'activityId' in scope ? scope.activityId : '', 'agent' in scope ? scope.agent : ''];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function isOf(entry: ManifestEntry, key: DocumentKey): boolean {
  return entry.id === key.id && entry.registration === key.registration;
}

function infoOf(entry: ManifestEntry): DocumentInfo {
  const { id, etag, contentType, registration } = entry;
  const updated = fromInstant(entry.updated)!;
  return { id, etag, contentType, updated, ...(registration === undefined ? undefined : { registration }) };
}

/** RFC 9110 13.1; the etags of a missing document match nothing. */
function checkPreconditions({ ifMatch, ifNoneMatch }: Preconditions, etag: string | undefined): void {
  const matches = (wanted: readonly string[] | '*'): boolean =>
    etag !== undefined && (wanted === '*' || wanted.includes(etag));
  const holds = (ifMatch === undefined || matches(ifMatch)) && (ifNoneMatch === undefined || !matches(ifNoneMatch));
  if (!holds)
    throw new RecordingRefused({ reason: 'precondition-failed', ...(etag === undefined ? undefined : { etag }) });
}

/** xAPI 1.0.3 Communication 2.2, JSON procedure: both must be JSON objects under `application/json`. */
function mergeable(contentType: string, content: Uint8Array, which: string): Record<string, unknown> {
  const refuse = (what: string) => new RecordingRefused({ reason: 'not-mergeable', detail: `${which} ${what}` });
  if (contentType.split(';')[0]!.trim().toLowerCase() !== 'application/json') {
    throw refuse(`is ${contentType}, and only application/json can be merged`);
  }
  let value: unknown;
  try {
    value = parseJson(content);
  } catch {
    throw refuse('is not JSON');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw refuse('is not a JSON object');
  return value as Record<string, unknown>;
}

function refusalOf(error: unknown): unknown {
  if (error instanceof AppendTooLarge) {
    return new RecordingRefused({ reason: 'too-large', size: error.size, limit: error.limit });
  }
  if (error instanceof LogUnavailable) {
    return new RecordingRefused({ reason: 'unavailable', detail: error.message, retryAfter: 2 });
  }
  return error;
}
