// The door of the embedded log: an event log in one SQLite file.

export { type OpenOptions, openSqliteLog } from './log.ts';
