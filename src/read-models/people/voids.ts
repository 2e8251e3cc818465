// Statements voided before they came. There are few of them, so they are held in memory, and a statement costs one look.

import type { DatabaseSync } from 'node:sqlite';
import type { StatementId } from '../../../contracts/words.ts';

export class VoidsAhead {
  readonly #database: DatabaseSync;
  readonly #ids: Set<string>;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#ids = new Set(
      database
        .prepare('SELECT statement FROM void')
        .all()
        .map(({ statement }) => statement as string),
    );
  }

  get isEmpty(): boolean {
    return this.#ids.size === 0;
  }

  add(id: StatementId, sequence: number): void {
    this.#ids.add(id);
    this.#database.prepare('INSERT OR IGNORE INTO void VALUES (?, ?)').run(id, sequence);
  }

  /** Whether the statement that comes now was voided already. */
  take(id: StatementId): boolean {
    if (!this.#ids.delete(id)) return false;
    this.#database.prepare('DELETE FROM void WHERE statement = ?').run(id);
    return true;
  }
}
