// The digest of an index: an index kept for a year and one just built from the same record have the same.

import { digestOfTables } from '../digest.ts';
import { openIndexForReading } from './file.ts';
import { KEYS } from './layout.ts';

/** SHA-256 over every row of every table, in hex. @throws OtherModelVersion */
export function digestOfIndexFile(file: string): string {
  return digestOfTables(openIndexForReading(file), KEYS);
}
