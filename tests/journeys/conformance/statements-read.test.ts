// Statements out: one or many, every filter, formats, pages, and up to when an answer is complete (1.0.3 Communication 2.1.3 and
// Data 2.5; 2.0 4.1.6.1).

import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { credential } from '../command.ts';
import {
  type Anything,
  type Client,
  conformance,
  expectProblem,
  reference,
  someone,
  something,
  statement,
  TOMORROW,
  VERB,
  voiding,
  YESTERDAY,
} from './client.ts';

const { requirement, server } = conformance();

describe('one statement', () => {
  requirement('XAPI-00156, XAPI-00158', 'statementId: that one, alone', async (client) => {
    const sent = statement();
    await client.record(sent, statement());
    const answer = await client.get('/statements', { query: { statementId: sent.id.toUpperCase() } });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject(sent);
    expectProblem(await client.get('/statements', { query: { statementId: randomUUID() } }), 404);
    expectProblem(await client.get('/statements', { query: { statementId: 'first' } }), 400);
  });

  requirement('XAPI-00155, XAPI-00157', 'voidedStatementId: that one, if it is voided', async (client) => {
    const [target, alive] = [statement(), statement()];
    await client.record(target, alive, voiding(target.id));
    const answer = await client.get('/statements', { query: { voidedStatementId: target.id } });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject(target);
    expectProblem(await client.get('/statements', { query: { voidedStatementId: alive.id } }), 404);
    expectProblem(await client.get('/statements', { query: { voidedStatementId: randomUUID() } }), 404);
  });

  requirement('4.1.6.1 Last-Modified', 'says when it was stored, to the second', async (client) => {
    const sent = statement();
    await client.record(sent);
    const answer = await client.get('/statements', { query: { statementId: sent.id } });
    const second = new Date(Math.floor(Date.parse(answer.json.stored) / 1000) * 1000);
    expect(answer.headers.get('last-modified')).toBe(second.toUTCString());
  });

  for (const [ids, name] of [
    ['XAPI-00151', 'statementId'],
    ['XAPI-00150', 'voidedStatementId'],
  ] as const) {
    requirement(ids, `${name} takes nothing but format and attachments beside it`, async (client) => {
      const target = statement();
      await client.record(target, ...(name === 'voidedStatementId' ? [voiding(target.id)] : []));
      const others: Record<string, unknown> = {
        agent: someone(),
        verb: VERB,
        activity: something(),
        registration: randomUUID(),
        related_activities: 'true',
        related_agents: 'true',
        since: YESTERDAY,
        until: TOMORROW,
        limit: '1',
        ascending: 'true',
        [name === 'statementId' ? 'voidedStatementId' : 'statementId']: target.id,
      };
      for (const [other, value] of Object.entries(others)) {
        expectProblem(await client.get('/statements', { query: { [name]: target.id, [other]: value } }), 400, other);
      }
      for (const allowed of [
        { format: 'ids' },
        { attachments: 'false' },
        { attachments: 'true', format: 'canonical' },
      ]) {
        expect((await client.get('/statements', { query: { [name]: target.id, ...allowed } })).status).toBe(200);
      }
    });
  }
});

describe('many statements', () => {
  requirement('XAPI-00154, XAPI-00159, XAPI-00165', 'a StatementResult as application/json', async (client) => {
    await client.record(statement());
    const answer = await client.get('/statements');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.json.statements.length).toBeGreaterThan(0);
  });

  requirement(
    'XAPI-00110, XAPI-00113',
    '`statements` is a list of statements, `more` is a text, and nothing else is there',
    async (client) => {
      const [agent, sent] = [someone(), statement()];
      await client.record({ ...sent, actor: agent });
      const { json } = await client.get('/statements', { query: { agent } });
      expect(json).toEqual({ statements: [expect.objectContaining({ id: sent.id, actor: agent })], more: '' });
    },
  );

  requirement('XAPI-00112, XAPI-00149', 'nothing found is an empty list, not an error', async (client) => {
    const answer = await client.get('/statements', { query: { agent: someone() } });
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ statements: [], more: '' });
  });

  requirement('4.1.6.1 newest', 'the list says when its newest statement was stored', async (client) => {
    const agent = someone();
    await client.record(statement({ actor: agent }), statement({ actor: agent }));
    const answer = await client.get('/statements', { query: { agent } });
    expect(Date.parse(answer.headers.get('last-modified')!)).toBe(
      Math.floor(Date.parse(answer.json.statements[0].stored) / 1000) * 1000,
    );
  });
});

/** Statements of one course: by whom, what, when they were stored. */
async function course(client: Client) {
  const [asha, bala] = [someone(), someone()];
  const [done, tried] = [something('verbs'), something('verbs')];
  const activity = something();
  const object = { id: activity };
  const registration = randomUUID();
  const sent = [
    statement({ actor: asha, verb: { id: tried }, object, context: { registration } }),
    statement({ actor: asha, verb: { id: done }, object }),
    statement({ actor: bala, verb: { id: tried }, object }),
    statement({ actor: bala, verb: { id: done }, object: asha, context: { contextActivities: { parent: [object] } } }),
    statement({ actor: { objectType: 'Group', member: [asha] }, verb: { id: done } }),
    statement({ actor: bala, context: { instructor: asha, registration } }),
  ];
  const ids = await client.record(...sent);
  return { asha, bala, done, tried, activity, registration, sent, ids: (...at: number[]) => at.map((one) => ids[one]) };
}

describe('filters', () => {
  requirement('XAPI-00181, XAPI-00164', 'agent: actor or object, also as a member of a Group', async (client) => {
    const { asha, ids } = await course(client);
    expect(await client.idsFound({ agent: asha })).toEqual(ids(4, 3, 1, 0));
    expect(await client.idsFound({ agent: { mbox: asha.mbox, name: 'Asha' } })).toEqual(ids(4, 3, 1, 0));
    const team = { objectType: 'Group', account: { homePage: 'https://example.org', name: randomUUID() } };
    const [one] = await client.record(statement({ actor: { ...team, member: [someone()] } }));
    expect(await client.idsFound({ agent: team })).toEqual([one]);
    for (const agent of ['asha', {}, { name: 'Asha' }, { mbox: 'asha@example.org' }, '[]', 'null', '']) {
      expectProblem(await client.get('/statements', { query: { agent } }), 400, JSON.stringify(agent));
    }
  });

  requirement('XAPI-00181', 'agent: each of the four identifiers', async (client) => {
    for (const agent of [
      someone(),
      { mbox_sha1sum: randomUUID().replaceAll('-', '').padEnd(40, '0') },
      { openid: something('people') },
      { account: { homePage: 'https://example.org/', name: randomUUID() } },
    ]) {
      const [id] = await client.record(statement({ actor: agent }));
      expect(await client.idsFound({ agent })).toEqual([id]);
    }
  });

  requirement('XAPI-00180, XAPI-00164', 'verb', async (client) => {
    const { done, tried, ids } = await course(client);
    expect(await client.idsFound({ verb: done })).toEqual(ids(4, 3, 1));
    expect(await client.idsFound({ verb: tried })).toEqual(ids(2, 0));
    expectProblem(await client.get('/statements', { query: { verb: 'done' } }), 400);
  });

  requirement('XAPI-00179, XAPI-00164', 'activity: the object', async (client) => {
    const { activity, ids } = await course(client);
    expect(await client.idsFound({ activity })).toEqual(ids(2, 1, 0));
    expectProblem(await client.get('/statements', { query: { activity: 'course' } }), 400);
  });

  requirement('XAPI-00178, XAPI-00164', 'registration', async (client) => {
    const { registration, ids } = await course(client);
    expect(await client.idsFound({ registration })).toEqual(ids(5, 0));
    expect(await client.idsFound({ registration: registration.toUpperCase() })).toEqual(ids(5, 0));
    expectProblem(await client.get('/statements', { query: { registration: 'first' } }), 400);
  });

  requirement(
    'XAPI-00177, XAPI-00164',
    'related_activities: in the context and in SubStatements too',
    async (client) => {
      const [activity, actor] = [something(), someone()];
      const object = { id: activity };
      const { id: _, ...inner } = statement({ object });
      const { id: __, ...innerContext } = statement({ context: { contextActivities: { other: [object] } } });
      const ids = await client.record(
        statement({ object }),
        ...['parent', 'grouping', 'category', 'other'].map((kind) =>
          statement({ actor, context: { contextActivities: { [kind]: [object] } } }),
        ),
        statement({ object: { objectType: 'SubStatement', ...inner } }),
        statement({ object: { objectType: 'SubStatement', ...innerContext } }),
        statement({ actor }),
      );
      expect(await client.idsFound({ activity, related_activities: 'true' })).toEqual(ids.slice(0, 7).reverse());
      expect(await client.idsFound({ activity, related_activities: 'false' })).toEqual(ids.slice(0, 1));
      expect(await client.idsFound({ activity, agent: actor, related_activities: 'true' })).toEqual(
        ids.slice(1, 5).reverse(),
      );
      expectProblem(await client.get('/statements', { query: { activity, related_activities: 'yes' } }), 400);
    },
  );

  requirement(
    'XAPI-00176, XAPI-00164',
    'related_agents: authority, instructor, team and SubStatements too',
    async (client) => {
      const agent = someone();
      const team = { objectType: 'Group', member: [agent] };
      const { id: _, ...inner } = statement({ actor: agent });
      const { id: __, ...innerContext } = statement({ context: { instructor: agent } });
      const ids = await client.record(
        statement({ actor: agent }),
        statement({ context: { instructor: agent } }),
        statement({ context: { team } }),
        statement({ object: { objectType: 'SubStatement', ...inner } }),
        statement({ object: { objectType: 'SubStatement', ...innerContext } }),
        statement(),
      );
      expect(await client.idsFound({ agent, related_agents: 'true' })).toEqual(ids.slice(0, 5).reverse());
      expect(await client.idsFound({ agent, related_agents: 'false' })).toEqual(ids.slice(0, 1));
      expectProblem(await client.get('/statements', { query: { agent, related_agents: '1' } }), 400);
    },
  );

  requirement('XAPI-00176', 'related_agents: the authority', async (client) => {
    const authority = { objectType: 'Agent', account: { homePage: 'https://lms.example.org', name: randomUUID() } };
    const made = await credential(server(), 'a system that signs', ['all'], { authority });
    const other = client.as(made);
    const [id] = await other.record(statement());
    expect(await other.idsFound({ agent: authority, related_agents: 'true' })).toEqual([id]);
    expect(await other.idsFound({ agent: authority })).toEqual([]);
  });

  requirement(
    '4.1.6.1 contextAgents',
    'related_agents: contextAgents and contextGroups too',
    async (client) => {
      const agent = someone();
      const contextAgents = [{ objectType: 'contextAgent', agent, relevantTypes: ['https://example.org/role'] }];
      const contextGroups = [{ objectType: 'contextGroup', group: { objectType: 'Group', member: [agent] } }];
      const ids = await client.record(
        statement({ context: { contextAgents } }),
        statement({ context: { contextGroups } }),
      );
      expect(await client.idsFound({ agent, related_agents: 'true' })).toEqual([...ids].reverse());
      expect(await client.idsFound({ agent })).toEqual([]);
    },
    '2.0.0',
  );

  requirement('XAPI-00164', 'filters together: what fits all of them', async (client) => {
    const { asha, done, tried, activity, registration, ids } = await course(client);
    expect(await client.idsFound({ agent: asha, verb: done })).toEqual(ids(4, 3, 1));
    expect(await client.idsFound({ agent: asha, verb: tried, activity, registration })).toEqual(ids(0));
    expect(await client.idsFound({ agent: asha, verb: done, activity, ascending: 'true' })).toEqual(ids(1));
    expect(await client.idsFound({ verb: done, registration })).toEqual([]);
    expect(await client.idsFound({ agent: asha, registration, related_agents: 'true' })).toEqual(ids(5, 0));
  });
});

describe('times', () => {
  requirement('XAPI-00175, XAPI-00164', 'since: stored after that instant, itself excluded', async (client) => {
    const { asha, ids } = await course(client);
    const [, , second] = await client.find({ agent: asha });
    expect(await client.idsFound({ agent: asha, since: second.stored })).toEqual(ids(4, 3));
    expect(await client.idsFound({ agent: asha, since: YESTERDAY })).toHaveLength(4);
    expect(await client.idsFound({ agent: asha, since: TOMORROW })).toEqual([]);
  });

  requirement('XAPI-00174, XAPI-00164', 'until: stored at that instant or before', async (client) => {
    const { asha, ids } = await course(client);
    const [, , second] = await client.find({ agent: asha });
    expect(await client.idsFound({ agent: asha, until: second.stored })).toEqual(ids(1, 0));
    expect(await client.idsFound({ agent: asha, since: second.stored, until: second.stored })).toEqual([]);
    expect(await client.idsFound({ agent: asha, until: TOMORROW })).toHaveLength(4);
    expect(await client.idsFound({ agent: asha, until: YESTERDAY })).toEqual([]);
  });

  requirement('XAPI-00012', 'parameters are held to the rules of the same types in statements', async (client) => {
    const wrong = { since: 'yesterday', until: '2026-02-30T00:00:00Z', limit: '-1', ascending: 'yes', format: 'short' };
    for (const [name, value] of Object.entries({ ...wrong, verb: 'x', registration: 'x', agent: '{}' })) {
      const { errors } = expectProblem(await client.get('/statements', { query: { [name]: value } }), 400, name);
      expect(errors[0].path).toMatch(new RegExp(`^\\$\\.${name}`));
    }
  });
});

describe('order and pages', () => {
  requirement('XAPI-00166', 'ascending: by `stored`, the oldest first; else the newest first', async (client) => {
    const { asha, ids } = await course(client);
    expect(await client.idsFound({ agent: asha, ascending: 'true' })).toEqual(ids(0, 1, 3, 4));
    const found = await client.find({ agent: asha, ascending: 'false' });
    expect(found.map(({ id }) => id)).toEqual(ids(4, 3, 1, 0));
    const stored = found.map((one) => one.stored);
    expect(stored).toEqual([...stored].sort().reverse());
    expect(new Set(stored).size).toBe(4);
  });

  requirement('XAPI-00173', 'limit: at most so many; 0 is as many as the store gives at once', async (client) => {
    const { asha, ids } = await course(client);
    expect(await client.idsFound({ agent: asha, limit: '2' })).toEqual(ids(4, 3));
    expect(await client.idsFound({ agent: asha, limit: '0' })).toHaveLength(4);
    expect(await client.idsFound({ agent: asha, limit: '4000000' })).toHaveLength(4);
    expectProblem(await client.get('/statements', { query: { limit: '1.5' } }), 400);
  });

  requirement(
    'XAPI-00108, XAPI-00109, XAPI-00111, XAPI-00114',
    '`more` leads through every page to an empty one',
    async (client) => {
      const agent = someone();
      const ids = await client.record(...Array.from({ length: 7 }, () => statement({ actor: agent })));
      for (const ascending of ['true', 'false']) {
        const wanted = ascending === 'true' ? ids : [...ids].reverse();
        const pages: string[][] = [];
        let answer = await client.get('/statements', { query: { agent, limit: '3', ascending } });
        for (;;) {
          expect(answer.status, answer.text).toBe(200);
          expect(Object.keys(answer.json).sort()).toEqual(['more', 'statements']);
          pages.push(answer.json.statements.map(({ id }: Anything) => id));
          const { more } = answer.json;
          if (more === '') break;
          expect(more).toMatch(/^\/xapi\/statements\?/);
          // What is written meanwhile belongs to the first page of the next reader.
          if (ascending === 'false') await client.record(statement({ actor: agent }));
          answer = await client.get(more.slice('/xapi'.length));
        }
        expect(pages).toEqual([wanted.slice(0, 3), wanted.slice(3, 6), wanted.slice(6)]);
      }
      expectProblem(await client.get('/statements', { query: { more: 'yes' } }), 400);
    },
  );

  requirement('XAPI-00108', '`more` keeps the format of the first page', async (client) => {
    const actor = { ...someone(), name: 'Asha' };
    await client.record(statement({ actor }), statement({ actor }));
    const first = await client.get('/statements', { query: { agent: actor, limit: '1', format: 'ids' } });
    const second = await client.get(first.json.more.slice('/xapi'.length));
    expect(second.json.statements[0].actor).not.toHaveProperty('name');
  });
});

describe('formats', () => {
  /** A statement whose course was described before, in three languages. */
  async function described(client: Client) {
    const [activity, verb] = [something(), something('verbs')];
    const name = { 'en-GB': 'Record keeping', 'hi-IN': 'अभिलेख', fr: 'Archives' };
    const display = { en: 'completed', 'hi-IN': 'पूर्ण किया' };
    const member = { ...someone(), name: 'Asha' };
    const sent = statement({
      actor: { objectType: 'Group', name: 'Team', member: [member] },
      verb: { id: verb, display },
      object: { objectType: 'Activity', id: activity, definition: { name, type: 'https://example.org/types/course' } },
    });
    await client.record(sent);
    return { sent, activity, verb, name, display, member };
  }

  requirement('XAPI-00168, XAPI-00170', 'exact, and no format: as it was received', async (client) => {
    const { sent } = await described(client);
    const plain = await client.statement(sent.id);
    expect(plain).toMatchObject(sent);
    expect(await client.statement(sent.id, { format: 'exact' })).toEqual(plain);
    expect((await client.find({ activity: sent.object.id, format: 'exact' }))[0]).toEqual(plain);
  });

  requirement(
    'XAPI-00171',
    'ids: what identifies agents, activities, verbs and groups, and no more',
    async (client) => {
      const { sent, activity, verb, member } = await described(client);
      const { name: _, ...identified } = member;
      const reduced = {
        actor: { objectType: 'Group', member: [identified] },
        verb: { id: verb },
        object: { id: activity },
      };
      for (const one of [
        await client.statement(sent.id, { format: 'ids' }),
        (await client.find({ activity, format: 'ids' }))[0],
      ]) {
        expect(one.actor).toEqual(reduced.actor);
        expect(one.verb).toEqual(reduced.verb);
        expect({ objectType: 'Activity', ...one.object }).toEqual({ objectType: 'Activity', ...reduced.object });
      }
    },
  );

  requirement(
    'XAPI-00169',
    'canonical: the definition that the store knows, each map in one language',
    async (client) => {
      const { sent, activity, name, display } = await described(client);
      const bare = statement({ object: { id: activity } });
      await client.record(bare);
      for (const id of [sent.id, bare.id]) {
        const { object, verb } = await client.statement(id, { format: 'canonical' });
        expect(object.definition.type).toBe('https://example.org/types/course');
        expect(Object.entries(name)).toContainEqual(Object.entries(object.definition.name)[0]);
        expect(Object.keys(object.definition.name)).toHaveLength(1);
        if (id === sent.id) {
          expect(Object.keys(verb.display)).toHaveLength(1);
          expect(display).toMatchObject(verb.display);
        }
      }
    },
  );

  requirement(
    'XAPI-00172',
    'canonical: Accept-Language chooses the language; exact does not mind it',
    async (client) => {
      const { sent, activity, name } = await described(client);
      const asked = (language: string, format: string, query: object = { statementId: sent.id }) =>
        client.get('/statements', { query: { ...query, format }, headers: { 'accept-language': language } });
      for (const [language, tag] of [
        ['hi-IN', 'hi-IN'],
        ['de, hi;q=0.5, en;q=0.1', 'hi-IN'],
        ['fr-CA, fr;q=0.8', 'fr'],
        ['hi;q=0.2, en;q=0.9', 'en-GB'],
      ] as const) {
        const { object } = (await asked(language, 'canonical')).json;
        expect(object.definition.name, language).toEqual({ [tag]: name[tag] });
        const [listed] = (await asked(language, 'canonical', { activity })).json.statements;
        expect(listed.object.definition.name, language).toEqual({ [tag]: name[tag] });
        expect((await asked(language, 'exact')).json.object).toEqual(sent.object);
      }
    },
  );
});

describe('up to when an answer is complete', () => {
  const HEADER = 'x-experience-api-consistent-through';

  requirement(
    'XAPI-00153, XAPI-00160',
    'is said in every answer, whatever its status, as a timestamp',
    async (client) => {
      const queries: Record<string, unknown>[] = [
        {},
        { agent: someone() },
        { verb: VERB },
        { activity: something() },
        { registration: randomUUID() },
        { activity: something(), related_activities: 'true' },
        { agent: someone(), related_agents: 'true' },
        { since: YESTERDAY },
        { until: TOMORROW },
        { limit: '1' },
        { ascending: 'true' },
        { format: 'ids' },
        { attachments: 'true' },
        { statementId: randomUUID() },
        { unknown: 'parameter' },
      ];
      for (const query of queries) {
        const { headers } = await client.get('/statements', { query });
        expect(headers.get(HEADER), JSON.stringify(query)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z$/);
      }
      const refused = await client.get('/statements', { headers: { authorization: null } });
      expect(refused.status).toBe(401);
      expect(refused.headers.get(HEADER)).toMatch(/Z$/);
    },
  );

  requirement('XAPI-00153', 'covers what was read, and moves on while nothing is written', async (client) => {
    const sent = statement();
    await client.record(sent);
    const answer = await client.get('/statements', { query: { limit: '1' } });
    const [{ stored }] = answer.json.statements;
    expect(answer.headers.get(HEADER)! >= stored).toBe(true);
    const moved = async () => (await client.get('/statements', { query: { limit: '1' } })).headers.get(HEADER)!;
    await expect.poll(moved, { timeout: 30_000 }).not.toBe(answer.headers.get(HEADER));
  });
});

describe('who may read', () => {
  requirement(
    '4.1.6.1 mine',
    'statements/read/mine: what the credential wrote itself, and nothing else',
    async (client) => {
      const mine = client.as(await credential(server(), 'a player', ['statements/write', 'statements/read/mine']));
      const agent = someone();
      const [own] = await mine.record(statement({ actor: agent }));
      const [other] = await client.record(statement({ actor: agent }));
      expect(await mine.idsFound({ agent })).toEqual([own]);
      expect((await mine.get('/statements', { query: { statementId: other } })).status).toBe(404);
      expect(await mine.statement(own!)).toMatchObject({ id: own });
    },
  );
});

describe('what voids and what refers', () => {
  requirement('XAPI-00018, XAPI-00163', 'a voided statement is found by voidedStatementId alone', async (client) => {
    const agent = someone();
    const [target, alive] = [statement({ actor: agent }), statement({ actor: agent })];
    await client.record(target, alive);
    expect(await client.idsFound({ agent })).toEqual([alive.id, target.id]);
    const [voidId] = await client.record(voiding(target.id));
    expect((await client.get('/statements', { query: { statementId: target.id } })).status).toBe(404);
    expect(await client.idsFound({ agent })).not.toContain(target.id);
    expect(await client.idsFound({ activity: target.object.id })).not.toContain(target.id);
    expect((await client.statement(voidId!)).object).toEqual(reference(target.id));
    expect((await client.get('/statements', { query: { voidedStatementId: target.id } })).json).toMatchObject(target);
  });

  requirement('XAPI-00018', 'a void may come before what it voids', async (client) => {
    const target = statement();
    await client.record(voiding(target.id));
    await client.record(target);
    expect((await client.get('/statements', { query: { statementId: target.id } })).status).toBe(404);
    expect((await client.get('/statements', { query: { voidedStatementId: target.id } })).status).toBe(200);
  });

  requirement(
    'XAPI-00162',
    'what refers to a found statement is found, through chains, also where it is voided',
    async (client) => {
      const verb = something('verbs');
      const target = statement({ verb: { id: verb } });
      const comment = statement({ object: reference(target.id) });
      const answer = statement({ object: reference(comment.id) });
      await client.record(target, comment, answer);
      expect(await client.idsFound({ verb })).toEqual([answer.id, comment.id, target.id]);
      expect(await client.idsFound({ verb, activity: target.object.id })).toEqual([answer.id, comment.id, target.id]);
      const { stored } = await client.statement(target.id);
      const [voidId] = await client.record(voiding(target.id));
      expect(await client.idsFound({ verb })).toEqual([voidId, answer.id, comment.id]);
      expect(await client.idsFound({ since: stored })).toEqual([voidId, answer.id, comment.id]);
    },
  );

  requirement(
    'XAPI-00162',
    'since, until and limit are about what refers, not about what it refers to',
    async (client) => {
      const verb = something('verbs');
      const target = statement({ verb: { id: verb } });
      await client.record(target);
      const { stored } = await client.statement(target.id);
      const [comment, later] = [
        statement({ object: reference(target.id) }),
        statement({ object: reference(target.id) }),
      ];
      await client.record(comment);
      await client.record(later);
      expect(await client.idsFound({ verb, since: stored })).toEqual([later.id, comment.id]);
      expect(await client.idsFound({ verb, until: stored })).toEqual([target.id]);
      expect(await client.idsFound({ verb, since: stored, limit: '1' })).toEqual([later.id]);
    },
  );
});
