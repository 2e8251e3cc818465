// A client that speaks xAPI to a real server, and the requirements of the standard as tests in both versions. A test is named by
// the number of its requirement (XAPI-00139 …, ADL's list for 1.0.3, which its list for 2.0 kept) or by the section of xAPI 2.0
// and a word; requirements.ts says which of them must be there.

import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { basic, KEY, removeFolders, SECRET, type Server, startServer } from '../server.ts';

export const VERSIONS = ['1.0.3', '2.0.0'] as const;
export type Version = (typeof VERSIONS)[number];

// biome-ignore lint/suspicious/noExplicitAny: answers of any shape
export type Anything = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: Anything;
}

export interface Asked {
  /** Values that are no strings are written as JSON; lists as repeated parameters. */
  readonly query?: Readonly<Record<string, unknown>>;
  /** Over those that every request has; null leaves one out. */
  readonly headers?: Readonly<Record<string, string | null>>;
  /** Text and bytes go as they are; anything else as application/json. */
  readonly body?: unknown;
}

/** A client of one version with one credential. What it has written, it waits for before it reads. */
export class Client {
  readonly server: Server;
  readonly version: Version;
  readonly #authorization: string;
  #sequence: string | undefined;

  constructor(server: Server, version: Version, credential = { key: KEY, secret: SECRET }) {
    this.server = server;
    this.version = version;
    this.#authorization = basic(credential.key, credential.secret);
  }

  as(credential: { key: string; secret: string }): Client {
    return new Client(this.server, this.version, credential);
  }

  /** @param path below /xapi */
  async send(method: string, path: string, { query = {}, headers = {}, body }: Asked = {}): Promise<Answer> {
    const raw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const all = Object.entries({
      authorization: this.#authorization,
      'x-experience-api-version': this.version,
      ...(raw ? {} : { 'content-type': 'application/json' }),
      ...(this.#sequence === undefined ? {} : { 'x-pramaan-at-least': this.#sequence }),
      ...headers,
    }).filter((entry): entry is [string, string] => entry[1] !== null);
    const response = await fetch(`${this.server.xapi}${path}${queryString(query)}`, {
      method,
      headers: all,
      ...(body === undefined ? {} : { body: (raw ? body : JSON.stringify(body)) as NonNullable<RequestInit['body']> }),
    });
    this.#sequence = response.headers.get('x-pramaan-sequence') ?? this.#sequence;
    const bytes = Buffer.from(await response.arrayBuffer());
    const text = bytes.toString();
    return { status: response.status, headers: response.headers, bytes, text, json: jsonOf(text) };
  }

  /** GET, and HEAD with it: the same status and headers, no body (XAPI-00125). */
  async get(path: string, asked: Asked = {}): Promise<Answer> {
    const answer = await this.send('GET', path, asked);
    const head = await this.send('HEAD', path, asked);
    expect(head.bytes.byteLength).toBe(0);
    expect({ status: head.status, ...comparableHeaders(head) }).toEqual({
      status: answer.status,
      ...comparableHeaders(answer),
    });
    return answer;
  }

  post(path: string, body: unknown, asked: Asked = {}): Promise<Answer> {
    return this.send('POST', path, { ...asked, body });
  }

  put(path: string, query: Asked['query'], body: unknown, headers: Asked['headers'] = {}): Promise<Answer> {
    return this.send('PUT', path, { query: query ?? {}, body, headers: headers ?? {} });
  }

  delete(path: string, query: Asked['query'], headers: Asked['headers'] = {}): Promise<Answer> {
    return this.send('DELETE', path, { query: query ?? {}, headers: headers ?? {} });
  }

  /** Posts statements and returns their ids. */
  async record(...statements: readonly Anything[]): Promise<string[]> {
    const answer = await this.post('/statements', statements);
    expect(answer.status, answer.text).toBe(200);
    return answer.json;
  }

  /** The statements that a query finds, without following `more`. */
  async find(query: Asked['query'] = {}): Promise<Anything[]> {
    const answer = await this.get('/statements', { query: query ?? {} });
    expect(answer.status, answer.text).toBe(200);
    return answer.json.statements;
  }

  async idsFound(query: Asked['query'] = {}): Promise<string[]> {
    return (await this.find(query)).map(({ id }) => id);
  }

  async statement(statementId: string, query: Asked['query'] = {}): Promise<Anything> {
    const answer = await this.get('/statements', { query: { statementId, ...query } });
    expect(answer.status, answer.text).toBe(200);
    return answer.json;
  }
}

function queryString(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value])
      .filter((one) => one !== undefined)
      .map((one): [string, string] => [name, typeof one === 'string' ? one : JSON.stringify(one)]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs)}`;
}

function jsonOf(text: string): Anything {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** They differ from one request to the next; a streamed answer knows no length. */
const OWN_HEADERS = [
  'date',
  'x-request-id',
  'x-experience-api-consistent-through',
  'content-length',
  'transfer-encoding',
];
const CONNECTION = ['connection', 'keep-alive'];

function comparableHeaders({ headers }: Answer): Record<string, string> {
  const names = [...OWN_HEADERS, ...CONNECTION];
  return Object.fromEntries(
    [...headers]
      .filter(([name]) => !names.includes(name))
      .map(([name, value]) => [name, value.replace(/boundary=\w+/, 'boundary')]),
  );
}

export interface Conformance {
  /** A test of these requirements in each version, or in one. */
  requirement(ids: string, says: string, proof: (client: Client) => Promise<unknown>, only?: Version): void;
  /** Once the tests run. */
  server(): Server;
}

/** Starts one server for the file that calls it. */
export function conformance(environment: Readonly<Record<string, string>> = {}): Conformance {
  let server: Server | undefined;
  beforeAll(async () => {
    server = await startServer({ environment: { PRAMAAN_LOG_LEVEL: 'info', ...environment } });
  });
  afterAll(async () => {
    const code = await server?.stop();
    removeFolders();
    expect(code).toBe(0);
  });
  return {
    server: () => server!,
    requirement(ids, says, proof, only) {
      for (const version of VERSIONS) {
        if (only !== undefined && only !== version) continue;
        test(`${ids} (${version}): ${says}`, async () => {
          await proof(new Client(server!, version));
        });
      }
    },
  };
}

export const VERB = 'https://example.org/verbs/did';
export const VOIDED = 'http://adlnet.gov/expapi/verbs/voided';
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Somebody whom no other test knows. */
export function someone(): { readonly objectType: 'Agent'; readonly mbox: string } {
  return { objectType: 'Agent', mbox: `mailto:${randomUUID()}@example.org` };
}

/** The id of a course, of a verb or of something else that no other test knows. */
export function something(kind = 'courses'): string {
  return `https://example.org/${kind}/${randomUUID()}`;
}

export function statement(change: Readonly<Record<string, unknown>> = {}): Anything {
  return { id: randomUUID(), actor: someone(), verb: { id: VERB }, object: { id: something() }, ...change };
}

export function reference(id: string): { readonly objectType: 'StatementRef'; readonly id: string } {
  return { objectType: 'StatementRef', id };
}

export function voiding(id: string, change: Readonly<Record<string, unknown>> = {}): Anything {
  return statement({ verb: { id: VOIDED }, object: reference(id), ...change });
}

/** Expects a refusal of ours: problem+json with this status; returns it. */
export function expectProblem(answer: Answer, status: number, note?: string): Anything {
  expect(answer.status, `${note ?? ''} ${answer.text}`).toBe(status);
  expect(answer.headers.get('content-type')).toBe('application/problem+json');
  expect(answer.json).toMatchObject({ status, title: expect.any(String), type: expect.stringContaining('/problems/') });
  return answer.json;
}

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A day before now and a day after. */
export const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString();
export const TOMORROW = new Date(Date.now() + 86_400_000).toISOString();
