// What /admin says of credentials, their refusals and the clock, and the bodies it takes beside the credential that is asked for.

import { z } from 'zod';

const instant = z.iso.datetime({ precision: 6 });

export const rotation = z.strictObject({
  secret: z.string().optional().meta({ description: 'A chosen one; default: random' }),
});
export const revocation = z.strictObject({
  force: z.boolean().optional().meta({ description: 'Also the last one with the scope admin' }),
});

/** No date of anything lies beyond. */
const LAST_YEAR = 2100;
export const clockMove = z.strictObject({
  to: z.iso
    .datetime({ offset: true, error: 'must be an RFC 3339 instant, such as 2026-04-01T09:30:00Z' })
    .refine((text) => Number(text.slice(0, 4)) < LAST_YEAR, `must be before the year ${LAST_YEAR}`),
});
export const clock = z.strictObject({ simulated: z.boolean(), now: instant, sequence: z.int().min(0).optional() });

export const credential = z
  .strictObject({
    id: z.uuid(),
    key: z.string().meta({ description: 'The Basic user name' }),
    name: z.string(),
    scopes: z.array(z.string()),
    authority: z.record(z.string(), z.unknown()),
    requestsPerSecond: z.number().optional(),
    department: z.string().optional().meta({ description: 'It sees reports of this department and below only' }),
    createdAt: instant,
    rotatedAt: instant.optional(),
    revokedAt: instant.optional(),
  })
  .meta({ id: 'Credential' });
export const issuedCredential = credential
  .extend({ secret: z.string().meta({ description: 'Shown this once' }) })
  .meta({ id: 'IssuedCredential' });
export const credentials = z.strictObject({ credentials: z.array(credential) });

const rejection = z
  .strictObject({
    at: instant,
    requestId: z.string(),
    method: z.string(),
    path: z.string(),
    status: z.int(),
    title: z.string(),
    problems: z.array(z.strictObject({ path: z.string(), message: z.string() })),
  })
  .meta({ id: 'Rejection', description: 'Why a request was refused' });
export const rejections = z.strictObject({ rejections: z.array(rejection) });
export const rejectionsOfCredential = rejections.extend({
  credential: credential.pick({ id: true, key: true, name: true }),
});
