// Document resources: state, agent profile, activity profile (1.0.3 Communication 2.2, 2.3, 2.6, 2.7, 3.1; 2.0 4.1.4, 4.1.6.2,
// 4.1.6.5, 4.1.6.6). One description of what is asked, three of where; each requirement has a number of its own in each.

import { createHash, randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { credential } from '../command.ts';
import { type Answer, type Asked, type Client, conformance, expectProblem, someone, something } from './client.ts';

const { requirement, server } = conformance();

type Query = Record<string, unknown>;
type Method = 'GET' | 'PUT' | 'POST' | 'DELETE';
type PerMethod = Readonly<Partial<Record<Method, string>>>;

interface Resource {
  readonly name: 'state' | 'agent profile' | 'activity profile';
  readonly path: string;
  readonly section: string;
  readonly id: 'stateId' | 'profileId';
  /** A scope that no other test uses. */
  scope(): Query;
  /** The numbers of what is promised. */
  readonly numbers: {
    readonly methods: Readonly<Record<Method, string>>;
    readonly list: string;
    readonly since: string;
    readonly sinceWrong: string;
    readonly idMissing: PerMethod;
    readonly idTwice: PerMethod;
    readonly activityMissing?: PerMethod;
    readonly agentMissing?: PerMethod;
    readonly agentWrong?: PerMethod;
    readonly postIsPut: string;
    readonly merge: string;
    readonly otherType: string;
    readonly noObject: string;
    readonly brokenJson: string;
  };
}

const RESOURCES: readonly Resource[] = [
  {
    name: 'state',
    path: '/activities/state',
    section: '4.1.6.2',
    id: 'stateId',
    scope: () => ({ activityId: something(), agent: someone() }),
    numbers: {
      methods: {
        GET: 'XAPI-00188, XAPI-00192, XAPI-00217, XAPI-00230',
        PUT: 'XAPI-00190',
        POST: 'XAPI-00189, XAPI-00231',
        DELETE: 'XAPI-00187, XAPI-00191, XAPI-00216',
      },
      list: 'XAPI-00193',
      since: 'XAPI-00141, XAPI-00195, XAPI-00221, XAPI-00222',
      sinceWrong: 'XAPI-00204',
      idMissing: { PUT: 'XAPI-00206', POST: 'XAPI-00211' },
      idTwice: { DELETE: 'XAPI-00224', GET: 'XAPI-00225', POST: 'XAPI-00226', PUT: 'XAPI-00228' },
      activityMissing: { DELETE: 'XAPI-00207', GET: 'XAPI-00208', POST: 'XAPI-00209', PUT: 'XAPI-00210' },
      agentMissing: { DELETE: 'XAPI-00212', GET: 'XAPI-00213', POST: 'XAPI-00214', PUT: 'XAPI-00215' },
      agentWrong: { DELETE: 'XAPI-00196', GET: 'XAPI-00197', POST: 'XAPI-00198', PUT: 'XAPI-00199' },
      postIsPut: 'XAPI-00233',
      merge: 'XAPI-00234',
      otherType: 'XAPI-00232',
      noObject: 'XAPI-00229',
      brokenJson: 'XAPI-00235',
    },
  },
  {
    name: 'agent profile',
    path: '/agents/profile',
    section: '4.1.6.5',
    id: 'profileId',
    scope: () => ({ agent: someone() }),
    numbers: {
      methods: {
        GET: 'XAPI-00259, XAPI-00269, XAPI-00274, XAPI-00282',
        PUT: 'XAPI-00273',
        POST: 'XAPI-00272, XAPI-00283',
        DELETE: 'XAPI-00271',
      },
      list: 'XAPI-00270',
      since: 'XAPI-00141, XAPI-00268, XAPI-00275',
      sinceWrong: 'XAPI-00260',
      idMissing: { DELETE: 'XAPI-00265', POST: 'XAPI-00266', PUT: 'XAPI-00267' },
      idTwice: { POST: 'XAPI-00276', PUT: 'XAPI-00277' },
      agentMissing: { GET: 'XAPI-00261', DELETE: 'XAPI-00262', POST: 'XAPI-00263', PUT: 'XAPI-00264' },
      agentWrong: { DELETE: 'XAPI-00255', POST: 'XAPI-00256', PUT: 'XAPI-00257', GET: 'XAPI-00258' },
      postIsPut: 'XAPI-00280',
      merge: 'XAPI-00279',
      otherType: 'XAPI-00278',
      noObject: 'XAPI-00281',
      brokenJson: 'XAPI-00284',
    },
  },
  {
    name: 'activity profile',
    path: '/activities/profile',
    section: '4.1.6.6',
    id: 'profileId',
    scope: () => ({ activityId: something() }),
    numbers: {
      methods: {
        GET: 'XAPI-00288, XAPI-00290, XAPI-00311',
        PUT: 'XAPI-00287, XAPI-00293',
        POST: 'XAPI-00286, XAPI-00292, XAPI-00312',
        DELETE: 'XAPI-00285, XAPI-00291',
      },
      list: 'XAPI-00289',
      since: 'XAPI-00141, XAPI-00294, XAPI-00303',
      sinceWrong: 'XAPI-00295',
      idMissing: { DELETE: 'XAPI-00300', POST: 'XAPI-00301', PUT: 'XAPI-00302' },
      idTwice: { DELETE: 'XAPI-00305', POST: 'XAPI-00306', PUT: 'XAPI-00307' },
      activityMissing: { GET: 'XAPI-00296', DELETE: 'XAPI-00297', POST: 'XAPI-00298', PUT: 'XAPI-00299' },
      postIsPut: 'XAPI-00310',
      merge: 'XAPI-00308',
      otherType: 'XAPI-00309',
      noObject: 'XAPI-00313',
      brokenJson: 'XAPI-00314',
    },
  },
];

const NEW = { 'if-none-match': '*' };
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json' };

/** One document, and what its client does with it. */
class Document {
  readonly client: Client;
  readonly path: string;
  readonly query: Query;

  constructor(client: Client, { path, id, scope }: Resource, query: Query = scope()) {
    this.client = client;
    this.path = path;
    this.query = { [id]: 'one', ...query };
  }
  get(): Promise<Answer> {
    return this.client.get(this.path, { query: this.query });
  }
  put(body: unknown, headers: Asked['headers'] = {}): Promise<Answer> {
    return this.client.put(this.path, this.query, body, headers);
  }
  post(body: unknown, headers: Asked['headers'] = {}): Promise<Answer> {
    return this.client.post(this.path, body, { query: this.query, headers: headers ?? {} });
  }
  delete(headers: Asked['headers'] = {}): Promise<Answer> {
    return this.client.delete(this.path, this.query, headers);
  }
  /** Makes it anew. */
  async made(body: unknown, headers: Asked['headers'] = {}): Promise<this> {
    const answer = await this.put(body, { ...NEW, ...headers });
    expect(answer.status, answer.text).toBe(204);
    return this;
  }
  async expectIs(body: unknown): Promise<void> {
    const answer = await this.get();
    expect(answer.status, answer.text).toBe(200);
    expect(typeof body === 'string' ? answer.text : answer.json).toEqual(body);
  }
  async expectNone(): Promise<void> {
    expectProblem(await this.get(), 404);
  }
}

/** An instant of the clock: what has happened was before it, what happens from now on will be after it. */
async function instantBetween(): Promise<string> {
  const now = Date.now();
  while (Date.now() < now + 2) await new Promise(setImmediate);
  return new Date(now + 1).toISOString();
}

for (const resource of RESOURCES) {
  const { name, path, section, id, numbers } = resource;
  const methods = Object.entries as <Value>(record: Partial<Record<Method, Value>>) => [Method, Value][];
  const sent = (client: Client, method: Method, query: Query) =>
    client.send(method, path, {
      query,
      ...(method === 'PUT' || method === 'POST' ? { body: { a: 1 }, headers: method === 'PUT' ? NEW : {} } : {}),
    });

  describe(name, () => {
    describe('one document', () => {
      requirement(numbers.methods.GET, `${name}: GET returns the document as it was sent`, async (client) => {
        for (const [body, contentType] of [
          [Buffer.from([0, 255, 13, 10, 200]), 'application/octet-stream'],
          ['पाठ १', 'text/plain; charset=utf-8'],
          ['{ "a" : 1.0, "a": 2 }', 'application/json'],
          ['not parsed when it is PUT', 'image/svg+xml'],
        ] as const) {
          const document = await new Document(client, resource).made(body, { 'content-type': contentType });
          const answer = await document.get();
          expect(answer.status).toBe(200);
          expect(answer.bytes.equals(Buffer.from(body))).toBe(true);
          expect(answer.headers.get('content-type')).toBe(contentType);
        }
        await new Document(client, resource).expectNone();
      });

      requirement(numbers.methods.PUT, `${name}: PUT is answered with 204, and replaces`, async (client) => {
        const document = new Document(client, resource);
        const first = await document.put({ a: 1 }, NEW);
        expect([first.status, first.bytes.byteLength]).toEqual([204, 0]);
        const second = await document.put({ b: 2 }, { 'if-match': first.headers.get('etag') });
        expect(second.status).toBe(204);
        await document.expectIs({ b: 2 });
        expect((await document.get()).headers.get('etag')).toBe(second.headers.get('etag'));
      });

      requirement(numbers.methods.POST, `${name}: POST is answered with 204`, async (client) => {
        const document = new Document(client, resource);
        const answer = await document.post({ a: 1 });
        expect([answer.status, answer.bytes.byteLength]).toEqual([204, 0]);
        await document.expectIs({ a: 1 });
      });

      requirement(
        numbers.methods.DELETE,
        `${name}: DELETE is answered with 204, and the document is gone`,
        async (client) => {
          const scope = resource.scope();
          const document = await new Document(client, resource, scope).made({ a: 1 });
          const other = await new Document(client, resource, { ...scope, [id]: 'other' }).made({ a: 2 });
          const answer = await document.delete();
          expect([answer.status, answer.bytes.byteLength]).toEqual([204, 0]);
          await document.expectNone();
          await other.expectIs({ a: 2 });
          expect((await document.delete()).status).toBe(204);
        },
      );

      requirement(`${section} ids`, `${name}: any text is an id, and ids are apart`, async (client) => {
        const scope = resource.scope();
        for (const one of ['a', 'A', 'á', '../a', 'x y&z=1', '__proto__', 'पाठ', '😀', 'n'.repeat(2000)]) {
          await new Document(client, resource, { ...scope, [id]: one }).made({ [`of ${one}`]: 1 });
          await new Document(client, resource, { ...scope, [id]: one }).expectIs({ [`of ${one}`]: 1 });
        }
        expect((await client.get(path, { query: scope })).json).toHaveLength(9);
      });

      requirement(`${section} Last-Modified`, `${name}: says when it was changed, to the second`, async (client) => {
        const before = Math.floor(Date.now() / 1000) * 1000;
        const document = await new Document(client, resource).made({ a: 1 });
        const first = Date.parse((await document.get()).headers.get('last-modified')!);
        expect(first).toBeGreaterThanOrEqual(before);
        expect(first).toBeLessThanOrEqual(Date.now());
        expect((await document.post({ b: 1 })).status).toBe(204);
        const second = Date.parse((await document.get()).headers.get('last-modified')!);
        expect(second).toBeGreaterThanOrEqual(first);
      });
    });

    describe('many documents', () => {
      requirement(numbers.list, `${name}: without ${id}, the ids of the scope's documents`, async (client) => {
        const scope = resource.scope();
        const list = () => client.get(path, { query: scope });
        expect([(await list()).status, (await list()).json]).toEqual([200, []]);
        for (const one of ['b', 'a', 'c']) await new Document(client, resource, { ...scope, [id]: one }).made({});
        await new Document(client, resource).made({});
        const answer = await list();
        expect(answer.headers.get('content-type')).toBe('application/json');
        expect(Date.parse(answer.headers.get('last-modified')!)).toBeLessThanOrEqual(Date.now());
        expect([...answer.json].sort()).toEqual(['a', 'b', 'c']);
      });

      requirement(numbers.since, `${name}: since, those changed after that instant`, async (client) => {
        const scope = resource.scope();
        const document = (one: string) => new Document(client, resource, { ...scope, [id]: one });
        const list = async (since: string) => (await client.get(path, { query: { ...scope, since } })).json.sort();
        const start = await instantBetween();
        for (const one of ['a', 'b']) await document(one).made({});
        const middle = await instantBetween();
        await document('c').made({});
        expect((await document('a').post({ more: 1 })).status).toBe(204);
        const end = await instantBetween();
        expect([await list(start), await list(middle), await list(end)]).toEqual([['a', 'b', 'c'], ['a', 'c'], []]);
      });

      requirement(numbers.sinceWrong, `${name}: since is a timestamp`, async (client) => {
        for (const since of ['yesterday', '1', '', '2026-04-01T25:00:00Z']) {
          expectProblem(await client.get(path, { query: { ...resource.scope(), since } }), 400, since);
        }
      });
    });

    describe('parameters', () => {
      for (const [method, number] of methods(numbers.idMissing)) {
        requirement(number, `${name}: ${method} names a document in ${id}`, async (client) => {
          const { errors } = expectProblem(await sent(client, method, resource.scope()), 400);
          expect(errors[0].path).toBe(`$.${id}`);
        });
      }
      for (const [method, number] of methods(numbers.idTwice)) {
        requirement(number, `${name}: the ${id} of a ${method} is one text`, async (client) => {
          expectProblem(await sent(client, method, { ...resource.scope(), [id]: ['a', 'b'] }), 400);
        });
      }
      for (const [method, number] of methods(numbers.activityMissing ?? {})) {
        requirement(number, `${name}: ${method} names an activity, by its IRI`, async (client) => {
          const query = { ...resource.scope(), [id]: 'one' };
          for (const activityId of [undefined, 'course', '', [something(), something()]]) {
            expectProblem(await sent(client, method, { ...query, activityId }), 400, String(activityId));
          }
        });
      }
      for (const [method, number] of methods(numbers.agentMissing ?? {})) {
        requirement(number, `${name}: ${method} names an agent`, async (client) => {
          const query = { ...resource.scope(), [id]: 'one', agent: undefined };
          const { errors } = expectProblem(await sent(client, method, query), 400);
          expect(errors[0].path).toBe('$.agent');
        });
      }
      for (const [method, number] of methods(numbers.agentWrong ?? {})) {
        requirement(number, `${name}: the agent of a ${method} is an Agent as JSON`, async (client) => {
          const query = { ...resource.scope(), [id]: 'one' };
          for (const agent of ['asha', '{', '"text"', '5', 'null', '[]', '{}', '{"name":"Asha"}', { mbox: 'a@b.c' }]) {
            expectProblem(await sent(client, method, { ...query, agent }), 400, JSON.stringify(agent));
          }
        });
      }
      requirement(`${section} parameters`, `${name}: parameters that it does not know are refused`, async (client) => {
        for (const method of ['GET', 'PUT', 'POST', 'DELETE'] as const) {
          const query = { ...resource.scope(), [id]: 'one' };
          for (const other of ['colour', id.toUpperCase(), name === 'state' ? 'profileId' : 'registration']) {
            expectProblem(await sent(client, method, { ...query, [other]: randomUUID() }), 400, `${method} ${other}`);
          }
        }
      });
    });

    describe('merging', () => {
      requirement(numbers.postIsPut, `${name}: POST where there is nothing stores a new document`, async (client) => {
        const document = new Document(client, resource);
        expect((await document.post('{ "a": 1.0 }', JSON_TYPE)).status).toBe(204);
        await document.expectIs('{ "a": 1.0 }');
        expect((await document.get()).headers.get('content-type')).toBe('application/json');
        // 1.0.3 Communication 2.2: what is POSTed is a JSON object, whether there is something to merge it with or not.
        const text = new Document(client, resource);
        expectProblem(await text.post('not JSON at all', TEXT), 400);
        await text.expectNone();
      });

      requirement(
        `${numbers.merge}, XAPI-00184`,
        `${name}: POST merges JSON objects, the new one wins`,
        async (client) => {
          const document = await new Document(client, resource).made({ kept: 1, replaced: [1, 2], same: 'x' });
          expect((await document.post({ replaced: [3], added: null })).status).toBe(204);
          await document.expectIs({ kept: 1, replaced: [3], same: 'x', added: null });
          expect((await document.get()).headers.get('content-type')).toBe('application/json');
        },
      );

      requirement('XAPI-00183', `${name}: merging is one level deep`, async (client) => {
        const document = await new Document(client, resource).made({ deep: { one: 1, two: { three: 3 } } });
        expect((await document.post({ deep: { four: 4 } })).status).toBe(204);
        await document.expectIs({ deep: { four: 4 } });
      });

      requirement(
        numbers.otherType,
        `${name}: documents that are not both application/json are not merged`,
        async (client) => {
          const json = await new Document(client, resource).made({ a: 1 });
          expectProblem(await json.post('{"b":2}', TEXT), 400);
          expectProblem(await json.post('{"b":2}', { 'content-type': null }), 400);
          await json.expectIs({ a: 1 });
          const text = await new Document(client, resource).made('{"a":1}', TEXT);
          expectProblem(await text.post({ b: 2 }), 400);
          await text.expectIs('{"a":1}');
        },
      );

      requirement(numbers.noObject, `${name}: JSON that is no object is not merged`, async (client) => {
        const list = await new Document(client, resource).made([1]);
        expectProblem(await list.post({ b: 2 }), 400);
        await list.expectIs([1]);
        const object = await new Document(client, resource).made({ a: 1 });
        for (const body of [[1], 'null', '5', '"text"']) {
          expectProblem(await object.post(body, JSON_TYPE), 400, JSON.stringify(body));
        }
        await object.expectIs({ a: 1 });
        const broken = await new Document(client, resource).made('{"a":', JSON_TYPE);
        expectProblem(await broken.post({ b: 2 }), 400);
        await broken.expectIs('{"a":');
      });

      requirement(
        `${numbers.brokenJson}, XAPI-00182`,
        `${name}: POST of broken JSON is refused, nothing changes`,
        async (client) => {
          const document = await new Document(client, resource).made({ a: 1 });
          for (const body of ['{"b":', '{b:2}', '', '{"b":2}}', '{"__proto__":{"c":1}}']) {
            expectProblem(await document.post(body, JSON_TYPE), 400, body);
            expectProblem(await new Document(client, resource).post(body, JSON_TYPE), 400, body);
          }
          await document.expectIs({ a: 1 });
        },
      );
    });

    describe('concurrency', () => {
      const concurrency = (numbers: string) => (name === 'state' ? numbers : `XAPI-00322, ${numbers}`);

      requirement(
        concurrency(`4.1.4 ETag, ${name}`),
        'GET says an ETag, in quotes; If-None-Match with it is 304',
        async (client) => {
          const document = await new Document(client, resource).made('{"a":1}', JSON_TYPE);
          const etag = (await document.get()).headers.get('etag')!;
          expect(etag).toBe(`"${createHash('sha1').update('{"a":1}').digest('hex')}"`);
          const unchanged = await client.get(path, { query: document.query, headers: { 'if-none-match': etag } });
          expect([unchanged.status, unchanged.bytes.byteLength]).toEqual([304, 0]);
          expect(unchanged.headers.get('etag')).toBe(etag);
          expect((await client.get(path, { query: document.query, headers: { 'if-none-match': '"x"' } })).status).toBe(
            200,
          );
        },
      );

      for (const method of ['PUT', 'POST', 'DELETE'] as const) {
        requirement(
          concurrency(`4.1.4 If-Match, ${method}, ${name}`),
          'only onto the version that was read, else 412',
          async (client) => {
            const document = await new Document(client, resource).made({ a: 1 });
            const change = (ifMatch: string) =>
              client.send(method, path, {
                query: document.query,
                headers: { 'if-match': ifMatch },
                ...(method === 'DELETE' ? {} : { body: { b: 2 } }),
              });
            const etag = (await document.get()).headers.get('etag')!;
            const refused = await change(`"${'0'.repeat(40)}"`);
            expectProblem(refused, 412);
            await document.expectIs({ a: 1 });
            expect((await change(`"x", ${etag}`)).status).toBe(204);
            if (method === 'DELETE') await document.expectNone();
            else await document.expectIs(method === 'PUT' ? { b: 2 } : { a: 1, b: 2 });
            expectProblem(await change(etag), 412);
          },
        );
      }

      requirement(
        concurrency(`4.1.4 If-None-Match, ${name}`),
        'PUT of a new document only, else 412',
        async (client) => {
          const document = await new Document(client, resource).made({ a: 1 });
          expectProblem(await document.put({ b: 2 }, NEW), 412);
          await document.expectIs({ a: 1 });
          const missing = new Document(client, resource);
          expectProblem(await missing.put({ b: 2 }, { 'if-match': '*' }), 412);
          await missing.expectNone();
        },
      );

      if (name === 'state') {
        requirement(
          'XAPI-00190',
          'PUT onto a state without a precondition replaces it',
          async (client) => {
            const document = await new Document(client, resource).made({ a: 1 });
            expect((await document.put({ b: 2 })).status).toBe(204);
            await document.expectIs({ b: 2 });
          },
          '1.0.3',
        );
      } else {
        requirement(
          numbers.methods.PUT,
          `PUT of a new ${name} without a precondition is refused with a message`,
          async (client) => {
            const document = new Document(client, resource);
            expect(expectProblem(await document.put({ a: 1 }), 400).detail).toMatch(/If-None-Match/);
            await document.expectNone();
          },
          '1.0.3',
        );
        requirement(
          'XAPI-00322',
          `PUT onto a ${name} without a precondition: 409 with a message`,
          expectConflict,
          '1.0.3',
        );
      }
      requirement(
        `4.1.4 conflict, ${name}`,
        'PUT onto a document without a precondition: 409 with a message',
        expectConflict,
        '2.0.0',
      );
      requirement(
        `4.1.4 new, ${name}`,
        'PUT of a new document needs no precondition',
        async (client) => {
          const document = new Document(client, resource);
          expect((await document.put({ a: 1 })).status).toBe(204);
          await document.expectIs({ a: 1 });
        },
        '2.0.0',
      );

      async function expectConflict(client: Client): Promise<void> {
        const document = await new Document(client, resource).made({ a: 1 });
        expect(expectProblem(await document.put({ b: 2 }), 409).detail).toMatch(/If-Match/);
        await document.expectIs({ a: 1 });
      }

      requirement(concurrency(`4.1.4 race, ${name}`), 'of many at once with the same ETag one wins', async (client) => {
        const document = await new Document(client, resource).made({ a: 1 });
        const etag = (await document.get()).headers.get('etag');
        const answers = await Promise.all(
          Array.from({ length: 12 }, (_, at) => document.post({ [`by ${at}`]: at }, { 'if-match': etag })),
        );
        expect(answers.map(({ status }) => status).sort()).toEqual([204, ...Array.from({ length: 11 }, () => 412)]);
        const winner = answers.findIndex(({ status }) => status === 204);
        await document.expectIs({ a: 1, [`by ${winner}`]: winner });
      });
    });

    requirement(`XAPI-00327, ${section} scopes`, `${name}: only with a scope that may`, async (client) => {
      const document = await new Document(client, resource).made({ a: 1 });
      const scope = name === 'state' ? 'state' : 'profile';
      const without = client.as(await credential(server(), `no ${name}`, ['statements/write', 'statements/read']));
      for (const method of ['GET', 'PUT', 'POST', 'DELETE'] as const) {
        expectProblem(await sent(without, method, document.query), 403, method);
      }
      const reader = client.as(await credential(server(), `reads ${name}`, ['all/read']));
      expect((await reader.get(path, { query: document.query })).status).toBe(200);
      expectProblem(await reader.delete(path, document.query), 403);
      const writer = client.as(await credential(server(), `writes ${name}`, [scope]));
      expect((await writer.post(path, { b: 2 }, { query: document.query })).status).toBe(204);
      await document.expectIs({ a: 1, b: 2 });
    });
  });
}

const [STATE, AGENT_PROFILE] = RESOURCES as [Resource, Resource];

describe('state by registration', () => {
  const REGISTRATION: Readonly<Record<Method, readonly [taken: string, wrong: string]>> = {
    PUT: ['XAPI-00218', 'XAPI-00203'],
    POST: ['XAPI-00227', 'XAPI-00202'],
    GET: ['XAPI-00220', 'XAPI-00201'],
    DELETE: ['XAPI-00219', 'XAPI-00200'],
  };
  for (const [method, [taken, wrong]] of Object.entries(REGISTRATION) as [Method, readonly [string, string]][]) {
    requirement(taken, `${method} is about the document of that registration`, async (client) => {
      const scope = STATE.scope();
      const [one, other] = [randomUUID(), randomUUID()].map(
        (registration) => new Document(client, STATE, { ...scope, registration }),
      ) as [Document, Document];
      await one.made({ a: 1 });
      await other.made({ a: 2 });
      if (method === 'PUT') {
        expect((await one.put({ b: 1 }, { 'if-match': (await one.get()).headers.get('etag') })).status).toBe(204);
        await one.expectIs({ b: 1 });
      } else if (method === 'POST') {
        expect((await one.post({ b: 1 })).status).toBe(204);
        await one.expectIs({ a: 1, b: 1 });
      } else if (method === 'DELETE') {
        expect((await one.delete()).status).toBe(204);
        await one.expectNone();
      } else {
        await one.expectIs({ a: 1 });
        await new Document(client, STATE, { ...scope, registration: randomUUID() }).expectNone();
      }
      await other.expectIs({ a: 2 });
    });
    requirement(wrong, `${method}: a registration is a UUID`, async (client) => {
      const query = { ...STATE.scope(), stateId: 'one' };
      for (const registration of ['first', '', '{}', `${randomUUID()}0`]) {
        const asked = method === 'PUT' || method === 'POST' ? { body: {} } : {};
        expectProblem(await client.send(method, STATE.path, { query: { ...query, registration }, ...asked }), 400);
      }
    });
  }

  requirement('XAPI-00193, XAPI-00220', 'the list of a registration, and of all of them', async (client) => {
    const scope = STATE.scope();
    const registration = randomUUID();
    await new Document(client, STATE, { ...scope, stateId: 'a' }).made({});
    await new Document(client, STATE, { ...scope, stateId: 'b', registration }).made({});
    const list = async (query: Query) => (await client.get(STATE.path, { query })).json.sort();
    expect(await list({ ...scope, registration: registration.toUpperCase() })).toEqual(['b']);
    expect(await list({ ...scope, registration: randomUUID() })).toEqual([]);
    expect(await list(scope)).toEqual(['a', 'b']);
  });

  requirement(
    'XAPI-00194',
    'DELETE without stateId: every document of the scope, or of the registration',
    async (client) => {
      const [scope, elsewhere] = [STATE.scope(), STATE.scope()];
      const registration = randomUUID();
      const document = (query: Query) => new Document(client, STATE, query);
      const kept = await document({ ...elsewhere, stateId: 'a' }).made({});
      for (const stateId of ['a', 'b']) {
        await document({ ...scope, stateId }).made({});
        await document({ ...scope, stateId, registration }).made({});
      }
      const list = async (query: Query) => (await client.get(STATE.path, { query })).json.sort();
      expect((await client.delete(STATE.path, { ...scope, registration })).status).toBe(204);
      expect(await list({ ...scope, registration })).toEqual([]);
      expect(await list(scope)).toEqual(['a', 'b']);
      expect((await client.delete(STATE.path, scope)).status).toBe(204);
      expect(await list(scope)).toEqual([]);
      await kept.expectIs({});
      expect((await client.delete(STATE.path, scope)).status).toBe(204);
      expectProblem(await client.delete(STATE.path, { agent: someone() }), 400);
      // Whoever names a version means one document.
      const one = await document({ ...scope, stateId: 'a' }).made({});
      expectProblem(await client.delete(STATE.path, scope, { 'if-match': (await one.get()).headers.get('etag') }), 412);
      await one.expectIs({});
    },
  );
});

describe('parameters of other requests', () => {
  requirement(
    'XAPI-00205, XAPI-00223',
    'DELETE of states takes no since, rather than deleting what was not meant',
    async (client) => {
      const scope = STATE.scope();
      const document = await new Document(client, STATE, scope).made({});
      for (const query of [scope, document.query]) {
        expectProblem(await client.delete(STATE.path, { ...query, since: '2026-04-01T09:30:00Z' }), 400);
      }
      await document.expectIs({});
    },
  );

  requirement('XAPI-00304', 'an activity profile is of no agent', async (client) => {
    const query = { activityId: something(), profileId: 'one', agent: someone() };
    for (const method of ['GET', 'DELETE']) {
      expectProblem(await client.send(method, '/activities/profile', { query }), 400, method);
    }
    expectProblem(await client.post('/activities/profile', {}, { query }), 400);
  });
});

describe('whose document it is', () => {
  requirement('4.1.6.2 scope, 4.1.6.5 scope', 'agents are compared by what identifies them', async (client) => {
    const agent = { objectType: 'Agent', account: { homePage: 'https://example.org/', name: 'Äsha' } };
    const written = { name: 'Asha', account: { name: 'Äsha', homePage: 'https://example.org/' } };
    const profileId = randomUUID();
    const document = await new Document(client, AGENT_PROFILE, { agent, profileId }).made({ a: 1 });
    await new Document(client, AGENT_PROFILE, { agent: written, profileId }).expectIs({ a: 1 });
    expect((await document.delete()).status).toBe(204);
  });

  requirement('4.1.6.2 apart', 'a state and profiles of the same name are three documents', async (client) => {
    const [activityId, agent] = [something(), someone()];
    const queries = [{ activityId, agent }, { agent }, { activityId }];
    const documents = RESOURCES.map((resource, at) => new Document(client, resource, queries[at]));
    for (const document of documents) await document.made({ of: document.path });
    for (const document of documents) await document.expectIs({ of: document.path });
  });
});
