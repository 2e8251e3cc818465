// The `ids` and `canonical` formats of GET /statements, and the canonical definitions behind the second
// (xAPI 1.0.3 Communication 2.1.3).

import type {
  Activity,
  ActivityDefinition,
  Actor,
  Agent,
  AgentAsObject,
  Context,
  ContextActivities,
  Group,
  InteractionComponent,
  LanguageMap,
  Statement,
  StatementObject,
  SubStatement,
  Verb,
} from './types.ts';
import { CONTEXT_ACTIVITY_TYPES } from './types.ts';

/** How a format shows each of the things it changes. */
interface View {
  readonly actor: (actor: Actor) => Actor;
  readonly verb: (verb: Verb) => Verb;
  readonly activity: (activity: Activity) => Activity;
}

/**
 * `format=ids`: of Agents, Activities, Verbs and Groups only what identifies them; of anonymous Groups what identifies each
 * member. Activities are what has no `objectType`; elsewhere it stays.
 */
export function toIds(statement: Statement): Statement {
  return seen(statement, IDS);
}

const IDS: View = {
  actor: (actor) => (actor.objectType === 'Group' ? groupIds(actor) : agentIds(actor)),
  verb: ({ id }) => ({ id }),
  activity: ({ id }) => ({ id }),
};

function agentIds({ name: _, ...identified }: Agent): Agent {
  return identified;
}

function groupIds({ name: _, member, ...identified }: Group): Group {
  const isIdentified = Object.keys(identified).length > 1;
  return isIdentified || member === undefined ? identified : { ...identified, member: member.map(agentIds) };
}

/**
 * `format=canonical`: activities with their canonical definition (their own where none is known), and one language in each
 * language map of theirs and of the verb, chosen for every map on its own. `languages` as `Accept-Language` prefers them.
 */
export function toCanonical(
  statement: Statement,
  definitionOf: (activityId: string) => ActivityDefinition | undefined,
  languages: readonly string[],
): Statement {
  return seen(statement, {
    actor: (actor) => actor,
    verb: (verb) => (verb.display === undefined ? verb : { ...verb, display: oneLanguage(verb.display, languages) }),
    activity: (activity) => {
      const definition = definitionOf(activity.id) ?? activity.definition;
      return definition === undefined ? activity : { ...activity, definition: inOneLanguage(definition, languages) };
    },
  });
}

function seen(statement: Statement, view: View): Statement {
  return {
    ...statement,
    actor: view.actor(statement.actor),
    verb: view.verb(statement.verb),
    object: seenObject(statement.object, view),
    ...(statement.context === undefined ? {} : { context: seenContext(statement.context, view) }),
    ...(statement.authority === undefined ? {} : { authority: view.actor(statement.authority) }),
  };
}

function seenObject(object: StatementObject, view: View): StatementObject {
  switch (object.objectType) {
    case 'Agent':
    case 'Group':
      return view.actor(object) as AgentAsObject | Group;
    case 'StatementRef':
      return object;
    case 'SubStatement':
      return {
        ...object,
        actor: view.actor(object.actor),
        verb: view.verb(object.verb),
        object: seenObject(object.object, view) as SubStatement['object'],
        ...(object.context === undefined ? {} : { context: seenContext(object.context, view) }),
      };
    default:
      return view.activity(object);
  }
}

function seenContext(context: Context, view: View): Context {
  const { instructor, team, contextActivities, contextAgents, contextGroups } = context;
  return {
    ...context,
    ...(instructor === undefined ? {} : { instructor: view.actor(instructor) }),
    ...(team === undefined ? {} : { team: view.actor(team) as Group }),
    ...(contextActivities === undefined ? {} : { contextActivities: seenActivities(contextActivities, view) }),
    ...(contextAgents === undefined
      ? {}
      : { contextAgents: contextAgents.map((item) => ({ ...item, agent: view.actor(item.agent) as Agent })) }),
    ...(contextGroups === undefined
      ? {}
      : { contextGroups: contextGroups.map((item) => ({ ...item, group: view.actor(item.group) as Group })) }),
  };
}

function seenActivities(given: ContextActivities, view: View): ContextActivities {
  return inLists(given, view.activity);
}

/** Every context type as a list, as it is returned even when one Activity was sent (xAPI 1.0.3 Data 2.4.6.2). */
export function inLists(
  given: ContextActivities,
  show: (activity: Activity) => Activity = (activity) => activity,
): ContextActivities {
  const shown: { -readonly [Type in keyof ContextActivities]: ContextActivities[Type] } = {};
  for (const type of CONTEXT_ACTIVITY_TYPES) {
    const activities = given[type];
    if (activities !== undefined) shown[type] = ('id' in activities ? [activities] : activities).map(show);
  }
  return shown;
}

/** Where a list of components stands in a definition. */
const COMPONENT_LISTS = ['choices', 'scale', 'source', 'target', 'steps'] as const;

function inOneLanguage(definition: ActivityDefinition, languages: readonly string[]): ActivityDefinition {
  const shown: { -readonly [Property in keyof ActivityDefinition]: ActivityDefinition[Property] } = { ...definition };
  if (definition.name !== undefined) shown.name = oneLanguage(definition.name, languages);
  if (definition.description !== undefined) shown.description = oneLanguage(definition.description, languages);
  for (const list of COMPONENT_LISTS) {
    const components = definition[list];
    if (components !== undefined) shown[list] = components.map((component) => componentIn(component, languages));
  }
  return shown;
}

function componentIn(component: InteractionComponent, languages: readonly string[]): InteractionComponent {
  const { description } = component;
  return description === undefined ? component : { ...component, description: oneLanguage(description, languages) };
}

/**
 * One entry of a language map: for each preferred language in turn the same tag, else a more special one (`hi` finds
 * `hi-IN`), else a more general one (`hi-IN` finds `hi`, as RFC 4647 looks up); at last the first entry.
 */
export function oneLanguage(map: LanguageMap, languages: readonly string[]): LanguageMap {
  const tags = Object.keys(map);
  if (tags.length < 2) return map;
  const chosen = languages.map((wanted) => matching(tags, wanted)).find((tag) => tag !== undefined) ?? tags[0]!;
  return { [chosen]: map[chosen]! };
}

function matching(tags: readonly string[], language: string): string | undefined {
  if (language === '*') return tags[0];
  let wanted = language.toLowerCase();
  for (;;) {
    const found =
      tags.find((tag) => tag.toLowerCase() === wanted) ??
      tags.find((tag) => tag.toLowerCase().startsWith(`${wanted}-`));
    if (found !== undefined) return found;
    const end = wanted.lastIndexOf('-');
    if (end < 0) return undefined;
    wanted = wanted.slice(0, end);
  }
}

/**
 * The canonical definition after one more statement: what the newer says holds, languages and extensions it does not name
 * stay. Interactions change as a whole, since their parts only make sense together.
 */
export function mergeDefinition(
  known: ActivityDefinition | undefined,
  incoming: ActivityDefinition,
): ActivityDefinition {
  if (known === undefined) return incoming;
  const merged: { -readonly [Property in keyof ActivityDefinition]: ActivityDefinition[Property] } = {
    ...(incoming.interactionType === undefined ? known : withoutInteraction(known)),
    ...incoming,
  };
  if (known.name && incoming.name) merged.name = { ...known.name, ...incoming.name };
  if (known.description && incoming.description) {
    merged.description = { ...known.description, ...incoming.description };
  }
  if (known.extensions && incoming.extensions) merged.extensions = { ...known.extensions, ...incoming.extensions };
  return merged;
}

function withoutInteraction(definition: ActivityDefinition): ActivityDefinition {
  const {
    interactionType: _,
    correctResponsesPattern: __,
    choices,
    scale,
    source,
    target,
    steps,
    ...rest
  } = definition;
  return rest;
}
