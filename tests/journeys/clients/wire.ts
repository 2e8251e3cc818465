// The wire between a client library and the store: passes every request on as it came and keeps what was said, so that a test
// can compare what the client really sent with what the store returns.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { expect } from 'vitest';
import type { Server } from '../server.ts';

// biome-ignore lint/suspicious/noExplicitAny: statements and documents of any shape
export type Anything = any;

export interface Said {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly status: number;
  readonly answerHeaders: IncomingHttpHeaders;
  readonly answer: Buffer;
}

export interface Wire {
  /** Where a client finds xAPI: `http://127.0.0.1:…/xapi`. */
  readonly endpoint: string;
  readonly said: readonly Said[];
  close(): void;
}

export async function wireTo(server: Server): Promise<Wire> {
  const said: Said[] = [];
  const proxy = createServer(async (incoming, outgoing) => {
    const body = await buffer(incoming);
    const url = new URL(incoming.url!, server.url);
    const { method, headers } = incoming;
    const passedOn = send(url, { method: method!, headers }).end(body);
    const [answer] = (await once(passedOn, 'response')) as [import('node:http').IncomingMessage];
    const content = await buffer(answer);
    said.push({
      method: method!,
      url,
      headers,
      body,
      status: answer.statusCode!,
      answerHeaders: answer.headers,
      answer: content,
    });
    outgoing.writeHead(answer.statusCode!, answer.rawHeaders).end(content);
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  const { port } = proxy.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/xapi`,
    said,
    close() {
      proxy.close();
      proxy.closeAllConnections();
    },
  };
}

/** The statements of every write, with the ids under which the store acknowledged them. */
export function acknowledged(said: readonly Said[]): { readonly id: string; readonly sent: Anything }[] {
  return said
    .filter(({ method, url }) => url.pathname === '/xapi/statements' && ['POST', 'PUT'].includes(method))
    .flatMap(({ method, url, headers, body, status, answer }) => {
      expect(status, answer.toString()).toBe(method === 'PUT' ? 204 : 200);
      const content = JSON.parse(firstPart(headers['content-type']!, body));
      if (method === 'PUT') return [{ id: url.searchParams.get('statementId')!, sent: content }];
      const statements = [content].flat();
      const ids = JSON.parse(answer.toString());
      expect(ids).toHaveLength(statements.length);
      return statements.map((sent, index) => ({ id: ids[index], sent }));
    });
}

/** The JSON of a request: all of it, or the first part of multipart/mixed. */
function firstPart(type: string, body: Buffer): string {
  const text = body.toString();
  if (!type.startsWith('multipart/mixed')) return text;
  const boundary = `--${/boundary="?([^";]+)/.exec(type)![1]}`;
  return text.split(boundary)[1]!.split('\r\n\r\n').slice(1).join('\r\n\r\n').trim();
}

/** Members that the store assigns where the client sent none (xAPI 1.0.3 Data 2.4); `stored` and `authority` are always its own. */
const ASSIGNED = ['id', 'timestamp', 'version', 'stored', 'authority'] as const;

/** What is returned is what was sent, as JSON values, and the members that the store assigns. */
export function expectKept(returned: Anything, sent: Anything): void {
  const { stored, authority, ...rest } = returned;
  expect(stored).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  expect(authority).toMatchObject({ objectType: 'Agent' });
  const { stored: _stored, authority: _authority, ...asSent } = sent;
  for (const member of ASSIGNED) if (!(member in asSent)) delete rest[member];
  expect(rest).toStrictEqual(withLists(asSent));
}

/** A single activity among the context's comes back as a list of one (xAPI 1.0.3 Data 2.4.6.2). */
function withLists(sent: Anything): Anything {
  if (!sent.context?.contextActivities) return sent;
  const lists = Object.entries(sent.context.contextActivities).map(([relation, one]) => [relation, [one].flat()]);
  return { ...sent, context: { ...sent.context, contextActivities: Object.fromEntries(lists) } };
}

/** Each acknowledged statement is asked for by its id and compared; returns how many there were. */
export async function expectAllKept(server: Server, said: readonly Said[], version = '1.0.3'): Promise<number> {
  const all = acknowledged(said);
  const voided = new Set(all.flatMap(({ sent }) => (sent.verb.id.endsWith('/voided') ? [sent.object.id] : [])));
  for (const { id, sent } of all) {
    const parameter = voided.has(id) ? 'voidedStatementId' : 'statementId';
    const answer = await server.fetch(`/xapi/statements?${parameter}=${id}`, {
      headers: { 'x-experience-api-version': version },
    });
    expect(answer.status, id).toBe(200);
    expectKept(await answer.json(), sent);
  }
  return all.length;
}
