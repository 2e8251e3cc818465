// /openapi.json, and /openapi: a page on which it can be read and its GETs tried. Everything comes from here; nothing is loaded
// from elsewhere.

import { readFileSync } from 'node:fs';
import { type RequestHandler, Router } from 'express';
import { sharedByRooms } from '../exchange.ts';
import { methodNotAllowed } from '../problem.ts';
import { openApiDocument } from './document.ts';

const SECURITY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Interfaces · Pramaan</title>
<link rel="stylesheet" href="openapi/page.css">
<script type="module" src="openapi/page.js"></script>
</head>
<body>
<main>
<h1>Interfaces of Pramaan</h1>
<p id="about">Described in <a href="openapi.json">openapi.json</a> (OpenAPI 3.1).</p>
<form id="credential" autocomplete="off">
<label>Key <input name="key" autocomplete="off" spellcheck="false"></label>
<label>Secret <input name="secret" type="password" autocomplete="off"></label>
<span>used when you try a request; kept nowhere</span>
</form>
<div id="operations" aria-live="polite"><p>Loading …</p></div>
</main>
</body>
</html>
`;

/** Mount at the root. */
export function openApiRouter(): Router {
  const router = Router({ caseSensitive: true });
  let json: Buffer | undefined;
  router
    .route('/openapi.json')
    .get((request, response) => {
      json ??= Buffer.from(JSON.stringify(openApiDocument(sharedByRooms(request).publicPath)));
      response.type('application/json');
      response.setHeader('Cache-Control', 'no-cache');
      response.send(json);
    })
    .all(methodNotAllowed('GET, HEAD'));
  for (const [path, type, content] of [
    ['/openapi', 'text/html; charset=utf-8', Buffer.from(PAGE)],
    ['/openapi/page.js', 'text/javascript; charset=utf-8', fileBeside('page.js')],
    ['/openapi/page.css', 'text/css; charset=utf-8', fileBeside('page.css')],
  ] as const) {
    router.route(path).get(sending(type, content)).all(methodNotAllowed('GET, HEAD'));
  }
  return router;
}

function fileBeside(name: string): Buffer {
  return readFileSync(new URL(name, import.meta.url));
}

function sending(type: string, content: Buffer): RequestHandler {
  return (_request, response) => {
    response.setHeader('Content-Type', type);
    response.setHeader('Content-Security-Policy', SECURITY);
    response.setHeader('Cache-Control', 'no-cache');
    response.send(content);
  };
}
