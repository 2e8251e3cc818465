// Reads request bodies within limits: compressed ones are measured while they are inflated, so that a bomb is refused at the
// limit and never unfolded (RFC 9110 8.4).

import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { Request } from 'express';
import { ClientGone } from './exchange.ts';
import { HttpProblem } from './problem.ts';

export interface BodyLimits {
  /** As sent, in bytes. */
  readonly maxBodyBytes: number;
  /** After decompression, in bytes. */
  readonly maxInflatedBytes: number;
}

const INFLATERS = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
} as const;
/** Fewer, larger pieces: each is an event on the thread that answers everybody. */
const PIECE = { chunkSize: 64 * 1024 };
/**
 * Above a size that costs nothing, no honest batch shrinks a hundredfold (each statement has ids and times of its own); a bomb
 * shrinks a thousandfold. It is refused long before the limit on the inflated size.
 */
const MOST_SHRUNK = 100;
const COSTS_NOTHING = 4 * 1024 * 1024;
const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

/**
 * The whole body, decompressed; empty when there is none. The buffer is the caller's own.
 * @throws HttpProblem 413 above a limit, 415 for an unknown encoding, 400 for a broken one
 * @throws ClientGone
 */
export async function readBody(request: Request, limits: BodyLimits): Promise<Buffer> {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding !== 'identity' && encoding !== '' && !Object.hasOwn(INFLATERS, encoding)) {
    throw new HttpProblem('unsupported-media-type', `Content-Encoding: only ${ACCEPTED_ENCODINGS} are understood`, {
      headers: { 'Accept-Encoding': ACCEPTED_ENCODINGS },
    });
  }
  if (Number(request.headers['content-length'] ?? 0) > limits.maxBodyBytes) {
    throw tooLarge(request, limits, asSent(limits));
  }
  const inflater = Object.hasOwn(INFLATERS, encoding) ? INFLATERS[encoding as keyof typeof INFLATERS] : undefined;
  return inflater ? collectInflated(request, inflater(PIECE), limits) : collect(request, limits);
}

function tooLarge(request: Request, limits: BodyLimits, detail: string): HttpProblem {
  discardRest(request, limits.maxBodyBytes);
  return new HttpProblem('too-large', detail);
}

const asSent = ({ maxBodyBytes }: BodyLimits) => `The body is larger than ${maxBodyBytes} bytes.`;

/** Reading this much for nothing is cheaper than a client that repeats what was refused, because it never read why. */
const ALWAYS_DISCARDED = 8 * 1024 * 1024;

/**
 * Lets a refused client finish sending, up to as much again, so that it gets to read the answer; then hangs up. Closing at
 * once would reset the connection under the answer.
 */
function discardRest(request: Request, budget: number): void {
  let rest = Math.max(budget, ALWAYS_DISCARDED);
  request.on('data', (chunk: Buffer) => {
    rest -= chunk.byteLength;
    if (rest < 0) request.destroy();
  });
  request.resume();
}

function collect(request: Request, limits: BodyLimits): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const onData = (chunk: Buffer) => {
      size += chunk.byteLength;
      if (size > limits.maxBodyBytes) {
        release();
        reject(tooLarge(request, limits, asSent(limits)));
        return;
      }
      chunks.push(chunk);
    };
    const onEnd = () => {
      release();
      resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, size));
    };
    const onGone = () => {
      release();
      reject(new ClientGone());
    };
    const release = () => {
      request.off('data', onData).off('end', onEnd).off('close', onGone);
    };
    request.on('data', onData).on('end', onEnd).on('error', onGone).on('close', onGone);
    // A request that ended before anybody listened says nothing any more.
    if (request.destroyed && !request.readableEnded) onGone();
  });
}

function collectInflated(
  request: Request,
  inflater: ReturnType<(typeof INFLATERS)[keyof typeof INFLATERS]>,
  limits: BodyLimits,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let sent = 0;
    let inflated = 0;
    let settled = false;
    const refuse = (error: Error) => {
      if (settled) return;
      settled = true;
      request.unpipe(inflater);
      inflater.destroy();
      chunks.length = 0;
      reject(error);
    };
    request.on('data', (chunk: Buffer) => {
      sent += chunk.byteLength;
      if (!settled && sent > limits.maxBodyBytes) refuse(tooLarge(request, limits, asSent(limits)));
    });
    const onGone = () => refuse(new ClientGone());
    request.on('error', onGone).on('close', () => {
      if (!request.complete) onGone();
    });
    inflater.on('data', (chunk: Buffer) => {
      inflated += chunk.byteLength;
      if (settled) return;
      if (inflated > limits.maxInflatedBytes) {
        refuse(tooLarge(request, limits, `Decompressed, the body is larger than ${limits.maxInflatedBytes} bytes.`));
      } else if (inflated > COSTS_NOTHING && inflated > sent * MOST_SHRUNK) {
        refuse(tooLarge(request, limits, `Decompressed, the body is more than ${MOST_SHRUNK} times as large as sent.`));
      } else {
        chunks.push(chunk);
      }
    });
    inflater.on('error', () => {
      refuse(new HttpProblem('invalid-body', 'The body is not what its Content-Encoding says.'));
      request.resume();
    });
    inflater.on('end', () => {
      if (settled) return;
      settled = true;
      resolve(Buffer.concat(chunks, inflated));
    });
    request.pipe(inflater);
  });
}

/**
 * The body as JSON, for the rooms that take commands. `undefined` when there is none.
 * @throws HttpProblem 400 for what is not UTF-8 or not JSON, else as {@link readBody}
 */
export async function readJson(request: Request, maxBytes = 1024 * 1024): Promise<unknown> {
  const body = await readBody(request, { maxBodyBytes: maxBytes, maxInflatedBytes: maxBytes });
  if (body.byteLength === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new HttpProblem('invalid-body', 'The body is not JSON in UTF-8.');
  }
}
