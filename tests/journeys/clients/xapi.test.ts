// @xapi/xapi, the library of most new content: every resource, over both of its transports.

import { createHash } from 'node:crypto';
import xapi, { type Agent, type GetStatementsParamsWithoutAttachments, type Statement } from '@xapi/xapi';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { statementsOf, statementsOfVersion1 } from '../../fixtures/statements/index.ts';
import { KEY, removeFolders, SECRET, type Server, startServer } from '../server.ts';
import { type Anything, acknowledged, expectAllKept, expectKept, type Wire, wireTo } from './wire.ts';

const XAPI = xapi.default;
// The library's type ends at 1.0.3; the header is sent as given.
const TWO = '2.0.0' as '1.0.3';
const COURSE = 'https://igot.example.gov.in/पाठ्यक्रम/सूचना-का-अधिकार';
const SUNITA: Agent = { account: { homePage: 'https://igot.example.gov.in', name: 'emp-118820' } };

afterAll(removeFolders);

/** The store's problem, where each transport keeps it: axios as data, fetch as the message's text. */
function refusal(refused: PromiseLike<unknown>): PromiseLike<Anything> {
  return refused.then(
    () => ({ status: 'not refused' }),
    (error) => error.response?.data ?? JSON.parse(error.message),
  );
}

describe.each(['axios', 'fetch'] as const)('@xapi/xapi over %s', (adapter) => {
  let server: Server;
  let wire: Wire;
  let client: InstanceType<typeof XAPI>;
  beforeAll(async () => {
    server = await startServer();
    wire = await wireTo(server);
    client = new XAPI({ endpoint: wire.endpoint, auth: XAPI.toBasicAuth(KEY, SECRET), adapter });
  });
  afterAll(async () => {
    wire?.close();
    await server?.stop();
  });

  /** The library's types know fewer shapes than learning systems send. */
  const typed = (statements: unknown) => statements as Statement[];

  test('finds the store under /about', async () => {
    expect((await client.getAbout()).data.version).toEqual(expect.arrayContaining(['1.0.3', '2.0.0']));
  });

  test('statements of every learning system, one by one and in batches, come back as they were sent', async () => {
    const [one, two, ...others] = statementsOfVersion1();
    const [id] = (await client.sendStatement({ statement: typed([one])[0]! })).data;
    expectKept((await client.getStatement({ statementId: id! })).data, one);
    await client.sendStatement({ statement: typed([two])[0]! });
    const ids = (await client.sendStatements({ statements: typed(others) })).data;
    expect(ids).toHaveLength(others.length);
    expect(acknowledged(wire.said).map(({ sent }) => sent)).toStrictEqual(statementsOfVersion1());
    expect(await expectAllKept(server, wire.said)).toBe(statementsOfVersion1().length);
  });

  test('pages by `more` tell every statement once, in both directions', async () => {
    for (const ascending of [true, false]) {
      const found: string[] = [];
      let page = (await client.getStatements({ limit: 4, ascending })).data;
      for (;;) {
        found.push(...page.statements.map(({ id }) => id!));
        expect(page.statements.length).toBeLessThanOrEqual(4);
        if (!page.more) break;
        page = (await client.getMoreStatements({ more: page.more })).data as typeof page;
      }
      const inOrder = ascending ? found : found.toReversed();
      expect(new Set(inOrder).size).toBe(inOrder.length);
      const voided = '9c2f6f0a-3a57-4a93-9d7a-5a1d7b8c1e02';
      expect(inOrder).toEqual(
        acknowledged(wire.said)
          .map(({ id }) => id)
          .filter((id) => id !== voided),
      );
    }
  });

  test('every filter finds what the shapes hold', async () => {
    const count = async (query: GetStatementsParamsWithoutAttachments) =>
      (await client.getStatements(query)).data.statements.length;
    const all = statementsOfVersion1() as Anything[];
    const completed = 'http://adlnet.gov/expapi/verbs/completed';
    // And the comment about a completion, which refers to it (Communication 2.1.3).
    expect(await count({ verb: completed, limit: 100 })).toBe(
      all.filter(({ verb }) => verb.id === completed).length + 1,
    );
    // Here too.
    expect(await count({ agent: SUNITA, activity: COURSE })).toBe(2);
    expect(await count({ activity: COURSE, verb: completed })).toBe(2);
    const { registration } = (statementsOf('cmi5') as Anything[])[0].context;
    expect(await count({ registration, limit: 100 })).toBe(
      all.filter(({ context }) => context?.registration === registration).length,
    );
    const last = (await client.getStatements({ limit: 1 })).data.statements[0]!;
    expect(await count({ since: last.stored! })).toBe(0);
    expect(await count({ until: last.stored!, limit: 100 })).toBe(all.length - 1);
  });

  describe('attachments', () => {
    const certificate = Buffer.from('<html lang="hi">प्रमाणपत्र</html>');
    const statement = (contents: readonly Buffer[]) => ({
      actor: SUNITA,
      verb: { id: 'http://adlnet.gov/expapi/verbs/earned' },
      object: { id: 'https://igot.example.gov.in/certificates/2026/7' },
      attachments: contents.map((content) => ({
        usageType: 'http://id.tincanapi.com/attachment/certificate-of-completion',
        display: { 'hi-IN': 'प्रमाणपत्र' },
        contentType: 'text/html',
        length: content.byteLength,
        sha2: createHash('sha256').update(content).digest('hex'),
      })),
    });
    const send = (...contents: readonly Buffer[]) =>
      client.sendStatement({
        statement: typed([statement(contents)])[0]!,
        attachments: contents.map((content) => Uint8Array.from(content).buffer),
      });

    if (adapter === 'fetch')
      test('travel with their statement and come back with it', async () => {
        const [statementId] = (await send(certificate)).data;
        const [returned, attached] = (await client.getStatement({ statementId: statementId!, attachments: true })).data;
        expectKept(returned, statement([certificate]));
        expect(attached).toBe(certificate.toString());
        const [page] = (await client.getStatements({ attachments: true, limit: 1 })).data as Anything[];
        expectKept(page.statements[0], statement([certificate]));
      });

    // Outside browsers axios replaces the Content-Type, and with it the boundary, by the Blob's.
    if (adapter === 'axios')
      test('sent by Node lose their Content-Type, which is said', async () => {
        expect(await refusal(send(certificate))).toMatchObject({
          status: 400,
          detail: expect.stringContaining('multipart/mixed'),
        });
      });

    // The library leaves out the line break before the second one's boundary (RFC 2046 5.1.1).
    if (adapter === 'fetch')
      test('that are two are not told apart, which is said, and nothing is stored', async () => {
        const before = (await client.getStatements({ limit: 1 })).data.statements[0]!.id;
        expect(await refusal(send(certificate, Buffer.from('second')))).toMatchObject({ status: 400 });
        expect((await client.getStatements({ limit: 1 })).data.statements[0]!.id).toBe(before);
      });
  });

  test('a voided statement is gone from queries and found as voided', async () => {
    const mistaken = {
      actor: SUNITA,
      verb: { id: 'http://adlnet.gov/expapi/verbs/answered' },
      object: { id: 'https://igot.example.gov.in/quiz/1' },
      result: { response: 'ग़लत' },
    };
    const [id] = (await client.sendStatement({ statement: typed([mistaken])[0]! })).data;
    const actor: Agent = { mbox: 'mailto:admin@training.example.gov.in' };
    const [voiding] = (await client.voidStatement({ actor, statementId: id! })).data;
    expect(await refusal(client.getStatement({ statementId: id! }))).toMatchObject({ status: 404 });
    expectKept((await client.getVoidedStatement({ voidedStatementId: id! })).data, mistaken);
    const about = (await client.getStatements({ activity: 'https://igot.example.gov.in/quiz/1' })).data;
    // The voiding statement refers to it (Communication 2.1.3).
    expect(about.statements.map((statement) => statement.id)).toEqual([voiding]);
    const others = (await client.sendStatements({ statements: typed([mistaken, mistaken]) })).data;
    expect((await client.voidStatements({ actor, statementIds: others })).data).toHaveLength(2);
    for (const other of others) {
      expectKept((await client.getVoidedStatement({ voidedStatementId: other })).data, mistaken);
    }
  });

  test('state documents: made, merged, changed under their ETag, listed, deleted', async () => {
    const place = { agent: SUNITA, activityId: COURSE, stateId: 'पृष्ठ' };
    await client.createState({ ...place, state: { page: 3, theme: 'dark' } });
    await client.createState({ ...place, state: { page: 4 } });
    const kept = await client.getState(place);
    expect(kept.data).toStrictEqual({ page: 4, theme: 'dark' });
    const etag = String((kept.headers as Anything).etag);
    expect(etag).toMatch(/^"[0-9a-f]{40}"$/);
    await client.setState({ ...place, state: { page: 5 }, etag, matchHeader: 'If-Match' });
    expect(
      await refusal(client.setState({ ...place, state: { page: 6 }, etag, matchHeader: 'If-Match' })),
    ).toMatchObject({ status: 412 });
    expect((await client.getState(place)).data).toStrictEqual({ page: 5 });
    const text = { ...place, stateId: 'note', state: 'टिप्पणी: दूसरा अध्याय', contentType: 'text/plain; charset=utf-8' };
    await client.setState(text);
    expect((await client.getState({ ...place, stateId: 'note' })).data).toBe(text.state);
    expect((await client.getStates(place)).data.toSorted()).toEqual(['note', 'पृष्ठ']);
    await client.deleteState({ ...place, stateId: 'note' });
    expect((await client.getStates(place)).data).toEqual(['पृष्ठ']);
    await client.deleteStates(place);
    expect((await client.getStates(place)).data).toEqual([]);
  });

  test('profiles of agents and activities, made once and changed under their ETag', async () => {
    const agent = { agent: SUNITA, profileId: 'cmi5LearnerPreferences' };
    await client.setAgentProfile({
      ...agent,
      profile: { languagePreference: 'hi-IN' },
      etag: '*',
      matchHeader: 'If-None-Match',
    });
    expect(
      await refusal(client.setAgentProfile({ ...agent, profile: {}, etag: '*', matchHeader: 'If-None-Match' })),
    ).toMatchObject({ status: 412 });
    const preferences = await client.getAgentProfile(agent);
    expect(preferences.data).toStrictEqual({ languagePreference: 'hi-IN' });
    const etag = String((preferences.headers as Anything).etag);
    await client.setAgentProfile({ ...agent, profile: { audioPreference: 'on' }, etag, matchHeader: 'If-Match' });
    await client.createAgentProfile({ ...agent, profile: { languagePreference: 'mr-IN' } });
    expect((await client.getAgentProfile(agent)).data).toStrictEqual({
      audioPreference: 'on',
      languagePreference: 'mr-IN',
    });
    expect((await client.getAgentProfiles(agent)).data).toEqual(['cmi5LearnerPreferences']);
    await client.deleteAgentProfile(agent);
    expect((await client.getAgentProfiles(agent)).data).toEqual([]);

    const activity = { activityId: COURSE, profileId: 'edition' };
    await client.createActivityProfile({ ...activity, profile: { edition: '2026-04' } });
    const edition = await client.getActivityProfile(activity);
    expect(edition.data).toStrictEqual({ edition: '2026-04' });
    await client.deleteActivityProfile({ ...activity, etag: String((edition.headers as Anything).etag) });
    expect((await client.getActivityProfiles(activity)).data).toEqual([]);
  });

  test('a person and an activity are what the statements said of them', async () => {
    expect((await client.getAgent({ agent: SUNITA })).data).toMatchObject({
      objectType: 'Person',
      name: expect.arrayContaining(['सुनीता यादव']),
      account: [SUNITA.account],
    });
    const [first] = statementsOf('hindi-english') as Anything[];
    expect((await client.getActivity({ activityId: COURSE })).data).toMatchObject({
      id: COURSE,
      definition: first.object.definition,
    });
  });

  test('as a 2.0 client', async () => {
    const second = new XAPI({
      endpoint: wire.endpoint,
      auth: XAPI.toBasicAuth(KEY, SECRET),
      adapter,
      version: TWO,
    });
    const statements = statementsOf('version-2') as Anything[];
    const ids = (await second.sendStatements({ statements: typed(statements) })).data;
    expect(ids).toEqual(statements.map(({ id }) => id));
    for (const statement of statements) {
      // 2.0 returns timestamps in UTC (Data 4.2.7); the instant is the one sent.
      const timestamp = new Date(statement.timestamp).toISOString();
      const { data } = await second.getStatement({ statementId: statement.id });
      expect(new Date(data.timestamp!).toISOString()).toBe(timestamp);
      expect(data.timestamp).toMatch(/Z$/);
      expectKept({ ...data, timestamp: statement.timestamp }, statement);
    }
  });

  test('a refusal says why: the problem, its place, its clause', async () => {
    const broken = { ...statementsOf('moodle')[0]!, verb: { id: 'not an IRI' } };
    expect(
      await refusal(client.sendStatements({ statements: typed([statementsOf('moodle')[1], broken]) })),
    ).toMatchObject({
      status: 400,
      errors: [{ index: 1, path: '$[1].verb.id', clause: expect.any(String) }],
    });
    const wrong = new XAPI({ endpoint: wire.endpoint, auth: XAPI.toBasicAuth(KEY, 'wrong'), adapter });
    expect(await refusal(wrong.getStatements({ limit: 1 }))).toMatchObject({ status: 401 });
  });
});
