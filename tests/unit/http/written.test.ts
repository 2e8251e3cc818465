// Long answers are written no faster than they are read, come whole in any script, and stop when nobody reads them any more.

import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Response } from 'express';
import { afterEach, expect, test } from 'vitest';
import { written } from '../../../src/http/written.ts';

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** A server that answers with pieces, as many as it is let; and the request that was sent to it. */
async function answering(piece: string, most: number) {
  const state = { count: 0, ended: Promise.resolve(false) };
  server = createServer((_request, response) => {
    state.ended = (async () => {
      for (; state.count < most; state.count++) if (!(await written(response as Response, piece))) return false;
      response.end();
      return true;
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return { state, answer };
}

test.each([
  ['Latin', 'a row,'],
  ['Devanagari', 'पंक्ति, '],
  ['Devanagari at length', 'पंक्ति '.repeat(3_000)],
  ['pictures', '😀'],
])(
  'in %s it comes whole',
  async (_, piece) => {
    const most = Math.ceil(2_000_000 / piece.length);
    const { answer, state } = await answering(piece, most);
    const read = await text(answer);
    expect(read.length).toBe(most * piece.length);
    expect(read.startsWith(piece) && read.endsWith(piece)).toBe(true);
    expect(await state.ended).toBe(true);
  },
  20_000,
);

test('nobody reads it to the end: it stops when they leave', async () => {
  const { state, answer } = await answering('पंक्ति '.repeat(10_000), 10_000);
  answer.destroy();
  expect(await state.ended).toBe(false);
  expect(state.count).toBeLessThan(10_000);
});
