// The door of audit: what R means, and who has looked. replay.ts, which needs the stores, is entered by its own name.

export * from './access-trail.ts';
export * from './known-at.ts';
export * from './reached.ts';
