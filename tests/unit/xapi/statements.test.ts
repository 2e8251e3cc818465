// Statements as a whole: voiding (Data 2.3.2), id, timestamp, stored, authority, version (2.4.1, 2.4.7 to 2.4.10), and batches.

import { expect, test } from 'vitest';
import { type Statement, validateStatements } from '../../../contracts/xapi/index.ts';
import {
  ALICE,
  absent,
  BOB,
  COURSE,
  each,
  NOT_STRINGS,
  NOT_UUIDS,
  REFERENCE,
  requirement,
  statementWith,
  subStatementWith,
} from './requirement.ts';

const VOIDED = { id: 'http://adlnet.gov/expapi/verbs/voided' };

requirement('XAPI-00017, XAPI-00020', 'the object of a voiding statement is a StatementRef', {
  accepts: { 'a StatementRef': { verb: VOIDED, object: REFERENCE } },
  refuses: {
    'an Activity': ['object', { verb: VOIDED, object: COURSE }],
    'an Agent': ['object', { verb: VOIDED, object: BOB }],
    'no object': ['object', { verb: VOIDED, object: absent }],
  },
});
requirement('XAPI-00019', 'a voiding statement cannot carry what it voids', {
  topOnly: true,
  refuses: {
    'a SubStatement': ['object', { ...subStatementWith({}), verb: VOIDED }],
  },
});

requirement('XAPI-00027, XAPI-00028, XAPI-00029, XAPI-00030', 'ids are UUIDs in their standard form', {
  topOnly: true,
  accepts: {
    'lower case': { id: REFERENCE.id },
    'upper case': { id: REFERENCE.id.toUpperCase() },
    'any version and variant': { id: '00000000-0000-0000-0000-000000000000' },
  },
  refuses: each(NOT_UUIDS, (id) => ['id', { id }] as const),
});

const NOT_TIMESTAMPS = {
  'no date at all': 'yesterday',
  'another order': '01/04/2026',
  'a date alone': '2026-04-01',
  'a blank for the T': '2026-04-01 09:30:00Z',
  'a month too many': '2026-13-01T09:30:00Z',
  'a day too many': '2026-02-30T09:30:00Z',
  'the leap day of another year': '2026-02-29T09:30:00Z',
  'an hour too many': '2026-04-01T25:30:00Z',
  'a minute too many': '2026-04-01T09:60:00Z',
  'an offset of -00': '2026-04-01T09:30:00.601-00',
  'an offset of -0000': '2026-04-01T09:30:00.601-0000',
  'an offset of -00:00': '2026-04-01T09:30:00.601-00:00',
  'an offset of a day': '2026-04-01T09:30:00+24:00',
  'something behind': '2026-04-01T09:30:00Z ',
  ...NOT_STRINGS,
};
requirement('XAPI-00022, XAPI-00123', 'timestamps are ISO 8601', {
  accepts: each(
    {
      seconds: '2026-04-01T09:30:00Z',
      milliseconds: '2026-04-01T09:30:00.123Z',
      microseconds: '2026-04-01T09:30:00.123456Z',
      'nine decimals': '2026-04-01T09:30:00.123456789Z',
      'the Indian offset': '2026-04-01T15:00:00+05:30',
      'a negative offset': '2026-04-01T04:30:00-05:00',
      'an offset of plus zero': '2026-04-01T09:30:00+00:00',
      'a leap day': '2024-02-29T09:30:00Z',
      'a leap second': '2016-12-31T23:59:60Z',
      'the future': '2199-01-01T00:00:00Z',
    },
    (timestamp) => ({ timestamp }),
  ),
  refuses: each(NOT_TIMESTAMPS, (timestamp) => ['timestamp', { timestamp }] as const),
});
const ISO_8601_ALONE = {
  'the basic format': '20260401T093000Z',
  'the basic format with a fraction': '20260401T093000.5+0530',
  'no seconds': '2026-04-01T09:30Z',
  'hours alone': '2026-04-01T09Z',
  'an offset of hours': '2026-04-01T09:30:00+05',
  'an offset without colon': '2026-04-01T09:30:00+0530',
  'a decimal comma': '2026-04-01T09:30:00,5Z',
  'no zone': '2026-04-01T09:30:00',
  'the end of a day': '2026-04-01T24:00:00Z',
};
requirement('XAPI-00123', 'ISO 8601 extended and basic', {
  versions: '1.0.3',
  accepts: each(ISO_8601_ALONE, (timestamp) => ({ timestamp })),
});
requirement('4.2.7 Timestamps', 'xAPI 2.0 takes RFC 3339 alone', {
  versions: '2.0.0',
  refuses: each(ISO_8601_ALONE, (timestamp) => ['timestamp', { timestamp }] as const),
});

requirement('XAPI-00023', 'a "stored" that was sent is a timestamp', {
  topOnly: true,
  accepts: { one: { stored: '2026-04-01T09:30:00Z' } },
  refuses: each(NOT_TIMESTAMPS, (stored) => ['stored', { stored }] as const),
});

const TOKEN_AND_USER = [{ account: { homePage: 'https://example.org/oauth/token', name: 'consumer' } }, ALICE];
requirement('XAPI-00024, XAPI-00098', 'an authority is an Agent or an anonymous Group of two', {
  topOnly: true,
  accepts: {
    'an Agent': { authority: BOB },
    'two Agents': { authority: { objectType: 'Group', member: TOKEN_AND_USER } },
  },
  refuses: {
    'no Agent': ['authority', { authority: { name: 'x' } }],
    'one member': ['authority', { authority: { objectType: 'Group', member: [ALICE] } }],
    'three members': ['authority', { authority: { objectType: 'Group', member: [...TOKEN_AND_USER, BOB] } }],
    'no members': ['authority.member', { authority: { objectType: 'Group' } }],
    'an identified Group': ['authority', { authority: { objectType: 'Group', ...ALICE, member: TOKEN_AND_USER } }],
    'an Activity': ['authority.objectType', { authority: { objectType: 'Activity', ...COURSE } }],
  },
});

requirement('XAPI-00101', 'the version is 1.0.x', {
  topOnly: true,
  accepts: each({ '1.0': '1.0', '1.0.0': '1.0.0', '1.0.3': '1.0.3', '1.0.9': '1.0.9' }, (version) => ({ version })),
  refuses: each(
    { '0.9.9': '0.9.9', '1.1.0': '1.1.0', '1.0.': '1.0.', '10.0': '10.0', nothing: '', ...NOT_STRINGS },
    (version) => ['version', { version }] as const,
  ),
});
requirement('XAPI-00101', 'a version of 2.0 is for requests of 2.0', {
  versions: '1.0.3',
  topOnly: true,
  refuses: { '2.0.0': ['version', { version: '2.0.0' }] },
});
requirement('4.2.4.3 Version', 'a 2.0 request carries statements of 2.0.x and 1.0.x', {
  versions: '2.0.0',
  topOnly: true,
  accepts: each({ '2.0.0': '2.0.0', '2.0.1': '2.0.1', '2.0': '2.0', '1.0.3': '1.0.3' }, (version) => ({ version })),
  refuses: { '2.1.0': ['version', { version: '2.1.0' }], '3.0.0': ['version', { version: '3.0.0' }] },
});

test.each(['1.0.3', '2.0.0'] as const)('an id may stand once in a batch (%s), in whatever case', (version) => {
  const one = statementWith({ id: REFERENCE.id });
  const two = statementWith({ id: REFERENCE.id.toUpperCase() });
  expect(validateStatements([one, statementWith({}), two], version)).toMatchObject({
    ok: false,
    problems: [{ index: 2, path: '$[2].id' }],
  });
});

test('an empty batch is a batch', () => {
  expect(validateStatements([], '2.0.0')).toEqual({ ok: true, statements: [] });
});

test('statements that need no change are the very values sent', () => {
  const sent = [statementWith({ timestamp: '2026-04-01T15:00:00+05:30' }), statementWith({ version: '1.0' })];
  const validated = validateStatements(sent, '1.0.3');
  expect(validated.ok && validated.statements[0]).toBe(sent[0]);
  expect(validated.ok && validated.statements[1]).toBe(sent[1]);
});

test('4.2.7 Timestamps: 2.0 moves offsets to UTC, in a SubStatement too, and leaves what was sent as it was', () => {
  const sent = statementWith({
    timestamp: '2026-04-01T04:10:00.1234567+05:30',
    object: { objectType: 'SubStatement', ...statementWith({ timestamp: '2026-12-31T23:00:00-02:00' }) },
  });
  const before = structuredClone(sent);
  const validated = validateStatements(sent, '2.0.0');
  expect(validated).toMatchObject({
    ok: true,
    statements: [{ timestamp: '2026-03-31T22:40:00.1234567Z', object: { timestamp: '2027-01-01T01:00:00Z' } }],
  });
  expect(sent).toEqual(before);
});

test.each(['1.0.3', '2.0.0'] as const)(
  'XAPI-00096 (%s): a single context activity becomes a list of one',
  (version) => {
    const context = { contextActivities: { parent: COURSE, other: [COURSE] } };
    for (const [sent, at] of [
      [statementWith({ context }), (statement: Statement) => statement.context],
      [subStatementWith({ context }), ({ object }: Statement) => 'context' in object && object.context],
    ] as const) {
      const validated = validateStatements(sent, version);
      expect(validated.ok && at(validated.statements[0]!)).toEqual({
        contextActivities: { parent: [COURSE], other: [COURSE] },
      });
    }
  },
);
