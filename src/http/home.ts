// The page at `/` and the pages at `/problems/…` that the `type` of a problem points to. Plain HTML: no scripts, nothing loaded.

import type { RequestHandler } from 'express';
import { HttpProblem, PROBLEM_KINDS, type ProblemKind } from './problem.ts';

const SECURITY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
const STYLE = `
  :root { color-scheme: light dark; }
  body { font: 1.05rem/1.6 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1.25rem; }
  h1 { font-size: 1.6rem; line-height: 1.3; }
  dt { margin-top: .9rem; font-weight: 600; }
  dd { margin: 0; }
  a:focus-visible { outline: 3px solid currentColor; outline-offset: 2px; }
`;

const LINKS: readonly (readonly [path: string, title: string, meaning: string])[] = [
  ['xapi/about', 'xAPI', 'the learning-record store: versions served. Point learning systems at /xapi.'],
  ['openapi', 'Interfaces', 'reports, administration and audit: what can be asked, and what is answered'],
  ['health/ready', 'Readiness', 'whether statements can be recorded and read, and how far the index lags'],
  ['health/live', 'Liveness', 'whether the process answers'],
  ['metrics', 'Metrics', 'for Prometheus'],
  ['problems', 'Problems', 'what each kind of refusal means'],
];

function page(title: string, heading: string, body: string): Buffer {
  return Buffer.from(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${heading}</h1>
${body}
</main>
</body>
</html>
`);
}

function send(bytes: Buffer): RequestHandler {
  return (_request, response) => {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    response.setHeader('Content-Security-Policy', SECURITY);
    response.setHeader('Content-Length', bytes.byteLength);
    response.end(bytes);
  };
}

function listed(entries: readonly (readonly [path: string, title: string, meaning: string])[]): string {
  const items = entries.map(
    ([path, title, meaning]) => `<dt><a href="${path}">${title}</a></dt><dd>${escaped(meaning)}</dd>`,
  );
  return `<dl>\n${items.join('\n')}\n</dl>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

export const homePage: RequestHandler = send(
  page(
    'Pramaan · प्रमाण',
    '<span lang="hi">प्रमाण</span> · Pramaan',
    `<p>A learning-record store: every statement is proof. <span lang="hi">हर शिक्षण अभिलेख एक प्रमाण है।</span></p>\n${listed(LINKS)}`,
  ),
);

export const problemsPage: RequestHandler = send(
  page(
    'Problems · Pramaan',
    'What each kind of refusal means',
    listed(
      Object.entries(PROBLEM_KINDS).map(([kind, { status, title, meaning }]) => [
        `problems/${kind}`,
        `${status} ${title}`,
        meaning,
      ]),
    ),
  ),
);

const PAGES = new Map(
  Object.entries(PROBLEM_KINDS).map(([kind, { status, title, meaning }]) => [
    kind as ProblemKind,
    send(
      page(
        `${title} · Pramaan`,
        `${status} ${title}`,
        `<p>${escaped(meaning)}</p>\n<p><a href="../problems">All kinds</a></p>`,
      ),
    ),
  ]),
);

export const problemPage: RequestHandler = (request, response, next) => {
  const shown = PAGES.get(request.params.kind as ProblemKind);
  if (!shown) throw new HttpProblem('not-found');
  return shown(request, response, next);
};

export const noIcon: RequestHandler = (_request, response) => {
  response.statusCode = 204;
  response.setHeader('Cache-Control', 'max-age=86400');
  response.end();
};
