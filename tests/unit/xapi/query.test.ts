// The parameters of GET /statements: Communication 2.1.3 and 3.2; xAPI 2.0 4.1.6.1.

import { describe, expect, test } from 'vitest';
import { parseStatementsQuery } from '../../../contracts/xapi/index.ts';

const ID = 'b8e2b7a1-6f1a-4d0b-9a5e-1f0b8f0e0001';
const ALICE = '{"mbox":"mailto:alice@example.org"}';

const FILTERS = {
  agent: ALICE,
  verb: 'https://example.org/verbs/did',
  activity: 'https://example.org/courses/1',
  registration: ID,
  related_activities: 'true',
  related_agents: 'true',
  since: '2026-04-01T09:30:00Z',
  until: '2026-04-01T09:30:00.000001Z',
  limit: '10',
  ascending: 'true',
};

describe.each(['1.0.3', '2.0.0'] as const)('GET /statements (%s)', (version) => {
  const paths = (parameters: Record<string, string | string[]>) => {
    const parsed = parseStatementsQuery(parameters, version);
    return parsed.ok ? [] : parsed.problems.map((problem) => problem.path);
  };

  test('no parameter: everything, newest first, as sent', () => {
    expect(parseStatementsQuery({}, version)).toEqual({
      ok: true,
      query: {
        relatedActivities: false,
        relatedAgents: false,
        limit: 0,
        ascending: false,
        format: 'exact',
        attachments: false,
      },
    });
  });

  test('XAPI-00172 to XAPI-00181: every filter', () => {
    expect(parseStatementsQuery({ ...FILTERS, format: 'ids', attachments: 'true' }, version)).toEqual({
      ok: true,
      query: {
        agent: 'mbox:mailto:alice@example.org',
        verb: FILTERS.verb,
        activity: FILTERS.activity,
        registration: ID,
        relatedActivities: true,
        relatedAgents: true,
        since: Date.UTC(2026, 3, 1, 9, 30) * 1000,
        until: Date.UTC(2026, 3, 1, 9, 30) * 1000 + 1,
        limit: 10,
        ascending: true,
        format: 'ids',
        attachments: true,
      },
    });
  });

  test.each(['exact', 'ids', 'canonical'])('XAPI-00168 to XAPI-00171: format %s', (format) => {
    expect(parseStatementsQuery({ format }, version)).toMatchObject({ ok: true, query: { format } });
  });

  test.each(['statementId', 'voidedStatementId'])('XAPI-00154, XAPI-00155: %s, with format and attachments', (name) => {
    expect(
      parseStatementsQuery({ [name]: ID.toUpperCase(), format: 'ids', attachments: 'false' }, version),
    ).toMatchObject({
      ok: true,
      query: { [name]: ID, format: 'ids', attachments: false },
    });
  });

  test('XAPI-00149: not both ids', () => {
    expect(paths({ statementId: ID, voidedStatementId: ID })).toEqual(['$.voidedStatementId']);
  });

  describe.each(['statementId', 'voidedStatementId'])('XAPI-00150, XAPI-00151: nothing else beside %s', (name) => {
    test.each(Object.entries(FILTERS))('not %s', (filter, value) => {
      expect(paths({ [name]: ID, [filter]: value })).toEqual([`$.${filter}`]);
      expect(paths({ [filter]: value, [name]: ID })).toEqual([`$.${filter}`]);
    });
  });

  test.each([
    ['statementId', 'wrong'],
    ['voidedStatementId', ''],
    ['agent', 'wrong'],
    ['agent', '"mailto:alice@example.org"'],
    ['agent', '{"objectType":"Group","member":[{"mbox":"mailto:alice@example.org"}]}'],
    ['verb', 'example.org/verbs/did'],
    ['activity', 'wrong'],
    ['registration', 'wrong'],
    ['related_activities', 'yes'],
    ['related_agents', 'TRUE'],
    ['ascending', '1'],
    ['attachments', ''],
    ['since', 'yesterday'],
    ['since', '2026-04-01T09:30:00 05:30'],
    ['until', '2026-04-01'],
    ['limit', '-1'],
    ['limit', '1.5'],
    ['limit', 'ten'],
    ['limit', '0x10'],
    ['limit', '1e3'],
    ['limit', ''],
    ['limit', '99999999999999999999'],
    ['format', 'canonicals'],
    ['format', 'IDS'],
  ])('XAPI-00012: refuses %s=%s', (name, value) => {
    expect(paths({ [name]: value })).toEqual([`$.${name}`]);
  });

  test('what is wrong with an agent is told below the parameter', () => {
    expect(paths({ agent: '{"mbox":"alice","x":1}' })).toEqual(['$.agent.mbox', '$.agent.x']);
  });

  test.each(['foo', 'cursor', '__proto__', 'constructor', 'toString'])('XAPI-00324: refuses the unknown %s', (name) => {
    expect(paths(Object.fromEntries([[name, 'bar']]))).toEqual([`$.${name}`]);
  });

  test.each([
    'StatementId',
    'VoidedStatementId',
    'Agent',
    'Verb',
    'Activity',
    'Registration',
    'Related_Activities',
    'Related_Agents',
    'Since',
    'Until',
    'Limit',
    'Format',
    'Attachments',
    'Ascending',
  ])('XAPI-00325: refuses %s for its case', (name) => {
    expect(paths({ [name]: ID })).toEqual([`$.${name}`]);
  });

  test('refuses a parameter given twice, and tells every problem', () => {
    expect(paths({ limit: ['1', '2'], verb: 'x', foo: 'y' })).toEqual(['$.limit', '$.verb', '$.foo']);
  });

  test.each(Object.entries({ ...FILTERS, format: 'ids', attachments: 'true' }))(
    'refuses %s as a list',
    (name, value) => {
      expect(paths({ [name]: [value] })).toEqual([`$.${name}`]);
      expect(paths({ [name]: [value, value] })).toEqual([`$.${name}`]);
    },
  );

  test('a limit of 0 is the most the store gives', () => {
    expect(parseStatementsQuery({ limit: '0' }, version)).toMatchObject({ ok: true, query: { limit: 0 } });
  });
});

test('since in ISO 8601’s basic format is for 1.0.3', () => {
  const since = '20260401T093000Z';
  expect(parseStatementsQuery({ since }, '1.0.3').ok).toBe(true);
  expect(parseStatementsQuery({ since }, '2.0.0').ok).toBe(false);
});
