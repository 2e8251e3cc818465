// The door of the department rollup: a learner → what departments count from day to day, and the rows that keep it.

export * from './contributions.ts';
export * from './joining.ts';
export * from './metrics.ts';
export * from './months.ts';
export * from './totals.ts';
