// Reading the people model: subjects, their inputs, the world, rows of rollups. Whoever asks holds one read transaction, so that
// everything is as of one sequence.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AgentKey, EventId, Microseconds, Sequence } from '../../../contracts/words.ts';
import type { Input, Inputs, NodeNumber, SubjectNumber } from '../../../projections/inputs/types.ts';
import { World, type WorldRow } from '../../../projections/inputs/world.ts';
import { firstPart, PERSON, SCOPES, SUBJECTS_A_SHELF } from './layout.ts';
import { ENTRY_BYTES, readInput, shelfOf, slotOf, viewOf } from './shelves.ts';

export interface Subject {
  readonly number: SubjectNumber;
  readonly isPerson: boolean;
  /** An employee code, or an agent key. */
  readonly key: string;
  /** `hi`, `en` of a person as HR says them; `sent` of an identity that came with a name. */
  readonly names: { readonly hi?: string; readonly en?: string; readonly sent?: string };
  /** Where it was named first: `sequence.ordinal`. */
  readonly named: string;
  /** From when on it is known: of one named in a load, from the load's end on. */
  readonly recorded: number;
  /** Names that it had before, each with the sequence from which on it was known under the next. */
  readonly former: readonly (readonly [until: number, names: Subject['names']])[];
}

export interface PeopleCheckpoint {
  readonly sequence: Sequence;
  readonly eventId: EventId | undefined;
  readonly stored: Microseconds;
  /** False while it is built from the start: nothing may be asked of it. */
  readonly derived: boolean;
  /** The last event of a command; -1: none. */
  readonly command: Sequence;
  /** The last event that changed the world. */
  readonly world: Sequence;
}

export interface MonthRow {
  readonly month: number;
  readonly sums: Uint8Array;
  readonly days: Uint8Array;
}

const CODE = 'code:';
export const keyOfCode = (code: string): string => CODE + code;

export function readPeopleCheckpoint(database: DatabaseSync): PeopleCheckpoint {
  const row = database.prepare('SELECT sequence, event, stored, derived, command, world FROM checkpoint').get() as {
    sequence: Sequence;
    event: string;
    stored: Microseconds;
    derived: number;
    command: Sequence;
    world: Sequence;
  };
  return {
    sequence: row.sequence,
    eventId: row.event === '' ? undefined : (row.event as EventId),
    stored: row.stored,
    derived: row.derived === 1,
    command: row.command,
    world: row.world,
  };
}

/** A shelf as it was read, sorted by subject once for all of them. */
class ReadShelf {
  readonly number: number;
  readonly #views: readonly DataView[];
  /** Of each entry, by subject and then in order: its part and its place there. */
  readonly #places: Uint32Array;
  /** Where the entries of each subject begin among them, and those of the last one end. */
  readonly #starts = new Uint32Array(SUBJECTS_A_SHELF + 1);

  constructor(number: number, parts: readonly Uint8Array[]) {
    this.number = number;
    this.#views = parts.map(viewOf);
    const starts = this.#starts;
    for (const part of parts) for (let at = 0; at < part.byteLength; at += ENTRY_BYTES) starts[part[at]! + 1]!++;
    for (let slot = 0; slot < SUBJECTS_A_SHELF; slot++) starts[slot + 1]! += starts[slot]!;
    this.#places = new Uint32Array(starts[SUBJECTS_A_SHELF]!);
    const next = starts.slice();
    for (const [n, part] of parts.entries()) {
      for (let at = 0; at < part.byteLength; at += ENTRY_BYTES) this.#places[next[part[at]!]!++] = n * PART + at;
    }
  }

  inputsOf(subject: SubjectNumber): Input[] {
    const slot = slotOf(subject);
    const found: Input[] = [];
    for (let i = this.#starts[slot]!; i < this.#starts[slot + 1]!; i++) {
      const place = this.#places[i]!;
      found.push(readInput(this.#views[Math.floor(place / PART)]!, place % PART));
    }
    return found;
  }
}
/** More than a part has bytes. */
const PART = 2 ** 16;
const NO_SHELF = new ReadShelf(-1, []);

export class PeopleReader {
  readonly #database: DatabaseSync;
  readonly #sql: ReturnType<typeof prepare>;
  #shelf = NO_SHELF;
  #readAt = -2;
  #world: World | undefined;
  #worldAt = -2;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = prepare(database);
  }

  /** Begins to read as of one sequence; {@link end} gives it back. What is asked outside sees whatever is there. */
  begin(): PeopleCheckpoint {
    this.#database.exec('BEGIN');
    const checkpoint = readPeopleCheckpoint(this.#database);
    if (checkpoint.sequence !== this.#readAt) this.#shelf = NO_SHELF;
    this.#readAt = checkpoint.sequence;
    return checkpoint;
  }

  end(): void {
    if (this.#database.isTransaction) this.#database.exec('COMMIT');
  }

  /** Everything on record about a subject. Neighbours cost nothing more: ask in the order of the numbers. */
  inputsOf = (subject: SubjectNumber): Inputs => {
    const shelf = shelfOf(subject);
    if (shelf !== this.#shelf.number) {
      const parts = this.#sql.shelf.all(firstPart(shelf), firstPart(shelf + 1)).map((row) => row.entries as Uint8Array);
      this.#shelf = new ReadShelf(shelf, parts);
    }
    return this.#shelf.inputsOf(subject);
  };

  /** Parts of shelves as they lie there, from one on, in order. */
  partsFrom(part: number, limit: number): { readonly part: number; readonly entries: Uint8Array }[] {
    return this.#sql.parts.all(part, limit) as unknown as { part: number; entries: Uint8Array }[];
  }

  subject(number: SubjectNumber): Subject | undefined {
    const row = this.#sql.subject.get(number) as SubjectRow | undefined;
    return row && asSubject(row);
  }

  /** The person with this employee code. */
  numberOfCode(code: string): SubjectNumber | undefined {
    return this.#numberOf(keyOfCode(code));
  }

  numberOfIdentity(key: AgentKey): SubjectNumber | undefined {
    return this.#numberOf(key);
  }

  /** Who was named first there. */
  named(sequence: number, ordinal: number): Subject | undefined {
    const [found] = this.#sql.named.all(sequence, ordinal) as { number: SubjectNumber }[];
    return found && this.subject(found.number);
  }

  /** The world as of now; held in memory, and only what changed is read again. */
  world(): World {
    const { world } = readPeopleCheckpoint(this.#database);
    if (this.#world === undefined) this.#world = readWorld(this.#database);
    else if (world !== this.#worldAt) this.#world.put(this.#sql.worldSince.all(this.#worldAt) as unknown as WorldRow[]);
    this.#worldAt = world;
    return this.#world;
  }

  /** Who was ever posted at the node itself, in order. */
  membersOf(node: NodeNumber): SubjectNumber[] {
    return (this.#sql.members.all(node) as unknown as [SubjectNumber][]).map(([subject]) => subject);
  }

  /** Some of them, after one. */
  membersAfter(node: NodeNumber, after: number, limit: number): SubjectNumber[] {
    return this.#sql.membersAfter.all(node, after, limit).map((row) => row.subject as SubjectNumber);
  }

  /** What is counted at a node itself, or in all with what is below it, up to a month; of one month there may be two rows. */
  months(node: NodeNumber, scope: 'own' | 'total', upTo: number): MonthRow[] {
    const own = this.#sql.months.all(node, SCOPES.own, upTo) as unknown as MonthRow[];
    return scope === 'own'
      ? own
      : [...own, ...(this.#sql.months.all(node, SCOPES.below, upTo) as unknown as MonthRow[])];
  }

  /** Subjects whose names, code or identity hold all of these words (folded; a trailing * stands for any ending), in order of number. */
  search(words: string, after: number, limit: number): SubjectNumber[] {
    return this.#sql.search.all(words, after, limit).map((row) => row.rowid as SubjectNumber);
  }

  #numberOf(key: string): SubjectNumber | undefined {
    return this.#sql.key.get(key)?.number as SubjectNumber | undefined;
  }
}

export function readWorld(database: DatabaseSync): World {
  return World.load(
    database
      .prepare('SELECT tbl AS "table", number, data FROM world ORDER BY tbl, number')
      .iterate() as unknown as Iterable<WorldRow>,
  );
}

interface SubjectRow {
  readonly number: SubjectNumber;
  readonly kind: number;
  readonly sequence: number;
  readonly ordinal: number;
  readonly recorded: number;
  readonly key: string;
  readonly names: string | null;
  readonly former: string | null;
}

function asSubject(row: SubjectRow): Subject {
  return {
    number: row.number,
    isPerson: row.kind === PERSON,
    key: row.kind === PERSON ? row.key.slice(CODE.length) : row.key,
    names: row.names === null ? {} : JSON.parse(row.names),
    named: `${row.sequence}.${row.ordinal}`,
    recorded: row.recorded,
    former: row.former === null ? [] : JSON.parse(row.former),
  };
}

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  const inArrays = (text: string): StatementSync => {
    const statement = database.prepare(text);
    statement.setReturnArrays(true);
    return statement;
  };
  return {
    shelf: sql('SELECT entries FROM shelf WHERE part >= ? AND part < ? ORDER BY part'),
    parts: sql('SELECT part, entries FROM shelf WHERE part >= ? ORDER BY part LIMIT ?'),
    subject: sql('SELECT * FROM subject WHERE number = ?'),
    key: sql('SELECT number FROM subject_key WHERE key = ?'),
    named: sql('SELECT number FROM subject WHERE sequence = ? AND ordinal = ?'),
    members: inArrays('SELECT subject FROM member WHERE node = ? ORDER BY subject'),
    membersAfter: sql('SELECT subject FROM member WHERE node = ? AND subject > ? ORDER BY subject LIMIT ?'),
    months: sql('SELECT month, sums, days FROM rollup WHERE node = ? AND scope = ? AND month <= ? ORDER BY month'),
    worldSince: sql('SELECT tbl AS "table", number, data FROM world WHERE changed > ? ORDER BY tbl, number'),
    search: sql('SELECT rowid FROM search WHERE search MATCH ? AND rowid > ? ORDER BY rowid LIMIT ?'),
  };
}
