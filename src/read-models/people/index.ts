// The door of the people model: the store that the projector fills, what readers open, and its digest.

import { digestOfTables } from '../digest.ts';
import type { ReadableModel } from '../follower.ts';
import { openPeopleForReading } from './file.ts';
import { PEOPLE_FILES } from './generations.ts';
import { KEYS } from './layout.ts';
import { readPeopleCheckpoint } from './reader.ts';

export type { KnownStatements } from './fold.ts';
export { PEOPLE_FILES } from './generations.ts';
export { PEOPLE_VERSION } from './layout.ts';
export { type PeopleCheckpoint, PeopleReader, type Subject } from './reader.ts';
export { openPeopleStore, type PeopleStore } from './store.ts';

export const PEOPLE: ReadableModel = {
  files: PEOPLE_FILES,
  open: openPeopleForReading,
  checkpoint: readPeopleCheckpoint,
};

/** SHA-256 over every row of every table, in hex. @throws OtherModelVersion */
export function digestOfPeopleFile(file: string): string {
  return digestOfTables(openPeopleForReading(file), KEYS);
}
