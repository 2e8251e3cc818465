// The door of the made-up state: its files, its statements, and its census.

export { instantOf } from './calendar.ts';
export { type CensusRow, census } from './census.ts';
export { type FileToLoad, filesAtTheStart, filesOfMonth } from './files.ts';
export { State, type StateOptions } from './state.ts';
export type { Posting, Said } from './statements.ts';
