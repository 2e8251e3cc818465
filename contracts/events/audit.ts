// The events of the `access-<month>` streams: every use of the audit scope, written before anything is handed out.

import { z } from 'zod';

export const auditAccessed = z.strictObject({
  /** Id of the credential; `command-line` for somebody with the data folder in hand. */
  credential: z.string(),
  /** What people call it: the credential's name, or the account of the operating system. */
  name: z.string(),
  what: z.enum(['events', 'access', 'replay']),
  /** As asked for. */
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  at: z.string(),
  requestId: z.string(),
});
export type AuditAccessed = z.infer<typeof auditAccessed>;

/** How such a use ended. Missing, when the process ended before: then anything asked for may have been handed out. */
export const auditAccessEnded = z.strictObject({
  /** Id of the event `audit-accessed.v1`. */
  access: z.string(),
  /** `whole`: everything asked for was handed out. `cut-off`: the reader went away, or a fault came in between. */
  outcome: z.enum(['whole', 'cut-off']),
  events: z.number().int().min(0),
  /** Sequence of the last event handed out. */
  last: z.number().int().optional(),
  at: z.string(),
});
export type AuditAccessEnded = z.infer<typeof auditAccessEnded>;

export const auditAccessMetadata = z.strictObject({
  recordedAt: z.string(),
  credential: z.string(),
  $correlationId: z.string(),
  $causationId: z.string(),
  codec: z.literal('plain'),
  salt: z.string(),
});
export type AuditAccessMetadata = z.infer<typeof auditAccessMetadata>;

export const AUDIT_ACCESSED = 'audit-accessed.v1';
export const AUDIT_ACCESS_ENDED = 'audit-access-ended.v1';
