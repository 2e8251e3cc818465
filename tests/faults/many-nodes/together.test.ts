// What is done at one node holds at the others: credentials, clocks, and what a client may count on that writes at one node and
// reads at another.

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Anything, credential, events, type Made } from '../../journeys/command.ts';
import {
  page,
  pollAnswersAsComplete,
  pollConsistentThrough,
  pollConsistentThroughNewestFirst,
  pollSince,
  query,
  Writing,
} from '../../journeys/polling.ts';
import { seeded, statement } from '../../journeys/seeded.ts';
import { KEY, postStatements, SECRET, type Server } from '../../journeys/server.ts';
import { until } from '../until.ts';
import { Nodes, persistently, ready, settled } from './nodes.ts';

const NODES = 4;
/** What is done to a credential at one node holds at the others within a second, and here on a machine that may be busy. */
const SOON_MS = 5_000;

let nodes: Nodes;
let running: Server[];
beforeAll(async () => {
  nodes = await Nodes.onEmptyServer();
  running = await nodes.startMany(NODES);
});
afterAll(() => nodes.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const post = (body: unknown): RequestInit => ({ method: 'POST', headers: JSON_TYPE, body: JSON.stringify(body) });

test('a node that does not write tells how long the record is that the others write', () =>
  seeded(async (by) => {
    const two = nodes.elsewhere();
    const [writer, other] = (await two.startMany(2)) as [Server, Server];
    for (let time = 0; time < 5; time++) {
      expect((await postStatements(writer, [statement(by), statement(by)])).status).toBe(200);
    }
    const head = await settled([writer, other]);
    for (const node of [writer, other]) {
      const { recording, statementIndex } = await ready(node);
      expect(recording.sequence).toBe(head);
      expect(statementIndex.lagSequences).toBe(0);
      expect(await (await node.fetch('/metrics')).text()).toMatch(new RegExp(`^pramaan_record_sequence ${head}$`, 'm'));
    }
    await two.stop();
  })());

describe('credentials', () => {
  const letsIn = async (node: Server, as: { key: string; secret: string }): Promise<boolean> => {
    const { status } = await node.fetch('/xapi/statements?limit=1', { as });
    expect([200, 401]).toContain(status);
    return status === 200;
  };

  let longestMs = 0;

  /** Waits until every node lets this one in, or none does, and sees how long that took after it was acknowledged. */
  async function everywhere(as: { key: string; secret: string }, expected: boolean): Promise<void> {
    const begun = performance.now();
    await Promise.all(
      running.map((node) => until(async () => (await letsIn(node, as)) === expected, `${as.key}: ${expected}`)),
    );
    const took = performance.now() - begun;
    longestMs = Math.max(longestMs, took);
    expect(took).toBeLessThan(SOON_MS);
  }

  async function changed(node: Server, { id }: Made, what: 'rotate' | 'revoke'): Promise<Made> {
    const response = await node.fetch(`/admin/credentials/${id}/${what}`, post({}));
    expect(response.status).toBe(200);
    return (await response.json()) as Made;
  }

  test('made, rotated and revoked at one node, they are so at every other within a second', async () => {
    for (let round = 0; round < 5; round++) {
      const at = (place: number): Server => running[(round + place) % NODES]!;
      const made = await credential(at(0), `round ${round}`, ['statements/read']);
      await everywhere(made, true);
      const rotated = await changed(at(1), made, 'rotate');
      await everywhere({ ...made, secret: rotated.secret }, true);
      await everywhere(made, false);
      await changed(at(2), made, 'revoke');
      await everywhere({ ...made, secret: rotated.secret }, false);
    }
    console.log(JSON.stringify({ nodes: NODES, credentialHeldEverywhereAfterMs: Math.round(longestMs) }));
  });

  test('of two that rotate at two nodes at once the later holds, at every node', async () => {
    const made = await credential(running[0]!, 'rotated twice', ['statements/read']);
    const rotated = await Promise.all([changed(running[1]!, made, 'rotate'), changed(running[2]!, made, 'rotate')]);
    // Whoever knows of this one has seen both.
    await everywhere(await credential(running[1]!, 'made afterwards', ['statements/read']), true);
    expect(await letsIn(running[0]!, made)).toBe(false);
    const holds = await Promise.all(
      running.map((node) => Promise.all(rotated.map(({ secret }) => letsIn(node, { key: made.key, secret })))),
    );
    expect(holds[0]!.toSorted()).toEqual([false, true]);
    for (const each of holds) expect(each).toEqual(holds[0]);
  });

  test('a key that is made at every node at once is one credential', async () => {
    const wanted = { name: 'the same key', key: 'the-same-key', scopes: ['statements/read'] };
    const answers = await Promise.all(
      running.map((node, place) =>
        node.fetch('/admin/credentials', post({ ...wanted, secret: `a-secret-of-node-${place}` })),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.toSorted()).toEqual([201, 409, 409, 409]);
    const secret = `a-secret-of-node-${statuses.indexOf(201)}`;
    await everywhere({ key: wanted.key, secret }, true);
  });
});

describe('nodes started at once on an empty server', () => {
  /** One record, and one credential in it. */
  async function areOne(started: readonly Server[], as: { key: string; secret: string }): Promise<void> {
    await settled(started);
    const records = await Promise.all(
      started.map(async (node) => {
        const { credentials } = (await (await node.fetch('/admin/credentials', { as })).json()) as Anything;
        expect(credentials.map(({ key }: Anything) => key)).toEqual([as.key]);
        const response = await node.fetch('/audit/events?atLeast=0', { as });
        expect(response.status).toBe(200);
        return response.text();
      }),
    );
    expect(records[0]!.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(records[0]!)).toMatchObject({ sequence: 0, type: 'record-opened.v1' });
    expect(new Set(records).size).toBe(1);
  }

  test('begin one record and add one first credential, the one of their settings', async () => {
    const fresh = nodes.elsewhere();
    onTestFinished(() => fresh.stop());
    const started = await Promise.all([fresh.start(), fresh.start(), fresh.start()]);
    await areOne(started, { key: KEY, secret: SECRET });
    for (const node of started) expect(node.errors()).toBe('');
  });

  test('make one first credential when their settings name none, and one of them shows it', async () => {
    const fresh = nodes.elsewhere();
    onTestFinished(() => fresh.stop());
    const under = ['env', '-u', 'PRAMAAN_API_KEY', '-u', 'PRAMAAN_API_SECRET'];
    const started = await Promise.all([0, 1, 2].map(() => fresh.start({ under })));
    const shown = await until(
      () => /key +(\S+)\n +secret +(\S+)\n/.exec(started.map((node) => node.errors()).join('')) ?? undefined,
      'the first credential to be shown',
    );
    await areOne(started, { key: shown![1]!, secret: shown![2]! });
    expect(started.filter((node) => node.errors() !== '')).toHaveLength(1);
  });
});

describe('reads', () => {
  test(
    'what was written at one node is found at another by who names its sequence',
    seeded(async (by) => {
      const round = async (): Promise<void> => {
        const [writer, reader] = [by.pick(running), by.pick(running)];
        const batch = Array.from({ length: by.whole(1, 5) }, () => statement(by));
        const posted = await persistently(() => postStatements(writer, batch));
        expect(posted.status).toBe(200);
        const atLeast = { 'x-pramaan-at-least': posted.headers.get('x-pramaan-sequence')! };
        const { id, context } = by.pick(batch);
        const one = await reader.fetch(query({ statementId: id }), { headers: atLeast });
        expect(one.status, await one.text()).toBe(200);
        const found = await reader.fetch(query({ registration: context.registration }), { headers: atLeast });
        expect(((await found.json()) as Anything).statements.map((each: Anything) => each.id)).toEqual([id]);

        const voiding = {
          actor: { mbox: 'mailto:clerk@learn.example.gov.in' },
          verb: { id: 'http://adlnet.gov/expapi/verbs/voided' },
          object: { objectType: 'StatementRef', id },
        };
        const voided = await persistently(() => postStatements(writer, voiding));
        const afterwards = { 'x-pramaan-at-least': voided.headers.get('x-pramaan-sequence')! };
        const gone = await reader.fetch(query({ statementId: id }), { headers: afterwards });
        expect(gone.status, await gone.text()).toBe(404);
      };
      await Promise.all(
        Array.from({ length: 4 }, async () => {
          for (let left = 25; left > 0; left--) await round();
        }),
      );
    }),
  );

  test(
    'pollers at one node miss nothing that is written at the others meanwhile, in whichever of the ways they go on',
    seeded(async (by) => {
      const fresh = nodes.elsewhere();
      onTestFinished(() => fresh.stop());
      const [asked, ...written] = (await fresh.startMany(NODES)) as [Server, ...Server[]];
      const reader = { server: asked, as: await credential(asked, 'a warehouse that polls', ['statements/read']) };
      // They ask before there is anything, so that they are promised what the first writers then must not break.
      await page(reader, query({ limit: '1' }));
      const writing = new Writing();
      const write = async (): Promise<void> => {
        let last = 0;
        await Promise.all(
          written.flatMap((node) =>
            [0, 1].map(async () => {
              for (let left = 60; left > 0; left--) {
                const batch = Array.from({ length: by.whole(1, 12) }, () => statement(by));
                const response = await persistently(() => postStatements(node, batch));
                expect(response.status, await response.text()).toBe(200);
                last = Math.max(last, Number(response.headers.get('x-pramaan-sequence')));
              }
            }),
          ),
        );
        writing.done = last;
      };
      const [, since, throughs, newestFirst, complete] = await Promise.all([
        write(),
        pollSince(reader, writing, by),
        pollConsistentThrough(reader, writing),
        pollConsistentThroughNewestFirst(reader, writing),
        pollAnswersAsComplete(reader, writing),
      ]);
      const record = (await events(written[0]!, `?atLeast=${writing.done}`))
        .filter(({ type }) => type === 'statement-recorded.v1')
        .map(({ data }) => data.id as string);
      expect(record).toHaveLength(writing.done!);
      const ids = (statements: readonly Anything[]) => statements.map(({ id }) => id);
      expect(ids(since)).toEqual(record);
      expect(ids(throughs)).toEqual(record);
      expect(ids(newestFirst)).toEqual(record);
      expect(ids(complete)).toEqual(record);
    }),
  );
});

describe('the simulated clock', () => {
  test(
    'moved at one node, it stands there for the next write at every other, and for a node that starts later',
    seeded(async (by) => {
      const simulated = nodes.elsewhere();
      onTestFinished(() => simulated.stop());
      const [one, other, ...rest] = await simulated.startMany(3, { arguments: ['--simulated-clock'] });
      const move = async (node: Server, to: string): Promise<number> =>
        (await node.fetch('/admin/clock', post({ to }))).status;
      const timeAt = async (node: Server): Promise<string> =>
        ((await (await node.fetch('/admin/clock')).json()) as Anything).now;
      const storedAt = async (node: Server): Promise<string> => {
        const sent = statement(by);
        const response = await postStatements(node, sent);
        expect(response.status, await response.text()).toBe(200);
        const atLeast = { 'x-pramaan-at-least': response.headers.get('x-pramaan-sequence')! };
        const found = await node.fetch(query({ statementId: sent.id }), { headers: atLeast });
        return ((await found.json()) as Anything).stored;
      };
      for (let day = 1; day <= 20; day++) {
        const to = `2031-04-${String(day).padStart(2, '0')}T06:00:00.000Z`;
        expect(await move(by.pick([one!, other!]), to)).toBe(200);
        const next = by.pick([one!, other!, ...rest]);
        expect(await storedAt(next)).toMatch(to.slice(0, 19));
        for (const node of [one!, other!, ...rest])
          await until(async () => (await timeAt(node)).startsWith(to.slice(0, 19)), `${to} at every node`);
        // Nobody takes it back, whichever node is asked.
        expect(await move(by.pick([one!, other!, ...rest]), '2031-03-31T06:00:00.000Z')).toBe(409);
      }
      const last = '2031-06-01T06:00:00';
      expect(await move(one!, `${last}.000Z`)).toBe(200);
      await settled([one!, other!]);
      // The move is the last event of the record, and every index has it.
      const later = await simulated.start();
      await simulated.kill(other!);
      const again = await simulated.start({ dataDir: other!.dataDir });
      for (const node of [later, again]) {
        expect(await timeAt(node)).toMatch(last);
      }
      expect(await storedAt(again)).toMatch(last);
    }),
  );
});
