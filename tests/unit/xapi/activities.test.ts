// Data 2.4.3, Verb; 2.4.4, Object: Activities, their definitions and interactions; xAPI 2.0 4.2.2.2 and 4.2.2.3.

import {
  ALICE,
  absent,
  BOB,
  COURSE,
  each,
  NOT_IRIS,
  NOT_LANGUAGE_MAPS,
  NOT_OBJECTS,
  NOT_STRINGS,
  NOT_UUIDS,
  REFERENCE,
  requirement,
  statementWith,
} from './requirement.ts';

const VERB = 'https://example.org/verbs/did';

requirement('XAPI-00044', 'a verb has an id, an IRI', {
  refuses: {
    none: ['verb.id', { verb: { display: { en: 'did' } } }],
    ...each(NOT_IRIS, (id) => ['verb.id', { verb: { id } }] as const),
    ...each(NOT_OBJECTS, (verb) => ['verb', { verb }] as const),
  },
});

requirement('XAPI-00045', 'a verb’s display is a language map', {
  accepts: {
    'two languages': { verb: { id: VERB, display: { 'hi-IN': 'किया', 'en-IN': 'did' } } },
    'no language': { verb: { id: VERB, display: {} } },
  },
  refuses: Object.fromEntries(
    Object.entries(NOT_LANGUAGE_MAPS).map(([name, [below, display]]) => [
      name,
      [`verb.display${below}`, { verb: { id: VERB, display } }] as const,
    ]),
  ),
});

requirement('XAPI-00046', 'an object is an Activity, Agent, Group, StatementRef or SubStatement', {
  topOnly: true,
  accepts: {
    'an Activity that does not say so': { object: COURSE },
    'an Activity': { object: { ...COURSE, objectType: 'Activity' } },
    'an Agent': { object: BOB },
    'a Group': { object: { objectType: 'Group', member: [ALICE] } },
    'a StatementRef': { object: REFERENCE },
    'a SubStatement': { object: { objectType: 'SubStatement', ...statementWith({}) } },
  },
  refuses: {
    ...each({ Person: 'Person', Statement: 'Statement', ...NOT_STRINGS }, (objectType) => {
      return ['object.objectType', { object: { ...COURSE, objectType } }] as const;
    }),
    ...each(NOT_OBJECTS, (object) => ['object', { object }] as const),
  },
});

requirement('XAPI-00047', 'an Activity has an id, an IRI', {
  refuses: {
    none: ['object.id', { object: { objectType: 'Activity' } }],
    ...each(NOT_IRIS, (id) => ['object.id', { object: { id } }] as const),
  },
});

/** Statements about an Activity with this definition. */
const defined = (definition: unknown) => ({ object: { ...COURSE, definition } });

requirement('XAPI-00048', 'a definition is an object', {
  accepts: { 'an empty one': defined({}) },
  refuses: each(NOT_OBJECTS, (definition) => ['object.definition', defined(definition)] as const),
});

for (const [id, property] of [
  ['XAPI-00056', 'name'],
  ['XAPI-00059', 'description'],
] as const) {
  requirement(id, `a definition’s ${property} is a language map`, {
    accepts: { one: defined({ [property]: { 'hi-IN': 'सूचना का अधिकार', 'en-IN': 'Right to Information' } }) },
    refuses: Object.fromEntries(
      Object.entries(NOT_LANGUAGE_MAPS).map(([name, [below, map]]) => [
        name,
        [`object.definition.${property}${below}`, defined({ [property]: map })] as const,
      ]),
    ),
  });
}

requirement('XAPI-00060', 'a definition’s type is an IRI', {
  refuses: each(NOT_IRIS, (type) => ['object.definition.type', defined({ type })] as const),
});
requirement('XAPI-00061', 'a definition’s moreInfo is an IRL', {
  refuses: each(NOT_IRIS, (moreInfo) => ['object.definition.moreInfo', defined({ moreInfo })] as const),
});
requirement('XAPI-00057', 'a definition’s extensions are an object', {
  accepts: { 'with any value': defined({ extensions: { 'https://example.org/x': [{ y: null }] } }) },
  refuses: each(NOT_OBJECTS, (extensions) => ['object.definition.extensions', defined({ extensions })] as const),
});

const COMPONENTS = [{ id: 'a', description: { en: 'A' } }, { id: 'b' }];
const LISTS: Readonly<Record<string, readonly string[]>> = {
  'true-false': [],
  choice: ['choices'],
  'fill-in': [],
  'long-fill-in': [],
  matching: ['source', 'target'],
  performance: ['steps'],
  sequencing: ['choices'],
  likert: ['scale'],
  numeric: [],
  other: [],
};
const ALL_LISTS = ['choices', 'scale', 'source', 'target', 'steps'];

requirement('XAPI-00049', 'an interactionType is one of ten', {
  accepts: Object.fromEntries(
    Object.keys(LISTS).map((interactionType) => [
      interactionType,
      defined({ interactionType, correctResponsesPattern: ['true', 'a[,]b'] }),
    ]),
  ),
  refuses: each(
    {
      compound: 'compound',
      Choice: 'Choice',
      'true-false with a blank': 'true-false ',
      constructor: 'constructor',
      ...NOT_STRINGS,
    },
    (interactionType) => ['object.definition.interactionType', defined({ interactionType })] as const,
  ),
});

requirement('XAPI-00050', 'a correctResponsesPattern is an array of strings, of an interaction', {
  accepts: {
    'many of them, and long': defined({
      interactionType: 'fill-in',
      correctResponsesPattern: Array.from({ length: 50 }, (_, n) => `${n}`.repeat(300)),
    }),
    'none of them': defined({ interactionType: 'other', correctResponsesPattern: [] }),
  },
  refuses: {
    'a string': [
      'object.definition.correctResponsesPattern',
      defined({ interactionType: 'other', correctResponsesPattern: 'a' }),
    ],
    'a number in it': [
      'object.definition.correctResponsesPattern[0]',
      defined({ interactionType: 'numeric', correctResponsesPattern: [5] }),
    ],
    'no interactionType': ['object.definition.correctResponsesPattern', defined({ correctResponsesPattern: ['a'] })],
  },
});

requirement(
  'XAPI-00051, XAPI-00052, XAPI-00053, XAPI-00054, XAPI-00055',
  'each interactionType has its lists of components',
  {
    accepts: Object.fromEntries(
      Object.entries(LISTS).map(([interactionType, lists]) => [
        `${interactionType} with ${lists.join(' and ') || 'none'}`,
        defined({ interactionType, ...Object.fromEntries(lists.map((list) => [list, COMPONENTS])) }),
      ]),
    ),
    refuses: {
      ...Object.fromEntries(
        Object.entries(LISTS).flatMap(([interactionType, lists]) =>
          ALL_LISTS.filter((list) => !lists.includes(list)).map((list) => [
            `${interactionType} with ${list}`,
            [`object.definition.${list}`, defined({ interactionType, [list]: COMPONENTS })] as const,
          ]),
        ),
      ),
      ...Object.fromEntries(
        ALL_LISTS.map((list) => [
          `${list} without interactionType`,
          [`object.definition.${list}`, defined({ [list]: COMPONENTS })] as const,
        ]),
      ),
      'an object': ['object.definition.choices', defined({ interactionType: 'choice', choices: {} })],
    },
  },
);

const chosen = (...choices: unknown[]) => defined({ interactionType: 'choice', choices });
requirement('XAPI-00062, XAPI-00063', 'a component has an id, its own, and perhaps a description', {
  refuses: {
    'no id': ['object.definition.choices[0].id', chosen({ description: { en: 'A' } })],
    ...each(NOT_STRINGS, (id) => ['object.definition.choices[0].id', chosen({ id })] as const),
    'the id of another': ['object.definition.choices[2].id', chosen({ id: 'a' }, { id: 'b' }, { id: 'a' })],
    'a description that is a string': [
      'object.definition.choices[0].description',
      chosen({ id: 'a', description: 'A' }),
    ],
    'a description in no language': [
      'object.definition.choices[0].description.a12345',
      chosen({ id: 'a', description: { a12345: 'A' } }),
    ],
    'something more': ['object.definition.choices[0].text', chosen({ id: 'a', text: 'A' })],
    'a string': ['object.definition.choices[0]', chosen('a')],
  },
});

requirement('XAPI-00072, XAPI-00073', 'a StatementRef says that it is one, and has the UUID of a statement', {
  accepts: { one: { object: REFERENCE }, 'in the context': { context: { statement: REFERENCE } } },
  refuses: {
    'no objectType': ['object.id', { object: { id: REFERENCE.id } }],
    'no id': ['object.id', { object: { objectType: 'StatementRef' } }],
    ...each(NOT_UUIDS, (id) => ['object.id', { object: { objectType: 'StatementRef', id } }] as const),
    'something more': ['object.definition', { object: { ...REFERENCE, definition: {} } }],
  },
});

const inner = (change: Record<string, unknown>) => ({
  object: { objectType: 'SubStatement', ...statementWith(change) },
});
requirement('XAPI-00066, XAPI-00073', 'a SubStatement has the requirements of statements', {
  topOnly: true,
  accepts: { one: inner({ timestamp: '2199-01-01T00:00:00Z', result: {}, context: {}, attachments: [] }) },
  refuses: {
    'no objectType': ['object.actor', { object: statementWith({}) }],
    'no actor': ['object.actor', inner({ actor: absent })],
    'no verb': ['object.verb', inner({ verb: absent })],
    'no object': ['object.object', inner({ object: absent })],
  },
});
for (const [id, property, value] of [
  ['XAPI-00067', 'authority', BOB],
  ['XAPI-00068', 'version', '1.0.0'],
  ['XAPI-00069', 'stored', '2026-04-01T09:30:00Z'],
  ['XAPI-00070', 'id', REFERENCE.id],
] as const) {
  requirement(id, `a SubStatement has no ${property}`, {
    topOnly: true,
    refuses: { 'one with it': [`object.${property}`, inner({ [property]: value })] },
  });
}
requirement('XAPI-00071', 'a SubStatement has no SubStatement', {
  topOnly: true,
  refuses: { 'one with it': ['object.object.objectType', inner(inner({}))] },
});
