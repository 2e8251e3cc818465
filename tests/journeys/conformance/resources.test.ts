// Agents, activities and about (1.0.3 Communication 2.4, 2.5, 2.8; 2.0 4.1.6.3, 4.1.6.4, 4.1.6.7).

import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { credential } from '../command.ts';
import { conformance, expectProblem, someone, something, statement } from './client.ts';

const { requirement, server } = conformance();

describe('agents', () => {
  requirement('XAPI-00236, XAPI-00245, XAPI-00248', 'GET answers with the Person behind an agent', async (client) => {
    const agent = someone();
    await client.record(statement({ actor: { ...agent, name: 'Asha' } }));
    const answer = await client.get('/agents', { query: { agent } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json).toEqual({ objectType: 'Person', name: ['Asha'], mbox: [agent.mbox] });
  });

  requirement('XAPI-00246, XAPI-00247', 'an agent never seen is answered with what was asked', async (client) => {
    const { mbox } = someone();
    expect((await client.get('/agents', { query: { agent: { mbox, name: 'Bala' } } })).json).toEqual({
      objectType: 'Person',
      name: ['Bala'],
      mbox: [mbox],
    });
  });

  requirement('XAPI-00237', 'the objectType is Person', async (client) => {
    expect((await client.get('/agents', { query: { agent: someone() } })).json.objectType).toBe('Person');
  });

  requirement('XAPI-00238', 'name is a list: every name under which the agent was met', async (client) => {
    const agent = someone();
    for (const name of ['Asha', 'आशा', 'Asha']) await client.record(statement({ actor: { ...agent, name } }));
    const { name } = (await client.get('/agents', { query: { agent } })).json;
    expect([...name].sort()).toEqual(['Asha', 'आशा']);
  });

  for (const [number, property, identifier] of [
    ['XAPI-00239, XAPI-00244', 'mbox', () => `mailto:${randomUUID()}@example.org`],
    ['XAPI-00240', 'mbox_sha1sum', () => randomUUID().replaceAll('-', '').padEnd(40, 'a')],
    ['XAPI-00241', 'openid', () => something('people')],
    ['XAPI-00242', 'account', () => ({ homePage: 'https://example.org/', name: randomUUID() })],
  ] as const) {
    requirement(number, `${property} is a list of what identifies the agent`, async (client) => {
      const value = identifier();
      await client.record(statement({ actor: { [property]: value } }));
      const { json } = await client.get('/agents', { query: { agent: { [property]: value } } });
      expect(json).toEqual({ objectType: 'Person', [property]: [value] });
    });
  }

  requirement('XAPI-00243', 'the parameter agent is needed', async (client) => {
    const { errors } = expectProblem(await client.get('/agents'), 400);
    expect(errors[0].path).toBe('$.agent');
  });

  requirement('XAPI-00249', 'the parameter agent is an Agent', async (client) => {
    for (const agent of ['asha', '{', '5', 'null', '[]', '{}', { name: 'Asha' }, { mbox: 'a@example.org' }]) {
      expectProblem(await client.get('/agents', { query: { agent } }), 400, JSON.stringify(agent));
    }
    expectProblem(await client.get('/agents', { query: { agent: { ...someone(), openid: 'x:y' } } }), 400);
  });

  requirement('XAPI-00327, 4.1.6.3 scopes', 'only with a scope that may read about people', async (client) => {
    const writer = client.as(await credential(server(), 'writes only', ['statements/write']));
    expectProblem(await writer.get('/agents', { query: { agent: someone() } }), 403);
  });
});

describe('activities', () => {
  requirement(
    'XAPI-00251, XAPI-00252, XAPI-00253',
    'GET answers with the activity and its definition',
    async (client) => {
      const id = something();
      const definition = {
        name: { en: 'Record keeping', 'hi-IN': 'अभिलेख' },
        type: 'https://example.org/types/course',
        extensions: { 'https://example.org/hours': 4 },
      };
      await client.record(statement({ object: { id, definition } }));
      const answer = await client.get('/activities', { query: { activityId: id } });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(answer.json).toEqual({ objectType: 'Activity', id, definition });
    },
  );

  requirement('XAPI-00250', 'the parameter activityId is needed', async (client) => {
    const { errors } = expectProblem(await client.get('/activities'), 400);
    expect(errors[0].path).toBe('$.activityId');
  });

  requirement('4.1.6.4 activityId', 'the parameter activityId is one IRI', async (client) => {
    for (const activityId of ['', 'course', '{}', [something(), something()]]) {
      expectProblem(await client.get('/activities', { query: { activityId } }), 400, String(activityId));
    }
  });

  requirement('XAPI-00254', 'what several statements said of an activity is put together', async (client) => {
    const id = something();
    await client.record(statement({ object: { id, definition: { name: { en: 'Lesson' } } } }));
    await client.record(
      statement({ object: { id, definition: { name: { fr: 'Cours' }, description: { en: 'First' } } } }),
    );
    await client.record(statement({ object: { id } }));
    expect((await client.get('/activities', { query: { activityId: id } })).json.definition).toEqual({
      name: { en: 'Lesson', fr: 'Cours' },
      description: { en: 'First' },
    });
  });

  requirement('4.1.6.4 unknown', 'an activity without a definition is an activity all the same', async (client) => {
    const id = something();
    const answer = await client.get('/activities', { query: { activityId: id } });
    expect([answer.status, answer.json]).toEqual([200, { objectType: 'Activity', id }]);
  });

  requirement(
    '4.1.6.4 define',
    'without the scope define a statement is kept and definitions stay as they were',
    async (client) => {
      const id = something();
      await client.record(statement({ object: { id, definition: { name: { en: 'Lesson' } } } }));
      const writer = client.as(
        await credential(server(), 'does not define', ['statements/write', 'statements/read/mine']),
      );
      const [one] = await writer.record(statement({ object: { id, definition: { name: { en: 'Another' } } } }));
      expect((await writer.statement(one!)).object.definition.name).toEqual({ en: 'Another' });
      expect((await writer.get('/activities', { query: { activityId: id } })).json.definition.name).toEqual({
        en: 'Lesson',
      });
    },
  );
});

describe('about', () => {
  const NOBODY = { authorization: null, 'x-experience-api-version': null };

  requirement('XAPI-00315, XAPI-00319', 'GET answers everybody with the versions served', async (client) => {
    for (const headers of [{}, NOBODY, { 'x-experience-api-version': '0.9' }]) {
      const answer = await client.get('/about', { headers });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(answer.json).toHaveProperty('version');
    }
  });

  requirement(
    'XAPI-00318, XAPI-00316',
    '`version` is a list of texts, each a version of the standard',
    async (client) => {
      const { version } = (await client.get('/about')).json;
      expect(version.length).toBeGreaterThan(0);
      for (const one of version) expect(one).toMatch(/^(1|2)\.0\.\d+$/);
    },
  );

  requirement('XAPI-00317', 'both versions are among them', async (client) => {
    expect((await client.get('/about')).json.version).toEqual(expect.arrayContaining(['1.0.3', '2.0.0']));
  });

  requirement('4.1.6.7 parameters', 'takes no parameters and nothing but GET', async (client) => {
    expectProblem(await client.get('/about', { query: { version: '1' } }), 400);
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await client.send(method, '/about');
      expectProblem(answer, 405);
      expect(answer.headers.get('allow')).toBe('GET, HEAD, OPTIONS');
    }
  });
});
