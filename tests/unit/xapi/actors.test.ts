// Data 2.4.2, Actor; xAPI 2.0 4.2.2.1.

import { expect, test } from 'vitest';
import { validateAgent } from '../../../contracts/xapi/index.ts';
import { ALICE, BOB, COURSE, each, NOT_IRIS, NOT_OBJECTS, NOT_STRINGS, requirement } from './requirement.ts';

const SHA1 = 'ebd31e95054c018b10727ccffd2ef2ec3a016ee9';
const OPENID = 'https://openid.example.org/alice';
const ACCOUNT = { homePage: 'https://people.example.org', name: 'alice' };
const IDENTIFIERS = { mbox: ALICE.mbox, mbox_sha1sum: SHA1, openid: OPENID, account: ACCOUNT };
const PAIRS = Object.keys(IDENTIFIERS).flatMap((one, place, names) =>
  names.slice(place + 1).map((other) => [one, other] as [keyof typeof IDENTIFIERS, keyof typeof IDENTIFIERS]),
);

/** Everywhere an actor may stand, and how to put one there. */
const PLACES: Readonly<Record<string, (actor: unknown) => Record<string, unknown>>> = {
  actor: (actor) => ({ actor }),
  object: (object) => ({ object }),
  'context.instructor': (instructor) => ({ context: { instructor } }),
};

requirement('XAPI-00031', 'an actor is an Agent or a Group', {
  accepts: {
    'an Agent without objectType': { actor: ALICE },
    'an Agent': { actor: BOB },
    'a Group': { actor: { objectType: 'Group', member: [ALICE] } },
  },
  refuses: each(
    { Activity: 'Activity', Person: 'Person', 'the empty string': '', ...NOT_STRINGS },
    (objectType) => ['actor.objectType', { actor: { ...ALICE, objectType } }] as const,
  ),
});

requirement('XAPI-00032', 'an Agent’s objectType is a string', {
  refuses: each(NOT_STRINGS, (objectType) => {
    return ['context.instructor.objectType', { context: { instructor: { ...ALICE, objectType } } }] as const;
  }),
});

requirement('XAPI-00033', 'a name is a string', {
  accepts: { 'any string': { actor: { ...ALICE, name: 'सुनीता' } }, 'the empty one': { actor: { ...ALICE, name: '' } } },
  refuses: {
    ...each(NOT_STRINGS, (name) => ['actor.name', { actor: { ...ALICE, name } }] as const),
    'of a Group': ['actor.name', { actor: { objectType: 'Group', ...ALICE, name: 5 } }],
  },
});

for (const [place, put] of Object.entries(PLACES)) {
  requirement('XAPI-00034', `an Agent as ${place} has exactly one identifier`, {
    accepts: each(IDENTIFIERS, (value) => {
      const name = Object.entries(IDENTIFIERS).find(([, identifier]) => identifier === value)![0];
      return put({ objectType: 'Agent', [name]: value });
    }),
    refuses: {
      none: [place, put({ objectType: 'Agent', name: 'Alice' })],
      ...Object.fromEntries(
        PAIRS.map(([one, other]) => [
          `${one} with ${other}`,
          [place, put({ objectType: 'Agent', [one]: IDENTIFIERS[one], [other]: IDENTIFIERS[other] })] as const,
        ]),
      ),
    },
  });
  requirement('XAPI-00037', `a Group as ${place} has one identifier, or members`, {
    accepts: {
      ...each(IDENTIFIERS, (value) => {
        const name = Object.entries(IDENTIFIERS).find(([, identifier]) => identifier === value)![0];
        return put({ objectType: 'Group', [name]: value });
      }),
      'members alone': put({ objectType: 'Group', member: [ALICE, BOB] }),
      'members and an identifier': put({ objectType: 'Group', ...ALICE, member: [BOB] }),
      'an identifier and no one': put({ objectType: 'Group', ...ALICE, member: [] }),
    },
    refuses: {
      neither: [`${place}.member`, put({ objectType: 'Group', name: 'Team' })],
      'no one in it': [`${place}.member`, put({ objectType: 'Group', member: [] })],
      ...Object.fromEntries(
        PAIRS.map(([one, other]) => [
          `${one} with ${other}`,
          [place, put({ objectType: 'Group', [one]: IDENTIFIERS[one], [other]: IDENTIFIERS[other] })] as const,
        ]),
      ),
    },
  });
}

requirement('XAPI-00035', 'members are for Groups', {
  refuses: {
    'an Agent': ['actor.member', { actor: { ...ALICE, member: [BOB] } }],
    'an instructor': ['context.instructor.member', { context: { instructor: { ...ALICE, member: [BOB] } } }],
  },
});

requirement('XAPI-00036', 'members are Agents', {
  refuses: {
    ...each({ ...NOT_OBJECTS, 'an array': {} }, (member) => {
      return ['actor.member', { actor: { objectType: 'Group', member } }] as const;
    }),
    'a Group in a Group': [
      'actor.member[1].objectType',
      { actor: { objectType: 'Group', member: [ALICE, { objectType: 'Group', member: [BOB] }] } },
    ],
    'a member without identifier': ['actor.member[0]', { actor: { objectType: 'Group', member: [{ name: 'A' }] } }],
    'a string': ['actor.member[0]', { actor: { objectType: 'Group', ...ALICE, member: ['alice'] } }],
  },
});

requirement('XAPI-00038', 'an mbox is mailto: and an address', {
  accepts: each(
    {
      'a plus': 'mailto:alice+lms@example.org',
      'an apostrophe': "mailto:o'neil@example.org",
      capitals: 'mailto:Alice.Verma@Example.ORG',
      'a host without dot': 'mailto:alice@localhost',
      'an address in brackets': 'mailto:alice@[192.0.2.1]',
      'letters beyond ASCII': 'mailto:सुनीता@उदाहरण.भारत',
    },
    (mbox) => ({ actor: { mbox } }),
  ),
  refuses: each(
    {
      'no scheme': 'alice@example.org',
      'no @': 'mailto:example.org',
      'another scheme': 'https://example.org',
      nobody: 'mailto:@example.org',
      nowhere: 'mailto:alice@',
      'a domain that ends with a dot': 'mailto:alice@example.',
      'an open bracket': 'mailto:alice@[192.0.2.1',
      'two addresses': 'mailto:alice@example.org,bob@example.org',
      'a subject': 'mailto:alice@example.org?subject=x',
      'a blank': 'mailto:alice @example.org',
      ...NOT_STRINGS,
    },
    (mbox) => ['actor.mbox', { actor: { mbox } }] as const,
  ),
});

requirement('XAPI-00039', 'an mbox_sha1sum is 40 hexadecimal digits', {
  accepts: { capitals: { actor: { mbox_sha1sum: SHA1.toUpperCase() } } },
  refuses: each(
    {
      'a digit less': SHA1.slice(1),
      'a digit more': `${SHA1}0`,
      'another letter': `g${SHA1.slice(1)}`,
      ...NOT_STRINGS,
    },
    (mbox_sha1sum) => ['actor.mbox_sha1sum', { actor: { mbox_sha1sum } }] as const,
  ),
});

requirement('XAPI-00040', 'an openid is a URI', {
  refuses: each(NOT_IRIS, (openid) => ['actor.openid', { actor: { openid } }] as const),
});

requirement('XAPI-00041', 'an account is an object', {
  refuses: each(NOT_OBJECTS, (account) => ['actor.account', { actor: { account } }] as const),
});

requirement('XAPI-00042', 'an account has a homePage, an IRL', {
  refuses: {
    none: ['actor.account.homePage', { actor: { account: { name: 'a' } } }],
    ...each(
      NOT_IRIS,
      (homePage) => ['actor.account.homePage', { actor: { account: { ...ACCOUNT, homePage } } }] as const,
    ),
  },
});

requirement('XAPI-00043', 'an account has a name, a string', {
  refuses: {
    none: ['actor.account.name', { actor: { account: { homePage: 'https://example.org' } } }],
    ...each(NOT_STRINGS, (name) => ['actor.account.name', { actor: { account: { ...ACCOUNT, name } } }] as const),
  },
});

requirement('XAPI-00065', 'an Agent or Group as object says what it is', {
  refuses: {
    'an Agent that does not': ['object.mbox', { object: ALICE }],
    'a Group that does not': ['object.member', { object: { member: [ALICE] } }],
  },
});

test('the agent parameter is an Agent or an identified Group', () => {
  expect(validateAgent(BOB, '1.0.3')).toEqual({ ok: true, agent: BOB });
  const group = { objectType: 'Group', ...ALICE };
  expect(validateAgent(group, '2.0.0')).toEqual({ ok: true, agent: group });
  expect(validateAgent(group, '2.0.0', { groups: false })).toMatchObject({
    ok: false,
    problems: [{ path: '$.objectType' }],
  });
  expect(validateAgent({ objectType: 'Group', member: [ALICE] }, '1.0.3')).toMatchObject({
    ok: false,
    problems: [{ path: '$' }],
  });
  expect(validateAgent({ ...ALICE, openid: OPENID }, '1.0.3')).toMatchObject({ ok: false, problems: [{ path: '$' }] });
  expect(validateAgent(COURSE, '1.0.3').ok).toBe(false);
  expect(validateAgent('alice', '1.0.3').ok).toBe(false);
});
