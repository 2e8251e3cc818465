// GET and HEAD of statements (xAPI 1.0.3 Communication 2.1.3): one by its id, or pages of those that match. The statements come
// from read workers as bytes and are written as they are.

import type { Request, RequestHandler, Response } from 'express';
import type { CredentialId, StatementId } from '../../../contracts/words.ts';
import { parseStatementsQuery, type StatementsQuery } from '../../../contracts/xapi/index.ts';
import { allows } from '../../access/port.ts';
import type { Cursor } from '../../read-models/statement-index/port.ts';
import { needScope } from '../authentication.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { credentialOf } from '../exchange.ts';
import { HttpProblem } from '../problem.ts';
import { lastModified, writeJson } from './answers.ts';
import { answerWithAttachments } from './attachments.ts';
import type { Freshness, Promised } from './freshness.ts';
import { languagesOf } from './language.ts';
import { CURSOR, moreToken, readMoreToken } from './more.ts';
import { type Parameters, parametersOf, withZonesDecoded } from './parameters.ts';
import { versionOf } from './versions.ts';

/** What `limit=0` and no limit mean, and the most that any limit gets. */
export const MAX_PAGE = 1_000;

/** @param statementsPath where clients find the resource: the path of PRAMAAN_PUBLIC_URL, then `/xapi/statements` */
export function getStatements(deps: HttpDependencies, freshness: Freshness, statementsPath: string): RequestHandler {
  return async (request, response) => {
    // An importer may ask for what it has written: how else would it know where to go on?
    needScope(response, 'statements/read/mine', 'import');
    const promised = await freshness.promise(response);
    const { id, scopes } = credentialOf(response);
    const postedBy = allows(scopes, 'statements/read') ? undefined : id;
    const { parameters, cursor } = whatIsAsked(parametersOf(request));
    const parsed = parseStatementsQuery(parameters, versionOf(response));
    if (!parsed.ok) throw new HttpProblem('invalid-parameter', undefined, { errors: parsed.problems });
    const { query } = parsed;
    response.setHeader('Cache-Control', 'private, no-cache');
    await freshness.settle(request, response);
    const asked = { query, parameters, cursor, postedBy, statementsPath };
    const wanted = query.statementId ?? query.voidedStatementId;
    if (wanted !== undefined) await answerOne(deps, request, response, query, wanted, postedBy);
    else await answerPage(deps, request, response, { freshness, promised, ...asked });
  };
}

/** The parameters of the request, or those of the first page when a `more` link is followed. */
function whatIsAsked(given: Parameters): { readonly parameters: Parameters; readonly cursor: Cursor | undefined } {
  const token = given[CURSOR];
  if (token === undefined) return { parameters: withZonesDecoded(given), cursor: undefined };
  if (typeof token !== 'string' || Object.keys(given).length > 1) {
    throw new HttpProblem('invalid-cursor', 'Follow `more` links as they are: nothing is added to them.');
  }
  return readMoreToken(token);
}

async function answerOne(
  { recording, queries }: HttpDependencies,
  request: Request,
  response: Response,
  query: StatementsQuery,
  id: StatementId,
  postedBy: CredentialId | undefined,
): Promise<void> {
  const languages = languagesOf(request.headers['accept-language']);
  const at = await recording.findRecent(id);
  const found = await queries.byId(id, { ...(at === undefined ? {} : { at }), format: query.format, languages });
  const voidedWanted = query.voidedStatementId !== undefined;
  if (!found || found.voided !== voidedWanted || (postedBy !== undefined && found.credential !== postedBy)) {
    throw new HttpProblem('not-found', voidedWanted ? 'No voided statement has this id.' : 'No statement has this id.');
  }
  response.setHeader('Last-Modified', lastModified(found.stored));
  if (query.attachments) {
    await answerWithAttachments(response, [found.statement], found.attachments, (sha256) =>
      recording.readAttachment(sha256),
    );
  } else {
    writeJson(response, found.statement);
  }
}

interface PageAsked {
  readonly freshness: Freshness;
  readonly promised: Promised;
  readonly query: StatementsQuery;
  readonly parameters: Parameters;
  readonly cursor: Cursor | undefined;
  readonly postedBy: CredentialId | undefined;
  readonly statementsPath: string;
}

const OPEN = Buffer.from('{"statements":[');

async function answerPage(
  { recording, queries }: HttpDependencies,
  request: Request,
  response: Response,
  { freshness, promised, query, parameters, cursor, postedBy, statementsPath }: PageAsked,
): Promise<void> {
  const { statementId: _one, voidedStatementId: _voided, attachments, limit, ...filters } = query;
  const page = await queries.find({
    ...filters,
    limit: limit === 0 ? MAX_PAGE : Math.min(limit, MAX_PAGE),
    languages: languagesOf(request.headers['accept-language']),
    ...(cursor ? { cursor } : {}),
    ...(postedBy ? { postedBy } : {}),
  });
  freshness.sayComplete(response, promised, page.indexedUpTo);
  // xAPI 1.0.3 Data 2.5: an empty string when there is no more.
  const more = page.next ? `${statementsPath}?${CURSOR}=${moreToken({ parameters, cursor: page.next })}` : '';
  const json = [OPEN, page.statements, Buffer.from(`],"more":${JSON.stringify(more)}}`)];
  if (page.newest !== undefined) response.setHeader('Last-Modified', lastModified(page.newest));
  if (attachments) {
    await answerWithAttachments(response, json, page.attachments, (sha256) => recording.readAttachment(sha256));
  } else {
    writeJson(response, ...json);
  }
}
