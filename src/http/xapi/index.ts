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
import { isAlternate, rewriteAlternate } from './alternate-syntax.ts';
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

  // One handler a resource, not one a step: the path would be matched again for each.
  const enter =
    (name: string): RequestHandler =>
    async (request, response, next) => {
      exchangeOf(response).route = `/xapi${name}`;
      if (name === '/statements') freshness.sayIndexed(response);
      if (isAlternate(request)) await rewriteAlternate(request, response, settings);
      if (name !== '/about') {
        negotiateVersion(request, response);
        await authenticate(request, response);
      }
      next();
    };

  const statements = Router();
  statements
    .route('/')
    .post(postStatements(deps, freshness))
    .put(putStatement(deps, freshness))
    .get(getStatements(deps, freshness, `${mountedAt}/statements`))
    .all(methodNotAllowed('GET, HEAD, PUT, POST, OPTIONS'));

  // The longer paths first: `/activities` is the beginning of two of them.
  for (const [path, resource] of [
    ['/statements', statements],
    ['/activities/state', documentsRouter(STATE, deps)],
    ['/activities/profile', documentsRouter(ACTIVITY_PROFILE, deps)],
    ['/agents/profile', documentsRouter(AGENT_PROFILE, deps)],
    ['/activities', activitiesRouter(deps, freshness)],
    ['/agents', agentsRouter(deps, freshness)],
    ['/about', aboutRouter()],
  ] as const) {
    router.use(path, enter(path), resource);
  }
  router.use(answerNotFound);
  return router;
}
