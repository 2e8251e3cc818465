// The alternate request syntax of 1.0.3 (Communication 1.3), for clients that can only POST forms: `POST …?method=PUT` with the
// headers, the parameters and the content as form fields. It is rewritten into the request it stands for, before anything
// else looks at it. xAPI 2.0 has no such syntax: there `method` is an unknown parameter.

import { stringify } from 'node:querystring';
import type { Request, Response } from 'express';
import { type BodyLimits, readBody } from '../body.ts';
import { HttpProblem, parameterProblem } from '../problem.ts';
import { type Parameters, parametersOf, readParameters } from './parameters.ts';
import { servedVersion } from './versions.ts';

const CLAUSE = 'xAPI 1.0.3 Communication 1.3';
const METHODS = ['GET', 'PUT', 'POST', 'DELETE'];
/** Form fields that stand for headers. */
const HEADERS = [
  'authorization',
  'x-experience-api-version',
  'content-type',
  'content-length',
  'if-match',
  'if-none-match',
  // Not in the clause; sent by older clients, and harmless.
  'accept-language',
];
/** A form is read before the credential in it is known: it may be less than other bodies. */
const MAX_FORM_BYTES = 8 * 1024 * 1024;

export interface FormRequest {
  /** Of the form's `Authorization`, `Content-Type`, …; names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly parameters: Parameters;
  readonly content: string | undefined;
}

/**
 * Sorts the fields of a form.
 * @throws HttpProblem 400 for a header or `content` given twice
 */
export function readForm(form: string): FormRequest {
  const headers: Record<string, string> = {};
  const parameters: Record<string, string | string[]> = {};
  let content: string | undefined;
  for (const [name, value] of Object.entries(readParameters(form))) {
    const header = name.toLowerCase();
    if (name !== 'content' && !HEADERS.includes(header)) {
      // As defined and not set: `__proto__` is a name like any other.
      Object.defineProperty(parameters, name, { value, enumerable: true, configurable: true });
    } else if (Array.isArray(value)) {
      throw parameterProblem(name, 'is given more than once', CLAUSE);
    } else if (name === 'content') {
      content = value;
    } else {
      headers[header] = value;
    }
  }
  return { headers, parameters, content };
}

/** Whether it may be one: cheap, for every request. */
export function isAlternate(request: Request): boolean {
  return request.method === 'POST' && request.url.includes('method=');
}

/**
 * Rewrites an alternate request into the one it stands for; leaves one of xAPI 2.0 alone.
 * @throws HttpProblem 400 when it breaks the rules of the syntax, else as {@link readBody}
 */
export async function rewriteAlternate(request: Request, response: Response, limits: BodyLimits): Promise<void> {
  const { method, ...others } = parametersOf(request);
  if (method === undefined) return;
  const sentVersion = request.headers['x-experience-api-version'];
  if (typeof sentVersion === 'string' && servedVersion(sentVersion) !== '1.0.3') return;
  if (typeof method !== 'string' || !METHODS.includes(method)) {
    throw parameterProblem('method', `must be one of ${METHODS.join(', ')}`, CLAUSE);
  }
  if (Object.keys(others).length > 0) {
    throw parameterProblem(
      Object.keys(others)[0]!,
      'belongs into the form: `method` stands alone in the query',
      CLAUSE,
    );
  }
  const type = request.headers['content-type'];
  if (type !== undefined && !/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) {
    throw new HttpProblem('invalid-body', 'With `method` in the query the body is application/x-www-form-urlencoded.');
  }
  const body = await readBody(request, {
    maxBodyBytes: Math.min(limits.maxBodyBytes, MAX_FORM_BYTES),
    maxInflatedBytes: Math.min(limits.maxInflatedBytes, MAX_FORM_BYTES),
  });
  const form = readForm(decodable(body));
  if (
    form.headers['x-experience-api-version'] !== undefined &&
    servedVersion(form.headers['x-experience-api-version']) === '2.0.0'
  ) {
    throw new HttpProblem('invalid-version', 'xAPI 2.0 has no alternate request syntax.');
  }
  const carriesContent = method === 'PUT' || method === 'POST';
  if (carriesContent && form.content === undefined)
    throw parameterProblem('content', 'is required in the form', CLAUSE);
  if (!carriesContent && form.content) throw parameterProblem('content', `does not belong to a ${method}`, CLAUSE);

  request.method = method;
  request.url = `${request.url.slice(0, request.url.indexOf('?'))}?${stringify(form.parameters)}`;
  // The form's own type and length describe the form; the content's come from its fields.
  delete request.headers['content-type'];
  delete request.headers['content-encoding'];
  Object.assign(request.headers, form.headers);
  request.headers['content-type'] ??= 'application/json';
  response.locals.formContent = Buffer.from(form.content ?? '');
}

function decodable(body: Buffer): string {
  try {
    const form = new TextDecoder('utf-8', { fatal: true }).decode(body);
    if (form.includes('%')) decodeURIComponent(form);
    return form;
  } catch {
    throw new HttpProblem('invalid-body', 'The form is not percent-encoded UTF-8.');
  }
}

/** The content of the request: of the form where there was one, else the body. */
export function readContent(request: Request, response: Response, limits: BodyLimits): Promise<Buffer> | Buffer {
  return (response.locals.formContent as Buffer | undefined) ?? readBody(request, limits);
}
