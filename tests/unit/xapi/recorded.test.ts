// From the bytes of a request to the bytes of the record: what is taken comes back as it was sent, save for what a store assigns
// (xAPI 1.0.3 Data 2.3.1), and what is recorded stays the same however often it is parsed and written again. TEST_SEED repeats a run.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { XapiVersion } from '../../../contracts/words.ts';
import { parseBody, parseTimestamp, validateStatements } from '../../../contracts/xapi/index.ts';
import { prepareStatements, stampInto } from '../../../src/recording/prepare.ts';
import { common, every } from './generated/forms.ts';
import { mutated, mutation } from './generated/mutations.ts';
import { validStatement } from './generated/statements.ts';

type Given = Readonly<Record<string, unknown>>;

const SEED = process.env.TEST_SEED ? Number(process.env.TEST_SEED) : Math.floor(Math.random() * 2 ** 31);
const STAMP = '2026-04-01T09:30:00.123456Z';
const AUTHORITY = { objectType: 'Agent', account: { homePage: 'https://lrs.example.org', name: 'key' } };
const VERSIONS = ['1.0.3', '2.0.0'] as const;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** The record's text of each statement of a body, or undefined when the body is refused. */
function recorded(body: string, version: XapiVersion): string[] | undefined {
  const parsed = parseBody(new TextEncoder().encode(body));
  if (!parsed.ok) return undefined;
  const validated = validateStatements(parsed.value, version);
  if (!validated.ok) return undefined;
  const preparation = { version, authority: AUTHORITY, keepAuthority: false };
  return prepareStatements(validated.statements, preparation).map(({ json, assigned }) => {
    const bytes = new TextEncoder().encode(json);
    stampInto(bytes, STAMP, assigned.includes('timestamp'));
    return utf8.decode(bytes);
  });
}

/** What must come back of a statement sent: assigned members filled in, and the two changes that the standard asks for. */
function expected(sent: Given, returned: Given, version: XapiVersion): unknown {
  const whole = {
    ...sent,
    id: sent.id ?? returned.id,
    version: sent.version ?? (version === '1.0.3' ? '1.0.0' : '2.0.0'),
    timestamp: sent.timestamp ?? STAMP,
    stored: STAMP,
    authority: AUTHORITY,
  };
  return withLists(version === '2.0.0' ? inUtc(whole, returned) : whole);
}

/** xAPI 1.0.3 Data 2.4.6.2: a single context Activity is returned as a list of one. */
function withLists(statement: Given): Given {
  const { context, object } = statement as { context?: Given; object: Given };
  const activities = context?.contextActivities as Given | undefined;
  return {
    ...statement,
    ...(activities && {
      context: {
        ...context,
        contextActivities: Object.fromEntries(
          Object.entries(activities).map(([type, given]) => [type, Array.isArray(given) ? given : [given]]),
        ),
      },
    }),
    ...(object.objectType === 'SubStatement' ? { object: withLists(object) } : {}),
  };
}

/** xAPI 2.0 4.2.7: a timestamp with an offset is returned in UTC: the same instant, ending in Z. */
function inUtc(statement: Given, returned: Given): Given {
  const object = statement.object as Given;
  const back = returned.timestamp as string | undefined;
  const moved = typeof statement.timestamp === 'string' && !statement.timestamp.endsWith('Z');
  if (moved && !/^-?\d{6}|^0000-01-01|^9999-12-31/.test(statement.timestamp as string)) {
    expect(back).toMatch(/Z$/);
    expect(parseTimestamp(back!, '2.0.0')).toBe(parseTimestamp(statement.timestamp as string, '2.0.0'));
  }
  return {
    ...statement,
    ...(moved ? { timestamp: back } : {}),
    ...(object.objectType === 'SubStatement' ? { object: inUtc(object, returned.object as Given) } : {}),
  };
}

/** Fails unless every statement taken came back. The number taken. */
function checked(statements: readonly Given[], body: string, version: XapiVersion): number {
  const texts = recorded(body, version);
  if (!texts) return 0;
  expect(texts).toHaveLength(statements.length);
  texts.forEach((text, place) => {
    const returned = JSON.parse(text) as Given;
    expect(JSON.stringify(returned)).toBe(text);
    // As a JSON value: -0 is 0.
    expect(returned).toEqual(JSON.parse(JSON.stringify(expected(statements[place]!, returned, version))));
    expect(returned.id).toMatch(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i);
    // What is returned would be taken again.
    expect(validateStatements(returned, version)).toMatchObject({ ok: true });
  });
  return texts.length;
}

describe.each(VERSIONS)(`under %s (seed ${SEED})`, (version) => {
  test('every statement in every form', () => {
    let taken = 0;
    fc.assert(
      fc.property(validStatement(every), (statement) => {
        taken += checked([statement], JSON.stringify(statement), version);
      }),
      { seed: SEED, numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(version === '1.0.3' ? 499 : 50);
  });

  test('batches, indented', () => {
    let taken = 0;
    fc.assert(
      fc.property(fc.array(validStatement(common), { minLength: 1, maxLength: 5 }), (statements) => {
        taken += checked(statements, JSON.stringify(statements, undefined, 2), version);
      }),
      { seed: SEED, numRuns: 200 },
    );
    expect(taken).toBeGreaterThan(199);
  });

  test('every changed statement that is taken', () => {
    let taken = 0;
    fc.assert(
      fc.property(validStatement(common), fc.array(mutation, { minLength: 4, maxLength: 4 }), (statement, changes) => {
        for (const change of changes) {
          const body = JSON.stringify(mutated(statement, change));
          taken += checked([JSON.parse(body) as Given], body, version);
        }
      }),
      { seed: SEED, numRuns: 500 },
    );
    expect(taken).toBeGreaterThan(250);
  });

  test('numbers however they are written, names that JavaScript knows, a key twice', () => {
    const number = fc.oneof(
      fc.constantFrom('-0', '0.0', '1.0', '1e2', '1E+2', '5e-324', '1e-400', '9007199254740993', '0.1e1', '1e308'),
      fc.stringMatching(/^-?(?:0|[1-9]\d{0,30})(?:\.\d{1,30})?(?:[eE][+-]?\d{1,2})?$/),
    );
    const key = fc.constantFrom(
      'constructor',
      'toString',
      'hasOwnProperty',
      '1',
      '01',
      '-1',
      '',
      'é',
      'e\u0301',
      '\u2028',
      'twice',
    );
    fc.assert(
      fc.property(validStatement(common), number, key, key, (statement, digits, one, other) => {
        const extension = `{${JSON.stringify(one)}:${digits},${JSON.stringify(other)}:[${digits},{"\\u0061":"\\ud83d\\ude42\\/"}]}`;
        const result = `{"extensions":{"https://example.org/a":${extension}}}`;
        const body = JSON.stringify({ ...statement, result: '' }).replace('"result":""', () => `"result":${result}`);
        expect(checked([JSON.parse(body) as Given], body, version)).toBe(1);
      }),
      { seed: SEED, numRuns: 500 },
    );
  });
});
