// Content in a browser: a page of another origin posts to the store and reads its answers, with fetch, with the libraries' builds
// for pages, and with the forms of 1.0.3's alternate request syntax.

import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { statementsOf, statementsOfVersion1 } from '../../fixtures/statements/index.ts';
import { basic, KEY, removeFolders, SECRET, type Server, startServer } from '../server.ts';
import { type ContentSite, NO_CHROMIUM, openBrowser, startContentSite } from './browser.ts';
import { type Anything, expectAllKept, expectKept, type Wire, wireTo } from './wire.ts';

/** What pages call; the bodies below run in the page. */
declare const XAPI: Anything;
declare const Cmi5: Anything;
declare const TinCan: Anything;
declare const document: Anything;
declare const XMLHttpRequest: Anything;

const ACTOR = { account: { homePage: 'https://igot.example.gov.in', name: 'emp-118820' } };

describe.skipIf(NO_CHROMIUM)('from a page of another origin (needs /usr/bin/chromium)', () => {
  let server: Server;
  let wire: Wire;
  let site: ContentSite;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];
  beforeAll(async () => {
    [server, browser, site] = await Promise.all([
      startServer(),
      openBrowser(),
      startContentSite(Buffer.from(`${KEY}:${SECRET}`).toString('base64')),
    ]);
    wire = await wireTo(server);
  });
  afterAll(async () => {
    await browser?.close();
    site?.close();
    wire?.close();
    await server?.stop();
    removeFolders();
  });
  beforeEach(async () => {
    await context?.close();
    complaints.length = 0;
    context = await browser.newContext();
    page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${site.origin}/content`);
  });

  const authorization = basic(KEY, SECRET);

  test('fetch: a preflight, a statement, and headers that the page may read', async () => {
    const statements = statementsOfVersion1();
    const answer = await page.evaluate(
      async ({ endpoint, authorization, statements }) => {
        const headers = { authorization, 'x-experience-api-version': '1.0.3' };
        const posted = await fetch(`${endpoint}/statements`, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json' },
          body: JSON.stringify(statements),
        });
        const found = await fetch(`${endpoint}/statements?limit=1`, { headers });
        return {
          ids: await posted.json(),
          posted: Object.fromEntries(posted.headers),
          found: Object.fromEntries(found.headers),
          page: (await found.json()) as Anything,
        };
      },
      { endpoint: wire.endpoint, authorization, statements: statements as Anything },
    );
    expect(wire.said.map(({ method, status }) => [method, status])).toEqual([
      ['OPTIONS', 204],
      ['POST', 200],
      ['OPTIONS', 204],
      ['GET', 200],
    ]);
    expect(wire.said[0]!.headers.origin).toBe(site.origin);
    expect(answer.ids).toHaveLength(statements.length);
    expect(answer.posted).toMatchObject({
      'x-experience-api-version': '1.0.3',
      'x-pramaan-sequence': String(statements.length),
    });
    expect(answer.found['x-experience-api-consistent-through']).toMatch(/Z$/);
    expectKept(answer.page.statements[0], statements.at(-1));
    expect(await expectAllKept(server, wire.said)).toBe(statements.length);
  });

  test('fetch: refusals can be read too', async () => {
    const answers = await page.evaluate(
      async ({ endpoint, authorization }) => {
        const read = async (headers: Record<string, string>, body?: string) => {
          const answer = await fetch(`${endpoint}/statements`, {
            method: body ? 'POST' : 'GET',
            headers,
            body: body ?? null,
          });
          return {
            status: answer.status,
            challenge: answer.headers.get('www-authenticate'),
            problem: (await answer.json()) as Anything,
          };
        };
        const version = { 'x-experience-api-version': '2.0.0' };
        return [
          await read({ ...version, authorization: 'Basic eDp5' }),
          await read({ authorization }),
          await read({ ...version, authorization, 'content-type': 'application/json' }, '{"actor":'),
          await read({ ...version, authorization, 'content-type': 'application/json' }, '[{}]'),
        ];
      },
      { endpoint: wire.endpoint, authorization },
    );
    expect(answers.map(({ status }) => status)).toEqual([401, 400, 400, 400]);
    expect(answers[0]!.challenge).toMatch(/^Basic/);
    expect(answers[3]!.problem.errors.map(({ path }: Anything) => path)).toContain('$[0].actor');
  });

  test('fetch: a document is changed under the ETag that the page read', async () => {
    const statuses = await page.evaluate(
      async ({ endpoint, authorization, agent }) => {
        const parameters = new URLSearchParams({ agent, activityId: 'https://content.example/1', stateId: 'पृष्ठ' });
        const url = `${endpoint}/activities/state?${parameters}`;
        const headers = { authorization, 'x-experience-api-version': '2.0.0', 'content-type': 'application/json' };
        const put = (condition: object, body: object) =>
          fetch(url, { method: 'PUT', headers: { ...headers, ...condition }, body: JSON.stringify(body) });
        const first = await put({ 'if-none-match': '*' }, { page: 1 });
        const kept = await fetch(url, { headers });
        const etag = kept.headers.get('etag')!;
        const second = await put({ 'if-match': etag }, { page: 2 });
        const stale = await put({ 'if-match': etag }, { page: 3 });
        const gone = await fetch(url, { method: 'DELETE', headers: { ...headers, 'if-match': '*' } });
        return [first, kept, second, stale, gone].map(({ status }) => status);
      },
      { endpoint: wire.endpoint, authorization, agent: JSON.stringify(ACTOR) },
    );
    expect(statuses).toEqual([204, 200, 204, 412, 204]);
  });

  test('XMLHttpRequest with the alternate request syntax: no preflight, every header a form field', async () => {
    const before = wire.said.length;
    const [statement] = statementsOf('hindi-english') as Anything[];
    const sent = { ...statement, id: randomUUID() };
    const said = await page.evaluate(
      async ({ endpoint, authorization, sent }) => {
        const post = (method: string, fields: Record<string, string>) =>
          new Promise<{ status: number; text: string; sequence: string | null }>((resolve, reject) => {
            const request = new XMLHttpRequest();
            request.open('POST', `${endpoint}/statements?method=${method}`);
            request.onload = () =>
              resolve({
                status: request.status,
                text: request.responseText,
                sequence: request.getResponseHeader('x-pramaan-sequence'),
              });
            request.onerror = () => reject(new Error('blocked'));
            request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
            const own = { Authorization: authorization, 'X-Experience-API-Version': '1.0.3' };
            request.send(new URLSearchParams({ ...own, ...fields }).toString());
          });
        const json = { 'Content-Type': 'application/json' };
        const put = await post('PUT', { ...json, statementId: sent.id, content: JSON.stringify(sent) });
        const got = await post('GET', { statementId: sent.id });
        return { put, got };
      },
      { endpoint: wire.endpoint, authorization, sent },
    );
    expect(said.put).toMatchObject({ status: 204, sequence: expect.stringMatching(/^\d+$/) });
    expect(said.got.status).toBe(200);
    expectKept(JSON.parse(said.got.text), sent);
    expect(wire.said.slice(before).map(({ method }) => method)).toEqual(['POST', 'POST']);
  });

  test('a form without any script', async () => {
    const [statement] = statementsOf('h5p') as Anything[];
    const answered = page.waitForResponse((response) => response.url().includes('/xapi/statements'));
    await page.evaluate(
      ({ endpoint, fields }) => {
        const form = document.createElement('form');
        form.method = 'post';
        form.action = `${endpoint}/statements?method=POST`;
        for (const [name, value] of Object.entries(fields)) {
          const input = document.createElement('input');
          Object.assign(input, { type: 'hidden', name, value });
          form.append(input);
        }
        document.body.append(form);
        form.submit();
      },
      {
        endpoint: wire.endpoint,
        fields: {
          Authorization: authorization,
          'X-Experience-API-Version': '1.0.3',
          'Content-Type': 'application/json',
          content: JSON.stringify(statement),
        },
      },
    );
    const answer = await answered;
    await answer.finished();
    expect(answer.status()).toBe(200);
    const [id] = JSON.parse(wire.said.at(-1)!.answer.toString());
    const returned = await server.fetch(`/xapi/statements?statementId=${id}`);
    expectKept(await returned.json(), statement);
  });

  test('@xapi/xapi in the page, an attachment of bytes with its statement', async () => {
    const sent = statementsOf('moodle') as Anything[];
    const { ids, read, attached } = await page.evaluate(
      async ({ endpoint, key, secret, sent, actor }) => {
        const client = new XAPI({ endpoint, auth: XAPI.toBasicAuth(key, secret) });
        const ids = (await client.sendStatements({ statements: sent })).data;
        const read = (await client.getStatement({ statementId: ids[0] })).data;
        const content = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 255, 0]).buffer;
        const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
        const sha2 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
        const attachment = {
          usageType: 'https://igot.example.gov.in/usage/photo',
          display: { hi: 'चित्र' },
          contentType: 'image/png',
          length: 8,
          sha2,
        };
        const verb = { id: 'http://adlnet.gov/expapi/verbs/attended' };
        const object = { id: 'https://igot.example.gov.in/sessions/7' };
        const statement = { actor, verb, object, attachments: [attachment] };
        const [id] = (await client.sendStatement({ statement, attachments: [content] })).data;
        return { ids, read, attached: { id, sha2 } };
      },
      { endpoint: wire.endpoint, key: KEY, secret: SECRET, sent, actor: ACTOR },
    );
    expect(ids).toHaveLength(sent.length);
    expectKept(read, sent[0]);
    const answer = await server.fetch(`/xapi/statements?statementId=${attached.id}&attachments=true`);
    const body = Buffer.from(await answer.arrayBuffer());
    expect(body.includes(Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 255, 0]))).toBe(true);
    expect(body.includes(attached.sha2)).toBe(true);
    expect(complaints).toEqual([]);
  });

  test('TinCanJS in the page: statements and their attachments, queries, state', async () => {
    const sent = statementsOf('scorm') as Anything[];
    const before = wire.said.length;
    const said = await page.evaluate(
      async ({ endpoint, key, secret, sent, actor }) => {
        const lrs = new TinCan.LRS({ endpoint: `${endpoint}/`, username: key, password: secret, allowFail: false });
        const call = (method: string, ...args: Anything[]): Promise<Anything> =>
          new Promise((resolve, reject) => {
            const options = args.pop();
            const callback = (error: unknown, result: Anything) =>
              error === null ? resolve(result) : reject(new Error(`${method}: ${error} ${result?.responseText}`));
            lrs[method](...args, { ...options, callback });
          });
        await call(
          'saveStatements',
          sent.map((one) => new TinCan.Statement(structuredClone(one))),
          {},
        );
        const content = Uint8Array.from([37, 80, 68, 70, 13, 10, 255, 0]).buffer;
        const statement = new TinCan.Statement({
          id: crypto.randomUUID(),
          actor,
          verb: { id: 'http://adlnet.gov/expapi/verbs/earned' },
          object: { id: 'https://igot.example.gov.in/certificates/9' },
          attachments: [
            { usageType: 'http://u.example/pdf', display: { en: 'pdf' }, contentType: 'application/pdf', content },
          ],
        });
        await call('saveStatement', statement, {});
        const back = await call('retrieveStatement', statement.id, { params: { attachments: true } });
        const place = { agent: new TinCan.Agent(actor), activity: new TinCan.Activity({ id: 'https://e.example/1' }) };
        await call('saveState', 'suspend', 'पृष्ठ ७', { ...place, contentType: 'text/plain' });
        const state = await call('retrieveState', 'suspend', place);
        const { statements } = await call('queryStatements', { params: { agent: new TinCan.Agent(actor), limit: 5 } });
        return {
          attachment: [...new Uint8Array(back.attachments[0].content)],
          state: { contents: state.contents, etag: state.etag },
          found: statements.map(({ id }: Anything) => id),
          id: statement.id,
        };
      },
      { endpoint: wire.endpoint, key: KEY, secret: SECRET, sent, actor: ACTOR },
    );
    expect(said.attachment).toEqual([37, 80, 68, 70, 13, 10, 255, 0]);
    expect(said.state).toEqual({ contents: 'पृष्ठ ७', etag: expect.stringMatching(/^"[0-9a-f]+"$/) });
    expect(said.found).toContain(said.id);
    expect(await expectAllKept(server, wire.said.slice(before))).toBe(sent.length + 1);
    expect(complaints).toEqual([]);
  });

  test('a cmi5 session in the page that was launched', async () => {
    const [{ actor, object }] = statementsOf('cmi5') as [Anything];
    const registration = randomUUID();
    const place = new URLSearchParams({
      activityId: object.id,
      agent: JSON.stringify(actor),
      registration,
      stateId: 'LMS.LaunchData',
    });
    const launchData = {
      contextTemplate: { extensions: {} },
      launchMode: 'Normal',
      masteryScore: 0.6,
      moveOn: 'Passed',
    };
    const put = await server.fetch(`/xapi/activities/state?${place}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(launchData),
    });
    expect(put.status).toBe(204);
    const launch = new URLSearchParams({
      endpoint: wire.endpoint,
      fetch: `${site.origin}/fetch`,
      actor: JSON.stringify(actor),
      registration,
      activityId: object.id,
    });
    const before = wire.said.length;
    await page.goto(`${site.origin}/content?${launch}`);
    await page.evaluate(async () => {
      const session = Cmi5.instance;
      await session.initialize();
      await session.pass({ scaled: 0.9 });
      await session.complete();
      await session.terminate();
    });
    expect(await expectAllKept(server, wire.said.slice(before))).toBe(4);
    const answer = await server.fetch(`/xapi/statements?registration=${registration}&ascending=true`);
    const { statements } = (await answer.json()) as Anything;
    expect(statements.map(({ verb }: Anything) => verb.id.split('/').at(-1))).toEqual([
      'initialized',
      'passed',
      'completed',
      'terminated',
    ]);
    expect(complaints).toEqual([]);
  });
});

describe.skipIf(NO_CHROMIUM)('a store that names its origins (needs /usr/bin/chromium)', () => {
  test('a page of another one is kept out before it sends anything', async () => {
    const [server, browser, site] = await Promise.all([
      startServer({ environment: { PRAMAAN_CORS_ORIGINS: 'https://content.example.gov.in' } }),
      openBrowser(),
      startContentSite(''),
    ]);
    try {
      const page = await browser.newPage();
      await page.goto(`${site.origin}/content`);
      const statement = statementsOf('moodle')[0]! as Anything;
      const outcome = await page.evaluate(
        ({ url, authorization, statement }) =>
          fetch(url, {
            method: 'POST',
            headers: { authorization, 'x-experience-api-version': '1.0.3', 'content-type': 'application/json' },
            body: JSON.stringify(statement),
          }).then(
            ({ status }) => String(status),
            (error: Error) => error.name,
          ),
        { url: `${server.xapi}/statements`, authorization: basic(KEY, SECRET), statement },
      );
      expect(outcome).toBe('TypeError');
      const { statements } = (await (await server.fetch('/xapi/statements')).json()) as Anything;
      expect(statements).toEqual([]);
    } finally {
      await browser.close();
      site.close();
      await server.stop();
    }
  });
});
