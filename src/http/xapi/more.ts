// The `more` link of a page of statements (xAPI 1.0.3 Data 2.5): the whole query and where the page ended, in the link itself.
// Nothing is kept on the server, so links survive restarts and work on every node. They are not signed: following one is a
// query like any other, judged by the credential that follows it, and every value in it is checked again.

import type { Sequence } from '../../../contracts/words.ts';
import type { Cursor } from '../../read-models/statement-index/port.ts';
import { HttpProblem } from '../problem.ts';
import type { Parameters } from './parameters.ts';

/** The parameter that carries the token. It stands alone: the query is inside. */
export const CURSOR = 'cursor';
/** xAPI 1.0.3 Communication 2.1.3: at least 24 hours. */
export const VALID_SECONDS = 24 * 60 * 60;

export interface More {
  /** The parameters of the first page. */
  readonly parameters: Parameters;
  readonly cursor: Cursor;
}

interface Token {
  readonly v: 1;
  /** Issued, in seconds since 1970. */
  readonly t: number;
  readonly after: number;
  readonly head: number;
  readonly q: Parameters;
}

export function moreToken({ parameters, cursor }: More, now: number = Date.now()): string {
  const token: Token = { v: 1, t: Math.floor(now / 1000), after: cursor.after, head: cursor.head, q: parameters };
  return Buffer.from(JSON.stringify(token)).toString('base64url');
}

/** @throws HttpProblem 400 for what is not a token of ours, or older than 24 hours */
export function readMoreToken(text: string, now: number = Date.now()): More {
  const token = decoded(text);
  if (!isToken(token)) throw new HttpProblem('invalid-cursor');
  const age = Math.floor(now / 1000) - token.t;
  if (age > VALID_SECONDS) throw new HttpProblem('invalid-cursor', 'The link is older than 24 hours.');
  return { parameters: token.q, cursor: { after: token.after as Sequence, head: token.head as Sequence } };
}

function decoded(text: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

function isToken(value: unknown): value is Token {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const token = value as Record<string, unknown>;
  return (
    token.v === 1 &&
    Number.isSafeInteger(token.t) &&
    isSequence(token.after) &&
    isSequence(token.head) &&
    typeof token.q === 'object' &&
    token.q !== null &&
    !Array.isArray(token.q) &&
    Object.values(token.q).every((item) => typeof item === 'string')
  );
}

function isSequence(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
