// The door of the statement index's fold: event → what the index keeps.

export * from './fold.ts';
export * from './references.ts';
export * from './terms.ts';
