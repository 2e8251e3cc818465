// The naive model of GET /statements: a list of what was recorded, every question answered by looking at all of it. Written
// from the standard's text, sharing nothing with the index.

import type { Agent, Group, Statement, StatementObject } from '../../../contracts/xapi/index.ts';
import type { StatementQuery } from '../../../src/read-models/statement-index/port.ts';
import { storedAt, type ToRecord } from './record.ts';

/** An event of the record: a statement, or something else. */
export type Recorded = ToRecord | 'other';

const VOIDED = 'http://adlnet.gov/expapi/verbs/voided';

type Core = Pick<Statement, 'actor' | 'object'> & Pick<Statement, 'context'>;

function is(actor: Agent | Group | undefined, key: string): boolean {
  if (!actor) return false;
  if (actor.mbox !== undefined && `mbox:${actor.mbox}` === key) return true;
  if (actor.account && `account:${actor.account.homePage}|${actor.account.name}` === key) return true;
  return actor.objectType === 'Group' && (actor.member ?? []).some((member) => is(member, key));
}

const asActor = (object: StatementObject): Agent | Group | undefined =>
  object.objectType === 'Agent' || object.objectType === 'Group' ? object : undefined;

function hasAgent({ actor, object }: Core, key: string): boolean {
  return is(actor, key) || is(asActor(object), key);
}

function hasRelatedAgent(statement: Core & Pick<Statement, 'authority'>, key: string): boolean {
  const { object, context, authority } = statement;
  return (
    hasAgent(statement, key) ||
    is(authority, key) ||
    is(context?.instructor, key) ||
    is(context?.team, key) ||
    (context?.contextAgents ?? []).some(({ agent }) => is(agent, key)) ||
    (context?.contextGroups ?? []).some(({ group }) => is(group, key)) ||
    (object.objectType === 'SubStatement' && hasRelatedAgent(object, key))
  );
}

function hasActivity({ object }: Core, id: string): boolean {
  return (object.objectType === undefined || object.objectType === 'Activity') && object.id === id;
}

function hasRelatedActivity(statement: Core, id: string): boolean {
  const { object, context } = statement;
  const inContext = Object.values(context?.contextActivities ?? {}).flat();
  return (
    hasActivity(statement, id) ||
    inContext.some((activity) => activity.id === id) ||
    (object.objectType === 'SubStatement' && hasRelatedActivity(object, id))
  );
}

export class NaiveIndex {
  readonly #recorded: readonly Recorded[];

  /** Everything from sequence 0 on. */
  constructor(recorded: readonly Recorded[]) {
    this.#recorded = recorded;
  }

  /** Sequences that meet the query within [from, to], in its order. */
  find(query: StatementQuery, from: number, to: number): number[] {
    const found: number[] = [];
    for (const [sequence, one] of this.#recorded.entries()) {
      if (one === 'other' || sequence < from || sequence > to) continue;
      if (query.since !== undefined && storedAt(sequence) <= query.since) continue;
      if (query.until !== undefined && storedAt(sequence) > query.until) continue;
      if (query.postedBy !== undefined && (one.credential ?? 'c-1') !== query.postedBy) continue;
      if (this.isVoided(one)) continue;
      if (this.#meets(one, query)) found.push(sequence);
    }
    return query.ascending ? found : found.reverse();
  }

  isVoided({ statement }: ToRecord): boolean {
    if (statement.verb.id === VOIDED) return false;
    return this.#recorded.some(
      (one) =>
        one !== 'other' &&
        one.statement.verb.id === VOIDED &&
        one.statement.object.objectType === 'StatementRef' &&
        one.statement.object.id === statement.id &&
        (one.scopes ?? ['all', 'void']).includes('void'),
    );
  }

  /** Each filter is met by the statement, or by one that it leads to. */
  #meets(one: ToRecord, query: StatementQuery): boolean {
    const chain = this.#chain(one);
    const any = (meets: (statement: ToRecord['statement']) => boolean): boolean =>
      chain.some(({ statement }) => meets(statement));
    const { verb, activity, agent, registration } = query;
    return (
      (verb === undefined || any((statement) => statement.verb.id === verb)) &&
      (registration === undefined || any((statement) => statement.context?.registration === registration)) &&
      (activity === undefined ||
        any((statement) =>
          query.relatedActivities ? hasRelatedActivity(statement, activity) : hasActivity(statement, activity),
        )) &&
      (agent === undefined ||
        any((statement) => (query.relatedAgents ? hasRelatedAgent(statement, agent) : hasAgent(statement, agent))))
    );
  }

  #chain(one: ToRecord): ToRecord[] {
    const chain: ToRecord[] = [];
    let next: ToRecord | undefined = one;
    while (next && !chain.includes(next)) {
      chain.push(next);
      const { object } = next.statement as Statement;
      const target: string | undefined = object.objectType === 'StatementRef' ? object.id : undefined;
      next = this.#recorded.find((other): other is ToRecord => other !== 'other' && other.statement.id === target);
    }
    return chain;
  }
}
