// Departments, people and courses as their administrators bring them: commands over HTTP, files over HTTP and with `pramaan load`.

import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Anything, beside, credential, events, jsonLines, run, start } from './command.ts';
import { newFolder, removeFolders, type Server, startServer } from './server.ts';

let server: Server;
let folder: string;

beforeAll(async () => {
  folder = newFolder();
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  removeFolders();
});

const DEPARTMENTS = [
  'id,kind,parent,name_hi,name_en,from',
  'up,state,,उत्तर प्रदेश,Uttar Pradesh,2000-01-01',
  'health,department,up,चिकित्सा एवं स्वास्थ्य,Health,2000-01-01',
  'lucknow,district,health,लखनऊ,Lucknow,2000-01-01',
];
const PEOPLE = [
  'code;name_hi;name_en;identities;department;designation;from',
  'E1;आशा देवी;Asha Devi;asha@up.example;lucknow;ANM;2019-06-01',
  'E2;;Mohan Lal;;health;Clerk;2020-01-01',
];

function file(name: string, content: readonly string[] | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, Buffer.isBuffer(content) ? content : content.join('\r\n'));
  return path;
}

function loading(...args: readonly string[]) {
  return run(['load', ...args, '--to', server.url], beside(server));
}

function posting(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  const isText = typeof body === 'string' || body instanceof Uint8Array;
  return server.fetch(path, {
    method: 'POST',
    headers: { 'content-type': isText ? 'text/csv' : 'application/json', ...headers },
    body: isText ? (body as Uint8Array<ArrayBuffer>) : JSON.stringify(body),
  });
}

test('a state is loaded from files, and loading them again changes nothing', async () => {
  const departments = file('departments.csv', DEPARTMENTS);
  const people = file('people.csv.gz', gzipSync(PEOPLE.join('\n')));
  const first = await loading('departments', departments);
  expect(first.errors).toMatch(/3 rows, 3 events; it holds from sequence \d+ on/);
  expect(first.code).toBe(0);
  const { json } = await loading('people', people, '--json');
  expect(json).toMatchObject({ step: 'done', rows: 2, events: 4 });

  const again = await loading('people', people);
  expect(again.errors).toContain('nothing new: already as in the file');
  const recorded = await events(server);
  expect(recorded.filter(({ type }) => type === 'load-begun.v1').map(({ data }) => data.name)).toEqual([
    'departments.csv',
    'people.csv.gz',
  ]);

  const found = await server.fetch(`/reports/learners?q=${encodeURIComponent('asha')}&atLeast=${json.sequence}`);
  expect(found.status).toBe(200);
  expect(await found.text()).toContain('"E1"');
});

describe('a file with mistakes', () => {
  const WRONG = [
    'code,name_en,department,from',
    'W1,Om,nowhere,2024-01-01',
    'W2,Uma,health,1.4.2024',
    'W3,Ravi,health,2024-01-01',
  ];

  test('is refused on the command line with every line and its reason', async () => {
    const path = file('wrong.csv', WRONG);
    const { code, errors } = await loading('people', path);
    expect(code).toBe(1);
    expect(errors).toContain(`${path}:2: department: there is no department nowhere`);
    expect(errors).toMatch(/wrong\.csv:3: from: must be a date between/);
    expect(errors).not.toContain('wrong.csv:4');
  });

  test('is a 422 with the same, over HTTP', async () => {
    const response = await posting('/admin/loads/people', WRONG.join('\n'));
    expect(response.status).toBe(422);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect(await response.json()).toMatchObject({
      type: '/problems/command-refused',
      total: 2,
      errors: [
        { line: 2, column: 'department', message: 'there is no department nowhere' },
        { line: 3, column: 'from' },
      ],
    });
  });

  test('is told in the last of the lines, for who asked for lines', async () => {
    const response = await posting('/admin/loads/people', WRONG.join('\n'), { accept: 'application/x-ndjson' });
    expect(response.status).toBe(200);
    const lines = jsonLines(await response.text());
    expect(lines.at(-1)).toMatchObject({ step: 'refused', status: 422, total: 2 });
  });

  test('leaves nothing behind, on record or on the disk', async () => {
    expect((await events(server)).filter(({ data }) => data.code === 'W3')).toEqual([]);
    expect(readdirSync(join(server.dataDir, 'spool', 'loads'))).toEqual([]);
  });
});

describe('a body', () => {
  test('may be compressed on the way', async () => {
    const body = gzipSync('code,name_en\nG1,Gita\n');
    const response = await posting('/admin/loads/people', body, { 'content-encoding': 'gzip' });
    expect(await response.json()).toMatchObject({ rows: 1, events: 1 });
  });

  test.for([
    ['/admin/loads/salaries', 'code\nG1\n', {}, 404],
    ['/admin/loads/people?sheet=1', 'code\nG1\n', {}, 400],
    ['/admin/loads/people', 'code\nG1\n', { 'content-encoding': 'gzip' }, 400],
    ['/admin/loads/people', 'code\nG1\n', { 'content-encoding': 'br' }, 415],
    ['/admin/loads/people', gzipSync('code,name_en\nG2,Om\n'.repeat(9)).subarray(0, 30), {}, 400],
    ['/admin/loads/people', '', {}, 422],
  ] as const)('that cannot be read is refused: %s', async ([path, body, headers, status]) => {
    const response = await posting(path, body, headers);
    expect(response.status, await response.text()).toBe(status);
  });
});

describe('a command', () => {
  test('is answered with the sequence from which it holds; said again it is nothing new', async () => {
    const transfer = { kind: 'substantive', department: 'lucknow', from: '2025-04-01' };
    const response = await posting('/admin/people/E2/postings', transfer);
    const answer = (await response.json()) as Anything;
    expect(answer).toMatchObject({ events: 1 });
    expect(response.headers.get('x-pramaan-sequence')).toBe(String(answer.sequence));
    const again = await posting('/admin/people/E2/postings', transfer);
    expect(await again.json()).toMatchObject({ events: 0, detail: 'nothing new: already on record' });
  });

  test.for<[string, Anything]>([
    [
      '/admin/departments',
      { id: 'kanpur', kind: 'district', parent: 'health', names: { en: 'Kanpur' }, from: '2000-01-01' },
    ],
    ['/admin/departments/kanpur/moves', { parent: 'up', from: '2026-01-01' }],
    ['/admin/departments/kanpur/names', { names: { hi: 'कानपुर नगर' }, from: '2026-01-01' }],
    ['/admin/departments/kanpur/closings', { to: '2026-12-31' }],
    ['/admin/people', { code: 'C1', names: { en: 'Charu' } }],
    ['/admin/people/C1/service', { change: 'leave', from: '2026-01-01', to: '2026-01-31' }],
    ['/admin/people/C1/identities', { identity: 'mbox:mailto:charu@up.example', from: '2024-01-01' }],
    ['/admin/people/C1/identities', { identity: 'mbox:mailto:charu@up.example', withdrawn: true }],
    ['/admin/courses', { id: 'https://igot.example/seven', kind: 'blended-programme', titles: { en: 'Seven days' } }],
    ['/admin/sessions', { id: 'd1', course: 'https://igot.example/seven', institute: 'ISTM', on: '2026-02-02' }],
    ['/admin/sessions/d1/roster', { entries: [{ code: 'C1', attended: true }] }],
    [
      '/admin/national-figures',
      { figure: 'completions', financialYear: '2025-26', value: 67_000_000, on: '2026-03-31', source: 'PIB' },
    ],
  ])('may be given about everything: %s', async ([path, body]) => {
    const response = await posting(path, body);
    expect(await response.json()).toMatchObject({ events: 1 });
    expect(response.status).toBe(200);
  });

  test('that does not fit is a 422 that says where', async () => {
    const response = await posting('/admin/people/E1/postings', {
      kind: 'substantive',
      department: 'none',
      from: '2026-01-01',
    });
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      errors: [{ path: '$.department', message: 'there is no department none' }],
    });
    const closing = await posting('/admin/departments/kanpur/closings', { to: '1999-12-31' });
    expect(await closing.json()).toMatchObject({ status: 422, errors: [{ path: '$.to' }] });
  });

  test('that is none is a 400', async () => {
    const response = await posting('/admin/people', { code: 'X 1' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ errors: [{ path: '$.code' }] });
  });

  test('is for those with the scope admin', async () => {
    const { key, secret } = await credential(server, 'lms', ['all']);
    const as = { key, secret };
    const body = JSON.stringify({ code: 'X1' });
    for (const path of ['/admin/people', '/admin/loads/people']) {
      expect((await server.fetch(path, { method: 'POST', body, as })).status).toBe(403);
    }
  });
});

test('a server killed in the middle of a load knows nothing of it, and the file can be loaded again', async () => {
  const other = await startServer();
  const rows = Array.from({ length: 30_000 }, (_, i) => `K${i},Person ${i}`);
  const path = file('many.csv', ['code,name_en', ...rows]);
  const args = ['load', 'people', path, '--json', '--to'];
  const cut = start([...args, other.url], beside(other));
  // Lines come now and then; the record itself tells that the middle is reached.
  const isUnderWay = async () => (await events(other, '?after=2000')).length > 0;
  while (!(await isUnderWay()));
  await other.kill();
  expect((await cut.ended).code).toBe(1);

  const again = await startServer({ dataDir: other.dataDir });
  try {
    const before = await events(again);
    expect(before.filter(({ type }) => type === 'load-completed.v1')).toEqual([]);
    const found = await again.fetch(`/reports/learners?q=K1&atLeast=${before.at(-1).sequence}`);
    expect(await found.json()).toMatchObject({ rows: [] });
    const { json } = await run([...args, again.url], beside(again));
    expect(json).toMatchObject({ step: 'done', rows: 30_000, events: 30_000 });
  } finally {
    // What it still takes in is not waited for.
    await again.kill();
  }
});
