// Signed statements (xAPI 1.0.3 Data 2.6): a signature must be well made and belong to the statement it is attached to.

import { createHash, createSign, generateKeyPairSync } from 'node:crypto';
import { CompactSign } from 'jose';
import { describe, expect, test } from 'vitest';
import type { Statement } from '../../../contracts/xapi/index.ts';
import { SIGNATURE, signatureProblems } from '../../../src/recording/signature.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

const original = {
  id: '6690e6c9-3ef0-4ed3-8b37-7f3964730bee',
  actor: { objectType: 'Agent', mbox: 'mailto:asha@example.org', name: 'आशा' },
  verb: { id: 'http://adlnet.gov/expapi/verbs/completed', display: { 'hi-IN': 'पूर्ण किया' } },
  object: { objectType: 'Activity', id: 'https://example.org/courses/1' },
  result: { duration: 'PT1H0.123S', score: { scaled: 0.5 } },
  timestamp: '2026-04-01T09:30:00.000Z',
} as unknown as Statement;

type Algorithm = 'RS256' | 'RS384' | 'RS512' | 'PS256' | 'HS256';

async function sign(payload: unknown, { alg = 'RS256' as Algorithm, header = {} } = {}): Promise<string> {
  const key = alg === 'HS256' ? new Uint8Array(32) : privateKey;
  return new CompactSign(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)))
    .setProtectedHeader({ alg, ...header })
    .sign(key);
}

/** The problems of the statement with this signature attached. */
function problemsWith(signature: string | undefined, statement = original, contentType = 'application/octet-stream') {
  const content = Buffer.from(signature ?? 'none');
  const sha2 = createHash('sha256').update(content).digest('hex');
  const attached = {
    ...statement,
    attachments: [
      { usageType: SIGNATURE, display: { en: 'Signature' }, contentType, length: content.byteLength, sha2 },
    ],
  } as Statement;
  return signatureProblems(attached, '$[3]', '1.0.3', (wanted) =>
    wanted === sha2 && signature !== undefined ? content : undefined,
  );
}

describe('a signature', () => {
  test.each(['RS256', 'RS384', 'RS512'] as const)('made with %s over the statement is taken', async (alg) => {
    expect(problemsWith(await sign(original, { alg }))).toEqual([]);
  });

  test('over the statement written differently is taken: keys in another order, another zone, a finer duration', async () => {
    const { actor, ...rest } = original;
    const payload = {
      ...rest,
      actor,
      timestamp: '2026-04-01T15:00:00.000+05:30',
      result: { ...rest.result, duration: 'PT1H0.129S' },
    };
    expect(problemsWith(await sign(payload))).toEqual([]);
  });

  test('over the statement before the client gave it a timestamp is taken', async () => {
    const { timestamp: _, ...payload } = original;
    expect(problemsWith(await sign(payload))).toEqual([]);
  });

  test.each(['HS256', 'PS256'] as const)('made with %s is refused', async (alg) => {
    expect(problemsWith(await sign(original, { alg }))).toMatchObject([
      { path: '$[3].attachments[0]', message: 'must use RS256, RS384 or RS512', clause: 'xAPI 1.0.3 Data 2.6' },
    ]);
  });

  test('over another statement, or another id, is refused', async () => {
    const other = { ...original, verb: { id: 'http://adlnet.gov/expapi/verbs/failed' } };
    expect(problemsWith(await sign(other))).toMatchObject([{ message: 'its payload is not this statement' }]);
    const renamed = { ...original, id: '6690e6c9-3ef0-4ed3-8b37-7f3964730bef' };
    expect(problemsWith(await sign(renamed))).toMatchObject([
      { message: 'its payload is a statement with another id' },
    ]);
  });

  test('over what is not a statement is refused', async () => {
    for (const payload of ["{'id': 1}", '[]', '{}', 'null', '"text"', [original]]) {
      expect(problemsWith(await sign(payload))).toHaveLength(1);
    }
  });

  test('that is not a compact JSON Web Signature is refused', () => {
    for (const text of ['', 'a.b', 'a.b.c', 'a.b.c.d', '!.!.!', 'bnVsbA.e30.AA', '\xff']) {
      expect(problemsWith(text)).toHaveLength(1);
    }
  });

  test('of another content type, or that did not come with the request, is refused', async () => {
    const signature = await sign(original);
    expect(problemsWith(signature, original, 'text/plain')).toMatchObject([
      { path: '$[3].attachments[0].contentType' },
    ]);
    expect(problemsWith(undefined)).toMatchObject([{ message: 'the signature itself must come with the request' }]);
  });

  test('with critical headers is refused', async () => {
    const [, payload, seal] = (await sign(original)).split('.');
    const header = Buffer.from(JSON.stringify({ alg: 'RS256', crit: ['exp'], exp: 1 })).toString('base64url');
    expect(problemsWith(`${header}.${payload}.${seal}`)).toHaveLength(1);
  });
});

describe('a certificate in the header of a signature', () => {
  test('must be the one that signed', async () => {
    const own = certificate(privateKey, publicKey);
    expect(problemsWith(await sign(original, { header: { x5c: [own] } }))).toEqual([]);
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const foreign = certificate(other.privateKey, other.publicKey);
    expect(problemsWith(await sign(original, { header: { x5c: [foreign] } }))).toMatchObject([
      { message: 'does not verify with the certificate in its header' },
    ]);
  });

  test('is part of a chain, each certified by the next', async () => {
    const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const root = certificate(issuer.privateKey, issuer.publicKey);
    const leaf = certificate(issuer.privateKey, publicKey);
    expect(problemsWith(await sign(original, { header: { x5c: [leaf, root] } }))).toEqual([]);
    const stranger = certificate(privateKey, publicKey);
    expect(problemsWith(await sign(original, { header: { x5c: [leaf, stranger] } }))).toMatchObject([
      { message: 'x5c is not a chain of certificates' },
    ]);
  });

  test('must be a certificate', async () => {
    for (const x5c of ['text', [], ['AAAA'], [1]]) {
      expect(problemsWith(await sign(original, { header: { x5c } as object }))).toHaveLength(1);
    }
  });
});

/** The smallest X.509 v1 certificate (RFC 5280 4.1) for a key, signed with another, in base64 DER. */
function certificate(signer: typeof privateKey, subject: typeof publicKey): string {
  const der = (tag: number, ...contents: Uint8Array[]): Buffer => {
    const content = Buffer.concat(contents);
    const { byteLength } = content;
    const length =
      byteLength < 0x80
        ? [byteLength]
        : byteLength < 0x100
          ? [0x81, byteLength]
          : [0x82, byteLength >> 8, byteLength & 0xff];
    return Buffer.concat([Buffer.from([tag, ...length]), content]);
  };
  const sequence = (...contents: Uint8Array[]) => der(0x30, ...contents);
  const sha256WithRsa = sequence(Buffer.from('06092a864886f70d01010b0500', 'hex'));
  const name = sequence(der(0x31, sequence(Buffer.from('0603550403', 'hex'), der(0x0c, Buffer.from('Pramaan test')))));
  const validity = sequence(der(0x17, Buffer.from('260101000000Z')), der(0x17, Buffer.from('490101000000Z')));
  const toSign = sequence(
    der(0x02, Buffer.from([1])),
    sha256WithRsa,
    name,
    validity,
    name,
    subject.export({ type: 'spki', format: 'der' }),
  );
  const seal = createSign('sha256').update(toSign).sign(signer);
  return sequence(toSign, sha256WithRsa, der(0x03, Buffer.from([0]), seal)).toString('base64');
}
