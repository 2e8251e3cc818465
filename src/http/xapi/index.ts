// All resources of xAPI, 1.0.3 and 2.0 side by side, under one router.

import { type RequestHandler, Router } from 'express';
import { authenticate } from '../authentication.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { exchangeOf } from '../exchange.ts';
import { answerNotFound, methodNotAllowed } from '../problem.ts';
import { refuseMalformedUrls } from '../urls.ts';
import { aboutRouter } from './about.ts';
import { activitiesRouter } from './activities.ts';
import { agentsRouter } from './agents.ts';
import { alternateSyntax } from './alternate-syntax.ts';
import { allowOrigins } from './cors.ts';
import { ACTIVITY_PROFILE, AGENT_PROFILE, documentsRouter, STATE } from './documents.ts';
import { Freshness } from './freshness.ts';
import { getStatements } from './statements-read.ts';
import { postStatements, putStatement } from './statements-write.ts';
import { negotiateVersion, sayVersion } from './versions.ts';

/** @param mountedAt the path clients see, without a slash at the end: `/xapi`, `/lrs/xapi` */
export function xapiRouter(deps: HttpDependencies, mountedAt: string): Router {
  const { settings } = deps;
  const freshness = new Freshness(deps);
  const router = Router({ caseSensitive: true });
  router.use(allowOrigins(settings.corsOrigins), sayVersion(settings.xapiFallbackVersion), refuseMalformedUrls);

  const unfolded = alternateSyntax(settings);
  const known: RequestHandler = async (request, response, next) => {
    negotiateVersion(request, response);
    await authenticate(request, response);
    next();
  };
  const route =
    (name: string): RequestHandler =>
    (_request, response, next) => {
      exchangeOf(response).route = `/xapi${name}`;
      next();
    };

  const consistentThrough: RequestHandler = (_request, response, next) => {
    freshness.sayIndexed(response);
    next();
  };
  const statements = Router();
  statements
    .route('/')
    .post(postStatements(deps, freshness))
    .put(putStatement(deps, freshness))
    .get(getStatements(deps, freshness, `${mountedAt}/statements`))
    .all(methodNotAllowed('GET, HEAD, PUT, POST, OPTIONS'));

  router.use('/statements', route('/statements'), consistentThrough, unfolded, known, statements);
  for (const [path, resource] of [
    ['/activities/state', STATE],
    ['/activities/profile', ACTIVITY_PROFILE],
    ['/agents/profile', AGENT_PROFILE],
  ] as const) {
    router.use(path, route(path), unfolded, known, documentsRouter(resource, deps));
  }
  router.use('/activities', route('/activities'), unfolded, known, activitiesRouter(deps, freshness));
  router.use('/agents', route('/agents'), unfolded, known, agentsRouter(deps, freshness));
  router.use('/about', route('/about'), unfolded, aboutRouter());
  router.use(answerNotFound);
  return router;
}
