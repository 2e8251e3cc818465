// The door of learner progress: inputs → how far a learner is in each course on a day.

export * from './happenings.ts';
export * from './progress.ts';
export * from './state.ts';
