// Agents and Groups (xAPI 1.0.3 Data 2.4.2, xAPI 2.0 4.2.2.1): who acts, is acted upon, teaches, vouches.

import { z } from 'zod';
import { format, iri, whole } from './checks.ts';
import { isMailto, isSha1 } from './formats.ts';

export const IDENTIFIERS = ['mbox', 'mbox_sha1sum', 'openid', 'account'] as const;

/** xAPI 1.0.3 Data 2.4.2.4. */
const account = z.strictObject({ homePage: iri, name: z.string() });

const identifiers = {
  mbox: format(isMailto, 'must be mailto: and one e-mail address').optional(),
  mbox_sha1sum: format(isSha1, 'must be a SHA-1 in hexadecimal, 40 characters').optional(),
  openid: iri.optional(),
  account: account.optional(),
};

function identifiersOf(value: Readonly<Record<string, unknown>>): number {
  let count = 0;
  if (value.mbox !== undefined) count++;
  if (value.mbox_sha1sum !== undefined) count++;
  if (value.openid !== undefined) count++;
  if (value.account !== undefined) count++;
  return count;
}

const NOT_ONE = { message: `must have exactly one of ${IDENTIFIERS.join(', ')}` };
const MORE_THAN_ONE = { message: `must not have more than one of ${IDENTIFIERS.join(', ')}` };
const NO_MEMBERS = { message: 'an anonymous Group must list its members', path: ['member'] };

const agentShape = { name: z.string().optional(), ...identifiers };
const oneIdentifier = whole((agent) => (identifiersOf(agent) === 1 ? undefined : NOT_ONE));

/** xAPI 1.0.3 Data 2.4.2.1; `objectType` may be left out. */
export const agent = z.strictObject({ objectType: z.literal('Agent').optional(), ...agentShape }).check(oneIdentifier);

/** As the object of a statement, where `objectType` tells it from an Activity (Data 2.4.4.2). */
export const agentAsObject = z.strictObject({ objectType: z.literal('Agent'), ...agentShape }).check(oneIdentifier);

/** xAPI 1.0.3 Data 2.4.2.2: members are Agents; without an identifier there must be some. */
export const group = z
  .strictObject({
    objectType: z.literal('Group'),
    name: z.string().optional(),
    member: z.array(agent).optional(),
    ...identifiers,
  })
  .check(
    whole((value) => {
      const count = identifiersOf(value);
      if (count > 1) return MORE_THAN_ONE;
      if (count === 1) return undefined;
      return value.member === undefined || (Array.isArray(value.member) && value.member.length === 0)
        ? NO_MEMBERS
        : undefined;
    }),
  );

export const actor = z.discriminatedUnion('objectType', [agent, group]);

/**
 * Who vouches for a statement: an Agent, or the two Agents of three-legged OAuth as an anonymous Group
 * (xAPI 1.0.3 Data 2.4.9).
 */
export const authority = actor.check(
  whole((value) => {
    if (value.objectType !== 'Group') return undefined;
    if (identifiersOf(value) > 0 || (Array.isArray(value.member) && value.member.length !== 2)) {
      return { message: 'a Group as authority must be anonymous and have exactly two members' };
    }
    return undefined;
  }),
);

/** An Agent or identified Group, as the `agent` parameter names one. */
export const identified = actor.check(
  whole((value) =>
    value.objectType === 'Group' && identifiersOf(value) === 0
      ? { message: `must be identified by one of ${IDENTIFIERS.join(', ')}` }
      : undefined,
  ),
);
