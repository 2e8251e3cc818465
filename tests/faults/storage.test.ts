// When the disk fails under the store: full, read-only, reporting errors, or gone with the whole process at any step of an
// append. Requests are answered 503 or not at all, nothing is half there, and everything goes on when the disk does.

import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { streamsWithPrefix } from '../../src/event-log/index.ts';
import { digestOfIndex, rebuildStatementIndex } from '../../src/projector/index.ts';
import { type Anything, run } from '../journeys/command.ts';
import { type Chance, seeded } from '../journeys/seeded.ts';
import { newFolder, removeFolders, type Server, type ServerOptions, startServer } from '../journeys/server.ts';
import { Ledger } from './ledger.ts';
import { NO_STRACE, startTraced } from './strace.ts';
import { until } from './until.ts';

const streams = streamsWithPrefix('');
const mounts: string[] = [];
afterAll(() => {
  for (const folder of mounts) spawnSync('umount', [folder]);
  removeFolders();
});

/** A server that does not outlive its test, however that ends. */
async function started(options: ServerOptions, trace?: readonly [calls: string, ...more: string[]]): Promise<Server> {
  const [calls, ...more] = trace ?? [];
  const server = calls
    ? await startTraced(join(newFolder(), 'trace'), [calls], more, options)
    : await startServer(options);
  onTestFinished(() => server.kill());
  return server;
}

/** A data folder in which a record was opened: what a start writes into a new one is not what fails here. */
async function openedFolder(): Promise<string> {
  const { dataDir, stop } = await startServer();
  await stop();
  return dataDir;
}

/** A small file system of its own; undefined where this user may not mount one. */
function smallDisk(mebibytes: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  const folder = newFolder();
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'pramaan-test', folder]);
  if (status !== 0) return undefined;
  mounts.push(folder);
  return folder;
}

async function healthOf(server: Server): Promise<Anything> {
  return (await server.fetch('/health/ready')).json();
}

async function allIndexed(server: Server): Promise<void> {
  let last: Anything;
  await until(async () => {
    last = await healthOf(server);
    return last.statementIndex.state === 'following' && last.statementIndex.sequence === last.recording.sequence;
  }, 'the statement index at the head of the record').catch((error: Error) => {
    error.message += ` ${JSON.stringify(last)}`;
    throw error;
  });
}

/** The index kept is the one that the log makes. The server must be stopped. */
async function indexIsTheOneRebuilt(dataDir: string): Promise<void> {
  const kept = digestOfIndex(dataDir);
  await rebuildStatementIndex({ dataDir, logFile: join(dataDir, 'log.sqlite'), streams });
  expect(digestOfIndex(dataDir)).toBe(kept);
}

describe('a full disk', () => {
  test('is a 503 with Retry-After; reads go on, and writes too once there is room again', (context) =>
    seeded(async (by) => {
      const dataDir = smallDisk(48);
      if (!dataDir) return context.skip('no file system can be mounted here');
      const ballast = join(dataDir, 'something-else-on-this-disk');
      writeFileSync(ballast, Buffer.alloc(36 * 1024 * 1024));
      const server = await started({ dataDir });
      const ledger = new Ledger(by);
      const refused: { response: Response; body: string }[] = [];
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          while (refused.length < 20) {
            const answer = await ledger.post(server, { most: 200, refusalsCount: true });
            if (answer!.response.status !== 200) refused.push(answer!);
          }
        }),
      );
      expect(Object.keys(ledger.answers).sort()).toEqual(['200', '503']);
      for (const { response, body } of refused) {
        expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
        expect(response.headers.get('content-type')).toContain('application/problem+json');
        expect(JSON.parse(body).detail).toContain('full');
      }
      const document = '/xapi/activities/profile?activityId=https%3A%2F%2Flearn.example.gov.in%2F1&profileId=notes';
      const put = await server.fetch(document, {
        method: 'PUT',
        headers: { 'content-type': 'text/plain', 'if-none-match': '*' },
        body: 'x'.repeat(100_000),
      });
      expect(put.status).toBe(503);
      expect((await server.fetch(document)).status).toBe(404);
      expect((await server.fetch('/xapi/statements?limit=10')).status).toBe(200);
      expect((await server.fetch('/health/live')).status).toBe(200);

      rmSync(ballast);
      await until(
        async () => (await ledger.post(server, { most: 5 }))?.response.status === 200,
        'a write that succeeds',
      );
      await allIndexed(server);
      await ledger.check(server);
      await ledger.repeat(server);
      await allIndexed(server);
      await ledger.check(server);
      expect(await server.stop()).toBe(0);
      await indexIsTheOneRebuilt(dataDir);
      console.log(JSON.stringify(ledger.answers));
    })());
});

test('a folder that is read-only is said in words, and left as it is', async (context) => {
  const dataDir = smallDisk(24);
  if (!dataDir) return context.skip('no file system can be mounted here');
  const server = await started({ dataDir });
  expect(await server.stop()).toBe(0);
  const before = readdirSync(dataDir).map((name) => [name, statSync(join(dataDir, name)).mtimeMs]);
  expect(spawnSync('mount', ['-o', 'remount,ro', dataDir]).status).toBe(0);
  const refused = await run(['serve'], { PRAMAAN_PORT: '0', PRAMAAN_DATA_DIR: dataDir });
  expect(refused.code).toBe(1);
  expect(refused.errors).toMatch(/^pramaan: the data folder .* cannot be used: .*read-only/m);
  expect(refused.errors).not.toMatch(/^\s+at /m);
  expect(readdirSync(dataDir).map((name) => [name, statSync(join(dataDir, name)).mtimeMs])).toEqual(before);
});

describe.skipIf(NO_STRACE)('system calls that fail, by strace', () => {
  const path = (dataDir: string, ...names: readonly string[]) => names.flatMap((name) => ['-P', join(dataDir, name)]);
  const LOG = ['log.sqlite', 'log.sqlite-wal'];

  test.each([
    ['a flush reports an error', 'fsync', 'EIO'],
    ['a write reports an error', 'pwrite64', 'EIO'],
    ['a write finds the disk full', 'pwrite64', 'ENOSPC'],
    ['a write finds the disk read-only', 'pwrite64', 'EROFS'],
  ])('%s (%s, %s): 200 or 503, and nothing half there', (_, call, error) =>
    seeded(async (by) => {
      const dataDir = await openedFolder();
      // So many calls of each thread fail in a row: a few, which the recorder outlives by itself, or more than it waits for.
      const first = by.whole(3, 20);
      const inject = `inject=${call}:error=${error}:when=${first}..${first + by.whole(3, 60)}`;
      const options = [...path(dataDir, ...LOG), '-e', inject];
      const server = await started({ dataDir }, [call, ...options]);
      const ledger = new Ledger(by);
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let i = 0; i < 25 || ledger.acknowledged < 12; i++) {
            const answer = await ledger.post(server);
            if (answer!.response.status === 200) continue;
            expect(answer!.response.status).toBe(503);
            expect(Number(answer!.response.headers.get('retry-after'))).toBeGreaterThan(0);
            await until(async () => (await healthOf(server)).recording.state === 'recording', 'a store that records');
          }
        }),
      );
      await server.kill();
      const next = await started({ dataDir });
      await ledger.check(next);
      await ledger.repeat(next);
      await ledger.check(next);
      await allIndexed(next);
      expect(await next.stop()).toBe(0);
      await indexIsTheOneRebuilt(dataDir);
      console.log(JSON.stringify({ inject, ...ledger.answers }));
    })(),
  );

  test(
    'killed at a write or a flush of the log, wherever in an append it stands: nothing acknowledged is lost, nothing is half there',
    seeded(async (by) => {
      const dataDir = await openedFolder();
      const ledger = new Ledger(by);
      for (let round = 0; round < 10; round++) {
        await writeUntilKilled(dataDir, ledger, by, by.pick(['fsync', 'pwrite64', 'pwrite64']), LOG);
      }
      const server = await started({ dataDir });
      await ledger.check(server);
      await ledger.repeat(server);
      await ledger.check(server);
      await allIndexed(server);
      expect(await server.stop()).toBe(0);
      await indexIsTheOneRebuilt(dataDir);
      expect(ledger.acknowledged).toBeGreaterThan(10);
    }),
  );

  test(
    'killed while the projector saves: the index goes on from its checkpoint and is the one rebuilt',
    seeded(async (by) => {
      const dataDir = await openedFolder();
      const ledger = new Ledger(by);
      const names = ['statement-index-1.sqlite', 'statement-index-1.sqlite-wal'];
      for (let round = 0; round < 4; round++) await writeUntilKilled(dataDir, ledger, by, 'pwrite64', names);
      const server = await started({ dataDir });
      await ledger.check(server);
      await allIndexed(server);
      expect(await server.stop()).toBe(0);
      await indexIsTheOneRebuilt(dataDir);
    }),
  );

  test(
    'the disk fails under the projector: statements are taken meanwhile, and it goes on by itself',
    seeded(async (by) => {
      const dataDir = await openedFolder();
      const first = by.whole(5, 20);
      const inject = `inject=pwrite64:error=EIO:when=${first}..${first + by.whole(0, 5)}`;
      const options = [...path(dataDir, 'statement-index-1.sqlite', 'statement-index-1.sqlite-wal'), '-e', inject];
      const server = await started({ dataDir }, ['pwrite64', ...options]);
      const ledger = new Ledger(by);
      for (let i = 0; i < 40; i++) expect((await ledger.post(server))!.response.status).toBe(200);
      await allIndexed(server);
      expect(server.log.filter(({ msg }) => msg === 'the projector failed').length).toBeGreaterThan(0);
      await ledger.check(server);
      expect(await server.stop()).toBe(0);
      await indexIsTheOneRebuilt(dataDir);
    }),
  );

  /** Posts until the process is killed at the nth such call of one of its threads. */
  async function writeUntilKilled(
    dataDir: string,
    ledger: Ledger,
    by: Chance,
    call: string,
    names: readonly string[],
  ): Promise<void> {
    const inject = `inject=${call}:signal=KILL:when=${by.whole(3, call === 'fsync' ? 20 : 60)}`;
    let server: Server;
    try {
      server = await started({ dataDir }, [call, ...path(dataDir, ...names), '-e', inject]);
    } catch (error) {
      // Killed while it opened.
      expect((error as Error).message).toContain('ended with null');
      return;
    }
    await ledger.check(server).catch((error: Error) => {
      // The connection broke: it was killed meanwhile.
      if (!(error instanceof TypeError)) throw error;
    });
    const isKilled = (): boolean => server.process.signalCode !== null;
    // A connection may also break for other reasons on a busy machine: only the end of the process ends the writing.
    await Promise.all(
      Array.from({ length: 3 }, async () => {
        for (let i = 0; i < 200 && !isKilled(); i++) await ledger.post(server, { most: 20 });
      }),
    );
    // Seldom a thread makes fewer such calls than the round wanted: then it ends here, at a moment as good as any.
    await until(isKilled, 'the end of the process', 10_000).catch(() => server.kill());
  }
});
