// Data 2.4.6, Context; xAPI 2.0 4.2.2.5.

import {
  ALICE,
  BOB,
  COURSE,
  each,
  NOT_IRIS,
  NOT_OBJECTS,
  NOT_STRINGS,
  NOT_UUIDS,
  REFERENCE,
  requirement,
} from './requirement.ts';

const TEAM = { objectType: 'Group', ...ALICE };

requirement('XAPI-00087-1', 'registration is a UUID', {
  accepts: { 'one in capitals': { context: { registration: REFERENCE.id.toUpperCase() } } },
  refuses: each(NOT_UUIDS, (registration) => ['context.registration', { context: { registration } }] as const),
});

requirement('XAPI-00087-2', 'instructor is an Agent or a Group', {
  accepts: { 'an Agent': { context: { instructor: BOB } }, 'a Group': { context: { instructor: TEAM } } },
  refuses: {
    'an Agent without identifier': ['context.instructor', { context: { instructor: { name: 'A' } } }],
    'an Activity': ['context.instructor.id', { context: { instructor: COURSE } }],
    ...each(NOT_OBJECTS, (instructor) => ['context.instructor', { context: { instructor } }] as const),
  },
});

requirement('XAPI-00088', 'team is a Group', {
  accepts: {
    'an identified one': { context: { team: TEAM } },
    'an anonymous one': { context: { team: { objectType: 'Group', member: [ALICE] } } },
  },
  refuses: {
    'an Agent': ['context.team.objectType', { context: { team: BOB } }],
    'a Group that does not say so': ['context.team.objectType', { context: { team: { member: [ALICE] } } }],
    ...each(NOT_OBJECTS, (team) => ['context.team', { context: { team } }] as const),
  },
});

requirement('XAPI-00086', 'contextActivities is an object', {
  accepts: { 'an empty one': { context: { contextActivities: {} } } },
  refuses: each(NOT_OBJECTS, (contextActivities) => {
    return ['context.contextActivities', { context: { contextActivities } }] as const;
  }),
});

const within = (contextActivities: unknown) => ({ context: { contextActivities } });
requirement('XAPI-00093', 'its keys are parent, grouping, category and other', {
  accepts: { 'all four': within({ parent: [COURSE], grouping: [COURSE], category: [COURSE], other: [COURSE] }) },
  refuses: { another: ['context.contextActivities.children', within({ children: [COURSE] })] },
});

for (const type of ['parent', 'grouping', 'category', 'other']) {
  const at = `context.contextActivities.${type}`;
  requirement('XAPI-00094', `${type} is an Activity or a list of them`, {
    accepts: {
      one: within({ [type]: COURSE }),
      'a list': within({ [type]: [COURSE, { ...COURSE, objectType: 'Activity', definition: { name: { en: 'A' } } }] }),
      'an empty list': within({ [type]: [] }),
    },
    refuses: {
      'an Agent': [`${at}.objectType`, within({ [type]: BOB })],
      'an Agent in the list': [`${at}[1].objectType`, within({ [type]: [COURSE, BOB] })],
      'an Activity without id': [`${at}.id`, within({ [type]: {} })],
      'a wrong definition in the list': [
        `${at}[0].definition.type`,
        within({ [type]: [{ ...COURSE, definition: { type: 'x' } }] }),
      ],
      'a StatementRef': [`${at}.objectType`, within({ [type]: REFERENCE })],
      'a string': [at, within({ [type]: 'https://example.org/courses/1' })],
    },
  });
}

for (const [type, only, property] of [
  ['XAPI-00089', 'XAPI-00084', 'revision'],
  ['XAPI-00090', 'XAPI-00085', 'platform'],
] as const) {
  requirement(type, `${property} is a string`, {
    accepts: { one: { context: { [property]: 'x' } } },
    refuses: each(NOT_STRINGS, (value) => [`context.${property}`, { context: { [property]: value } }] as const),
  });
  const context = { [property]: 'x' };
  requirement(only, `${property} is for statements about an Activity`, {
    accepts: {
      'an Activity': { context, object: { ...COURSE, objectType: 'Activity' } },
      'an Activity that does not say so': { context, object: COURSE },
    },
    refuses: {
      'an Agent': [`context.${property}`, { context, object: BOB }],
      'a Group': [`context.${property}`, { context, object: TEAM }],
      'a StatementRef': [`context.${property}`, { context, object: REFERENCE }],
    },
  });
  requirement(only, `${property} is not for statements about a SubStatement`, {
    topOnly: true,
    refuses: {
      'a SubStatement': [
        `context.${property}`,
        {
          context,
          object: { objectType: 'SubStatement', actor: ALICE, verb: { id: 'https://example.org/v' }, object: COURSE },
        },
      ],
    },
  });
}

requirement('XAPI-00091', 'language is a language tag', {
  accepts: each({ Hindi: 'hi-IN', Klingon: 'tlh', 'private use': 'x-a' }, (language) => ({ context: { language } })),
  refuses: each({ 'digits in the language': 'a12345', 'an underscore': 'hi_IN', ...NOT_STRINGS }, (language) => {
    return ['context.language', { context: { language } }] as const;
  }),
});

requirement('XAPI-00092', 'statement is a StatementRef', {
  refuses: {
    'one that does not say so': ['context.statement.objectType', { context: { statement: { id: REFERENCE.id } } }],
    'a SubStatement': [
      'context.statement.objectType',
      { context: { statement: { objectType: 'SubStatement', id: REFERENCE.id } } },
    ],
    'an id that is no UUID': ['context.statement.id', { context: { statement: { ...REFERENCE, id: 'x' } } }],
    ...each(NOT_OBJECTS, (statement) => ['context.statement', { context: { statement } }] as const),
  },
});

for (const [plural, singular, property, who, not] of [
  ['contextAgents', 'contextAgent', 'agent', BOB, TEAM],
  ['contextGroups', 'contextGroup', 'group', TEAM, BOB],
] as const) {
  const given = (...list: unknown[]) => ({ context: { [plural]: list } });
  const at = `context.${plural}`;
  requirement('4.2.2.5 Context', `${plural} is a list of ${singular} objects`, {
    versions: '2.0.0',
    accepts: {
      one: given({ objectType: singular, [property]: who }),
      'one with relevantTypes': given({
        objectType: singular,
        [property]: who,
        relevantTypes: ['https://example.org/roles/assessor', 'urn:role:observer'],
      }),
      none: given(),
    },
    refuses: {
      'an object': [at, { context: { [plural]: {} } }],
      'no objectType': [`${at}[0].objectType`, given({ [property]: who })],
      'another objectType': [`${at}[0].objectType`, given({ objectType: 'Agent', [property]: who })],
      [`no ${property}`]: [`${at}[0].${property}`, given({ objectType: singular })],
      'another kind of actor': [`${at}[0].${property}.objectType`, given({ objectType: singular, [property]: not })],
      'one nobody can identify': [
        property === 'agent' ? `${at}[0].agent` : `${at}[0].group.member`,
        given({ objectType: singular, [property]: { objectType: who.objectType, name: 'x' } }),
      ],
      'an empty list of relevantTypes': [
        `${at}[0].relevantTypes`,
        given({ objectType: singular, [property]: who, relevantTypes: [] }),
      ],
      'relevantTypes that are no list': [
        `${at}[0].relevantTypes`,
        given({ objectType: singular, [property]: who, relevantTypes: 'https://example.org/roles/assessor' }),
      ],
      ...each(NOT_IRIS, (type) => {
        const list = given({ objectType: singular, [property]: who, relevantTypes: ['urn:role:observer', type] });
        return [`${at}[0].relevantTypes[1]`, list] as const;
      }),
      'something more': [`${at}[0].member`, given({ objectType: singular, [property]: who, member: [] })],
      null: [`${at}[0]`, given(null)],
    },
  });
  requirement('XAPI-00010', `${plural} is no property of 1.0.3`, {
    versions: '1.0.3',
    refuses: { it: [at, given({ objectType: singular, [property]: who })] },
  });
}
