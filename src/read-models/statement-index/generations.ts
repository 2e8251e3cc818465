// Generations of the statement index in the data folder: `statement-index-<n>.sqlite`.

import { type Generations, ModelFiles } from '../files.ts';

export type { Generations } from '../files.ts';

export const INDEX_FILES = new ModelFiles('statement-index');

export const indexFile = (dataDir: string, generation: number): string => INDEX_FILES.file(dataDir, generation);
export const readGenerations = (dataDir: string): Generations => INDEX_FILES.read(dataDir);
export const writeGenerations = (dataDir: string, generations: Generations): void =>
  INDEX_FILES.write(dataDir, generations);
