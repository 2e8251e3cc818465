// Clients that do the same thing at the same instant: one of them wins, the others are told so, and nothing is lost between them.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Anything, statementsOf } from './command.ts';
import { asSent, type Chance, seeded, statement, uuid } from './seeded.ts';
import { postStatements, removeFolders, type Server, startServer } from './server.ts';

let server: Server;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  removeFolders();
});

const JSON_TYPE = { 'content-type': 'application/json' };

function putStatement(of: Anything): Promise<Response> {
  return server.fetch(`/xapi/statements?statementId=${of.id}`, {
    method: 'PUT',
    headers: JSON_TYPE,
    body: JSON.stringify(of),
  });
}

async function stored(id: string): Promise<Anything | undefined> {
  const response = await server.fetch(`/xapi/statements?statementId=${id}`);
  if (response.status === 404) {
    await response.arrayBuffer();
    return undefined;
  }
  expect(response.status).toBe(200);
  return response.json();
}

describe('two clients write the same id with different content at the same instant', () => {
  test(
    'one wins, the other gets 409 and stores nothing, in each of 200 rounds',
    seeded(async (by) => {
      for (let round = 0; round < 200; round++) {
        const id = uuid(by);
        const sides = [side(by, id), side(by, id)] as const;
        const answers = await Promise.all(sides.map((each) => each.send()));
        const won = answers.findIndex(({ status }) => status === 200 || status === 204);
        const statuses = answers.map(({ status }) => status);
        expect(
          statuses.filter((status) => status === 409),
          `round ${round}: ${statuses}`,
        ).toHaveLength(1);
        expect(won, `round ${round}: ${statuses}`).toBeGreaterThanOrEqual(0);

        const loser = sides[1 - won]!;
        const refusal = (await answers[1 - won]!.json()) as Anything;
        expect(answers[1 - won]!.headers.get('content-type')).toBe('application/problem+json');
        expect(refusal).toMatchObject({ type: '/problems/conflict', status: 409 });
        const index = loser.statements.findIndex((each) => each.id === id);
        expect(refusal.errors).toEqual([
          loser.batch
            ? expect.objectContaining({ index, path: `$[${index}].id` })
            : expect.not.objectContaining({ index: expect.anything() }),
        ]);
        if (!loser.batch) expect(refusal.errors[0].path).toBe('$.id');

        for (const each of sides[won]!.statements) expect(asSent(await stored(each.id))).toEqual(each);
        for (const each of loser.statements) if (each.id !== id) expect(await stored(each.id)).toBeUndefined();
      }
      const record = await statementsOf(server);
      const ids = record.map(({ statement: { id } }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );

  test(
    'eight clients at once: one wins, seven get 409',
    seeded(async (by) => {
      for (let round = 0; round < 40; round++) {
        const id = uuid(by);
        const sides = Array.from({ length: 8 }, () => side(by, id));
        const statuses = (await Promise.all(sides.map((each) => each.send()))).map(({ status }) => status);
        expect(
          statuses.filter((status) => status < 300),
          `round ${round}: ${statuses}`,
        ).toHaveLength(1);
        expect(
          statuses.filter((status) => status === 409),
          `round ${round}: ${statuses}`,
        ).toHaveLength(7);
      }
    }),
  );

  test(
    'the same content is a success for both, and is stored once',
    seeded(async (by) => {
      const ids: string[] = [];
      for (let round = 0; round < 50; round++) {
        const one = statement(by);
        const answers = await Promise.all([putStatement(one), postStatements(server, [one]), putStatement(one)]);
        expect(answers.map(({ status }) => status)).toEqual([204, 200, 204]);
        ids.push(one.id);
      }
      const recorded = (await statementsOf(server)).map(({ statement: { id } }) => id);
      for (const id of ids) expect(recorded.filter((each) => each === id)).toHaveLength(1);
    }),
  );

  /** One client's request with this id in it: a PUT, a POST of one, or a batch with others around it. */
  function side(by: Chance, id: string): { statements: Anything[]; batch: boolean; send(): Promise<Response> } {
    const own = statement(by, { id });
    if (by.happens(0.3)) return { statements: [own], batch: false, send: () => putStatement(own) };
    if (by.happens(0.3)) return { statements: [own], batch: false, send: () => postStatements(server, own) };
    const statements = Array.from({ length: by.whole(0, 20) }, () => statement(by));
    statements.splice(by.whole(0, statements.length), 0, own);
    return { statements, batch: true, send: () => postStatements(server, statements) };
  }
});

describe('documents', () => {
  const path = (id: string, resource = 'activities/profile') =>
    `/xapi/${resource}?${new URLSearchParams({
      activityId: 'https://learn.example.gov.in/courses/races',
      [resource.endsWith('profile') ? 'profileId' : 'stateId']: id,
      ...(resource.endsWith('state') ? { agent: '{"mbox":"mailto:races@learn.example.gov.in"}' } : {}),
    })}`;

  for (const resource of ['activities/profile', 'activities/state']) {
    for (const method of ['PUT', 'POST']) {
      test(`${resource}: of ten concurrent ${method}s with the ETag they read, exactly one wins`, async () => {
        const at = path(`if-match-${method}`, resource);
        let etag = (
          await server.fetch(at, {
            method: 'PUT',
            headers: { ...JSON_TYPE, 'if-none-match': '*' },
            body: '{"round":-1}',
          })
        ).headers.get('etag')!;
        for (let round = 0; round < 20; round++) {
          const answers = await Promise.all(
            Array.from({ length: 10 }, (_, client) =>
              server.fetch(at, {
                method,
                headers: { ...JSON_TYPE, 'if-match': etag },
                body: JSON.stringify({ round, client }),
              }),
            ),
          );
          const statuses = answers.map(({ status }) => status);
          expect(
            statuses.filter((status) => status === 204),
            `round ${round}: ${statuses}`,
          ).toHaveLength(1);
          expect(
            statuses.filter((status) => status === 412),
            `round ${round}: ${statuses}`,
          ).toHaveLength(9);
          const winner = answers.findIndex(({ status }) => status === 204);
          const response = await server.fetch(at);
          expect(await response.json()).toEqual({ round, client: winner });
          etag = response.headers.get('etag')!;
          expect(etag).toBe(answers[winner]!.headers.get('etag'));
        }
      });
    }

    test(`${resource}: of ten that create with If-None-Match: *, exactly one does`, async () => {
      for (let round = 0; round < 20; round++) {
        const answers = await Promise.all(
          Array.from({ length: 10 }, (_, client) =>
            server.fetch(path(`new-${round}`, resource), {
              method: 'PUT',
              headers: { ...JSON_TYPE, 'if-none-match': '*' },
              body: JSON.stringify({ client }),
            }),
          ),
        );
        const statuses = answers.map(({ status }) => status);
        expect(statuses.toSorted()).toEqual([204, ...Array(9).fill(412)]);
        expect(await (await server.fetch(path(`new-${round}`, resource))).json()).toEqual({
          client: statuses.indexOf(204),
        });
      }
    });

    test(`${resource}: 50 concurrent merges with different keys all survive`, async () => {
      for (let round = 0; round < 5; round++) {
        const at = path(`merged-${round}`, resource);
        const answers = await Promise.all(
          Array.from({ length: 50 }, (_, key) =>
            server.fetch(at, { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ [`key-${key}`]: key }) }),
          ),
        );
        for (const { status } of answers) expect(status).toBe(204);
        expect(await (await server.fetch(at)).json()).toEqual(
          Object.fromEntries(Array.from({ length: 50 }, (_, key) => [`key-${key}`, key])),
        );
      }
    });
  }

  test('50 documents of one scope written at once are all listed', async () => {
    const agent = '{"mbox":"mailto:many@learn.example.gov.in"}';
    const of = (id?: string) =>
      `/xapi/agents/profile?${new URLSearchParams({ agent, ...(id === undefined ? {} : { profileId: id }) })}`;
    const ids = Array.from({ length: 50 }, (_, place) => `document-${String(place).padStart(2, '0')}`);
    const answers = await Promise.all(
      ids.map((id) =>
        server.fetch(of(id), {
          method: 'PUT',
          headers: { ...JSON_TYPE, 'if-none-match': '*' },
          body: JSON.stringify({ id }),
        }),
      ),
    );
    for (const { status } of answers) expect(status).toBe(204);
    expect(await (await server.fetch(of())).json()).toEqual(ids);
  });
});
