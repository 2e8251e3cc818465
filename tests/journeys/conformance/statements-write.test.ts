// Statements in: PUT and POST (1.0.3 Communication 2.1.1, 2.1.2; 2.0 4.1.6.1), what the store adds (Data 2.4), what it refuses.

import { randomUUID } from 'node:crypto';
import { describe, expect } from 'vitest';
import { credential } from '../command.ts';
import {
  type Anything,
  conformance,
  expectProblem,
  someone,
  something,
  statement,
  UUID,
  VOIDED,
  voiding,
} from './client.ts';

const { requirement, server } = conformance();

describe('PUT', () => {
  requirement('XAPI-00139, XAPI-00143', 'a statement that is PUT is answered with 204 and kept', async (client) => {
    const { id: statementId, ...sent } = statement();
    const answer = await client.put('/statements', { statementId }, sent);
    expect(answer.status).toBe(204);
    expect(answer.bytes.byteLength).toBe(0);
    expect(await client.statement(statementId)).toMatchObject({ id: statementId, ...sent });
  });

  requirement('XAPI-00144, XAPI-00145', 'a PUT names its statement in statementId', async (client) => {
    expectProblem(await client.put('/statements', {}, statement()), 400);
    expectProblem(await client.put('/statements', { statementId: 'one' }, statement()), 400);
    expectProblem(await client.put('/statements', { statementId: randomUUID() }, statement()), 400);
    expectProblem(await client.put('/statements', { statementId: randomUUID() }, [statement()]), 400);
    const sent = statement();
    expect((await client.put('/statements', { statementId: sent.id }, sent)).status).toBe(204);
  });

  requirement(
    'XAPI-00142',
    'what is recorded under an id never changes: 409 for another, 204 for the same',
    async (client) => {
      const sent = statement();
      expect((await client.put('/statements', { statementId: sent.id }, sent)).status).toBe(204);
      const kept = await client.statement(sent.id);
      const other = { ...sent, object: { id: something() } };
      for (const answer of [
        await client.put('/statements', { statementId: sent.id }, other),
        await client.post('/statements', other),
        await client.post('/statements', [statement(), other]),
      ]) {
        expectProblem(answer, 409);
      }
      expect((await client.put('/statements', { statementId: sent.id }, sent)).status).toBe(204);
      expect((await client.post('/statements', sent)).json).toEqual([sent.id]);
      expect(await client.statement(sent.id)).toEqual(kept);
    },
  );
});

describe('POST', () => {
  requirement(
    'XAPI-00139, XAPI-00146, XAPI-00147',
    'the ids come back in the order of the statements',
    async (client) => {
      const batch = [statement(), statement({ id: undefined }), statement()];
      const answer = await client.post('/statements', batch);
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/json');
      expect(answer.json).toEqual([batch[0].id, expect.stringMatching(UUID), batch[2].id]);
      expect((await client.post('/statements', statement({ id: undefined }))).json).toEqual([
        expect.stringMatching(UUID),
      ]);
      expect((await client.post('/statements', [])).json).toEqual([]);
    },
  );

  requirement('XAPI-00146', 'an id comes back as it was sent, and is found in either case', async (client) => {
    const sent = statement({ id: randomUUID().toUpperCase() });
    expect((await client.post('/statements', sent)).json).toEqual([sent.id]);
    expect((await client.statement(sent.id.toLowerCase())).id).toBe(sent.id);
    expect((await client.post('/statements', { ...sent, id: sent.id.toLowerCase() })).status).toBe(200);
    expectProblem(await client.post('/statements', { ...sent, id: sent.id.toLowerCase(), verb: { id: 'x:y' } }), 409);
  });

  requirement('4.1.6.1 batch', 'one id twice in a batch: 400, and nothing of it is kept', async (client) => {
    const [first, second] = [statement(), statement()];
    const answer = await client.post('/statements', [first, second, { ...first, object: { id: something() } }]);
    expectProblem(answer, 400);
    for (const { id } of [first, second]) {
      expect((await client.get('/statements', { query: { statementId: id } })).status).toBe(404);
    }
  });

  requirement('XAPI-00326', 'a batch is taken whole or not at all', async (client) => {
    const batch = [statement(), statement({ verb: { id: 'did' } }), statement()];
    const { errors } = expectProblem(await client.post('/statements', batch), 400);
    expect(errors).toEqual([expect.objectContaining({ index: 1, path: '$[1].verb.id' })]);
    for (const { id } of batch) {
      expect((await client.get('/statements', { query: { statementId: id } })).status).toBe(404);
    }
  });
});

describe('what the store adds', () => {
  requirement('XAPI-00026', 'an id, where there is none', async (client) => {
    const { id: _, ...sent } = statement();
    const [id] = await client.record(sent);
    expect(id).toMatch(UUID);
    expect(await client.statement(id!)).toMatchObject({ id, ...sent });
  });

  requirement('XAPI-00097, XAPI-00023', '`stored` is ours; one that was sent is taken and replaced', async (client) => {
    const sent = statement({ stored: '2001-01-01T00:00:00.000Z' });
    const before = Date.now();
    await client.record(sent);
    const { stored } = await client.statement(sent.id);
    expect(Date.parse(stored)).toBeGreaterThan(before - 1);
    expect(Date.parse(stored)).toBeLessThan(Date.now() + 60_000);
    expectProblem(await client.post('/statements', statement({ stored: 'yesterday' })), 400);
  });

  requirement('4.2.4.2 timestamp', 'a statement without a timestamp gets its `stored`', async (client) => {
    const sent = statement();
    await client.record(sent);
    const { timestamp, stored } = await client.statement(sent.id);
    expect(timestamp).toBe(stored);
  });

  requirement('4.1.6.1 future', 'a timestamp in the future is taken', async (client) => {
    const sent = statement({ timestamp: '2199-04-01T09:30:00.000Z' });
    await client.record(sent);
    expect((await client.statement(sent.id)).timestamp).toBe(sent.timestamp);
  });

  requirement('XAPI-00099', 'the authority is the one of the credential, whatever was sent', async (client) => {
    const authority = { objectType: 'Agent', account: { homePage: 'https://lms.example.org', name: randomUUID() } };
    const made = await credential(server(), 'a system with an authority', ['all'], { authority });
    const [plain, claimed] = [statement(), statement({ authority: someone() })];
    const other = client.as(made);
    await other.record(plain, claimed);
    expect(await other.idsFound({ agent: authority, related_agents: 'true' })).toEqual([claimed.id, plain.id]);
    for (const { id } of [plain, claimed]) expect((await client.statement(id)).authority).toEqual(authority);
  });

  requirement(
    'XAPI-00100',
    'an authority that is a Group has two members, one of them an OAuth consumer',
    async (client) => {
      const consumer = { account: { homePage: 'https://example.org/oauth/token', name: 'consumer' } };
      for (const member of [[someone()], [someone(), someone(), consumer]]) {
        expectProblem(await client.post('/statements', statement({ authority: { objectType: 'Group', member } })), 400);
      }
      const authority = { objectType: 'Group', member: [consumer, someone()] };
      expect((await client.post('/statements', statement({ authority }))).status).toBe(200);
    },
  );

  requirement('XAPI-00332', 'a version, where there is none; else it stays', async (client) => {
    const [plain, older] = [statement(), statement({ version: '1.0.1' })];
    await client.record(plain, older);
    expect((await client.statement(plain.id)).version).toBe(client.version === '1.0.3' ? '1.0.0' : '2.0.0');
    expect((await client.statement(older.id)).version).toBe('1.0.1');
  });
});

describe('what is kept as it was sent', () => {
  requirement(
    'XAPI-00330',
    'nothing but what is added: the statement comes back as an equal JSON value',
    async (client) => {
      const sent = statement({
        version: '1.0.0',
        actor: { objectType: 'Group', name: 'दल', member: [someone(), someone()] },
        object: {
          id: something(),
          definition: { name: { 'hi-IN': 'पाठ', en: 'Lesson' }, extensions: { 'x:y': [null, {}] } },
        },
        context: { registration: randomUUID(), contextActivities: { parent: [{ id: something() }] } },
        result: { score: { scaled: -0.25, raw: 5e-7 }, response: '𝒳 "\\ \u0000', extensions: { 'x:y': { '': '' } } },
        timestamp: '2026-04-01T09:30:00.123456789Z',
      });
      await client.record(sent);
      const added = { stored: expect.any(String), authority: expect.any(Object) };
      expect(await client.statement(sent.id)).toEqual({ ...sent, ...added });
    },
  );

  requirement('XAPI-00002', 'numbers keep the precision of IEEE 754', async (client) => {
    const numbers = [1.1, 0.1 + 0.2, 16777217, 1e-45, 3.4028234663852886e38, 2 ** -24, -(2 ** 53)];
    const sent = statement({
      result: { score: { raw: Math.PI }, extensions: { 'https://example.org/numbers': numbers } },
    });
    await client.record(sent);
    expect((await client.statement(sent.id)).result).toEqual(sent.result);
  });

  requirement('XAPI-00119', 'extensions of null, of empty texts and of empty objects', async (client) => {
    const extensions = { 'x:null': null, 'x:text': '', 'x:object': {}, 'x:list': [] };
    const sent = statement({
      result: { extensions },
      context: { extensions },
      object: { id: something(), definition: { extensions } },
    });
    expect((await client.put('/statements', { statementId: sent.id }, sent)).status).toBe(204);
    expect(await client.statement(sent.id)).toMatchObject({
      result: { extensions },
      context: { extensions },
      object: sent.object,
    });
  });

  requirement('XAPI-00122', 'timestamps keep at least milliseconds', async (client) => {
    const sent = statement({ timestamp: '2026-04-01T09:30:00.123456Z' });
    await client.record(sent);
    const { timestamp, stored } = await client.statement(sent.id);
    expect(timestamp).toBe(sent.timestamp);
    expect(stored).toMatch(/\.\d{3,}Z$/);
  });

  requirement(
    '4.2.7 UTC',
    'timestamps of another zone are returned in UTC',
    async (client) => {
      const sent = statement({ timestamp: '2026-04-01T15:00:00.250+05:30' });
      await client.record(sent);
      expect((await client.statement(sent.id)).timestamp).toBe('2026-04-01T09:30:00.250Z');
    },
    '2.0.0',
  );

  requirement(
    'XAPI-00096',
    'context activities are returned in lists, also one that was sent alone',
    async (client) => {
      const { id: _, ...inner } = statement();
      for (const kind of ['parent', 'grouping', 'category', 'other']) {
        const activity = { id: something() };
        for (const given of [activity, [activity]]) {
          const context = { contextActivities: { [kind]: given } };
          const ids = await client.record(
            statement({ context }),
            statement({ object: { objectType: 'SubStatement', ...inner, context } }),
          );
          const returned = { contextActivities: { [kind]: [activity] } };
          expect((await client.statement(ids[0]!)).context).toEqual(returned);
          expect((await client.statement(ids[1]!)).object.context).toEqual(returned);
          expect(await client.idsFound({ activity: activity.id, related_activities: 'true', limit: '2' })).toEqual([
            ids[1],
            ids[0],
          ]);
        }
      }
    },
  );

  requirement('XAPI-00015', 'text is UTF-8, in and out', async (client) => {
    const words = 'प्रमाण ≠ доказательство 證明 🎓';
    const sent = statement({ verb: { id: something('verbs'), display: { und: words } } });
    await client.record(sent);
    const answer = await client.get('/statements', { query: { statementId: sent.id } });
    expect(answer.bytes.includes(Buffer.from(words))).toBe(true);
    const latin1 = Buffer.from(JSON.stringify(statement({ verb: { id: VOIDED, display: { fr: 'reçu' } } })), 'latin1');
    expectProblem(
      await client.send('POST', '/statements', { body: latin1, headers: { 'content-type': 'application/json' } }),
      400,
    );
  });
});

/** One of each class of wrong statements: what is changed, and the path at which the problem is told. */
const INVALID: Readonly<Record<string, readonly [change: Anything, path: string]>> = {
  'no actor': [{ actor: undefined }, ''],
  'no verb': [{ verb: undefined }, ''],
  'no object': [{ object: undefined }, ''],
  'an unknown property': [{ weather: 'fine' }, '.weather'],
  'a property in another case': [{ Timestamp: '2026-04-01T09:30:00Z' }, '.Timestamp'],
  'null outside extensions': [{ result: null }, '.result'],
  'an id that is no UUID': [{ id: 'first' }, '.id'],
  'an actor without an identifier': [{ actor: { name: 'Asha' } }, '.actor'],
  'an actor with two identifiers': [{ actor: { ...someone(), openid: 'https://example.org/asha' } }, '.actor'],
  'an mbox that is no mailto': [{ actor: { mbox: 'asha@example.org' } }, '.actor.mbox'],
  'an account without a name': [{ actor: { account: { homePage: 'https://example.org' } } }, '.actor.account'],
  'an anonymous Group without members': [{ actor: { objectType: 'Group' } }, '.actor.member'],
  'a verb that is no IRI': [{ verb: { id: 'did' } }, '.verb.id'],
  'a language tag that is none': [{ verb: { id: 'x:y', display: { a12345: 'did' } } }, '.verb.display.a12345'],
  'an activity id that is no IRI': [{ object: { id: 'course' } }, '.object.id'],
  'an unknown objectType': [{ object: { objectType: 'Course', id: 'x:y' } }, '.object.objectType'],
  'an unknown interactionType': [
    { object: { id: 'x:y', definition: { interactionType: 'guess' } } },
    '.object.definition.interactionType',
  ],
  'interaction components without a type': [
    { object: { id: 'x:y', definition: { choices: [] } } },
    '.object.definition',
  ],
  'a StatementRef without a UUID': [{ object: { objectType: 'StatementRef', id: 'first' } }, '.object.id'],
  'a SubStatement in a SubStatement': [
    { object: { objectType: 'SubStatement', ...bare(), object: { objectType: 'SubStatement', ...bare() } } },
    '.object.object.objectType',
  ],
  'a SubStatement with an id': [{ object: { objectType: 'SubStatement', ...bare(), id: randomUUID() } }, '.object.id'],
  'a score above its maximum': [{ result: { score: { raw: 5, max: 4 } } }, '.result.score.raw'],
  'a scaled score above 1': [{ result: { score: { scaled: 1.5 } } }, '.result.score.scaled'],
  'success that is no boolean': [{ result: { success: 'yes' } }, '.result.success'],
  'a duration that is none': [{ result: { duration: '90 minutes' } }, '.result.duration'],
  'an extension whose name is no IRI': [{ result: { extensions: { mood: 1 } } }, '.result.extensions.mood'],
  'a registration that is no UUID': [{ context: { registration: 'first' } }, '.context.registration'],
  'an unknown context activity': [
    { context: { contextActivities: { sibling: [] } } },
    '.context.contextActivities.sibling',
  ],
  'a platform of a statement about a person': [{ object: someone(), context: { platform: 'x' } }, '.context.platform'],
  'a timestamp that is none': [{ timestamp: 'yesterday' }, '.timestamp'],
  'a timestamp with the offset -00:00': [{ timestamp: '2026-04-01T09:30:00-00:00' }, '.timestamp'],
  'an authority that is none': [{ authority: { name: 'us' } }, '.authority'],
  'a version of the past': [{ version: '0.9' }, '.version'],
  'an attachment without a length': [
    { attachments: [{ usageType: 'x:y', display: {}, contentType: 'a/b', sha2: '0'.repeat(64), fileUrl: 'x:z' }] },
    '.attachments[0]',
  ],
  'a void of an activity': [{ verb: { id: VOIDED } }, '.object'],
};

function bare(): Anything {
  const { id: _, ...rest } = statement();
  return rest;
}

describe('how values are compared', () => {
  requirement('4.2.7 IRIs', 'IRIs are texts: nothing is made equal that is not the same', async (client) => {
    const word = randomUUID();
    const written = [
      `https://example.org/${word}/é`,
      `https://example.org/${word}/%C3%A9`,
      `https://EXAMPLE.org/${word}/é`,
    ];
    for (const id of written) await client.record(statement({ object: { id, definition: { name: { en: id } } } }));
    for (const id of written) {
      expect((await client.find({ activity: id })).map(({ object }) => object.id)).toEqual([id]);
      const { json } = await client.get('/activities', { query: { activityId: id } });
      expect(json).toEqual({ objectType: 'Activity', id, definition: { name: { en: id } } });
    }
  });

  requirement(
    '4.2.7 durations',
    'are taken and kept as finely as sent, and compared to a hundredth of a second',
    async (client) => {
      const sent = statement({ result: { duration: 'P1DT12H36M0.12967S' } });
      await client.record(sent);
      expect((await client.statement(sent.id)).result).toEqual(sent.result);
      expect((await client.post('/statements', { ...sent, result: { duration: 'P1DT12H36M0.12S' } })).status).toBe(200);
      expectProblem(await client.post('/statements', { ...sent, result: { duration: 'P1DT12H36M0.13S' } }), 409);
    },
  );
});

describe('what is refused', () => {
  requirement(
    'XAPI-00182',
    'each class of wrong statements: 400 with its path, and nothing is kept',
    async (client) => {
      const agent = someone();
      const good = statement({ actor: agent });
      for (const [name, [change, path]] of Object.entries(INVALID)) {
        const { errors } = expectProblem(await client.post('/statements', [good, statement(change)]), 400, name);
        const told: string[] = errors.map((error: Anything) => error.path);
        expect(
          told.some((place) => place.startsWith(`$[1]${path}`)),
          `${name}: ${told}`,
        ).toBe(true);
        expect(errors.every(({ index, message }: Anything) => index === 1 && message !== '')).toBe(true);
      }
      expect(await client.idsFound({ agent })).toEqual([]);
    },
  );

  requirement('XAPI-00014', 'a body that is no JSON object or list of them', async (client) => {
    const headers = { 'content-type': 'application/json' };
    for (const body of ['{', '', 'null', '5', '"text"', '[5]', '[[]]', '{"a":1}}', "{'id':1}", '{"id":1,}']) {
      expectProblem(await client.send('POST', '/statements', { body, headers }), 400, body);
    }
  });

  requirement('XAPI-00011', 'an IRI without a scheme', async (client) => {
    for (const change of [
      { verb: { id: 'example.org/did' } },
      { object: { id: '//example.org/course' } },
      { object: { id: something(), definition: { type: 'course' } } },
      { object: { id: something(), definition: { moreInfo: 'example.org' } } },
      { actor: { openid: 'example.org/asha' } },
      { actor: { account: { homePage: 'example.org', name: 'asha' } } },
      { context: { extensions: { 'example.org': 1 } } },
    ]) {
      expectProblem(await client.post('/statements', statement(change)), 400, JSON.stringify(change));
    }
  });

  requirement('XAPI-00064', 'an interaction without its type', async (client) => {
    const definition = { correctResponsesPattern: ['true'] };
    expectProblem(await client.post('/statements', statement({ object: { id: something(), definition } })), 400);
    const typed = { ...definition, interactionType: 'true-false' };
    expect(
      (await client.post('/statements', statement({ object: { id: something(), definition: typed } }))).status,
    ).toBe(200);
  });

  requirement('XAPI-00101, XAPI-00332', 'versions other than those that are served', async (client) => {
    for (const version of ['0.95', '1.1.0', '3.0.0', '1', '']) {
      expectProblem(await client.post('/statements', statement({ version })), 400, version);
    }
    expect((await client.post('/statements', statement({ version: '2.0.0' }))).status).toBe(
      client.version === '1.0.3' ? 400 : 200,
    );
  });

  requirement('XAPI-00121', 'a language map whose keys are no language tags of RFC 5646', async (client) => {
    const wrong = { 'en-abcdefghi': 'text' };
    const fileUrl = 'https://example.org/file';
    const attachment = { usageType: 'x:y', contentType: 'a/b', length: 1, sha2: '0'.repeat(64), fileUrl };
    for (const change of [
      { verb: { id: something('verbs'), display: wrong } },
      { object: { id: something(), definition: { name: wrong } } },
      { object: { id: something(), definition: { description: wrong } } },
      {
        object: {
          id: something(),
          definition: { interactionType: 'choice', choices: [{ id: 'a', description: wrong }] },
        },
      },
      { attachments: [{ ...attachment, display: wrong }] },
      { attachments: [{ ...attachment, display: { en: 'File' }, description: wrong }] },
    ]) {
      const { errors } = expectProblem(
        await client.post('/statements', statement(change)),
        400,
        JSON.stringify(change),
      );
      expect(errors[0].path).toMatch(/\['en-abcdefghi'\]$/);
    }
  });

  requirement('XAPI-00327', 'a credential that may not write: 403, and nothing is kept', async (client) => {
    const reader = client.as(await credential(server(), 'a reader', ['statements/read']));
    const sent = statement();
    expectProblem(await reader.post('/statements', sent), 403);
    expectProblem(await reader.put('/statements', { statementId: sent.id }, sent), 403);
    expect((await client.get('/statements', { query: { statementId: sent.id } })).status).toBe(404);
    const writer = client.as(await credential(server(), 'a writer', ['statements/write']));
    expect((await writer.post('/statements', sent)).status).toBe(200);
    expectProblem(await writer.get('/statements'), 403);
  });

  requirement('XAPI-00016', 'a void of what voids, in one request: nothing of it is kept', async (client) => {
    const target = statement();
    const first = voiding(target.id);
    const batch = [target, first, voiding(first.id)];
    const { errors } = expectProblem(await client.post('/statements', batch), 400);
    expect(errors).toEqual([expect.objectContaining({ index: 2, path: '$[2].object.id' })]);
    for (const { id } of batch) {
      expect((await client.get('/statements', { query: { statementId: id } })).status).toBe(404);
    }
  });

  requirement('XAPI-00016', 'the same void again is no new one, whatever its target became', async (client) => {
    const target = voiding(randomUUID());
    const early = voiding(target.id);
    await client.record(early);
    await client.record(target);
    expect((await client.post('/statements', early)).json).toEqual([early.id]);
    expectProblem(await client.post('/statements', voiding(target.id)), 400);
    expect((await client.statement(target.id)).id).toBe(target.id);
  });

  requirement('XAPI-00016', 'a void of what voids: nothing changes', async (client) => {
    const target = statement();
    const void1 = voiding(target.id);
    await client.record(target, void1);
    expectProblem(await client.post('/statements', voiding(void1.id)), 400);
    expect((await client.statement(void1.id)).id).toBe(void1.id);
    expect((await client.get('/statements', { query: { statementId: target.id } })).status).toBe(404);
  });
});
