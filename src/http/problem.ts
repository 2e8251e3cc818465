// Every refusal as problem+json (RFC 9457), and the handlers that write them. A refusal is thrown as HttpProblem anywhere in
// http/; whatever else is thrown is a fault of ours: 500, told to the telemetry, never to the client.

import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Problem, ProblemDocument } from '../../contracts/http/problem.ts';
import type { Microseconds } from '../../contracts/words.ts';
import { LogRefused, LogUnavailable } from '../event-log/port.ts';
import { IndexNotReady } from '../read-models/statement-index/port.ts';
import { RecordingRefused, type Refusal } from '../recording/port.ts';
import { ClientGone, exchangeOf, sharedByRooms } from './exchange.ts';

interface Kind {
  readonly status: number;
  readonly title: string;
  /** Shown at `/problems/<kind>`. */
  readonly meaning: string;
}

/** The kinds of problems; each has a page at `/problems/<kind>`. */
export const PROBLEM_KINDS = {
  'invalid-request': {
    status: 400,
    title: 'The request is malformed',
    meaning: 'The request line, a header or its encoding could not be understood.',
  },
  'invalid-parameter': {
    status: 400,
    title: 'A parameter is missing, unknown or has a wrong value',
    meaning:
      'Each of `errors` names one parameter. Parameters that are not known are refused, and their names are case-sensitive.',
  },
  'invalid-version': {
    status: 400,
    title: 'The X-Experience-API-Version header is missing or not supported',
    meaning: 'Send `X-Experience-API-Version: 2.0.0` or `1.0.3` with every request.',
  },
  'invalid-body': {
    status: 400,
    title: 'The request body cannot be read',
    meaning: 'The body is not valid UTF-8, not valid JSON, compressed wrongly, or not what its Content-Type says.',
  },
  'invalid-statement': {
    status: 400,
    title: 'A statement is invalid',
    meaning:
      'Nothing of the request was stored. Each of `errors` names the place in the batch and the JSON path of one problem.',
  },
  'invalid-attachments': {
    status: 400,
    title: 'The attachments do not fit the statements',
    meaning:
      'In multipart/mixed, the first part holds the statements, and each further part one attachment whose X-Experience-API-Hash is the SHA-256 of its content and the `sha2` of an attachment of a statement.',
  },
  'invalid-signature': {
    status: 400,
    title: 'The signature of a statement is invalid',
    meaning: 'A signature is a JSON Web Signature (RS256, RS384 or RS512) over the statement itself.',
  },
  'invalid-cursor': {
    status: 400,
    title: 'This `more` link is not valid, or no longer',
    meaning: 'A `more` link works as it was given, and one of statements for 24 hours. Ask for the first page again.',
  },
  'not-mergeable': {
    status: 400,
    title: 'The documents cannot be merged',
    meaning: 'POST merges JSON objects only. Use PUT to replace a document of another kind.',
  },
  'voids-a-void': {
    status: 400,
    title: 'A voiding statement cannot be voided',
    meaning: 'The statement to be voided is itself a voiding statement.',
  },
  'invalid-credential': {
    status: 400,
    title: 'What is asked for cannot be a credential',
    meaning: 'Each of `errors` names one member of the body and what it must be.',
  },
  unauthenticated: {
    status: 401,
    title: 'A valid credential is needed',
    meaning: 'Send `Authorization: Basic` with the key and secret of a credential that has not been revoked.',
  },
  forbidden: {
    status: 403,
    title: 'The credential is not allowed to do this',
    meaning: 'The credential is valid, but lacks the scope that this needs.',
  },
  'not-found': { status: 404, title: 'Not found', meaning: 'There is nothing here.' },
  'method-not-allowed': {
    status: 405,
    title: 'The method is not allowed here',
    meaning: 'The `Allow` header names the methods of this resource.',
  },
  conflict: {
    status: 409,
    title: 'A statement with this id and other content is already recorded',
    meaning: 'Statements never change. Nothing of the request was stored; `errors` names the ids.',
  },
  'precondition-missing': {
    status: 409,
    title: 'The document exists: say which version you mean to replace',
    meaning: 'Read the document and repeat with `If-Match` and its ETag (or `If-None-Match: *` to create only).',
  },
  'credential-refused': {
    status: 409,
    title: 'The credential cannot be made or changed so',
    meaning:
      'A key is given once, also when its credential was revoked; revoking is for ever; and the last credential with the scope `admin` is revoked only with `"force": true`.',
  },
  overtaken: {
    status: 409,
    title: 'Another command came in between',
    meaning: 'Nothing took effect. Repeat it: it will be decided on what the other one left.',
  },
  'clock-refused': {
    status: 409,
    title: 'The clock cannot be moved',
    meaning: 'Only a simulated clock moves by command, and only forwards.',
  },
  'precondition-failed': {
    status: 412,
    title: 'The precondition does not hold',
    meaning: 'The document is not the one that If-Match or If-None-Match asked for; somebody else may have changed it.',
  },
  'too-large': {
    status: 413,
    title: 'The request is too large',
    meaning: 'A limit of this store was passed; `detail` names it.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'The content type or encoding is not supported',
    meaning:
      'Statements are taken as application/json or multipart/mixed; bodies may be compressed with gzip, deflate or br.',
  },
  'command-refused': {
    status: 422,
    title: 'The command does not fit what is on record',
    meaning: 'Nothing took effect. Each of `errors` names one thing that does not fit.',
  },
  'too-many-requests': {
    status: 429,
    title: 'Too many requests',
    meaning: 'The credential has used up its requests of this second. Wait as long as `Retry-After` says.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many attempts to authenticate with this key',
    meaning:
      'A secret chosen by a person is verified slowly, and only so many are tried a second. Wait as long as `Retry-After` says.',
  },
  internal: { status: 500, title: 'A fault of the store', meaning: 'Tell its operator the request id.' },
  unavailable: {
    status: 503,
    title: 'The store cannot do this at the moment',
    meaning: 'Repeat after `Retry-After` seconds. A write may have happened: send ids, and repeating is safe.',
  },
} as const satisfies Record<string, Kind>;
export type ProblemKind = keyof typeof PROBLEM_KINDS;

interface ProblemDetails {
  readonly errors?: readonly Problem[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Extension members of the answer besides (RFC 9457 3.2). */
  readonly more?: Readonly<Record<string, unknown>>;
  /** Another status than the kind's own. */
  readonly status?: number;
}

/** A refusal, thrown: `throw new HttpProblem('not-found', 'no credential has this id')`. */
export class HttpProblem extends Error {
  override readonly name = 'HttpProblem';
  readonly kind: ProblemKind;
  readonly status: number;
  readonly detail: string | undefined;
  readonly errors: readonly Problem[];
  readonly headers: Readonly<Record<string, string>>;
  readonly more: Readonly<Record<string, unknown>>;

  /** `detail` is for the client's eyes: words and limits, never personal data. */
  constructor(kind: ProblemKind, detail?: string, details: ProblemDetails = {}) {
    super(detail ?? PROBLEM_KINDS[kind].title);
    this.kind = kind;
    this.status = details.status ?? PROBLEM_KINDS[kind].status;
    this.detail = detail;
    this.errors = details.errors ?? [];
    this.headers = details.headers ?? {};
    this.more = details.more ?? {};
  }
}

/** A refusal that concerns one parameter. */
export function parameterProblem(name: string, message: string, clause?: string): HttpProblem {
  return new HttpProblem('invalid-parameter', `${name}: ${message}`, {
    errors: [{ path: `$.${name}`, message, ...(clause ? { clause } : {}) }],
  });
}

/** Why recording refused, as an answer. `batch`: the statements came as an array, so each has an index. */
export function fromRefusal(refusal: Refusal, batch = true): HttpProblem {
  const placeOf = (index: number, member: string) =>
    batch ? { index, path: `$[${index}].${member}` } : { path: `$.${member}` };
  switch (refusal.reason) {
    case 'conflict':
      return new HttpProblem('conflict', undefined, {
        errors: refusal.statements.map(({ index, id }) => ({
          ...placeOf(index, 'id'),
          message: `another statement is recorded under ${id}`,
          clause: 'xAPI 1.0.3 Communication 2.1.1',
        })),
      });
    case 'precondition-failed':
      return new HttpProblem('precondition-failed', undefined, {
        headers: refusal.etag ? { ETag: `"${refusal.etag}"` } : {},
      });
    case 'precondition-missing':
      return new HttpProblem(
        'precondition-missing',
        'A document is already here. Check its current state with GET, then repeat with If-Match and its ETag.',
        { headers: { ETag: `"${refusal.etag}"` } },
      );
    case 'not-mergeable':
      return new HttpProblem('not-mergeable', refusal.detail);
    case 'may-not-void':
      return new HttpProblem('forbidden', 'The credential may not void this statement.');
    case 'voids-a-void':
      return new HttpProblem('voids-a-void', undefined, {
        errors: [
          {
            ...placeOf(refusal.index, 'object.id'),
            message: `${refusal.id} is a voiding statement`,
            clause: 'xAPI 1.0.3 Data 2.3.2',
          },
        ],
      });
    case 'too-large':
      return new HttpProblem('too-large', `${refusal.size} bytes; one append takes at most ${refusal.limit} bytes`);
    case 'unavailable':
      return new HttpProblem('unavailable', refusal.detail, {
        headers: { 'Retry-After': String(Math.max(1, Math.ceil(refusal.retryAfter))) },
      });
    case 'overtaken':
      return new HttpProblem('overtaken');
    case 'clock-is-real':
      return new HttpProblem('clock-refused', 'The clock of this record is real.');
    case 'clock-backwards':
      return new HttpProblem('clock-refused', 'The clock moves forwards only.');
  }
}

/** The error handler of the app: the only place where a refusal is written. */
export const answerProblem: ErrorRequestHandler = (error, request, response, _next) => {
  if (error instanceof ClientGone) {
    response.destroy();
    return;
  }
  if (response.headersSent || response.destroyed) {
    // Half an answer must not look like a whole one.
    if (!response.writableFinished) response.destroy();
    if (!(error instanceof HttpProblem) && !request.destroyed) fault(error, request, response);
    return;
  }
  const problem = problemOf(error);
  if (problem.kind === 'internal' || error instanceof LogRefused) fault(error, request, response);
  writeProblem(request, response, problem);
};

/** A path that no route knows. */
export const answerNotFound: RequestHandler = () => {
  throw new HttpProblem('not-found');
};

/** For the methods that a path does not have; `allowed` goes into `Allow`. */
export function methodNotAllowed(allowed: string): RequestHandler {
  return () => {
    throw new HttpProblem('method-not-allowed', undefined, { headers: { Allow: allowed } });
  };
}

/** What whoever asked is told of an error. */
export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof RecordingRefused) return fromRefusal(error.refusal);
  if (error instanceof LogUnavailable) {
    return new HttpProblem('unavailable', 'The event log cannot be reached.', { headers: { 'Retry-After': '1' } });
  }
  // A matter for whoever runs the log server; its words are in our log, not for everybody who posts.
  if (error instanceof LogRefused) {
    return new HttpProblem('unavailable', 'The event log refuses what the store asks of it.', {
      headers: { 'Retry-After': '60' },
    });
  }
  if (error instanceof IndexNotReady) {
    const detail = `The statement index is being built; it has come to sequence ${error.indexedUpTo}.`;
    return new HttpProblem('unavailable', detail, { headers: { 'Retry-After': '5' } });
  }
  // Express's own refusals: an undecodable path parameter, for one.
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) return new HttpProblem('invalid-request');
  return new HttpProblem('internal');
}

function fault(error: unknown, request: Request, response: Response): void {
  sharedByRooms(request).hooks.onFault?.(error, exchangeOf(response).requestId);
}

export function shownProblem(problem: HttpProblem, publicPath: string, requestId: string): ProblemDocument {
  return {
    type: `${publicPath}/problems/${problem.kind}`,
    title: PROBLEM_KINDS[problem.kind].title,
    status: problem.status,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    instance: requestId,
    ...(problem.errors.length > 0 ? { errors: problem.errors } : {}),
    ...problem.more,
  };
}

function writeProblem(request: Request, response: Response, problem: HttpProblem): void {
  const exchange = exchangeOf(response);
  const { requestId, credential, keyHolder } = exchange;
  exchange.problem = problem.kind;
  const { access, publicPath } = sharedByRooms(request);
  const { title } = PROBLEM_KINDS[problem.kind];
  const document = shownProblem(problem, publicPath, requestId);
  const body = Buffer.from(JSON.stringify(document));
  // Headers of the answer that was to be do not belong to the refusal.
  for (const name of ['Last-Modified', 'ETag', 'Content-Disposition', 'Content-Encoding']) response.removeHeader(name);
  for (const [name, value] of Object.entries(problem.headers)) response.setHeader(name, value);
  response.statusCode = problem.status;
  response.setHeader('Content-Type', 'application/problem+json');
  response.setHeader('Content-Length', body.byteLength);
  response.end(body);
  if (problem.status >= 400 && problem.status < 500) {
    access.rejected(credential?.id ?? keyHolder, {
      at: (Date.now() * 1000) as Microseconds,
      requestId,
      method: request.method,
      path: request.originalUrl.split('?', 1)[0]!.slice(0, 200),
      status: problem.status,
      title,
      problems: problem.errors.slice(0, 10).map(({ path, message }) => ({ path, message })),
    });
  }
}
