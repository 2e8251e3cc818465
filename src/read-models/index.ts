// The door of the read models: the queries over them, answered by a pool of read workers, and the lookup of known ids.

export * from './statement-index/index.ts';
export { openStatementQueries } from './workers/pool.ts';
