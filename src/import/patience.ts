// Requests that are repeated while the other side cannot answer: 429, 5xx, no connection. Everything asked here may be asked
// twice: reading changes nothing, and a statement with its id is stored once.

import { setTimeout as pause } from 'node:timers/promises';

export interface Patience {
  /** Seconds of failing in a row after which it is given up. */
  readonly seconds: number;
  readonly signal?: AbortSignal;
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

const FIRST_WAIT = 0.25;
const LONGEST_WAIT = 30;
const ONE_ATTEMPT_MS = 120_000;

/** @throws NoAnswer when the patience is used up */
export async function askPatiently(url: URL, request: RequestInit, patience: Patience): Promise<Answer> {
  const begun = performance.now();
  for (let attempt = 0; ; attempt++) {
    const outcome = await ask(url, request, patience.signal);
    if ('status' in outcome && outcome.status !== 429 && outcome.status < 500) return outcome;
    patience.signal?.throwIfAborted();
    const trouble = 'status' in outcome ? `it answered ${outcome.status}${detailOf(outcome)}` : outcome.trouble;
    const wait = waitBefore(attempt, 'status' in outcome ? outcome.headers.get('Retry-After') : null);
    if ((performance.now() - begun) / 1000 + wait > patience.seconds) {
      throw new NoAnswer(`${url.origin} cannot be used: ${trouble}.`);
    }
    patience.onTrouble?.(`${url.origin}: ${trouble}`, wait);
    await pause(wait * 1000, undefined, patience.signal ? { signal: patience.signal } : {});
  }
}

async function ask(
  url: URL,
  request: RequestInit,
  signal?: AbortSignal,
): Promise<Answer | { readonly trouble: string }> {
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
    return { trouble: inWords(error as Error) };
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

function inWords(error: Error): string {
  if (error.name === 'TimeoutError') return `no answer within ${ONE_ATTEMPT_MS / 1000} s`;
  const cause = error.cause as (Error & { code?: string }) | undefined;
  switch (cause?.code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'the name of the host is not known';
    case 'ECONNRESET':
    case 'UND_ERR_SOCKET':
      return 'the connection was dropped';
  }
  return cause?.message || error.message;
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
