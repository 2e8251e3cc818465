// The door of the EventStoreDB adapter.

export { withoutPassword } from './connection-string.ts';
export { checkEventStoreDb, type EventStoreDbFound } from './diagnosis.ts';
export { type EventStoreDbOptions, openEventStoreDbLog } from './log.ts';
