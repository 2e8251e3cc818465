// A requirement of the standard as a test: statements it accepts and statements it refuses, under both versions, at the top and
// inside a SubStatement. Named by its id in the conformance requirements (XAPI-00001 …) or by its section of xAPI 2.0.

import { describe, expect, test } from 'vitest';
import { validateStatements } from '../../../contracts/xapi/index.ts';

/** Properties to put over the base statement; `absent` takes one away. */
export type Change = Readonly<Record<string, unknown>>;
export const absent: unknown = Symbol('absent');

export const ALICE = { mbox: 'mailto:alice@example.org' };
export const BOB = { objectType: 'Agent', account: { homePage: 'https://people.example.org', name: 'bob' } };
export const COURSE = { id: 'https://example.org/courses/1' };
export const REFERENCE = { objectType: 'StatementRef', id: 'b8e2b7a1-6f1a-4d0b-9a5e-1f0b8f0e0001' };
export const ATTACHMENT = {
  usageType: 'https://example.org/attachments/essay',
  display: { 'en-IN': 'Essay' },
  contentType: 'text/plain',
  length: 12,
  sha2: '672fa5fa658017f1b72d65036f13379c6ab05d4ab3b6664908d8acf0b6a0c634',
};

const BASE = { actor: ALICE, verb: { id: 'https://example.org/verbs/did' }, object: COURSE };

export function statementWith(change: Change): Record<string, unknown> {
  return Object.fromEntries(Object.entries({ ...BASE, ...change }).filter(([, value]) => value !== absent));
}

/** The same change inside a SubStatement, which has a statement's requirements too (XAPI-00066). */
export function subStatementWith(change: Change): Record<string, unknown> {
  return statementWith({ object: { objectType: 'SubStatement', ...statementWith(change) } });
}

type Versions = '1.0.3' | '2.0.0' | 'both';

interface Requirement {
  readonly versions?: Versions;
  /** It is about what a SubStatement cannot have. */
  readonly topOnly?: boolean;
  readonly accepts?: Readonly<Record<string, Change>>;
  /** With the path at which the problem must be told: `actor.mbox`, or nothing for the statement itself. */
  readonly refuses?: Readonly<Record<string, readonly [path: string, change: Change]>>;
}

export function requirement(id: string, says: string, { versions = 'both', topOnly, accepts, refuses }: Requirement) {
  for (const version of ['1.0.3', '2.0.0'] as const) {
    if (versions !== 'both' && versions !== version) continue;
    describe(`${id} (${version}): ${says}`, () => {
      for (const [name, change] of Object.entries(accepts ?? {})) {
        test(`accepts ${name}`, () => {
          expect(validateStatements(statementWith(change), version)).toMatchObject({ ok: true });
          if (!topOnly) expect(validateStatements(subStatementWith(change), version)).toMatchObject({ ok: true });
        });
      }
      for (const [name, [path, change]] of Object.entries(refuses ?? {})) {
        test(`refuses ${name}`, () => {
          expect(pathsRefused(statementWith(change), version)).toContain(path === '' ? '$' : `$.${path}`);
          if (topOnly) return;
          const inside = path === '' ? '$.object' : `$.object.${path}`;
          expect(pathsRefused(subStatementWith(change), version)).toContain(inside);
        });
      }
    });
  }
}

/** Paths of all problems; every one must have words and a clause. */
function pathsRefused(statement: unknown, version: '1.0.3' | '2.0.0'): string[] {
  const validated = validateStatements(statement, version);
  if (validated.ok) return [];
  for (const problem of validated.problems) {
    expect(problem.message).toMatch(/^\S.*\S$/s);
    expect(problem.clause).toMatch(version === '1.0.3' ? /^xAPI 1\.0\.3 / : /^xAPI 2\.0 /);
  }
  return validated.problems.map((problem) => problem.path);
}

/** Cases of one kind from a list of values: `{ 'a number': change(5), … }`. */
export function each<T>(values: Readonly<Record<string, unknown>>, build: (value: unknown) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, build(value)]));
}

export const NOT_STRINGS = {
  'a number': 5,
  true: true,
  'an object': { key: 'value' },
  'an array': ['text'],
  null: null,
};
export const NOT_OBJECTS = { 'a number': 5, 'a string': 'text', true: true, 'an array': [], null: null };
export const NOT_BOOLEANS = { 'the string true': 'true', 'a number': 1, 'an object': {}, null: null };
export const NOT_NUMBERS = { 'a string of digits': '5', true: true, 'an object': {}, null: null };
export const NOT_IRIS = {
  'no scheme': 'example.org/a',
  'the empty string': '',
  'a scheme with a forbidden character': 'ab=c://example.org',
  'a blank inside': 'https://example.org/a b',
  'a scheme alone': 'https:',
  'a broken escape': 'https://example.org/100%',
  'an escape of one digit': 'https://example.org/%a',
  braces: 'https://example.org/{id}',
  'a character that is none': 'https://example.org/\ufffe',
  ...NOT_STRINGS,
};
export const NOT_UUIDS = {
  'too many digits': 'b8e2b7a1-6f1a-4d0b-9a5e-1f0b8f0e00011',
  'a letter beyond F': 'g8e2b7a1-6f1a-4d0b-9a5e-1f0b8f0e0001',
  'no hyphens': 'b8e2b7a16f1a4d0b9a5e1f0b8f0e0001',
  'the URN form': 'urn:uuid:b8e2b7a1-6f1a-4d0b-9a5e-1f0b8f0e0001',
  'the empty string': '',
  ...NOT_STRINGS,
};
/** Values that are no language map, with the place of the problem below the map. */
export const NOT_LANGUAGE_MAPS: Readonly<Record<string, readonly [below: string, value: unknown]>> = {
  'a string': ['', 'text'],
  'an array': ['', []],
  null: ['', null],
  'a key that is no language tag': ['.a12345', { a12345: 'text' }],
  'a subtag that is too long': ["['en-abcdefghi']", { 'en-abcdefghi': 'text' }],
  'a number in it': ['.en', { en: 5 }],
  'null in it': ['.en', { en: null }],
};
