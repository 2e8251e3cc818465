// A second opinion: xapi-validation, Learning Locker's validator for 1.0.x, on statements as learning systems send them with every
// single change of a value, and on generated statements with one change each. Where the two disagree the reason is known, named in
// generated/disagreements.ts and decided in docs/validation.md. TEST_SEED has a failure again, TEST_STATEMENTS makes it longer.

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Statement, validateStatements } from '../../../contracts/xapi/index.ts';
import { SHAPES, statementsOf } from '../../fixtures/statements/index.ts';
import { compared, theirs, WE_REFUSE, WE_TAKE } from './generated/disagreements.ts';
import { common, every } from './generated/forms.ts';
import { mutated, mutation } from './generated/mutations.ts';
import { validStatement } from './generated/statements.ts';
import { statementWith, subStatementWith } from './requirement.ts';

// The same statements every time: whether a difference that nobody has met before is ours or theirs is for a person to decide,
// not for the change that happens to be tested. Other seeds find more of them.
const SEED = Number(process.env.TEST_SEED ?? 20_261_122);
const STATEMENTS = Number(process.env.TEST_STATEMENTS ?? 2_500);
const CHANGES = 8;

const met = new Map<string, number>();

/** Taken or refused by both; otherwise every reason is counted, and a difference without one is an error. */
function verdict(statement: unknown): 'taken' | 'refused' | 'disputed' {
  const result = compared(statement);
  if (result.agreed) return result.agreed;
  if (!result.reasons) throw new Error(`No reason is known: ${JSON.stringify({ statement, details: result.details })}`);
  for (const reason of result.reasons) met.set(reason, (met.get(reason) ?? 0) + 1);
  return 'disputed';
}

describe(`${STATEMENTS * (CHANGES + 1)} generated statements (seed ${SEED})`, () => {
  test('written in the common way: both take them', () => {
    fc.assert(
      fc.property(validStatement(common), (statement) => verdict(statement) === 'taken'),
      { seed: SEED, numRuns: STATEMENTS / 2 },
    );
  });

  test('written in every legal way: we take them', () => {
    fc.assert(
      fc.property(validStatement(every), (statement) => {
        expect(validateStatements(statement, '1.0.3')).toMatchObject({ ok: true });
        verdict(statement);
      }),
      { seed: SEED, numRuns: STATEMENTS / 2 },
    );
  });

  test('with one change: both say the same, or the reason is known', { timeout: 60_000 }, () => {
    const count = { taken: 0, refused: 0, disputed: 0 };
    fc.assert(
      fc.property(
        validStatement(common),
        fc.array(mutation, { minLength: CHANGES, maxLength: CHANGES }),
        (statement, changes) => {
          for (const change of changes) count[verdict(mutated(statement, change))]++;
        },
      ),
      { seed: SEED, numRuns: STATEMENTS },
    );
    console.log(JSON.stringify({ seed: SEED, ...count, ...Object.fromEntries(met) }));
    // Otherwise the changes say nothing about the border between the two.
    for (const verdicts of Object.values(count)) expect(verdicts).toBeGreaterThan(STATEMENTS / 4);
  });
});

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
  'text/plain;\na=b',
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

describe('what learning systems send', () => {
  test.each(SHAPES.filter((shape) => shape !== 'version-2'))('the shape %s and every change of it', (shape) => {
    let agreed = 0;
    for (const statement of statementsOf(shape)) {
      for (const changed of changesOf(statement)) if (verdict(changed) !== 'disputed') agreed++;
    }
    expect(agreed).toBeGreaterThan(1000);
  });
});

test('every reason was met', () => {
  expect([...met.keys()].sort()).toEqual([...Object.keys(WE_REFUSE), ...Object.keys(WE_TAKE)].sort());
});

describe('reasons', () => {
  const DOCUMENT = readFileSync(new URL('../../../docs/validation.md', import.meta.url), 'utf8');

  test.each(Object.entries(WE_REFUSE))('%s: they take it, we refuse', (reason, { example }) => {
    for (const statement of [statementWith(example), ...inSubStatement(example)]) {
      expect(theirs(statement)).toEqual([]);
      expect(compared(statement)).toMatchObject({ reasons: expect.arrayContaining([reason]) });
    }
    expect(DOCUMENT).toContain(`\n| **${reason}** |`);
  });

  test.each(Object.entries(WE_TAKE))('%s: they refuse it, we take it', (reason, { example }) => {
    for (const statement of [statementWith(example), ...inSubStatement(example)]) {
      expect(validateStatements(statement, '1.0.3')).toMatchObject({ ok: true });
      expect(compared(statement)).toMatchObject({ reasons: [reason] });
    }
    expect(DOCUMENT).toContain(`\n| **${reason}** |`);
  });

  test('docs/validation.md has no others', () => {
    const rows = [...DOCUMENT.matchAll(/^\| \*\*(.+?)\*\* \|/gm)].map(([, reason]) => reason!);
    expect(rows.toSorted()).toEqual([...Object.keys(WE_REFUSE), ...Object.keys(WE_TAKE)].sort());
  });
});

/** The same inside a SubStatement, but for properties that it has not (Data 2.4.4.3). */
function inSubStatement(change: Readonly<Record<string, unknown>>): unknown[] {
  return 'version' in change || 'authority' in change ? [] : [subStatementWith(change)];
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
