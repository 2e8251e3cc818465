// /reports over HTTP: every answer is what the contract says, pages hold together while statements arrive, CSV says what JSON says, and
// a credential limited to a department sees nothing outside it, by any route.

import { parse } from 'csv-parse/sync';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerOf, GROUPINGS, REPORTS, type ReportName } from '../../contracts/http/reports.ts';
import { NO_CHROMIUM, openBrowser } from './clients/browser.ts';
import { KEY, postStatements, removeFolders, SECRET, type Server, startServer } from './server.ts';

const COURSE = 'https://courses.example.gov.in/ai/introduction';

let server: Server;
/** The last sequence of everything recorded. */
let recorded = -1;
const everything = { key: KEY, secret: SECRET };
let health: { key: string; secret: string };

async function administer(path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await server.fetch(`/admin${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const said = (await answer.json()) as Record<string, unknown>;
  expect(answer.ok, JSON.stringify(said)).toBe(true);
  recorded = Math.max(recorded, Number(answer.headers.get('x-pramaan-sequence') ?? -1));
  return said;
}

async function learn(mailbox: string, verb: string): Promise<void> {
  const answer = await postStatements(server, {
    actor: { mbox: `mailto:${mailbox}`, name: mailbox },
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}` },
    object: { id: COURSE },
    ...(verb === 'completed' ? { result: { completion: true, score: { scaled: 0.5 } } } : {}),
  });
  expect(answer.status).toBe(200);
  recorded = Math.max(recorded, Number(answer.headers.get('x-pramaan-sequence')));
}

async function join(code: string, department: string, name: string): Promise<void> {
  await administer('/people', { code, names: { en: name }, identities: [`mbox:mailto:${code}@example.gov.in`] });
  await administer(`/people/${code}/postings`, { kind: 'substantive', department, from: '2020-04-01' });
}

/** `more` joined to a path that may have parameters already. */
function and(path: string, more: string): string {
  return more === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${more}`;
}

/** A report that has seen everything recorded so far. */
function ask(path: string, as = everything, init: RequestInit = {}): Promise<Response> {
  return server.fetch(and(path, `atLeast=${recorded}`), { ...init, as });
}

type Row = Readonly<Record<string, unknown>>;
interface Answered {
  readonly asOf: { readonly sequence: number; readonly on: string };
  readonly rows: readonly Row[];
  readonly more: string;
  readonly [member: string]: unknown;
}

async function reported(path: string, as = everything): Promise<Answered> {
  const answer = await ask(path, as);
  const said = await answer.text();
  expect(answer.status, `${path}: ${said}`).toBe(200);
  return JSON.parse(said);
}

async function idOf(code: string): Promise<string> {
  const { rows } = await reported(`/reports/learners?q=${code}`);
  expect(rows.map((row) => row.code)).toEqual([code]);
  return rows[0]!.id as string;
}

beforeAll(async () => {
  server = await startServer();
  const from = '2019-04-01';
  await administer('/departments', {
    id: 'up',
    kind: 'state',
    names: { hi: 'उत्तर प्रदेश', en: 'Uttar Pradesh' },
    from,
  });
  for (const [id, kind, parent, hi, en] of [
    ['health', 'department', 'up', 'स्वास्थ्य', 'Health'],
    ['lucknow', 'district', 'health', 'लखनऊ', 'Lucknow'],
    ['kanpur', 'district', 'health', 'कानपुर', 'Kanpur'],
    ['revenue', 'department', 'up', 'राजस्व', 'Revenue'],
  ]) {
    await administer('/departments', { id, kind, parent, names: { hi, en }, from });
  }
  await administer('/courses', {
    id: COURSE,
    kind: 'course',
    titles: { hi: 'एआई का परिचय', en: 'Introduction to AI' },
    languages: ['hi', 'en'],
    provider: 'IT',
    minutes: 60,
    tags: ['ai'],
  });
  await join('L1', 'lucknow', '=Asha Devi');
  await join('L2', 'lucknow', 'Asha Lal');
  await join('K1', 'kanpur', 'Asha Singh');
  await join('R1', 'revenue', 'Asha Verma');
  for (const code of ['L1', 'K1', 'R1']) await learn(`${code}@example.gov.in`, 'completed');
  await learn('L2@example.gov.in', 'registered');
  await learn('nobody@example.org', 'completed');
  const made = await administer('/credentials', { name: 'Health', scopes: ['reports'], department: 'health' });
  health = { key: made.key as string, secret: made.secret as string };
}, 60_000);

afterAll(async () => {
  await server?.stop();
  removeFolders();
});

/** Where every report is, for a learner, a department and the course. */
function pathsOf(learner: string, department: string): readonly (readonly [ReportName, string])[] {
  const course = encodeURIComponent(COURSE);
  return (Object.keys(REPORTS) as ReportName[]).flatMap((name): (readonly [ReportName, string])[] => {
    const { path } = REPORTS[name];
    switch (name) {
      case 'learners':
        return [[name, `${path}?q=Asha`]];
      case 'learner':
      case 'progress':
      case 'timeline':
        return [[name, path.replace('{id}', learner)]];
      case 'rollup':
        return [0, 1, 3].map((depth) => [name, `${path.replace('{id}', department)}?depth=${depth}`] as const);
      case 'rollupBy':
        return GROUPINGS.map((by) => [name, `${path.replace('{id}', department)}?by=${by}`] as const);
      case 'brief':
        return [[name, `${path}?department=${department}`]];
      case 'quality':
        return [
          [name, path.replace('{id}', course)],
          [name, `${REPORTS.quality.alsoAt}?id=${course}`],
        ];
      default:
        return [[name, path.replace('{id}', department)]];
    }
  });
}

const OF_A_DEPARTMENT: readonly ReportName[] = ['rollup', 'rollupBy', 'departmentLearners', 'brief'];
const OF_A_LEARNER: readonly ReportName[] = ['learner', 'progress', 'timeline'];

test('every answer is what the contract says, on any day, as known at any time', async () => {
  const before = recorded - 1;
  for (const [name, path] of pathsOf(await idOf('L1'), 'up')) {
    for (const when of ['', 'on=2020-01-01', 'on=2099-12-31', `knownAt=${before}`, 'limit=1']) {
      if (when === 'limit=1' && !('rows' in REPORTS[name])) continue;
      const answer = await reported(and(path, when));
      expect(answerOf(name).safeParse(answer).error?.issues ?? [], `${path} ${when}`).toEqual([]);
      if (when === '') expect(answer.asOf.sequence).toBeGreaterThanOrEqual(recorded);
      if (when.startsWith('knownAt')) expect(answer.asOf.sequence).toBe(before);
      if (when.startsWith('on')) expect(answer.asOf.on).toBe(when.slice(3));
      if (when === 'limit=1') expect(answer.rows.length).toBeLessThanOrEqual(1);
    }
  }
});

test('of a time before everything that was recorded nothing is known, finally', async () => {
  const { rows, asOf } = await reported('/reports/departments?knownAt=2001-01-01');
  expect(rows).toEqual([]);
  expect(asOf).toMatchObject({ sequence: -1, final: true, on: '2001-01-01' });
});

describe('a credential limited to a department', () => {
  test('sees its department and what is below', async () => {
    const { rows } = await reported('/reports/departments', health);
    expect(rows.map(({ id }) => id).sort()).toEqual(['health', 'kanpur', 'lucknow']);
    const found = await reported('/reports/learners?q=Asha', health);
    expect(found.rows.map(({ code }) => code).sort()).toEqual(['K1', 'L1', 'L2']);
    for (const [name, path] of pathsOf(await idOf('L1'), 'health')) {
      const answer = await reported(path, health);
      expect(answerOf(name).safeParse(answer).error?.issues ?? [], path).toEqual([]);
      // Nobody whom it may not see, and nothing of where they are.
      expect(JSON.stringify(answer), path).not.toMatch(/R1|Verma|revenue|Revenue|nobody@/);
    }
    expect(await reported('/reports/brief', health)).toMatchObject({
      brief: { department: { id: 'health' }, metrics: { strength: 3, completions: 2 } },
    });
    const quality = `${REPORTS.quality.alsoAt}?id=${encodeURIComponent(COURSE)}`;
    expect(await reported(quality, health)).toMatchObject({ quality: { completed: 2 } });
    expect(await reported(quality)).toMatchObject({ quality: { completed: 4 } });
  });

  test('what is outside is as if it were not there, by every route', async () => {
    const { rows } = await reported('/reports/unmatched');
    expect(rows.length).toBe(1);
    const outside = [
      ...['up', 'revenue'].flatMap((department) =>
        pathsOf('0.0', department).filter(([name]) => OF_A_DEPARTMENT.includes(name)),
      ),
      ...[await idOf('R1'), rows[0]!.id as string].flatMap((learner) =>
        pathsOf(learner, 'up').filter(([name]) => OF_A_LEARNER.includes(name)),
      ),
    ];
    expect(outside.length).toBeGreaterThan(20);
    for (const [name, path] of outside) {
      expect((await ask(path)).status, path).toBe(200);
      for (const when of ['', `knownAt=${recorded - 1}`, 'on=2021-01-01', 'on=2099-12-31', 'format=csv']) {
        if (when === 'format=csv' && !('rows' in REPORTS[name])) continue;
        const refused = await ask(and(path, when), health);
        expect(refused.status, `${path} ${when}`).toBe(404);
        const { detail } = (await refused.json()) as { detail: string };
        expect(detail).toBe(`There is no such ${OF_A_LEARNER.includes(name) ? 'learner' : 'department'}.`);
      }
    }
    expect(await reported('/reports/unmatched', health)).toMatchObject({ rows: [], learners: 0 });
    for (const sought of ['R1', 'Verma', 'nobody']) {
      expect((await reported(`/reports/learners?q=${sought}`, health)).rows, sought).toEqual([]);
    }
  });

  test('nor is it shown by a link to a further page that somebody else was given', async () => {
    const page = await reported('/reports/departments/up/learners?limit=1');
    expect(page.more).not.toBe('');
    expect((await server.fetch(page.more, { as: health })).status).toBe(404);
    const { more } = await reported('/reports/learners?q=Asha&limit=3');
    const rest = (await (await server.fetch(more, { as: health })).json()) as Answered;
    expect(rest.rows.map(({ code }) => code)).not.toContain('R1');
  });

  test('nor anything else of the store', async () => {
    for (const path of ['/xapi/statements', '/xapi/activities?activityId=a:b', '/audit/events', '/admin/credentials']) {
      expect((await server.fetch(path, { as: health })).status, path).toBe(403);
    }
    const refused = await server.fetch('/admin/credentials', {
      method: 'POST',
      body: JSON.stringify({ name: 'x', scopes: ['reports', 'all/read'], department: 'health' }),
    });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ errors: [{ path: '$.scopes' }] });
  });
});

test('reports need their own scope: all others are not enough', async () => {
  const scopes = ['all', 'admin', 'audit', 'void', 'import'];
  const { key, secret } = (await administer('/credentials', { name: 'LMS', scopes })) as typeof everything;
  expect((await server.fetch('/reports/departments', { as: { key, secret } })).status).toBe(403);
});

test('pages hold together while statements arrive and people join', async () => {
  const before = await reported('/reports/departments/up/learners');
  const first = await reported('/reports/departments/up/learners?limit=2');
  await join('N1', 'lucknow', 'Late Comer');
  await learn('L2@example.gov.in', 'completed');
  const after = await reported('/reports/departments/up/learners');
  expect(after.rows.length).toBe(before.rows.length + 1);
  const rows = [...first.rows];
  for (let next = first.more; next !== ''; ) {
    const page = (await (await server.fetch(next)).json()) as Answered;
    expect(page.asOf).toMatchObject({ sequence: first.asOf.sequence, on: first.asOf.on });
    rows.push(...page.rows);
    next = page.more;
  }
  expect(rows).toEqual(before.rows);
});

describe('CSV', () => {
  test('says what JSON says, as of when, and holds no formula', async () => {
    const lists = pathsOf(await idOf('L1'), 'up').filter(([name]) => 'rows' in REPORTS[name]);
    for (const [name, path] of lists) {
      const { rows, asOf } = await reported(path);
      const answer = await ask(path, everything, { headers: { accept: 'text/csv' } });
      expect(answer.headers.get('content-type'), path).toBe('text/csv; charset=utf-8');
      expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}-${asOf.on}.csv"`);
      expect(answer.headers.get('x-pramaan-sequence')).toBe(String(asOf.sequence));
      const bytes = Buffer.from(await answer.arrayBuffer());
      expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
      const read: Record<string, string>[] = parse(bytes, { bom: true, columns: true });
      expect(read.length, path).toBe(rows.length);
      for (const [i, row] of read.entries()) {
        expect(row).toMatchObject({ 'as on': asOf.on });
        for (const member of ['id', 'key', 'code', 'kind', 'state'] as const) {
          const said = rows[i]![member];
          if (said !== undefined) expect(row[member], `${path} ${member}`).toBe(said);
        }
      }
    }
    expect(await (await ask('/reports/learners?q=L1&format=csv')).text()).toContain("'=Asha Devi");
  });

  test('has as many rows as were asked for, and none for HEAD', async () => {
    const limited = await (await ask('/reports/departments/up/learners?format=csv&limit=2')).text();
    expect(limited.trimEnd().split('\r\n').length).toBe(3);
    const head = await ask('/reports/departments/up/learners?format=csv', everything, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/csv; charset=utf-8']);
    expect(await head.text()).toBe('');
  });
});

describe('what is wrong is named', () => {
  test.each([
    ['/reports/learners', '$.q'],
    ['/reports/learners?q=%20', '$.q'],
    ['/reports/learners?q=a&Q=b', '$.Q'],
    ['/reports/learners?q=a&on=2026-02-30', '$.on'],
    ['/reports/learners?q=a&on=1900-01-01', '$.on'],
    ['/reports/learners?q=a&knownAt=yesterday', '$.knownAt'],
    ['/reports/learners?q=a&limit=0', '$.limit'],
    ['/reports/learners?q=a&limit=1001', '$.limit'],
    ['/reports/learners?q=a&limit=1&limit=2', '$.limit'],
    ['/reports/departments/up/rollup?depth=99', '$.depth'],
    ['/reports/departments/up/rollup?by=age', '$.by'],
    ['/reports/departments/up/rollup?by=tag&depth=1', '$.depth'],
    ['/reports/learners/somebody', '$.id'],
    ['/reports/brief?language=fr', '$.language'],
    ['/reports/departments?atLeast=-1', '$.atLeast'],
  ])('%s: %s', async (path, named) => {
    const answer = await server.fetch(path);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toMatchObject({ errors: [{ path: named }] });
  });

  test.each(['x', 'e30'])('a link to a further page that was changed: %s', async (cursor) => {
    const answer = await server.fetch(`/reports/departments?cursor=${cursor}`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ type: '/problems/invalid-cursor' });
  });

  test('a link to a further page that was made up shows nothing that is not there', async () => {
    for (const path of ['/reports/departments', '/reports/departments/up/learners', '/reports/courses']) {
      const { asOf, rows } = await reported(path);
      for (const [sequence, after] of [
        [asOf.sequence, -5],
        [asOf.sequence, Number.MAX_SAFE_INTEGER],
        [-1, 0],
      ] as const) {
        const cursor = { on: 20_000, sequence, knownAt: null, final: true, after };
        const token = Buffer.from(JSON.stringify({ v: 1, p: path, q: {}, c: cursor })).toString('base64url');
        const answer = await server.fetch(`${path}?cursor=${token}`);
        expect([200, 400, 404], `${path} ${sequence} ${after}`).toContain(answer.status);
        if (answer.status !== 200) continue;
        const said = (await answer.json()) as Answered;
        expect(said.asOf.sequence, path).toBeLessThanOrEqual(asOf.sequence);
        expect(said.rows.length).toBeLessThanOrEqual(rows.length);
      }
    }
  });

  test('another method, another path', async () => {
    const posted = await server.fetch('/reports/departments', { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    expect((await server.fetch('/reports/nothing')).status).toBe(404);
  });

  test('a sequence that does not come; a further page whose first one was answered by a node that is ahead', async () => {
    const path = '/reports/departments';
    const sequence = recorded + 1_000_000;
    const cursor = { on: 20_000, sequence, knownAt: null, final: true, after: 0 };
    const token = Buffer.from(JSON.stringify({ v: 1, p: path, q: {}, c: cursor })).toString('base64url');
    const answers = await Promise.all(
      [`atLeast=${sequence}`, `cursor=${token}`].map((asked) => server.fetch(`${path}?${asked}`)),
    );
    for (const { status, headers } of answers) expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  }, 20_000);
});

describe.skipIf(NO_CHROMIUM)('in a browser (needs /usr/bin/chromium)', () => {
  test('the brief is a page to print, in Hindi first', async () => {
    const browser = await openBrowser();
    try {
      const context = await browser.newContext({ httpCredentials: { username: KEY, password: SECRET } });
      const page = await context.newPage();
      const complaints: string[] = [];
      // The first request comes without the credential; the browser says so.
      page.on('console', (message) => {
        if (!/status of 401/.test(message.text())) complaints.push(message.text());
      });
      const answer = await page.goto(`${server.url}/reports/brief?format=html&atLeast=${recorded}`);
      expect(answer!.status()).toBe(200);
      expect(await page.locator('html').getAttribute('lang')).toBe('hi');
      expect(await page.locator('h1').innerText()).toMatch(/^समीक्षा विवरण/);
      expect(await page.locator('main').innerText()).toContain('उत्तर प्रदेश · Uttar Pradesh');
      expect(
        await page
          .getByRole('row', { name: /^कार्यरत संख्या/ })
          .locator('td')
          .innerText(),
      ).toMatch(/^\d+$/);
      await page.setViewportSize({ width: 360, height: 640 });
      const wide = await page
        .locator('html')
        .evaluate((root: { scrollWidth: number; clientWidth: number }) => root.scrollWidth - root.clientWidth);
      expect(wide).toBe(0);
      expect((await page.pdf({ format: 'A4' })).byteLength).toBeGreaterThan(1_000);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});

test('the brief as plain text, in English first', async () => {
  const answer = await ask('/reports/brief?language=en', everything, { headers: { accept: 'text/plain' } });
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await answer.text()).toMatch(/^Review brief · समीक्षा विवरण\n/);
});
