// What a credential may look like when it is asked for, over HTTP, on the command line or by the settings: one rule for all.

import { z } from 'zod';
import { departmentId } from '../../contracts/events/programmes.ts';
import type { Problem } from '../../contracts/http/problem.ts';
import { authority, inOurWords, jsonPath } from '../../contracts/xapi/index.ts';
import { AccessRefused, isScope, SCOPES, type Scope, type WantedCredential } from './port.ts';

const key = z
  .string()
  .max(128, 'at most 128 characters')
  // A colon ends the user name in Basic authentication (RFC 7617 2).
  .regex(/^[!-9;-~]+$/, 'printable ASCII characters only, without spaces and colons');

const secret = z
  .string()
  .min(8, 'at least 8 characters')
  .max(256, 'at most 256 characters')
  .regex(/^\P{Cc}*$/u, 'no control characters');

const scope = z
  .string()
  .meta({ enum: [...SCOPES] })
  .transform((text, context): Scope => {
    if (isScope(text)) return text;
    context.addIssue({ code: 'custom', message: `there is no scope "${text}"; the scopes are ${SCOPES.join(', ')}` });
    return z.NEVER;
  });

export const wantedCredential = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1, 'must not be empty')
      .max(200, 'at most 200 characters')
      .regex(/^\P{Cc}*$/u, 'no control characters'),
    scopes: z
      .array(scope)
      .min(1, 'at least one scope is needed')
      .transform((scopes) => [...new Set(scopes)]),
    authority: authority.optional(),
    key: key.optional(),
    secret: secret.optional(),
    requestsPerSecond: z
      .number()
      .int('a whole number')
      .min(1, 'at least 1')
      .max(1_000_000, 'at most 1,000,000')
      .optional(),
    department: departmentId.optional(),
  })
  // Whoever reads statements, the record or credentials sees more than a department.
  .refine(({ department, scopes }) => department === undefined || scopes.every((scope) => scope === 'reports'), {
    path: ['scopes'],
    message: 'limited to a department, a credential has the scope reports and no other',
    when: ({ issues }) => issues.length === 0,
  });

/** @throws AccessRefused `invalid` with every problem */
export function parseWanted(value: unknown): WantedCredential {
  const parsed = wantedCredential.safeParse(value, inOurWords);
  if (!parsed.success) throw new AccessRefused({ reason: 'invalid', problems: problemsOf(parsed.error) });
  return parsed.data;
}

/** A chosen secret. @throws AccessRefused `invalid` */
export function parseSecret(value: unknown): string {
  const parsed = z.strictObject({ secret }).safeParse({ secret: value }, inOurWords);
  if (!parsed.success) throw new AccessRefused({ reason: 'invalid', problems: problemsOf(parsed.error) });
  return parsed.data.secret;
}

/** zod's issues as ours. */
export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.map(({ path, message }) => ({ path: jsonPath(path), message }));
}
