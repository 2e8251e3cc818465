// URLs, and the host that belongs to them, are checked once, before anything is read from them.

import type { RequestHandler } from 'express';
import { HttpProblem } from './problem.ts';

/** RFC 9112 3.2. Node's own refusal (`requireHostHeader`) is a bare status line, and therefore off. */
export const refuseWithoutHost: RequestHandler = (request, _response, next) => {
  if (request.headers.host === undefined && request.httpVersion !== '1.0') {
    throw new HttpProblem('invalid-request', 'The Host header is missing.');
  }
  next();
};

/** A percent sign that begins no UTF-8 character: 400 here, so that nobody later guesses what was meant. */
export const refuseMalformedUrls: RequestHandler = (request, _response, next) => {
  if (request.url.includes('%')) {
    try {
      decodeURIComponent(request.url);
    } catch {
      throw new HttpProblem('invalid-request', 'The URL is not percent-encoded UTF-8.');
    }
  }
  next();
};
