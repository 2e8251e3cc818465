// Data 2.4.11, Attachments; 2.6, Signed Statements, as far as the statement itself says it; 4.1, Extensions.

import {
  ATTACHMENT,
  each,
  NOT_IRIS,
  NOT_LANGUAGE_MAPS,
  NOT_NUMBERS,
  NOT_OBJECTS,
  NOT_STRINGS,
  requirement,
} from './requirement.ts';

const attached = (change: Record<string, unknown>) => ({ attachments: [{ ...ATTACHMENT, ...change }] });
const without = (property: keyof typeof ATTACHMENT) => {
  const { [property]: _, ...rest } = ATTACHMENT;
  return { attachments: [rest] };
};

requirement('XAPI-00025', 'attachments are an array of Attachments', {
  accepts: { none: { attachments: [] }, two: { attachments: [ATTACHMENT, ATTACHMENT] } },
  refuses: {
    ...each({ ...NOT_OBJECTS, 'an array': {} }, (attachments) => ['attachments', { attachments }] as const),
    'a string in it': ['attachments[0]', { attachments: ['essay'] }],
  },
});

requirement('XAPI-00107', 'usageType is an IRI', {
  refuses: {
    none: ['attachments[0].usageType', without('usageType')],
    ...each(NOT_IRIS, (usageType) => ['attachments[0].usageType', attached({ usageType })] as const),
  },
});

requirement('XAPI-00106', 'display is a language map, description too', {
  accepts: { 'a description': attached({ description: { 'hi-IN': 'निबंध' } }) },
  refuses: {
    none: ['attachments[0].display', without('display')],
    ...Object.fromEntries(
      Object.entries(NOT_LANGUAGE_MAPS).flatMap(([name, [below, map]]) => [
        [`${name} as display`, [`attachments[0].display${below}`, attached({ display: map })] as const],
        [`${name} as description`, [`attachments[0].description${below}`, attached({ description: map })] as const],
      ]),
    ),
  },
});

requirement('XAPI-00105', 'contentType is a media type', {
  accepts: each(
    {
      'one with parameters': 'text/plain; charset=ascii',
      'a quoted parameter': 'video/mp4; codecs="avc1.42E01E, mp4a.40.2"',
      'one with a suffix': 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'one with a plus': 'application/ld+json',
    },
    (contentType) => attached({ contentType }),
  ),
  refuses: {
    none: ['attachments[0].contentType', without('contentType')],
    ...each(
      {
        'no slash': 'pdf',
        'no subtype': 'text/',
        'a parameter without value': 'text/plain; charset',
        'two at once': 'text/plain, text/html',
        'the empty string': '',
        ...NOT_STRINGS,
      },
      (contentType) => ['attachments[0].contentType', attached({ contentType })] as const,
    ),
  },
});

requirement('XAPI-00102', 'length is a whole number of octets', {
  accepts: { zero: attached({ length: 0 }), 'more than 2^53': attached({ length: 1e18 }) },
  refuses: {
    none: ['attachments[0].length', without('length')],
    ...each({ 'a fraction': 1.5, 'a negative number': -1, ...NOT_NUMBERS }, (length) => {
      return ['attachments[0].length', attached({ length })] as const;
    }),
  },
});

requirement('XAPI-00103', 'sha2 is a SHA-2', {
  accepts: {
    'SHA-512': attached({ sha2: 'a'.repeat(128) }),
    capitals: attached({ sha2: ATTACHMENT.sha2.toUpperCase() }),
  },
  refuses: {
    none: ['attachments[0].sha2', without('sha2')],
    ...each(
      { 'a SHA-1': 'a'.repeat(40), 'another letter': 'g'.repeat(64), 'the empty string': '', ...NOT_STRINGS },
      (sha2) => {
        return ['attachments[0].sha2', attached({ sha2 })] as const;
      },
    ),
  },
});

requirement('XAPI-00104', 'fileUrl is an IRL', {
  accepts: { one: attached({ fileUrl: 'https://example.org/essay.txt' }) },
  refuses: each(NOT_IRIS, (fileUrl) => ['attachments[0].fileUrl', attached({ fileUrl })] as const),
});

const SIGNATURE = 'http://adlnet.gov/expapi/attachments/signature';
requirement('XAPI-00115', 'a signature is application/octet-stream', {
  accepts: {
    it: attached({ usageType: SIGNATURE, contentType: 'application/octet-stream' }),
    'it with a parameter': attached({ usageType: SIGNATURE, contentType: 'application/octet-stream; type=jws' }),
  },
  refuses: { 'a text': ['attachments[0].contentType', attached({ usageType: SIGNATURE, contentType: 'text/plain' })] },
});

const KEY = 'https://example.org/x';
for (const [place, put] of Object.entries({
  'result.extensions': (extensions: unknown) => ({ result: { extensions } }),
  'context.extensions': (extensions: unknown) => ({ context: { extensions } }),
  'object.definition.extensions': (extensions: unknown) => ({
    object: { id: 'https://example.org/courses/1', definition: { extensions } },
  }),
})) {
  requirement('XAPI-00118, XAPI-00120', `the keys of ${place} are IRIs`, {
    refuses: {
      'a name': [`${place}.progress`, put({ progress: 5 })],
      'a name among IRIs': [`${place}['should fail']`, put({ [KEY]: 5, 'should fail': 5 })],
      ...each(NOT_OBJECTS, (extensions) => [place, put(extensions)] as const),
    },
  });
  requirement('XAPI-00119', `the values of ${place} are anything`, {
    accepts: {
      ...each(
        { null: null, 'the empty string': '', 'an empty object': {}, 'an empty array': [], false: false },
        (value) => put({ [KEY]: value }),
      ),
      'names that are no IRIs below': put({ [KEY]: { progress: { id: 'x', null: null } } }),
      'no value': put({}),
    },
  });
}
