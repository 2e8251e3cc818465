// Every form in which the standard lets a value be written, as fast-check draws them; `common` are those that nobody doubts.

import fc from 'fast-check';

/** One arbitrary for each format of xAPI 1.0.3 (Data 2.2, 4). */
export interface Forms {
  readonly iri: fc.Arbitrary<string>;
  readonly uuid: fc.Arbitrary<string>;
  readonly timestamp: fc.Arbitrary<string>;
  readonly duration: fc.Arbitrary<string>;
  readonly languageTag: fc.Arbitrary<string>;
  readonly mailto: fc.Arbitrary<string>;
  readonly mediaType: fc.Arbitrary<string>;
  readonly octetStream: fc.Arbitrary<string>;
  readonly sha1: fc.Arbitrary<string>;
  readonly sha2: fc.Arbitrary<string>;
  readonly version: fc.Arbitrary<string>;
  /** A single Activity where a list of them may stand (Data 2.4.6.2). */
  readonly singleActivities: boolean;
  /** An anonymous Group's name as authority (Data 2.4.2.2). */
  readonly namedAuthorities: boolean;
}

const HEX = '0123456789abcdef';
const word = fc.string({
  unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'),
  minLength: 1,
  maxLength: 8,
});
const hex = (length: number) => fc.string({ unit: fc.constantFrom(...HEX), minLength: length, maxLength: length });
const eitherCase = (text: fc.Arbitrary<string>) =>
  fc.tuple(text, fc.boolean()).map(([given, upper]) => (upper ? given.toUpperCase() : given));
const digits = (value: number, length = 2) => String(value).padStart(length, '0');

const commonIri = fc
  .tuple(fc.constantFrom('courses', 'verbs', 'a/b'), word)
  .map(([a, b]) => `https://example.org/${a}/${b}`);
const commonUuid = fc
  .tuple(hex(8), hex(4), hex(3), fc.constantFrom('8', '9', 'a', 'b'), hex(3), hex(12))
  .map(([a, b, c, variant, d, e]) => `${a}-${b}-4${c}-${variant}${d}-${e}`);

const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const day = fc
  .tuple(fc.nat(9999), fc.integer({ min: 1, max: 12 }), fc.nat(30))
  .map(([year, month, nth]) => [digits(year, 4), digits(month), digits((nth % DAYS[month - 1]!) + 1)] as const);
const fraction = fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: 1, maxLength: 9 });
const clock = fc.tuple(fc.nat(23), fc.nat(59), fc.nat(59));
const offset = fc
  .tuple(fc.constantFrom('+', '-'), fc.nat(14), fc.nat(59))
  .filter(([s, h, m]) => s === '+' || h + m > 0);

const commonTimestamp = fc
  .tuple(day, clock, fc.option(fraction), fc.option(offset.filter(([sign, hours]) => sign === '+' || hours > 0)))
  .map(([date, time, decimals, zone]) => {
    const at = `${date.join('-')}T${time.map((part) => digits(part)).join(':')}${decimals === null ? '' : `.${decimals}`}`;
    return `${at}${zone === null ? 'Z' : `${zone[0]}${digits(zone[1])}:${digits(zone[2])}`}`;
  });

/** ISO 8601 calendar date and time, extended or basic, complete or cut short, with a zone or without (Data 4.5). */
const anyTimestamp = fc
  .record({
    date: fc.oneof(day, fc.constantFrom(['2024', '02', '29'], ['2000', '02', '29'])),
    time: fc.oneof(
      clock.map((parts) => parts.map((part) => digits(part))),
      fc.constantFrom(['24', '00', '00'], ['23', '59', '60']),
    ),
    length: fc.constantFrom(1, 2, 3, 3, 3),
    decimals: fc.option(fc.tuple(fc.constantFrom('.', ','), fraction)),
    zone: fc.oneof(fc.constantFrom('', 'Z'), offset),
    zoneLength: fc.constantFrom(1, 2),
    extended: fc.boolean(),
    zoneExtended: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    lower: fc.oneof({ weight: 4, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  })
  .map(({ date, time, length, decimals, zone, zoneLength, extended, zoneExtended, lower }) => {
    const kept = time[0] === '24' || time[2] === '60' ? 3 : length;
    let text = date.join(extended ? '-' : '') + 'T' + time.slice(0, kept).join(extended ? ':' : '');
    if (kept === 3 && time[0] !== '24' && decimals) text += decimals.join('');
    if (typeof zone === 'string') text += zone;
    else {
      const [sign, hours, minutes] = zone;
      // An hour alone, unless that would be minus zero. Offsets of the other format are allowed on purpose.
      const alone = zoneLength === 1 && (sign === '+' || hours > 0);
      const colon = extended === zoneExtended ? ':' : '';
      text += `${sign}${digits(hours)}${alone ? '' : `${colon}${digits(minutes)}`}`;
    }
    return lower ? text.toLowerCase() : text;
  });

const part = (letter: string) => fc.option(fc.nat(9999)).map((count) => (count === null ? '' : `${count}${letter}`));
const commonDuration = fc.oneof(
  fc
    .tuple(part('Y'), part('M'), part('D'), part('H'), part('M'), part('S'))
    .filter((parts) => parts.some((text) => text !== ''))
    .map(([y, mo, d, h, mi, s]) => `P${y}${mo}${d}${h || mi || s ? 'T' : ''}${h}${mi}${s}`),
  fc.nat(99).map((weeks) => `P${weeks}W`),
  fc.tuple(fc.nat(9999), fraction).map(([seconds, decimals]) => `PT${seconds}.${decimals}S`),
);
const anyDuration = fc.oneof(
  commonDuration,
  // ISO 8601 4.4.3.2: the smallest component may have a fraction, behind a comma or a full stop.
  fc
    .tuple(commonDuration, fc.constantFrom('.', ','), fraction)
    .map(([text, sign, decimals]) => text.replace(/(?:[.,]\d+)?([A-Z])$/, `${sign}${decimals}$1`)),
);

const commonTag = fc.constantFrom(
  'en',
  'hi',
  'en-IN',
  'hi-IN',
  'mr',
  'ta-IN',
  'en-US',
  'zh-Hans',
  'sr-Latn-RS',
  'es-419',
);
const lettersOf = (min: number, max: number) =>
  fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwz'), minLength: min, maxLength: max });
/** RFC 5646 section 2.1. */
const anyTag = fc.oneof(
  commonTag,
  fc.constantFrom(
    'i-klingon',
    'en-GB-oed',
    'zh-min-nan',
    'x-a',
    'de-CH-1901',
    'sl-rozaj-biske',
    'de-1996-x-a-b',
    'sgn-BE-FR',
  ),
  eitherCase(
    fc
      .record({
        language: lettersOf(2, 3),
        extlang: fc.array(lettersOf(3, 3), { maxLength: 3 }),
        script: fc.array(lettersOf(4, 4), { maxLength: 1 }),
        region: fc.array(fc.oneof(lettersOf(2, 2), fc.constantFrom('419', '001')), { maxLength: 1 }),
        variant: fc.array(fc.oneof(lettersOf(5, 8), fc.constantFrom('1996', '2abc')), { maxLength: 2 }),
        extension: fc.array(
          fc.tuple(lettersOf(1, 1), lettersOf(2, 8)).map((parts) => parts.join('-')),
          { maxLength: 1 },
        ),
        privateUse: fc.array(
          word.map((text) => `x-${text}`),
          { maxLength: 1 },
        ),
      })
      .map((parts) => Object.values(parts).flat().join('-')),
  ),
);

const commonMailto = word.map((name) => `mailto:${name}@example.org`);

export const common: Forms = {
  iri: commonIri,
  uuid: commonUuid,
  timestamp: commonTimestamp,
  duration: commonDuration,
  languageTag: commonTag,
  mailto: commonMailto,
  mediaType: fc.constantFrom('text/plain', 'application/pdf', 'image/png', 'text/plain; charset=utf-8'),
  octetStream: fc.constant('application/octet-stream'),
  sha1: hex(40),
  sha2: hex(64),
  version: fc.constantFrom('1.0', '1.0.0', '1.0.3', '1.0.17'),
  singleActivities: false,
  namedAuthorities: false,
};

export const every: Forms = {
  iri: fc.oneof(
    commonIri,
    // Few escapes: xapi-validation takes twice as long for each.
    fc
      .webUrl({ withQueryParameters: true, withFragments: true })
      .map((url) => new URL(url).href)
      .filter((url) => url.split('%').length < 5),
    fc.constantFrom(
      'urn:uuid:b8e2b7a1-6f1a-4d0b-9a5e-1f0b8f0e0001',
      'tag:example.org,2026:course',
      'https://उदाहरण.भारत/पाठ्यक्रम/१?क=ख#ग',
      'http://[2001:db8::1]:8080/a',
      'HTTPS://EXAMPLE.ORG/%E0%A4%85',
      'a:b',
      'x-y+z.1:?q#f',
      'https://example.org/a\u00a0b',
      'https://example.org/🙂',
    ),
  ),
  // The variant of RFC 4122 is recommended, not required (Data 4.4).
  uuid: eitherCase(fc.tuple(hex(8), hex(4), hex(4), hex(4), hex(12)).map((parts) => parts.join('-'))),
  timestamp: fc.oneof(commonTimestamp, anyTimestamp),
  duration: anyDuration,
  languageTag: anyTag,
  mailto: fc.oneof(
    commonMailto,
    fc.emailAddress().map((address) => `mailto:${address.replaceAll('?', '%3F')}`),
    fc.constantFrom(
      'mailto:राम@उदाहरण.भारत',
      'mailto:a@localhost',
      'mailto:a@[192.0.2.1]',
      'mailto:a@[IPv6:2001:db8::1]',
      'MAILTO:A@EXAMPLE.ORG',
      'mailto:a@xn--p1b6ci4b4b3a.xn--h2brj9c',
      "mailto:o'neil+tag/x=y@example.org",
    ),
  ),
  mediaType: fc.constantFrom(
    'text/plain',
    'TEXT/Plain',
    'font/woff2',
    'chemical/x-pdb',
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/ld+json; profile="http://www.w3.org/ns/json-ld#compacted"',
    'text/plain ; charset="utf-8"',
    'text/plain;charset=utf-8;format=flowed',
    'video/mp4; codecs="avc1.42E01E, mp4a.40.2"',
    'application/x.a_b!c#d$e&f^g',
    'application/json; version=1.0',
    'multipart/mixed; boundary="a\\"b"',
  ),
  octetStream: fc.constantFrom('application/octet-stream', 'Application/Octet-Stream', 'application/octet-stream; a=b'),
  sha1: eitherCase(hex(40)),
  sha2: eitherCase(fc.oneof(hex(56), hex(64), hex(96), hex(128))),
  version: fc.constantFrom('1.0', '1.0.0', '1.0.3', '1.0.3-rc.1', '1.0.10'),
  singleActivities: true,
  namedAuthorities: true,
};
