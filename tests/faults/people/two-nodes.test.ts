// Two nodes on one EventStoreDB that load different files and take commands at the same time: each is recorded whole or not at all, none
// is decided on what another has changed meanwhile, and both nodes make the same of it.

import { afterAll, expect, test } from 'vitest';
import { type Anything, events } from '../../journeys/command.ts';
import { removeFolders, type Server } from '../../journeys/server.ts';
import { Nodes } from '../many-nodes/nodes.ts';
import { until } from '../until.ts';
import { caughtUp, digestKept, expectAsRebuilt, figures, type LoadLine, load, loaded, people, TREE } from './house.ts';

const PEOPLE = 3_500;
/** In the middle of each node's file, at the other node. */
const COMMANDS = 3;

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

/** Loads until the file is taken: who is overtaken again and again in the middle of it is told so, and loads again. */
async function loadPersistently(
  node: Server,
  department: string,
  count: number,
  told: (line: LoadLine) => void,
): Promise<LoadLine[]> {
  const outcomes: LoadLine[] = [];
  await until(async () => {
    const outcome = (await load(node, 'people', people(department, count), told))!;
    outcomes.push(outcome);
    if (outcome.step === 'refused') expect(outcome).toMatchObject({ status: 409, type: '/problems/overtaken' });
    return outcome.step === 'done';
  }, `${department} to be loaded`);
  return outcomes;
}

test('files and commands at two nodes at once', async () => {
  const nodes = await Nodes.onEmptyServer();
  try {
    const [one, other] = (await nodes.startMany(2)) as [Server, Server];
    await loaded(one, 'departments', TREE);
    await settledAt([one, other]);

    const commands: Promise<{ readonly id: string; readonly status: number }>[] = [];
    const between = (node: Server) => {
      let left = COMMANDS;
      return ({ step, events: recorded = 0 }: LoadLine): void => {
        // In the middle of the file that the other node records.
        if (step !== 'recording' || recorded === 0 || left-- <= 0) return;
        const id = `office-${commands.length}`;
        const body = { id, kind: 'office', parent: 'state', names: { en: id }, from: '2020-01-01' };
        commands.push(command(node, '/admin/departments', body).then((status) => ({ id, status })));
      };
    };
    const loads = (record: readonly Anything[], type: string): string[] =>
      record.filter((event) => event.type === type).map(({ data }) => data.load);
    const isGivenUp = (record: readonly Anything[]) => {
      const completed = loads(record, 'load-completed.v1');
      const givenUp = loads(record, 'load-begun.v1').filter((load) => !completed.includes(load));
      return record.some(({ metadata }) => givenUp.includes(metadata.load));
    };
    // Until one of them was given up in the middle, and left events behind. A later file holds the former one too.
    let rounds = 0;
    do {
      rounds++;
      await Promise.all([
        loadPersistently(one, 'health', rounds * PEOPLE, between(other)),
        loadPersistently(other, 'revenue', rounds * PEOPLE, between(one)),
      ]);
      await settledAt([one, other]);
    } while (!isGivenUp(await events(one)) && rounds < 6);
    const answers = await Promise.all(commands);
    await settledAt([one, other]);

    const record = await events(one);
    expect(isGivenUp(record), 'none was overtaken').toBe(true);
    // Beside that of the tree.
    expect(loads(record, 'load-completed.v1')).toHaveLength(1 + 2 * rounds);
    const opened = record.filter((event) => event.type === 'department-opened.v1').map(({ data }) => data.id);
    expect(new Set(opened).size).toBe(opened.length);
    for (const { id, status } of answers) {
      expect([200, 409, 503]).toContain(status);
      expect(opened.includes(id), `${id}: ${status}`).toBe(status === 200);
    }
    for (const node of [one, other]) {
      expect((await figures(node, 'health')).strength).toBe(rounds * PEOPLE);
      expect((await figures(node, 'revenue')).strength).toBe(rounds * PEOPLE);
      expect((await figures(node, 'state')).strength).toBe(2 * rounds * PEOPLE);
    }
    await nodes.stop();
    const digests = await Promise.all([one, other].map((node) => digestKept(node, nodes.settings)));
    expect(digests[0]).toBe(digests[1]);
    await expectAsRebuilt(one, nodes.settings);
  } finally {
    await nodes.close();
  }
});

/** Each node has seen all that any of them has. */
async function settledAt(nodes: readonly Server[]): Promise<void> {
  await until(async () => new Set(await Promise.all(nodes.map(caughtUp))).size === 1, 'the nodes to see the same');
}
