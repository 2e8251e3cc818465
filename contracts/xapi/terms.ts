// What a statement can be found by (xAPI 1.0.3 Communication 2.1.3), what it carries, and what it says about activities.

import type { AgentKey, StatementId } from '../words.ts';
import { agentKey, statementId } from './identity.ts';
import type {
  Activity,
  ActivityDefinition,
  Actor,
  Attachment,
  Context,
  Statement,
  StatementCore,
  StatementObject,
} from './types.ts';
import { CONTEXT_ACTIVITY_TYPES, VOIDED } from './types.ts';

export interface StatementTerms {
  readonly verb: string;
  /** The object, when it is an Activity. */
  readonly activity?: string;
  /** Actor and object; of a Group its members too, which "are considered a match". */
  readonly agents: readonly AgentKey[];
  /** In lower case. */
  readonly registration?: string;
  /** Object and context activities, the SubStatement's too: what `related_activities` matches. `activity` is among them. */
  readonly relatedActivities: readonly string[];
  /**
   * Actor, object, authority, instructor, team, contextAgents and contextGroups, the SubStatement's too: what
   * `related_agents` matches. `agents` are among them.
   */
  readonly relatedAgents: readonly AgentKey[];
  /** The statement that the object refers to. A reference in the context does not count. */
  readonly refersTo?: StatementId;
  /** The same, when the verb is `voided`. */
  readonly voids?: StatementId;
}

/** Each list names everything once, in the order found. */
export function statementTerms(statement: Statement): StatementTerms {
  const agents = new Set<AgentKey>();
  const relatedAgents = new Set<AgentKey>();
  const relatedActivities = new Set<string>();
  const { object } = statement;
  const terms: { -readonly [Term in keyof StatementTerms]?: StatementTerms[Term] } = { verb: statement.verb.id };

  addActor(statement.actor, agents);
  switch (object.objectType) {
    case 'Agent':
    case 'Group':
      addActor(object, agents);
      break;
    case 'StatementRef':
      terms.refersTo = statementId(object.id);
      if (statement.verb.id === VOIDED) terms.voids = terms.refersTo;
      break;
    case 'SubStatement':
      break;
    default:
      terms.activity = object.id;
  }
  for (const key of agents) relatedAgents.add(key);
  addRelated(statement, relatedAgents, relatedActivities);
  if (statement.authority !== undefined) addActor(statement.authority, relatedAgents);
  if (object.objectType === 'SubStatement') {
    addActor(object.actor, relatedAgents);
    addRelated(object, relatedAgents, relatedActivities);
  }
  const registration = statement.context?.registration;
  if (registration !== undefined) terms.registration = registration.toLowerCase();
  terms.agents = [...agents];
  terms.relatedActivities = [...relatedActivities];
  terms.relatedAgents = [...relatedAgents];
  return terms as StatementTerms;
}

/** Object and context of a statement or SubStatement. */
function addRelated(
  { object, context }: StatementCore & { readonly object: StatementObject },
  agents: Set<AgentKey>,
  activities: Set<string>,
): void {
  if (object.objectType === 'Agent' || object.objectType === 'Group') addActor(object, agents);
  else if (object.objectType === undefined || object.objectType === 'Activity') activities.add(object.id);
  if (context === undefined) return;
  if (context.instructor !== undefined) addActor(context.instructor, agents);
  if (context.team !== undefined) addActor(context.team, agents);
  if (context.contextAgents !== undefined) for (const { agent } of context.contextAgents) addActor(agent, agents);
  if (context.contextGroups !== undefined) for (const { group } of context.contextGroups) addActor(group, agents);
  if (context.contextActivities !== undefined) forEachContextActivity(context, ({ id }) => activities.add(id));
}

function addActor(actor: Actor, keys: Set<AgentKey>): void {
  const key = agentKey(actor);
  if (key !== undefined) keys.add(key);
  if (actor.objectType !== 'Group' || actor.member === undefined) return;
  for (const member of actor.member) {
    const memberKey = agentKey(member);
    if (memberKey !== undefined) keys.add(memberKey);
  }
}

function forEachContextActivity(context: Context, visit: (activity: Activity) => void): void {
  const { contextActivities } = context;
  if (contextActivities === undefined) return;
  for (const type of CONTEXT_ACTIVITY_TYPES) {
    const given = contextActivities[type];
    if (given === undefined) continue;
    if ('id' in given) visit(given);
    else given.forEach(visit);
  }
}

/** Every activity that a statement defines, wherever it stands, in the order found. */
export function activitiesWithDefinitions(
  statement: Statement,
): { readonly id: string; readonly definition: ActivityDefinition }[] {
  const found: { id: string; definition: ActivityDefinition }[] = [];
  const visit = ({ id, definition }: Activity) => {
    if (definition !== undefined) found.push({ id, definition });
  };
  const visitCore = ({ object, context }: StatementCore & { readonly object: StatementObject }) => {
    if (object.objectType === undefined || object.objectType === 'Activity') visit(object);
    if (context !== undefined) forEachContextActivity(context, visit);
  };
  visitCore(statement);
  if (statement.object.objectType === 'SubStatement') visitCore(statement.object);
  return found;
}

/** Every agent that a statement gives a name to, wherever it stands: for the names of GET /agents. */
export function namedAgents(statement: Statement): { readonly key: AgentKey; readonly name: string }[] {
  const found: { key: AgentKey; name: string }[] = [];
  const visit = (actor: Actor | undefined) => {
    if (actor === undefined) return;
    const key = agentKey(actor);
    if (key !== undefined && actor.name !== undefined) found.push({ key, name: actor.name });
    if (actor.objectType === 'Group') actor.member?.forEach(visit);
  };
  const visitCore = ({ actor, object, context }: StatementCore & { readonly object: StatementObject }) => {
    visit(actor);
    if (object.objectType === 'Agent' || object.objectType === 'Group') visit(object);
    visit(context?.instructor);
    visit(context?.team);
    for (const { agent } of context?.contextAgents ?? []) visit(agent);
    for (const { group } of context?.contextGroups ?? []) visit(group);
  };
  visitCore(statement);
  visit(statement.authority);
  if (statement.object.objectType === 'SubStatement') visitCore(statement.object);
  return found;
}

/** The attachments of a statement and of its SubStatement. */
export function attachmentsOf(statement: Statement): readonly Attachment[] {
  const own = statement.attachments ?? [];
  if (statement.object.objectType !== 'SubStatement') return own;
  const inner = statement.object.attachments ?? [];
  return inner.length === 0 ? own : [...own, ...inner];
}
