// Rows of a file gathered by what they are about, more of them than memory should hold: a database in a file of its own, which
// is nobody's truth and goes when it is closed.

import { rmSync } from 'node:fs';
import { DatabaseSync, type StatementSync } from 'node:sqlite';

export interface SortedRow {
  readonly line: number;
  readonly text: string;
}

export class SortedRows {
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #insert: StatementSync;

  constructor(file: string) {
    this.#file = file;
    rmSync(file, { force: true });
    this.#database = new DatabaseSync(file);
    // What is lost with the process is made again from the file that was being read.
    this.#database.exec(`PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000; BEGIN;
      CREATE TABLE row (key TEXT NOT NULL, line INTEGER NOT NULL, text TEXT NOT NULL) STRICT`);
    this.#insert = this.#database.prepare('INSERT INTO row VALUES (?, ?, ?)');
  }

  add(key: string, line: number, text: string): void {
    this.#insert.run(key, line, text);
  }

  /** In the order of the keys, the rows of each in the order in which they were added. Nothing is added after this. */
  *groups(): Generator<readonly [key: string, rows: readonly SortedRow[]]> {
    // Sorting the keys alone takes a tenth of what sorting the rows would.
    this.#database.exec('CREATE INDEX IF NOT EXISTS by_key ON row (key)');
    let key: string | undefined;
    let rows: SortedRow[] = [];
    const all = this.#database
      .prepare('SELECT key, line, text FROM row INDEXED BY by_key ORDER BY key, rowid')
      .iterate();
    for (const row of all as unknown as Iterable<SortedRow & { readonly key: string }>) {
      if (row.key !== key) {
        if (key !== undefined) yield [key, rows];
        key = row.key;
        rows = [];
      }
      rows.push({ line: row.line, text: row.text });
    }
    if (key !== undefined) yield [key, rows];
  }

  close(): void {
    this.#database.close();
    for (const name of ['', '-journal']) rmSync(`${this.#file}${name}`, { force: true });
  }
}
