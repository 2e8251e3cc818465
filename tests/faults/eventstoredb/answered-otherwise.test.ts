// Somebody else answers at the server's address for a while: a proxy whose server is away, or a server whose rights or passwords
// are being changed. The node says what it is answered, and goes on by itself when it is the server again.

import { once } from 'node:events';
import { createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { afterAll, describe, expect, test } from 'vitest';
import { startDouble } from '../../eventstoredb-double/index.ts';
import { seeded, statement } from '../../journeys/seeded.ts';
import { newFolder, postStatements } from '../../journeys/server.ts';
import { until } from '../until.ts';
import { healthOf, settled } from './guarantees.ts';
import { endEverything, nodeOn, startedHere } from './nodes.ts';
import { statementsAreRead } from './promises.ts';

/** It tries again every second at most. */
const SOON_MS = 10_000;

afterAll(endEverything);

/** Answers every call with this status of HTTP, without a word of gRPC. */
async function answering(status: number, port: number): Promise<{ kill(): Promise<void> }> {
  const sessions = new Set<ServerHttp2Session>();
  const server = createServer();
  server.on('session', (session) => sessions.add(session));
  server.on('sessionError', () => undefined);
  server.on('stream', (stream: ServerHttp2Stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': status });
    stream.end();
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    async kill() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const session of sessions) session.destroy();
      await closed;
    },
  };
}

describe.each([
  [404, /is no EventStoreDB/],
  [401, /password/],
  [403, /denies access/],
])('an address that answers HTTP %i for a while', (status, words) => {
  test(
    'is not the server; when the server is back, the node is ready and writes',
    seeded(async (by) => {
      const double = await startDouble({ dataDir: newFolder() });
      startedHere(double);
      const server = await nodeOn(double);
      expect((await postStatements(server, [statement(by)])).status).toBe(200);
      await settled(server);
      await double.kill();
      const other = await answering(status, double.port);
      startedHere(other);

      const health = await until(async () => {
        const now = await healthOf(server);
        return words.test(now.log.detail ?? '') && now;
      }, 'a node that says what it is answered');
      expect(health.status).toBe('not-ready');
      const refused = await postStatements(server, [statement(by)]);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      await statementsAreRead(server);

      await other.kill();
      await double.restart();
      await until(async () => (await healthOf(server)).status === 'ready', 'a node that is ready again', SOON_MS);
      expect((await postStatements(server, [statement(by)])).status).toBe(200);
      await settled(server);
      expect(await server.stop()).toBe(0);
    }),
  );
});
