// A second opinion: xapi-validation, Learning Locker's validator for 1.0.x, on every statement of the shapes and on every
// statement that one change makes of it. Where the two disagree the reason is known and named here.

import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { type Statement, validateStatements } from '../../../contracts/xapi/index.ts';
import { SHAPES, statementsOf } from '../../fixtures/statements/index.ts';

type Validate = (statement: unknown) => readonly unknown[];
const theirs = (createRequire(import.meta.url)('xapi-validation') as { default: Validate }).default;

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  '',
  'text',
  'a12345',
  'hi-IN',
  'https://example.org/a',
  'https://example.org/a b',
  'mailto:a@example.org',
  'PT1H',
  'P4W1D',
  'PT1.5H',
  '2026-04-01T09:30:00Z',
  '2026-04-01T09:30:00',
  '2026-04-01',
  'b8e2b7a1-6f1a-4d0b-9a5e-1f0b8f0e0001',
  [],
  {},
  [{}],
  { en: 'text' },
  { id: 'https://example.org/a' },
  { objectType: 'Group', member: [] },
  'Agent',
  'Activity',
];

/** Why we refuse what they let through: all our problems must have one of these reasons. */
const STRICTER: Readonly<Record<string, RegExp>> = {
  'their IRIs may hold any character behind the scheme; RFC 3987 forbids some': /must be an IRI/,
  'they take a date without a time of day; xAPI refers to ISO 8601’s combined date and time': /ISO 8601 date and time/,
  'any string is a SHA-2 to them, and any hexadecimal one a SHA-1': /SHA-[12]/,
  'a team that does not say that it is a Group is one to them; a Group says so (Data 2.4.2.2)': /is missing: Group/,
  'a negative length is a length to them': /must not be negative/,
};

/** Why we take what they refuse: one of their warnings, all of which must be of these kinds. */
const MILDER: Readonly<Record<string, (warning: Warning) => boolean>> = {
  'a single context activity is allowed, and becomes a list (Data 2.4.6.2)': ({ path }) =>
    path.includes('contextActivities'),
  'ISO 8601 lets the zone be left out; xAPI 1.0.3 says SHOULD (Data 4.5)': ({ data }) => data === '2026-04-01T09:30:00',
  'ISO 8601 lets the smallest component have a fraction': ({ data }) => data === 'PT1.5H',
};

interface Warning {
  readonly path: readonly string[];
  readonly data: unknown;
}

test.each(SHAPES.filter((shape) => shape !== 'version-2'))('the shape %s and every change of it', (shape) => {
  const unexplained: string[] = [];
  let agreed = 0;
  for (const statement of statementsOf(shape)) {
    for (const changed of changesOf(statement)) {
      const ours = validateStatements(changed, '1.0.3');
      const warnings = theirs(changed) as readonly Warning[];
      if (ours.ok === (warnings.length === 0)) agreed++;
      else if (!isExplained(ours.ok ? [] : ours.problems, warnings)) {
        unexplained.push(JSON.stringify({ changed, problems: ours.ok ? [] : ours.problems, warnings }));
      }
    }
  }
  expect(unexplained).toEqual([]);
  expect(agreed).toBeGreaterThan(1000);
});

test('every reason is one that was met', () => {
  expect([...used].sort()).toEqual([...Object.keys(STRICTER), ...Object.keys(MILDER)].sort());
});

function isExplained(problems: readonly { readonly message: string }[], warnings: readonly Warning[]): boolean {
  if (problems.length > 0) {
    return problems.every(({ message }) => isUsed(Object.entries(STRICTER).find(([, reason]) => reason.test(message))));
  }
  return warnings.every((warning) => isUsed(Object.entries(MILDER).find(([, holds]) => holds(warning))));
}

const used = new Set<string>();
function isUsed(reason: readonly [string, unknown] | undefined): boolean {
  if (reason !== undefined) used.add(reason[0]);
  return reason !== undefined;
}

/** The statement itself; with each property replaced by each value; without it; with one more beside it. */
function* changesOf(statement: Statement): Generator<unknown> {
  yield statement;
  for (const path of pathsOf(statement)) {
    for (const value of VALUES) yield changedAt(statement, path, () => value);
    yield changedAt(statement, path, undefined);
    yield changedAt(statement, [...path.slice(0, -1), 'unknown'], () => 1);
  }
}

function* pathsOf(value: unknown, path: readonly string[] = []): Generator<readonly string[]> {
  if (path.length > 0) yield path;
  // What stands in extensions is nobody's business.
  if (path.includes('extensions') || typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) yield* pathsOf(item, [...path, key]);
}

/** A copy with the value at the path replaced, or taken away. */
function changedAt(statement: unknown, path: readonly string[], value: (() => unknown) | undefined): unknown {
  const copy = structuredClone(statement) as Record<string, unknown>;
  let at = copy;
  for (const key of path.slice(0, -1)) at = at[key] as Record<string, unknown>;
  const last = path.at(-1)!;
  if (value) at[last] = structuredClone(value());
  else if (Array.isArray(at)) at.splice(Number(last), 1);
  else delete at[last];
  return copy;
}
