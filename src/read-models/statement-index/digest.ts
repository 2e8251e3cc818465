// The digest of an index: over every table in the order of its key, so that an index kept for a year and one just built
// from the same record can be told to be the same.

import { createHash } from 'node:crypto';
import { openIndexForReading } from './file.ts';
import { KEYS } from './layout.ts';

/** SHA-256 over every row of every table, in hex. @throws OtherIndexVersion */
export function digestOfIndexFile(file: string): string {
  const database = openIndexForReading(file);
  try {
    database.exec('BEGIN');
    const digest = createHash('sha256');
    for (const [table, key] of KEYS) {
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
