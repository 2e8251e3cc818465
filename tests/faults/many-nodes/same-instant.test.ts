// Clients of several nodes that do the same thing at the same instant: one of them wins, whichever node it asked, and the others
// are told so.

import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Anything } from '../../journeys/command.ts';
import { asSent, type Chance, seeded, statement, uuid } from '../../journeys/seeded.ts';
import { postStatements, type Server } from '../../journeys/server.ts';
import { checkedRecord, Nodes, persistently, settled } from './nodes.ts';

const NODES = 4;
/** Rounds under way at once, so that nodes are overtaken by others than those they race with. */
const LANES = 4;

let nodes: Nodes;
let running: Server[];
beforeAll(async () => {
  nodes = await Nodes.onEmptyServer();
  running = await nodes.startMany(NODES);
});
afterAll(() => nodes.close());

const JSON_TYPE = { 'content-type': 'application/json' };

async function rounds(count: number, round: (number: number) => Promise<void>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      while (next < count) await round(next++);
    }),
  );
}

interface Side {
  readonly statements: readonly Anything[];
  send(node: Server): Promise<Response>;
}

/** One client's request with a statement in it: a PUT, a POST of one, or a batch with others around it. */
function side(by: Chance, own: Anything): Side {
  if (by.happens(0.3)) {
    const put = { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(own) };
    return { statements: [own], send: (node) => node.fetch(`/xapi/statements?statementId=${own.id}`, put) };
  }
  if (by.happens(0.4)) return { statements: [own], send: (node) => postStatements(node, own) };
  const statements = Array.from({ length: by.whole(0, 10) }, () => statement(by));
  statements.splice(by.whole(0, statements.length), 0, own);
  return { statements, send: (node) => postStatements(node, statements) };
}

const succeeded = ({ status }: Response): boolean => status === 200 || status === 204;

describe('one id at several nodes at once', () => {
  test(
    'with different content: one wins and the others get 409 and store nothing, in each of 300 rounds',
    seeded(async (by) => {
      const won: Side[] = [];
      const lost: Side[] = [];
      const ids = new Set<string>();
      await rounds(300, async (round) => {
        const id = uuid(by);
        ids.add(id);
        const sides = running.slice(0, by.whole(2, NODES)).map(() => side(by, statement(by, { id })));
        const first = by.whole(0, NODES - 1);
        const answers = await Promise.all(
          sides.map((each, place) => persistently(() => each.send(running[(first + place) % NODES]!))),
        );
        const statuses = answers.map(({ status }) => status);
        expect(answers.filter(succeeded), `round ${round}: ${statuses}`).toHaveLength(1);
        for (const [place, answer] of answers.entries()) {
          (succeeded(answer) ? won : lost).push(sides[place]!);
          if (succeeded(answer)) continue;
          expect(answer.status, `round ${round}: ${statuses}`).toBe(409);
          expect(await answer.json()).toMatchObject({ type: '/problems/conflict' });
        }
      });
      const found = await checkedRecord(running, await settled(running));
      for (const each of won.flatMap(({ statements }) => statements)) {
        expect(asSent(found.get(each.id)?.statement)).toEqual(each);
      }
      for (const { id } of lost.flatMap(({ statements }) => statements))
        if (!ids.has(id)) expect(found.has(id)).toBe(false);
    }),
  );

  test(
    'with the same content: all succeed and name the same sequence, and it is stored once',
    seeded(async (by) => {
      const expected = new Map<string, number>();
      await rounds(150, async () => {
        const one = statement(by);
        const put = { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(one) };
        const answers = await Promise.all(
          running.map((node, place) =>
            persistently(() =>
              place % 2 === 0 ? node.fetch(`/xapi/statements?statementId=${one.id}`, put) : postStatements(node, one),
            ),
          ),
        );
        expect(answers.map(({ status }) => status)).toEqual([204, 200, 204, 200]);
        const sequences = new Set(answers.map(({ headers }) => Number(headers.get('x-pramaan-sequence'))));
        expect(sequences.size).toBe(1);
        expected.set(one.id, [...sequences][0]!);
      });
      const found = await checkedRecord(running, await settled(running));
      for (const [id, sequence] of expected) expect(found.get(id)?.sequence).toBe(sequence);
    }),
  );

  test(
    'a void of a voiding statement gets in only before it',
    seeded(async (by) => {
      const voiding = (id: string): Anything => ({
        id: uuid(by),
        actor: { mbox: 'mailto:clerk@learn.example.gov.in' },
        verb: { id: 'http://adlnet.gov/expapi/verbs/voided' },
        object: { objectType: 'StatementRef', id },
      });
      const pairs: (readonly [Anything, Anything, boolean])[] = [];
      await rounds(150, async () => {
        const first = voiding(uuid(by));
        const second = voiding(first.id);
        const [one, other] = by.happens(0.5) ? [0, 1] : [by.whole(0, 1), by.whole(2, 3)];
        const posted = persistently(() => postStatements(running[one]!, first));
        // Sometimes it is acknowledged already, by another node than is asked now.
        const known = by.happens(0.3);
        if (known) await posted;
        const answers = await Promise.all([posted, persistently(() => postStatements(running[other]!, second))]);
        expect(answers[0].status).toBe(200);
        expect(known ? [400] : [200, 400], await answers[1].clone().text()).toContain(answers[1].status);
        if (!succeeded(answers[1])) expect(await answers[1].json()).toMatchObject({ type: '/problems/voids-a-void' });
        pairs.push([first, second, succeeded(answers[1])]);
      });
      const found = await checkedRecord(running, await settled(running));
      for (const [first, second, accepted] of pairs) {
        if (!accepted) expect(found.has(second.id)).toBe(false);
        else expect(found.get(second.id)!.sequence).toBeLessThan(found.get(first.id)!.sequence);
      }
    }),
  );
});

describe('one attachment at several nodes at once', () => {
  test(
    'comes with a statement to each, and every node gives it back',
    seeded(async (by) => {
      for (let round = 0; round < 5; round++) {
        // From one chunk of the log to four.
        const attachment = Buffer.from(uuid(by).repeat(by.whole(1, 50_000)));
        const sha2 = createHash('sha256').update(attachment).digest('hex');
        const usage = {
          usageType: 'https://learn.example.gov.in/attachments/certificate',
          display: { en: 'Certificate' },
        };
        const described = { ...usage, contentType: 'application/octet-stream', length: attachment.byteLength, sha2 };
        const sent = running.map(() => statement(by, { attachments: [described] }));
        const answers = await Promise.all(
          running.map((node, place) => persistently(() => postWith(node, sent[place]!, attachment, sha2))),
        );
        expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
        const last = Math.max(...answers.map(({ headers }) => Number(headers.get('x-pramaan-sequence'))));
        for (const node of running) {
          const { id } = by.pick(sent);
          const found = await node.fetch(`/xapi/statements?attachments=true&statementId=${id}`, {
            headers: { 'x-pramaan-at-least': String(last) },
          });
          expect(found.status).toBe(200);
          expect(Buffer.from(await found.arrayBuffer()).includes(attachment)).toBe(true);
        }
      }
    }),
  );

  function postWith(node: Server, of: Anything, attachment: Buffer, sha2: string): Promise<Response> {
    const head =
      `--parts\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(of)}\r\n` +
      '--parts\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\n' +
      `X-Experience-API-Hash: ${sha2}\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), attachment, Buffer.from('\r\n--parts--\r\n')]);
    const headers = { 'content-type': 'multipart/mixed; boundary=parts' };
    return node.fetch('/xapi/statements', { method: 'POST', headers, body });
  }
});

describe('one document at several nodes at once', () => {
  const path = (id: string, resource: string) =>
    `/xapi/${resource}?${new URLSearchParams({
      activityId: 'https://learn.example.gov.in/courses/many-nodes',
      [resource.endsWith('profile') ? 'profileId' : 'stateId']: id,
      ...(resource.endsWith('state') ? { agent: '{"mbox":"mailto:many@learn.example.gov.in"}' } : {}),
    })}`;

  /** What each node answers: content and etag, or 404. */
  async function everywhere(at: string): Promise<{ status: number; etag: string | null; content: string }> {
    const answers = await Promise.all(
      running.map(async (node) => {
        const response = await node.fetch(at);
        const content = await response.text();
        const { status } = response;
        return { status, etag: response.headers.get('etag'), content: status === 404 ? '' : content };
      }),
    );
    for (const answer of answers) expect(answer).toEqual(answers[0]);
    return answers[0]!;
  }

  for (const resource of ['activities/profile', 'activities/state']) {
    test(
      `${resource}: of a PUT, a merge and a DELETE with the same ETag exactly one wins, and every node answers so at once`,
      seeded(async (by) => {
        const at = path('contended', resource);
        let now = await everywhere(at);
        for (let round = 0; round < 40; round++) {
          const there = now.status === 200;
          const requests = running.map((_, place) => {
            // Small ones travel in the manifest of their scope, large ones in a stream of their own.
            const body = JSON.stringify({ round, [`by-${place}`]: 'x'.repeat(by.happens(0.2) ? 20_000 : 10) });
            const headers = { ...JSON_TYPE, ...(there ? { 'if-match': now.etag! } : { 'if-none-match': '*' }) };
            const method = there ? by.pick(['PUT', 'POST', 'DELETE']) : by.pick(['PUT', 'POST']);
            return method === 'DELETE' ? { method, headers } : { method, headers, body };
          });
          const answers = await Promise.all(requests.map((request, place) => running[place]!.fetch(at, request)));
          const statuses = answers.map(({ status }) => status);
          expect(statuses.toSorted(), `round ${round}`).toEqual([204, 412, 412, 412]);
          const winner = statuses.indexOf(204);
          const { method, body } = requests[winner]!;
          const before = there ? JSON.parse(now.content) : {};
          now = await everywhere(at);
          expect(now.status).toBe(method === 'DELETE' ? 404 : 200);
          if (body === undefined) continue;
          const wanted = method === 'POST' ? { ...before, ...JSON.parse(body) } : JSON.parse(body);
          expect(JSON.parse(now.content)).toEqual(wanted);
          expect(now.etag).toBe(answers[winner]!.headers.get('etag'));
        }
      }),
    );

    test(`${resource}: 40 concurrent merges with different keys all survive`, async () => {
      for (let round = 0; round < 3; round++) {
        const at = path(`merged-${round}`, resource);
        const answers = await Promise.all(
          Array.from({ length: 40 }, (_, key) =>
            running[key % NODES]!.fetch(at, {
              method: 'POST',
              headers: JSON_TYPE,
              body: JSON.stringify({ [`key-${key}`]: key }),
            }),
          ),
        );
        expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([204]));
        expect(JSON.parse((await everywhere(at)).content)).toEqual(
          Object.fromEntries(Array.from({ length: 40 }, (_, key) => [`key-${key}`, key])),
        );
      }
    });
  }

  test(
    'a PUT is what every other node answers next',
    seeded(async (by) => {
      for (let round = 0; round < 100; round++) {
        const at = path('bookmark', 'activities/state');
        const writer = by.pick(running);
        const content = JSON.stringify({ round });
        const headers = { ...JSON_TYPE, 'x-experience-api-version': '1.0.3' };
        expect((await writer.fetch(at, { method: 'PUT', headers, body: content })).status).toBe(204);
        expect((await everywhere(at)).content).toBe(content);
      }
    }),
  );
});
