// Who asks, and whether they may: HTTP Basic (RFC 7617), the scopes, and the limit of requests a second. Every room under http/
// uses these.

import type { Request, RequestHandler, Response } from 'express';
import { type Access, AttemptsExhausted, allows, type Credential, type Scope } from '../access/port.ts';
import { type Exchange, exchangeOf, sharedByRooms } from './exchange.ts';
import { HttpProblem } from './problem.ts';

const CHALLENGE = { 'WWW-Authenticate': 'Basic realm="Pramaan", charset="UTF-8"' };
const BASIC = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Router middleware: the request has a valid credential with one of these scopes, and requests left this second.
 * The credential is then `credentialOf(response)`. 401, 403 or 429 otherwise.
 */
export function requireScope(...oneOf: readonly Scope[]): RequestHandler {
  return async (request, response, next) => {
    await authenticate(request, response);
    needScope(response, ...oneOf);
    next();
  };
}

/**
 * Finds the credential of the request and sets it in the exchange.
 * @throws HttpProblem 401 without a valid credential, 429 above its requests a second or while its secret is being guessed at
 */
export async function authenticate(
  request: Request,
  response: Response,
  authorization: string | undefined = request.headers.authorization,
): Promise<Credential> {
  const { access } = sharedByRooms(request);
  const exchange = exchangeOf(response);
  const credential = await credentialFor(access, exchange, authorization);
  exchange.credential = credential;
  const admission = access.admit(credential);
  if (!admission.admitted) {
    const { perSecond, retryAfter } = admission;
    throw new HttpProblem('too-many-requests', `This credential may make ${perSecond} requests a second.`, {
      headers: { 'Retry-After': String(Math.max(1, Math.ceil(retryAfter))) },
    });
  }
  return credential;
}

/** @throws HttpProblem 403 when the request's credential has none of these scopes */
export function needScope(response: Response, ...oneOf: readonly Scope[]): void {
  const { credential } = exchangeOf(response);
  if (!credential || !oneOf.some((scope) => allows(credential.scopes, scope))) {
    throw new HttpProblem('forbidden', `This needs the scope ${oneOf.join(' or ')}.`);
  }
}

async function credentialFor(
  access: Access,
  exchange: Exchange,
  authorization: string | undefined,
): Promise<Credential> {
  if (authorization === undefined) throw new HttpProblem('unauthenticated', undefined, { headers: CHALLENGE });
  const pair = basicPair(authorization);
  if (!pair) {
    throw new HttpProblem('unauthenticated', 'The Authorization header is not a well-formed Basic one.', {
      headers: CHALLENGE,
    });
  }
  exchange.keyHolder = access.holderOf(pair.key);
  const credential = await access.authenticate(pair.key, pair.secret).catch((error: unknown) => {
    if (!(error instanceof AttemptsExhausted)) throw error;
    throw new HttpProblem('too-many-attempts', undefined, { headers: { 'Retry-After': String(error.retryAfter) } });
  });
  // The same words for an unknown key and a wrong secret: nobody learns which keys exist.
  if (!credential) throw new HttpProblem('unauthenticated', 'No such key and secret.', { headers: CHALLENGE });
  return credential;
}

/** Key and secret of an Authorization header; undefined when it is not Basic or malformed. The first colon separates. */
export function basicPair(authorization: string): { readonly key: string; readonly secret: string } | undefined {
  const encoded = BASIC.exec(authorization)?.[1];
  if (!encoded) return undefined;
  let pair: string;
  try {
    pair = utf8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : { key: pair.slice(0, colon), secret: pair.slice(colon + 1) };
}
