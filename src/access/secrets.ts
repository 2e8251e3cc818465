// Making secrets, and what is kept of them instead. Random ones carry 256 bits and are kept as SHA-256; chosen ones are
// guessable, so they are kept with scrypt.

import { hash, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import type { KeptSecret } from '../../contracts/events/credentials.ts';

/** 256 random bits, base64url. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** 80 random bits in hexadecimal: safe on a command line, in a URL, and as a Basic user name. */
export function randomKey(): string {
  return randomBytes(10).toString('hex');
}

/**
 * scrypt at the strength OWASP's password storage sheet asks for in its 32 MiB variant (N=2^15, r=8, p=3): about 0.2 s of one
 * core here. The 128 MiB variant would not fit beside everything else in the memory budget of a small machine.
 */
const SCRYPT = { cost: 2 ** 15, blockSize: 8, parallelization: 3 } as const;

const HASH_BYTES = 32;

export function keepRandom(secret: string): KeptSecret {
  return { scheme: 'sha256', hash: sha256(secret).toString('base64url') };
}

export async function keepChosen(secret: string): Promise<KeptSecret> {
  const salt = randomBytes(16);
  const derived = await derive(secret, salt, SCRYPT);
  return { scheme: 'scrypt', hash: derived.toString('base64url'), salt: salt.toString('base64url'), ...SCRYPT };
}

/** Compares in constant time. Microseconds. */
export function verifyRandom(secret: string, kept: KeptSecret & { scheme: 'sha256' }): boolean {
  return equal(sha256(secret), Buffer.from(kept.hash, 'base64url'));
}

/** Compares in constant time; on a thread of Node's pool, never on the caller's. */
export async function verifyChosen(secret: string, kept: KeptSecret & { scheme: 'scrypt' }): Promise<boolean> {
  return equal(await derive(secret, Buffer.from(kept.salt, 'base64url'), kept), Buffer.from(kept.hash, 'base64url'));
}

/** RFC 7617 2.1: the same characters typed on two systems are the same secret. */
function bytesOf(secret: string): Buffer {
  return Buffer.from(secret.normalize('NFC'));
}

function sha256(secret: string): Buffer {
  return hash('sha256', bytesOf(secret), 'buffer');
}

interface Cost {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

function derive(secret: string, salt: Buffer, { cost, blockSize, parallelization }: Cost): Promise<Buffer> {
  // RFC 7914: 128·r·(N + p) bytes are needed; the rest is room for OpenSSL's own count.
  const maxmem = 128 * blockSize * (cost + parallelization) + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(bytesOf(secret), salt, HASH_BYTES, { cost, blockSize, parallelization, maxmem }, (error, derived) =>
      error ? reject(error) : resolve(derived),
    );
  });
}

function equal(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
