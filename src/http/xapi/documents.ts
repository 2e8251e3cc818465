// State, agent profile and activity profile (xAPI 1.0.3 Communication 2.2, 2.3, 2.6, 2.7): three descriptions of one resource.

import { parse as parseContentType } from 'content-type';
import { type Request, type Response, Router } from 'express';
import type { Microseconds, XapiVersion } from '../../../contracts/words.ts';
import {
  agentKey,
  isIri,
  isUuid,
  parseAgentParameter,
  parseBody,
  parseTimestamp,
} from '../../../contracts/xapi/index.ts';
import type { Scope } from '../../access/port.ts';
import { type Document, type DocumentKey, type DocumentScope, RecordingRefused } from '../../recording/port.ts';
import { needScope } from '../authentication.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { credentialOf, exchangeOf } from '../exchange.ts';
import { HttpProblem, methodNotAllowed, parameterProblem } from '../problem.ts';
import { readContent } from './alternate-syntax.ts';
import { lastModified, writeValue } from './answers.ts';
import { onlyParameters, parametersOf, withZonesDecoded } from './parameters.ts';
import { preconditionsOf } from './preconditions.ts';
import { versionOf } from './versions.ts';

type Parameter = 'activityId' | 'agent' | 'registration' | 'stateId' | 'profileId' | 'since';
type Given = { readonly [Name in Parameter]?: string };

export interface DocumentResource {
  readonly kind: DocumentScope['kind'];
  /** The parameter that names one document. */
  readonly id: 'stateId' | 'profileId';
  /** The parameters that name the scope, all of them required. */
  readonly scope: readonly ('activityId' | 'agent')[];
  /** State only: narrows to a registration. */
  readonly registration: boolean;
  /** State only: DELETE without an id deletes every document of the scope. */
  readonly deletesAll: boolean;
  readonly writes: Scope;
  /** What becomes of a PUT with neither If-Match nor If-None-Match (xAPI 1.0.3 Communication 3.1, xAPI 2.0 4.1.4). */
  readonly unconditionalPut: (version: XapiVersion) => 'taken' | 'taken-when-new' | 'refused';
}

export const STATE: DocumentResource = {
  kind: 'state',
  id: 'stateId',
  scope: ['activityId', 'agent'],
  registration: true,
  deletesAll: true,
  writes: 'state',
  unconditionalPut: (version) => (version === '1.0.3' ? 'taken' : 'taken-when-new'),
};
export const AGENT_PROFILE: DocumentResource = {
  kind: 'agent-profile',
  id: 'profileId',
  scope: ['agent'],
  registration: false,
  deletesAll: false,
  writes: 'profile',
  unconditionalPut: (version) => (version === '1.0.3' ? 'refused' : 'taken-when-new'),
};
export const ACTIVITY_PROFILE: DocumentResource = {
  kind: 'activity-profile',
  id: 'profileId',
  scope: ['activityId'],
  registration: false,
  deletesAll: false,
  writes: 'profile',
  unconditionalPut: (version) => (version === '1.0.3' ? 'refused' : 'taken-when-new'),
};

/** The routes of one resource, to be mounted at its path behind authentication. */
export function documentsRouter(resource: DocumentResource, deps: HttpDependencies): Router {
  const router = Router();
  const one = [...resource.scope, resource.id] as const;
  const registration: readonly Parameter[] = resource.registration ? ['registration'] : [];

  /** The parameters of a request for one document. */
  const target = (request: Request, version: XapiVersion) => {
    const given = onlyParameters<Parameter>(parametersOf(request), [...one, ...registration], one);
    return { scope: scopeOf(resource, given, version), key: keyOf(resource, given) };
  };

  router
    .route('/')
    .get(async (request, response) => {
      needScope(response, resource.writes, 'all/read');
      response.setHeader('Cache-Control', 'private, no-cache');
      const named = parametersOf(request)[resource.id] !== undefined;
      if (named) await answerDocument(deps, request, response, target(request, versionOf(response)));
      else await answerList(resource, deps, request, response);
    })
    .put(async (request, response) => {
      needScope(response, resource.writes);
      const version = versionOf(response);
      const { scope, key } = target(request, version);
      const { contentType, content } = await documentOf(deps, request, response);
      const preconditions = preconditionsOf(request.headers);
      const unconditional = resource.unconditionalPut(version);
      if (unconditional === 'refused' && !preconditions.ifMatch && !preconditions.ifNoneMatch) {
        throw unconditionalPut(await deps.recording.readDocument(scope, key));
      }
      const { etag } = await deps.recording.changeDocument(
        {
          kind: 'put',
          scope,
          key,
          contentType,
          content,
          preconditions,
          preconditionNeeded: unconditional !== 'taken',
        },
        whoChanges(response),
      );
      answerChanged(response, etag);
    })
    .post(async (request, response) => {
      needScope(response, resource.writes);
      const { scope, key } = target(request, versionOf(response));
      const { contentType, content } = await documentOf(deps, request, response);
      refuseBrokenJson(contentType, content);
      const { etag } = await deps.recording.changeDocument(
        {
          kind: 'merge',
          scope,
          key,
          contentType,
          content,
          preconditions: preconditionsOf(request.headers),
        },
        whoChanges(response),
      );
      answerChanged(response, etag);
    })
    .delete(async (request, response) => {
      needScope(response, resource.writes);
      const version = versionOf(response);
      if (resource.deletesAll && parametersOf(request)[resource.id] === undefined) {
        const given = onlyParameters<Parameter>(
          parametersOf(request),
          [...resource.scope, ...registration],
          resource.scope,
        );
        const { registration: only } = keyOf(resource, given);
        // RFC 9110 13.1.1: many documents have no ETag that could match.
        if (Array.isArray(preconditionsOf(request.headers).ifMatch)) throw new HttpProblem('precondition-failed');
        await deps.recording.changeDocument(
          {
            kind: 'delete-all',
            scope: scopeOf(resource, given, version),
            ...(only === undefined ? {} : { registration: only }),
          },
          whoChanges(response),
        );
      } else {
        const { scope, key } = target(request, version);
        await deps.recording.changeDocument(
          { kind: 'delete', scope, key, preconditions: preconditionsOf(request.headers) },
          whoChanges(response),
        );
      }
      answerChanged(response, undefined);
    })
    .all(methodNotAllowed('GET, HEAD, PUT, POST, DELETE, OPTIONS'));
  return router;
}

async function answerDocument(
  { recording }: HttpDependencies,
  request: Request,
  response: Response,
  { scope, key }: { readonly scope: DocumentScope; readonly key: DocumentKey },
): Promise<void> {
  const { ifNoneMatch } = preconditionsOf(request.headers);
  const document = await recording.readDocument(scope, key);
  if (!document) throw new HttpProblem('not-found', 'There is no such document.');
  response.setHeader('ETag', `"${document.etag}"`);
  response.setHeader('Last-Modified', lastModified(document.updated));
  if (ifNoneMatch === '*' || ifNoneMatch?.includes(document.etag)) {
    response.statusCode = 304;
    response.end();
    return;
  }
  response.setHeader('Content-Type', document.contentType);
  // Documents are whatever clients sent; a browser that is pointed at one must not run it with the store's origin.
  response.setHeader('Content-Security-Policy', "sandbox; default-src 'none'");
  response.setHeader('Content-Length', document.content.byteLength);
  response.end(document.content);
}

async function answerList(
  resource: DocumentResource,
  { recording }: HttpDependencies,
  request: Request,
  response: Response,
): Promise<void> {
  const version = versionOf(response);
  const known: Parameter[] = [
    ...resource.scope,
    ...(resource.registration ? (['registration'] as const) : []),
    'since',
  ];
  const given = onlyParameters<Parameter>(withZonesDecoded(parametersOf(request)), known, resource.scope);
  const since = given.since === undefined ? undefined : parseTimestamp(given.since, version);
  if (given.since !== undefined && since === undefined) throw parameterProblem('since', 'must be a timestamp');
  const { registration } = keyOf(resource, given);
  const documents = await recording.listDocuments(scopeOf(resource, given, version), {
    ...(registration === undefined ? {} : { registration }),
    ...(since === undefined ? {} : { since }),
  });
  const newest = documents.reduce((latest, { updated }) => Math.max(latest, updated), 0) as Microseconds;
  if (newest > 0) response.setHeader('Last-Modified', lastModified(newest));
  writeValue(
    response,
    documents.map(({ id }) => id),
  );
}

/** xAPI 1.0.3 Communication 3.1: 409 where there is something to overwrite; else the request itself is wrong. */
function unconditionalPut(existing: Document | undefined): Error {
  if (existing) return new RecordingRefused({ reason: 'precondition-missing', etag: existing.etag });
  return new HttpProblem(
    'invalid-request',
    'A profile is PUT with If-Match and its ETag, or with If-None-Match: * when it is new.',
  );
}

function whoChanges(response: Response): { readonly credential: string; readonly requestId: string } {
  return { credential: credentialOf(response).id, requestId: exchangeOf(response).requestId };
}

function answerChanged(response: Response, etag: string | undefined): void {
  if (etag !== undefined) response.setHeader('ETag', `"${etag}"`);
  response.statusCode = 204;
  response.end();
}

async function documentOf(
  { settings }: HttpDependencies,
  request: Request,
  response: Response,
): Promise<{ readonly contentType: string; readonly content: Buffer }> {
  const content = await readContent(request, response, {
    maxBodyBytes: Math.min(settings.maxBodyBytes, settings.maxAttachmentBytes),
    maxInflatedBytes: Math.min(settings.maxInflatedBytes, settings.maxAttachmentBytes),
  });
  return { contentType: request.headers['content-type'] ?? 'application/octet-stream', content };
}

/** Communication 2.2: what is posted as application/json must be a JSON object, whether there is something to merge or not. */
function refuseBrokenJson(contentType: string, content: Buffer): void {
  if (parseContentType(contentType).type !== 'application/json') return;
  const parsed = parseBody(content);
  if (!parsed.ok) throw new HttpProblem('invalid-body', 'The document is not JSON.', { errors: parsed.problems });
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
    throw new HttpProblem('not-mergeable', 'The document posted is not a JSON object.');
  }
}

function scopeOf({ kind }: DocumentResource, given: Given, version: XapiVersion): DocumentScope {
  switch (kind) {
    case 'state':
      return { kind, activityId: activityOf(given.activityId!), agent: agentOf(given.agent!, version) };
    case 'agent-profile':
      return { kind, agent: agentOf(given.agent!, version) };
    case 'activity-profile':
      return { kind, activityId: activityOf(given.activityId!) };
  }
}

function keyOf(resource: DocumentResource, given: Given): DocumentKey {
  const { registration } = given;
  if (registration !== undefined && !isUuid(registration)) throw parameterProblem('registration', 'must be a UUID');
  return {
    id: given[resource.id] ?? '',
    ...(registration === undefined ? {} : { registration: registration.toLowerCase() }),
  };
}

function activityOf(id: string): string {
  if (!isIri(id)) throw parameterProblem('activityId', 'must be an IRI with a scheme');
  return id;
}

function agentOf(text: string, version: XapiVersion): string {
  const parsed = parseAgentParameter(text, version);
  if (!parsed.ok) {
    throw new HttpProblem('invalid-parameter', undefined, {
      errors: parsed.problems.map((problem) => ({ ...problem, path: `$.agent${problem.path.slice(1)}` })),
    });
  }
  return agentKey(parsed.agent)!;
}
