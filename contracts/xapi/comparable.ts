// When two statements are the same one (xAPI 1.0.3 Data 2.3.1, "Statement Comparison Requirements"): a digest of the form in
// which every allowed difference has been removed.
//
// Left out: id, stored, authority, version (a store may assign them), a verb's display, activities' definitions, attachments.
// Made equal: the zone of timestamps, the order of a Group's members, a single context Activity and a list of it, the case of
// what is case insensitive, durations beyond 0.01 s (cut, Data 4.6). Everything else counts, to the last digit.

import { hash } from 'node:crypto';
import { truncateDuration } from './durations.ts';
import { comparableMailto } from './identity.ts';
import { parseTimestamp } from './timestamps.ts';
import type {
  Activity,
  Actor,
  Agent,
  Context,
  Result,
  Statement,
  StatementObject,
  StatementRef,
  SubStatement,
} from './types.ts';
import { CONTEXT_ACTIVITY_TYPES } from './types.ts';

/** SHA-256, 64 hexadecimal digits. `assigned` names further properties to leave out, because the store filled them in. */
export function comparableDigest(statement: Statement, assigned: readonly string[] = []): string {
  return hash('sha256', comparableForm(statement, assigned), 'hex');
}

/** The text behind the digest: canonical JSON without blanks, properties in a fixed order. */
export function comparableForm(statement: Statement, assigned: readonly string[] = []): string {
  return core(statement, statement.timestamp !== undefined && !assigned.includes('timestamp'));
}

function core(statement: Statement | SubStatement, withTimestamp: boolean): string {
  let text = `{"actor":${actor(statement.actor)},"verb":${quoted(statement.verb.id)},"object":${object(statement.object)}`;
  if (statement.result !== undefined) text += `,"result":${result(statement.result)}`;
  if (statement.context !== undefined) text += `,"context":${context(statement.context)}`;
  if (withTimestamp) text += `,"timestamp":${instant(statement.timestamp!)}`;
  return text + '}';
}

const quoted = JSON.stringify as (text: string) => string;

function instant(timestamp: string): string {
  const at = parseTimestamp(timestamp, '1.0.3');
  return at === undefined ? quoted(timestamp) : String(at);
}

function actor(value: Actor): string {
  let text = value.objectType === undefined ? '{' : `{"objectType":"${value.objectType}"`;
  if (value.name !== undefined) text += `,"name":${quoted(value.name)}`;
  if (value.mbox !== undefined) text += `,"mbox":${quoted(comparableMailto(value.mbox))}`;
  if (value.mbox_sha1sum !== undefined) text += `,"mbox_sha1sum":"${value.mbox_sha1sum.toLowerCase()}"`;
  if (value.openid !== undefined) text += `,"openid":${quoted(value.openid)}`;
  if (value.account !== undefined) {
    text += `,"account":[${quoted(value.account.homePage)},${quoted(value.account.name)}]`;
  }
  if (value.objectType === 'Group' && value.member !== undefined) text += `,"member":${members(value.member)}`;
  return text + '}';
}

/** Not an ordered list (Data 2.4.2.2). */
function members(agents: readonly Agent[]): string {
  return `[${agents.map(actor).sort().join()}]`;
}

function object(value: StatementObject): string {
  switch (value.objectType) {
    case 'Agent':
    case 'Group':
      return actor(value);
    case 'StatementRef':
      return statementRef(value);
    case 'SubStatement':
      return `{"sub":${core(value, value.timestamp !== undefined)}}`;
    default:
      return activity(value);
  }
}

function statementRef(value: StatementRef): string {
  return `{"statement":"${value.id.toLowerCase()}"}`;
}

function activity(value: Activity): string {
  return value.objectType === undefined ? `{"id":${quoted(value.id)}}` : `{"activity":${quoted(value.id)}}`;
}

function result(value: Result): string {
  let text = '{';
  if (value.score !== undefined) {
    const { scaled, raw, min, max } = value.score;
    text += `"score":[${[scaled, raw, min, max].map((number) => number ?? '').join()}]`;
  }
  if (value.success !== undefined) text += `,"success":${value.success}`;
  if (value.completion !== undefined) text += `,"completion":${value.completion}`;
  if (value.response !== undefined) text += `,"response":${quoted(value.response)}`;
  if (value.duration !== undefined) text += `,"duration":"${truncateDuration(value.duration)}"`;
  if (value.extensions !== undefined) text += `,"extensions":${canonical(value.extensions)}`;
  return text + '}';
}

function context(value: Context): string {
  let text = '{';
  if (value.registration !== undefined) text += `"registration":"${value.registration.toLowerCase()}"`;
  if (value.instructor !== undefined) text += `,"instructor":${actor(value.instructor)}`;
  if (value.team !== undefined) text += `,"team":${actor(value.team)}`;
  if (value.contextActivities !== undefined) {
    text += ',"contextActivities":{';
    for (const type of CONTEXT_ACTIVITY_TYPES) {
      const given = value.contextActivities[type];
      if (given === undefined) continue;
      text += `"${type}":[${'id' in given ? activity(given) : given.map(activity).join()}]`;
    }
    text += '}';
  }
  for (const { agent, relevantTypes } of value.contextAgents ?? []) {
    text += `,"contextAgent":[${actor(agent)},${canonical(relevantTypes)}]`;
  }
  for (const { group, relevantTypes } of value.contextGroups ?? []) {
    text += `,"contextGroup":[${actor(group)},${canonical(relevantTypes)}]`;
  }
  if (value.revision !== undefined) text += `,"revision":${quoted(value.revision)}`;
  if (value.platform !== undefined) text += `,"platform":${quoted(value.platform)}`;
  if (value.language !== undefined) text += `,"language":"${value.language.toLowerCase()}"`;
  if (value.statement !== undefined) text += `,"statement":${statementRef(value.statement)}`;
  if (value.extensions !== undefined) text += `,"extensions":${canonical(value.extensions)}`;
  return text + '}';
}

/** Any JSON value with its properties in order of their names. */
export function canonical(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  const named = value as Readonly<Record<string, unknown>>;
  let text = '';
  for (const key of Object.keys(named).sort()) {
    text += `${text === '' ? '' : ','}${quoted(key)}:${canonical(named[key])}`;
  }
  return `{${text}}`;
}
