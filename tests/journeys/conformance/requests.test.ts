// What holds for every resource: HEAD, the alternate request syntax, encoding, versions, authentication, refusals, limits,
// cross-origin requests (1.0.3 Communication 1.1 to 1.4, 3.2, 3.3, 4.0; 2.0 4.1).

import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect } from 'vitest';
import { credential } from '../command.ts';
import { basic, KEY, SECRET } from '../server.ts';
import {
  type Answer,
  type Asked,
  type Client,
  conformance,
  expectProblem,
  someone,
  something,
  statement,
} from './client.ts';

const LIMITS = {
  PRAMAAN_MAX_BODY_BYTES: '200000',
  PRAMAAN_MAX_INFLATED_BYTES: '400000',
  PRAMAAN_MAX_ATTACHMENT_BYTES: '50000',
  PRAMAAN_MAX_BATCH_STATEMENTS: '20',
};
const { requirement, server } = conformance(LIMITS);

/** A valid GET of every resource but About. */
const RESOURCES: Readonly<Record<string, () => Record<string, unknown>>> = {
  '/statements': () => ({ limit: '1' }),
  '/activities/state': () => ({ activityId: something(), agent: someone() }),
  '/activities/profile': () => ({ activityId: something() }),
  '/activities': () => ({ activityId: something() }),
  '/agents/profile': () => ({ agent: someone() }),
  '/agents': () => ({ agent: someone() }),
};

async function everywhere(
  client: Client,
  headers: Asked['headers'],
  expected: (answer: Answer) => void,
): Promise<void> {
  for (const [path, query] of Object.entries(RESOURCES)) {
    expected(await client.get(path, { query: query(), headers: headers ?? {} }));
  }
}

describe('HEAD', () => {
  requirement(
    'XAPI-00125, XAPI-00126, XAPI-00140',
    'every resource answers HEAD like GET, without the body',
    async (client) => {
      for (const [path, query] of Object.entries({ ...RESOURCES, '/about': () => ({}) })) {
        const head = await client.send('HEAD', path, { query: query() });
        expect([head.status, head.bytes.byteLength], path).toEqual([200, 0]);
        expect(head.headers.get('content-type'), path).toBe('application/json');
      }
      const { id } = statement();
      expect((await client.send('HEAD', '/statements', { query: { statementId: id } })).status).toBe(404);
      expect((await client.send('HEAD', '/statements', { query: { unknown: '1' } })).status).toBe(400);
    },
  );

  requirement('XAPI-00125', 'the length is the one that GET would send', async (client) => {
    const query = { activityId: something() };
    const [get, head] = [
      await client.send('GET', '/activities', { query }),
      await client.send('HEAD', '/activities', { query }),
    ];
    expect(head.headers.get('content-length')).toBe(String(get.bytes.byteLength));
  });
});

describe('the alternate request syntax', () => {
  const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
  const BARE = { ...FORM, authorization: null, 'x-experience-api-version': null };

  function form(
    client: Client,
    method: string,
    path: string,
    fields: Record<string, string>,
    headers: Asked['headers'] = FORM,
  ) {
    return client.send('POST', `${path}?method=${method}`, {
      body: new URLSearchParams(fields).toString(),
      headers: headers ?? {},
    });
  }
  const inForm = (version = '1.0.3') => ({ Authorization: basic(KEY, SECRET), 'X-Experience-API-Version': version });

  requirement(
    'XAPI-00148, XAPI-00336',
    'a GET in a POST',
    async (client) => {
      const agent = someone();
      const ids = await client.record(statement({ actor: agent }), statement({ actor: agent }));
      const answer = await form(
        client,
        'GET',
        '/statements',
        { agent: JSON.stringify(agent), limit: '1' },
        { ...FORM },
      );
      expect(answer.status).toBe(200);
      expect(answer.json).toMatchObject({ statements: [{ id: ids[1] }], more: expect.stringMatching(/^\//) });
    },
    '1.0.3',
  );

  requirement(
    'XAPI-00336',
    'PUT, POST and DELETE in a POST, with parameters, headers and content as fields',
    async (client) => {
      const { id, ...sent } = statement();
      const content = JSON.stringify({ ...sent, verb: { id: something('verbs'), display: { hi: 'किया & = + %' } } });
      const put = await form(client, 'PUT', '/statements', { ...inForm(), statementId: id, content }, BARE);
      expect([put.status, put.bytes.byteLength]).toEqual([204, 0]);
      expect(await client.statement(id)).toMatchObject(JSON.parse(content));

      const posted = await form(
        client,
        'POST',
        '/statements',
        { ...inForm(), content: JSON.stringify([statement()]) },
        BARE,
      );
      expect([posted.status, posted.json.length]).toEqual([200, 1]);

      const query = { activityId: something(), agent: JSON.stringify(someone()), stateId: 'one' };
      const type = { 'Content-Type': 'text/plain' };
      expect(
        (await form(client, 'PUT', '/activities/state', { ...inForm(), ...query, ...type, content: 'पाठ' }, BARE))
          .status,
      ).toBe(204);
      const state = await client.get('/activities/state', { query });
      expect([state.text, state.headers.get('content-type')]).toEqual(['पाठ', 'text/plain']);
      const wrong = { ...inForm(), ...query, 'If-Match': '"x"' };
      expectProblem(await form(client, 'DELETE', '/activities/state', wrong, BARE), 412);
      const right = { ...inForm(), ...query, 'If-Match': state.headers.get('etag')! };
      expect((await form(client, 'DELETE', '/activities/state', right, BARE)).status).toBe(204);
      expect((await client.get('/activities/state', { query })).status).toBe(404);
    },
    '1.0.3',
  );

  requirement(
    'XAPI-00336',
    'what is wrong with a form: 400; no credential in it: 401',
    async (client) => {
      const { id, ...sent } = statement();
      const content = JSON.stringify(sent);
      expectProblem(await form(client, 'PUT', '/statements', { statementId: id }), 400);
      expectProblem(await form(client, 'GET', '/statements', { content }), 400);
      expectProblem(await form(client, 'PATCH', '/statements', { statementId: id, content }), 400);
      expectProblem(await form(client, 'PUT&statementId=x', '/statements', { content }), 400);
      expectProblem(await form(client, `PUT&statementId=${id}`, '/statements', { statementId: id, content }), 400);
      expectProblem(await form(client, 'PUT', '/statements', { statementId: id, content: '{' }), 400);
      expectProblem(
        await form(client, 'PUT', '/statements', { statementId: id, content, 'X-Experience-API-Version': '0.8' }),
        400,
      );
      expectProblem(
        await form(client, 'PUT', '/statements', { statementId: id, content }, { 'content-type': 'application/json' }),
        400,
      );
      expectProblem(
        await client.send('POST', '/statements?method=PUT', { headers: FORM, body: JSON.stringify(sent) }),
        400,
      );
      expectProblem(
        await client.send('PUT', '/statements?method=POST', { headers: FORM, body: `content=${content}` }),
        400,
      );
      const { Authorization: _, ...nobody } = inForm();
      expectProblem(await form(client, 'PUT', '/statements', { ...nobody, statementId: id, content }, BARE), 401);
      expect((await client.get('/statements', { query: { statementId: id } })).status).toBe(404);
    },
    '1.0.3',
  );

  requirement(
    '4.1 no alternate syntax',
    'xAPI 2.0 has none: `method` is an unknown parameter',
    async (client) => {
      const { id, ...sent } = statement();
      const content = JSON.stringify(sent);
      for (const [method, fields] of [
        ['GET', { limit: '1' }],
        ['POST', { content }],
        ['PUT', { statementId: id, content }],
      ] as const) {
        for (const [all, headers] of [
          [fields, FORM],
          [{ ...fields, ...inForm('2.0.0') }, BARE],
        ] as const) {
          const { status } = await form(client, method, '/statements', all as Record<string, string>, headers);
          expect(status).toBeGreaterThanOrEqual(400);
          expect(status).toBeLessThan(500);
        }
      }
      expect((await client.get('/statements', { query: { statementId: id } })).status).toBe(404);
    },
    '2.0.0',
  );
});

describe('encoding', () => {
  const zipped = (value: unknown, encoding = 'gzip') => ({
    body: gzipSync(JSON.stringify(value)),
    headers: { 'content-type': 'application/json', 'content-encoding': encoding },
  });

  requirement('XAPI-00015', 'parameters are percent-encoded UTF-8', async (client) => {
    const activityId = 'https://example.org/पाठ?a=1&b=%20 #é';
    expect((await client.get('/activities', { query: { activityId: encodeURI(activityId) } })).json.id).toBe(
      encodeURI(activityId),
    );
    const profileId = 'प्रोफ़ाइल';
    const query = { profileId, agent: someone() };
    expect((await client.post('/agents/profile', { a: 1 }, { query })).status).toBe(204);
    expect((await client.get('/agents/profile', { query: { agent: query.agent } })).json).toEqual([profileId]);
    for (const broken of ['%', '%E0%A4', '%zz', '%ff']) {
      expectProblem(await client.send('GET', `/activities?activityId=https://example.org/${broken}`), 400, broken);
    }
  });

  requirement('XAPI-00015', 'bodies may be compressed; what is wrongly compressed is a 400', async (client) => {
    const sent = statement();
    expect((await client.send('POST', '/statements', zipped(sent))).json).toEqual([sent.id]);
    expectProblem(await client.send('POST', '/statements', zipped(statement(), 'deflate')), 400);
  });

  requirement('4.1 415', 'an encoding that is not understood: 415', async (client) => {
    for (const encoding of ['zstd', 'compress', 'gzip, gzip']) {
      expectProblem(await client.send('POST', '/statements', zipped(statement(), encoding)), 415, encoding);
    }
  });

  requirement(
    'XAPI-00328, 4.1 413',
    'more than a limit, also after decompression: 413, and nothing is kept',
    async (client) => {
      const big = statement({ result: { response: 'x'.repeat(250_000) } });
      expectProblem(await client.post('/statements', big), 413);
      const bomb = statement({ result: { response: 'x'.repeat(500_000) } });
      expectProblem(await client.send('POST', '/statements', zipped(bomb)), 413);
      expectProblem(
        await client.post(
          '/statements',
          Array.from({ length: 21 }, () => statement()),
        ),
        413,
      );
      const query = { activityId: something(), profileId: 'big' };
      expectProblem(await client.put('/activities/profile', query, 'x'.repeat(60_000), { 'if-none-match': '*' }), 413);
      for (const { id } of [big, bomb]) {
        expect((await client.get('/statements', { query: { statementId: id } })).status).toBe(404);
      }
      expect(
        (
          await client.post(
            '/statements',
            Array.from({ length: 20 }, () => statement()),
          )
        ).status,
      ).toBe(200);
    },
  );
});

describe('refusals', () => {
  requirement('XAPI-00324', 'a parameter that no resource knows: 400', async (client) => {
    for (const [path, query] of Object.entries(RESOURCES)) {
      const { errors } = expectProblem(await client.get(path, { query: { ...query(), colour: 'red' } }), 400, path);
      expect(errors[0].path).toBe('$.colour');
    }
    expectProblem(await client.post('/statements', statement(), { query: { colour: 'red' } }), 400);
    expectProblem(await client.post('/statements', statement(), { query: { statementId: randomUUID() } }), 400);
  });

  requirement('XAPI-00325', 'a parameter in another case: 400', async (client) => {
    const { id } = statement();
    for (const name of [
      'StatementId',
      'voidedStatementID',
      'Agent',
      'Verb',
      'ACTIVITY',
      'Registration',
      'related_Agents',
    ]) {
      expectProblem(await client.get('/statements', { query: { [name]: id } }), 400, name);
    }
    for (const name of ['Since', 'Until', 'Limit', 'Format', 'Attachments', 'Ascending', 'Related_activities']) {
      expectProblem(await client.get('/statements', { query: { [name]: '1' } }), 400, name);
    }
    expectProblem(await client.put('/statements', { StatementId: id }, statement({ id })), 400);
    expectProblem(await client.get('/activities', { query: { activityID: something() } }), 400);
    expectProblem(await client.get('/agents', { query: { Agent: someone() } }), 400);
    const state = { activityId: something(), agent: someone(), stateId: 'one' };
    for (const [name, value] of Object.entries(state)) {
      const query = { ...state, [name]: undefined, [name.toUpperCase()]: value };
      for (const method of ['GET', 'DELETE'])
        expectProblem(await client.send(method, '/activities/state', { query }), 400);
      for (const method of ['PUT', 'POST']) {
        expectProblem(await client.send(method, '/activities/state', { query, body: {} }), 400);
      }
    }
  });

  requirement('XAPI-00323', 'each refusal has the status that the standard gives it, and says why', async (client) => {
    const [known, missing] = [statement(), randomUUID()];
    await client.record(known);
    const changed = { ...known, object: { id: something() } };
    expectProblem(await client.post('/statements', { ...known, actor: {} }), 400);
    expectProblem(await client.get('/statements', { headers: { authorization: null } }), 401);
    expectProblem(await client.get('/statements', { query: { statementId: missing } }), 404);
    expectProblem(await client.get('/statement'), 404);
    expectProblem(await client.get('/Statements'), 404);
    expectProblem(await client.post('/statements', changed), 409);
    const state = { activityId: something(), agent: someone(), stateId: 'one' };
    expectProblem(await client.put('/activities/state', state, {}, { 'if-match': '"x"' }), 412);
    for (const problem of [await client.post('/statements', changed), await client.get('/statement')]) {
      expect(problem.json.instance).toBe(problem.headers.get('x-request-id'));
    }
  });

  requirement('4.1 405', 'a method that a resource does not have: 405, and which it has', async (client) => {
    for (const [method, path, allow] of [
      ['DELETE', '/statements', 'GET, HEAD, PUT, POST, OPTIONS'],
      ['PATCH', '/statements', 'GET, HEAD, PUT, POST, OPTIONS'],
      ['PUT', '/agents', 'GET, HEAD, OPTIONS'],
      ['POST', '/activities', 'GET, HEAD, OPTIONS'],
      ['PATCH', '/activities/state', 'GET, HEAD, PUT, POST, DELETE, OPTIONS'],
    ] as const) {
      const answer = await client.send(method, path);
      expectProblem(answer, 405, `${method} ${path}`);
      expect(answer.headers.get('allow')).toBe(allow);
    }
  });

  requirement('4.1 429', 'more requests than the credential may make: 429, and when to come again', async (client) => {
    const hasty = client.as(await credential(server(), 'a hasty one', ['statements/read'], { requestsPerSecond: 1 }));
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => hasty.send('GET', '/statements', { query: { limit: '1' } })),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      expectProblem(answer, 429);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    expect((await client.get('/statements', { query: { limit: '1' } })).status).toBe(200);
  });
});

describe('versions', () => {
  const HEADER = 'x-experience-api-version';

  requirement('XAPI-00333', 'every answer says the version it was given under', async (client) => {
    await everywhere(client, {}, ({ status, headers }) => {
      expect([status, headers.get(HEADER)]).toEqual([200, client.version]);
    });
    const newer = client.version.replace(/\.\d$/, '.9');
    for (const version of [client.version, newer, client.version.slice(0, 3)]) {
      await everywhere(client, { [HEADER]: version }, ({ status, headers }) => {
        expect([status, headers.get(HEADER)], version).toEqual([200, client.version]);
      });
    }
    expect((await client.get('/statements', { query: { unknown: '1' } })).headers.get(HEADER)).toBe(client.version);
    expect((await client.get('/statements', { headers: { authorization: null } })).headers.get(HEADER)).toBe(
      client.version,
    );
  });

  requirement(
    'XAPI-00321, XAPI-00331',
    'without the header, or with another version: 400 everywhere but at About',
    async (client) => {
      for (const version of [null, '', '0.9', '0.95', '1.1.0', '3.0.0', '1', 'latest', '1.0.3, 2.0.0']) {
        await everywhere(client, { [HEADER]: version }, (answer) => {
          expect(answer.status, String(version)).toBe(400);
          expect(answer.headers.get(HEADER)).toBe('2.0.0');
        });
        expectProblem(
          await client.post('/statements', statement(), { headers: { [HEADER]: version } }),
          400,
          String(version),
        );
        expect((await client.get('/about', { headers: { [HEADER]: version } })).status).toBe(200);
      }
    },
  );

  requirement('XAPI-00330', 'what was written under one version is read under the other as it is', async (client) => {
    const sent = statement();
    await client.record(sent);
    const there = await client.get('/statements', { query: { statementId: sent.id } });
    const other = client.version === '1.0.3' ? '2.0.0' : '1.0.3';
    const here = await client.get('/statements', { query: { statementId: sent.id }, headers: { [HEADER]: other } });
    expect(here.headers.get(HEADER)).toBe(other);
    expect(here.text).toBe(there.text);
  });
});

describe('authentication', () => {
  requirement(
    'XAPI-00334',
    'none, a wrong one, or one that is no Basic: 401 everywhere, and nothing is kept',
    async (client) => {
      for (const authorization of [
        null,
        basic(KEY, 'wrong'),
        basic('nobody', SECRET),
        basic(KEY, ''),
        'Basic',
        'Basic !!!',
        `Bearer ${randomUUID()}`,
        Buffer.from(`${KEY}:${SECRET}`).toString('base64'),
      ]) {
        await everywhere(client, { authorization }, (answer) => {
          expect(answer.status, String(authorization)).toBe(401);
          expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
        });
        const sent = statement();
        expectProblem(await client.post('/statements', sent, { headers: { authorization } }), 401);
        expectProblem(await client.put('/statements', { statementId: sent.id }, sent, { authorization }), 401);
        expect((await client.get('/statements', { query: { statementId: sent.id } })).status).toBe(404);
      }
    },
  );

  requirement(
    'XAPI-00335',
    'HTTP Basic is understood, its name in any case, its secret in any script',
    async (client) => {
      await everywhere(client, { authorization: basic(KEY, SECRET).replace('Basic', 'bASIC') }, ({ status }) => {
        expect(status).toBe(200);
      });
      const secret = `गुप्त:${randomUUID()}`;
      const made = await credential(server(), 'with a secret of its own', ['statements/read'], {
        key: randomUUID(),
        secret,
      });
      expect((await client.as({ key: made.key, secret }).get('/statements', { query: { limit: '1' } })).status).toBe(
        200,
      );
    },
  );
});

describe('cross-origin requests', () => {
  const ORIGIN = { origin: 'https://lms.example.org' };

  requirement('4.1 CORS', 'a preflight is answered without credential and version', async (client) => {
    for (const path of [...Object.keys(RESOURCES), '/about']) {
      const answer = await client.send('OPTIONS', path, {
        headers: {
          ...ORIGIN,
          authorization: null,
          'x-experience-api-version': null,
          'access-control-request-method': 'PUT',
          'access-control-request-headers': 'authorization,content-type,x-experience-api-version,if-match',
        },
      });
      expect([answer.status, answer.bytes.byteLength]).toEqual([204, 0]);
      expect(answer.headers.get('access-control-allow-origin')).toBe('*');
      const list = (name: string) => answer.headers.get(name)!.toLowerCase().split(', ');
      expect(list('access-control-allow-methods')).toEqual(
        expect.arrayContaining(['get', 'head', 'put', 'post', 'delete']),
      );
      expect(list('access-control-allow-headers')).toEqual(
        expect.arrayContaining([
          ...[
            'authorization',
            'content-type',
            'x-experience-api-version',
            'if-match',
            'if-none-match',
            'accept-language',
          ],
        ]),
      );
    }
  });

  requirement('4.1 CORS', 'answers and refusals alike may be read by the page', async (client) => {
    const state = { activityId: something(), agent: someone(), stateId: 'one' };
    const answers = [
      await client.get('/statements', { headers: ORIGIN }),
      await client.get('/statements', { headers: { ...ORIGIN, authorization: null } }),
      await client.get('/statements', { headers: { ...ORIGIN, 'x-experience-api-version': null } }),
      await client.get('/statements', { headers: ORIGIN, query: { statementId: randomUUID() } }),
      await client.get('/nowhere', { headers: ORIGIN }),
      await client.send('GET', '/statements?verb=%', { headers: ORIGIN }),
      await client.delete('/statements', {}, ORIGIN),
      await client.post('/statements', {}, { headers: ORIGIN }),
      await client.post('/statements', 'x'.repeat(250_000), {
        headers: { ...ORIGIN, 'content-type': 'application/json' },
      }),
      await client.put('/activities/state', state, {}, { ...ORIGIN, 'if-match': '"x"' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 401, 400, 404, 404, 400, 405, 400, 413, 412]);
    for (const { headers } of answers) {
      expect(headers.get('access-control-allow-origin')).toBe('*');
      const exposed = headers.get('access-control-expose-headers')!.toLowerCase().split(', ');
      expect(exposed).toEqual(
        expect.arrayContaining([
          ...['etag', 'last-modified', 'x-experience-api-version', 'x-experience-api-consistent-through'],
        ]),
      );
    }
  });
});
