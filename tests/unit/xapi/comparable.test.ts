// When two statements are the same: Data 2.3.1, Statement Comparison Requirements (XAPI-00142 rests on it).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparableDigest, type Statement, validateStatements } from '../../../contracts/xapi/index.ts';
import { SHAPES, statementsOf } from '../../fixtures/statements/index.ts';
import { ALICE, ATTACHMENT, BOB, COURSE, REFERENCE, statementWith } from './requirement.ts';

const make = (change: Record<string, unknown>) => statementWith(change) as unknown as Statement;
const digest = (change: Record<string, unknown>, assigned?: string[]) => comparableDigest(make(change), assigned);
const within = (change: Record<string, unknown>) => ({
  object: { objectType: 'SubStatement', ...statementWith(change) },
});

const GROUP = { objectType: 'Group', member: [ALICE, BOB] };

const SAME: Readonly<Record<string, readonly [Record<string, unknown>, Record<string, unknown>]>> = {
  'the zone of a timestamp': [{ timestamp: '2026-04-01T09:30:00Z' }, { timestamp: '2026-04-01T15:00:00.000+05:30' }],
  'a verb’s display': [
    { verb: { id: 'https://example.org/v', display: { en: 'did' } } },
    { verb: { id: 'https://example.org/v' } },
  ],
  'an activity’s definition': [{ object: { ...COURSE, definition: { name: { en: 'A' } } } }, { object: COURSE }],
  'a context activity’s definition': [
    { context: { contextActivities: { parent: [{ ...COURSE, definition: {} }] } } },
    { context: { contextActivities: { parent: [COURSE] } } },
  ],
  'one context activity or a list of it': [
    { context: { contextActivities: { parent: COURSE } } },
    { context: { contextActivities: { parent: [COURSE] } } },
  ],
  'the order of members': [{ actor: GROUP }, { actor: { ...GROUP, member: [BOB, ALICE] } }],
  'the order of a contextGroup’s members': [
    { context: { contextGroups: [{ objectType: 'contextGroup', group: GROUP }] } },
    { context: { contextGroups: [{ objectType: 'contextGroup', group: { ...GROUP, member: [BOB, ALICE] } }] } },
  ],
  attachments: [{ attachments: [ATTACHMENT] }, {}],
  'the case of a domain': [
    { actor: { mbox: 'mailto:alice@example.org' } },
    { actor: { mbox: 'mailto:alice@EXAMPLE.org' } },
  ],
  'the case of a registration': [
    { context: { registration: REFERENCE.id } },
    { context: { registration: REFERENCE.id.toUpperCase() } },
  ],
  'the case of a referred id': [{ object: REFERENCE }, { object: { ...REFERENCE, id: REFERENCE.id.toUpperCase() } }],
  'the case of a language': [{ context: { language: 'hi-IN' } }, { context: { language: 'HI-in' } }],
  'the case of a SHA-1': [{ actor: { mbox_sha1sum: 'a'.repeat(40) } }, { actor: { mbox_sha1sum: 'A'.repeat(40) } }],
  'a duration beyond 0.01 s, cut and not rounded': [
    { result: { duration: 'P1DT12H36M0.1267S' } },
    { result: { duration: 'P1DT12H36M0.12S' } },
  ],
  'the order of properties': [
    { result: { success: true, extensions: { 'https://a.b/1': { x: 1, y: [2] }, 'https://a.b/2': 2 } } },
    { result: { extensions: { 'https://a.b/2': 2, 'https://a.b/1': { y: [2], x: 1 } }, success: true } },
  ],
};

const OTHER: Readonly<Record<string, readonly [Record<string, unknown>, Record<string, unknown>]>> = {
  'the actor': [{ actor: ALICE }, { actor: { mbox: 'mailto:bob@example.org' } }],
  'the actor’s name': [{ actor: { ...ALICE, name: 'Alice' } }, { actor: ALICE }],
  'the part before the @': [{ actor: ALICE }, { actor: { mbox: 'mailto:Alice@example.org' } }],
  'the kind of identifier': [
    { actor: { openid: 'https://example.org/a' } },
    { actor: { account: { homePage: 'https://example.org/a', name: '' } } },
  ],
  'one member more': [{ actor: GROUP }, { actor: { ...GROUP, member: [ALICE, BOB, BOB] } }],
  'the verb': [{ verb: { id: 'https://example.org/v' } }, { verb: { id: 'https://example.org/V' } }],
  'the activity': [{ object: COURSE }, { object: { id: `${COURSE.id}/` } }],
  'the statement referred to': [
    { object: REFERENCE },
    { object: { ...REFERENCE, id: REFERENCE.id.replace('1', '2') } },
  ],
  'an instant by a microsecond': [{ timestamp: '2026-04-01T09:30:00.000001Z' }, { timestamp: '2026-04-01T09:30:00Z' }],
  'no timestamp': [{ timestamp: '2026-04-01T09:30:00Z' }, {}],
  'a duration in other units: it is a string': [{ result: { duration: 'PT60S' } }, { result: { duration: 'PT1M' } }],
  'a duration by 0.01 s': [{ result: { duration: 'PT1.12S' } }, { result: { duration: 'PT1.13S' } }],
  'a score': [{ result: { score: { raw: 1 } } }, { result: { score: { min: 1 } } }],
  'a score in its last digit': [{ result: { score: { raw: 0.1 + 0.2 } } }, { result: { score: { raw: 0.3 } } }],
  success: [{ result: { success: true } }, { result: { success: false } }],
  'completion for success': [{ result: { success: true } }, { result: { completion: true } }],
  'an empty result': [{ result: {} }, {}],
  'an empty context': [{ context: {} }, {}],
  response: [{ result: { response: 'a' } }, { result: { response: 'A' } }],
  'an extension’s value': [
    { result: { extensions: { 'https://a.b': null } } },
    { result: { extensions: { 'https://a.b': 'null' } } },
  ],
  'the order of a list in an extension': [
    { result: { extensions: { 'https://a.b': [1, 2] } } },
    { result: { extensions: { 'https://a.b': [2, 1] } } },
  ],
  'an extension’s place': [
    { result: { extensions: { 'https://a.b': 1 } } },
    { context: { extensions: { 'https://a.b': 1 } } },
  ],
  registration: [{ context: { registration: REFERENCE.id } }, { context: {} }],
  instructor: [{ context: { instructor: ALICE } }, { context: { instructor: BOB } }],
  'instructor for team': [{ context: { instructor: GROUP } }, { context: { team: GROUP } }],
  'the type of a context activity': [
    { context: { contextActivities: { parent: [COURSE] } } },
    { context: { contextActivities: { grouping: [COURSE] } } },
  ],
  'the order of context activities': [
    { context: { contextActivities: { parent: [COURSE, { id: 'urn:x:1' }] } } },
    { context: { contextActivities: { parent: [{ id: 'urn:x:1' }, COURSE] } } },
  ],
  'relevant types': [
    { context: { contextAgents: [{ objectType: 'contextAgent', agent: ALICE, relevantTypes: ['urn:x:1'] }] } },
    { context: { contextAgents: [{ objectType: 'contextAgent', agent: ALICE }] } },
  ],
  platform: [{ context: { platform: 'a' } }, { context: { platform: 'b' } }],
  'platform for revision': [{ context: { platform: 'a' } }, { context: { revision: 'a' } }],
  'a reference in the context': [{ context: { statement: REFERENCE } }, { context: {} }],
};

describe('differences that are ignored', () => {
  test.each(Object.entries(SAME))('%s', (_, [one, other]) => {
    expect(digest(one)).toBe(digest(other));
    expect(digest(within(one))).toBe(digest(within(other)));
  });

  test('what the store may assign', () => {
    const assigned = { id: REFERENCE.id, stored: '2026-04-01T09:30:00Z', authority: BOB, version: '1.0.3' };
    expect(digest(assigned)).toBe(digest({}));
  });

  test('a timestamp that the store filled in', () => {
    expect(digest({ timestamp: '2026-04-01T09:30:00Z' }, ['id', 'timestamp'])).toBe(digest({}));
  });

  test('what validation changes', () => {
    for (const statement of SHAPES.flatMap(statementsOf)) {
      const validated = validateStatements(statement, '2.0.0');
      expect(validated.ok && comparableDigest(validated.statements[0]!)).toBe(comparableDigest(statement));
    }
  });
});

describe('differences that count', () => {
  test.each(Object.entries(OTHER))('%s', (_, [one, other]) => {
    expect(digest(one)).not.toBe(digest(other));
    expect(digest(within(one))).not.toBe(digest(within(other)));
  });

  test('a statement and the same in a SubStatement', () => {
    expect(digest(within({}))).not.toBe(digest({}));
  });

  test('a timestamp of the SubStatement, even when the store filled in the other', () => {
    const planned = within({ timestamp: '2026-04-01T09:30:00Z' });
    expect(digest(planned, ['timestamp'])).not.toBe(digest(within({}), ['timestamp']));
  });
});

test('the digest is a SHA-256 in hexadecimal', () => {
  expect(digest({})).toMatch(/^[0-9a-f]{64}$/);
});

test('no two different statements of the shapes have the same digest', () => {
  const statements = SHAPES.flatMap(statementsOf);
  expect(new Set(statements.map((statement) => comparableDigest(statement))).size).toBe(statements.length);
});

test('extensions are the same whenever they are equal values, and only then', () => {
  const extension = fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as unknown);
  const of = (value: unknown) => digest({ result: { extensions: { 'https://a.b': value } } });
  fc.assert(
    fc.property(extension, extension, (one, other) => {
      expect(of(one)).toBe(of(reversed(one)));
      expect(of(one) === of(other)).toBe(JSON.stringify(sorted(one)) === JSON.stringify(sorted(other)));
    }),
  );
});

/** Equal, with the properties of every object in reverse order. */
function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, reversed(item)]),
  );
}

/** The same for equal values only: properties in order of their names, told apart from lists. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const properties = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return { properties: properties.map(([key, item]) => [key, sorted(item)]) };
}
