// The door of the event log: the port, the stream names, and the embedded adapter.

export * from './port.ts';
export * from './streams.ts';
