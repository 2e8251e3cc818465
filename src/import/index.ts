// The door of import: history from files and from other stores, posted to a running store.

export * from './completion.ts';
export * from './files.ts';
export * from './patience.ts';
export * from './remote-store.ts';
export * from './run.ts';
export * from './source.ts';
export * from './state.ts';
export * from './target.ts';
