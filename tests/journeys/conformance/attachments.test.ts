// Attachments in both directions, and signed statements (1.0.3 Communication 1.5, Data 2.4.11 and 2.6; 2.0 4.1.3, 4.2.2.6).

import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { CompactSign } from 'jose';
import { describe, expect } from 'vitest';
import { parseMultipart } from '../../../src/http/xapi/multipart.ts';
import {
  type Answer,
  type Anything,
  type Client,
  conformance,
  expectProblem,
  sha256,
  something,
  statement,
} from './client.ts';

const { requirement } = conformance();

const BOUNDARY = 'between-the-parts';
const CRLF = '\r\n';

interface Part {
  readonly headers: Readonly<Record<string, string>>;
  readonly content: string | Uint8Array;
}

function multipart(...parts: readonly Part[]): Buffer {
  const pieces = parts.flatMap(({ headers, content }) => [
    `--${BOUNDARY}${CRLF}${Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}${CRLF}`)
      .join('')}${CRLF}`,
    content,
    CRLF,
  ]);
  return Buffer.concat([...pieces, `--${BOUNDARY}--${CRLF}`].map((piece) => Buffer.from(piece)));
}

function first(value: unknown, contentType = 'application/json'): Part {
  return { headers: { 'Content-Type': contentType }, content: JSON.stringify(value) };
}

function rest(content: string | Uint8Array, change: Readonly<Record<string, string | undefined>> = {}): Part {
  const headers = {
    'Content-Type': 'text/plain',
    'Content-Transfer-Encoding': 'binary',
    'X-Experience-API-Hash': sha256(content),
    ...change,
  };
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { headers: Object.fromEntries(given), content };
}

function attachment(content: string | Uint8Array, change: Readonly<Record<string, unknown>> = {}): Anything {
  return {
    usageType: 'https://example.org/attachments/essay',
    display: { en: 'Essay', hi: 'निबंध' },
    contentType: 'text/plain',
    length: Buffer.from(content).byteLength,
    sha2: sha256(content),
    ...change,
  };
}

const MIXED = `multipart/mixed; boundary=${BOUNDARY}`;

function post(client: Client, body: Uint8Array | string, contentType: string | null = MIXED): Promise<Answer> {
  return client.send('POST', '/statements', { body, headers: { 'content-type': contentType } });
}

/** An essay that no other test sends, and a statement with it. */
function essay(content = `An essay of ${randomUUID()}`) {
  return { content, sent: statement({ attachments: [attachment(content)] }) };
}

/** The parts of an answer. */
function partsOf(answer: Answer): readonly Part[] {
  const boundary = /^multipart\/mixed; boundary=(\w+)$/.exec(answer.headers.get('content-type')!)?.[1];
  return parseMultipart(answer.bytes, boundary!, 100);
}

async function expectNotKept(client: Client, { id }: Anything): Promise<void> {
  expect((await client.get('/statements', { query: { statementId: id } })).status).toBe(404);
}

describe('what is sent', () => {
  requirement(
    'XAPI-00127',
    'attachments travel as application/json with a fileUrl, or in multipart/mixed',
    async (client) => {
      const fileUrl = 'https://example.org/essay.txt';
      const elsewhere = statement({ attachments: [attachment('elsewhere', { fileUrl })] });
      expect((await client.post('/statements', elsewhere)).status).toBe(200);
      expect(
        (await client.put('/statements', { statementId: randomUUID() }, { ...elsewhere, id: undefined })).status,
      ).toBe(204);
      const { content, sent } = essay();
      expect((await post(client, multipart(first(sent), rest(content)))).status).toBe(200);
      expect((await post(client, multipart(first(statement())))).status).toBe(200);
      const again = statement({ attachments: [attachment('elsewhere', { fileUrl })] });
      expect((await post(client, multipart(first([again])))).status).toBe(200);
      for (const type of [
        'multipart/form-data',
        'multipart/related',
        'text/plain',
        'application/xml',
        'nonsense',
        null,
      ]) {
        const { content, sent } = essay();
        const full = type?.startsWith('multipart') ? `${type}; boundary=${BOUNDARY}` : type;
        expectProblem(await post(client, multipart(first(sent), rest(content)), full), 400, String(type));
        expectProblem(await post(client, Buffer.from(JSON.stringify({ ...elsewhere, id: randomUUID() })), full), 400);
        await expectNotKept(client, sent);
      }
    },
  );

  requirement('XAPI-00128', 'a part that is no attachment of a statement', async (client) => {
    const { content, sent } = essay();
    expectProblem(await post(client, multipart(first(sent), rest(content), rest('of nobody'))), 400);
    expectProblem(await post(client, multipart(first(statement()), rest('of nobody'))), 400);
    await expectNotKept(client, sent);
  });

  requirement(
    'XAPI-00129',
    'application/json with an attachment that is neither there nor elsewhere',
    async (client) => {
      const { sent } = essay();
      const { errors } = expectProblem(await client.post('/statements', [statement(), sent]), 400);
      expect(errors[0]).toMatchObject({ index: 1, path: expect.stringMatching(/^\$\[1\]\.attachments/) });
      expectProblem(await post(client, multipart(first(sent))), 400);
      await expectNotKept(client, sent);
    },
  );

  requirement('XAPI-00130', 'a part without the boundary before it', async (client) => {
    const { content, sent } = essay();
    const whole = multipart(first(sent), rest(content)).toString();
    const second = whole.lastIndexOf(`--${BOUNDARY}${CRLF}`);
    const missing = whole.slice(0, second) + whole.slice(second + BOUNDARY.length + 4);
    expectProblem(await post(client, missing), 400);
    expectProblem(await post(client, whole.replace(`--${BOUNDARY}--`, '')), 400);
    expectProblem(await post(client, whole, 'multipart/mixed; boundary=another'), 400);
    await expectNotKept(client, sent);
  });

  requirement('XAPI-00131', 'multipart/mixed without a boundary in its Content-Type', async (client) => {
    const { content, sent } = essay();
    for (const type of ['multipart/mixed', 'multipart/mixed;', 'multipart/mixed; charset=utf-8']) {
      expectProblem(await post(client, multipart(first(sent), rest(content)), type), 400, type);
    }
    expect(
      (await post(client, multipart(first(sent), rest(content)), `multipart/mixed; boundary="${BOUNDARY}"`)).status,
    ).toBe(200);
  });

  requirement('XAPI-00132', 'each further part says its hash, and it is the one of its content', async (client) => {
    const { content, sent } = essay();
    for (const wrong of [undefined, '', sha256('another'), 'none', sha256(content).slice(1)]) {
      expectProblem(await post(client, multipart(first(sent), rest(content, { 'X-Experience-API-Hash': wrong }))), 400);
    }
    await expectNotKept(client, sent);
    for (const algorithm of ['sha256', 'sha384', 'sha512']) {
      const sha2 = createHash(algorithm).update(content).digest('hex');
      const one = statement({ attachments: [attachment(content, { sha2 })] });
      const answer = await post(client, multipart(first(one), rest(content, { 'X-Experience-API-Hash': sha2 })));
      expect(answer.status, algorithm).toBe(200);
    }
  });

  requirement('XAPI-00133', 'all statements stand in the first part', async (client) => {
    const { content, sent } = essay();
    const other = statement();
    expectProblem(await post(client, multipart(first(sent), first(other), rest(content))), 400);
    await expectNotKept(client, sent);
    const { json } = await post(client, multipart(first([sent, other]), rest(content)));
    expect(json).toEqual([sent.id, other.id]);
  });

  requirement('XAPI-00134', 'the first part is application/json', async (client) => {
    const { content, sent } = essay();
    for (const part of [first(sent, 'text/plain'), { ...first(sent), headers: {} }]) {
      expectProblem(await post(client, multipart(part, rest(content))), 400);
    }
    expectProblem(await post(client, multipart(rest(content), first(sent))), 400);
    await expectNotKept(client, sent);
    expect((await post(client, multipart(first(sent, 'application/json; charset=utf-8'), rest(content)))).status).toBe(
      200,
    );
  });

  requirement('XAPI-00135', 'Content-Transfer-Encoding is binary, also where nothing is said', async (client) => {
    const { content, sent } = essay();
    for (const wrong of ['base64', 'quoted-printable']) {
      const part = rest(content, { 'Content-Transfer-Encoding': wrong });
      expectProblem(await post(client, multipart(first(sent), part)), 400, wrong);
    }
    await expectNotKept(client, sent);
    const silent = rest(content, { 'Content-Transfer-Encoding': undefined });
    expect((await post(client, multipart(first(sent), silent))).status).toBe(200);
  });

  requirement('4.1.3 PUT', 'a statement is PUT in multipart/mixed too', async (client) => {
    const { content, sent } = essay();
    const body = multipart(first(sent), rest(content));
    const answer = await client.put('/statements', { statementId: sent.id }, body, { 'content-type': MIXED });
    expect(answer.status).toBe(204);
    expect((await client.statement(sent.id)).attachments).toEqual(sent.attachments);
  });
});

describe('what is returned', () => {
  /** Every byte there is, with a line that looks like the boundary's. */
  const bytes = () =>
    Buffer.concat([
      Buffer.from(randomUUID()),
      Buffer.from(Array.from({ length: 256 }, (_, at) => at)),
      Buffer.from(`${CRLF}--${BOUNDARY}x`),
    ]);

  requirement(
    'XAPI-00167, XAPI-00161',
    'attachments=true: multipart/mixed with each content once, as it was sent',
    async (client) => {
      const [one, two] = [bytes(), bytes()];
      const activity = something();
      const png = { contentType: 'image/png' };
      const batch = [
        statement({ object: { id: activity }, attachments: [attachment(one, png), attachment(two)] }),
        statement({ object: { id: activity }, attachments: [attachment(one, png)] }),
        statement({
          object: { id: activity },
          attachments: [attachment('not here', { fileUrl: 'https://example.org/x' })],
        }),
      ];
      expect((await post(client, multipart(first(batch), rest(one), rest(two)))).status).toBe(200);
      const listed = await client.get('/statements', { query: { activity, attachments: 'true' } });
      expect(listed.status).toBe(200);
      const [json, ...contents] = partsOf(listed);
      expect(json!.headers['content-type']).toBe('application/json');
      const result = JSON.parse(json!.content.toString());
      expect(result.more).toBe('');
      expect(result.statements.map(({ id }: Anything) => id)).toEqual(batch.map(({ id }) => id).reverse());
      expect(contents.map(({ headers }) => headers['x-experience-api-hash']).sort()).toEqual(
        [sha256(one), sha256(two)].sort(),
      );
      for (const { headers, content } of contents) {
        expect(headers['content-transfer-encoding']).toBe('binary');
        expect(headers['x-experience-api-hash']).toBe(sha256(content));
      }
      const single = await client.get('/statements', { query: { statementId: batch[0].id, attachments: 'true' } });
      const [itself, ...its] = partsOf(single);
      expect(JSON.parse(itself!.content.toString())).toMatchObject(batch[0]);
      expect(its.map(({ headers }) => headers['content-type']).sort()).toEqual(['image/png', 'text/plain']);
    },
  );

  requirement(
    'XAPI-00161',
    'attachments=false, and nothing said: application/json without contents',
    async (client) => {
      const { content, sent } = essay();
      await post(client, multipart(first(sent), rest(content)));
      for (const query of [{}, { attachments: 'false' }]) {
        const answer = await client.get('/statements', { query: { statementId: sent.id, ...query } });
        expect(answer.headers.get('content-type')).toBe('application/json');
        expect(answer.json.attachments).toEqual(sent.attachments);
        expect(answer.text).not.toContain(content);
      }
      expectProblem(await client.get('/statements', { query: { attachments: 'maybe' } }), 400);
    },
  );

  requirement('XAPI-00167', 'attachments of a SubStatement travel too', async (client) => {
    const { content, sent } = essay();
    const { id: _, ...inner } = sent;
    const outer = statement({ object: { objectType: 'SubStatement', ...inner } });
    expect((await post(client, multipart(first(outer), rest(content)))).status).toBe(200);
    const [, part] = partsOf(
      await client.get('/statements', { query: { statementId: outer.id, attachments: 'true' } }),
    );
    expect(part!.content.toString()).toBe(content);
  });
});

describe('signed statements', () => {
  const SIGNATURE = 'http://adlnet.gov/expapi/attachments/signature';
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

  async function jws(payload: unknown, alg = 'RS256'): Promise<string> {
    const key = alg === 'HS256' ? new Uint8Array(32) : privateKey;
    return new CompactSign(Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload)))
      .setProtectedHeader({ alg })
      .sign(key);
  }

  function sendSigned(client: Client, sent: Anything, signature: string, contentType = 'application/octet-stream') {
    const attachments = [attachment(signature, { usageType: SIGNATURE, contentType })];
    return post(client, multipart(first({ ...sent, attachments }), rest(signature, { 'Content-Type': contentType })));
  }

  requirement(
    'XAPI-00115',
    'the signature is a JSON Web Signature of application/octet-stream that comes along',
    async (client) => {
      const sent = statement();
      const signature = await jws(sent);
      expectProblem(await sendSigned(client, sent, signature, 'text/plain'), 400);
      expectProblem(await sendSigned(client, sent, 'no signature'), 400);
      const fileUrl = 'https://example.org/signature';
      const type = { usageType: SIGNATURE, contentType: 'application/octet-stream' };
      const elsewhere = { ...sent, attachments: [attachment(signature, { ...type, fileUrl })] };
      expectProblem(await client.post('/statements', elsewhere), 400);
      await expectNotKept(client, sent);
    },
  );

  requirement('XAPI-00116', 'its payload is the statement as JSON', async (client) => {
    const sent = statement();
    for (const payload of ['{"no": json', statement(), { ...sent, object: { id: something() } }, '']) {
      const { errors } = expectProblem(await sendSigned(client, sent, await jws(payload)), 400);
      expect(errors[0].path).toBe('$.attachments[0]');
    }
    await expectNotKept(client, sent);
  });

  requirement('XAPI-00117', 'its algorithm is RS256, RS384 or RS512', async (client) => {
    for (const alg of ['RS256', 'RS384', 'RS512']) {
      const sent = statement();
      const signature = await jws(sent, alg);
      expect((await sendSigned(client, sent, signature)).status, alg).toBe(200);
      const answer = await client.get('/statements', { query: { statementId: sent.id, attachments: 'true' } });
      expect(partsOf(answer)[1]!.content.toString()).toBe(signature);
    }
    for (const alg of ['HS256', 'PS256']) {
      const sent = statement();
      expectProblem(await sendSigned(client, sent, await jws(sent, alg)), 400, alg);
      await expectNotKept(client, sent);
    }
  });
});
