// The HTTP side of the house: one express app. Domain rules live elsewhere; here requests become calls and refusals become answers.

import express, { type Express, type Router } from 'express';
import type { HttpDependencies } from './dependencies.ts';
import { beginExchange, type ExchangeHooks } from './exchange.ts';
import { homePage, noIcon, problemPage, problemsPage } from './home.ts';
import { openApiRouter } from './openapi/index.ts';
import { answerNotFound, answerProblem, methodNotAllowed } from './problem.ts';
import { refuseMalformedUrls, refuseWithoutHost } from './urls.ts';
import { xapiRouter } from './xapi/index.ts';

export { authenticate, needScope, requireScope } from './authentication.ts';
export { readJson } from './body.ts';
export type { HttpDependencies, HttpSettings } from './dependencies.ts';
export { type Answer, credentialOf, type ExchangeHooks, exchangeOf } from './exchange.ts';
export { HttpProblem } from './problem.ts';

/** Rooms with routes of their own, mounted at `/<name>`. Each authenticates with `requireScope`. */
export interface Routers {
  readonly admin?: Router;
  readonly audit?: Router;
  readonly health?: Router;
  readonly metrics?: Router;
  readonly reports?: Router;
}

export function createApp(
  deps: HttpDependencies & { readonly routers?: Routers; readonly hooks?: ExchangeHooks },
): Express {
  const { hooks = {}, routers = {} } = deps;
  const publicPath = pathOf(deps.settings.publicUrl);
  const app = express();
  app.disable('x-powered-by');
  // xAPI's ETags are the store's own, and a 304 that express decides on would hide statements from old caches.
  app.disable('etag');
  app.enable('case sensitive routing');
  app.locals.access = deps.access;
  app.locals.hooks = hooks;
  app.locals.publicPath = publicPath;

  app.use(beginExchange(hooks), refuseWithoutHost);
  app.use('/xapi', xapiRouter(deps, `${publicPath}/xapi`));
  app.use(refuseMalformedUrls);
  for (const [name, router] of Object.entries(routers)) {
    if (router) app.use(`/${name}`, router);
  }
  app.use(openApiRouter());
  app.route('/').get(homePage).all(methodNotAllowed('GET, HEAD'));
  app.route('/problems').get(problemsPage).all(methodNotAllowed('GET, HEAD'));
  app.route('/problems/:kind').get(problemPage).all(methodNotAllowed('GET, HEAD'));
  // Browsers ask for it beside JSON too; an answer without an icon is no error in their consoles.
  app.route('/favicon.ico').get(noIcon).all(methodNotAllowed('GET, HEAD'));
  app.use(answerNotFound, answerProblem);
  return app;
}

/** `https://example.gov.in/lrs/` → `/lrs`; nothing for a bare origin. */
function pathOf(publicUrl: string | undefined): string {
  return publicUrl === undefined ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '');
}
