// Signed statements (xAPI 1.0.3 Data 2.6, xAPI 2.0 4.2.2.6): a JSON Web Signature as an attachment, over the statement itself.
// What is checked is that the signature is well made and belongs to this statement; whom to trust is the reader's question.

import { type KeyObject, verify, X509Certificate } from 'node:crypto';
import type { Problem } from '../../contracts/http/problem.ts';
import type { XapiVersion } from '../../contracts/words.ts';
import {
  type Attachment,
  comparableDigest,
  parseBody,
  type Statement,
  validateStatements,
} from '../../contracts/xapi/index.ts';

export const SIGNATURE = 'http://adlnet.gov/expapi/attachments/signature';
const CLAUSE = { '1.0.3': 'xAPI 1.0.3 Data 2.6', '2.0.0': 'xAPI 2.0 4.2.6' } as const;
const HASHES: Readonly<Record<string, string>> = { RS256: 'sha256', RS384: 'sha384', RS512: 'sha512' };
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Why a signature is not accepted; in words for the client. */
class BadSignature extends Error {
  override readonly name = 'BadSignature';
}

/** Of a statement's attachments, those that are signatures of it. */
export function isSignature(attachment: Attachment): boolean {
  return attachment.usageType === SIGNATURE;
}

/**
 * The problems of a statement's signatures; none when it has none.
 * @param path of the statement: `$` or `$[3]`
 * @param contentOf the attachment that came with the request under this `sha2`
 */
export function signatureProblems(
  statement: Statement,
  path: string,
  version: XapiVersion,
  contentOf: (sha2: string) => Uint8Array | undefined,
): Problem[] {
  const problems: Problem[] = [];
  statement.attachments?.forEach((attachment, place) => {
    if (!isSignature(attachment)) return;
    const at = `${path}.attachments[${place}]`;
    const clause = CLAUSE[version];
    if (attachment.contentType.split(';', 1)[0]!.trim().toLowerCase() !== 'application/octet-stream') {
      problems.push({ path: `${at}.contentType`, message: 'of a signature must be application/octet-stream', clause });
      return;
    }
    const content = contentOf(attachment.sha2);
    if (!content) {
      problems.push({ path: at, message: 'the signature itself must come with the request', clause });
      return;
    }
    try {
      checkSignature(content, statement, version);
    } catch (error) {
      if (!(error instanceof BadSignature)) throw error;
      problems.push({ path: at, message: error.message, clause });
    }
  });
  return problems;
}

function checkSignature(content: Uint8Array, statement: Statement, version: XapiVersion): void {
  const [, header, payload, signature] = COMPACT.exec(text(content).trim()) ?? [];
  if (!header || !payload || !signature) throw new BadSignature('is not a JSON Web Signature in compact serialisation');
  const { alg, x5c } = headerOf(header);
  const hash = typeof alg === 'string' && Object.hasOwn(HASHES, alg) ? HASHES[alg] : undefined;
  if (!hash) throw new BadSignature('must use RS256, RS384 or RS512');
  sameStatement(Buffer.from(payload, 'base64url'), statement, version);
  if (x5c === undefined) return;
  const key = publicKeyOf(x5c);
  const signed = Buffer.from(`${header}.${payload}`, 'latin1');
  if (!verify(hash, signed, key, Buffer.from(signature, 'base64url'))) {
    throw new BadSignature('does not verify with the certificate in its header');
  }
}

function headerOf(encoded: string): { readonly alg?: unknown; readonly x5c?: unknown; readonly crit?: unknown } {
  let header: unknown;
  try {
    header = JSON.parse(utf8.decode(Buffer.from(encoded, 'base64url')));
  } catch {
    header = undefined;
  }
  if (typeof header !== 'object' || header === null || Array.isArray(header)) {
    throw new BadSignature('has a header that is not a JSON object');
  }
  // RFC 7515 4.1.11: whoever does not understand a critical header must refuse.
  if ('crit' in header) throw new BadSignature('names critical headers, none of which is understood');
  return header;
}

/**
 * The payload is the statement as it was before it was signed, equal under the standard's comparison (Data 2.3.1), which leaves
 * attachments out: the signature itself is one.
 */
function sameStatement(payload: Buffer, statement: Statement, version: XapiVersion): void {
  const parsed = parseBody(payload);
  if (!parsed.ok) throw new BadSignature('its payload is not JSON');
  if (Array.isArray(parsed.value)) throw new BadSignature('its payload must be one statement');
  const validated = validateStatements(parsed.value, version);
  if (!validated.ok) {
    const first = validated.problems[0];
    throw new BadSignature(`its payload is not a valid statement: ${first?.path} ${first?.message}`);
  }
  const signed = validated.statements[0]!;
  if (signed.id !== undefined && statement.id !== undefined && signed.id.toLowerCase() !== statement.id.toLowerCase()) {
    throw new BadSignature('its payload is a statement with another id');
  }
  // A store fills in what the client left out; it may have been signed without.
  const assigned = signed.timestamp === undefined || statement.timestamp === undefined ? ['timestamp'] : [];
  if (comparableDigest(signed, assigned) !== comparableDigest(statement, assigned)) {
    throw new BadSignature('its payload is not this statement');
  }
}

/** RFC 7515 4.1.6: the first certificate signed this, and each next one certifies the one before. */
function publicKeyOf(x5c: unknown): KeyObject {
  if (!Array.isArray(x5c) || x5c.length === 0 || x5c.length > 16 || !x5c.every((item) => typeof item === 'string')) {
    throw new BadSignature('x5c must be a list of certificates');
  }
  let chain: X509Certificate[];
  try {
    chain = x5c.map((item: string) => new X509Certificate(Buffer.from(item, 'base64')));
  } catch {
    throw new BadSignature('x5c holds something that is not a certificate');
  }
  for (let i = 1; i < chain.length; i++) {
    if (!chain[i - 1]!.verify(chain[i]!.publicKey)) throw new BadSignature('x5c is not a chain of certificates');
  }
  const key = chain[0]!.publicKey;
  if (key.asymmetricKeyType !== 'rsa') throw new BadSignature('its certificate has no RSA key');
  return key;
}

function text(content: Uint8Array): string {
  try {
    return utf8.decode(content);
  } catch {
    throw new BadSignature('is not a JSON Web Signature in compact serialisation');
  }
}
