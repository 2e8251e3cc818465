// What nobody should send. Each is answered with 4xx as problem+json that names every problem, nothing is stored, and the server
// goes on.

import { createHash } from 'node:crypto';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openEventLog } from '../../src/event-log/open.ts';
import type { Anything } from './command.ts';
import { rawSocket } from './raw-socket.ts';
import { basic, KEY, logOf, postStatements, removeFolders, SECRET, type Server, startServer } from './server.ts';

const MIB = 1024 * 1024;

let server: Server;
let sequence: number;
let memory: number;

beforeAll(async () => {
  server = await startServer();
  expect((await postStatements(server, [good('a'), good('b')])).status).toBe(200);
  memory = await residentBytes();
});
afterAll(async () => {
  // What was refused is not kept either.
  expect((await residentBytes()) - memory).toBeLessThan(200 * MIB);
  expect(await server.stop()).toBe(0);
  removeFolders();
});
beforeEach(async () => {
  sequence = await head();
});
afterEach(async () => {
  expect(await head()).toBe(sequence);
});

async function head(): Promise<number> {
  const response = await server.fetch('/health/ready');
  expect(response.status).toBe(200);
  return ((await response.json()) as Anything).recording.sequence;
}

async function residentBytes(): Promise<number> {
  const metrics = await (await server.fetch('/metrics')).text();
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)![1]);
}

/** A whole statement; `more` goes over its members. */
function good(course: string, more: object = {}): Anything {
  return {
    actor: { mbox: 'mailto:rubbish@learn.example.gov.in' },
    verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
    object: { id: `https://learn.example.gov.in/courses/${course}` },
    ...more,
  };
}

function post(body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
  return server.fetch('/xapi/statements', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as NonNullable<RequestInit['body']>,
  });
}

interface Wanted {
  readonly status: number;
  readonly kind: string;
  /** Index and path of every problem, in order; `undefined` for an index: none. */
  readonly errors?: readonly (readonly [number | undefined, string])[];
  readonly detail?: RegExp;
}

/** The answer is the refusal wanted, whole. */
async function expectRefusal(response: Response, { status, kind, errors, detail }: Wanted): Promise<Anything> {
  const text = await response.text();
  expect(response.status, text).toBe(status);
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('x-experience-api-version')).toBe('2.0.0');
  const problem = JSON.parse(text) as Anything;
  expect(problem).toMatchObject({ type: `/problems/${kind}`, status, title: expect.any(String) });
  expect(problem.instance).toBe(response.headers.get('x-request-id'));
  if (errors) {
    expect((problem.errors ?? []).map(({ index, path }: Anything) => [index, path])).toEqual(errors);
    for (const { message } of problem.errors ?? []) expect(message).toMatch(/\S/);
  }
  if (detail) expect(problem.detail).toMatch(detail);
  return problem;
}

describe('bodies that are not what they say', () => {
  const utf8 = (text: string) => Buffer.from(text);
  const text = JSON.stringify([good('a'), good('b')]);
  const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const withExtension = (value: string) =>
    JSON.stringify([good('a'), good('b', { context: { extensions: { 'https://e.example/x': 0 } } })]).replace(
      '{"https://e.example/x":0}',
      `{"https://e.example/x":${value}}`,
    );
  const EXTENSION = "$[1].context.extensions['https://e.example/x']";

  test.each<[string, string | Uint8Array, Wanted['errors']]>([
    ['nothing', '', [[undefined, '$']]],
    ['half of it', text.slice(0, text.length / 2), undefined],
    ['a comma too many', `${text.slice(0, -1)},]`, undefined],
    ['two values', `${text}${text}`, undefined],
    [
      'broken UTF-8',
      Buffer.concat([utf8(text.slice(0, 40)), Buffer.from([0xc3, 0x28]), utf8(text.slice(40))]),
      [[undefined, '$']],
    ],
    ['overlong UTF-8', Buffer.concat([utf8('["'), Buffer.from([0xc0, 0xaf]), utf8('"]')]), [[undefined, '$']]],
    [
      'surrogates encoded one by one (CESU-8)',
      Buffer.concat([utf8('["'), Buffer.from([0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80]), utf8('"]')]),
      [[undefined, '$']],
    ],
    ['UTF-16', Buffer.from(text, 'utf16le'), undefined],
    ['a key __proto__', '[{"__proto__":{"x":1}}]', [[0, '$[0]']]],
    ['a key __proto__, escaped', '[{},{"\\u005f_proto\\u005f_":{}}]', [[1, '$[1]']]],
    [
      'keys __proto__ deep inside',
      withExtension('{"a":{"__proto__":{}},"b":[{"\\u005f\\u005fproto__":1}]}'),
      [
        [1, `${EXTENSION}.a`],
        [1, `${EXTENSION}.b[0]`],
      ],
    ],
    [
      'numbers that overflow',
      withExtension('[1e999,1,-1e999]'),
      [
        [1, `${EXTENSION}[0]`],
        [1, `${EXTENSION}[2]`],
      ],
    ],
    ['a lone surrogate in a string', withExtension('"\\ud800"'), [[1, EXTENSION]]],
    ['a lone surrogate in a name', withExtension('{"\\udfff":1}'), [[1, EXTENSION]]],
    ['too deep an array', nested(101), [[0, `$${'[0]'.repeat(100)}`]]],
    ['far too deep an array', nested(200_000), undefined],
    ['far too deep an object', `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`, undefined],
  ])('%s', async (_what, body, errors) => {
    const problem = await expectRefusal(await post(body), {
      status: 400,
      kind: 'invalid-body',
      ...(errors && { errors }),
    });
    expect(problem.errors.length).toBeGreaterThan(0);
  });

  test.each([
    ['a string', '"statement"'],
    ['a number', '12'],
    ['null', 'null'],
    ['true', 'true'],
  ])('%s instead of statements', async (_what, body) => {
    await expectRefusal(await post(body), { status: 400, kind: 'invalid-statement', errors: [[undefined, '$']] });
  });

  test('another charset', async () => {
    await expectRefusal(await post(text, { 'content-type': 'application/json; charset=utf-16' }), {
      status: 400,
      kind: 'invalid-body',
    });
  });

  test.each(['text/plain', 'application/xml', 'multipart/form-data; boundary=x', 'not a type'])(
    'the content type %s',
    async (type) => {
      await expectRefusal(await post(text, { 'content-type': type }), { status: 400, kind: 'invalid-body' });
    },
  );
});

describe('statements with problems', () => {
  test('every problem of every statement is told, with its index and its path', async () => {
    const sha2 = 'a'.repeat(64);
    const batch = [
      good('fine'),
      good('x', { actor: { mbox: 'no mailto' } }),
      good('x', { verb: { id: 'no iri', display: { 'not a tag!': 'x' } }, id: 'no uuid' }),
      good('fine'),
      good('x', { result: { score: { scaled: 7 }, duration: 'a while' }, unknown: 1 }),
      'not a statement',
      good('x', { object: undefined }),
      good('x', { context: { registration: 'x', contextActivities: { parent: [{ id: 'x' }] } } }),
      good('x', { timestamp: 'yesterday', stored: 'today', authority: { mbox: 1 } }),
      good('x', { attachments: [{ usageType: 'x', display: {}, contentType: 'text/plain', length: -1, sha2 }] }),
      null,
    ];
    const problem = await expectRefusal(await post(JSON.stringify(batch)), { status: 400, kind: 'invalid-statement' });
    const told = problem.errors.map(({ index, path }: Anything) => `${index} ${path}`);
    for (const wanted of [
      '1 $[1].actor.mbox',
      '2 $[2].verb.id',
      "2 $[2].verb.display['not a tag!']",
      '2 $[2].id',
      '4 $[4].result.score.scaled',
      '4 $[4].result.duration',
      '4 $[4].unknown',
      '5 $[5]',
      '6 $[6].object',
      '7 $[7].context.registration',
      '7 $[7].context.contextActivities.parent[0].id',
      '8 $[8].timestamp',
      '8 $[8].stored',
      '8 $[8].authority.mbox',
      '9 $[9].attachments[0].usageType',
      '9 $[9].attachments[0].length',
      '10 $[10]',
    ]) {
      expect(told).toContain(wanted);
    }
    for (const { index } of problem.errors) expect([0, 3]).not.toContain(index);
  });

  test('one statement by itself has paths and no index', async () => {
    const response = await post(JSON.stringify(good('x', { actor: {}, verb: { id: 'no iri' } })));
    await expectRefusal(response, {
      status: 400,
      kind: 'invalid-statement',
      errors: [
        [undefined, '$.actor'],
        [undefined, '$.verb.id'],
      ],
    });
  });

  test('an id twice in a batch', async () => {
    const id = '0f8b1e9e-6c9e-4b9c-8a1e-3f2d5c7b9a10';
    const response = await post(JSON.stringify([good('a', { id }), good('b'), good('b', { id: id.toUpperCase() })]));
    const { errors } = await expectRefusal(response, { status: 400, kind: 'invalid-statement' });
    expect(errors).toEqual([expect.objectContaining({ index: 2, path: '$[2].id' })]);
  });

  test('a batch of ten thousand wrong ones is told its first hundred problems', async () => {
    const response = await post(JSON.stringify(Array.from({ length: 10_000 }, () => ({}))));
    const { errors } = await expectRefusal(response, { status: 400, kind: 'invalid-statement' });
    expect(errors).toHaveLength(100);
  });

  test.each(['constructor', 'toString', 'hasOwnProperty', 'prototype'])('the unknown member %s', async (name) => {
    const response = await post(JSON.stringify([good('a', { [name]: { x: 1 } })]));
    await expectRefusal(response, { status: 400, kind: 'invalid-statement', errors: [[0, `$[0].${name}`]] });
  });
});

describe('compressed bodies', () => {
  const zeroes = Buffer.alloc(64 * MIB);
  const bombs = {
    gzip: gzipSync(zeroes),
    deflate: deflateSync(zeroes),
    br: brotliCompressSync(zeroes),
    'x-gzip': gzipSync(Buffer.concat([Buffer.from('[{"a":"'), zeroes])),
  } as const;

  test.each(Object.keys(bombs) as (keyof typeof bombs)[])(
    'a bomb in %s is refused while it unfolds',
    async (encoding) => {
      await expectRefusal(await post(bombs[encoding], { 'content-encoding': encoding }), {
        status: 413,
        kind: 'too-large',
        detail: /Decompressed/,
      });
    },
  );

  test('forty bombs, eight at a time, do not fill the memory', async () => {
    const before = await residentBytes();
    let left = 40;
    let most = 0;
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        while (left-- > 0) {
          const response = await post(bombs.gzip, { 'content-encoding': 'gzip' });
          expect(response.status).toBe(413);
          await response.arrayBuffer();
          most = Math.max(most, await residentBytes());
        }
      }),
    );
    expect(most - before).toBeLessThan(256 * MIB);
  });

  test('bombs are refused on documents too', async () => {
    const response = await server.fetch(
      `/xapi/activities/profile?${new URLSearchParams({ activityId: 'https://learn.example.gov.in/x', profileId: 'bomb' })}`,
      {
        method: 'PUT',
        headers: { 'content-encoding': 'gzip', 'content-type': 'application/json', 'if-none-match': '*' },
        body: bombs.gzip,
      },
    );
    await expectRefusal(response, { status: 413, kind: 'too-large' });
  });

  test('what is not compressed as it says', async () => {
    for (const encoding of ['gzip', 'deflate', 'br']) {
      await expectRefusal(await post(JSON.stringify(good('a')), { 'content-encoding': encoding }), {
        status: 400,
        kind: 'invalid-body',
      });
    }
  });

  test('half of a compressed body', async () => {
    const whole = gzipSync(JSON.stringify(Array.from({ length: 100 }, (_, place) => good(String(place)))));
    await expectRefusal(await post(whole.subarray(0, whole.length / 2), { 'content-encoding': 'gzip' }), {
      status: 400,
      kind: 'invalid-body',
    });
  });

  test.each(['zstd', 'gzip, gzip', 'compress', '__proto__', 'constructor'])('the encoding %s', async (encoding) => {
    await expectRefusal(await post('[]', { 'content-encoding': encoding }), {
      status: 415,
      kind: 'unsupported-media-type',
    });
  });
});

describe('multipart', () => {
  const content = Buffer.from('प्रमाण पत्र');
  const sha2 = createHash('sha256').update(content).digest('hex');
  const attachment = (more: object = {}) => ({
    usageType: 'https://learn.example.gov.in/attachments/certificate',
    display: { 'en-IN': 'Certificate' },
    contentType: 'text/plain',
    length: content.byteLength,
    sha2,
    ...more,
  });
  const statements = [good('a'), good('b', { attachments: [attachment()] })];
  const json = { head: 'Content-Type: application/json', content: Buffer.from(JSON.stringify(statements)) };
  const file = {
    head: `Content-Type: text/plain\r\nContent-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sha2}`,
    content,
  };
  const body = (...parts: { head: string; content: Buffer }[]) =>
    Buffer.concat([
      ...parts.flatMap((part) => [Buffer.from(`--b\r\n${part.head}\r\n\r\n`), part.content, Buffer.from('\r\n')]),
      Buffer.from('--b--\r\n'),
    ]);
  const whole = body(json, file);
  const mixed = 'multipart/mixed; boundary=b';

  afterEach(async () => {
    const { settings, streams } = logOf(server.dataDir);
    const log = await openEventLog(settings, { readOnly: true });
    try {
      expect(await log.head(streams.attachment(sha2))).toBe(-1);
    } finally {
      await log.close();
    }
  });

  test.each<[string, Uint8Array, string, Wanted]>([
    ['no boundary', whole, 'multipart/mixed', { status: 400, kind: 'invalid-body', detail: /boundary/ }],
    [
      'another boundary',
      whole,
      'multipart/mixed; boundary=c',
      { status: 400, kind: 'invalid-body', detail: /boundary/ },
    ],
    [
      'a boundary that cannot be one',
      whole,
      'multipart/mixed; boundary="\u00e9"',
      { status: 400, kind: 'invalid-body', detail: /boundary/ },
    ],
    [
      'cut off in the attachment',
      whole.subarray(0, whole.length - 20),
      mixed,
      { status: 400, kind: 'invalid-body', detail: /closing boundary/ },
    ],
    ['cut off in the headers', whole.subarray(0, 20), mixed, { status: 400, kind: 'invalid-body' }],
    ['nothing', Buffer.alloc(0), mixed, { status: 400, kind: 'invalid-body' }],
    ['no parts', Buffer.from('--b--\r\n'), mixed, { status: 400, kind: 'invalid-body', detail: /no parts/ }],
    [
      'line feeds alone',
      Buffer.from(whole.toString('latin1').replaceAll('\r\n', '\n'), 'latin1'),
      mixed,
      { status: 400, kind: 'invalid-body' },
    ],
    ['the attachment first', body(file, json), mixed, { status: 400, kind: 'invalid-body', detail: /first part/ }],
    [
      'no attachment',
      body(json),
      mixed,
      { status: 400, kind: 'invalid-attachments', errors: [[1, '$[1].attachments[0]']] },
    ],
    [
      'an attachment that no statement names',
      body(json, file, {
        head: file.head.replace(sha2, createHash('sha256').update('other').digest('hex')),
        content: Buffer.from('other'),
      }),
      mixed,
      { status: 400, kind: 'invalid-attachments', errors: [[undefined, '$parts[2]']] },
    ],
    [
      'a wrong hash',
      body(json, { ...file, content: Buffer.from('something else') }),
      mixed,
      { status: 400, kind: 'invalid-attachments', errors: [[undefined, '$parts[1]']] },
    ],
    [
      'two wrong hashes',
      body(json, { ...file, content: Buffer.from('x') }, { ...file, content: Buffer.from('y') }),
      mixed,
      {
        status: 400,
        kind: 'invalid-attachments',
        errors: [
          [undefined, '$parts[1]'],
          [undefined, '$parts[2]'],
        ],
      },
    ],
    [
      'a hash that is none',
      body(json, { ...file, head: file.head.replace(sha2, 'xyz') }),
      mixed,
      { status: 400, kind: 'invalid-attachments', errors: [[undefined, '$parts[1]']] },
    ],
    [
      'no hash',
      body(json, { head: 'Content-Type: text/plain', content }),
      mixed,
      { status: 400, kind: 'invalid-attachments', errors: [[undefined, '$parts[1]']] },
    ],
    [
      'base64',
      body(json, { ...file, head: file.head.replace('binary', 'base64') }),
      mixed,
      { status: 400, kind: 'invalid-attachments', errors: [[undefined, '$parts[1]']] },
    ],
    [
      'a header twice',
      body(json, { ...file, head: `${file.head}\r\nContent-Type: text/html` }),
      mixed,
      { status: 400, kind: 'invalid-body', detail: /twice/ },
    ],
    [
      'a malformed header',
      body(json, { ...file, head: `${file.head}\r\nno colon` }),
      mixed,
      { status: 400, kind: 'invalid-body', detail: /header/ },
    ],
    [
      'invalid statements with a good attachment',
      body(
        { ...json, content: Buffer.from(JSON.stringify([good('a', { actor: 1, attachments: [attachment()] })])) },
        file,
      ),
      mixed,
      { status: 400, kind: 'invalid-statement', errors: [[0, '$[0].actor']] },
    ],
  ])('%s', async (_what, bytes, type, wanted) => {
    await expectRefusal(await post(bytes, { 'content-type': type }), wanted);
  });

  test('every missing content of a batch is told', async () => {
    const lacking = [
      good('a', {
        attachments: [
          attachment(),
          attachment({ fileUrl: 'https://files.example/a' }),
          attachment({ sha2: 'b'.repeat(64) }),
        ],
      }),
      good('b'),
      good('c', {
        object: { objectType: 'SubStatement', ...good('d', { attachments: undefined }) },
        attachments: [attachment({ sha2: 'c'.repeat(64) })],
      }),
    ];
    await expectRefusal(await post(JSON.stringify(lacking)), {
      status: 400,
      kind: 'invalid-attachments',
      errors: [
        [0, '$[0].attachments[0]'],
        [0, '$[0].attachments[2]'],
        [2, '$[2].attachments[0]'],
      ],
    });
  });
});

describe('URLs, headers and lengths', () => {
  const AUTHORIZATION = `Authorization: ${basic(KEY, SECRET)}\r\nX-Experience-API-Version: 2.0.0`;
  const JSON_STATEMENT = JSON.stringify(good('raw'));
  const request = (length: number | string, body: string) =>
    `POST /xapi/statements HTTP/1.1\r\nHost: x\r\n${AUTHORIZATION}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n${body}`;

  /** Sends on a connection of its own, and takes what is answered until the server hangs up. */
  async function answersTo(bytes: string): Promise<string> {
    const raw = await rawSocket(server);
    raw.write(bytes);
    return raw.answers;
  }

  function expectUnparsed(answer: string, status: number): void {
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('Content-Type: application/problem+json');
    expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toMatchObject({
      type: '/problems/invalid-request',
      status,
    });
  }

  test('a URL of 100 kB', async () => {
    expectUnparsed(
      await answersTo(`GET /xapi/statements?verb=${'x'.repeat(100_000)} HTTP/1.1\r\nHost: x\r\n\r\n`),
      431,
    );
  });

  test('headers of 100 kB', async () => {
    expectUnparsed(
      await answersTo(`GET /xapi/about HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`),
      431,
    );
  });

  test('a URL of 10 kB is a parameter like any other', async () => {
    await expectRefusal(await server.fetch(`/xapi/statements?${'x'.repeat(10_000)}=1`), {
      status: 400,
      kind: 'invalid-parameter',
    });
  });

  test('a URL that is not percent-encoded UTF-8', async () => {
    await expectRefusal(await server.fetch('/xapi/statements?verb=%ff'), { status: 400, kind: 'invalid-request' });
    await expectRefusal(await server.fetch('/xapi/%e0%a4'), { status: 400, kind: 'invalid-request' });
  });

  test.each([
    ['no HTTP at all', 'rubbish\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000'],
    ['a length that is no number', request('many', JSON_STATEMENT)],
    ['a negative length', request(-1, JSON_STATEMENT)],
    [
      'a length and chunks',
      request(5, JSON_STATEMENT).replace('Content-Length', 'Transfer-Encoding: chunked\r\nContent-Length'),
    ],
    ['two lengths', request(5, JSON_STATEMENT).replace('Content-Length', 'Content-Length: 6\r\nContent-Length')],
    ['chunks that are none', request(0, 'zz\r\nrubbish').replace('Content-Length: 0', 'Transfer-Encoding: chunked')],
    ['a header with a control character', `GET /xapi/about HTTP/1.1\r\nHost: x\r\nX: \u0001\r\n\r\n`],
  ])('%s', async (_what, bytes) => {
    expectUnparsed(await answersTo(bytes), 400);
  });

  test('a body shorter than it says, whose sender goes away', async () => {
    const raw = await rawSocket(server);
    raw.write(request(JSON_STATEMENT.length + 10, JSON_STATEMENT));
    raw.socket.end();
    await raw.answers;
  });

  test('a body longer than it says: what it says is half a statement, the rest is no request', async () => {
    const answers = await answersTo(request(JSON_STATEMENT.length - 5, JSON_STATEMENT));
    expect(answers).toMatch(/^HTTP\/1.1 400 /);
    expect(answers).toContain('"/problems/invalid-body"');
  });

  test('clients that stop half way hold nobody up', async () => {
    const stuck = await Promise.all(Array.from({ length: 200 }, () => rawSocket(server)));
    const half = request(JSON_STATEMENT.length, JSON_STATEMENT.slice(0, JSON_STATEMENT.length / 2));
    for (const { write } of stuck) write(half);
    await Promise.all(
      Array.from({ length: 50 }, async () => {
        expect((await server.fetch('/xapi/about')).status).toBe(200);
        await expectRefusal(await post('[{}]'), { status: 400, kind: 'invalid-statement' });
      }),
    );
    for (const { socket } of stuck) socket.destroy();
    await Promise.all(stuck.map(({ answers }) => answers));
  });

  test('compressed halves too', async () => {
    const bytes = gzipSync(JSON_STATEMENT);
    const raw = await rawSocket(server);
    raw.write(request(bytes.length, '').replace('Content-Length', 'Content-Encoding: gzip\r\nContent-Length'));
    raw.write(bytes.subarray(0, bytes.length / 2));
    raw.socket.end();
    await raw.answers;
  });
});

test('rubbish behind a good request does not change its answer', async () => {
  const id = 'b3a1a7ac-3f0e-4a43-9b3f-0f4c37c1f1f2';
  const body = JSON.stringify(good('pipelined', { id }));
  const raw = await rawSocket(server);
  raw.write(
    `POST /xapi/statements HTTP/1.1\r\nHost: x\r\nAuthorization: ${basic(KEY, SECRET)}\r\nX-Experience-API-Version: 2.0.0\r\n` +
      `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}rubbish\r\n\r\n`,
  );
  const answers = await raw.answers;
  expect(answers).toMatch(/^HTTP\/1.1 200 /);
  expect(answers).toContain(`["${id}"]`);
  expect(answers).toMatch(/\r\n\r\n.*HTTP\/1.1 400 /s);
  expect((await server.fetch(`/xapi/statements?statementId=${id}`)).status).toBe(200);
  sequence += 1;
});
