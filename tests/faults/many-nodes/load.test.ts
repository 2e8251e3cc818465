// Four nodes on one log, all of them written to at once: what one node promises, they promise together. One that comes late and
// one that was away have the same record and the same index in the end, and let nothing in that the others have.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { digestOfModel } from '../../../src/projector/index.ts';
import type { Anything } from '../../journeys/command.ts';
import { type Chance, seeded, statement } from '../../journeys/seeded.ts';
import { postStatements, type Server } from '../../journeys/server.ts';
import { checkedRecord, Nodes, persistently, settled } from './nodes.ts';

const NODES = 4;
const WRITERS_A_NODE = 4;
const REQUESTS = 480;
/** On a machine of its own no request waits over 3 s; otherwise it shares one with whatever else is tested. */
const LONGEST_WAIT_MS = process.env.TEST_QUIET === '1' ? 3_000 : 15_000;

let nodes: Nodes;
let running: Server[];
beforeAll(async () => {
  nodes = await Nodes.onEmptyServer();
  running = await nodes.startMany(NODES);
});
afterAll(() => nodes.close());

interface Sent {
  readonly statements: readonly Anything[];
  /** X-Pramaan-Sequence of each acknowledgement. */
  readonly sequences: number[];
}

/** What was sent to any node, and how it was answered. */
class Writing {
  readonly #by: Chance;
  readonly #after: number;
  readonly sent: Sent[] = [];
  longestMs = 0;
  /** Answers 503: repeated. */
  putOff = 0;
  #statements = 0;

  /** @param after where the record ended before */
  constructor(by: Chance, after: number) {
    this.#by = by;
    this.#after = after;
  }

  get statements(): number {
    return this.#statements;
  }

  /** A single statement, a batch, now and then a large one, now and then one again that was sent to another node before. */
  async one(node: Server): Promise<void> {
    const again = this.sent.length > 0 && this.#by.happens(0.05);
    await this.send(node, again ? this.#by.pick(this.sent) : this.add());
  }

  async send(node: Server, sent: Sent): Promise<void> {
    const { statements, sequences } = sent;
    const response = await persistently(async () => {
      const begun = performance.now();
      const answer = await postStatements(node, statements.length === 1 ? statements[0] : statements);
      this.longestMs = Math.max(this.longestMs, performance.now() - begun);
      if (answer.status === 503) this.putOff += 1;
      return answer;
    });
    const body = await response.text();
    if (response.status !== 200) expect.fail(`${response.status}: ${body}`);
    expect(JSON.parse(body)).toEqual(statements.map(({ id }) => id));
    sequences.push(Number(response.headers.get('x-pramaan-sequence')));
  }

  /** So many writers a node, until they have sent so many requests together. */
  async to(written: readonly Server[], requests: number): Promise<void> {
    let left = requests;
    await Promise.all(
      written.flatMap((node) =>
        Array.from({ length: WRITERS_A_NODE }, async () => {
          while (left-- > 0) await this.one(node);
        }),
      ),
    );
  }

  /** Everything that was acknowledged is in the record, once and where it was said to be, and nothing else was added. */
  async check(read: readonly Server[]): Promise<void> {
    const found = await checkedRecord(read, await settled(read));
    for (const { statements, sequences } of this.sent) {
      const at = statements.map(({ id }) => found.get(id)?.sequence);
      if (at.includes(undefined)) expect.fail('an acknowledged statement is not in the record');
      const last = at.at(-1)!;
      // Whole, and side by side: nothing of anybody else in between.
      expect(at).toEqual(statements.map((_, place) => last - statements.length + 1 + place));
      for (const sequence of sequences) expect(sequence).toBe(last);
    }
    const added = [...found.values()].filter(({ sequence }) => sequence > this.#after);
    expect(added).toHaveLength(this.#statements);
  }

  add(): Sent {
    const size = this.#by.happens(0.5) ? 1 : this.#by.happens(0.1) ? this.#by.whole(100, 300) : this.#by.whole(2, 40);
    const sent = { statements: Array.from({ length: size }, () => statement(this.#by)), sequences: [] };
    this.sent.push(sent);
    this.#statements += size;
    return sent;
  }
}

describe('four nodes under load', () => {
  test(
    'nothing acknowledged is lost, doubled or torn, and each node has the same record',
    seeded(async (by) => {
      const writing = new Writing(by, await settled(running));
      const begun = performance.now();
      await writing.to(running, REQUESTS);
      const seconds = (performance.now() - begun) / 1_000;
      await writing.check(running);
      const waits = { requests: REQUESTS, longestMs: Math.round(writing.longestMs), putOff: writing.putOff };
      console.log(
        JSON.stringify({ nodes: NODES, ...waits, statementsPerSecond: Math.round(writing.statements / seconds) }),
      );
      expect(writing.longestMs).toBeLessThan(LONGEST_WAIT_MS);
      // Otherwise it is not busy but stuck.
      expect(writing.putOff).toBeLessThan(REQUESTS / 4);
    }),
  );
});

describe('with the others under load', () => {
  test(
    'a node that joins late catches up; one that was away knows what the others recorded meanwhile; all read models are equal',
    seeded(async (by) => {
      const writing = new Writing(by, await settled(running));
      const [away, ...rest] = running as [Server, ...Server[]];
      // Killed in the middle of its writers' requests: those that got no answer are sent again, to others.
      const unanswered: Sent[] = [];
      let gone = false;
      const own = Array.from({ length: WRITERS_A_NODE }, async () => {
        for (;;) {
          const sent = writing.add();
          try {
            await writing.send(away, sent);
          } catch (error) {
            if (!gone) throw error;
            unanswered.push(sent);
            return;
          }
        }
      });
      await writing.to(rest, REQUESTS / 4);
      gone = true;
      await nodes.kill(away);
      await Promise.all(own);
      for (const sent of unanswered) await writing.send(by.pick(rest), sent);

      const before = writing.sent.length;
      const late = nodes.start();
      await writing.to(rest, REQUESTS / 2);
      const meanwhile = writing.sent.slice(before);
      // At once, before its index has any of it: ids of the others, with other content and with the same.
      const back = await nodes.start({ dataDir: away.dataDir });
      const joined = await late;
      const everybody = [...rest, joined, back];
      const recorded = new Set(meanwhile.slice(-60));
      await Promise.all([
        writing.to(everybody, REQUESTS / 4),
        ...[...recorded].flatMap(({ statements }) =>
          [back, joined].map(async (node) => {
            const forged = [statement(by), { ...by.pick(statements), result: { response: 'something else' } }];
            const response = await persistently(() => postStatements(node, forged));
            expect(response.status, await response.text()).toBe(409);
          }),
        ),
        ...[...recorded].map((sent) => writing.send(back, sent)),
      ]);
      await writing.check(everybody);
      await nodes.stop();
      for (const model of ['statement-index', 'people'] as const) {
        const digests = everybody.map(({ dataDir }) => digestOfModel(model, dataDir));
        expect(new Set(digests).size).toBe(1);
      }
    }),
  );
});
