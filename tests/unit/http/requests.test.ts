// What requests say apart from their bodies: versions, parameters, forms of the alternate syntax, preconditions, languages,
// Basic credentials.

import { stringify } from 'node:querystring';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basicPair } from '../../../src/http/authentication.ts';
import { HttpProblem } from '../../../src/http/problem.ts';
import { readForm } from '../../../src/http/xapi/alternate-syntax.ts';
import { languagesOf } from '../../../src/http/xapi/language.ts';
import { onlyParameters, withZonesDecoded } from '../../../src/http/xapi/parameters.ts';
import { parseEntityTags, preconditionsOf } from '../../../src/http/xapi/preconditions.ts';
import { servedVersion } from '../../../src/http/xapi/versions.ts';

describe('the version of a request (xAPI 1.0.3 Communication 3.3)', () => {
  test.each([
    ['1.0', '1.0.3'],
    ['1.0.0', '1.0.3'],
    ['1.0.3', '1.0.3'],
    ['1.0.9', '1.0.3'],
    ['2.0', '2.0.0'],
    ['2.0.0', '2.0.0'],
    ['2.0.1', '2.0.0'],
  ])('%s is served as %s', (sent, served) => {
    expect(servedVersion(sent)).toBe(served);
  });

  test.each(['', '0.9', '0.95', '1', '1.1', '1.1.0', '1.00', '2', '2.1.0', '3.0.0', '1.0.3 ', '1.0.3, 2.0.0', 'BAD'])(
    '"%s" is not served',
    (sent) => {
      expect(servedVersion(sent)).toBeUndefined();
    },
  );
});

describe('parameters (xAPI 1.0.3 Communication 3.2)', () => {
  const problems = (parameters: Record<string, string | string[]>) => {
    try {
      onlyParameters(parameters, ['agent', 'profileId'], ['agent']);
    } catch (error) {
      return (error as HttpProblem).errors.map(({ path }) => path);
    }
    return [];
  };

  test('known ones pass, each once', () => {
    expect(problems({ agent: '{}' })).toEqual([]);
    expect(problems({ agent: '{}', profileId: 'p' })).toEqual([]);
  });

  test('every unknown, repeated, missing and differently spelt one is named', () => {
    expect(problems({ Agent: '{}', profileId: ['a', 'b'], foo: '1' })).toEqual([
      '$.Agent',
      '$.profileId',
      '$.foo',
      '$.agent',
    ]);
  });

  test('a zone whose plus sign was not encoded is read as one', () => {
    expect(
      withZonesDecoded({ since: '2026-04-01T09:30:00 05:30', until: '2026-04-01T09:30:00Z', verb: 'a 05:30' }),
    ).toEqual({
      since: '2026-04-01T09:30:00+05:30',
      until: '2026-04-01T09:30:00Z',
      verb: 'a 05:30',
    });
  });
});

describe('forms of the alternate syntax (xAPI 1.0.3 Communication 1.3)', () => {
  test('headers, parameters and content are told apart', () => {
    const form = stringify({
      statementId: 'c70c2b85-c294-464f-baca-cebd4fb9b348',
      Authorization: 'Basic VGVzdFVzZXI6cGFzc3dvcmQ=',
      'X-Experience-API-Version': '1.0.3',
      'Content-Type': 'application/json',
      'If-None-Match': '*',
      content: '{"name":"प्रमाण & more"}',
    });
    expect(readForm(form)).toEqual({
      headers: {
        authorization: 'Basic VGVzdFVzZXI6cGFzc3dvcmQ=',
        'x-experience-api-version': '1.0.3',
        'content-type': 'application/json',
        'if-none-match': '*',
      },
      parameters: { statementId: 'c70c2b85-c294-464f-baca-cebd4fb9b348' },
      content: '{"name":"प्रमाण & more"}',
    });
  });

  test('what is neither a header nor the content is a parameter, under its own name', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.stringMatching(/^[\w-]{1,64}$/), fc.string(), { maxKeys: 10 }), (fields) => {
        const { parameters } = readForm(stringify(fields));
        const expected = Object.entries(fields).filter(
          ([name]) => name !== 'content' && !/^(authorization|x-experience-api-version|content-type)$/i.test(name),
        );
        expect(Object.entries(parameters)).toEqual(expected);
      }),
    );
  });

  test('a header or the content given twice is refused', () => {
    expect(() => readForm('content=1&content=2')).toThrow(HttpProblem);
    expect(() => readForm('Authorization=a&Authorization=b')).toThrow(HttpProblem);
  });

  test('what cannot be a name is refused and not repeated: a body that went astray may hold names of people', () => {
    const astray = JSON.stringify({ actor: { mbox: 'mailto:asha@example.org' } });
    for (const form of [astray, encodeURIComponent(astray), '=1', `${'a'.repeat(65)}=1`, 'asha@example.org=1']) {
      try {
        readForm(form);
      } catch (error) {
        expect((error as HttpProblem).errors).toHaveLength(1);
        expect(JSON.stringify(error) + (error as Error).message).not.toMatch(/asha|aaaa/);
        continue;
      }
      throw new Error(`taken: ${form}`);
    }
  });

  test('a field named __proto__ is a field', () => {
    expect(Object.keys(readForm('__proto__=1').parameters)).toEqual(['__proto__']);
  });
});

describe('preconditions (RFC 9110 13.1)', () => {
  test.each([
    ['*', '*'],
    ['"abc"', ['abc']],
    ['"abc", "def"', ['abc', 'def']],
    ['W/"abc"', ['abc']],
    ['""', ['']],
    ['2fd4e1c67a2d28fced849ee1bb76e7391b93eb12', ['2fd4e1c67a2d28fced849ee1bb76e7391b93eb12']],
  ])('%s', (header, expected) => {
    expect(parseEntityTags(header, 'If-Match')).toEqual(expected);
  });

  test.each(['', ',', '"abc', 'abc"', '"a"b"', 'a b', '"a" "b"'])('%s is refused', (header) => {
    expect(() => parseEntityTags(header, 'If-Match')).toThrow(HttpProblem);
  });

  test('only the headers that were sent are preconditions', () => {
    expect(preconditionsOf({})).toEqual({});
    expect(preconditionsOf({ 'if-none-match': '*' })).toEqual({ ifNoneMatch: '*' });
    expect(preconditionsOf({ 'if-match': '"a"' })).toEqual({ ifMatch: ['a'] });
  });
});

describe('Accept-Language (RFC 9110 12.5.4)', () => {
  test('the languages come in order of preference; refused ones and * do not', () => {
    expect(languagesOf('en;q=0.5, hi-IN, *;q=0.1, fr;q=0')).toEqual(['hi-IN', 'en']);
    expect(languagesOf('*')).toEqual([]);
    expect(languagesOf(undefined)).toEqual([]);
  });
});

describe('Basic credentials (RFC 7617)', () => {
  const basic = (pair: string) => `Basic ${Buffer.from(pair).toString('base64')}`;

  test('the first colon separates the key from the secret; both are UTF-8', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }).filter((key) => !key.includes(':')),
        fc.string({ unit: 'grapheme' }),
        (key, secret) => {
          expect(basicPair(basic(`${key}:${secret}`))).toEqual({ key, secret });
        },
      ),
    );
  });

  test.each([
    '',
    'Basic',
    'Basic ',
    'Basic:a2V5OnM=',
    'Bearer a2V5OnM=',
    'Basic a2V5',
    'Basic !!!',
    'Basic /w==',
    'Basic a2V5OnM= extra',
  ])('"%s" is not one', (header) => {
    expect(basicPair(header)).toBeUndefined();
  });
});
