// The digests that name attachments (xAPI 1.0.3 Data 2.4.11): any of the SHA-2 family, told apart by their length alone.

import { createHash } from 'node:crypto';

const ALGORITHM_BY_DIGITS: Readonly<Record<number, string>> = {
  56: 'sha224',
  64: 'sha256',
  96: 'sha384',
  128: 'sha512',
};

/** Whether this is a SHA-2 of the content; `digest` in lower-case hexadecimal. */
export function isSha2Of(digest: string, content: Uint8Array): boolean {
  const algorithm = /^[0-9a-f]+$/.test(digest) ? ALGORITHM_BY_DIGITS[digest.length] : undefined;
  return algorithm !== undefined && createHash(algorithm).update(content).digest('hex') === digest;
}
