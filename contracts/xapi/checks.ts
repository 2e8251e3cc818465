// The small schemas every other one is made of: strings of a format, language maps, extensions, and checks of whole objects.

import { z } from 'zod';
import type { XapiVersion } from '../words.ts';
import { isDuration } from './durations.ts';
import { inOurWords } from './explain.ts';
import { isIri, isLanguageTag, isUuid } from './formats.ts';
import { parseTimestamp } from './timestamps.ts';

/** A string of a format, with the words for one that is not. */
export function format(holds: (text: string) => boolean, error: string) {
  return z.string().refine(holds, { error });
}

export const iri = format(isIri, 'must be an IRI with a scheme, such as https://example.org/course/1');
export const uuid = format(isUuid, 'must be a UUID in its standard form of 36 characters');
export const languageTag = format(isLanguageTag, 'must be a language tag of RFC 5646, such as hi-IN');
export const duration = format(isDuration, 'must be an ISO 8601 duration, such as PT4H35M59.14S or P4W');

export const timestamps: Readonly<Record<XapiVersion, z.ZodType<string>>> = {
  '1.0.3': format(
    (text) => parseTimestamp(text, '1.0.3') !== undefined,
    'must be an ISO 8601 date and time whose offset is not minus zero, such as 2026-04-01T09:30:00.000Z',
  ),
  '2.0.0': format(
    (text) => parseTimestamp(text, '2.0.0') !== undefined,
    'must be an RFC 3339 date and time with a zone that is not minus zero, such as 2026-04-01T09:30:00.000Z',
  ),
};

/** xAPI 1.0.3 Data 4.2. */
export const languageMap = z.record(languageTag, z.string());

/** xAPI 1.0.3 Data 4.1: keys are IRIs; any value is allowed, null too. */
export const extensions = z.record(iri, z.unknown());

type Found = { readonly message: string; readonly path?: readonly PropertyKey[] };

/**
 * A check over several properties of one object. It may rely on no property's type, since it also runs when some property
 * failed on its own: see {@link compiled}.
 */
export function whole(find: (value: Readonly<Record<string, unknown>>) => Found | readonly Found[] | undefined) {
  const check = z.check<object>((payload) => {
    const found = find(payload.value as Record<string, unknown>);
    if (found === undefined) return;
    for (const { message, path } of Array.isArray(found) ? found : [found as Found]) {
      payload.issues.push({ code: 'custom', message, path: [...(path ?? [])], input: payload.value });
    }
  });
  wholes.push(check);
  return check;
}

const wholes: z.core.$ZodCheck<object>[] = [];

/**
 * A schema ready for use, in two forms: `holds` is zod's compiled yes or no, twice as fast as a parse; `explain` finds every
 * problem. zod skips an object's own checks once a property has failed, unless they say `when`; and it compiles only checks that
 * do not. So `when` is said after compiling: it changes which problems are told, never the verdict.
 */
export function compiled(schema: z.ZodType): {
  readonly holds: (value: unknown) => boolean;
  readonly explain: (value: unknown) => z.core.$ZodError | undefined;
} {
  for (const check of wholes) delete check._zod.def.when;
  const fast = z.compile(schema, { strict: true });
  for (const check of wholes) check._zod.def.when = (payload) => isObject(payload.value);
  return {
    holds: (value) => z.validate(fast, value),
    explain: (value) => schema.safeParse(value, inOurWords).error,
  };
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
