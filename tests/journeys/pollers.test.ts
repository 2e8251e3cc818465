// Systems that follow the store by asking it again and again, while eight writers write: each sees every statement exactly once,
// in the order of the record, whichever of the standard's ways it takes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Anything, credential, statementsOf } from './command.ts';
import {
  followMore,
  page,
  pollAnswersAsComplete,
  pollConsistentThrough,
  pollConsistentThroughNewestFirst,
  pollSince,
  query,
  type Reader,
  Writing,
  walkBack,
} from './polling.ts';
import { seeded, statement } from './seeded.ts';
import { postStatements, removeFolders, type Server, startServer } from './server.ts';

const WRITERS = 8;
const STATEMENTS = 4_000;

let server: Server;
let reader: Reader;

beforeAll(async () => {
  server = await startServer();
  reader = { server, as: await credential(server, 'a warehouse that polls', ['statements/read']) };
});
afterAll(async () => {
  await server.stop();
  removeFolders();
});

describe(`while ${WRITERS} writers write ${STATEMENTS} statements`, () => {
  test(
    'pollers by since, by Consistent-Through and by more see each exactly once, in the order of the record',
    seeded(async (by) => {
      const writing = new Writing();
      const acknowledged: string[] = [];
      const write = async (): Promise<void> => {
        let last = 0;
        let left = STATEMENTS;
        await Promise.all(
          Array.from({ length: WRITERS }, async () => {
            while (left > 0) {
              const batch = Array.from({ length: Math.min(left, by.whole(1, 12)) }, () => statement(by));
              left -= batch.length;
              const response = await postStatements(server, batch.length === 1 ? batch[0] : batch);
              expect(response.status).toBe(200);
              acknowledged.push(...((await response.json()) as string[]));
              last = Math.max(last, Number(response.headers.get('x-pramaan-sequence')));
            }
          }),
        );
        writing.done = last;
      };
      const [, since, throughs, newestFirst, complete, more, walks] = await Promise.all([
        write(),
        pollSince(reader, writing, by),
        pollConsistentThrough(reader, writing),
        pollConsistentThroughNewestFirst(reader, writing),
        pollAnswersAsComplete(reader, writing),
        followMore(reader, writing),
        walkBack(reader, writing),
      ]);
      const record = (await statementsOf(server)).map((each) => each.statement.id as string);
      expect(record.toSorted()).toEqual(acknowledged.toSorted());
      const ids = (statements: readonly Anything[]) => statements.map(({ id }) => id);
      expect(ids(since)).toEqual(record);
      expect(ids(throughs)).toEqual(record);
      expect(ids(newestFirst)).toEqual(record);
      expect(ids(complete)).toEqual(record);
      expect(ids(more)).toEqual(record);
      for (const walk of walks) expect(ids(walk).reverse()).toEqual(record.slice(0, walk.length));
      expect(walks.at(-1)).toHaveLength(record.length);
      // Otherwise nobody looked while something was written.
      expect(new Set(walks.map(({ length }) => length)).size).toBeGreaterThan(2);
    }),
  );

  test('Consistent-Through moves on an idle store, and never names what is still to come', async () => {
    const first = await page(reader, query({ limit: '1' }));
    let next = first;
    while (next.consistentThrough <= first.consistentThrough) next = await page(reader, query({ limit: '1' }));
    const response = await postStatements(server, {
      actor: { mbox: 'mailto:idle@learn.example.gov.in' },
      verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
      object: { id: 'https://learn.example.gov.in/courses/idle' },
    });
    const [id] = (await response.json()) as [string];
    const found = (await (await server.fetch(query({ statementId: id }))).json()) as Anything;
    expect(found.stored > next.consistentThrough).toBe(true);
  });
});
