// /admin: credentials, why clients were refused, and the simulated clock; commands and loads lie beside it. Everything here needs
// the scope `admin`, and what decides is access, recording and administration; these files speak HTTP for them.

import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import type { z } from 'zod';
import { clockMove, revocation, rotation } from '../../../contracts/http/credentials.ts';
import { fromInstant, toInstant } from '../../../contracts/time.ts';
import type { CredentialId, Microseconds } from '../../../contracts/words.ts';
import { inOurWords } from '../../../contracts/xapi/index.ts';
import {
  type Access,
  AccessRefused,
  type Credential,
  credentialAsJson,
  type Origin,
  parseWanted,
  problemsOf,
} from '../../access/index.ts';
import type { Administration } from '../../administration/port.ts';
import type { Recording } from '../../recording/port.ts';
import { requireScope } from '../authentication.ts';
import { readJson } from '../body.ts';
import { credentialOf, exchangeOf, sharedByRooms } from '../exchange.ts';
import { HttpProblem, methodNotAllowed } from '../problem.ts';
import { commandsRouter } from './commands.ts';
import { loadsRouter } from './loads.ts';

export interface AdminDependencies {
  readonly administration?: Administration;
  readonly access: Access;
  readonly recording: Pick<Recording, 'moveClock'> & {
    status(): Promise<{ readonly simulatedClock: boolean; readonly now: Microseconds }>;
  };
}

/** Bodies are small; an authority is the largest part. */
const MAX_BODY_BYTES = 64 * 1024;

export function adminRouter({ access, recording, administration }: AdminDependencies): Router {
  const router = Router({ caseSensitive: true });
  router.use(noStore, refuseOtherSites, requireScope('admin'));

  router
    .route('/credentials')
    .get((_request, response) => {
      response.json({ credentials: access.list().map(credentialAsJson) });
    })
    .post(
      answering(async (request, response) => {
        const { credential, secret } = await access.add(
          parseWanted(await readJson(request, MAX_BODY_BYTES)),
          by(response),
        );
        response
          .status(201)
          .location(`${sharedByRooms(request).publicPath}${request.baseUrl}/credentials/${credential.id}`);
        response.json({ ...credentialAsJson(credential), secret });
      }),
    )
    .all(methodNotAllowed('GET, HEAD, POST'));

  router
    .route('/credentials/:id')
    .get((request, response) => {
      response.json(credentialAsJson(find(access, request)));
    })
    .all(methodNotAllowed('GET, HEAD'));

  router
    .route('/credentials/:id/rotate')
    .post(
      answering(async (request, response) => {
        const body = await bodyAs(rotation, request, {});
        const { credential, secret } = await access.rotate(idOf(request), body, by(response));
        response.json({ ...credentialAsJson(credential), secret });
      }),
    )
    .all(methodNotAllowed('POST'));

  router
    .route('/credentials/:id/revoke')
    .post(
      answering(async (request, response) => {
        const body = await bodyAs(revocation, request, {});
        response.json(credentialAsJson(await access.revoke(idOf(request), body, by(response))));
      }),
    )
    .all(methodNotAllowed('POST'));

  router
    .route('/credentials/:id/rejections')
    .get((request, response) => {
      const { id, key, name } = find(access, request);
      response.json({ credential: { id, key, name }, rejections: rejectionsOf(access, id) });
    })
    .all(methodNotAllowed('GET, HEAD'));

  // Of requests with a key that nobody has, or without one. The key that was sent is not kept: it may be a mistyped secret.
  router
    .route('/rejections')
    .get((_request, response) => {
      response.json({ rejections: rejectionsOf(access, undefined) });
    })
    .all(methodNotAllowed('GET, HEAD'));

  router
    .route('/clock')
    .get(async (_request, response) => {
      const { simulatedClock, now } = await recording.status();
      response.json({ simulated: simulatedClock, now: toInstant(now) });
    })
    .post(async (request, response) => {
      const { to } = await bodyAs(clockMove, request);
      const at = fromInstant(to)!;
      const { sequence } = await recording.moveClock(at, credentialOf(response).id);
      response.setHeader('X-Pramaan-Sequence', String(sequence));
      response.json({ simulated: true, now: toInstant(at), sequence });
    })
    .all(methodNotAllowed('GET, HEAD, POST'));

  if (administration) router.use(commandsRouter(administration), loadsRouter(administration));

  return router;
}

/** Secrets are shown once, and nothing on the way may remember them. */
const noStore: RequestHandler = (_request, response, next) => {
  response.setHeader('Cache-Control', 'no-store');
  next();
};

/** A browser that remembers a Basic credential sends it along with whatever a page of another site posts here. */
const refuseOtherSites: RequestHandler = (request, _response, next) => {
  const site = request.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    throw new HttpProblem('forbidden', 'Pages of other sites may not administer this store.');
  }
  next();
};

/** A handler whose refusals by access become answers. */
function answering(handle: (request: Request, response: Response) => Promise<void>) {
  return async (request: Request, response: Response, _next: NextFunction): Promise<void> => {
    try {
      await handle(request, response);
    } catch (error) {
      throw asProblem(error);
    }
  };
}

function asProblem(error: unknown): unknown {
  if (!(error instanceof AccessRefused)) return error;
  const { refusal, message } = error;
  switch (refusal.reason) {
    case 'invalid':
      return new HttpProblem('invalid-credential', undefined, { errors: refusal.problems });
    case 'unknown-credential':
      return new HttpProblem('not-found', message);
    case 'key-taken':
    case 'revoked':
    case 'last-admin':
      return new HttpProblem('credential-refused', `${message}.`);
  }
}

async function bodyAs<Schema extends z.ZodType>(
  schema: Schema,
  request: Request,
  absent?: unknown,
): Promise<z.output<Schema>> {
  const body = await readJson(request, MAX_BODY_BYTES);
  const parsed = schema.safeParse(body === undefined ? absent : body, inOurWords);
  if (!parsed.success) throw new HttpProblem('invalid-request', undefined, { errors: problemsOf(parsed.error) });
  return parsed.data;
}

function by(response: Response): Origin {
  return { origin: 'administration', credential: credentialOf(response).id, requestId: exchangeOf(response).requestId };
}

function idOf(request: Request): CredentialId {
  return String(request.params.id).toLowerCase() as CredentialId;
}

function find(access: Access, request: Request): Credential {
  const credential = access.find(idOf(request));
  if (!credential) throw new HttpProblem('not-found', 'There is no credential of this id.');
  return credential;
}

function rejectionsOf(access: Access, id: CredentialId | undefined) {
  return access.rejections(id).map((rejection) => ({ ...rejection, at: toInstant(rejection.at) }));
}
