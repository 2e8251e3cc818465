// The query string, and what every resource asks of it: known names only, each once (xAPI 1.0.3 Communication 3.2).

import { parse } from 'node:querystring';
import type { Request } from 'express';
import type { Problem } from '../../../contracts/http/problem.ts';
import { HttpProblem } from '../problem.ts';

export type Parameters = Readonly<Record<string, string | string[]>>;

/** @throws HttpProblem 400 for a name that cannot be one. The percent encoding was checked before. */
export function parametersOf(request: Request): Parameters {
  const question = request.url.indexOf('?');
  return question < 0 ? {} : readParameters(request.url.slice(question + 1));
}

/**
 * The fields of a query string or a form; those given more than once are lists. Names may be `__proto__` too: the object has no
 * prototype. Whatever does not look like a name is refused without being repeated: it may be a body that went astray, and
 * names are kept with rejections.
 */
export function readParameters(text: string): Parameters {
  const parameters = parse(text, undefined, undefined, { maxKeys: 64 }) as Parameters;
  for (const name in parameters) {
    if (!NAME.test(name)) {
      throw new HttpProblem('invalid-parameter', undefined, {
        errors: [{ path: '$', message: 'something stands there that is not the name of a parameter' }],
      });
    }
  }
  return parameters;
}

const NAME = /^[\w-]{1,64}$/;

/**
 * The parameters of a resource, each a string.
 * @throws HttpProblem 400 naming every unknown, repeated and missing one
 */
export function onlyParameters<Name extends string>(
  parameters: Parameters,
  known: readonly Name[],
  required: readonly Name[],
): { readonly [Key in Name]?: string } {
  const errors: Problem[] = [];
  for (const [name, value] of Object.entries(parameters)) {
    if (!known.includes(name as Name)) {
      errors.push({
        path: `$.${name}`,
        message: `is not a parameter of this request, which has ${known.join(', ') || 'none'}`,
      });
    } else if (Array.isArray(value)) {
      errors.push({ path: `$.${name}`, message: 'is given more than once' });
    }
  }
  for (const name of required) {
    if (parameters[name] === undefined) errors.push({ path: `$.${name}`, message: 'is required' });
  }
  if (errors.length > 0) throw new HttpProblem('invalid-parameter', undefined, { errors });
  return parameters as { readonly [Key in Name]?: string };
}

/**
 * Timestamps whose `+` was not percent-encoded arrive with a space before their zone; there is only one thing it can mean.
 */
export function withZonesDecoded(parameters: Parameters): Parameters {
  const { since, until } = parameters;
  return {
    ...parameters,
    ...(typeof since === 'string' ? { since: since.replace(UNENCODED_ZONE, '+') } : {}),
    ...(typeof until === 'string' ? { until: until.replace(UNENCODED_ZONE, '+') } : {}),
  };
}

const UNENCODED_ZONE = / (?=\d\d(?::?\d\d)?$)/;
