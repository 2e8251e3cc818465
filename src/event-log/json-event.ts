// Events as the log takes them, and the little that all of them share: fresh ids, salts, JSON bytes.

import { randomFillSync, randomUUID } from 'node:crypto';
import type { EventId } from '../../contracts/words.ts';
import type { EventToAppend } from './port.ts';

export function jsonEvent(type: string, data: unknown, metadata: Readonly<Record<string, unknown>>): EventToAppend {
  return {
    id: randomUUID() as EventId,
    type,
    contentType: 'json',
    data: Buffer.from(JSON.stringify(data)),
    metadata: Buffer.from(JSON.stringify(metadata)),
  };
}

export function parseJson(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
}

const SALTS = Buffer.alloc(16 * 1024);
let nextSalt = SALTS.length;

/** 16 random bytes, base64: without it a digest of an erased event tells nothing. */
export function salt(): string {
  if (nextSalt === SALTS.length) {
    randomFillSync(SALTS);
    nextSalt = 0;
  }
  nextSalt += 16;
  return SALTS.toString('base64', nextSalt - 16, nextSalt);
}
