// The projector: whatever happens to it, the index ends up as one built in one go from the same record.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Sequence, StatementId } from '../../../contracts/words.ts';
import { fill } from '../../../src/projector/fill.ts';
import {
  buildIndexUpTo,
  digestOfIndex,
  IndexDiffersFromLog,
  type Projector,
  type ProjectorOptions,
  rebuildStatementIndex,
  settleGenerations,
  startProjector,
} from '../../../src/projector/index.ts';
import { openIndex } from '../../../src/projector/models.ts';
import {
  digestOfIndexFile,
  IndexNotReady,
  indexFile,
  openIndexLookup,
  openStatementQueries,
  readGenerations,
  writeGenerations,
} from '../../../src/read-models/index.ts';
import { history } from './histories.ts';
import { openRecord, streams, type TestRecord, type ToRecord, uuid } from './record.ts';

let record: TestRecord;
beforeEach(async () => {
  record = await openRecord();
});
afterEach(() => record.close());

const did = (number: number): ToRecord => ({
  statement: {
    id: uuid(number),
    actor: { mbox: `mailto:person-${number % 97}@example.com` },
    verb: { id: `https://v.example/${number % 5}` },
    object:
      number % 10 === 9
        ? { objectType: 'StatementRef', id: uuid(number % 20 === 19 ? number - 7 : number + 5) }
        : { id: `https://a.example/${number % 13}`, definition: { name: { en: `Activity ${number % 13}` } } },
  },
});

const many = (from: number, count: number): ToRecord[] => Array.from({ length: count }, (_, i) => did(from + i));

async function start(options: Partial<ProjectorOptions> = {}): Promise<Projector> {
  const projector = await startProjector({ ...record, streams, ...options });
  onTestFinished(() => projector.stop());
  return projector;
}

/** The index as made in one go from this record. */
async function madeInOneGo(until: Sequence): Promise<string> {
  const { digest } = await buildIndexUpTo({ ...record, streams, until, dir: join(record.dataDir, 'in-one-go') });
  return digest;
}

describe('what lies in the index', () => {
  test('depends on the record, not on how it came in batches or how often the store was opened', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(fc.integer({ min: 1, max: 15 }), { minLength: 1, maxLength: 8 }),
        async (entries, batches) => {
          const own = await openRecord();
          try {
            const digests: string[] = [];
            await own.record(...entries);
            const head = entries.length;
            const file = (name: string): string => join(own.dataDir, name);
            const whole = openIndex(file('whole.sqlite'), own.log, streams.record, 8);
            await fill(whole, own.log, streams.record, { onCaughtUp: () => false });
            whole.close();
            digests.push(digestOfIndexFile(file('whole.sqlite')));

            for (let until = 0, turn = 0; until < head; turn++) {
              until = Math.min(head, until + batches[turn % batches.length]!);
              const store = openIndex(file('parts.sqlite'), own.log, streams.record, 8);
              await fill(store, own.log, streams.record, { until: until as Sequence });
              store.close();
            }
            digests.push(digestOfIndexFile(file('parts.sqlite')));
            expect(digests[1]).toBe(digests[0]);
          } finally {
            await own.close();
          }
        },
      ),
      { numRuns: 40 },
    );
  }, 60_000);

  test('as of an earlier sequence is what it was when the record ended there', async () => {
    const then = await record.record(...many(1, 300));
    const projector = await start();
    await projector.caughtUp(then);
    const asItWas = digestOfIndex(record.dataDir);
    await projector.caughtUp(await record.record(...many(301, 300)));
    expect(digestOfIndex(record.dataDir)).not.toBe(asItWas);
    expect(await madeInOneGo(then)).toBe(asItWas);
  });
});

describe('a projector', () => {
  test('makes each statement visible and says so, in order', async () => {
    const told: number[] = [];
    const projector = await start({ onProgress: ({ sequence }) => told.push(sequence) });
    for (let number = 1; number <= 50; number++) await projector.caughtUp(await record.record(did(number)));
    expect(told).toEqual([...told].sort((a, b) => a - b));
    expect(told.at(-1)).toBe(50);
    expect(projector.status()).toMatchObject({ state: 'following', sequence: 50 });
    const lookup = openIndexLookup(record.dataDir);
    onTestFinished(() => lookup.close());
    expect(lookup.find([uuid(50), uuid(51), uuid(1)] as StatementId[])).toMatchObject([
      { sequence: 50, isVoiding: false },
      undefined,
      { sequence: 1 },
    ]);
  });

  test('brings a deleted index back the same', async () => {
    const head = await record.record(...many(1, 500));
    const first = await start();
    await first.caughtUp(head);
    await first.stop();
    const digest = digestOfIndex(record.dataDir);
    for (const name of readdirSync(record.dataDir)) {
      if (name.startsWith('statement-index-')) rmSync(join(record.dataDir, name));
    }
    await (await start()).caughtUp(head);
    expect(digestOfIndex(record.dataDir)).toBe(digest);
  });

  test('builds an index of another version again, by itself, and refuses questions until it is there', async () => {
    const head = await record.record(...many(1, 500));
    const first = await start();
    await first.caughtUp(head);
    await first.stop();
    const digest = digestOfIndex(record.dataDir);
    const old = readGenerations(record.dataDir).live!;
    const database = new DatabaseSync(indexFile(record.dataDir, old));
    database.exec(`UPDATE checkpoint SET version = '0.9'`);
    database.close();

    const queries = await openStatementQueries({ ...record, streams, workers: 1 });
    onTestFinished(() => queries.close());
    await expect(queries.activity('https://a.example/1')).rejects.toThrow(IndexNotReady);
    await (await start()).caughtUp(head);
    expect(await queries.activity('https://a.example/1')).toMatchObject({ id: 'https://a.example/1' });
    expect(digestOfIndex(record.dataDir)).toBe(digest);
    expect(readGenerations(record.dataDir).live).toBeGreaterThan(old);
    expect(readdirSync(record.dataDir)).not.toContain(`statement-index-${old}.sqlite`);
  });

  test('tells of a failure and goes on: another writer of the same index is never written over', async () => {
    const failures: Error[] = [];
    const projector = await start({ onFailure: (error) => failures.push(error) });
    await projector.caughtUp(await record.record(did(1)));
    const live = indexFile(record.dataDir, readGenerations(record.dataDir).live!);
    let head = 1 as Sequence;
    for (let number = 2; failures.length === 0; number++) {
      head = await record.record(did(number));
      // A race for each event: whoever comes second must notice.
      const rival = openIndex(live, record.log, streams.record);
      await fill(rival, record.log, streams.record, { onCaughtUp: () => false }).catch((error: Error) => {
        expect(error.name).toBe('IndexTakenOver');
      });
      rival.close();
    }
    await projector.caughtUp(head);
    expect(projector.status()).toMatchObject({ state: 'following', sequence: head });
    expect(digestOfIndex(record.dataDir)).toBe(await madeInOneGo(head));
  }, 30_000);
});

test('an event that cannot be read stops the index before it, and is named', async () => {
  const failed = Promise.withResolvers<Error>();
  const projector = await start({ onFailure: failed.resolve });
  await projector.caughtUp(await record.record(did(1)));
  const head = await record.record(did(2), { statement: { id: uuid(3) } as never }, did(4));
  expect((await failed.promise).message).toContain(`event ${head - 1} of the record (statement-recorded.v1)`);
  expect(projector.status()).toMatchObject({ state: 'stopped', sequence: head - 2 });
  expect(projector.status().detail).toContain(`event ${head - 1}`);
});

describe('a start', () => {
  async function indexedThenReplaced(kept: number, others: number): Promise<void> {
    const head = await record.record(...many(1, 40));
    const projector = await start();
    await projector.caughtUp(head);
    await projector.stop();
    // The log is put back to an earlier state, and goes on differently.
    const replaced = await openRecord();
    onTestFinished(() => replaced.close());
    await replaced.record(...many(1, kept), ...many(1000, others));
    await record.log.close();
    const { dataDir } = record;
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    record = { ...replaced, dataDir };
  }

  test('is refused when the index is ahead of the log, naming what is missing', async () => {
    await indexedThenReplaced(25, 0);
    const refusal = await start().catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(IndexDiffersFromLog);
    expect(refusal).toMatchObject({ loss: { from: 26, to: 40, logEndedAt: 25 } });
    expect((refusal as Error).message).toContain('events 26 to 40');
  });

  test('is refused when the log has gone on differently, naming from where', async () => {
    await indexedThenReplaced(25, 30);
    await expect(start()).rejects.toMatchObject({ name: 'IndexDiffersFromLog', loss: { from: 26, to: 40 } });
  });

  test('is refused too when all that is left to tell is an index half built', async () => {
    await indexedThenReplaced(25, 0);
    const { live } = readGenerations(record.dataDir);
    writeGenerations(record.dataDir, { building: live! });
    await expect(start()).rejects.toMatchObject({ name: 'IndexDiffersFromLog', loss: { from: 26, to: 40 } });
  });

  test('names from where the log differs, and all that is missing, when the people model had gone further', async () => {
    await record.record(...many(1, 40));
    const { file } = await buildIndexUpTo({
      ...record,
      streams,
      until: 30 as Sequence,
      dir: join(record.dataDir, 'x'),
    });
    cpSync(file, indexFile(record.dataDir, 1));
    writeGenerations(record.dataDir, { live: 1 });
    const people = await startProjector({ ...record, streams, model: 'people' });
    await people.caughtUp(40 as Sequence);
    await people.stop();
    const replaced = await openRecord();
    onTestFinished(() => replaced.close());
    await replaced.record(...many(1, 20), ...many(1000, 30));
    await expect(settleGenerations(record.dataDir, replaced.log, streams.record, false)).rejects.toMatchObject({
      name: 'IndexDiffersFromLog',
      message: expect.stringMatching(/^the people model has gone up to sequence 40 .* events 21 to 40\./),
      loss: { from: 21, to: 40, logEndedAt: 50 },
    });
  });

  test('builds the index again when the loss is accepted', async () => {
    await indexedThenReplaced(25, 3);
    const projector = await start({ acceptLoss: true });
    await projector.caughtUp(28 as Sequence);
    expect(digestOfIndex(record.dataDir)).toBe(await madeInOneGo(28 as Sequence));
  });
});

describe('a rebuild', () => {
  test('beside a projector that goes on ends with the same index, and nobody sees it go backwards', async () => {
    const projector = await start();
    await projector.caughtUp(await record.record(...many(1, 2000)));
    const queries = await openStatementQueries({ ...record, streams, workers: 2 });
    const lookup = openIndexLookup(record.dataDir);
    onTestFinished(() => queries.close());
    onTestFinished(() => lookup.close());

    const before = readGenerations(record.dataDir).live!;
    let rebuilding = true;
    const rebuilt = rebuildStatementIndex({ ...record, streams }).finally(() => {
      rebuilding = false;
    });
    let seen = 0;
    let head = 2000 as Sequence;
    for (let number = 2001; rebuilding || projector.status().sequence < head; number++) {
      head = await record.record(did(number));
      await projector.caughtUp(head);
      const { sequence } = await queries.indexedUpTo();
      expect(sequence).toBeGreaterThanOrEqual(seen);
      expect(lookup.checkpoint().sequence).toBeGreaterThanOrEqual(seen);
      seen = sequence;
    }
    expect(await rebuilt).toBe(true);
    const after = await record.record(did(900_000));
    await projector.caughtUp(after);
    expect(readGenerations(record.dataDir)).toEqual({ live: before + 1 });
    expect(digestOfIndex(record.dataDir)).toBe(await madeInOneGo(after));
    expect((await queries.byId(uuid(900_000) as StatementId, { format: 'exact', languages: [] }))?.sequence).toBe(
      after,
    );
  }, 30_000);

  test('stopped anywhere leaves the live index alone; the next one goes on and ends the same', async () => {
    const head = await record.record(...many(1, 12_000));
    const projector = await start();
    await projector.caughtUp(head);
    const digest = digestOfIndex(record.dataDir);
    const live = readGenerations(record.dataDir).live!;
    const stop = new AbortController();
    const reached: number[] = [];
    const stopped = await rebuildStatementIndex({
      ...record,
      streams,
      signal: stop.signal,
      onProgress: ({ sequence }) => {
        reached.push(sequence);
        stop.abort();
      },
    });
    expect(stopped).toBe(false);
    expect(readGenerations(record.dataDir)).toEqual({ live, building: live + 1 });
    expect(digestOfIndex(record.dataDir)).toBe(digest);

    const again: number[] = [];
    const done = await rebuildStatementIndex({
      ...record,
      streams,
      onProgress: ({ sequence }) => again.push(sequence),
    });
    expect(done).toBe(true);
    expect(again[0]).toBeGreaterThan(reached.at(-1)!);
    expect(readGenerations(record.dataDir)).toEqual({ live: live + 1 });
    expect(digestOfIndex(record.dataDir)).toBe(digest);
  }, 30_000);
});

describe('kill -9', () => {
  test('between, before and after commits and seals leaves an index that ends up the same', async () => {
    // A segment and a bit.
    const head = await record.record(...many(1, 40_000));
    for (const commits of [1, 2, 1, 3, 1, 4]) {
      const process_ = spawn(process.execPath, [join(import.meta.dirname, 'projector-process.ts'), record.dataDir], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(process_, 'exit');
      let left = commits;
      for await (const line of createInterface({ input: process_.stdout })) {
        if (--left <= 0 || Number(line) >= head) break;
      }
      process_.kill('SIGKILL');
      await exited;
    }
    const projector = await start();
    await projector.caughtUp(head);
    expect(digestOfIndex(record.dataDir)).toBe(await madeInOneGo(head));
    const lookup = openIndexLookup(record.dataDir);
    onTestFinished(() => lookup.close());
    const asked = [1, 32_767, 32_768, 40_000, 40_001];
    expect(lookup.find(asked.map((number) => uuid(number) as StatementId)).map((known) => known?.sequence)).toEqual(
      asked.map((number) => (number <= 40_000 ? number : undefined)),
    );
  }, 120_000);
});
