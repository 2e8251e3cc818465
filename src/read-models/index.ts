// The door of the read models: the queries over them, answered by a pool of read workers, and the lookup of known ids.

import { PEOPLE_FILES } from './people/generations.ts';
import { INDEX_FILES } from './statement-index/generations.ts';

export * from './statement-index/index.ts';
export { openReadWorkers, openStatementQueries, type ReadWorkers } from './workers/pool.ts';

/** Every read model of the data folder is built again. */
export function forgetModels(dataDir: string): void {
  for (const files of [INDEX_FILES, PEOPLE_FILES]) files.write(dataDir, {});
}
