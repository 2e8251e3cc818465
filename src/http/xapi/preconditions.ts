// If-Match and If-None-Match (RFC 9110 13.1) as recording takes them: `*`, or the ETags without quotes.

import type { Preconditions } from '../../recording/port.ts';
import { HttpProblem } from '../problem.ts';

const ENTITY_TAG = /^(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"$/;
/** Older clients leave the quotes out. */
const BARE_TAG = /^[\w.:+/=-]+$/;

/**
 * A proxy that compresses marks ETags as weak; clients send them back so. Ours are all strong, so the mark is dropped.
 * @throws HttpProblem 400 for a malformed header
 */
export function parseEntityTags(header: string, name: string): readonly string[] | '*' {
  const text = header.trim();
  if (text === '*') return '*';
  const tags: string[] = [];
  for (const item of text.split(',')) {
    const tag = item.trim();
    if (tag === '') continue;
    const quoted = ENTITY_TAG.exec(tag);
    if (quoted) tags.push(quoted[1]!);
    else if (BARE_TAG.test(tag)) tags.push(tag);
    else throw new HttpProblem('invalid-request', `${name} is neither * nor a list of entity tags.`);
  }
  if (tags.length === 0) throw new HttpProblem('invalid-request', `${name} is empty.`);
  return tags;
}

export function preconditionsOf(headers: Readonly<Record<string, string | string[] | undefined>>): Preconditions {
  const ifMatch = headers['if-match'];
  const ifNoneMatch = headers['if-none-match'];
  return {
    ...(typeof ifMatch === 'string' ? { ifMatch: parseEntityTags(ifMatch, 'If-Match') } : {}),
    ...(typeof ifNoneMatch === 'string' ? { ifNoneMatch: parseEntityTags(ifNoneMatch, 'If-None-Match') } : {}),
  };
}
