// The events of the `credentials` stream: credentials made, rotated, revoked. No secret is ever in them, only what verifies one.

import { z } from 'zod';

/**
 * What verifies a secret. A random one of 128 bits or more cannot be guessed from its SHA-256; a chosen one can, so it is kept
 * with scrypt (RFC 7914), whose cost is kept beside it: it may be raised for new ones without touching the old ones.
 */
export const keptSecret = z.discriminatedUnion('scheme', [
  z.strictObject({ scheme: z.literal('sha256'), hash: z.base64url() }),
  z.strictObject({
    scheme: z.literal('scrypt'),
    hash: z.base64url(),
    salt: z.base64url(),
    cost: z.number().int().min(2),
    blockSize: z.number().int().min(1),
    parallelization: z.number().int().min(1),
  }),
]);
export type KeptSecret = z.infer<typeof keptSecret>;

export const credentialAdded = z.strictObject({
  id: z.uuid(),
  key: z.string().min(1),
  name: z.string(),
  /** As they were given. A scope that a version does not know allows nothing there. */
  scopes: z.array(z.string()),
  authority: z.record(z.string(), z.unknown()),
  secret: keptSecret,
  requestsPerSecond: z.number().positive().optional(),
  /** It sees reports of this department and what is below it only. */
  department: z.string().min(1).optional(),
});

/** The secret changed; id, key, scopes and authority stay. */
export const credentialRotated = z.strictObject({ id: z.uuid(), secret: keptSecret });

/** For ever: neither the credential nor its key is used again. */
export const credentialRevoked = z.strictObject({ id: z.uuid() });

export const credentialMetadata = z.strictObject({
  /** RFC 3339, microseconds. */
  recordedAt: z.string(),
  /** By a request to /admin, by the command line, or by the server itself (its first credential). */
  origin: z.enum(['administration', 'command-line', 'server']),
  /** Who did it, when it was a request. */
  credential: z.string().optional(),
  $correlationId: z.string().optional(),
  codec: z.literal('plain'),
  /** 16 random bytes, base64, as on every event. */
  salt: z.string(),
});
export type CredentialMetadata = z.infer<typeof credentialMetadata>;

export const CREDENTIAL_ADDED = 'credential-added.v1';
export const CREDENTIAL_ROTATED = 'credential-rotated.v1';
export const CREDENTIAL_REVOKED = 'credential-revoked.v1';

export type CredentialEvent =
  | { readonly type: typeof CREDENTIAL_ADDED; readonly data: z.infer<typeof credentialAdded> }
  | { readonly type: typeof CREDENTIAL_ROTATED; readonly data: z.infer<typeof credentialRotated> }
  | { readonly type: typeof CREDENTIAL_REVOKED; readonly data: z.infer<typeof credentialRevoked> };
