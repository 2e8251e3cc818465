// TinCanJS, the library of content made before 2020: its objects, its ETags, its way to PUT what has an id.

import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { statementsOf, statementsOfVersion1 } from '../../fixtures/statements/index.ts';
import { KEY, removeFolders, SECRET, type Server, startServer } from '../server.ts';
import { type Anything, acknowledged, expectAllKept, expectKept, type Wire, wireTo } from './wire.ts';

const TinCan: Anything = createRequire(import.meta.url)('tincanjs');
TinCan.DEBUG = false;

const COURSE = { id: 'http://lms.example.gov.in/scorm/CCS-Conduct-Rules-1964' };
const SUNITA = { account: { homePage: 'https://igot.example.gov.in', name: 'emp-118820' } };

let server: Server;
let wire: Wire;
let lrs: Anything;
beforeAll(async () => {
  server = await startServer();
  wire = await wireTo(server);
  lrs = new TinCan.LRS({ endpoint: `${wire.endpoint}/`, username: KEY, password: SECRET, allowFail: false });
});
afterAll(async () => {
  wire?.close();
  await server?.stop();
  removeFolders();
});

/** A method of the library, whose last argument takes a callback; refused with the status of the answer. */
function call(method: string, ...args: Anything[]): Promise<Anything> {
  const options = args.pop();
  return new Promise((resolve, reject) => {
    const callback = (error: unknown, result: unknown) => {
      if (error === null) resolve(result);
      else reject(new Error(`${method} was answered ${error}: ${(result as Anything)?.responseText}`));
    };
    lrs[method](...args, { ...options, callback });
  });
}

/** The library writes into what it is given. */
const statement = (sent: unknown) => new TinCan.Statement(structuredClone(sent), { doStamp: false });

test('knows the store by its /about', async () => {
  expect((await call('about', {})).version).toContain('1.0.3');
  expect(wire.said[0]!.headers['x-experience-api-version']).toBe('1.0.2');
});

test('statements one by one (PUT with an id, POST without) and in batches come back as they were sent', async () => {
  const shapes = statementsOfVersion1();
  const [one, two, ...batch] = shapes;
  const own = new TinCan.Statement({ ...one, id: '6f7f4e3f-1e4c-4a6e-9d2a-08a7c3a6b001' });
  await call('saveStatement', own, {});
  await call('saveStatement', statement(two), {});
  await call('saveStatements', batch.map(statement), {});
  expect(wire.said.slice(1).map(({ method }) => method)).toEqual(['PUT', 'POST', 'POST']);
  expect(acknowledged(wire.said).map(({ sent }) => sent.verb.id)).toEqual(shapes.map(({ verb }) => verb.id));
  expect(await expectAllKept(server, wire.said)).toBe(shapes.length);
  expect((await call('retrieveStatement', own.id, {})).verb.id).toBe(one!.verb.id);
});

test('the same PUT again succeeds and stores nothing; another statement under its id is a conflict', async () => {
  const [{ id, sent }] = acknowledged(wire.said) as [{ id: string; sent: Anything }];
  await call('saveStatement', statement(sent), {});
  const other = { ...sent, verb: { id: 'http://adlnet.gov/expapi/verbs/failed' } };
  await expect(call('saveStatement', statement(other), {})).rejects.toThrow('409');
  await call('retrieveStatement', id, {});
  expectKept(JSON.parse(wire.said.at(-1)!.answer.toString()), sent);
});

test('queries and their further pages', async () => {
  const registration = (statementsOf('cmi5') as Anything[])[0].context.registration;
  const agent = new TinCan.Agent((statementsOf('cmi5') as Anything[])[0].actor);
  const found: string[] = [];
  let page = await call('queryStatements', { params: { registration, agent, limit: 4, ascending: true } });
  found.push(...page.statements.map(({ id }: Anything) => id));
  while (page.more) {
    page = await call('moreStatements', { url: page.more });
    found.push(...page.statements.map(({ id }: Anything) => id));
  }
  expect(found).toEqual(statementsOf('cmi5').map(({ id }) => id));

  const verb = new TinCan.Verb({ id: 'http://adlnet.gov/expapi/verbs/completed' });
  const activity = new TinCan.Activity(COURSE);
  for (const params of [
    { verb },
    { activity },
    { activity, related_activities: true },
    { agent, related_agents: true },
  ]) {
    const { statements } = await call('queryStatements', { params: { ...params, limit: 100 } });
    expect(statements.length).toBeGreaterThan(0);
  }
});

function earned(content: Buffer): Anything {
  return statement({
    actor: SUNITA,
    verb: { id: 'http://adlnet.gov/expapi/verbs/earned' },
    object: { id: 'https://igot.example.gov.in/certificates/2026/7' },
    attachments: [
      {
        usageType: 'http://id.tincanapi.com/attachment/certificate-of-completion',
        display: { 'hi-IN': 'प्रमाणपत्र' },
        contentType: 'text/html; charset=utf-8',
        length: content.byteLength,
        sha2: createHash('sha256').update(content).digest('hex'),
        content: Uint8Array.from(content).buffer,
      },
    ],
  });
}

test('an attachment travels with its statement and comes back with it', async () => {
  const content = Buffer.from('<p lang="hi">प्रमाणपत्र</p>\r\n--\r\n');
  await call('saveStatement', earned(content), {});
  const [id] = JSON.parse(wire.said.at(-1)!.answer.toString());
  const { attachments } = await call('retrieveStatement', id, { params: { attachments: true } });
  expect(Buffer.from(attachments[0].content)).toEqual(content);
});

test('bytes that the library damages outside browsers are refused by their hash', async () => {
  const image = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0xff, 0xfe]);
  await expect(call('saveStatement', earned(image), {})).rejects.toThrow('X-Experience-API-Hash');
});

test('a voided statement is retrieved as voided', async () => {
  const mistaken = '6f7f4e3f-1e4c-4a6e-9d2a-08a7c3a6b003';
  const actor = { mbox: 'mailto:admin@training.example.gov.in' };
  const object = { id: 'https://igot.example.gov.in/quiz/1' };
  await call(
    'saveStatement',
    statement({ id: mistaken, actor, verb: { id: 'http://e.example/answered' }, object }),
    {},
  );
  const verb = { id: 'http://adlnet.gov/expapi/verbs/voided', display: { und: 'voided' } };
  await call('saveStatement', statement({ actor, verb, object: { objectType: 'StatementRef', id: mistaken } }), {});
  await expect(call('retrieveStatement', mistaken, {})).rejects.toThrow('404');
  expect((await call('retrieveVoidedStatement', mistaken, {})).id).toBe(mistaken);
});

test('state: saved, changed under the ETag it was read with, listed, dropped', async () => {
  const place = { agent: new TinCan.Agent(SUNITA), activity: new TinCan.Activity(COURSE) };
  await call('saveState', 'suspend_data', 'अध्याय=२;p=7', { ...place, contentType: 'text/plain' });
  const read = await call('retrieveState', 'suspend_data', place);
  expect(read.contents).toBe('अध्याय=२;p=7');
  await call('saveState', 'suspend_data', 'p=8', { ...place, contentType: 'text/plain', lastSHA1: read.etag });
  await expect(
    call('saveState', 'suspend_data', 'p=9', { ...place, contentType: 'text/plain', lastSHA1: read.etag }),
  ).rejects.toThrow('412');
  await call('saveState', 'bookmark', { page: 3 }, { ...place, contentType: 'application/json' });
  await call('saveState', 'bookmark', { chapter: 2 }, { ...place, contentType: 'application/json', method: 'POST' });
  expect((await call('retrieveState', 'bookmark', place)).contents).toStrictEqual({ page: 3, chapter: 2 });
  expect((await call('retrieveStateIds', place)).toSorted()).toEqual(['bookmark', 'suspend_data']);
  await call('dropState', 'bookmark', place);
  expect(await call('retrieveStateIds', place)).toEqual(['suspend_data']);
  await call('dropState', null, place);
  expect(await call('retrieveStateIds', place)).toEqual([]);
});

test('profiles: the first is saved without an ETag, the next only with it', async () => {
  for (const [kind, place] of [
    ['Agent', { agent: new TinCan.Agent(SUNITA) }],
    ['Activity', { activity: new TinCan.Activity(COURSE) }],
  ] as const) {
    const json = { ...place, contentType: 'application/json' };
    await call(`save${kind}Profile`, 'भाषा', { language: 'hi-IN' }, json);
    await expect(call(`save${kind}Profile`, 'भाषा', { language: 'mr-IN' }, json)).rejects.toThrow('412');
    const { contents, etag } = await call(`retrieve${kind}Profile`, 'भाषा', place);
    expect(contents).toStrictEqual({ language: 'hi-IN' });
    // Older content leaves the quotes of the ETag out.
    const lastSHA1 = etag.replaceAll('"', '');
    await call(`save${kind}Profile`, 'भाषा', { language: 'mr-IN' }, { ...json, lastSHA1 });
    expect((await call(`retrieve${kind}Profile`, 'भाषा', place)).contents).toStrictEqual({ language: 'mr-IN' });
    expect(await call(`retrieve${kind}ProfileIds`, place)).toEqual(['भाषा']);
    await call(`drop${kind}Profile`, 'भाषा', place);
    expect(await call(`retrieve${kind}ProfileIds`, place)).toEqual([]);
  }
});

test('an activity is what the statements said of it', async () => {
  const [{ object }] = statementsOf('hindi-english') as [Anything];
  const activity = await call('retrieveActivity', object.id, {});
  expect(activity.definition.name).toStrictEqual(object.definition.name);
});
