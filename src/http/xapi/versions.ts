// Version negotiation (xAPI 1.0.3 Communication 3.3, xAPI 2.0 4.1.6): every request but About says its version, every answer
// says the one it was served under.

import type { Request, RequestHandler, Response } from 'express';
import type { XapiVersion } from '../../../contracts/words.ts';
import { exchangeOf } from '../exchange.ts';
import { HttpProblem } from '../problem.ts';

export const SUPPORTED_VERSIONS: readonly XapiVersion[] = ['1.0.3', '2.0.0'];
const HEADER = 'X-Experience-API-Version';

/** `1.0` and every `1.0.x` mean 1.0.3, `2.0` and every `2.0.x` mean 2.0.0; anything else is not served. */
export function servedVersion(sent: string): XapiVersion | undefined {
  if (/^1\.0(\.\d{1,9})?$/.test(sent)) return '1.0.3';
  if (/^2\.0(\.\d{1,9})?$/.test(sent)) return '2.0.0';
  return undefined;
}

/** Says a version on every answer: the request's, else the fallback, also on errors and preflights. */
export function sayVersion(fallback: XapiVersion): RequestHandler {
  return (request, response, next) => {
    const sent = request.headers['x-experience-api-version'];
    response.setHeader(HEADER, (typeof sent === 'string' && servedVersion(sent)) || fallback);
    next();
  };
}

/**
 * The version the request is served under; also kept in the exchange.
 * @throws HttpProblem 400 without a version header, or with one that is not served
 */
export function negotiateVersion(request: Request, response: Response): XapiVersion {
  const sent = request.headers['x-experience-api-version'];
  if (typeof sent !== 'string') throw new HttpProblem('invalid-version', `The header ${HEADER} is missing.`);
  const version = servedVersion(sent);
  if (!version) throw new HttpProblem('invalid-version', `Served are ${SUPPORTED_VERSIONS.join(' and ')}.`);
  exchangeOf(response).version = version;
  response.setHeader(HEADER, version);
  return version;
}

/** Of a request whose version was negotiated. */
export function versionOf(response: Response): XapiVersion {
  const { version } = exchangeOf(response);
  if (!version) throw new Error('asked for the version of a request before it was negotiated');
  return version;
}
