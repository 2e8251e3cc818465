// PUT and POST of statements (xAPI 1.0.3 Communication 2.1.1, 2.1.2): read, validate, match attachments, hand over to recording,
// say what was recorded. Nothing of a request is recorded unless everything of it can be.

import { parse as parseContentType } from 'content-type';
import type { Request, RequestHandler, Response } from 'express';
import { attachmentsOf, isUuid, parseBody, type Statement, validateStatements } from '../../../contracts/xapi/index.ts';
import { allows } from '../../access/port.ts';
import { prepareStatements } from '../../recording/index.ts';
import { type AttachmentContent, RecordingRefused } from '../../recording/port.ts';
import { signatureProblems } from '../../recording/signature.ts';
import { needScope } from '../authentication.ts';
import type { HttpDependencies, HttpSettings } from '../dependencies.ts';
import { credentialOf, exchangeOf } from '../exchange.ts';
import { fromRefusal, HttpProblem, parameterProblem } from '../problem.ts';
import { readContent } from './alternate-syntax.ts';
import { attachmentsFromParts, matchAttachments } from './attachments.ts';
import type { Freshness } from './freshness.ts';
import { MalformedMultipart, type Part, parseMultipart } from './multipart.ts';
import { onlyParameters, parametersOf } from './parameters.ts';
import { versionOf } from './versions.ts';

const NO_CONTENTS: ReadonlyMap<string, AttachmentContent> = new Map();

export function putStatement(deps: HttpDependencies, freshness: Freshness): RequestHandler {
  return async (request, response) => {
    const { statementId } = onlyParameters(parametersOf(request), ['statementId'], ['statementId']);
    if (!isUuid(statementId!)) throw parameterProblem('statementId', 'must be a UUID');
    await record(deps, freshness, request, response, (value) => withId(value, statementId!));
    response.statusCode = 204;
    response.end();
  };
}

export function postStatements(deps: HttpDependencies, freshness: Freshness): RequestHandler {
  return async (request, response) => {
    onlyParameters(parametersOf(request), [], []);
    const ids = await record(deps, freshness, request, response, (value) => value);
    // UUIDs: as many bytes as characters. A string leaves in one write together with the headers.
    const body = JSON.stringify(ids);
    response.setHeader('Content-Type', 'application/json');
    response.setHeader('Content-Length', body.length);
    response.end(body);
  };
}

/** The statement of a PUT, under the id of the parameter (Communication 2.1.1). */
function withId(value: unknown, statementId: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpProblem('invalid-statement', undefined, {
      errors: [{ path: '$', message: 'must be one statement, an object', clause: 'xAPI 1.0.3 Communication 2.1.1' }],
    });
  }
  const { id } = value as { id?: unknown };
  if (id === undefined) return { id: statementId, ...value };
  if (typeof id === 'string' && id.toLowerCase() !== statementId.toLowerCase()) {
    throw new HttpProblem('invalid-statement', undefined, {
      errors: [
        { path: '$.id', message: 'must be the statementId of the request', clause: 'xAPI 1.0.3 Communication 2.1.1' },
      ],
    });
  }
  return value;
}

/** Records the request and returns the ids of its statements, in their order. */
async function record(
  { settings, recording }: HttpDependencies,
  freshness: Freshness,
  request: Request,
  response: Response,
  statementsIn: (value: unknown) => unknown,
): Promise<string[]> {
  const importing = isImport(request, response);
  const credential = credentialOf(response);
  const exchange = exchangeOf(response);
  const { requestId } = exchange;
  const version = versionOf(response);

  const { json, charset, parts } = await contentOf(request, response, settings);
  const parsed = parseBody(json, charset);
  if (!parsed.ok) throw new HttpProblem('invalid-body', 'The statements are not JSON.', { errors: parsed.problems });
  const value = statementsIn(parsed.value);
  const batch = Array.isArray(value);
  exchange.statements = batch ? value.length : 1;
  if (batch && value.length > settings.maxBatchStatements) {
    throw new HttpProblem(
      'too-large',
      `A request may hold ${settings.maxBatchStatements} statements, not ${value.length}.`,
    );
  }
  const validated = validateStatements(value, version);
  if (!validated.ok) throw new HttpProblem('invalid-statement', undefined, { errors: validated.problems });
  const { statements } = validated;

  const contents = parts.length > 0 ? attachmentsFromParts(parts, settings.maxAttachmentBytes) : NO_CONTENTS;
  if (contents.size > 0 || statements.some(hasAttachments)) {
    matchAttachments(statements, contents, parts, batch);
    checkSignatures(statements, contents, batch, version);
  }
  if (statements.length === 0) return [];

  const prepared = prepareStatements(statements, {
    version,
    authority: credential.authority,
    keepAuthority: importing,
  });
  const { sequence, recorded } = await recording
    .recordStatements({
      requestId,
      credential: { id: credential.id, scopes: credential.scopes },
      importing,
      version,
      statements: prepared,
      attachments: [...contents.values()],
    })
    .catch((error: unknown) => {
      throw error instanceof RecordingRefused ? fromRefusal(error.refusal, batch) : error;
    });
  freshness.acknowledged(response, sequence);
  // The others were there already: an importer counts them.
  response.setHeader('X-Pramaan-Recorded', recorded);
  // As they were sent, and will be returned: a UUID in capitals stays one.
  return prepared.map(({ id }, index) => statements[index]!.id ?? id);
}

/**
 * An import brings history: authorities stay and `stored` is kept beside ours, where otherwise a sent authority is replaced (xAPI
 * 1.0.3 Data 2.4.9). A credential that may only import always does; one that may also write says so with `X-Pramaan-Import: true`.
 */
function isImport(request: Request, response: Response): boolean {
  if (request.headers['x-pramaan-import'] === 'true') {
    needScope(response, 'import');
    return true;
  }
  needScope(response, 'statements/write', 'import');
  return !allows(credentialOf(response).scopes, 'statements/write');
}

function hasAttachments(statement: Statement): boolean {
  return attachmentsOf(statement).length > 0;
}

function checkSignatures(
  statements: readonly Statement[],
  contents: ReadonlyMap<string, AttachmentContent>,
  batch: boolean,
  version: ReturnType<typeof versionOf>,
): void {
  const contentOfAttachment = (sha2: string) => contents.get(sha2.toLowerCase())?.content;
  const errors = statements.flatMap((statement, index) =>
    signatureProblems(statement, batch ? `$[${index}]` : '$', version, contentOfAttachment).map((problem) =>
      batch ? { index, ...problem } : problem,
    ),
  );
  if (errors.length > 0) throw new HttpProblem('invalid-signature', undefined, { errors: errors.slice(0, 100) });
}

interface Content {
  readonly json: Buffer;
  readonly charset: string | undefined;
  /** Of multipart/mixed, those after the first. */
  readonly parts: readonly Part[];
}

/** xAPI 1.0.3 Communication 1.5: application/json, or multipart/mixed whose first part is that. */
async function contentOf(request: Request, response: Response, settings: HttpSettings): Promise<Content> {
  const header = request.headers['content-type'];
  // Nearly every request says exactly this.
  if (header === 'application/json') {
    return { json: await readContent(request, response, settings), charset: undefined, parts: [] };
  }
  const { type, parameters } = parseContentType(header ?? '');
  if (type === 'application/json') {
    return { json: await readContent(request, response, settings), charset: parameters.charset, parts: [] };
  }
  if (type !== 'multipart/mixed') {
    throw new HttpProblem('invalid-body', 'Statements are sent as application/json or multipart/mixed.');
  }
  if (!parameters.boundary)
    throw new HttpProblem('invalid-body', 'multipart/mixed needs a boundary in its Content-Type.');
  const body = await readContent(request, response, settings);
  const [first, ...parts] = partsOf(body, parameters.boundary, settings);
  if (!first) throw new HttpProblem('invalid-body', 'The multipart body has no parts.');
  const firstType = parseContentType(first.headers['content-type'] ?? '');
  if (firstType.type !== 'application/json') {
    throw new HttpProblem('invalid-body', 'The first part must hold the statements as application/json.');
  }
  return { json: first.content, charset: firstType.parameters.charset, parts };
}

function partsOf(body: Buffer, boundary: string, settings: HttpSettings): Part[] {
  try {
    return parseMultipart(body, boundary, settings.maxBatchStatements + 1);
  } catch (error) {
    if (error instanceof MalformedMultipart)
      throw new HttpProblem('invalid-body', `Malformed multipart: ${error.message}.`);
    throw error;
  }
}
