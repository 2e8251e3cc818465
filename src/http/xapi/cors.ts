// Cross-origin requests (Fetch standard): content in a browser talks to the store from another origin. The headers stand on
// every answer, errors too, or the page could not read why it was refused.

import type { RequestHandler, Response } from 'express';

const METHODS = 'GET, HEAD, PUT, POST, DELETE, OPTIONS';
const REQUEST_HEADERS = [
  'Accept',
  'Accept-Language',
  'Authorization',
  'Content-Encoding',
  'Content-Type',
  'If-Match',
  'If-None-Match',
  'X-Experience-API-Version',
  'X-Experience-API-Hash',
  'X-Pramaan-At-Least',
  'X-Request-Id',
  'X-Requested-With',
].join(', ');
const EXPOSED_HEADERS = [
  'ETag',
  'Last-Modified',
  'Content-Length',
  'Retry-After',
  'WWW-Authenticate',
  'X-Experience-API-Version',
  'X-Experience-API-Consistent-Through',
  'X-Pramaan-Sequence',
  'X-Request-Id',
].join(', ');

/**
 * @param origins of PRAMAAN_CORS_ORIGINS; `*` allows every one. Credentials travel in the Authorization header, never in
 * cookies, so `Access-Control-Allow-Credentials` is not sent.
 */
export function allowOrigins(origins: readonly string[]): RequestHandler {
  const any = origins.includes('*');
  return (request, response, next) => {
    if (any) {
      allow(response, '*');
    } else {
      response.setHeader('Vary', 'Origin');
      const { origin } = request.headers;
      if (origin !== undefined && origins.includes(origin)) allow(response, origin);
    }
    if (request.method !== 'OPTIONS') {
      next();
      return;
    }
    response.setHeader('Allow', METHODS);
    if (response.hasHeader('Access-Control-Allow-Origin')) {
      response.setHeader('Access-Control-Allow-Methods', METHODS);
      response.setHeader('Access-Control-Allow-Headers', REQUEST_HEADERS);
      response.setHeader('Access-Control-Max-Age', '86400');
    }
    response.statusCode = 204;
    response.end();
  };
}

function allow(response: Response, origin: string): void {
  response.setHeader('Access-Control-Allow-Origin', origin);
  response.setHeader('Access-Control-Expose-Headers', EXPOSED_HEADERS);
}
