// Links to further pages: what they carry comes back, and nothing else is taken for one.

import { expect, test } from 'vitest';
import type { Day } from '../../../contracts/days.ts';
import type { Sequence } from '../../../contracts/words.ts';
import { HttpProblem } from '../../../src/http/problem.ts';
import { type More, moreToken, readMoreToken } from '../../../src/http/reports/more.ts';

const MORE: More = {
  path: '/reports/learners',
  parameters: { q: 'एएनएम', limit: '2' },
  cursor: { on: 20_543 as Day, sequence: 17 as Sequence, knownAt: null, final: false, after: 3 },
};

test('the question and the place come back', () => {
  const token = moreToken(MORE);
  expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(readMoreToken(token, MORE.path)).toEqual(MORE);
});

test.each([
  ['no token', 'not a token'],
  ['a token of something else', Buffer.from('{"v":1,"t":1,"after":3,"head":4,"q":{}}').toString('base64url')],
  ['a place that is no number', moreToken({ ...MORE, cursor: { ...MORE.cursor, after: 'x' as unknown as number } })],
  ['a day beyond all days', moreToken({ ...MORE, cursor: { ...MORE.cursor, on: 1e9 as Day } })],
  ['a link of another report', moreToken({ ...MORE, path: '/reports/departments/health/learners' })],
])('%s is refused', (_, token) => {
  expect(() => readMoreToken(token, MORE.path)).toThrow(HttpProblem);
});
