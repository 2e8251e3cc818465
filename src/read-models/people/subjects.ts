// Naming: who is first named where, under which number, and which names were known until when. While a model is built from the
// start the keys are held in a table in memory, and their rows are written at the end, in order; later they are asked of the
// file.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { SubjectNumber } from '../../../projections/inputs/types.ts';
import { KeyTable } from './key-table.ts';
import { IDENTITY, PERSON } from './layout.ts';
import { searchWords } from './search-words.ts';

/** Keys remembered: statements of one learner come in runs. */
const REMEMBERED = 20_000;

/** An event in the record, and the place in it. */
export interface Place {
  readonly sequence: number;
  readonly ordinal: number;
  /** From when on it is known: of an event of a load, from the load's end on. */
  readonly recorded: number;
}

/** Subjects made searchable in one transaction. */
const SEARCHED_A_STEP = 20_000;

interface SearchedRow {
  readonly number: number;
  readonly key: string;
  readonly names: string | null;
}

export class Subjects {
  readonly #database: DatabaseSync;
  readonly #sql: ReturnType<typeof prepare>;
  readonly #remembered = new Map<string, SubjectNumber>();
  /** Only while the model is built from the start. */
  #table: KeyTable | undefined;
  #last: number;

  constructor(database: DatabaseSync, derived: boolean) {
    this.#database = database;
    this.#sql = prepare(database);
    this.#last = (this.#sql.last.get()?.last as number | null) ?? 0;
    if (derived) return;
    this.#table = new KeyTable();
    for (const { key, number } of this.#sql.keys.iterate() as Iterable<{ key: string; number: number }>) {
      this.#table.add(key, number);
    }
  }

  get last(): number {
    return this.#last;
  }

  find(key: string): SubjectNumber | undefined {
    const known = this.#remembered.get(key);
    if (known !== undefined) return known;
    const number = this.#table ? this.#table.find(key) : ((this.#sql.find.get(key)?.number as number | undefined) ?? 0);
    if (number === 0) return undefined;
    this.#remember(key, number as SubjectNumber);
    return number as SubjectNumber;
  }

  /** Names a subject that has no number yet. */
  name(
    isPerson: boolean,
    key: string,
    place: Place,
    names: Readonly<Record<string, string | undefined>> | undefined,
  ): SubjectNumber {
    const number = ++this.#last as SubjectNumber;
    const { sequence, ordinal, recorded } = place;
    const json = names === undefined ? null : JSON.stringify(names);
    const kind = isPerson ? PERSON : IDENTITY;
    this.#sql.put.run(number, kind, sequence, ordinal, recorded, key, json);
    if (this.#table) this.#table.add(key, number);
    else {
      this.#sql.putKey.run(key, number);
      this.#sql.putSearch.run(number, searchWords(key, names));
    }
    this.#remember(key, number);
    return number;
  }

  /** The names until now are kept with the sequence up to which they were known. Search finds the new ones. */
  rename(number: SubjectNumber, names: Readonly<Record<string, string | undefined>>, recorded: number): void {
    const was = this.#sql.names.get(number) as unknown as { key: string; names: string | null; former: string | null };
    const json = JSON.stringify(names);
    if (was.names === json) return;
    const former = [...(JSON.parse(was.former ?? '[]') as object[]), [recorded, JSON.parse(was.names ?? '{}')]];
    this.#sql.setNames.run(json, JSON.stringify(former), number);
    if (!this.#table) this.#sql.putSearch.run(number, searchWords(was.key, names));
  }

  /** Writes the keys and what can be searched for, all of them, in order; from now on both are kept up to date. */
  *writeIndexes(): Generator<void> {
    this.#database.exec(
      'DELETE FROM subject_key; INSERT INTO subject_key SELECT key, number FROM subject ORDER BY key',
    );
    yield;
    this.#database.exec(`INSERT INTO search (search) VALUES ('delete-all')`);
    for (let after = 0; after < this.#last; after += SEARCHED_A_STEP) {
      this.#database.exec('BEGIN');
      for (const row of this.#sql.some.iterate(after, after + SEARCHED_A_STEP) as Iterable<SearchedRow>) {
        const names = row.names === null ? undefined : JSON.parse(row.names);
        this.#sql.addSearch.run(row.number, searchWords(row.key, names));
      }
      this.#database.exec('COMMIT');
      yield;
    }
    this.#table = undefined;
  }

  #remember(key: string, number: SubjectNumber): void {
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(key, number);
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    last: sql('SELECT max(number) AS last FROM subject'),
    keys: sql('SELECT key, number FROM subject'),
    some: sql('SELECT number, key, names FROM subject WHERE number > ? AND number <= ? ORDER BY number'),
    find: sql('SELECT number FROM subject_key WHERE key = ?'),
    put: sql('INSERT INTO subject VALUES (?, ?, ?, ?, ?, ?, ?, NULL)'),
    putKey: sql('INSERT INTO subject_key VALUES (?, ?)'),
    addSearch: sql('INSERT INTO search (rowid, words) VALUES (?, ?)'),
    putSearch: sql('INSERT OR REPLACE INTO search (rowid, words) VALUES (?, ?)'),
    names: sql('SELECT key, names, former FROM subject WHERE number = ?'),
    setNames: sql('UPDATE subject SET names = ?, former = ? WHERE number = ?'),
  };
}
