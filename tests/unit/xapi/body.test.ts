// From bytes to values: what is refused although a lenient decoder or JSON.parse would take it.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBody, parseJson } from '../../../contracts/xapi/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('XAPI-00014: a body is well-formed JSON', () => {
  test.each(['', '{', '{"a":1,}', "{'a':1}", '{"a":1} x', 'undefined', 'NaN', '\u00a0{}', '// a\n{}'])(
    'refuses %j',
    (text) => {
      expect(parseBody(bytes(text))).toMatchObject({ ok: false, problems: [{ path: '$' }] });
    },
  );

  test('does not repeat what was sent', () => {
    const parsed = parseJson('{"password": hunter2}');
    expect(parsed.ok).toBe(false);
    expect(JSON.stringify(parsed)).not.toContain('hunter2');
    expect(JSON.stringify(parsed)).toContain('character 14');
  });
});

describe('broken JSON is told with its place', () => {
  test.each([
    ['', '$', 1],
    ['[{"a":1},{"b":[1,2,x]}]', '$[1].b[2]', 20],
    ['{"a":1,}', '$', 8],
    ['{"actor":{"mbox" "x"}}', '$.actor.mbox', 18],
    ['[{"a":"x\ny"}]', '$[0].a', 9],
    ['{"a":[]', '$.a', 8],
    ['{"a":01}', '$.a', 7],
    ['{"a":{}} x', '$', 10],
    ['[1 2]', '$[0]', 4],
  ])('%j', (text, path, character) => {
    expect(parseJson(text)).toMatchObject({
      ok: false,
      problems: [{ path, message: `is not JSON: see character ${character}` }],
    });
  });

  test('wherever a text is cut, the place is the end', () => {
    const text = '[{"a":"\\u0905x","b":[true,null,-1.5e3]},{"c":{"d":{}}}]';
    for (let end = 0; end < text.length; end++) {
      const parsed = parseJson(text.slice(0, end));
      expect(parsed.ok ? 0 : Number(/\d+$/.exec(parsed.problems[0]!.message)![0])).toBeLessThanOrEqual(end + 1);
      expect(parsed.ok).toBe(false);
    }
  });
});

describe('XAPI-00015: a body is UTF-8', () => {
  test('reads what is beyond ASCII, and skips a byte order mark', () => {
    expect(parseBody(bytes('{"a":"पाठ्यक्रम 🙂"}'))).toEqual({ ok: true, value: { a: 'पाठ्यक्रम 🙂' } });
    expect(parseBody(bytes('\ufeff{"a":1}'))).toEqual({ ok: true, value: { a: 1 } });
  });

  test.each([
    ['a byte of Latin-1', [0x22, 0xe9, 0x22]],
    ['a cut sequence', [0x22, 0xe0, 0xa4, 0x22]],
    ['an overlong form', [0x22, 0xc0, 0xaf, 0x22]],
    ['an encoded surrogate', [0x22, 0xed, 0xa0, 0x80, 0x22]],
  ])('refuses %s', (_, content) => {
    expect(parseBody(Uint8Array.from(content))).toMatchObject({ ok: false, problems: [{ path: '$' }] });
  });

  test('takes no other charset', () => {
    expect(parseBody(bytes('{}'), 'UTF-8').ok).toBe(true);
    expect(parseBody(bytes('{}'), 'us-ascii').ok).toBe(true);
    expect(parseBody(bytes('{}'), 'iso-8859-1').ok).toBe(false);
    expect(parseBody(bytes('{}'), 'utf-16le').ok).toBe(false);
  });
});

describe('what could not be given back as it came', () => {
  test.each([
    ['__proto__ at the top', '{"__proto__":{"a":1}}', '$'],
    [
      '__proto__ deep inside',
      '[{"result":{"extensions":{"https://a.b/c":[{"__proto__":5}]}}}]',
      "$[0].result.extensions['https://a.b/c'][0]",
    ],
    ['__proto__ written with escapes', '{"a":{"\\u005f_proto__":1}}', '$.a'],
    ['half a surrogate pair', '{"a":"\\ud83d"}', '$.a'],
    ['half a surrogate pair in a name', '{"a":{"\\udc00":1}}', '$.a'],
    ['a number beyond a double', '{"a":[1,1e400]}', '$.a[1]'],
    ['a negative one', '[-1e999]', '$[0]'],
  ])('refuses %s', (_, text, path) => {
    expect(parseJson(text)).toMatchObject({ ok: false, problems: [{ path }] });
  });

  test('tells each of them, with its place in the batch', () => {
    const parsed = parseJson('[{},{"a":1e999,"b":"\\ud800"},{"__proto__":1}]');
    expect(parsed.ok ? [] : parsed.problems.map(({ index, path }) => [index, path])).toEqual([
      [1, '$[1].a'],
      [1, '$[1].b'],
      [2, '$[2]'],
    ]);
  });

  test('takes what only looks like them', () => {
    const text = '{"proto":"__proto__","a":"\\ud83d\\ude42","b":"1e400","constructor":1,"n":1e308}';
    expect(parseJson(text)).toEqual({ ok: true, value: JSON.parse(text) });
  });

  test('a hundred levels are enough', () => {
    expect(parseJson('['.repeat(100) + ']'.repeat(100)).ok).toBe(true);
    expect(parseJson('['.repeat(101) + ']'.repeat(101)).ok).toBe(false);
    expect(parseJson('{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000)).ok).toBe(false);
  });
});

test('every JSON value without those is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      const text = JSON.stringify(value);
      fc.pre(!text.includes('__proto__') && text.isWellFormed() && !/\\ud[89a-f]/i.test(text));
      expect(parseBody(bytes(text))).toEqual({ ok: true, value: JSON.parse(text) });
    }),
  );
});

test('whatever bytes come, it answers and does not throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (content) => {
      expect(typeof parseBody(content).ok).toBe('boolean');
    }),
  );
});
