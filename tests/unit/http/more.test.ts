// `more` links (xAPI 1.0.3 Data 2.5): they carry the query and the place, work for 24 hours, and nothing else passes for one.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Sequence } from '../../../contracts/words.ts';
import { HttpProblem } from '../../../src/http/problem.ts';
import { moreToken, readMoreToken, VALID_SECONDS } from '../../../src/http/xapi/more.ts';

const NOW = Date.parse('2026-04-01T09:30:00Z');
const cursor = { after: 41 as Sequence, head: 99 as Sequence };
const sequence = fc.nat({ max: Number.MAX_SAFE_INTEGER }).map((number) => number as Sequence);

describe('a more token', () => {
  test('brings back the query and the place, whatever is in the query', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), sequence, sequence, (parameters, after, head) => {
        const token = moreToken({ parameters, cursor: { after, head } }, NOW);
        expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
        const read = readMoreToken(token, NOW);
        expect(Object.entries(read.parameters)).toEqual(Object.entries(JSON.parse(JSON.stringify(parameters))));
        expect(read.cursor).toEqual({ after, head });
      }),
    );
  });

  test('works for 24 hours and not for longer', () => {
    const token = moreToken({ parameters: { verb: 'https://example.org/did' }, cursor }, NOW);
    expect(readMoreToken(token, NOW + VALID_SECONDS * 1000).cursor).toEqual(cursor);
    expect(() => readMoreToken(token, NOW + (VALID_SECONDS + 1) * 1000)).toThrow(HttpProblem);
  });

  test('is refused as a 400 when it is anything else', () => {
    const refused = (text: string) => {
      try {
        readMoreToken(text, NOW);
      } catch (error) {
        expect(error).toBeInstanceOf(HttpProblem);
        expect((error as HttpProblem).status).toBe(400);
        return;
      }
      throw new Error(`taken: ${text}`);
    };
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const good = { v: 1, t: NOW / 1000, after: 1, head: 2, q: {} };
    expect(readMoreToken(encoded(good), NOW).cursor).toEqual({ after: 1, head: 2 });
    for (const wrong of [
      { ...good, v: 2 },
      { ...good, t: 'today' },
      { ...good, after: -1 },
      { ...good, after: 1.5 },
      { ...good, head: '2' },
      { ...good, q: null },
      { ...good, q: ['verb'] },
      { ...good, q: { verb: 1 } },
      [good],
      null,
      'token',
    ]) {
      refused(encoded(wrong));
    }
    fc.assert(fc.property(fc.string(), refused));
  });
});
