// State, agent profiles and activity profiles as the standard's text has them (Communication 2.2, 2.3, 2.6, 2.7, 3.1): a map in
// memory. A change comes to the statuses that may answer it; where two rules refuse, either may speak.

import { createHash } from 'node:crypto';
import type { Anything } from '../../journeys/command.ts';
import { ACTIVITIES, AGENTS, CONTENTS, DOCUMENT_IDS, REGISTRATIONS } from './cast.ts';
import type { DrawnDocument, DrawnPreconditions } from './drawn.ts';

export const RESOURCES = [
  { path: '/xapi/activities/state', id: 'stateId', of: ['activityId', 'agent'], registration: true },
  { path: '/xapi/agents/profile', id: 'profileId', of: ['agent'], registration: false },
  { path: '/xapi/activities/profile', id: 'profileId', of: ['activityId'], registration: false },
] as const;

export interface Document {
  readonly type: string;
  readonly content: string;
  /** Merged and replaced documents keep or change what they are; `Last-Modified` as first answered, in milliseconds. */
  modified?: number;
}

export interface Outcome {
  readonly statuses: readonly number[];
}

const NO_CONTENT: Outcome = { statuses: [204] };

export const etagOf = ({ content }: Document): string => createHash('sha1').update(content).digest('hex');

export class DocumentsModel {
  readonly #scopes = new Map<string, Map<string, Document>>();

  /** Every document that there is, by the drawn place of it. */
  *all(): Generator<{ readonly scope: string; readonly key: string; readonly document: Document }> {
    for (const [scope, documents] of this.#scopes) {
      for (const [key, document] of documents) yield { scope, key, document };
    }
  }

  read(at: DrawnDocument): Document | undefined {
    return this.#scope(at).get(keyOf(at));
  }

  put(at: DrawnDocument, content: number, preconditions: Readonly<Record<string, string>>): Outcome {
    const existing = this.read(at);
    const refused = preconditionStatuses(existing, preconditions);
    if (Object.keys(preconditions).length === 0) {
      const isProfile = at.resource !== 0;
      // 1.0.3: profiles need a precondition, state does not. 2.0: whatever is there is replaced with one only.
      if (existing && (isProfile || at.version === '2.0.0')) refused.push(409);
      if (!existing && isProfile && at.version === '1.0.3') refused.push(400);
    }
    if (refused.length > 0) return { statuses: refused };
    const { type, text } = CONTENTS[content]!;
    this.#scope(at).set(keyOf(at), { type, content: text });
    return NO_CONTENT;
  }

  merge(at: DrawnDocument, content: number, preconditions: Readonly<Record<string, string>>): Outcome {
    const existing = this.read(at);
    const refused = preconditionStatuses(existing, preconditions);
    const { type, text, object } = CONTENTS[content]!;
    const present = existing && objectIn(existing);
    if (object === undefined || (existing && present === undefined)) refused.push(400);
    if (refused.length > 0) return { statuses: [...new Set(refused)] };
    const merged: Document = existing
      ? { type: existing.type, content: JSON.stringify({ ...present, ...object }) }
      : { type, content: text };
    this.#scope(at).set(keyOf(at), merged);
    return NO_CONTENT;
  }

  delete(at: DrawnDocument, preconditions: Readonly<Record<string, string>>): Outcome {
    const refused = preconditionStatuses(this.read(at), preconditions);
    if (refused.length > 0) return { statuses: refused };
    this.#scope(at).delete(keyOf(at));
    return NO_CONTENT;
  }

  /** State only; with a registration, those of that registration. */
  deleteAll(at: DrawnDocument): Outcome {
    if (at.resource !== 0) return { statuses: [400] };
    for (const key of this.#keys(at)) this.#scope(at).delete(key);
    return NO_CONTENT;
  }

  list(at: DrawnDocument): { readonly id: string; readonly document: Document }[] {
    return this.#keys(at).map((key) => ({
      id: (JSON.parse(key) as string[])[1]!,
      document: this.#scope(at).get(key)!,
    }));
  }

  #keys(at: DrawnDocument): string[] {
    const [registration] = JSON.parse(keyOf(at)) as (string | null)[];
    const keys = [...this.#scope(at).keys()];
    return registration === null ? keys : keys.filter((key) => (JSON.parse(key) as unknown[])[0] === registration);
  }

  #scope(at: DrawnDocument): Map<string, Document> {
    const name = scopeOf(at);
    const scope = this.#scopes.get(name) ?? new Map<string, Document>();
    this.#scopes.set(name, scope);
    return scope;
  }
}

function objectIn({ type, content }: Document): Anything {
  if (!type.startsWith('application/json')) return undefined;
  const value = JSON.parse(content);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

function scopeOf({ resource, activity, agent }: DrawnDocument): string {
  const { of } = RESOURCES[resource]!;
  const parts = of as readonly string[];
  return JSON.stringify([resource, parts.includes('activityId') ? activity : '', parts.includes('agent') ? agent : '']);
}

function keyOf({ resource, registration, id }: DrawnDocument): string {
  const registered = RESOURCES[resource]!.registration && registration >= 0;
  return JSON.stringify([registered ? registration : null, DOCUMENT_IDS[id]]);
}

/** RFC 9110 13.1.1, 13.1.2. */
function preconditionStatuses(existing: Document | undefined, headers: Readonly<Record<string, string>>): number[] {
  const etag = existing && `"${etagOf(existing)}"`;
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  const matches = (header: string) => etag !== undefined && (header === '*' || header.includes(etag));
  if (ifMatch !== undefined && !matches(ifMatch)) return [412];
  if (ifNoneMatch !== undefined && matches(ifNoneMatch)) return [412];
  return [];
}

/** The headers that say it of the document that is there. */
export function preconditionHeaders(
  { ifMatch, ifNoneMatch }: DrawnPreconditions,
  existing: Document | undefined,
): Record<string, string> {
  const wrong = `"${'0'.repeat(40)}"`;
  const right = existing ? `"${etagOf(existing)}"` : wrong;
  const texts = { right, wrong, any: '*', list: `${wrong}, ${right}` };
  return {
    ...(ifMatch === undefined ? {} : { 'if-match': texts[ifMatch] }),
    ...(ifNoneMatch === undefined ? {} : { 'if-none-match': texts[ifNoneMatch] }),
  };
}

/** The query of a request for one document, or without `named` for those of its scope. */
export function documentQuery(
  { resource, activity, agent, registration, id }: DrawnDocument,
  named: boolean,
): Record<string, string> {
  const { id: parameter, of, registration: registered } = RESOURCES[resource]!;
  const parts = of as readonly string[];
  return {
    ...(parts.includes('activityId') ? { activityId: ACTIVITIES[activity + 1]! } : {}),
    ...(parts.includes('agent') ? { agent: JSON.stringify(AGENTS[agent]) } : {}),
    ...(registered && registration >= 0 ? { registration: REGISTRATIONS[registration]! } : {}),
    ...(named ? { [parameter]: DOCUMENT_IDS[id]! } : {}),
  };
}
