// The door of the EventStoreDB adapter.

export { checkEventStoreDb, type EventStoreDbFound } from './diagnosis.ts';
export { type EventStoreDbOptions, openEventStoreDbLog } from './log.ts';
