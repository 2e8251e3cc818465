// The people model's file.

import type { DatabaseSync } from 'node:sqlite';
import { type ModelLayout, openModelForReading, openModelForWriting } from '../model-file.ts';
import { PAGE_BYTES, PEOPLE_VERSION, TABLES } from './layout.ts';

const LAYOUT: ModelLayout = {
  words: 'a people model',
  version: PEOPLE_VERSION,
  pageBytes: PAGE_BYTES,
  tables: `${TABLES}; INSERT INTO checkpoint VALUES (1, '${PEOPLE_VERSION}', -1, '', 0, 0, -1, -1)`,
  writingCacheKib: 16_000,
};

/** @throws OtherModelVersion */
export const openPeopleForWriting = (file: string): DatabaseSync => openModelForWriting(file, LAYOUT);

/** @throws OtherModelVersion */
export const openPeopleForReading = (file: string): DatabaseSync => openModelForReading(file, LAYOUT);
