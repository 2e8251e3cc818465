// `npm run demo`, as a stranger runs it: statements are there, the curl works as pasted, Ctrl-C leaves nothing behind.

import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PRAMAAN = resolve(import.meta.dirname, '../../bin/pramaan.mjs');

function start(port: string): ChildProcess {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_')));
  return spawn(process.execPath, [PRAMAAN, 'demo'], {
    env: { ...own, PRAMAAN_PORT: port },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Everything it says until it serves; fails with what it said if it ends before. */
async function saidUntilServing(demo: ChildProcess): Promise<string> {
  let said = '';
  demo.stderr!.on('data', (piece) => {
    said += piece;
  });
  for await (const piece of demo.stdout!.iterator({ destroyOnReturn: false })) {
    said += piece;
    if (/is removed\.\n$/.test(said)) return said;
  }
  throw new Error(`the demo ended: ${said}`);
}

describe('the demo', () => {
  let demo: ChildProcess;
  let said: string;
  beforeAll(async () => {
    demo = start('0');
    said = await saidUntilServing(demo);
  });
  afterAll(() => void demo.kill('SIGKILL'));

  test('says what was stored: statements of each system, documents, the sequence', () => {
    expect(said).toMatch(/^ {2}Moodle, logstore_xapi +\d+ +\d+$/m);
    expect(said).toMatch(/^ {2}cmi5 sessions +\d+ +\d+$/m);
    const [, statements, documents] = /^ {2}together +(\d+) +(\d+)/m.exec(said)!;
    const [, sequence, returned] = /at sequence (\d+);.*returns (\d+) statements/.exec(said)!;
    expect(Number(documents)).toBe(3);
    // Sequence 0 opened the record; then a statement is an event. The voided one is no longer returned.
    expect(Number(sequence)).toBe(Number(statements));
    expect(Number(returned)).toBe(Number(statements) - 1);
  });

  test.skipIf(process.platform === 'win32' || spawnSync('curl', ['--version']).error)(
    'prints one curl that works as pasted, and answers in Hindi (needs curl)',
    () => {
      const command = /^ {2}(curl .*)$/m.exec(said)![1]!;
      const answer = JSON.parse(execFileSync('/bin/sh', ['-c', command], { encoding: 'utf8' }));
      expect(answer.statements).toHaveLength(2);
      expect(answer.statements[0].object.definition.name).toEqual({ hi: expect.stringMatching(/[\u0900-\u097f]/) });
    },
  );

  test('every link that it prints answers', async () => {
    const links = [...said.matchAll(/^ {2}(http:\S+) {2,}\S/gm)].map((match) => match[1]!);
    expect(links).toHaveLength(4);
    for (const link of links) expect((await fetch(link)).status, link).toBe(200);
  });

  test('ends at Ctrl-C with exit code 0, and its data folder is gone', async () => {
    const folder = /Then (.*) is removed/.exec(said)![1]!;
    expect(existsSync(folder)).toBe(true);
    demo.kill('SIGINT');
    expect(await once(demo, 'exit')).toEqual([0, null]);
    expect(existsSync(folder)).toBe(false);
  });
});

test('on a taken port the demo says so and takes a free one', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const demo = start(String(port));
  try {
    const said = await saidUntilServing(demo);
    expect(said).toContain(`Port ${port} is taken by another program`);
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said)!;
    expect(url).not.toContain(`:${port}`);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  } finally {
    demo.kill('SIGTERM');
    await once(demo, 'exit');
    taken.close();
  }
});

test('stopped while it still starts, it leaves nothing behind', async () => {
  const demo = start('0');
  const said = text(demo.stdout!);
  await once(demo.stdout!, 'data');
  demo.kill('SIGTERM');
  const [code] = await once(demo, 'exit');
  expect(code).toBe(0);
  const folder = /Then (.*) is removed/.exec(await said)?.[1];
  if (folder) expect(existsSync(folder)).toBe(false);
});
