// The queries as they run on a read worker: synchronous, over one snapshot of the index, statements read from the log.

import type { StatementRecordedMetadata } from '../../../contracts/events/index.ts';
import { STATEMENT_RECORDED } from '../../../contracts/events/names.ts';
import { fromInstant } from '../../../contracts/time.ts';
import type { AgentKey, Microseconds, Sequence, StatementId } from '../../../contracts/words.ts';
import {
  attachmentsOf,
  namedAgents,
  type Statement,
  statementTerms,
  toCanonical,
  toIds,
} from '../../../contracts/xapi/accepted.ts';
import type { LocalLog, RecordedEvent } from '../../event-log/index.ts';
import { GenerationFollower } from '../follower.ts';
import { eventLine } from './event-line.ts';
import type { IndexCheckpoint } from './file.ts';
import { INDEX } from './file.ts';
import {
  type Cursor,
  type FoundStatement,
  type IndexedUpTo,
  IndexNotReady,
  type StatementPage,
  type StatementQuery,
} from './port.ts';
import { Search } from './search.ts';

/** A page ends early rather than fill the memory; the rest follows under `more`. */
const PAGE_BYTES = 16 * 1024 * 1024;
/** Statements are read from the log in runs of so many, so that a page that ends early has not read all of them. */
const RUN = 100;
/** How many of an agent's latest statements are looked at for its names. */
const STATEMENTS_FOR_NAMES = 100;

export class StatementReading {
  readonly #log: LocalLog;
  readonly #record: string;
  readonly #index: GenerationFollower<Search>;

  constructor({ dataDir, log, record }: { readonly dataDir: string; readonly log: LocalLog; readonly record: string }) {
    this.#log = log;
    this.#record = record;
    this.#index = new GenerationFollower(INDEX, dataDir, { withBuilding: false }, (database) => new Search(database));
  }

  find(query: StatementQuery): StatementPage {
    const search = this.#search();
    return search.snapshot((checkpoint) => {
      const head = headFor(query, checkpoint);
      const sequences = search.find(query, this.#range(query, head), query.limit + 1);
      const page = this.#read(sequences.slice(0, query.limit));
      const last = page.at(-1)?.revision as Sequence | undefined;
      const newest = query.ascending ? page.at(-1) : page[0];
      const next: Cursor | undefined =
        last !== undefined && page.length < sequences.length
          ? { after: last, head: query.cursor?.head ?? checkpoint.sequence }
          : undefined;
      return {
        statements: joined(page.map((event) => this.#shown(event, query, search))),
        count: page.length,
        attachments: attachmentsIn(page),
        indexedUpTo: upTo(checkpoint),
        ...(next && { next }),
        ...(newest && { newest: storedOf(newest) }),
      };
    });
  }

  byId(
    id: StatementId,
    { at, ...shape }: { readonly at?: Sequence } & Pick<StatementQuery, 'format' | 'languages'>,
  ): FoundStatement | undefined {
    const search = at === undefined ? this.#search() : this.#index.current();
    if (!search) return this.#found(at!, shape, undefined, () => false);
    return search.snapshot(() => {
      const indexed = search.sequenceOf(id);
      if (indexed !== undefined) {
        return this.#found(indexed as Sequence, shape, search, () => search.isVoided(indexed));
      }
      // Not indexed yet: it may have been voided before it came, unless it is a voiding statement itself.
      const isVoided = (event: RecordedEvent): boolean =>
        search.isVoidedId(id) && statementTerms(parse(event.data) as Statement).voids === undefined;
      return at === undefined ? undefined : this.#found(at, shape, search, isVoided);
    });
  }

  activity(id: string): Record<string, unknown> | undefined {
    const search = this.#search();
    const definition = search.snapshot(() => search.definition(id));
    return definition && { objectType: 'Activity', id, definition };
  }

  agentNames(agent: AgentKey): readonly string[] {
    const search = this.#search();
    const query: StatementQuery = {
      agent,
      relatedAgents: true,
      relatedActivities: false,
      ascending: false,
      limit: STATEMENTS_FOR_NAMES,
      format: 'exact',
      languages: [],
    };
    const sequences = search.snapshot(({ sequence }) =>
      search.find(query, { from: 0, to: sequence }, STATEMENTS_FOR_NAMES),
    );
    const names = new Set<string>();
    for (const event of this.#read(sequences)) {
      for (const { key, name } of namedAgents(parse(event.data) as Statement)) if (key === agent) names.add(name);
    }
    return [...names];
  }

  async events({
    after,
    until = Number.MAX_SAFE_INTEGER as Sequence,
    limit,
  }: {
    readonly after: Sequence;
    readonly until?: Sequence;
    readonly limit: number;
  }): Promise<{ readonly ndjson: Uint8Array<ArrayBuffer>; readonly last: Sequence; readonly count: number }> {
    const lines: Uint8Array[] = [];
    let bytes = 0;
    let last = after;
    while (lines.length < limit && last < until && bytes < PAGE_BYTES) {
      const wanted = Math.min(RUN, limit - lines.length, until - last);
      const events = await this.#log.read(this.#record, {
        from: (last + 1) as Sequence & RecordedEvent['revision'],
        limit: wanted,
      });
      for (const event of events) {
        const line = eventLine(event);
        lines.push(line);
        bytes += line.length;
        last = event.revision as number as Sequence;
      }
      if (events.length < wanted) break;
    }
    return { ndjson: own(Buffer.concat(lines)), last, count: lines.length };
  }

  indexedUpTo(): IndexedUpTo {
    return upTo(this.#index.checkpoint());
  }

  async close(): Promise<void> {
    this.#index.close();
    await this.#log.close();
  }

  #search(): Search {
    const search = this.#index.current();
    if (search) return search;
    throw new IndexNotReady(this.#index.checkpoint().sequence);
  }

  #range(query: StatementQuery, head: number): { from: number; to: number } {
    let from = 0;
    let to = head;
    if (query.since !== undefined) from = this.#lastStoredBy(query.since, head) + 1;
    if (query.until !== undefined) to = this.#lastStoredBy(query.until, head);
    if (query.cursor) {
      if (query.ascending) from = Math.max(from, query.cursor.after + 1);
      else to = Math.min(to, query.cursor.after - 1);
    }
    return { from, to };
  }

  /** `stored` increases along the record, so the record itself is the table to bisect. */
  #lastStoredBy(instant: Microseconds, head: number): Sequence {
    let low = 0;
    let high = head + 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (storedOf(this.#event(middle)) <= instant) low = middle + 1;
      else high = middle;
    }
    return (low - 1) as Sequence;
  }

  #event(sequence: number): RecordedEvent {
    const [event] = this.#log.readEach(this.#record, [sequence as RecordedEvent['revision']]);
    if (!event) throw new Error(`the log has no event ${sequence} of the record, although it was indexed`);
    return event;
  }

  #read(sequences: readonly number[]): RecordedEvent[] {
    const page: RecordedEvent[] = [];
    let bytes = 0;
    for (let from = 0; from < sequences.length; from += RUN) {
      const wanted = sequences.slice(from, from + RUN) as RecordedEvent['revision'][];
      const events = this.#log.readEach(this.#record, wanted);
      if (events.length < wanted.length) throw new Error('the log lacks events of the record that were indexed');
      for (const event of events) {
        bytes += event.data.length;
        if (bytes > PAGE_BYTES && page.length > 0) return page;
        page.push(event);
      }
    }
    return page;
  }

  #shown(
    event: RecordedEvent,
    { format, languages }: Pick<StatementQuery, 'format' | 'languages'>,
    search: Search | undefined,
  ): Uint8Array {
    if (format === 'exact') return event.data;
    const statement = parse(event.data) as Statement;
    const shown =
      format === 'ids' ? toIds(statement) : toCanonical(statement, (id) => search?.definition(id), languages);
    return Buffer.from(JSON.stringify(shown));
  }

  #found(
    sequence: Sequence,
    shape: Pick<StatementQuery, 'format' | 'languages'>,
    search: Search | undefined,
    isVoided: (event: RecordedEvent) => boolean,
  ): FoundStatement | undefined {
    const [event] = this.#log.readEach(this.#record, [sequence as RecordedEvent['revision'] & Sequence]);
    if (event?.type !== STATEMENT_RECORDED) return undefined;
    return {
      statement: own(this.#shown(event, shape, search)),
      stored: storedOf(event),
      sequence,
      voided: isVoided(event),
      credential: (parse(event.metadata) as StatementRecordedMetadata).credential,
      attachments: attachmentsIn([event]),
    };
  }
}

/** Newest-first pages show what was there when the first of them was read; oldest-first ones go on into what comes. */
function headFor({ ascending, cursor }: StatementQuery, { sequence }: IndexCheckpoint): number {
  return cursor && !ascending ? Math.min(cursor.head, sequence) : sequence;
}

function upTo({ sequence, stored }: IndexCheckpoint): IndexedUpTo {
  return { sequence, stored };
}

function storedOf(event: RecordedEvent): Microseconds {
  const text =
    event.type === STATEMENT_RECORDED
      ? (parse(event.data) as Statement).stored
      : (parse(event.metadata) as { recordedAt?: string }).recordedAt;
  const at = text === undefined ? undefined : fromInstant(text);
  if (at === undefined) throw new Error(`event ${event.revision} of the record has no instant of recording`);
  return at;
}

const ATTACHMENTS = Buffer.from('"attachments"');

function attachmentsIn(events: readonly RecordedEvent[]): { readonly sha256: string; readonly contentType: string }[] {
  const found = new Map<string, { sha256: string; contentType: string }>();
  for (const { data } of events) {
    if (!Buffer.from(data.buffer, data.byteOffset, data.byteLength).includes(ATTACHMENTS)) continue;
    for (const { sha2, contentType } of attachmentsOf(parse(data) as Statement)) {
      if (!found.has(sha2)) found.set(sha2, { sha256: sha2, contentType });
    }
  }
  return [...found.values()];
}

const COMMA = 44;

function joined(statements: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let size = Math.max(0, statements.length - 1);
  for (const statement of statements) size += statement.length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const statement of statements) {
    if (at > 0) bytes[at++] = COMMA;
    bytes.set(statement, at);
    at += statement.length;
  }
  return bytes;
}

/** In a buffer of its own, which may be handed to another thread. */
function own(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

const utf8 = new TextDecoder();

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(utf8.decode(bytes));
}
