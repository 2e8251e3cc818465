// Terms and ids as fixed bytes. A term's key is the first 12 bytes of its SHA-256: two terms of one record meet by chance
// with odds below 2^-40 even at a hundred million terms, and nobody can aim at another's term. Held as strings of one
// character a byte, which JavaScript compares, sorts and hashes natively.

import { hash } from 'node:crypto';
import type { StatementId } from '../../../contracts/words.ts';
import type { Term } from '../../../projections/statement-index/index.ts';

declare const kind: unique symbol;
/** 12 characters, one a byte. */
export type TermKey = string & { readonly [kind]: 'TermKey' };
/** 16 characters, one a byte. */
export type IdKey = string & { readonly [kind]: 'IdKey' };

export const TERM_KEY_BYTES = 12;
export const ID_BYTES = 16;

/** Stands for "every statement" in a sealed segment; no SHA-256 of a term is all zero. */
export const EVERY = '\0'.repeat(TERM_KEY_BYTES) as TermKey;

export function termKey(term: Term): TermKey {
  return hash('sha256', term, 'latin1').slice(0, TERM_KEY_BYTES) as TermKey;
}

/** The same as bytes, with some more behind them. */
export function termKeyBytes(term: Term): Buffer {
  return hash('sha256', term, 'buffer');
}

const HEX = new Int8Array(128).fill(-1);
for (let digit = 0; digit < 16; digit++) {
  HEX[digit.toString(16).charCodeAt(0)] = digit;
  HEX[digit.toString(16).toUpperCase().charCodeAt(0)] = digit;
}

/** The 16 bytes of a UUID. @throws RangeError for what is none */
export function idKey(id: StatementId): IdKey {
  const bytes: number[] = [];
  let high = -1;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    if (code === 45) continue;
    const digit = HEX[code] ?? -1;
    if (digit < 0) throw new RangeError(`not a UUID: ${id}`);
    if (high < 0) high = digit;
    else {
      bytes.push(high * 16 + digit);
      high = -1;
    }
  }
  if (bytes.length !== ID_BYTES) throw new RangeError(`not a UUID: ${id}`);
  return String.fromCharCode(...bytes) as IdKey;
}

export function bytesOf(key: TermKey | IdKey): Uint8Array {
  return Buffer.from(key, 'latin1');
}

/** The key that starts at `at`. */
export function keyAt<Key extends TermKey | IdKey>(bytes: Buffer, at: number, length: number): Key {
  return bytes.toString('latin1', at, at + length) as Key;
}

/** A view of what SQLite returned; nothing is copied. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
