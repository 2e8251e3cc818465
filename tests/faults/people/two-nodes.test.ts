// Two nodes on one EventStoreDB that load different files and take commands at the same time: each is recorded whole or not at all, none
// is decided on what another has changed meanwhile, and both nodes make the same of it.

import { afterAll, expect, test } from 'vitest';
import { type Anything, events } from '../../journeys/command.ts';
import { removeFolders, type Server } from '../../journeys/server.ts';
import { Nodes } from '../many-nodes/nodes.ts';
import { until } from '../until.ts';
import { caughtUp, digestKept, figures, load, loaded, people, TREE } from './house.ts';

const PEOPLE = 3_000;
const COMMANDS = 20;

afterAll(removeFolders);

async function command(node: Server, path: string, body: object): Promise<number> {
  const response = await node.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  await response.arrayBuffer();
  return response.status;
}

test('files and commands at two nodes at once', async () => {
  const nodes = await Nodes.onEmptyServer();
  try {
    const [one, other] = (await nodes.startMany(2)) as [Server, Server];
    await loaded(one, 'departments', TREE);
    await settledAt([one, other]);

    const files = [
      { node: one, department: 'health' },
      { node: other, department: 'revenue' },
    ];
    const opened = new Map<string, number>();
    const loading = Promise.all(
      files.map(async ({ node, department }) => ({
        department,
        done: await load(node, 'people', people(department, PEOPLE)),
      })),
    );
    const commanding = Promise.all(
      [one, other].map(async (node, place) => {
        for (let number = 0; number < COMMANDS; number++) {
          // Both nodes are told to open the same departments: one of them does.
          const id = `office-${number}`;
          const body = { id, kind: 'office', parent: 'state', names: { en: `Office ${number}` }, from: '2020-01-01' };
          const status = await command(node, '/admin/departments', body);
          opened.set(`${id} at ${place}`, status);
        }
      }),
    );
    const [outcomes] = await Promise.all([loading, commanding]);
    await settledAt([one, other]);

    const record = await events(one);
    const completed = record.filter(({ type }) => type === 'load-completed.v1').map(({ data }) => data.load);
    for (const { department, done } of outcomes) {
      const isWhole = done?.step === 'done' && (done.events as number) > 0;
      if (isWhole) expect(completed).toContain(done!.load);
      for (const node of [one, other]) {
        expect((await figures(node, department)).strength).toBe(isWhole ? PEOPLE : 0);
      }
    }
    // No department twice, whatever each node said of it.
    const ids = record
      .filter(({ type, metadata }) => type === 'department-opened.v1' && !metadata.load)
      .map(({ data }) => data.id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of new Set(ids)) expect([opened.get(`${id} at 0`), opened.get(`${id} at 1`)]).toContain(200);

    // Whoever was overtaken too often loads again.
    for (const { node, department } of files) {
      await until(async () => (await load(node, 'people', people(department, PEOPLE)))?.step === 'done', department);
    }
    await settledAt([one, other]);
    expect((await figures(one, 'state')).strength).toBe(2 * PEOPLE);
    expect((await figures(other, 'state')) as Anything).toEqual(await figures(one, 'state'));
    await nodes.stop();
    const digests = await Promise.all([one, other].map((node) => digestKept(node, nodes.settings)));
    expect(digests[0]).toBe(digests[1]);
  } finally {
    await nodes.close();
  }
});

/** Each node has seen all that any of them has. */
async function settledAt(nodes: readonly Server[]): Promise<void> {
  await until(async () => new Set(await Promise.all(nodes.map(caughtUp))).size === 1, 'the nodes to see the same');
}
