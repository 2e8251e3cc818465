// Starting and stopping as an operator sees it: what is in the way is said in one paragraph, and a stop is orderly.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ready } from '../../contracts/http/health.ts';

const PRAMAAN = resolve(import.meta.dirname, '../../bin/pramaan.mjs');
const CREDENTIAL = { PRAMAAN_API_KEY: 'operator', PRAMAAN_API_SECRET: 'correct-horse-battery' };
const BASIC = `Basic ${Buffer.from('operator:correct-horse-battery').toString('base64')}`;

function serve(environment: Record<string, string>): ChildProcess {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_')));
  return spawn(process.execPath, [PRAMAAN, 'serve'], {
    env: { ...own, ...CREDENTIAL, PRAMAAN_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Collects its log lines; resolves with the URL when it listens. */
async function listening(server: ChildProcess, lines: string[] = []): Promise<string> {
  let rest = '';
  const found = Promise.withResolvers<string>();
  server.stdout!.on('data', (piece) => {
    rest += piece;
    const whole = rest.split('\n');
    rest = whole.pop()!;
    for (const line of whole) {
      lines.push(line);
      const { msg, url } = JSON.parse(line);
      if (msg === 'listening') found.resolve(url);
    }
  });
  server.once('exit', (code) => found.reject(new Error(`the server ended with ${code}`)));
  return found.promise;
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pramaan-start-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a taken port is said in words, with exit code 1', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const server = serve({ PRAMAAN_PORT: String(port), PRAMAAN_DATA_DIR: join(folder, 'port') });
  const said = text(server.stderr!);
  expect(await once(server, 'exit')).toEqual([1, null]);
  expect(await said).toMatch(
    new RegExp(`^pramaan: The address 127.0.0.1:${port} is taken by another program.*PRAMAAN_PORT`, 'm'),
  );
  expect(await said).not.toMatch(/^\s+at /m);
  taken.close();
});

test('a data folder that cannot be made is said in words', async () => {
  const server = serve({ PRAMAAN_DATA_DIR: join(PRAMAAN, 'inside-a-file') });
  const said = text(server.stderr!);
  expect(await once(server, 'exit')).toEqual([1, null]);
  expect(await said).toMatch(/^pramaan: .*inside-a-file/m);
  expect(await said).not.toMatch(/^\s+at /m);
});

describe('a running store', () => {
  const lines: string[] = [];
  let dataDir: string;
  let server: ChildProcess;
  let url: string;
  beforeAll(async () => {
    dataDir = join(folder, 'running');
    server = serve({ PRAMAAN_DATA_DIR: dataDir, PRAMAAN_METRICS: 'admin', PRAMAAN_LOG_LEVEL: 'info' });
    url = await listening(server, lines);
  });
  afterAll(() => void server.kill('SIGKILL'));

  test('holds its data folder: a second one says so and ends', async () => {
    const second = serve({ PRAMAAN_DATA_DIR: dataDir });
    const said = text(second.stderr!);
    expect(await once(second, 'exit')).toEqual([1, null]);
    expect(await said).toMatch(/^pramaan: .*in use by another Pramaan process/m);
  });

  test('is ready, as its schema says', async () => {
    const response = await fetch(`${url}/health/ready`);
    expect(response.status).toBe(200);
    expect(ready.parse(await response.json())).toMatchObject({
      status: 'ready',
      reasons: [],
      log: { reachable: true },
    });
  });

  test('counts what it does, for those who may see it', async () => {
    const refused = await fetch(`${url}/xapi/statements`, {
      method: 'POST',
      headers: { Authorization: BASIC, 'X-Experience-API-Version': '2.0.0', 'Content-Type': 'application/json' },
      body: JSON.stringify([{ verb: { id: 'no actor' } }, {}]),
    });
    expect(refused.status).toBe(400);
    const taken = await fetch(`${url}/xapi/statements`, {
      method: 'POST',
      headers: { Authorization: BASIC, 'X-Experience-API-Version': '2.0.0', 'Content-Type': 'application/json' },
      body: JSON.stringify({
        actor: { name: 'Asha Verma', mbox: 'mailto:asha@learn.example' },
        verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
        object: { id: 'https://learn.example/course/12' },
      }),
    });
    expect(taken.status).toBe(200);

    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    const metrics = await (await fetch(`${url}/metrics`, { headers: { Authorization: BASIC } })).text();
    expect(metrics).toContain('pramaan_statements_rejected_total{reason="invalid-statement"} 2');
    expect(metrics).toContain('pramaan_http_requests_total{method="POST",route="/xapi/statements",status="200"} 1');
    expect(metrics).toMatch(/^pramaan_appended_events_total [1-9]/m);
    expect(metrics).toMatch(/^pramaan_recording 1$/m);
    expect(metrics).toMatch(/^pramaan_projection_lag_sequences\{projection="statement-index"\} \d+$/m);
  });

  test('ends in order at SIGTERM, and has logged requests without personal data', async () => {
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([0, null]);
    const logged = lines.map((line) => JSON.parse(line));
    expect(logged).toContainEqual(
      expect.objectContaining({ method: 'POST', route: '/xapi/statements', status: 200, statementCount: 1 }),
    );
    expect(logged).toContainEqual(
      expect.objectContaining({ status: 400, problem: 'invalid-statement', statementCount: 2 }),
    );
    expect(lines.join('\n')).not.toMatch(/asha|correct-horse|no actor/i);
  });
});

test.skipIf(process.platform === 'win32')('npm start ends in order when npm is told to stop', async () => {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_')));
  const npm = spawn('npm', ['start'], {
    cwd: resolve(import.meta.dirname, '../..'),
    env: { ...own, ...CREDENTIAL, PRAMAAN_PORT: '0', PRAMAAN_DATA_DIR: join(folder, 'npm') },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const said: string[] = [];
  let told = false;
  // The end of this stream is the end of every process that holds it: npm's, the shell's and the store's.
  for await (const line of createInterface({ input: npm.stdout! })) {
    said.push(line);
    if (!told && line.includes('"listening"')) told = npm.kill('SIGTERM');
  }
  expect(said.join('\n')).toContain('stopping');
});
