// The digest of a read model: over every table in the order of its key, so that a model kept for a year and one just built from the
// same record can be told to be the same.

import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';

/** SHA-256 over every row of these tables, in hex. Closes the database. */
export function digestOfTables(
  database: DatabaseSync,
  tables: readonly (readonly [table: string, key: string])[],
): string {
  try {
    database.exec('BEGIN');
    const digest = createHash('sha256');
    for (const [table, key] of tables) {
      digest.update(`\n${table}\n`);
      const rows = database.prepare(`SELECT * FROM ${table} ORDER BY ${key}`);
      for (const row of rows.iterate()) {
        for (const value of Object.values(row)) {
          const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value));
          digest.update(`${bytes.length}:`).update(bytes);
        }
      }
    }
    return digest.digest('hex');
  } finally {
    database.close();
  }
}
