// What a statement is found by (Communication 2.1.3), and what it says about activities, agents and attachments.

import { describe, expect, test } from 'vitest';
import {
  activitiesWithDefinitions,
  attachmentsOf,
  namedAgents,
  type Statement,
  statementTerms,
} from '../../../contracts/xapi/index.ts';
import { ALICE, ATTACHMENT, BOB, COURSE, REFERENCE, statementWith } from './requirement.ts';

const make = (change: Record<string, unknown>) => statementWith(change) as unknown as Statement;
const mbox = (name: string) => ({ mbox: `mailto:${name}@example.org` });
const key = (name: string) => `mbox:mailto:${name}@example.org`;
const BOB_KEY = 'account:https://people.example.org|bob';

describe('statementTerms', () => {
  test('verb, activity, actor', () => {
    expect(statementTerms(make({}))).toEqual({
      verb: 'https://example.org/verbs/did',
      activity: COURSE.id,
      agents: [key('alice')],
      relatedActivities: [COURSE.id],
      relatedAgents: [key('alice')],
    });
  });

  test('XAPI-00178: a registration, in lower case, of the statement’s own context', () => {
    expect(statementTerms(make({ context: { registration: REFERENCE.id.toUpperCase() } })).registration).toBe(
      REFERENCE.id,
    );
    const inner = { objectType: 'SubStatement', ...statementWith({ context: { registration: REFERENCE.id } }) };
    expect(statementTerms(make({ object: inner })).registration).toBeUndefined();
  });

  test('XAPI-00181: an Agent as object is found as agent', () => {
    const terms = statementTerms(make({ object: BOB }));
    expect(terms.agents).toEqual([key('alice'), BOB_KEY]);
    expect(terms.activity).toBeUndefined();
    expect(terms.relatedActivities).toEqual([]);
  });

  test('a Group is found by its identifier and by its members', () => {
    const terms = statementTerms(
      make({
        actor: { objectType: 'Group', ...mbox('team'), member: [mbox('one'), mbox('two')] },
        object: { objectType: 'Group', member: [mbox('two'), mbox('three')] },
      }),
    );
    expect(terms.agents).toEqual(['team', 'one', 'two', 'three'].map(key));
  });

  test('related agents: authority, instructor, team, contextAgents, contextGroups, their members', () => {
    const terms = statementTerms(
      make({
        authority: { objectType: 'Group', member: [mbox('consumer'), mbox('user')] },
        context: {
          instructor: mbox('teacher'),
          team: { objectType: 'Group', ...mbox('team'), member: [mbox('mate')] },
          contextAgents: [{ objectType: 'contextAgent', agent: mbox('assessor') }],
          contextGroups: [
            { objectType: 'contextGroup', group: { objectType: 'Group', ...mbox('office'), member: [mbox('clerk')] } },
          ],
        },
      }),
    );
    expect(terms.agents).toEqual([key('alice')]);
    expect([...terms.relatedAgents].sort()).toEqual(
      ['alice', 'assessor', 'clerk', 'consumer', 'mate', 'office', 'teacher', 'team', 'user'].map(key),
    );
  });

  test('related activities: of the context, each once', () => {
    const terms = statementTerms(
      make({
        context: {
          contextActivities: {
            parent: { id: 'urn:a:parent' },
            grouping: [{ id: 'urn:a:grouping' }, COURSE],
            category: [{ id: 'urn:a:category' }],
            other: [{ id: 'urn:a:other' }, { id: 'urn:a:parent' }],
          },
        },
      }),
    );
    expect(terms.activity).toBe(COURSE.id);
    expect(terms.relatedActivities).toEqual([
      COURSE.id,
      'urn:a:parent',
      'urn:a:grouping',
      'urn:a:category',
      'urn:a:other',
    ]);
  });

  test('what a SubStatement names is related, never direct', () => {
    const terms = statementTerms(
      make({
        object: {
          objectType: 'SubStatement',
          ...statementWith({
            actor: mbox('inner'),
            object: BOB,
            context: { instructor: mbox('teacher'), contextActivities: { parent: [{ id: 'urn:a:parent' }] } },
          }),
        },
      }),
    );
    expect(terms.agents).toEqual([key('alice')]);
    expect([...terms.relatedAgents].sort()).toEqual([BOB_KEY, key('alice'), key('inner'), key('teacher')]);
    expect(terms.activity).toBeUndefined();
    expect(terms.relatedActivities).toEqual(['urn:a:parent']);
    const about = make({ object: { objectType: 'SubStatement', ...statementWith({}) } });
    expect(statementTerms(about).relatedActivities).toEqual([COURSE.id]);
  });

  test('a StatementRef refers; with the verb voided it voids; in the context it does neither', () => {
    const upper = { ...REFERENCE, id: REFERENCE.id.toUpperCase() };
    expect(statementTerms(make({ object: upper }))).toMatchObject({ refersTo: REFERENCE.id });
    expect(statementTerms(make({ object: upper })).voids).toBeUndefined();
    const voiding = make({ object: upper, verb: { id: 'http://adlnet.gov/expapi/verbs/voided' } });
    expect(statementTerms(voiding)).toMatchObject({ refersTo: REFERENCE.id, voids: REFERENCE.id });
    expect(statementTerms(make({ context: { statement: REFERENCE } })).refersTo).toBeUndefined();
    const inner = make({ object: { objectType: 'SubStatement', ...statementWith({ object: REFERENCE }) } });
    expect(statementTerms(inner).refersTo).toBeUndefined();
  });
});

test('activities with definitions, wherever they stand', () => {
  const defined = (id: string) => ({ id, definition: { type: `${id}:type` } });
  const statement = make({
    object: {
      objectType: 'SubStatement',
      ...statementWith({
        object: defined('urn:a:1'),
        context: { contextActivities: { other: [defined('urn:a:2'), COURSE] } },
      }),
    },
    context: { contextActivities: { parent: defined('urn:a:3'), category: [defined('urn:a:4')] } },
  });
  expect(activitiesWithDefinitions(statement).map(({ id }) => id)).toEqual([
    'urn:a:3',
    'urn:a:4',
    'urn:a:1',
    'urn:a:2',
  ]);
  expect(activitiesWithDefinitions(make({ object: defined('urn:a:1') }))).toEqual([
    { id: 'urn:a:1', definition: { type: 'urn:a:1:type' } },
  ]);
});

test('names of agents, wherever they stand', () => {
  const named = (name: string) => ({ ...mbox(name), name });
  const statement = make({
    actor: { objectType: 'Group', ...named('team'), member: [named('mate'), ALICE] },
    object: { objectType: 'Agent', ...named('object') },
    authority: named('authority'),
    context: {
      instructor: named('teacher'),
      contextAgents: [{ objectType: 'contextAgent', agent: named('assessor') }],
    },
  });
  expect(namedAgents(statement).map(({ name }) => name)).toEqual([
    'team',
    'mate',
    'object',
    'teacher',
    'assessor',
    'authority',
  ]);
  expect(namedAgents(statement)[1]).toEqual({ key: key('mate'), name: 'mate' });
});

test('attachments of a statement and of its SubStatement', () => {
  const other = { ...ATTACHMENT, sha2: 'b'.repeat(64) };
  expect(attachmentsOf(make({}))).toEqual([]);
  expect(attachmentsOf(make({ attachments: [ATTACHMENT] }))).toEqual([ATTACHMENT]);
  const object = { objectType: 'SubStatement', ...statementWith({ attachments: [other] }) };
  expect(attachmentsOf(make({ attachments: [ATTACHMENT], object }))).toEqual([ATTACHMENT, other]);
});
