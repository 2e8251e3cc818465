// Statements and SubStatements (xAPI 1.0.3 Data 2.4, xAPI 2.0 4.2.2 and 4.2.4), and the validation of a whole request.

import { z } from 'zod';
import type { Problem } from '../http/problem.ts';
import type { XapiVersion } from '../words.ts';
import { activity, verb } from './activities.ts';
import { actor, agentAsObject, authority, group, identified } from './actors.ts';
import { attachment } from './attachments.ts';
import { compiled, format, isObject, timestamps, uuid, whole } from './checks.ts';
import { contexts, statementRef } from './contexts.ts';
import { problemsOf } from './explain.ts';
import { isVersion10, isVersion20 } from './formats.ts';
import { result } from './results.ts';
import { toUtc } from './timestamps.ts';
import type { Actor, ContextActivities, Statement, StatementCore } from './types.ts';
import { CONTEXT_ACTIVITY_TYPES, VOIDED } from './types.ts';
import { inLists } from './views.ts';

/** More problems than this are not reported: whoever reads them has seen the pattern. */
const MOST_PROBLEMS = 100;

const rules = whole((statement) => {
  const problems: { message: string; path: PropertyKey[] }[] = [];
  const object = isObject(statement.object) ? statement.object : undefined;
  if (isObject(statement.context) && object) {
    // xAPI 1.0.3 Data 2.4.6: an Activity, which is also what an object without objectType is.
    const isActivity = object.objectType === undefined || object.objectType === 'Activity';
    for (const property of ['revision', 'platform']) {
      if (!isActivity && statement.context[property] !== undefined) {
        problems.push({ message: 'is for statements about an Activity', path: ['context', property] });
      }
    }
  }
  // xAPI 1.0.3 Data 2.3.2.
  if (isObject(statement.verb) && statement.verb.id === VOIDED && object && object.objectType !== 'StatementRef') {
    problems.push({ message: 'a voiding statement must have a StatementRef as its object', path: ['object'] });
  }
  return problems.length > 0 ? problems : undefined;
});

function schemas(version: XapiVersion) {
  const timestamp = timestamps[version];
  const core = {
    actor,
    verb,
    result: result.optional(),
    context: contexts[version].optional(),
    timestamp: timestamp.optional(),
    attachments: z.array(attachment).optional(),
  };
  const subStatement = z
    .strictObject({
      objectType: z.literal('SubStatement'),
      ...core,
      object: z.discriminatedUnion('objectType', [activity, agentAsObject, group, statementRef]),
    })
    .check(rules);
  return z
    .strictObject({
      id: uuid.optional(),
      ...core,
      object: z.discriminatedUnion('objectType', [activity, agentAsObject, group, statementRef, subStatement]),
      stored: timestamp.optional(),
      authority: authority.optional(),
      version:
        version === '1.0.3'
          ? format(isVersion10, 'must be 1.0.x').optional()
          : format((text) => isVersion20(text) || isVersion10(text), 'must be 2.0.x or 1.0.x').optional(),
    })
    .check(rules);
}

export const statementSchemas: Readonly<Record<XapiVersion, z.ZodType>> = {
  '1.0.3': schemas('1.0.3'),
  '2.0.0': schemas('2.0.0'),
};

const statementChecks = { '1.0.3': compiled(statementSchemas['1.0.3']), '2.0.0': compiled(statementSchemas['2.0.0']) };
const identifiedCheck = compiled(identified);

export type StatementsValidated =
  | { readonly ok: true; readonly statements: Statement[] }
  | { readonly ok: false; readonly problems: Problem[] };

/**
 * Validates the body of a POST or PUT of statements, one statement or a batch, as read by parseBody. Every problem of every
 * statement is reported, up to 100. The statements returned are the values sent, nothing dropped, with the two changes that
 * the standard demands of what is returned later: a single context Activity becomes a list of one (1.0.3 Data 2.4.6.2), and
 * 2.0 has timestamps with an offset moved to UTC.
 */
export function validateStatements(value: unknown, version: XapiVersion): StatementsValidated {
  const check = statementChecks[version];
  const batch = Array.isArray(value);
  const given: readonly unknown[] = batch ? value : [value];
  const problems: Problem[] = [];
  const statements: Statement[] = [];
  const places = new Map<string, number>();
  for (let index = 0; index < given.length && problems.length < MOST_PROBLEMS; index++) {
    const statement = given[index];
    if (!check.holds(statement)) {
      const place = batch ? index : undefined;
      for (const problem of problemsOf(check.explain(statement), version, place)) problems.push(problem);
    }
    if (batch && isObject(statement) && typeof statement.id === 'string') {
      const id = statement.id.toLowerCase();
      const before = places.get(id);
      if (before === undefined) places.set(id, index);
      else {
        problems.push({
          index,
          path: `$[${index}].id`,
          message: `is the id of statement ${before} of the same request too`,
          clause: version === '1.0.3' ? 'xAPI 1.0.3 Communication 2.1.2' : 'xAPI 2.0 4.1.6.1',
        });
      }
    }
    if (problems.length === 0) statements.push(asReturned(statement as Statement, version));
  }
  return problems.length > 0 ? { ok: false, problems: problems.slice(0, MOST_PROBLEMS) } : { ok: true, statements };
}

/** The same object when nothing has to change, as with nearly every statement. */
function asReturned(statement: Statement, version: XapiVersion): Statement {
  const { object } = statement;
  const outer = coreAsReturned(statement, version);
  if (object.objectType !== 'SubStatement') return outer;
  const inner = coreAsReturned(object, version);
  return inner === object ? outer : { ...outer, object: inner };
}

function coreAsReturned<T extends StatementCore>(value: T, version: XapiVersion): T {
  const { timestamp, context } = value;
  let returned = value;
  // xAPI 2.0 4.2.7: offsets become UTC.
  if (version === '2.0.0' && timestamp !== undefined && !timestamp.endsWith('Z')) {
    returned = { ...returned, timestamp: toUtc(timestamp) };
  }
  if (context?.contextActivities !== undefined && hasSingleActivity(context.contextActivities)) {
    returned = { ...returned, context: { ...context, contextActivities: inLists(context.contextActivities) } };
  }
  return returned;
}

function hasSingleActivity(given: ContextActivities): boolean {
  return CONTEXT_ACTIVITY_TYPES.some((type) => given[type] !== undefined && 'id' in given[type]);
}

/**
 * An Agent or identified Group, as the `agent` parameter of every resource names one. `groups: false` where the standard
 * wants an Agent.
 */
export function validateAgent(
  value: unknown,
  version: XapiVersion,
  { groups = true }: { readonly groups?: boolean } = {},
): { readonly ok: true; readonly agent: Actor } | { readonly ok: false; readonly problems: Problem[] } {
  if (!identifiedCheck.holds(value)) {
    return { ok: false, problems: [...problemsOf(identifiedCheck.explain(value), version)] };
  }
  const agent = value as Actor;
  if (!groups && agent.objectType === 'Group') {
    return { ok: false, problems: [{ path: '$.objectType', message: 'must be an Agent, not a Group' }] };
  }
  return { ok: true, agent };
}
