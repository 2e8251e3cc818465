// Writing answers: JSON that is already bytes, and dates as HTTP wants them.

import type { Response } from 'express';
import type { Microseconds } from '../../../contracts/words.ts';

/** Writes the pieces as one JSON body, without copying them together. HEAD gets the same headers and no body. */
export function writeJson(response: Response, ...pieces: readonly Uint8Array[]): void {
  let length = 0;
  for (const piece of pieces) length += piece.byteLength;
  response.setHeader('Content-Type', 'application/json');
  response.setHeader('Content-Length', length);
  if (pieces.length === 1) {
    response.end(pieces[0]);
    return;
  }
  response.cork();
  for (const piece of pieces) response.write(piece);
  response.end();
  response.uncork();
}

/** A value as JSON; for small answers. */
export function writeValue(response: Response, value: unknown): void {
  writeJson(response, Buffer.from(JSON.stringify(value)));
}

/** RFC 9110 8.8.2, in whole seconds. */
export function lastModified(at: Microseconds): string {
  return new Date(Math.floor(at / 1000)).toUTCString();
}
