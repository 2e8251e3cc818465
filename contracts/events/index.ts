// The events of our streams as zod schemas: what the log holds for ever. A change of shape is a new version of the type and
// a pure upcast where it is read; nothing here is ever edited in a way that an old log would fail.

import { z } from 'zod';

export * from './names.ts';
export * from './programmes.ts';

/** Credential, scopes and request behind a statement; folds need the scopes for `define` and `void`. */
export const statementRecordedMetadata = z.strictObject({
  /** Id of the credential that posted it. */
  credential: z.string(),
  /** Its scopes at that moment. */
  scopes: z.array(z.string()),
  /** The HTTP request; `X-Request-Id` where the client sent one. */
  $correlationId: z.string(),
  $causationId: z.string(),
  /** Place in the request: i of n, from 1. */
  part: z.tuple([z.number().int().min(1), z.number().int().min(1)]),
  /** The xAPI version of the request. */
  version: z.enum(['1.0.3', '2.0.0']),
  /** What the store filled in because the client had not said it; left out of comparisons. */
  assigned: z.array(z.enum(['id', 'timestamp', 'version'])).optional(),
  /** `stored` of an imported statement where it came from. */
  originalStored: z.string().optional(),
  codec: z.literal('plain'),
  /** 16 random bytes, base64: a digest of the event tells nothing once data and salt are gone. */
  salt: z.string(),
});
export type StatementRecordedMetadata = z.infer<typeof statementRecordedMetadata>;

/** Metadata of every other event of the record. */
export const recordMetadata = z.strictObject({
  /** `stored` of events that are not statements: unique and increasing along the record together with theirs. */
  recordedAt: z.string(),
  credential: z.string().optional(),
  $correlationId: z.string().optional(),
  $causationId: z.string().optional(),
  /** The load that it belongs to: it holds from `load-completed` on. */
  load: z.uuid().optional(),
  codec: z.literal('plain'),
  salt: z.string(),
});
export type RecordMetadata = z.infer<typeof recordMetadata>;

/** Sequence 0 of every record. */
export const recordOpened = z.strictObject({
  recordId: z.uuid(),
  /** Time is moved by command; every report says so. */
  simulatedClock: z.boolean(),
});

/** The simulated clock was moved; only in records opened with one. */
export const clockMoved = z.strictObject({ to: z.string() });

/**
 * A read model had gone where the log never was (the log lost its tail, or an older copy was put back), and an operator
 * decided to go on with the log as it is. The sequences from `from` on are given a second time.
 */
export const lossAccepted = z.strictObject({
  /** First and last sequence that the model had and the log does not have, or has otherwise. */
  from: z.number().int().min(0),
  to: z.number().int().min(0),
  /** Id of the event that the model had at `to`. */
  lastEventId: z.string(),
  /** Sequence at which the log ended when the loss was accepted; -1 for an empty one. */
  logEndedAt: z.number().int().min(-1),
});
export type LossAccepted = z.infer<typeof lossAccepted>;
