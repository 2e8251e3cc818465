// Where we and xapi-validation (Learning Locker's validator for 1.0.x) differ, by reason: what each reason covers, with one example.
// docs/validation.md says for each what the standard says and who is right.

import { createRequire } from 'node:module';
import { jsonPath, validateStatements } from '../../../../contracts/xapi/index.ts';
import { ATTACHMENT, type Change, REFERENCE } from '../requirement.ts';
import { type Path, placesOf } from './mutations.ts';

interface Warning {
  readonly path: Path;
}

const validation = createRequire(import.meta.url)('xapi-validation') as {
  default: (statement: unknown) => readonly Warning[];
};

/** Their warnings. It breaks on a null in a list of members, and on names that every object has: a refusal too. */
export function theirs(statement: unknown): readonly Warning[] {
  try {
    return validation.default(statement);
  } catch (error) {
    if (error instanceof TypeError) return [{ path: ['statement'] }];
    throw error;
  }
}

/** A problem of ours with the value it is about; of a key, the key. */
interface Refused {
  readonly path: string;
  readonly message: string;
  readonly value: unknown;
  readonly valueAt: (path: string) => unknown;
}

interface WeRefuse {
  /** Says, by the value and not by our own check, that it is one of these. */
  readonly holds: (refused: Refused) => boolean;
  readonly example: Change;
}

interface WeTake {
  /** What they complain about, written in the way that they know; undefined when this reason does not apply. */
  readonly plainly: (given: unknown, path: Path) => unknown;
  readonly example: Change;
}

const text = (holds: (text: string, refused: Refused) => boolean) => (refused: Refused) =>
  typeof refused.value === 'string' && holds(refused.value, refused);
const matching = (message: RegExp, pattern: RegExp) =>
  text((value, refused) => message.test(refused.message) && pattern.test(value));
const context = (change: Change): Change => ({ context: change });
const attachment = (change: Change): Change => ({ attachments: [{ ...ATTACHMENT, ...change }] });
const interaction = (change: Change): Change => ({ object: { id: 'https://example.org/a', definition: change } });

const AGENT = { mbox: 'mailto:a@example.org' };

export const WE_REFUSE: Readonly<Record<string, WeRefuse>> = {
  'characters that an IRI cannot hold': {
    holds: matching(
      /must be an IRI/,
      // biome-ignore lint/suspicious/noControlCharactersInRegex: RFC 3987 forbids them
      /^[a-z][a-z0-9+.-]*:.*(?:[\u0000-\u0020\u007f-\u009f"<>\\^`{|}\ufdd0-\ufdef\ufff0-\uffff]|%(?![0-9a-f]{2}))/is,
    ),
    example: { verb: { id: 'https://example.org/a b' } },
  },
  'a scheme alone': {
    holds: matching(/must be an IRI/, /^[a-z][a-z0-9+.-]*:$/i),
    example: { verb: { id: 'https:' } },
  },
  'a date without a time of day': {
    holds: matching(/ISO 8601 date and time/, /^\d{4}(-?)\d\d\1\d\d$/),
    example: { timestamp: '2026-04-01' },
  },
  'a day that its month does not have': {
    holds: matching(/ISO 8601 date and time/, /^\d{4}(-?)(?:02\1(?:29|30)|(?:0[2469]|11)\1(?:30|31))T/),
    example: { timestamp: '2026-02-30T09:30:00Z' },
  },
  'a fraction without its sign': {
    holds: matching(/ISO 8601 date and time/, /^\d{8}T\d{7,}(?:Z|[+-])/),
    example: { timestamp: '20260401T0930005Z' },
  },
  'a duration with a sign': {
    holds: matching(/ISO 8601 duration/, /^-P/),
    example: { result: { duration: '-PT1H' } },
  },
  'weeks beside other components': {
    holds: matching(/ISO 8601 duration/, /^-?P.*(?:\dW.|[YM]\d+W)/),
    example: { result: { duration: 'P1Y4W' } },
  },
  'a duration that ends with T': {
    holds: matching(/ISO 8601 duration/, /T$/),
    example: { result: { duration: 'P1DT' } },
  },
  'a UUID in braces or with a comma': {
    holds: matching(/must be a UUID/, /[{},]/),
    example: context({ registration: '{b8e2b7a1-6f1a-4d0b-9a5e-1f0b8f0e0001}' }),
  },
  'subtags of lengths that a language tag does not have': {
    holds: text(
      (tag, { message }) =>
        /must be a language tag/.test(message) &&
        // A long language with an extension of it; a variant of four letters; a singleton with less than two characters behind.
        (/^[a-z]{4,8}-[a-z]{3}(?:-|$)/i.test(tag) ||
          /^[a-z]{2,8}(?:-[a-z]{3})*(?:-[a-z]{4})?(?:-[a-z]{2}|-\d{3}|-[a-z\d]{4,8})+?(?<=-[a-z][a-z\d]{3})(?:-|$)/i.test(
            tag,
          ) ||
          /-[a-z\d]-[a-z\d](?:-|$)/i.test(tag) ||
          /-[a-z\d](?:-[a-z\d]{2,8})+-[a-z\d](?:-[a-z\d]|$)/i.test(tag)),
    ),
    example: context({ language: 'en-a-b' }),
  },
  'a domain with nothing between its full stops': {
    holds: matching(/one e-mail address/, /^mailto:[^@]+@(?:\.|[a-z0-9.-]*\.\.)/i),
    example: { actor: { mbox: 'mailto:a@b..org' } },
  },
  'a line break in a media type': {
    holds: matching(/must be a media type/, /;[^"]*[^\S \t]/),
    example: attachment({ contentType: 'text/plain;\na=b' }),
  },
  'a shorter SHA-1': {
    holds: matching(/must be a SHA-1/, /^[0-9a-f]{5,39}$/i),
    example: { actor: { mbox_sha1sum: 'abcde' } },
  },
  'any text as SHA-2': {
    holds: text(
      (value, { message }) =>
        /must be a SHA-2/.test(message) && !(/^[0-9a-f]*$/i.test(value) && [56, 64, 96, 128].includes(value.length)),
    ),
    example: attachment({ sha2: 'abc' }),
  },
  'a negative length': {
    holds: ({ value, path }) => path.endsWith('.length') && typeof value === 'number' && value < 0,
    example: attachment({ length: -1 }),
  },
  'a team that does not say that it is a Group': {
    holds: ({ path, value }) => /context\.team\.objectType$/.test(path) && value === undefined,
    example: context({ team: AGENT }),
  },
  'a reference that does not say that it is a StatementRef': {
    holds: ({ path, value }) => /context\.statement\.objectType$/.test(path) && value === undefined,
    example: context({ statement: { id: REFERENCE.id } }),
  },
  'a Group as member of a Group': {
    holds: ({ path, valueAt }) => {
      const member = /^(.*\.member\[\d+\])(?:\.|$)/.exec(path)?.[1];
      return member !== undefined && (valueAt(member) as { objectType?: unknown }).objectType === 'Group';
    },
    example: { actor: { objectType: 'Group', member: [{ objectType: 'Group', ...AGENT }] } },
  },
  'two components with one id': {
    holds: ({ path, value, valueAt }) => {
      const list = /^(.*\.(?:choices|scale|source|target|steps))\[\d+\]\.id$/.exec(path)?.[1];
      const ids = list === undefined ? [] : (valueAt(list) as { id: unknown }[]).map(({ id }) => id);
      return ids.filter((id) => id === value).length > 1;
    },
    example: interaction({ interactionType: 'choice', choices: [{ id: 'a' }, { id: 'a' }] }),
  },
};

/** In a text at these properties, the pattern replaced. */
const rewritten =
  (properties: readonly string[], pattern: RegExp, by: string | ((...found: string[]) => string)) =>
  (given: unknown, path: Path) => {
    if (typeof given !== 'string' || !properties.includes(String(path.at(-1)))) return undefined;
    const plain = given.replace(pattern, by as string);
    return plain === given ? undefined : plain;
  };
const INSTANTS = ['timestamp', 'stored'];
const UUIDS = ['id', 'registration'];
const OCTET_STREAM = 'application/octet-stream';
const KNOWN_MEDIA_TYPE = /^(?:application|audio|example|image|message|model|multipart|text|video)\/[\w+.-]+$/;

// In this order: a reason may rely on what those before it have made plain.
export const WE_TAKE: Readonly<Record<string, WeTake>> = {
  'a single context activity': {
    plainly: (given, path) =>
      path.at(-2) === 'contextActivities' && typeof given === 'object' && given !== null && 'id' in given
        ? [given]
        : undefined,
    example: context({ contextActivities: { parent: { id: 'https://example.org/a' } } }),
  },
  't and z in lower case': {
    plainly: rewritten(INSTANTS, /[tz]/g, (found) => found.toUpperCase()),
    example: { timestamp: '2026-04-01t09:30:00z' },
  },
  'a time without zone': {
    plainly: rewritten(INSTANTS, /(?<=T[\d:.,]+)$/, 'Z'),
    example: { timestamp: '2026-04-01T09:30:00' },
  },
  'a comma as decimal sign of a time': {
    plainly: rewritten(INSTANTS, /(?<=:\d\d:\d\d),(?=\d)/, '.'),
    example: { timestamp: '2026-04-01T09:30:00,5Z' },
  },
  'a fraction in the basic format': {
    plainly: rewritten(INSTANTS, /(?<=^\d{8}T\d{6})[.,](?=\d)/, ''),
    example: { timestamp: '20260401T093000.5Z' },
  },
  'an offset of the other format': {
    plainly: (given, path) =>
      rewritten(INSTANTS, /(?<=^[^-]*[+-]\d\d):(?=\d\d$)/, '')(given, path) ??
      rewritten(INSTANTS, /(?<=^\d{4}-.*T.*[+-]\d\d)(?=\d\d$)/, ':')(given, path),
    example: { timestamp: '2026-04-01T09:30:00+0530' },
  },
  'the end of a day as 24:00:00': {
    plainly: rewritten(INSTANTS, /(?<=T)24(?=(?::?00)*(?:[.,]0+)?(?:Z|[+-]|$))/, '23'),
    example: { timestamp: '2026-04-01T24:00:00Z' },
  },
  'a leap second': {
    plainly: rewritten(INSTANTS, /(?<=T\d\d(?::?)[0-5]\d(?::?))60/, '59'),
    example: { timestamp: '2016-12-31T23:59:60Z' },
  },
  'less than an hour west of Greenwich': {
    plainly: rewritten(INSTANTS, /-00(?=:?(?:0[1-9]|[1-5]\d)$)/, '-01'),
    example: { timestamp: '1960-01-01T09:30:00-00:44' },
  },
  'a comma as decimal sign of a duration': {
    plainly: rewritten(['duration'], /(?<=\d),(?=\d+[A-Z]$)/, '.'),
    example: { result: { duration: 'PT1,5S' } },
  },
  'a fraction of the smallest component': {
    plainly: rewritten(['duration'], /(?<=\d)\.\d+(?=[YMWDH]$)/, ''),
    example: { result: { duration: 'PT1.5H' } },
  },
  'a UUID of another variant': {
    plainly: rewritten(UUIDS, /(?<=^[^-]{8}-[^-]{4}-[^-]{4}-)[^89ab](?=[^-]{3}-[^-]{12}$)/i, '8'),
    example: context({ registration: 'b8e2b7a1-6f1a-4d0b-1a5e-1f0b8f0e0001' }),
  },
  'characters of an address': {
    // RFC 5322 atext, RFC 6531; what a URI would have escaped, taken as it is.
    plainly: rewritten(['mbox'], /(?<=^mailto:[^@]*)[!#$&*/=?^{|}~\u00a0-\uffff](?=[^@]*@)/gi, 'a'),
    example: { actor: { mbox: 'mailto:a/b@example.org' } },
  },
  'a domain that is not of letters with a full stop': {
    plainly: (given, path) => {
      const domain =
        typeof given === 'string' && path.at(-1) === 'mbox' ? /^[^@]*@([^@]*)$/.exec(given)?.[1] : undefined;
      if (domain === undefined || /^[a-z0-9.-]+\.[a-z]+$/i.test(domain)) return undefined;
      const isLiteral = /^\[(?:[0-9.]+|[a-z0-9-]+:[0-9a-f:.]+|[0-9a-f:.]+)\]$/i.test(domain);
      // Labels between full stops, of letters, digits, hyphens, characters beyond ASCII, and RFC 5322's others.
      const isLabels = domain.split('.').every((label) => /^(?:[!#$%&'*+/=?^_`{|}~\w-]|[\u00a0-\uffff])+$/.test(label));
      return isLiteral || isLabels ? (given as string).replace(/@.*$/s, '@example.org') : undefined;
    },
    example: { actor: { mbox: 'mailto:a@localhost' } },
  },
  'parameters of a media type': {
    plainly: rewritten(
      ['contentType'],
      /(?:[ \t]*;(?:[ \t]*[^\s"(),/:;<=>?@[\\\]{}]+=(?:[^\s"(),/:;<=>?@[\\\]{}]+|"(?:[^"\\]|\\.)*"))?)+[ \t]*$/,
      '',
    ),
    example: attachment({ contentType: 'text/plain; charset="utf-8"' }),
  },
  'a media type of another name': {
    plainly: (given, path) => {
      if (typeof given !== 'string' || path.at(-1) !== 'contentType') return undefined;
      const token = "[!#$%&'*+.^`|~\\w-]+";
      if (!new RegExp(`^${token}/${token}$`).test(given) || KNOWN_MEDIA_TYPE.test(given)) return undefined;
      return given.toLowerCase() === OCTET_STREAM ? OCTET_STREAM : 'text/plain';
    },
    example: attachment({ contentType: 'font/woff2' }),
  },
  'the media type of a signature': {
    plainly: (given) => {
      const { contentType } = Object(given) as { contentType?: unknown };
      if (typeof contentType !== 'string' || contentType === OCTET_STREAM) return undefined;
      return contentType.split(';')[0]!.trim().toLowerCase() === OCTET_STREAM
        ? { ...(given as object), contentType: OCTET_STREAM }
        : undefined;
    },
    example: attachment({
      usageType: 'http://adlnet.gov/expapi/attachments/signature',
      contentType: 'application/octet-stream; a=b',
    }),
  },
  'a version with more behind its patch number': {
    plainly: rewritten(['version'], /(?<=^1\.0\.\d+)[-+].+$/, ''),
    example: { version: '1.0.3-rc.1' },
  },
  'the name of an anonymous Group as authority': {
    plainly: (given, path) => {
      if (path.at(-1) !== 'authority' || typeof given !== 'object' || given === null || !('name' in given))
        return undefined;
      const { name: _name, ...rest } = given;
      return rest;
    },
    example: { authority: { objectType: 'Group', name: 'both', member: [AGENT, { openid: 'https://a.b' }] } },
  },
};

export type Compared =
  | { readonly agreed: 'taken' | 'refused' }
  /** Every reason, or undefined when the difference is not fully explained. */
  | { readonly agreed: undefined; readonly reasons: readonly string[] | undefined; readonly details: unknown };

/** Their verdict beside ours, and the reasons for the difference. */
export function compared(statement: unknown): Compared {
  const ours = validateStatements(statement, '1.0.3');
  const warnings = theirs(statement);
  if (ours.ok === (warnings.length === 0)) return { agreed: ours.ok ? 'taken' : 'refused' };
  return ours.ok
    ? { agreed: undefined, reasons: whyTaken(statement, warnings), details: warnings }
    : { agreed: undefined, reasons: whyRefused(statement, ours.problems), details: ours.problems };
}

/** Every problem of ours must have one of the reasons. */
function whyRefused(statement: unknown, problems: readonly { path: string; message: string }[]): string[] | undefined {
  const values = new Map<string, unknown>(placesOf(statement).map(({ path, value }) => [jsonPath(path), value]));
  const keys = new Map<string, unknown>(placesOf(statement).map(({ path, key }) => [jsonPath(path), key]));
  const reasons: string[] = [];
  for (const { path, message } of problems) {
    const value = (message.startsWith('as a key:') ? keys : values).get(path);
    const refused = { path, message, value, valueAt: (at: string) => values.get(at) };
    const reason = Object.entries(WE_REFUSE).find(([, { holds }]) => holds(refused));
    if (!reason) return undefined;
    reasons.push(reason[0]);
  }
  return reasons;
}

/** With everything that they complain about written in the way they know, they must take the statement. */
function whyTaken(statement: unknown, warnings: readonly Warning[]): string[] | undefined {
  const plain = structuredClone({ statement }) as Record<string, unknown>;
  const reasons: string[] = [];
  for (const { path } of warnings) {
    let holder = plain;
    for (const step of path.slice(0, -1)) holder = holder[step] as Record<string, unknown>;
    let value = holder[path.at(-1)!];
    for (const [reason, { plainly }] of Object.entries(WE_TAKE)) {
      const plainer = plainly(value, path);
      if (plainer === undefined) continue;
      value = plainer;
      reasons.push(reason);
    }
    holder[path.at(-1)!] = value;
  }
  return theirs(plain.statement).length === 0 ? reasons : undefined;
}
