// One request and its answer, as every room of http/ sees them: the request's id, who asks, and what the telemetry is told at the end.

import { randomUUID } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import type { CredentialId, XapiVersion } from '../../contracts/words.ts';
import type { Access, Credential } from '../access/port.ts';

export interface Exchange {
  /** The client's `X-Request-Id` where it sent a usable one, else a fresh UUID. Answered, and kept with what is recorded. */
  readonly requestId: string;
  /** performance.now() at the first line of ours. */
  readonly begun: number;
  /** Who asks; set once authenticated. */
  credential?: Credential;
  /** Whose key came with a wrong secret: the rejection is remembered with that credential. */
  keyHolder?: CredentialId | undefined;
  /** The xAPI version of the request; set once negotiated. */
  version?: XapiVersion;
  /** The route for metrics, without anything a client chose: `/xapi/statements`. */
  route?: string;
  /** How many statements the request brought; set once its body is read. */
  statements?: number;
  /** The kind of problem it was refused with. */
  problem?: string;
}

/** What the telemetry is told of each answer. */
export interface Answer {
  readonly method: string;
  readonly route: string;
  readonly status: number;
  readonly seconds: number;
  readonly credential: string | undefined;
  readonly requestId: string;
  readonly statements: number | undefined;
  readonly problem: string | undefined;
  /** The client went away before the answer was written. */
  readonly aborted: boolean;
}

export interface ExchangeHooks {
  readonly onAnswer?: ((answer: Answer) => void) | undefined;
  /** An error that is a fault of ours (500). */
  readonly onFault?: ((error: unknown, requestId: string) => void) | undefined;
}

/** What {@link exchangeOf} and the rooms find in `app.locals`. */
export interface SharedByRooms {
  readonly access: Access;
  readonly hooks: ExchangeHooks;
  /** The path of PRAMAAN_PUBLIC_URL, without a slash at the end; empty for none. */
  readonly publicPath: string;
}

/** The client went away while it was sending: there is nobody to answer. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
}

// Printable, short, nothing that could break a log line or a header.
const USABLE_REQUEST_ID = /^[\w.:+/=@-]{1,128}$/;

/** The first handler of the app: gives every request its exchange. */
export function beginExchange(hooks: ExchangeHooks): RequestHandler {
  return (request, response, next) => {
    const sent = request.headers['x-request-id'];
    const requestId = typeof sent === 'string' && USABLE_REQUEST_ID.test(sent) ? sent : randomUUID();
    const exchange: Exchange = { requestId, begun: performance.now() };
    response.locals.exchange = exchange;
    response.setHeader('X-Request-Id', requestId);
    response.setHeader('X-Content-Type-Options', 'nosniff');
    if (hooks.onAnswer) {
      const { onAnswer } = hooks;
      const { method } = request;
      response.once('close', () => {
        onAnswer({
          method,
          route: exchange.route ?? routeOf(request),
          status: response.statusCode,
          seconds: (performance.now() - exchange.begun) / 1000,
          credential: exchange.credential?.id,
          requestId,
          statements: exchange.statements,
          problem: exchange.problem,
          aborted: !response.writableFinished,
        });
      });
    }
    next();
  };
}

/** The pattern of the matched route; `unknown` for everything else, so that clients cannot invent metrics. */
function routeOf(request: Request): string {
  const path: unknown = request.route?.path;
  return typeof path === 'string' ? `${request.baseUrl}${path === '/' && request.baseUrl ? '' : path}` : 'unknown';
}

export function exchangeOf(response: Response): Exchange {
  return response.locals.exchange as Exchange;
}

/** The credential of an authenticated request. */
export function credentialOf(response: Response): Credential {
  const { credential } = exchangeOf(response);
  if (!credential) throw new Error('asked for the credential of a request that was not authenticated');
  return credential;
}

export function sharedByRooms(request: Request): SharedByRooms {
  return request.app.locals as unknown as SharedByRooms;
}
