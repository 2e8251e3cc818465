// The limits: requests a second, and how much is remembered of rejections.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CredentialId, Microseconds } from '../../../contracts/words.ts';
import type { Rejection } from '../../../src/access/port.ts';
import { Rejections } from '../../../src/access/rejections.ts';
import { TokenBucket } from '../../../src/access/token-bucket.ts';

const at = (seconds: number) => (seconds * 1_000_000) as Microseconds;

describe('the token bucket', () => {
  test('gives a second’s worth at once, then as many a second as it says', () => {
    const bucket = new TokenBucket(4, 4, at(0));
    expect([1, 2, 3, 4, 5].map(() => bucket.take(at(0)))).toEqual([0, 0, 0, 0, 0.25]);
    expect(bucket.take(at(0.25))).toBe(0);
    expect(bucket.take(at(0.25))).toBe(0.25);
    expect([1, 2, 3, 4, 5].map(() => bucket.take(at(100)))).toEqual([0, 0, 0, 0, 0.25]);
  });

  test('asking too early does not put off the next one', () => {
    const bucket = new TokenBucket(1, 1, at(0));
    expect(bucket.take(at(0))).toBe(0);
    for (let i = 1; i < 10; i++) expect(bucket.take(at(i / 10))).toBeCloseTo(1 - i / 10, 6);
    expect(bucket.take(at(1.000001))).toBe(0);
  });

  test('a clock set back by an hour stops nobody for an hour', () => {
    const bucket = new TokenBucket(1, 1, at(3600));
    expect(bucket.take(at(3600))).toBe(0);
    expect(bucket.take(at(0))).toBe(1);
    expect(bucket.take(at(1))).toBe(0);
  });
});

test('whatever the arrivals, no window of time sees more than its rate and one burst', () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 2_000_000 }), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), gaps, (rate, waits) => {
      const bucket = new TokenBucket(rate, rate, at(0));
      let now = 0;
      const admitted: number[] = [];
      for (const wait of waits) {
        now += wait;
        const seconds = bucket.take(now as Microseconds);
        if (seconds === 0) admitted.push(now);
        // Nobody is told to wait for more than one token.
        else expect(seconds).toBeLessThanOrEqual(1 / rate);
      }
      for (const [i, from] of admitted.entries()) {
        for (let j = i; j < admitted.length; j++) {
          const window = (admitted[j]! - from) / 1_000_000;
          expect(j - i + 1).toBeLessThanOrEqual(rate + window * rate + 1e-6);
        }
      }
    }),
    { numRuns: 200 },
  );
});

describe('rejections', () => {
  const id = (n: number) => `credential-${n}` as CredentialId;
  const rejection = (n: number, status = 400): Rejection => ({
    at: at(n),
    requestId: `request-${n}`,
    method: 'POST',
    path: '/xapi/statements',
    status,
    title: 'A statement is invalid',
    problems: [{ path: '$.actor', message: 'is missing' }],
  });

  test('the last 50 of a credential are kept, latest first', () => {
    const rejections = new Rejections();
    for (let n = 0; n < 60; n++) rejections.add(id(1), rejection(n));
    expect(rejections.of(id(1)).map(({ requestId }) => requestId)).toEqual(
      Array.from({ length: 50 }, (_, i) => `request-${59 - i}`),
    );
    expect(rejections.of(id(2))).toEqual([]);
  });

  test('strangers who try a key, and a client above its limit, do not push out what matters', () => {
    const rejections = new Rejections();
    rejections.add(id(1), rejection(0));
    for (let n = 1; n < 1000; n++) rejections.add(id(1), rejection(n, n % 2 ? 401 : 429));
    const kept = rejections.of(id(1));
    expect(kept).toHaveLength(11);
    expect(kept.at(-1)?.requestId).toBe('request-0');
  });

  test('in all no more than 5,000: the credential refused the longest ago loses its own', () => {
    const rejections = new Rejections();
    for (let credential = 0; credential < 101; credential++) {
      for (let n = 0; n < 50; n++) rejections.add(id(credential), rejection(n));
    }
    expect(rejections.of(id(0))).toEqual([]);
    expect(rejections.of(id(1))).toHaveLength(50);
    expect(rejections.of(id(100))).toHaveLength(50);
  });

  test('no query string, no endless text', () => {
    const rejections = new Rejections();
    rejections.add(undefined, {
      ...rejection(1),
      path: '/xapi/agents?agent=mailto:asha@example.gov.in',
      problems: Array.from({ length: 30 }, () => ({ path: '$.x', message: 'm'.repeat(5000) })),
    });
    const [kept] = rejections.of(undefined);
    expect(JSON.stringify(kept)).not.toContain('asha');
    expect(kept?.problems).toHaveLength(10);
    expect(kept?.problems[0]?.message.length).toBeLessThan(400);
  });
});
