// The rows of the embedded log: every SQL statement of it, and rows as events.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventId, Microseconds, Revision } from '../../../contracts/words.ts';
import { NOTHING } from '../../../contracts/words.ts';
import type { EventToAppend, RecordedEvent } from '../port.ts';

export interface StreamRow {
  readonly id: number;
  readonly name: string;
  readonly keepLast: boolean;
}

interface Kind {
  readonly id: number;
  readonly type: string;
  readonly contentType: 'json' | 'binary';
}

type Cells = [place: number, id: string, kind: number, created: number, metadata: Uint8Array, data: Uint8Array];

/** So many stream names are remembered; documents alone may be millions. */
const STREAMS_REMEMBERED = 10_000;
const MOST_REVISIONS = 0xffff_ffff;

export type Rows = ReturnType<typeof prepareRows>;

export function prepareRows(database: DatabaseSync) {
  const prepare = (sql: string): StatementSync => {
    const statement = database.prepare(sql);
    statement.setReturnArrays(true);
    return statement;
  };
  const cells = 'place & 4294967295, id, kind, created, metadata, data FROM event';
  // ?1 is the stream; with 32 bits for the revision, numbers bound as doubles are exact.
  const forwards = prepare(
    `SELECT ${cells} WHERE place BETWEEN (?1 << 32) | ?2 AND (?1 << 32) | 4294967295 ORDER BY place LIMIT ?3`,
  );
  const backwards = prepare(
    `SELECT ${cells} WHERE place BETWEEN ?1 << 32 AND (?1 << 32) | ?2 ORDER BY place DESC LIMIT ?3`,
  );
  const exactly = prepare(`SELECT ${cells} WHERE place = (?1 << 32) | ?2`);
  const withId = prepare('SELECT 1 FROM event WHERE place = (?1 << 32) | ?2 AND id = ?3');
  const last = prepare(
    'SELECT place & 4294967295 FROM event WHERE place BETWEEN ?1 << 32 AND (?1 << 32) | 4294967295 ORDER BY place DESC LIMIT 1',
  );
  const insertEvent = database.prepare(
    'INSERT INTO event (place, id, kind, created, metadata, data) VALUES ((?1 << 32) | ?2, ?3, ?4, ?5, ?6, ?7)',
  );
  const removeEvents = database.prepare('DELETE FROM event WHERE place BETWEEN ?1 << 32 AND (?1 << 32) | 4294967295');
  const streamByName = prepare('SELECT id, keep_last FROM stream WHERE name = ?');
  const insertStream = prepare('INSERT INTO stream (name, keep_last) VALUES (?, ?) RETURNING id');
  const kindById = prepare('SELECT type, content_type FROM kind WHERE id = ?');
  const kindByType = prepare('SELECT id FROM kind WHERE type = ? AND content_type = ?');
  const insertKind = prepare('INSERT INTO kind (type, content_type) VALUES (?, ?) RETURNING id');
  const dataVersion = prepare('PRAGMA data_version');
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');

  // Streams and kinds never change once committed, whoever wrote them.
  const streams = new Map<string, StreamRow>();
  const kinds = new Map<number, Kind>();
  const kindIds = new Map<string, number>();

  const remember = (row: StreamRow): StreamRow => {
    if (streams.size >= STREAMS_REMEMBERED) streams.clear();
    streams.set(row.name, row);
    return row;
  };
  const kindOf = (id: number): Kind => {
    const known = kinds.get(id);
    if (known) return known;
    const found = kindById.get(id) as unknown as [string, 'json' | 'binary'];
    const kind = { id, type: found[0], contentType: found[1] };
    kinds.set(id, kind);
    return kind;
  };
  const kindIdOf = (type: string, contentType: 'json' | 'binary'): number => {
    const key = `${contentType} ${type}`;
    let id = kindIds.get(key);
    if (id === undefined) {
      const row = kindByType.get(type, contentType) ?? insertKind.get(type, contentType);
      id = (row as unknown as [number])[0];
      kindIds.set(key, id);
    }
    return id;
  };
  const toEvent = (stream: string, [revision, id, kind, created, metadata, data]: Cells): RecordedEvent => {
    const { type, contentType } = kindOf(kind);
    return {
      stream,
      revision: revision as Revision,
      id: id as EventId,
      type,
      contentType,
      created: created as Microseconds,
      data,
      metadata,
    };
  };
  const headOf = (row: StreamRow): Revision => {
    const found = last.get(row.id) as unknown as [Revision] | undefined;
    return found ? found[0] : NOTHING;
  };
  const findStream = (name: string): StreamRow | undefined => {
    const known = streams.get(name);
    if (known) return known;
    const found = streamByName.get(name) as unknown as [number, number] | undefined;
    return found && remember({ id: found[0], name, keepLast: found[1] === 1 });
  };

  return {
    findStream,
    headOf: (name: string): Revision => {
      const row = findStream(name);
      return row ? headOf(row) : NOTHING;
    },
    headOfRow: headOf,

    page(
      row: StreamRow,
      { from, limit, backwards: back }: { from: Revision | undefined; limit: number; backwards: boolean },
    ): RecordedEvent[] {
      const most = Math.min(limit, MOST_REVISIONS);
      const start = Math.max(back ? -1 : 0, Math.min(from ?? (back ? MOST_REVISIONS : 0), MOST_REVISIONS));
      if (start < 0) return [];
      const found = (back ? backwards : forwards).all(row.id, start, most) as unknown as Cells[];
      return found.map((one) => toEvent(row.name, one));
    },

    /** The run after `after`, cut off at `limit` events or `bytes`, and the head as of the same moment. */
    run(name: string, after: Revision, limit: number, bytes: number): { events: RecordedEvent[]; head: Revision } {
      const row = findStream(name);
      if (row === undefined) return { events: [], head: NOTHING };
      const events: RecordedEvent[] = [];
      let size = 0;
      for (const one of forwards.iterate(row.id, after + 1, limit) as unknown as Iterable<Cells>) {
        events.push(toEvent(name, one));
        size += one[4].byteLength + one[5].byteLength;
        if (size >= bytes) break;
      }
      return { events, head: headOf(row) };
    },

    one(row: StreamRow, revision: Revision): RecordedEvent | undefined {
      if (revision < 0) return undefined;
      const found = exactly.get(row.id, revision) as unknown as Cells | undefined;
      return found && toEvent(row.name, found);
    },

    /** Whether the event at this revision has this id. */
    holds(row: StreamRow, revision: Revision, id: EventId): boolean {
      return withId.get(row.id, revision, id) !== undefined;
    },

    addStream(name: string, keepLast: boolean): StreamRow {
      const [id] = insertStream.get(name, keepLast ? 1 : 0) as unknown as [number];
      return remember({ id, name, keepLast });
    },
    insert(row: StreamRow, revision: Revision, event: EventToAppend, created: Microseconds): void {
      const kind = kindIdOf(event.type, event.contentType);
      insertEvent.run(row.id, revision, event.id, kind, created, event.metadata, event.data);
    },
    removeAll: (row: StreamRow): void => void removeEvents.run(row.id),

    begin(): void {
      // Left over only when rolling back failed too.
      if (database.isTransaction) database.exec('ROLLBACK');
      begin.run();
    },
    commit: (): void => void commit.run(),
    rollBack(): void {
      // What was numbered within the transaction is forgotten with it.
      streams.clear();
      kinds.clear();
      kindIds.clear();
      try {
        if (database.isTransaction) database.exec('ROLLBACK');
      } catch {
        // The first error is the one to tell; `begin` tries again.
      }
    },

    dataVersion: (): number => (dataVersion.get() as unknown as [number])[0],
    close: (): void => database.close(),
  };
}
