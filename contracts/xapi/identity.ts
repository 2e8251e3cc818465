// Who is who: agents by their inverse functional identifier, and the Person that GET /agents answers.

import type { AgentKey, StatementId } from '../words.ts';
import type { Account, Identifiers, Person } from './types.ts';

/**
 * The identity of an Agent or identified Group as one string; undefined for an anonymous Group. What is case insensitive (the
 * domain of an address, hexadecimal digits) is in lower case, so that equal identities have equal keys.
 */
export function agentKey(agent: Identifiers): AgentKey | undefined {
  if (agent.mbox !== undefined) return `mbox:${comparableMailto(agent.mbox)}` as AgentKey;
  const { account } = agent;
  if (account !== undefined) return `account:${account.homePage}|${account.name}` as AgentKey;
  if (agent.mbox_sha1sum !== undefined) return `mbox_sha1sum:${agent.mbox_sha1sum.toLowerCase()}` as AgentKey;
  if (agent.openid !== undefined) return `openid:${agent.openid}` as AgentKey;
  return undefined;
}

/** An identity that is given as its key already (`mbox:mailto:a@B.example`), spelt as statements are known by it. */
export function keyOfIdentity(identity: string): AgentKey {
  const [, kind, value] = /^(\w+):(.*)$/s.exec(identity) ?? [];
  if ((kind === 'mbox' || kind === 'mbox_sha1sum') && value !== undefined) return agentKey({ [kind]: value })!;
  return identity as AgentKey;
}

/** Scheme and domain are case insensitive, the part before the @ is not (xAPI 1.0.3 Data 2.3.1, RFC 6068). */
export function comparableMailto(mbox: string): string {
  const at = mbox.lastIndexOf('@');
  return 'mailto:' + mbox.slice('mailto:'.length, at) + mbox.slice(at).toLowerCase();
}

/** A statement's id as the house knows it. */
export function statementId(uuid: string): StatementId {
  return uuid.toLowerCase() as StatementId;
}

/**
 * Everything known about an agent, as a Person (xAPI 1.0.3 Communication 2.4). We do not join identities here: the Person has
 * the identifier asked for, and the names it was seen under.
 */
export function personOf(agent: Identifiers & { readonly name?: string }, names: readonly string[]): Person {
  const person: { -readonly [Property in keyof Person]: Person[Property] } = { objectType: 'Person' };
  const known = [...new Set(agent.name === undefined ? names : [...names, agent.name])];
  if (known.length > 0) person.name = known;
  if (agent.mbox !== undefined) person.mbox = [agent.mbox];
  if (agent.mbox_sha1sum !== undefined) person.mbox_sha1sum = [agent.mbox_sha1sum];
  if (agent.openid !== undefined) person.openid = [agent.openid];
  if (agent.account !== undefined) person.account = [accountOf(agent.account)];
  return person;
}

function accountOf({ homePage, name }: Account): Account {
  return { homePage, name };
}
