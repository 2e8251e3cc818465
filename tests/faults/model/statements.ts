// The statements of xAPI as the standard's text has them: a list in memory, every question answered by looking at all of it.

import type { Anything } from '../../journeys/command.ts';
import { REGISTRATIONS, TIMESTAMPS, VOIDED } from './cast.ts';
import type { Version } from './drawn.ts';

export interface Source {
  readonly id: string;
  readonly authority: Anything;
  readonly mayVoid: boolean;
  readonly mayDefine: boolean;
  readonly readsAll: boolean;
}

/** A statement that was recorded. */
export interface Recorded {
  readonly id: string;
  readonly sent: Anything;
  /** As it is returned, but for what the store assigns. */
  readonly shown: Anything;
  readonly source: Source;
  readonly sequence: number;
  readonly stored: string;
}

export interface Question {
  readonly verb?: string;
  readonly activity?: string;
  readonly agent?: Anything;
  readonly registration?: string;
  readonly relatedActivities: boolean;
  readonly relatedAgents: boolean;
  /** Instants in microseconds. */
  readonly since?: number;
  readonly until?: number;
  readonly ascending: boolean;
  readonly askedBy: Source;
}

/** What a request of statements must be answered with: one of these statuses, and what is new in the record after a 2xx. */
export interface Verdict {
  readonly statuses: readonly number[];
  readonly fresh: readonly Anything[];
}

export const refersTo = ({ object }: Anything): string | undefined =>
  object.objectType === 'StatementRef' ? object.id.toLowerCase() : undefined;
const isVoiding = (sent: Anything): boolean => sent.verb.id === VOIDED && refersTo(sent) !== undefined;

export class StatementsModel {
  readonly recorded: Recorded[] = [];
  readonly #byId = new Map<string, Recorded>();

  find(id: string): Recorded | undefined {
    return this.#byId.get(id.toLowerCase());
  }

  add(one: Recorded): void {
    this.recorded.push(one);
    this.#byId.set(one.id, one);
  }

  /** Communication 2.1.1 and 2.1.2, Data 2.3.2: the whole request is taken or nothing of it. */
  judge(request: readonly Anything[], source: Source, isBroken: boolean): Verdict {
    const refused: number[] = [];
    const fresh: Anything[] = [];
    const here = new Map<string, Anything>();
    if (isBroken) refused.push(400);
    for (const sent of request) {
      const id = sent.id?.toLowerCase();
      if (id !== undefined) {
        if (here.has(id)) refused.push(400);
        here.set(id, sent);
      }
      const known = id === undefined ? undefined : this.find(id);
      if (isVoiding(sent) && !source.mayVoid) refused.push(403);
      if (known) {
        if (!isSame(sent, known.sent)) refused.push(409);
        continue;
      }
      const target = isVoiding(sent) ? refersTo(sent)! : undefined;
      const targeted = target === undefined ? undefined : (this.find(target)?.sent ?? earlier(target, sent));
      if (targeted && isVoiding(targeted)) refused.push(400);
      fresh.push(sent);
    }
    return refused.length > 0 ? { statuses: [...new Set(refused)], fresh: [] } : { statuses: [200, 204], fresh };

    function earlier(target: string, sent: Anything): Anything | undefined {
      return target === sent.id?.toLowerCase() ? undefined : here.get(target);
    }
  }

  isVoided({ id, sent }: Recorded): boolean {
    return (
      !isVoiding(sent) &&
      this.recorded.some((one) => isVoiding(one.sent) && one.source.mayVoid && refersTo(one.sent) === id)
    );
  }

  /** Communication 2.1.3, in the order asked for. */
  ask(question: Question): Recorded[] {
    const { since, until, askedBy } = question;
    const found = this.recorded.filter((one) => {
      if (this.isVoided(one)) return false;
      if (!askedBy.readsAll && one.source !== askedBy) return false;
      if (since !== undefined && microseconds(one.stored) <= since) return false;
      if (until !== undefined && microseconds(one.stored) > until) return false;
      return this.#meets(one, question);
    });
    return question.ascending ? found : found.reverse();
  }

  /** Each filter is met by the statement itself or by one that its reference leads to, voided or not. */
  #meets(one: Recorded, { verb, activity, agent, registration, relatedActivities, relatedAgents }: Question): boolean {
    const chain = this.#chain(one);
    const any = (meets: (statement: Anything) => boolean) => chain.some(({ shown }) => meets(shown));
    return (
      (verb === undefined || any((statement) => statement.verb.id === verb)) &&
      (registration === undefined ||
        any((statement) => statement.context?.registration?.toLowerCase() === registration.toLowerCase())) &&
      (activity === undefined || any((statement) => hasActivity(statement, activity, relatedActivities))) &&
      (agent === undefined || any((statement) => hasAgent(statement, agent, relatedAgents)))
    );
  }

  #chain(one: Recorded): Recorded[] {
    const chain: Recorded[] = [];
    let next: Recorded | undefined = one;
    while (next && !chain.includes(next)) {
      chain.push(next);
      const target = refersTo(next.sent);
      next = target === undefined ? undefined : this.find(target);
    }
    return chain;
  }

  /** The canonical definition: what later statements said of it replaces what earlier ones did, languages and extensions stay. */
  definition(activity: string): Anything | undefined {
    let known: Anything;
    for (const { shown, source } of this.recorded) {
      if (!source.mayDefine) continue;
      for (const { object } of [shown, shown.object]) {
        if (object?.id !== activity || !object.definition) continue;
        const { name, extensions, description, ...others } = object.definition;
        known = { ...known, ...others };
        if (name) known.name = { ...known.name, ...name };
        if (description) known.description = { ...known.description, ...description };
        if (extensions) known.extensions = { ...known.extensions, ...extensions };
      }
    }
    return known;
  }

  /** Names that statements not voided give an agent, and those that any statement does. */
  names(agent: Anything): { readonly least: ReadonlySet<string>; readonly most: ReadonlySet<string> } {
    const least = new Set<string>();
    const most = new Set<string>();
    for (const one of this.recorded) {
      const visit = (value: Anything): void => {
        if (typeof value !== 'object' || value === null) return;
        if (typeof value.name === 'string' && isAgent(value, agent)) {
          most.add(value.name);
          if (!this.isVoided(one)) least.add(value.name);
        }
        Object.values(value).forEach(visit);
      };
      visit(one.shown);
    }
    return { least, most };
  }
}

const identities = (actor: Anything): string =>
  actor.mbox !== undefined
    ? actor.mbox.replace(/@.*$/, (domain: string) => domain.toLowerCase())
    : actor.account !== undefined
      ? JSON.stringify([actor.account.homePage, actor.account.name])
      : (actor.mbox_sha1sum ?? actor.openid);

function isAgent(actor: Anything, agent: Anything): boolean {
  return identities(actor) !== undefined && identities(actor) === identities(agent);
}

/** Itself, or as a member of a Group. */
function isOrHolds(actor: Anything, agent: Anything): boolean {
  return (
    actor !== undefined && (isAgent(actor, agent) || (actor.member ?? []).some((one: Anything) => isAgent(one, agent)))
  );
}

const asActor = (object: Anything): Anything => (/^(Agent|Group)$/.test(object.objectType) ? object : undefined);

function hasAgent(statement: Anything, agent: Anything, related: boolean): boolean {
  const { actor, object, context = {}, authority } = statement;
  if (isOrHolds(actor, agent) || isOrHolds(asActor(object), agent)) return true;
  if (!related) return false;
  return (
    [authority, context.instructor, context.team].some((one) => isOrHolds(one, agent)) ||
    (context.contextAgents ?? []).some((one: Anything) => isOrHolds(one.agent, agent)) ||
    (context.contextGroups ?? []).some((one: Anything) => isOrHolds(one.group, agent)) ||
    (object.objectType === 'SubStatement' && hasAgent(object, agent, true))
  );
}

function hasActivity({ object, context }: Anything, activity: string, related: boolean): boolean {
  if ((object.objectType ?? 'Activity') === 'Activity' && object.id === activity) return true;
  if (!related) return false;
  return (
    Object.values(context?.contextActivities ?? {})
      .flat()
      .some((one: Anything) => one.id === activity) ||
    (object.objectType === 'SubStatement' && hasActivity(object, activity, true))
  );
}

/** Data 2.3.1: what a store may not tell apart. A timestamp that the store assigned says nothing. */
export function isSame(sent: Anything, known: Anything): boolean {
  return comparable(sent, known.timestamp !== undefined) === comparable(known, true);
}

function comparable(statement: Anything, withTimestamp: boolean): string {
  const plain = (value: Anything, key = ''): Anything => {
    if (Array.isArray(value)) {
      const items = value.map((item) => plain(item));
      return key === 'member' ? items.map((item) => JSON.stringify(item)).sort() : items;
    }
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).map(([name, inner]): [string, Anything] => {
      if (name === 'contextActivities') {
        const lists = Object.entries(inner as Anything).map(([type, given]) => [type, [given].flat()]);
        return [name, plain(Object.fromEntries(lists))];
      }
      if (name === 'timestamp')
        return [name, TIMESTAMPS.findIndex((texts) => (texts as readonly unknown[]).includes(inner))];
      if (name === 'mbox' || name === 'registration') return [name, (inner as string).toLowerCase()];
      if (name === 'duration') return [name, (inner as string).replace(/(\.\d\d)\d+/, '$1')];
      return [name, plain(inner, name)];
    });
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  };
  const bare = (core: Anything): Anything => {
    const { id, stored, authority, version, attachments, ...rest } = core;
    const { display, ...verb } = rest.verb;
    let { object } = rest;
    if (object.objectType === 'SubStatement') object = bare(object);
    else if (object.objectType === 'StatementRef') object = { ...object, id: object.id.toLowerCase() };
    else if (object.definition) {
      const { definition, ...activity } = object;
      object = activity;
    }
    return { ...rest, verb, object };
  };
  const core = bare(statement);
  if (!withTimestamp) delete core.timestamp;
  return JSON.stringify(plain(core));
}

/** What the store adds or changes (Data 2.4): lists of context activities; in 2.0 instants in UTC. The stamp is not known yet. */
export function shownOf(sent: Anything, id: string, source: Source, version: Version): Anything {
  const lists = (core: Anything): void => {
    const given = core.context?.contextActivities;
    for (const type of Object.keys(given ?? {})) given[type] = [given[type]].flat();
    if (core.object.objectType === 'SubStatement') lists(core.object);
  };
  const shown = structuredClone(sent);
  lists(shown);
  delete shown.stored;
  if (version === '2.0.0' && shown.timestamp !== undefined) {
    shown.timestamp = TIMESTAMPS.find(([text]) => text === shown.timestamp)?.[1] ?? shown.timestamp;
  }
  shown.id ??= id;
  shown.version ??= version === '1.0.3' ? '1.0.0' : '2.0.0';
  shown.authority = source.authority;
  return shown;
}

/** `format=ids` (Communication 2.1.3): what identifies, and nothing more. */
export function idsOf(shown: Anything): Anything {
  const actor = (one: Anything): Anything => {
    if (one === undefined) return undefined;
    const { name, member, ...rest } = one;
    return identities(one) === undefined && member ? { ...rest, member: member.map(actor) } : rest;
  };
  const core = (one: Anything): Anything => {
    const { context, object } = one;
    const seen: Anything = { ...one, actor: actor(one.actor), verb: { id: one.verb.id } };
    if (asActor(object)) seen.object = actor(object);
    else if (object.objectType === 'SubStatement') seen.object = core(object);
    else if (object.objectType !== 'StatementRef') seen.object = { id: object.id };
    if (one.authority) seen.authority = actor(one.authority);
    if (!context) return seen;
    seen.context = { ...context };
    if (context.instructor) seen.context.instructor = actor(context.instructor);
    if (context.team) seen.context.team = actor(context.team);
    if (context.contextAgents) {
      seen.context.contextAgents = context.contextAgents.map((item: Anything) => ({
        ...item,
        agent: actor(item.agent),
      }));
    }
    if (context.contextGroups) {
      seen.context.contextGroups = context.contextGroups.map((item: Anything) => ({
        ...item,
        group: actor(item.group),
      }));
    }
    if (context.contextActivities) {
      seen.context.contextActivities = Object.fromEntries(
        Object.entries(context.contextActivities).map(([type, list]) => [
          type,
          (list as Anything[]).map(({ id }) => ({ id })),
        ]),
      );
    }
    return seen;
  };
  return core(shown);
}

/** `format=canonical`, in every language: activities as they are known by now. */
export function canonicalOf(shown: Anything, definitionOf: (activity: string) => Anything): Anything {
  const activity = (one: Anything): Anything => {
    const definition = definitionOf(one.id) ?? one.definition;
    return definition === undefined ? one : { ...one, definition };
  };
  const core = (one: Anything): Anything => {
    const { object, context } = one;
    const seen = { ...one };
    if (object.objectType === 'SubStatement') seen.object = core(object);
    else if ((object.objectType ?? 'Activity') === 'Activity') seen.object = activity(object);
    if (context?.contextActivities) {
      const lists = Object.entries(context.contextActivities as Record<string, Anything[]>);
      const contextActivities = Object.fromEntries(lists.map(([type, list]) => [type, list.map(activity)]));
      seen.context = { ...context, contextActivities };
    }
    return seen;
  };
  return core(shown);
}

/** Language maps as a reader of Hindi is to get them: the Hindi alone; where there is none, one language, whichever it is. */
export function inHindi(value: Anything, mostLanguages: number, isMap = false): Anything {
  if (Array.isArray(value)) return value.map((item) => inHindi(item, mostLanguages));
  if (typeof value !== 'object' || value === null) return value;
  if (isMap) {
    if (Object.keys(value).length > mostLanguages) return value;
    return value.hi === undefined ? 'another language' : { hi: value.hi };
  }
  const isDefinition = (name: string) => name === 'display' || name === 'name' || name === 'description';
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, inHindi(inner, mostLanguages, isDefinition(name))]),
  );
}

/** Of a `stored` as the store writes it: six decimals, UTC. */
export function microseconds(stored: string): number {
  const digits = /\.(\d{6})Z$/.exec(stored)?.[1];
  if (!digits) throw new Error(`${stored} does not end in six decimals and Z`);
  return Date.parse(stored.replace(/\.\d+Z$/, 'Z')) * 1000 + Number(digits);
}

/** In UTC, in a zone ahead of it, or behind it. */
export function instantText(at: number, zone: number): string {
  const ahead = [0, 330, -60][zone % 3]!;
  const moved = at + ahead * 60_000_000;
  const seconds = new Date(Math.floor(moved / 1_000_000) * 1000).toISOString().slice(0, 19);
  const fraction = String(moved % 1_000_000).padStart(6, '0');
  const sign = ahead < 0 ? '-' : '+';
  const two = (number: number) => String(number).padStart(2, '0');
  const away = Math.abs(ahead);
  return `${seconds}.${fraction}${ahead === 0 ? 'Z' : `${sign}${two(Math.floor(away / 60))}:${two(away % 60)}`}`;
}

/** Asked in the other case too: a UUID is the same in either. */
export const otherCase = (uuid: string): string =>
  uuid === uuid.toLowerCase() ? uuid.toUpperCase() : uuid.toLowerCase();

export const registrationOf = (drawn: number): string => otherCase(REGISTRATIONS[drawn]!);
