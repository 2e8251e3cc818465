// `npm run demo`, as a stranger runs it: a state is there, every curl works as pasted, Ctrl-C leaves nothing behind.

import { type ChildProcess, execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saidUntilServing, startDemo } from './demo-process.ts';

describe('the demo', () => {
  let demo: ChildProcess;
  let said: string;
  beforeAll(async () => {
    demo = startDemo('0');
    said = await saidUntilServing(demo);
  });
  afterAll(() => void demo.kill('SIGKILL'));

  test('says what was loaded and posted: files, statements of each system, documents, the sequence', () => {
    for (const what of ['departments', 'people', 'courses', 'rosters', 'Moodle, logstore_xapi', 'cmi5 sessions']) {
      expect(said).toMatch(new RegExp(`^ {2}${what} +[\\d,]+ +[\\d,]+$`, 'm'));
    }
    const [, statements] = /^ {2}together +([\d,]+)/m.exec(said)!;
    const [, sequence] = /at sequence (\d+)\./.exec(said)!;
    // Besides the statements the record holds what the files say, and the moves of the clock.
    expect(Number(sequence)).toBeGreaterThan(Number(statements!.replaceAll(',', '')));
    expect(said).toContain('simulated');
  });

  test.skipIf(process.platform === 'win32' || spawnSync('curl', ['--version']).error)(
    'prints curls that work as pasted, and answer in Hindi (needs curl)',
    () => {
      const curls = [...said.matchAll(/^ {2}(curl .*)$/gm)].map((match) => match[1]!);
      const answers = curls.map((curl) => execFileSync('/bin/sh', ['-c', curl], { encoding: 'utf8', stdio: 'pipe' }));
      expect(answers).toHaveLength(5);
      const [brief, rollup, past, learners, statements] = answers as [string, string, string, string, string];
      expect(brief).toMatch(/सूर्य प्रदेश/);
      expect(JSON.parse(rollup).rows.length).toBeGreaterThan(1);
      expect(JSON.parse(past).asOf).toMatchObject({ final: true, simulatedClock: true });
      expect(JSON.parse(learners)).toHaveProperty('rows');
      const passed = JSON.parse(statements).statements;
      expect(passed).toHaveLength(2);
      expect(passed[0].object.definition.name).toEqual({ hi: expect.stringMatching(/[\u0900-\u097f]/) });
    },
  );

  test('every link that it prints answers', async () => {
    const links = [...said.matchAll(/^ {2}(http:\S+) {2,}\S/gm)].map((match) => match[1]!);
    expect(links).toHaveLength(5);
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
  const demo = startDemo(String(port));
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
  const demo = startDemo('0');
  const said = text(demo.stdout!);
  await once(demo.stdout!, 'data');
  demo.kill('SIGTERM');
  const [code] = await once(demo, 'exit');
  expect(code).toBe(0);
  const folder = /Then (.*) is removed/.exec(await said)?.[1];
  if (folder) expect(existsSync(folder)).toBe(false);
});
