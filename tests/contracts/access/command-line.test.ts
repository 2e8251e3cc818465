// `pramaan credentials` as an operator uses it: the real command in its own process, on the folder of a running node.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Revision } from '../../../contracts/words.ts';
import { type OpenAccess, openAccess } from '../../../src/access/index.ts';
import { openEventLog } from '../../../src/event-log/open.ts';
import type { EventLog } from '../../../src/event-log/port.ts';
import { streamsWithPrefix } from '../../../src/event-log/streams.ts';
import { readSettings } from '../../../src/settings.ts';

const PRAMAAN = fileURLToPath(new URL('../../../bin/pramaan.mjs', import.meta.url));

let dataDir: string;
let log: EventLog;
let node: OpenAccess;

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'pramaan-credentials-'));
  log = await openEventLog({ dataDir }, { create: true });
  node = await openAccess({ log, streams: streamsWithPrefix(''), settings: readSettings({}) });
});

afterAll(async () => {
  await node.close();
  await log.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function credentials(args: readonly string[], { input = '', dir = dataDir } = {}) {
  const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_'));
  const child = spawn(process.execPath, [PRAMAAN, 'credentials', ...args], {
    env: { ...Object.fromEntries(environment), PRAMAAN_DATA_DIR: dir },
  });
  child.stdin.end(input);
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const [out, said, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, said, code };
}

/** Waits for the running node to have seen the next event. */
const next = () => node.reached((node.status().revision + 1) as Revision);

test('a credential made by command works on the running node, and a revocation ends it there within a second', async () => {
  let seen = next();
  const added = await credentials(['add', '--name', 'Moodle', '--scope', 'statements/write,state', 'define', '--json']);
  expect(added).toMatchObject({ code: 0, said: '' });
  const { secret, ...made } = JSON.parse(added.out);
  expect(made).toMatchObject({ name: 'Moodle', scopes: ['statements/write', 'state', 'define'] });
  await seen;
  expect(await node.authenticate(made.key, secret)).toMatchObject({ id: made.id });

  seen = next();
  const rotated = await credentials(['rotate', made.key]);
  expect(rotated).toMatchObject({ code: 0, said: '' });
  const fresh = /^ {2}secret +(\S+)$/m.exec(rotated.out)![1]!;
  await seen;
  expect(await node.authenticate(made.key, secret)).toBeUndefined();
  expect(await node.authenticate(made.key, fresh)).toMatchObject({ id: made.id });

  const held = next().then(() => Date.now());
  const revoked = await credentials(['revoke', made.id, '--json']);
  expect(revoked).toMatchObject({ code: 0, said: '' });
  const { revokedAt } = JSON.parse(revoked.out);
  expect((await held) - Date.parse(revokedAt)).toBeLessThan(1000);
  expect(await node.authenticate(made.key, fresh)).toBeUndefined();
});

test('a chosen secret comes over standard input, so that no list of processes shows it', async () => {
  const seen = next();
  const args = ['add', '--name', 'चयनित', '--scope', 'all', '--key', 'chosen', '--secret', '-'];
  const added = await credentials(args, { input: 'from standard input\n' });
  expect(added).toMatchObject({ code: 0, said: '' });
  await seen;
  expect(await node.authenticate('chosen', 'from standard input')).toMatchObject({ name: 'चयनित' });
});

test('the list shows every credential and no secret', async () => {
  const { secret } = await node.add({ name: 'listed', scopes: ['all/read'], requestsPerSecond: 5 });
  const listed = await credentials(['list']);
  const asJson = await credentials(['list', '--json']);
  expect([listed.code, asJson.code]).toEqual([0, 0]);
  expect(listed.out).toContain('listed');
  expect(listed.out + asJson.out).not.toContain(secret);
  const { credentials: all } = JSON.parse(asJson.out);
  expect(all).toHaveLength(node.list().length);
  expect(all.at(-1)).toMatchObject({ name: 'listed', requestsPerSecond: 5, authority: { objectType: 'Agent' } });
});

test('a credential for the reports of one department', async () => {
  const seen = next();
  const added = await credentials(['add', '--name', 'Health', '--scope', 'reports', '--department', 'health']);
  expect(added).toMatchObject({ code: 0, out: expect.stringContaining('department health, and below') });
  await seen;
  expect(node.list().at(-1)).toMatchObject({ scopes: ['reports'], department: 'health' });
  expect((await credentials(['list'])).out).toContain('reports of health');
  const refused = await credentials(['add', '--name', 'x', '--scope', 'reports', 'audit', '--department', 'health']);
  expect(refused).toMatchObject({ code: 2, said: expect.stringContaining('--scope: limited to a department') });
});

describe('what goes wrong is said in words', () => {
  test('a scope that does not exist, and everything else that is wrong, at once', async () => {
    const { code, said, out } = await credentials([
      ...['add', '--name', ' ', '--scope', 'everything', '--key', 'a:b', '--requests-per-second', 'many'],
      ...['--authority', '{"objectType":"Agent"}'],
    ]);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(said).toContain('--scope: there is no scope "everything"; the scopes are statements/write,');
    for (const option of ['--name', '--key', '--requests-per-second', '--authority'])
      expect(said).toContain(`  ${option}: `);
    expect(said).not.toContain('    at ');
  });

  test('a scope that is missing, an authority that is not JSON', async () => {
    expect((await credentials(['add', '--name', 'x'])).code).toBe(2);
    const wrong = await credentials(['add', '--name', 'x', '--scope', 'all', '--authority', '{oops']);
    expect(wrong.code).toBe(2);
    expect(wrong.said).toContain('--authority is not JSON');
  });

  test('a key that is taken, a credential that is not there, one that was revoked', async () => {
    const { credential } = await node.add({ name: 'taken', scopes: ['all'], key: 'taken' });
    const taken = await credentials(['add', '--name', 'x', '--scope', 'all', '--key', 'taken']);
    expect(taken).toMatchObject({ code: 1, said: expect.stringContaining('The key taken is taken') });
    const missing = await credentials(['rotate', 'nobody']);
    expect(missing).toMatchObject({ code: 1, said: expect.stringContaining('No credential has the id or key nobody') });
    await node.revoke(credential.id);
    const revoked = await credentials(['rotate', 'taken']);
    expect(revoked).toMatchObject({ code: 1, said: expect.stringContaining('was revoked') });
  });

  test('the last administrator, unless by force', async () => {
    const { credential } = await node.add({ name: 'boss', scopes: ['admin'], key: 'boss' });
    const refused = await credentials(['revoke', 'boss']);
    expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('--force') });
    expect(node.find(credential.id)?.revokedAt).toBeUndefined();
    const seen = next();
    expect((await credentials(['revoke', 'boss', '--force'])).code).toBe(0);
    await seen;
    expect(node.find(credential.id)?.revokedAt).toBeDefined();
  });

  test('a folder without a log', async () => {
    const elsewhere = join(dataDir, 'elsewhere');
    const { code, said } = await credentials(['list'], { dir: elsewhere });
    expect(code).toBe(1);
    expect(said).toContain(`there is no log at ${join(elsewhere, 'log.sqlite')}`);
  });
});
