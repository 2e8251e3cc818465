// GET /statements as the index answers it: any question, over any record, gives what looking at every statement gives.

import { rmSync } from 'node:fs';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sequence, StatementId } from '../../../contracts/words.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { fill } from '../../../src/projector/fill.ts';
import { openIndex } from '../../../src/projector/models.ts';
import { indexFile, writeGenerations } from '../../../src/read-models/statement-index/index.ts';
import type { StatementPage, StatementQuery } from '../../../src/read-models/statement-index/port.ts';
import { StatementReading } from '../../../src/read-models/statement-index/queries.ts';
import { history, question } from './histories.ts';
import { NaiveIndex, type Recorded } from './naive.ts';
import { openRecord, streams, type TestRecord, type ToRecord, uuid } from './record.ts';

let record: TestRecord;
let reading: StatementReading;
let index: ReturnType<typeof openIndex>;

beforeEach(async () => {
  await begin();
});
afterEach(async () => {
  await end();
});

/** Segments of eight sequences: a short record has several sealed ones and an open one. */
async function begin(): Promise<void> {
  record = await openRecord();
  index = openIndex(indexFile(record.dataDir, 1), record.log, streams.record, 8);
  writeGenerations(record.dataDir, { live: 1 });
  reading = new StatementReading({
    dataDir: record.dataDir,
    log: openSqliteLog(record.logFile, { readOnly: true }),
    record: streams.record,
  });
}

async function end(): Promise<void> {
  await reading.close();
  index.close();
  await record.close();
  rmSync(record.dataDir, { recursive: true, force: true });
}

async function add(entries: readonly Recorded[]): Promise<void> {
  await record.record(...entries);
  await fill(index, record.log, streams.record, { onCaughtUp: () => false });
}

const idsOf = (page: StatementPage): string[] =>
  (JSON.parse(`[${Buffer.from(page.statements).toString()}]`) as { id: string }[]).map(({ id }) => id);

describe('any question over any record', () => {
  test('is answered as by looking at every statement, page by page, also while others are written', async () => {
    await fc.assert(
      fc
        .asyncProperty(
          history,
          history.map((entries) => entries.slice(0, 10)),
          fc.array(question, { minLength: 1, maxLength: 25 }),
          async (before, then, questions) => {
            const after = then.map((one, i) =>
              one === 'other'
                ? one
                : { ...one, statement: { ...one.statement, id: uuid(before.length + 1 + i) as StatementId } },
            );
            await add(before);
            const head = before.length;
            const firstPages = questions.map((query) => reading.find(query));
            const asItWas = new NaiveIndex(['other', ...before]);
            for (const [i, query] of questions.entries()) {
              const expected = asItWas.find(query, 0, head).slice(0, query.limit).map(uuid);
              expect(idsOf(firstPages[i]!), JSON.stringify(query)).toEqual(expected);
            }

            await add(after);
            const asItIs = new NaiveIndex(['other', ...before, ...after]);
            for (const [i, query] of questions.entries()) {
              let page = firstPages[i]!;
              let last = lastOf(page);
              const got: string[] = [];
              while (page.next) {
                page = reading.find({ ...query, cursor: page.next });
                got.push(...idsOf(page));
                expect(page.count).toBeLessThanOrEqual(query.limit);
              }
              if (!firstPages[i]!.next) continue;
              last = last ?? (0 as Sequence);
              const expected = query.ascending
                ? asItIs.find(query, last + 1, head + after.length)
                : asItIs.find(query, 0, Math.min(head, last - 1));
              expect(got, JSON.stringify(query)).toEqual(expected.map(uuid));
            }
          },
        )
        .beforeEach(async () => {
          await end();
          await begin();
        }),
      { numRuns: 60 },
    );
  }, 120_000);
});

function lastOf(page: StatementPage): Sequence | undefined {
  return page.next?.after;
}

const did = (number: number, more: Partial<ToRecord['statement']> = {}): ToRecord => ({
  statement: {
    id: uuid(number),
    actor: { mbox: 'mailto:asha@example.com' },
    verb: { id: 'https://v.example/did' },
    object: { id: 'https://a.example/1' },
    ...more,
  },
});

const voids = (number: number, target: number, scopes = ['void']): ToRecord => ({
  ...did(number, {
    verb: { id: 'http://adlnet.gov/expapi/verbs/voided' },
    object: { objectType: 'StatementRef', id: uuid(target) },
  }),
  scopes,
});

const refersTo = (number: number, target: number): ToRecord =>
  did(number, {
    actor: { mbox: 'mailto:ravi@example.com' },
    verb: { id: 'https://v.example/confirmed' },
    object: { objectType: 'StatementRef', id: uuid(target) },
  });

const everything: StatementQuery = {
  relatedActivities: false,
  relatedAgents: false,
  ascending: true,
  limit: 100,
  format: 'exact',
  languages: [],
};

describe('voiding', () => {
  test('takes a statement out of lists, whether the void came after it or before it', async () => {
    await add([did(1), voids(2, 1), voids(3, 4), did(4)]);
    expect(idsOf(reading.find(everything))).toEqual([uuid(2), uuid(3)]);
    for (const number of [1, 4]) {
      const found = reading.byId(uuid(number) as StatementId, { format: 'exact', languages: [] });
      expect(found).toMatchObject({ voided: true, sequence: number });
    }
    expect(reading.byId(uuid(2) as StatementId, { format: 'exact', languages: [] })).toMatchObject({ voided: false });
  });

  test('does not touch a voiding statement, nor anything when its source may not', async () => {
    await add([did(1), voids(2, 1), voids(3, 2), did(4), voids(5, 4, ['all'])]);
    expect(idsOf(reading.find(everything))).toEqual([uuid(2), uuid(3), uuid(4), uuid(5)]);
  });

  test('still finds what refers to the voided one by the terms of the voided one', async () => {
    await add([did(1), refersTo(2, 1), voids(3, 1)]);
    expect(idsOf(reading.find({ ...everything, activity: 'https://a.example/1' }))).toEqual([uuid(2), uuid(3)]);
  });
});

describe('a statement asked for by its id', () => {
  test('is found where recording says it is, before it is indexed; voided, if it was voided before it came', async () => {
    await add([voids(1, 2)]);
    await record.record(did(2), did(3));
    const asked = (number: number, at?: number) =>
      reading.byId(uuid(number) as StatementId, {
        format: 'exact',
        languages: [],
        ...(at !== undefined && { at: at as Sequence }),
      });
    expect(asked(2)).toBeUndefined();
    expect(asked(2, 2)).toMatchObject({ sequence: 2, voided: true, credential: 'c-1' });
    expect(asked(3, 3)).toMatchObject({ sequence: 3, voided: false });
    expect(asked(4)).toBeUndefined();
  });

  test('is found in any segment, in either case of its letters', async () => {
    await add(Array.from({ length: 30 }, (_, i) => did(i + 1)));
    for (let number = 1; number <= 30; number++) {
      const found = reading.byId(uuid(number).toUpperCase() as StatementId, { format: 'exact', languages: [] });
      expect(found?.sequence).toBe(number);
    }
  });
});

describe('StatementRefs', () => {
  test('are followed along the chain, whichever of it came first', async () => {
    // 3 → 2 → 1, recorded in every order.
    for (const order of [
      [1, 2, 3],
      [1, 3, 2],
      [2, 1, 3],
      [2, 3, 1],
      [3, 1, 2],
      [3, 2, 1],
    ]) {
      await end();
      await begin();
      const link = (number: number): ToRecord => (number === 1 ? did(1) : refersTo(number, number - 1));
      for (const number of order) await add([link(number)]);
      const found = idsOf(reading.find({ ...everything, activity: 'https://a.example/1' }));
      expect(found.sort(), String(order)).toEqual([1, 2, 3].map(uuid).sort());
    }
  });

  test('that go in a circle end', async () => {
    await add([refersTo(1, 2), refersTo(2, 1), refersTo(3, 3)]);
    expect(idsOf(reading.find(everything))).toEqual([1, 2, 3].map(uuid));
  });

  test('are followed for a hundred links and no further', async () => {
    await add([did(1), ...Array.from({ length: 110 }, (_, i) => refersTo(i + 2, i + 1))]);
    const found = idsOf(reading.find({ ...everything, limit: 200, activity: 'https://a.example/1' }));
    expect(found).toHaveLength(101);
  });
});

describe('what a page tells', () => {
  test('each attachment of its statements once, the SubStatement’s too, and the newest `stored`', async () => {
    const attachment = (sha2: string) => ({
      usageType: 'https://u.example/1',
      display: { en: 'x' },
      contentType: 'text/plain',
      length: 3,
      sha2,
    });
    await add([
      did(1, { attachments: [attachment('aa'), attachment('bb')] }),
      did(2, {
        object: {
          objectType: 'SubStatement',
          actor: { mbox: 'mailto:asha@example.com' },
          verb: { id: 'https://v.example/did' },
          object: { id: 'https://a.example/1' },
          attachments: [attachment('bb'), attachment('cc')],
        },
      }),
    ]);
    const page = reading.find({ ...everything, ascending: false });
    expect(page.attachments.map(({ sha256 }) => sha256).sort()).toEqual(['aa', 'bb', 'cc']);
    expect(page.newest).toBe(page.indexedUpTo.stored);
  });

  test('ids and canonical forms, with the definitions of those who may define, in the language asked for', async () => {
    const named = (number: number, name: Record<string, string>, scopes: readonly string[]): ToRecord => ({
      ...did(number, { object: { id: 'https://a.example/1', definition: { name } } }),
      scopes,
    });
    await add([
      named(1, { en: 'Safety' }, ['define', 'statements/write']),
      named(2, { 'hi-IN': 'सुरक्षा' }, ['all']),
      named(3, { en: 'Not so' }, ['statements/write']),
    ]);
    expect(reading.activity('https://a.example/1')).toEqual({
      objectType: 'Activity',
      id: 'https://a.example/1',
      definition: { name: { en: 'Safety', 'hi-IN': 'सुरक्षा' } },
    });
    expect(reading.activity('https://a.example/2')).toBeUndefined();
    const shown = (format: StatementQuery['format']) =>
      JSON.parse(`[${Buffer.from(reading.find({ ...everything, format, languages: ['hi'] }).statements).toString()}]`);
    expect(shown('canonical').map((one: { object: unknown }) => one.object)).toEqual(
      Array.from({ length: 3 }, () => ({ id: 'https://a.example/1', definition: { name: { 'hi-IN': 'सुरक्षा' } } })),
    );
    expect(shown('ids').map((one: { object: unknown }) => one.object)).toEqual(
      Array.from({ length: 3 }, () => ({ id: 'https://a.example/1' })),
    );
  });

  test('the names of an agent, latest first, each once', async () => {
    const as = (number: number, name?: string): ToRecord =>
      did(number, { actor: { mbox: 'mailto:asha@example.com', ...(name && { name }) } });
    await add([as(1, 'Asha'), as(2), as(3, 'Asha Devi'), as(4, 'Asha')]);
    expect(reading.agentNames('mbox:mailto:asha@example.com' as never)).toEqual(['Asha', 'Asha Devi']);
  });

  test('events as lines of JSON, within the range asked for', async () => {
    await add([did(1), did(2), did(3)]);
    const { ndjson, last, count } = await reading.events({ after: 0 as Sequence, until: 2 as Sequence, limit: 10 });
    expect({ last, count }).toEqual({ last: 2, count: 2 });
    const lines = Buffer.from(ndjson).toString().trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { sequence: 1, type: 'statement-recorded.v1', data: { id: uuid(1) }, metadata: { credential: 'c-1' } },
      { sequence: 2, data: { id: uuid(2) } },
    ]);
    expect(await reading.events({ after: -1 as Sequence, limit: 2 })).toMatchObject({ last: 1, count: 2 });
  });
});
