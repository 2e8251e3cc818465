// The door of the embedded log: an event log in one SQLite file, its backup and its verification.

export { type BackupProgress, backupLog, type LogVerified, verifyLog } from './backup.ts';
export { holdsAnything, isCutOff, WrittenByNewer } from './file.ts';
export { type OpenOptions, openSqliteLog } from './log.ts';
