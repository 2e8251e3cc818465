// The door of the statement index: its port, the store that the projector fills, and what readers open.

export { digestOfIndexFile } from './digest.ts';
export { eventLine } from './event-line.ts';
export { INDEX, type IndexCheckpoint } from './file.ts';
export * from './generations.ts';
export { INDEX_VERSION } from './layout.ts';
export { type IndexLookup, type KnownStatement, openIndexLookup, openLookupInFile } from './lookup.ts';
export * from './port.ts';
export {
  IndexTakenOver,
  openStatementIndexStore,
  type StatementAt,
  type StatementIndexStore,
} from './store.ts';
