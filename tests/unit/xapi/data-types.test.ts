// Timestamps, durations, IRIs, UUIDs and language tags on their own: Data 4; xAPI 2.0 4.2.7.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromInstant, toInstant } from '../../../contracts/time.ts';
import type { Microseconds } from '../../../contracts/words.ts';
import {
  durationSeconds,
  isDuration,
  isIri,
  isLanguageTag,
  isMailto,
  isMediaType,
  isUuid,
  parseTimestamp,
  toUtc,
  truncateDuration,
} from '../../../contracts/xapi/index.ts';

const instants = fc.integer({
  min: Date.UTC(1, 0, 1) * 1000,
  max: Date.UTC(2199, 0, 1) * 1000,
}) as fc.Arbitrary<Microseconds>;
const offsets = fc.integer({ min: -14 * 60, max: 14 * 60 }).filter((minutes) => minutes !== 0);

/** The same instant as somebody at that offset writes it. */
function writtenAt(at: Microseconds, offset: number): string {
  const local = toInstant((at + offset * 60_000_000) as Microseconds).slice(0, -1);
  const minutes = Math.abs(offset);
  const digits = (value: number) => String(value).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}

describe('timestamps', () => {
  test('what toInstant writes is read back, in both versions', () => {
    fc.assert(
      fc.property(instants, (at) => {
        expect(parseTimestamp(toInstant(at), '1.0.3')).toBe(at);
        expect(parseTimestamp(toInstant(at), '2.0.0')).toBe(at);
      }),
    );
  });

  test('an offset changes the text, not the instant', () => {
    fc.assert(
      fc.property(instants, offsets, (at, offset) => {
        const text = writtenAt(at, offset);
        expect(parseTimestamp(text, '2.0.0')).toBe(at);
        expect(toUtc(text)).toBe(toInstant(at));
      }),
    );
  });

  test('what 2.0 takes, 1.0.3 takes for the same instant, and Date agrees', () => {
    const text = fc.stringMatching(
      /^[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-][0-2][0-9]:[0-5][0-9])$/,
    );
    fc.assert(
      fc.property(text, (given) => {
        const at = parseTimestamp(given, '2.0.0');
        if (at === undefined) return;
        expect(parseTimestamp(given, '1.0.3')).toBe(at);
        expect(fromInstant(given)).toBe(at);
      }),
      { numRuns: 1000 },
    );
  });

  test('any text is answered', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect([undefined, 'number']).toContain(parseTimestamp(text, '1.0.3') === undefined ? undefined : 'number');
      }),
    );
  });

  test.each([
    ['2026-04-01T15:00:00.100+05:30', '2026-04-01T09:30:00.100Z'],
    ['2026-12-31T23:30:00-01:00', '2027-01-01T00:30:00Z'],
    ['2026-04-01T09:30:00.123456789+00:00', '2026-04-01T09:30:00.123456789Z'],
    ['2026-04-01T09:30:00Z', '2026-04-01T09:30:00Z'],
    ['2026-04-01t09:30:00z', '2026-04-01T09:30:00Z'],
    ['1969-12-31T23:59:59.5-01:00', '1970-01-01T00:59:59.5Z'],
  ])('%s in UTC is %s', (text, utc) => {
    expect(toUtc(text)).toBe(utc);
  });

  test('digits beyond microseconds are cut, never rounded', () => {
    expect(parseTimestamp('1970-01-01T00:00:00.0000019Z', '1.0.3')).toBe(1);
    expect(parseTimestamp('1969-12-31T23:59:59.9999999Z', '1.0.3')).toBe(-1);
  });
});

describe('durations', () => {
  const part = (letter: string) =>
    fc.option(fc.nat(9999), { nil: undefined }).map((n) => (n === undefined ? '' : `${n}${letter}`));
  const composed = fc
    .tuple(part('Y'), part('M'), part('D'), part('H'), part('M'), part('S'))
    .filter((parts) => parts.some((text) => text !== ''))
    .map(([y, mo, d, h, mi, s]) => `P${y}${mo}${d}${h || mi || s ? 'T' : ''}${h}${mi}${s}`);

  test('any components in order', () => {
    fc.assert(
      fc.property(composed, (text) => {
        expect(isDuration(text)).toBe(true);
        expect(truncateDuration(text)).toBe(text);
      }),
    );
  });

  test('seconds are cut to hundredths', () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.stringMatching(/^\d{1,12}$/), (seconds, decimals) => {
        const text = `PT${seconds}.${decimals}S`;
        expect(isDuration(text)).toBe(true);
        expect(truncateDuration(text)).toBe(`PT${seconds}.${decimals.slice(0, 2)}S`);
      }),
    );
  });

  test('in seconds: a year has 365 days, a month 30', () => {
    expect(durationSeconds('P1Y2M3DT4H5M6.5S')).toBe(((365 + 60 + 3) * 24 + 4) * 3600 + 5 * 60 + 6.5);
    expect(durationSeconds('P4W')).toBe(28 * 86_400);
    expect(durationSeconds('PT1,5H')).toBe(5_400);
    expect(durationSeconds('one hour')).toBeUndefined();
    fc.assert(fc.property(composed, (text) => Number.isFinite(durationSeconds(text)!)));
  });

  test('nothing but seconds is cut', () => {
    expect(truncateDuration('PT1.2345H')).toBe('PT1.2345H');
    expect(truncateDuration('P1DT12H36M0.1299S')).toBe('P1DT12H36M0.12S');
  });
});

describe('formats', () => {
  test('every web URL that the platform writes is an IRI', () => {
    fc.assert(
      fc.property(fc.webUrl({ withQueryParameters: true, withFragments: true }), (url) => {
        expect(isIri(new URL(url).href)).toBe(true);
      }),
    );
  });

  test('every UUID is one, in either case', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(isUuid(uuid) && isUuid(uuid.toUpperCase())).toBe(true);
        expect(isUuid(uuid.slice(1))).toBe(false);
      }),
    );
  });

  test('every language tag that the platform knows is one', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('hi', 'en', 'mr', 'ta', 'ur', 'sa', 'zh'),
        fc.constantFrom('', '-Latn', '-Deva', '-Hans'),
        fc.constantFrom('', '-IN', '-US', '-419'),
        (language, script, region) => {
          const tag = `${language}${script}${region}`;
          expect(isLanguageTag(tag)).toBe(true);
          expect(new Intl.Locale(tag).toString()).toBe(tag);
        },
      ),
    );
  });

  test('every address of RFC 5322’s common form is an mbox; a question mark needs its escape (RFC 6068)', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (address) => {
        expect(isMailto(`mailto:${address.replaceAll('?', '%3F')}`)).toBe(true);
      }),
    );
  });

  test('no text makes a format slow', () => {
    const long = 200_000;
    const started = performance.now();
    for (const unit of ['a', '%20', '-a', '%', 'a-', '1', 'a@', 'P1D', '0-', '.a', '; ', ' ', ';a=', '"']) {
      const text = unit.repeat(long);
      for (const holds of [isIri, isUuid, isLanguageTag, isMailto, isMediaType, isDuration]) {
        holds(text);
        holds(`https:${text} `);
        holds(`mailto:${text}`);
        holds(`mailto:a@${text}>`);
        holds(`text/plain;${text}\n`);
        holds(`text/plain;a="${text}`);
        holds(`en-${text}!`);
        holds(`P${text}`);
      }
      parseTimestamp(text, '1.0.3');
    }
    // Linear: some 100 MB are looked at. Quadratic behaviour would take hours.
    expect(performance.now() - started).toBeLessThan(15_000);
  });
});
