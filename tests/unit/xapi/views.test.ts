// The formats of GET /statements (Communication 2.1.3), canonical definitions, Persons (2.4) and identities (Data 2.4.2.3).

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Actor,
  agentKey,
  mergeDefinition,
  oneLanguage,
  personOf,
  type Statement,
  toCanonical,
  toIds,
  validateStatements,
} from '../../../contracts/xapi/index.ts';
import { SHAPES, statementsOf } from '../../fixtures/statements/index.ts';
import { ALICE, BOB, COURSE, REFERENCE, statementWith } from './requirement.ts';

const make = (change: Record<string, unknown>) => statementWith(change) as unknown as Statement;
const NAMED = { ...ALICE, name: 'Alice' };
const TWO = { 'hi-IN': 'सूचना का अधिकार', 'en-IN': 'Right to Information' };
const DEFINED = { ...COURSE, objectType: 'Activity', definition: { name: TWO, type: 'urn:x:course' } };

describe('XAPI-00171: format ids', () => {
  test('keeps of Agents, Activities and Verbs what identifies them', () => {
    const statement = make({
      id: REFERENCE.id,
      actor: NAMED,
      verb: { id: 'https://example.org/v', display: TWO },
      object: DEFINED,
      authority: { ...BOB, name: 'Bob' },
      result: { response: 'stays' },
      timestamp: '2026-04-01T09:30:00Z',
    });
    expect(toIds(statement)).toEqual({
      id: REFERENCE.id,
      actor: ALICE,
      verb: { id: 'https://example.org/v' },
      object: COURSE,
      authority: BOB,
      result: { response: 'stays' },
      timestamp: '2026-04-01T09:30:00Z',
    });
  });

  test('drops the members of identified Groups and keeps the identities of anonymous ones', () => {
    const identified = { objectType: 'Group', ...NAMED, member: [BOB] };
    const anonymous = { objectType: 'Group', name: 'Team', member: [NAMED, { ...BOB, name: 'Bob' }] };
    expect(toIds(make({ actor: identified, object: anonymous }))).toMatchObject({
      actor: { objectType: 'Group', ...ALICE },
      object: { objectType: 'Group', member: [ALICE, BOB] },
    });
    expect(toIds(make({ actor: identified })).actor).not.toHaveProperty('member');
    expect(toIds(make({ actor: anonymous })).actor).not.toHaveProperty('name');
  });

  test('reaches into context and SubStatement', () => {
    const context = {
      instructor: NAMED,
      team: { objectType: 'Group', ...NAMED },
      contextActivities: { parent: DEFINED, other: [DEFINED] },
      contextAgents: [{ objectType: 'contextAgent', agent: NAMED, relevantTypes: ['urn:x:y'] }],
      contextGroups: [{ objectType: 'contextGroup', group: { objectType: 'Group', ...NAMED } }],
      language: 'hi-IN',
    };
    const shown = {
      instructor: ALICE,
      team: { objectType: 'Group', ...ALICE },
      contextActivities: { parent: [COURSE], other: [COURSE] },
      contextAgents: [{ objectType: 'contextAgent', agent: ALICE, relevantTypes: ['urn:x:y'] }],
      contextGroups: [{ objectType: 'contextGroup', group: { objectType: 'Group', ...ALICE } }],
      language: 'hi-IN',
    };
    expect(toIds(make({ context })).context).toEqual(shown);
    const object = { objectType: 'SubStatement', ...statementWith({ actor: NAMED, object: DEFINED, context }) };
    expect(toIds(make({ object })).object).toEqual({
      ...statementWith({ actor: ALICE, object: COURSE, context: shown }),
      objectType: 'SubStatement',
    });
  });

  test.each(SHAPES)('gives valid statements of the shape %s, and changes nothing it was given', (shape) => {
    const statements = statementsOf(shape);
    const shown = statements.map(toIds);
    expect(validateStatements(shown, '2.0.0')).toMatchObject({ ok: true });
    expect(statements).toEqual(statementsOf(shape));
    expect(JSON.stringify(shown)).not.toMatch(/"(?:definition|name)":\{/);
    for (const { verb } of shown) expect(Object.keys(verb)).toEqual(['id']);
  });
});

describe('XAPI-00169: format canonical', () => {
  const none = () => undefined;

  test('puts the canonical definition where there is one, and one language in each map', () => {
    const statement = make({
      actor: NAMED,
      verb: { id: 'https://example.org/v', display: TWO },
      object: COURSE,
      context: { contextActivities: { parent: [{ id: 'urn:x:unknown', definition: { name: TWO } }] } },
    });
    const definition = { name: TWO, description: { fr: 'Cours', 'hi-IN': 'पाठ्यक्रम' }, type: 'urn:x:course' };
    const shown = toCanonical(statement, (id) => (id === COURSE.id ? definition : undefined), ['hi-IN', 'en-IN']);
    expect(shown).toEqual({
      actor: NAMED,
      verb: { id: 'https://example.org/v', display: { 'hi-IN': TWO['hi-IN'] } },
      object: {
        ...COURSE,
        definition: {
          name: { 'hi-IN': TWO['hi-IN'] },
          description: { 'hi-IN': 'पाठ्यक्रम' },
          type: 'urn:x:course',
        },
      },
      context: {
        contextActivities: { parent: [{ id: 'urn:x:unknown', definition: { name: { 'hi-IN': TWO['hi-IN'] } } }] },
      },
    });
  });

  test('chooses for every map on its own, interaction components too', () => {
    const definition = {
      name: { 'en-IN': 'A', fr: 'B' },
      interactionType: 'choice' as const,
      choices: [
        { id: 'a', description: { 'hi-IN': 'क', 'en-IN': 'A' } },
        { id: 'b', description: { fr: 'B', 'en-IN': 'C' } },
        { id: 'c' },
      ],
    };
    expect(toCanonical(make({}), () => definition, ['hi-IN', 'en']).object).toMatchObject({
      definition: {
        name: { 'en-IN': 'A' },
        choices: [{ id: 'a', description: { 'hi-IN': 'क' } }, { id: 'b', description: { 'en-IN': 'C' } }, { id: 'c' }],
      },
    });
  });

  test('reaches into a SubStatement', () => {
    const inner = statementWith({ verb: { id: 'https://example.org/v', display: TWO }, object: DEFINED });
    const shown = toCanonical(make({ object: { objectType: 'SubStatement', ...inner } }), none, ['en']);
    expect(shown.object).toMatchObject({
      verb: { display: { 'en-IN': TWO['en-IN'] } },
      object: { definition: { name: { 'en-IN': TWO['en-IN'] } } },
    });
  });

  test.each(SHAPES)('leaves one language in each map of the shape %s', (shape) => {
    const shown = statementsOf(shape).map((statement) => toCanonical(statement, none, ['hi']));
    expect(validateStatements(shown, '2.0.0')).toMatchObject({ ok: true });
    for (const { verb } of shown) expect(Object.keys(verb.display ?? {}).length).toBeLessThan(2);
  });
});

describe('one language of a map', () => {
  const map = { en: 'a', 'en-US': 'b', 'hi-IN': 'c', fr: 'd' };
  test.each([
    [['hi-IN'], 'hi-IN'],
    [['HI-in'], 'hi-IN'],
    [['hi'], 'hi-IN'],
    [['en-US', 'en'], 'en-US'],
    [['en'], 'en'],
    [['en-GB'], 'en'],
    [['de', 'fr'], 'fr'],
    [['*'], 'en'],
    [['de', '*'], 'en'],
    [['de'], 'en'],
    [[], 'en'],
  ])('%j finds %s', (languages, tag) => {
    expect(Object.keys(oneLanguage(map, languages))).toEqual([tag]);
  });

  test('is an entry of the map, whatever is asked for', () => {
    const tag = fc.constantFrom('en', 'en-US', 'hi', 'hi-IN', 'mr-IN', 'zh-Hans-CN');
    fc.assert(
      fc.property(fc.dictionary(tag, fc.string()), fc.array(tag), (given, languages) => {
        const shown = oneLanguage(given, languages);
        expect(Object.keys(shown).length).toBe(Math.min(1, Object.keys(given).length));
        expect(given).toMatchObject(shown);
      }),
    );
  });
});

describe('mergeDefinition', () => {
  test('takes the newer word and keeps what it does not name', () => {
    expect(
      mergeDefinition(
        { name: { en: 'Old', fr: 'Vieux' }, type: 'urn:x:old', moreInfo: 'urn:x:info', extensions: { 'urn:x:1': 1 } },
        { name: { en: 'New' }, type: 'urn:x:new', extensions: { 'urn:x:2': 2 } },
      ),
    ).toEqual({
      name: { en: 'New', fr: 'Vieux' },
      type: 'urn:x:new',
      moreInfo: 'urn:x:info',
      extensions: { 'urn:x:1': 1, 'urn:x:2': 2 },
    });
  });

  test('replaces an interaction as a whole', () => {
    expect(
      mergeDefinition(
        { interactionType: 'choice', correctResponsesPattern: ['a'], choices: [{ id: 'a' }], type: 'urn:x:t' },
        { interactionType: 'numeric', correctResponsesPattern: ['5'] },
      ),
    ).toEqual({ interactionType: 'numeric', correctResponsesPattern: ['5'], type: 'urn:x:t' });
  });

  test('is the incoming one when nothing is known, and the same when repeated', () => {
    const definition = { name: TWO, interactionType: 'other' as const };
    expect(mergeDefinition(undefined, definition)).toEqual(definition);
    expect(mergeDefinition(definition, definition)).toEqual(definition);
  });
});

describe('identities', () => {
  test.each([
    [ALICE, 'mbox:mailto:alice@example.org'],
    [{ mbox: 'mailto:Alice@EXAMPLE.Org', name: 'x' }, 'mbox:mailto:Alice@example.org'],
    [{ mbox: 'MAILTO:alice@example.org' }, 'mbox:mailto:alice@example.org'],
    [{ mbox_sha1sum: 'AB'.repeat(20) }, `mbox_sha1sum:${'ab'.repeat(20)}`],
    [{ openid: 'https://example.org/Alice' }, 'openid:https://example.org/Alice'],
    [BOB, 'account:https://people.example.org|bob'],
    [{ objectType: 'Group', ...ALICE, member: [BOB] }, 'mbox:mailto:alice@example.org'],
    [{ objectType: 'Group', member: [ALICE] }, undefined],
  ])('agentKey of %j', (agent, expected) => {
    expect(agentKey(agent as Actor)).toBe(expected);
  });

  test('a Person has the identifier asked for and every name', () => {
    expect(personOf(NAMED, ['Alice Verma', 'Alice'])).toEqual({
      objectType: 'Person',
      name: ['Alice Verma', 'Alice'],
      mbox: [ALICE.mbox],
    });
    expect(personOf({ account: BOB.account! }, [])).toEqual({ objectType: 'Person', account: [BOB.account] });
    expect(personOf({ openid: 'urn:x:y' }, ['A'])).toEqual({ objectType: 'Person', name: ['A'], openid: ['urn:x:y'] });
  });
});
