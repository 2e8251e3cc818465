// What a request to a report asks for: its parameters, checked by the contract of the report, or those of the first page when a
// `more` link is followed.

import { z } from 'zod';
import { dayOfDate } from '../../../contracts/days.ts';
import { REPORTS, type ReportName } from '../../../contracts/http/reports.ts';
import type { Sequence } from '../../../contracts/words.ts';
import { inOurWords } from '../../../contracts/xapi/index.ts';
import { problemsOf } from '../../access/index.ts';
import { KnownAtRefused, parseKnownAt } from '../../audit/index.ts';
import type { Asked, ReportCursor } from '../../read-models/people/queries/port.ts';
import { HttpProblem, parameterProblem } from '../problem.ts';
import { onlyParameters, type Parameters } from '../xapi/parameters.ts';
import { readMoreToken } from './more.ts';

export interface Wanted {
  readonly asked: Asked;
  /** What is the report's own: `q`, `id`, `depth`, `by`, `department`, `language`. */
  readonly own: Readonly<Record<string, unknown>>;
  readonly format: string | undefined;
  readonly limit: number | undefined;
  readonly cursor: ReportCursor | undefined;
  readonly atLeast: Sequence | undefined;
  /** As they were given, for the links to further pages. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** The parameters of the request, or those inside its `more` link. `path` is where the report was asked for. */
export function whatIsGiven(
  given: Parameters,
  path: string,
): { readonly parameters: Parameters; readonly cursor: ReportCursor | undefined } {
  const { cursor, atLeast, ...others } = given;
  if (cursor === undefined) return { parameters: given, cursor: undefined };
  if (typeof cursor !== 'string' || Object.keys(others).length > 0) {
    throw new HttpProblem('invalid-cursor', 'Follow `more` links as they are: nothing is added to them.');
  }
  const more = readMoreToken(cursor, path);
  return { parameters: { ...more.parameters, ...(atLeast === undefined ? {} : { atLeast }) }, cursor: more.cursor };
}

interface Given {
  readonly report: ReportName;
  readonly parameters: Parameters;
  readonly inPath: object;
  /** What the contract has in the path came as a parameter. */
  readonly idInQuery: boolean;
  /** The department to which the credential is limited. */
  readonly within: string | undefined;
  readonly cursor: ReportCursor | undefined;
}

/** @throws HttpProblem 400 naming every parameter that is unknown, repeated, missing or wrong */
export function wantedOf({ report, parameters, inPath, idInQuery, within, cursor }: Given): Wanted {
  const contract: { readonly query: z.ZodObject; readonly inPath?: z.core.$ZodLooseShape } = REPORTS[report];
  const path = z.strictObject({ ...contract.inPath });
  const query = idInQuery ? contract.query.extend(path.shape) : contract.query;
  const { shape } = query;
  const required = Object.keys(shape).filter((name) => !shape[name]!.safeParse(undefined).success);
  const once = onlyParameters(parameters, Object.keys(shape), required);
  const asked = checked(query, once);
  const named = idInQuery ? {} : checked(path, inPath);

  const {
    on,
    knownAt,
    atLeast,
    format,
    limit,
    cursor: _,
    ...own
  } = asked as {
    readonly on?: string;
    readonly knownAt?: string;
    readonly atLeast?: number;
    readonly format?: string;
    readonly limit?: number;
    readonly cursor?: string;
    readonly [name: string]: unknown;
  };
  return {
    asked: {
      ...(on === undefined ? {} : { on: dayOfDate(on)! }),
      ...(knownAt === undefined ? {} : { knownAt: readKnownAt(knownAt) }),
      ...(within === undefined ? {} : { within }),
    },
    own: { ...own, ...named },
    format,
    limit,
    cursor,
    atLeast: atLeast as Sequence | undefined,
    parameters: once as Readonly<Record<string, string>>,
  };
}

function checked(schema: z.ZodObject, given: object): object {
  const parsed = schema.safeParse(given, inOurWords);
  if (!parsed.success) throw new HttpProblem('invalid-parameter', undefined, { errors: problemsOf(parsed.error) });
  return parsed.data;
}

function readKnownAt(text: string) {
  try {
    return parseKnownAt(text);
  } catch (error) {
    if (error instanceof KnownAtRefused) throw parameterProblem('knownAt', error.message);
    throw error;
  }
}
