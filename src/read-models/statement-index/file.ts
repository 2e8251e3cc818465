// The statement index's file.

import type { DatabaseSync } from 'node:sqlite';
import type { EventId, Microseconds, Sequence } from '../../../contracts/words.ts';
import { AT_THE_START, type ModelCheckpoint } from '../files.ts';
import type { ReadableModel } from '../follower.ts';
import { type ModelLayout, openModelForReading, openModelForWriting } from '../model-file.ts';
import { INDEX_FILES } from './generations.ts';
import { INDEX_VERSION, PAGE_BYTES, TABLES } from './layout.ts';

export type IndexCheckpoint = ModelCheckpoint;

const LAYOUT: ModelLayout = {
  words: 'a statement index',
  version: INDEX_VERSION,
  pageBytes: PAGE_BYTES,
  tables: `${TABLES}; INSERT INTO checkpoint VALUES (1, '${INDEX_VERSION}', ${AT_THE_START.sequence}, '', ${AT_THE_START.stored})`,
  writingCacheKib: 8_000,
};

/** @throws OtherModelVersion */
export const openIndexForWriting = (file: string): DatabaseSync => openModelForWriting(file, LAYOUT);

/** @throws OtherModelVersion */
export const openIndexForReading = (file: string): DatabaseSync => openModelForReading(file, LAYOUT);

export function readCheckpoint(database: DatabaseSync): IndexCheckpoint {
  const row = database.prepare('SELECT sequence, event, stored FROM checkpoint').get() as {
    sequence: Sequence;
    event: string;
    stored: Microseconds;
  };
  return { sequence: row.sequence, eventId: row.event === '' ? undefined : (row.event as EventId), stored: row.stored };
}

export const INDEX: ReadableModel = { files: INDEX_FILES, open: openIndexForReading, checkpoint: readCheckpoint };
