// One statement of a source, ready to be posted: with an id, and under the version of xAPI that leaves it as it is.

import type { Problem } from '../../contracts/http/problem.ts';
import { idFromContent, type NAMESPACES } from './identity.ts';
import type { AttachmentPart, Item, Place, StatementObject, StorePosition } from './source.ts';

interface Origin {
  readonly place: Place;
  readonly raw: string;
  readonly attachments?: readonly AttachmentPart[];
  readonly resumeAt?: StorePosition;
  readonly namespace?: keyof typeof NAMESPACES;
}

/** `value` is one parsed JSON value; `raw` its text, posted as it is when the statement has an id of its own. */
export function toItem(value: unknown, origin: Origin): Item {
  const { place, raw, resumeAt, attachments = [], namespace = 'statement' } = origin;
  const where = { place, raw, ...(resumeAt ? { resumeAt } : {}) };
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { ...where, kind: 'bad', problems: [{ path: '$', message: 'a statement is a JSON object' }] };
  }
  const statement = value as StatementObject;
  if (Array.isArray(statement.statements) && statement.actor === undefined) {
    const message =
      'this is a result of a query, not a statement: take the statements out of it (jq -c ".statements[]")';
    return { ...where, kind: 'bad', problems: [{ path: '$.statements', message }] };
  }
  const version = versionFor(statement);
  if (statement.id !== undefined && statement.id !== null) {
    return { ...where, kind: 'statement', id: String(statement.id).toLowerCase(), version, json: raw, attachments };
  }
  const id = idFromContent(statement, namespace);
  return { ...where, kind: 'statement', id, version, json: JSON.stringify({ ...statement, id }), attachments };
}

export function badItem(place: Place, raw: string, problems: readonly Problem[]): Item {
  return { kind: 'bad', place, raw, problems };
}

/**
 * A 1.0.x statement posted under 2.0 would have its timestamps turned into UTC; under 1.0.3 it stays as it was. One that
 * does not say its version is 1.0.x unless it uses what only 2.0 has (IEEE 9274.1.1, context).
 */
function versionFor(statement: StatementObject): '1.0.3' | '2.0.0' {
  if (typeof statement.version === 'string') return statement.version.startsWith('2.') ? '2.0.0' : '1.0.3';
  const context = statement.context as StatementObject | null | undefined;
  const uses2 =
    typeof context === 'object' && context !== null && ('contextAgents' in context || 'contextGroups' in context);
  return uses2 ? '2.0.0' : '1.0.3';
}
