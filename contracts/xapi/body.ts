// From bytes to JSON values, with everything refused that JSON.parse or a lenient decoder would let through.

import type { Problem } from '../http/problem.ts';
import { placeOfError } from './broken-json.ts';
import { jsonPath } from './explain.ts';

export type BodyParsed =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Deeper than any statement; bounds the recursion of everything that walks a value. */
const MOST_NESTING = 100;

/** xAPI 1.0.3 Communication 1.4: UTF-8 alone. US-ASCII is part of it. */
const UTF_8 = /^(?:utf-?8|us-ascii)$/i;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** A request body: UTF-8 without a broken byte, then {@link parseJson}. */
export function parseBody(bytes: Uint8Array, charset = 'utf-8'): BodyParsed {
  if (!UTF_8.test(charset)) return refused(`charset must be utf-8`);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch {
    return refused('is not valid UTF-8');
  }
  return parseJson(text);
}

/**
 * JSON with nothing in it that could not be recorded and given back as it was: no `__proto__` keys (they would vanish when
 * copied), no lone surrogates (they have no UTF-8), no numbers beyond a double, no nesting deeper than 100.
 */
export function parseJson(text: string): BodyParsed {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const { position, path } = placeOfError(text, MOST_NESTING);
    return {
      ok: false,
      problems: [problemAt(path, `is not JSON: see character ${position + 1}`)],
    };
  }
  if (isSound(value, 0)) return { ok: true, value };
  const problems: Problem[] = [];
  explainUnsound(value, [], problems);
  return { ok: false, problems };
}

function refused(message: string): BodyParsed {
  return { ok: false, problems: [{ path: '$', message }] };
}

function isSound(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= MOST_NESTING) return false;
  if (Array.isArray(value)) {
    for (let place = 0; place < value.length; place++) if (!isSound(value[place], depth + 1)) return false;
    return true;
  }
  for (const key in value) {
    if (key === '__proto__' || !key.isWellFormed()) return false;
    if (!isSound((value as Record<string, unknown>)[key], depth + 1)) return false;
  }
  return true;
}

/** In a batch the first step of the path is the statement's index. */
function problemAt(path: readonly PropertyKey[], message: string): Problem {
  const [index, ...rest] = path;
  return typeof index === 'number'
    ? { index, path: jsonPath(rest, index), message }
    : { path: jsonPath(path), message };
}

/** The same walk, slower, saying where. */
function explainUnsound(value: unknown, path: readonly PropertyKey[], problems: Problem[]): void {
  if (problems.length >= 100) return;
  const problem = (message: string) => problems.push(problemAt(path, message));
  if (typeof value === 'string') {
    if (!value.isWellFormed()) problem('holds half of a surrogate pair');
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) problem('is a number too large for IEEE 754 double precision');
  } else if (typeof value === 'object' && value !== null) {
    if (path.length >= MOST_NESTING) problem(`is nested deeper than ${MOST_NESTING}`);
    else if (Array.isArray(value)) {
      value.forEach((item, place) => {
        explainUnsound(item, [...path, place], problems);
      });
    } else {
      for (const [key, item] of Object.entries(value)) {
        if (key === '__proto__') problem('must not have a property __proto__');
        else if (!key.isWellFormed()) problem('has a property whose name holds half of a surrogate pair');
        else explainUnsound(item, [...path, key], problems);
      }
    }
  }
}
