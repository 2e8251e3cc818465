// Requests that are repeated while the other side cannot answer: 429, 5xx, no connection. Everything asked here may be asked
// twice: reading changes nothing, and a statement with its id is stored once.

import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  /** Seconds of failing in a row after which it is given up. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
  /** Connections dropped in a row after which the request itself is taken to be the reason; undefined: it never is. */
  readonly drops?: number;
  /** Told before each new attempt, in words. */
  readonly onTrouble?: (what: string, nextInSeconds: number) => void;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** No usable answer came in time; in words. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** The other side hangs up on this request again and again: some do so to a body that they find too large, without a word. */
export class ConnectionDropped extends Error {
  override readonly name = 'ConnectionDropped';
}

const FIRST_WAIT = 0.25;
const LONGEST_WAIT = 30;
const ONE_ATTEMPT_MS = 120_000;

/** @throws NoAnswer when the patience is used up, ConnectionDropped after so many drops */
export async function askPatiently(url: URL, request: RequestInit, patience: Patience): Promise<Answer> {
  const begun = performance.now();
  let drops = 0;
  for (let attempt = 0; ; attempt++) {
    const outcome = await ask(url, request, patience.signal);
    if ('status' in outcome && outcome.status !== 429 && outcome.status < 500) return outcome;
    patience.signal?.throwIfAborted();
    const trouble = 'status' in outcome ? `it answered ${outcome.status}${detailOf(outcome)}` : outcome.trouble;
    drops = 'trouble' in outcome && outcome.dropped ? drops + 1 : 0;
    if (drops === patience.drops) throw new ConnectionDropped(trouble);
    const wait = waitBefore(attempt, 'status' in outcome ? outcome.headers.get('Retry-After') : null);
    if ((performance.now() - begun) / 1000 + wait > patience.seconds) {
      throw new NoAnswer(`${url.origin} cannot be used: ${trouble}.`);
    }
    patience.onTrouble?.(`${url.origin}: ${trouble}`, wait);
    await pause(wait * 1000, undefined, patience.signal ? { signal: patience.signal } : {});
  }
}

interface Trouble {
  readonly trouble: string;
  readonly dropped: boolean;
}

async function ask(url: URL, request: RequestInit, signal?: AbortSignal): Promise<Answer | Trouble> {
  const limit = AbortSignal.timeout(ONE_ATTEMPT_MS);
  try {
    const response = await fetch(url, {
      ...request,
      // A redirect would carry the secret to wherever it points.
      redirect: 'manual',
      signal: signal ? AbortSignal.any([signal, limit]) : limit,
    });
    return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
  } catch (error) {
    return troubleOf(error as Error);
  }
}

function waitBefore(attempt: number, retryAfter: string | null): number {
  const asked = retryAfter === null ? Number.NaN : Number(retryAfter);
  if (asked >= 0) return Math.min(asked, 3600);
  const date = retryAfter === null ? Number.NaN : Date.parse(retryAfter);
  if (!Number.isNaN(date)) return Math.max(0, (date - Date.now()) / 1000);
  // Jittered, so that several importers do not come back in step.
  return Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** attempt) * (0.75 + Math.random() / 2);
}

function troubleOf(error: Error): Trouble {
  const cause = error.cause as (Error & { code?: string }) | undefined;
  if (error.name === 'TimeoutError') return { trouble: `no answer within ${ONE_ATTEMPT_MS / 1000} s`, dropped: false };
  switch (cause?.code) {
    case 'ECONNREFUSED':
      return { trouble: 'nothing listens there', dropped: false };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return { trouble: 'the name of the host is not known', dropped: false };
    case 'ECONNRESET':
    case 'EPIPE':
    case 'UND_ERR_SOCKET':
      return { trouble: 'the connection was dropped', dropped: true };
  }
  return { trouble: cause?.message || error.message, dropped: false };
}

/** What a problem+json says, or the first words of another text. */
export function detailOf({ body, headers }: Answer): string {
  const text = Buffer.from(body).toString('utf8');
  if (headers.get('Content-Type')?.includes('json')) {
    try {
      const problem = JSON.parse(text) as { title?: unknown; detail?: unknown };
      const words = [problem.title, problem.detail].filter((part) => typeof part === 'string');
      if (words.length > 0) return ` (${words.join(': ')})`;
    } catch {
      // Not JSON after all: shown as text.
    }
  }
  const words = text.replaceAll(/\s+/g, ' ').trim();
  return words === '' || words.startsWith('<') ? '' : ` (${words.slice(0, 200)})`;
}
