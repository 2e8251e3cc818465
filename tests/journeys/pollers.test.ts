// Systems that follow the store by asking it again and again, while eight writers write: each sees every statement exactly once,
// in the order of the record, whichever of the standard's ways it takes.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Anything, credential, statementsOf } from './command.ts';
import { type Chance, seeded, statement } from './seeded.ts';
import { postStatements, removeFolders, type Server, startServer } from './server.ts';

const WRITERS = 8;
const STATEMENTS = 4_000;

let server: Server;
/** Not the writers' own: whoever writes may wait for what it wrote, and these must not. */
let reader: { key: string; secret: string };

beforeAll(async () => {
  server = await startServer();
  reader = await credential(server, 'a warehouse that polls', ['statements/read']);
});
afterAll(async () => {
  await server.stop();
  removeFolders();
});

/** Set when the last write was acknowledged: its sequence. */
class Writing {
  done: number | undefined;

  /** For the last look: not before the index has what was acknowledged. */
  get headers(): Record<string, string> {
    return this.done === undefined ? {} : { 'x-pramaan-at-least': String(this.done) };
  }
}

interface Page {
  readonly statements: readonly Anything[];
  readonly more: string;
  readonly consistentThrough: string;
}

async function page(path: string, headers: Record<string, string> = {}): Promise<Page> {
  const response = await server.fetch(path, { as: reader, headers });
  if (response.status !== 200) expect.fail(`${path}: ${response.status} ${await response.text()}`);
  const { statements, more } = (await response.json()) as { statements: Anything[]; more: string };
  return { statements, more, consistentThrough: response.headers.get('x-experience-api-consistent-through')! };
}

const query = (parameters: Record<string, string>) => `/xapi/statements?${new URLSearchParams(parameters)}`;

/** Asks for what is later than the last `stored` it has seen. */
async function pollSince(writing: Writing, by: Chance): Promise<Anything[]> {
  const seen: Anything[] = [];
  for (;;) {
    const { headers } = writing;
    const since = seen.at(-1)?.stored;
    const { statements } = await page(
      query({ ascending: 'true', limit: String(by.whole(1, 200)), ...(since && { since }) }),
      headers,
    );
    seen.push(...statements);
    if (statements.length === 0 && headers['x-pramaan-at-least']) return seen;
  }
}

/** Asks how far answers are complete, then for everything between the last time and this one. */
async function pollConsistentThrough(writing: Writing): Promise<Anything[]> {
  const seen: Anything[] = [];
  let since = '';
  for (;;) {
    const { headers } = writing;
    const { consistentThrough: until } = await page(query({ limit: '1' }), headers);
    expect(until >= since, `Consistent-Through went back from ${since} to ${until}`).toBe(true);
    let window = await page(query({ ascending: 'true', until, limit: '150', ...(since && { since }) }));
    for (;;) {
      seen.push(...window.statements);
      if (!window.more) break;
      window = await page(window.more);
    }
    since = until;
    if (headers['x-pramaan-at-least']) return seen;
  }
}

/** The same in the order the standard has by default, newest first. */
async function pollConsistentThroughNewestFirst(writing: Writing): Promise<Anything[]> {
  const seen: Anything[] = [];
  let since = '';
  for (;;) {
    const { headers } = writing;
    const { consistentThrough: until } = await page(query({ limit: '1' }), headers);
    const window: Anything[] = [];
    let next = await page(query({ until, limit: '70', ...(since && { since }) }));
    for (;;) {
      window.push(...next.statements);
      if (!next.more) break;
      next = await page(next.more);
    }
    seen.push(...window.reverse());
    since = until;
    if (headers['x-pramaan-at-least']) return seen;
  }
}

/** Takes each answer at its word: it is complete up to its own Consistent-Through, and what is later comes again next time. */
async function pollAnswersAsComplete(writing: Writing): Promise<Anything[]> {
  const seen: Anything[] = [];
  let since = '';
  for (;;) {
    const { headers } = writing;
    let window = await page(query({ ascending: 'true', limit: '500', ...(since && { since }) }), headers);
    const until = window.consistentThrough;
    for (;;) {
      seen.push(...window.statements.filter(({ stored }) => stored <= until));
      if (!window.more) break;
      window = await page(window.more);
    }
    since = until;
    if (headers['x-pramaan-at-least']) return seen;
  }
}

/** Follows `more` from the first statement to the end, and goes on behind the last one seen. */
async function followMore(writing: Writing): Promise<Anything[]> {
  const seen: Anything[] = [];
  for (;;) {
    const { headers } = writing;
    const since = seen.at(-1)?.stored;
    let next = await page(query({ ascending: 'true', limit: '40', ...(since && { since }) }), headers);
    seen.push(...next.statements);
    while (next.more) {
      next = await page(next.more);
      seen.push(...next.statements);
    }
    if (headers['x-pramaan-at-least']) return seen;
  }
}

/** Walks from the newest to the first, again and again; each walk is what was there when it began. */
async function walkBack(writing: Writing): Promise<Anything[][]> {
  const walks: Anything[][] = [];
  for (;;) {
    const { headers } = writing;
    const walk: Anything[] = [];
    let next = await page(query({ limit: '60' }), headers);
    for (;;) {
      walk.push(...next.statements);
      if (!next.more) break;
      next = await page(next.more);
    }
    walks.push(walk);
    if (headers['x-pramaan-at-least']) return walks;
  }
}

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
        pollSince(writing, by),
        pollConsistentThrough(writing),
        pollConsistentThroughNewestFirst(writing),
        pollAnswersAsComplete(writing),
        followMore(writing),
        walkBack(writing),
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
    const first = await page(query({ limit: '1' }));
    let next = first;
    while (next.consistentThrough <= first.consistentThrough) next = await page(query({ limit: '1' }));
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
