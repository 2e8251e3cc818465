// The door of recording: the write side.

export * from './port.ts';
