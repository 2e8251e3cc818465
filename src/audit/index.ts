// The door of audit: the record as it was known, and who has looked at it.

export * from './access-trail.ts';
export * from './event-lines.ts';
export * from './known-at.ts';
export * from './reached.ts';
export * from './replay.ts';
