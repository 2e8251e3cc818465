// Data 2.2, Formatting Requirements.

import { expect, test } from 'vitest';
import { validateStatements } from '../../../contracts/xapi/index.ts';
import {
  ALICE,
  ATTACHMENT,
  absent,
  BOB,
  COURSE,
  each,
  NOT_IRIS,
  REFERENCE,
  requirement,
  statementWith,
} from './requirement.ts';

requirement('XAPI-00001', 'null is refused everywhere but in extensions', {
  accepts: {
    'null in an extension of the result': { result: { extensions: { 'https://example.org/x': null } } },
    'null in an extension of the context': { context: { extensions: { 'https://example.org/x': { deep: [null] } } } },
    'null in an extension of a definition': {
      object: { ...COURSE, definition: { extensions: { 'https://example.org/x': null } } },
    },
  },
  refuses: {
    actor: ['actor', { actor: null }],
    'an actor’s name': ['actor.name', { actor: { ...ALICE, name: null } }],
    'an account’s name': [
      'actor.account.name',
      { actor: { account: { homePage: 'https://example.org', name: null } } },
    ],
    verb: ['verb', { verb: null }],
    'a verb’s display': ['verb.display', { verb: { id: 'https://example.org/v', display: null } }],
    object: ['object', { object: null }],
    definition: ['object.definition', { object: { ...COURSE, definition: null } }],
    result: ['result', { result: null }],
    score: ['result.score', { result: { score: null } }],
    extensions: ['result.extensions', { result: { extensions: null } }],
    context: ['context', { context: null }],
    'a context activity': ['context.contextActivities.parent', { context: { contextActivities: { parent: null } } }],
    timestamp: ['timestamp', { timestamp: null }],
    attachments: ['attachments', { attachments: null }],
  },
});
requirement('XAPI-00001', 'null is refused in what only a statement has', {
  topOnly: true,
  refuses: {
    id: ['id', { id: null }],
    stored: ['stored', { stored: null }],
    authority: ['authority', { authority: null }],
    version: ['version', { version: null }],
  },
});

test.each(['1.0.3', '2.0.0'] as const)('XAPI-00002 (%s): numbers keep the precision they were sent with', (version) => {
  const score = { min: 0.12123434, raw: 12.125, max: 45.45, scaled: 0.1 + 0.2 };
  const validated = validateStatements(statementWith({ result: { score } }), version);
  expect(validated).toMatchObject({ ok: true, statements: [{ result: { score } }] });
});

for (const [id, property] of [
  ['XAPI-00003', 'actor'],
  ['XAPI-00004', 'verb'],
  ['XAPI-00005', 'object'],
] as const) {
  requirement(id, `a statement has "${property}"`, {
    refuses: { 'one without': [property, { [property]: absent }] },
  });
}

requirement('XAPI-00006', 'the wrong data type is refused', {
  refuses: {
    'a string as a number': ['result.score.raw', { result: { score: { raw: '5' } } }],
    'a string as a boolean': ['result.success', { result: { success: 'true' } }],
    'a number as a string': ['result.response', { result: { response: 5 } }],
    'a number as an object': ['actor', { actor: 5 }],
    'an array as an object': ['verb', { verb: [] }],
    'an object as an array': ['attachments', { attachments: {} }],
    'a boolean as a language map': ['verb.display', { verb: { id: 'https://example.org/v', display: true } }],
  },
});

requirement('XAPI-00007', 'the empty string is refused where a format is required', {
  refuses: {
    mbox: ['actor.mbox', { actor: { mbox: '' } }],
    mbox_sha1sum: ['actor.mbox_sha1sum', { actor: { mbox_sha1sum: '' } }],
    openid: ['actor.openid', { actor: { openid: '' } }],
    homePage: ['actor.account.homePage', { actor: { account: { homePage: '', name: 'a' } } }],
    'a verb’s id': ['verb.id', { verb: { id: '' } }],
    'an activity’s id': ['object.id', { object: { id: '' } }],
    'a definition’s type': ['object.definition.type', { object: { ...COURSE, definition: { type: '' } } }],
    registration: ['context.registration', { context: { registration: '' } }],
    language: ['context.language', { context: { language: '' } }],
    duration: ['result.duration', { result: { duration: '' } }],
    timestamp: ['timestamp', { timestamp: '' }],
    'an extension key': ["result.extensions['']", { result: { extensions: { '': 1 } } }],
    'a language': ["verb.display['']", { verb: { id: 'https://example.org/v', display: { '': 'x' } } }],
  },
});

requirement('XAPI-00008', 'the case of a key matches the standard', {
  refuses: {
    Actor: ['Actor', { Actor: ALICE }],
    'actor.Name': ['actor.Name', { actor: { ...ALICE, Name: 'A' } }],
    'actor.objecttype': ['actor.objecttype', { actor: { ...ALICE, objecttype: 'Agent' } }],
    'verb.Id': ['verb.Id', { verb: { id: 'https://example.org/v', Id: 'https://example.org/v' } }],
    'verb.Display': ['verb.Display', { verb: { id: 'https://example.org/v', Display: {} } }],
    'definition.moreinfo': [
      'object.definition.moreinfo',
      { object: { ...COURSE, definition: { moreinfo: 'https://example.org' } } },
    ],
    'result.Score': ['result.Score', { result: { Score: {} } }],
    'score.Raw': ['result.score.Raw', { result: { score: { Raw: 1 } } }],
    'context.Registration': ['context.Registration', { context: { Registration: REFERENCE.id } }],
    'contextActivities.Parent': [
      'context.contextActivities.Parent',
      { context: { contextActivities: { Parent: [] } } },
    ],
    'attachment.fileURL': [
      'attachments[0].fileURL',
      { attachments: [{ ...ATTACHMENT, fileURL: 'https://example.org/file' }] },
    ],
    TimeStamp: ['TimeStamp', { TimeStamp: '2026-01-01T00:00:00Z' }],
  },
});

requirement('XAPI-00009', 'the case of an enumerated value matches the standard', {
  refuses: {
    'an actor of type agent': ['actor.objectType', { actor: { ...ALICE, objectType: 'agent' } }],
    'an actor of type GROUP': ['actor.objectType', { actor: { ...ALICE, objectType: 'GROUP' } }],
    'an object of type activity': ['object.objectType', { object: { ...COURSE, objectType: 'activity' } }],
    'an object of type statementRef': ['object.objectType', { object: { ...REFERENCE, objectType: 'statementRef' } }],
    'an object of type subStatement': [
      'object.objectType',
      { object: { objectType: 'subStatement', actor: ALICE, verb: { id: 'https://example.org/v' }, object: COURSE } },
    ],
    'an interactionType of Choice': [
      'object.definition.interactionType',
      { object: { ...COURSE, definition: { interactionType: 'Choice' } } },
    ],
  },
});

requirement('XAPI-00010', 'what the standard does not name is refused', {
  refuses: {
    'a property of the statement': ['iD', { iD: REFERENCE.id }],
    'a property of an agent': ['actor.email', { actor: { ...ALICE, email: 'alice@example.org' } }],
    'a property of an account': [
      'actor.account.id',
      { actor: { account: { homePage: 'https://example.org', name: 'a', id: 'a' } } },
    ],
    'a property of a verb': ['verb.type', { verb: { id: 'https://example.org/v', type: 'x' } }],
    'a property of an activity': ['object.name', { object: { ...COURSE, name: 'A' } }],
    'a property of a definition': ['object.definition.title', { object: { ...COURSE, definition: { title: 'A' } } }],
    'a property of a result': ['result.grade', { result: { grade: 'A' } }],
    'a property of a score': ['result.score.points', { result: { score: { points: 1 } } }],
    'a property of the context': ['context.session', { context: { session: 'A' } }],
    'a property of an attachment': ['attachments[0].name', { attachments: [{ ...ATTACHMENT, name: 'A' }] }],
    'a property that Object.prototype has': ['toString', { toString: 'x' }],
  },
});

requirement('XAPI-00011', 'IRIs and IRLs have a scheme', {
  accepts: {
    'other schemes than http': { verb: { id: 'urn:example:did' }, object: { id: 'tag:example.org,2026:course' } },
    'characters beyond ASCII': { object: { id: 'https://example.org/पाठ्यक्रम/१' } },
    'percent escapes': { object: { id: 'https://example.org/a%20b?c=%E0%A4%95#d' } },
  },
  refuses: {
    ...each(
      { 'a bare host': 'example.org/v', 'a relative path': '/v' },
      (id) => ['verb.id', { verb: { id } }] as const,
    ),
    'an openid': ['actor.openid', { actor: { openid: 'openid.example.org/alice' } }],
    'a homePage': ['actor.account.homePage', { actor: { account: { homePage: 'example.org', name: 'a' } } }],
    'an activity’s id': ['object.id', { object: { id: 'example.org/courses/1' } }],
    'a definition’s type': ['object.definition.type', { object: { ...COURSE, definition: { type: 'course' } } }],
    moreInfo: ['object.definition.moreInfo', { object: { ...COURSE, definition: { moreInfo: 'example.org' } } }],
    'a usageType': ['attachments[0].usageType', { attachments: [{ ...ATTACHMENT, usageType: 'essay' }] }],
    'a fileUrl': ['attachments[0].fileUrl', { attachments: [{ ...ATTACHMENT, fileUrl: 'example.org/essay' }] }],
    'an extension key of a definition': [
      "object.definition.extensions['example.org/x']",
      { object: { ...COURSE, definition: { extensions: { 'example.org/x': 1 } } } },
    ],
    'an extension key of the context': [
      "context.extensions['example.org/x']",
      { context: { extensions: { 'example.org/x': 1 } } },
    ],
    'an extension key of the result': [
      "result.extensions['example.org/x']",
      { result: { extensions: { 'example.org/x': 1 } } },
    ],
    ...each(NOT_IRIS, (id) => ['verb.id', { verb: { id } }] as const),
  },
});

requirement('XAPI-00013', 'keys of language maps have token lengths of RFC 5646', {
  accepts: each(
    {
      'a language': 'hi',
      'a language of three letters': 'tlh',
      'language and region': 'hi-IN',
      'language and script': 'sr-Latn',
      'all of them': 'zh-cmn-Hans-CN',
      'a region of digits': 'es-419',
      'a variant': 'sl-rozaj-biske',
      'a variant that begins with a digit': 'de-1996',
      'an extension': 'en-u-ca-buddhist',
      'private use after a language': 'en-x-pirate',
      'private use alone': 'x-whatever',
      'a grandfathered tag': 'i-klingon',
      'another case': 'HI-in',
      undetermined: 'und',
    },
    (tag) => ({ verb: { id: 'https://example.org/v', display: { [String(tag)]: 'x' } } }),
  ),
  refuses: each(
    {
      'a language of one letter': 'a',
      'a language of nine letters': 'abcdefghi',
      'digits in the language': 'a12345',
      'an underscore': 'en_US',
      'an empty subtag': 'en--US',
      'a hyphen at the end': 'en-',
      'a region of one letter': 'en-U',
      'an extension without content': 'en-u',
      blanks: 'en US',
    },
    (tag) => {
      const place = /^\w+$/.test(String(tag)) ? `.${tag}` : `['${tag}']`;
      return [
        `verb.display${place}`,
        { verb: { id: 'https://example.org/v', display: { [String(tag)]: 'x' } } },
      ] as const;
    },
  ),
});

test('every problem of every statement is told, with its place in the batch', () => {
  const validated = validateStatements(
    [
      statementWith({ actor: { ...BOB, mbox: 'nobody', name: 5 }, result: { score: { scaled: 2 }, nothing: 1 } }),
      statementWith({}),
      statementWith({ object: REFERENCE, context: { platform: 'x', registration: 'y' } }),
    ],
    '1.0.3',
  );
  expect(validated.ok).toBe(false);
  if (validated.ok) return;
  expect(validated.problems.map(({ index, path }) => [index, path])).toEqual([
    [0, '$[0].actor.name'],
    [0, '$[0].actor.mbox'],
    [0, '$[0].actor'],
    [0, '$[0].result.score.scaled'],
    [0, '$[0].result.nothing'],
    [2, '$[2].context.registration'],
    [2, '$[2].context.platform'],
  ]);
});

test('a path cuts an enormous name and escapes what would end it', () => {
  const validated = validateStatements(statementWith({ ['x'.repeat(100_000)]: 1, "it's": 1 }), '1.0.3');
  expect(validated.ok ? [] : validated.problems.map(({ path }) => path)).toEqual([
    `$['${'x'.repeat(200)}…']`,
    "$['it\\'s']",
  ]);
});

test('a hundred problems are told at most', () => {
  const validated = validateStatements(
    Array.from({ length: 5000 }, () => ({})),
    '2.0.0',
  );
  expect(validated.ok ? 0 : validated.problems.length).toBe(100);
});

test.each([5, 'text', null, true, undefined])('a body that is %j is no statement', (value) => {
  expect(validateStatements(value, '1.0.3')).toMatchObject({ ok: false, problems: [{ path: '$' }] });
  expect(validateStatements([value], '1.0.3')).toMatchObject({ ok: false, problems: [{ index: 0, path: '$[0]' }] });
});
