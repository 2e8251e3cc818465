// The parameters of GET /statements (xAPI 1.0.3 Communication 2.1.3, xAPI 2.0 4.1.6.1). Their names are case sensitive.

import type { Problem } from '../http/problem.ts';
import type { AgentKey, Microseconds, StatementId, XapiVersion } from '../words.ts';
import { parseJson } from './body.ts';
import { isIri, isUuid } from './formats.ts';
import { agentKey, statementId } from './identity.ts';
import { validateAgent } from './statements.ts';
import { parseTimestamp } from './timestamps.ts';
import type { Actor } from './types.ts';

export const STATEMENT_FORMATS = ['exact', 'ids', 'canonical'] as const;
export type StatementFormat = (typeof STATEMENT_FORMATS)[number];

export interface StatementsQuery {
  /** One statement; then nothing but `format` and `attachments` is given. */
  readonly statementId?: StatementId;
  readonly voidedStatementId?: StatementId;
  readonly verb?: string;
  readonly activity?: string;
  readonly agent?: AgentKey;
  /** In lower case. */
  readonly registration?: string;
  readonly relatedActivities: boolean;
  readonly relatedAgents: boolean;
  /** Exclusive. */
  readonly since?: Microseconds;
  /** Inclusive. */
  readonly until?: Microseconds;
  /** 0 means as many as the store gives at once. */
  readonly limit: number;
  readonly ascending: boolean;
  readonly format: StatementFormat;
  readonly attachments: boolean;
}

export type QueryParsed =
  | { readonly ok: true; readonly query: StatementsQuery }
  | { readonly ok: false; readonly problems: readonly Problem[] };

type Mutable<T> = { -readonly [Property in keyof T]: T[Property] };
type Read = (
  text: string,
  query: Mutable<StatementsQuery>,
  version: XapiVersion,
) => string | readonly Problem[] | undefined;

/** Each reads one parameter into the query, or says what is wrong with it. */
const PARAMETERS: Readonly<Record<string, Read>> = {
  statementId: (text, query) => readUuid(text, (id) => (query.statementId = statementId(id))),
  voidedStatementId: (text, query) => readUuid(text, (id) => (query.voidedStatementId = statementId(id))),
  registration: (text, query) => readUuid(text, (id) => (query.registration = id.toLowerCase())),
  verb: (text, query) => readIri(text, (id) => (query.verb = id)),
  activity: (text, query) => readIri(text, (id) => (query.activity = id)),
  agent: (text, query, version) => {
    const parsed = parseAgentParameter(text, version);
    if (!parsed.ok) return parsed.problems;
    query.agent = agentKey(parsed.agent)!;
    return undefined;
  },
  related_activities: (text, query) => readBoolean(text, (value) => (query.relatedActivities = value)),
  related_agents: (text, query) => readBoolean(text, (value) => (query.relatedAgents = value)),
  ascending: (text, query) => readBoolean(text, (value) => (query.ascending = value)),
  attachments: (text, query) => readBoolean(text, (value) => (query.attachments = value)),
  since: (text, query, version) => readTimestamp(text, version, (at) => (query.since = at)),
  until: (text, query, version) => readTimestamp(text, version, (at) => (query.until = at)),
  limit: (text, query) => {
    if (!/^\d{1,15}$/.test(text)) return 'must be a whole number, 0 or more';
    query.limit = Number(text);
    return undefined;
  },
  format: (text, query) => {
    const format = STATEMENT_FORMATS.find((known) => known === text);
    if (format === undefined) return `must be one of ${STATEMENT_FORMATS.join(', ')}`;
    query.format = format;
    return undefined;
  },
};

/** What may stand beside `statementId` or `voidedStatementId`. */
const WITH_ONE_STATEMENT = new Set(['statementId', 'voidedStatementId', 'attachments', 'format']);

/**
 * Reads the parameters of GET /statements, decoded from the query string or a form. Every problem is reported, with the
 * parameter as its path: `$.since`.
 */
export function parseStatementsQuery(
  parameters: Readonly<Record<string, string | readonly string[] | undefined>>,
  version: XapiVersion,
): QueryParsed {
  const clause = version === '1.0.3' ? 'xAPI 1.0.3 Communication 2.1.3' : 'xAPI 2.0 4.1.6.1';
  const problems: Problem[] = [];
  const query: Mutable<StatementsQuery> = {
    relatedActivities: false,
    relatedAgents: false,
    limit: 0,
    ascending: false,
    format: 'exact',
    attachments: false,
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  const names = new Set(given.map(([name]) => name));
  const one = names.has('statementId')
    ? 'statementId'
    : names.has('voidedStatementId')
      ? 'voidedStatementId'
      : undefined;
  for (const [name, value] of given) {
    const path = `$.${name}`;
    if (!Object.hasOwn(PARAMETERS, name)) {
      problems.push({ path, message: 'is not a parameter of this resource', clause });
    } else if (typeof value !== 'string') {
      problems.push({ path, message: 'must be given once', clause });
    } else if (one !== undefined && name !== one && (name === 'voidedStatementId' || !WITH_ONE_STATEMENT.has(name))) {
      problems.push({ path, message: `must not be given together with ${one}`, clause });
    } else {
      const found = PARAMETERS[name]!(value, query, version);
      if (typeof found === 'string') problems.push({ path, message: found, clause });
      else if (found) {
        for (const problem of found) problems.push({ ...problem, path: path + problem.path.slice(1) });
      }
    }
  }
  return problems.length > 0 ? { ok: false, problems } : { ok: true, query };
}

/** The `agent` parameter of any resource: JSON text of an Agent or identified Group. */
export function parseAgentParameter(
  text: string,
  version: XapiVersion,
  options?: { readonly groups?: boolean },
): { readonly ok: true; readonly agent: Actor } | { readonly ok: false; readonly problems: readonly Problem[] } {
  const parsed = parseJson(text);
  return parsed.ok ? validateAgent(parsed.value, version, options) : parsed;
}

function readUuid(text: string, take: (id: string) => void): string | undefined {
  if (!isUuid(text)) return 'must be a UUID';
  take(text);
  return undefined;
}

function readIri(text: string, take: (id: string) => void): string | undefined {
  if (!isIri(text)) return 'must be an IRI with a scheme';
  take(text);
  return undefined;
}

function readBoolean(text: string, take: (value: boolean) => void): string | undefined {
  if (text !== 'true' && text !== 'false') return 'must be true or false';
  take(text === 'true');
  return undefined;
}

function readTimestamp(text: string, version: XapiVersion, take: (at: Microseconds) => void): string | undefined {
  const at = parseTimestamp(text, version);
  if (at === undefined) return 'must be a timestamp, such as 2026-04-01T09:30:00.000Z, encoded for a URL';
  take(at);
  return undefined;
}
