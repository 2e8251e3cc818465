// Clients that take their time: who reads a large answer slowly holds neither a read transaction nor much memory, and a thousand
// who say nothing are no burden.

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { indexFile, readGenerations } from '../../src/read-models/statement-index/index.ts';
import { seeded, statement } from '../journeys/seeded.ts';
import { basic, KEY, postStatements, removeFolders, SECRET, type Server, startServer } from '../journeys/server.ts';
import { until } from './until.ts';

let server: Server;
beforeAll(
  seeded(async (by) => {
    server = await startServer();
    for (let batch = 0; batch < 30; batch++) {
      const notes = { 'https://learn.example.gov.in/notes': 'पाठ्यक्रम '.repeat(150) };
      const statements = Array.from({ length: 200 }, () => statement(by, { result: { extensions: notes } }));
      const response = await postStatements(server, statements);
      expect(response.status).toBe(200);
    }
  }),
);
afterAll(async () => {
  await server.stop();
  removeFolders();
});

async function silent(): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function mebibytesResident(): number {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)![1]) / 1024;
}

/** SQLite starts its write-ahead log anew only when nobody reads from it any more. */
function nobodyReads(file: string): boolean {
  const database = new DatabaseSync(file);
  try {
    return database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()!.busy === 0;
  } finally {
    database.close();
  }
}

describe.skipIf(process.platform !== 'linux')(
  'forty clients that take one byte of a large answer, and then another',
  () => {
    test.each([
      ['a page of statements', '/xapi/statements?limit=500'],
      ['the whole record', '/audit/events'],
    ])('%s: no read transaction is held, memory stays bounded, others go on', (_, path) =>
      seeded(async (by) => {
        // Once before it counts: what every thread needs to do this at all is no burden of the slow ones.
        for (let i = 0; i < 4; i++) await (await server.fetch(path)).arrayBuffer();
        const before = mebibytesResident();
        const readers = await Promise.all(Array.from({ length: 40 }, silent));
        const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: ${basic(KEY, SECRET)}\r\nX-Experience-API-Version: 2.0.0\r\n\r\n`;
        for (const reader of readers) {
          reader.pause();
          reader.write(request);
        }
        // Each has an answer before it, and takes one byte of it.
        for (const reader of readers) {
          if (reader.readableLength === 0) await once(reader, 'readable');
          expect(reader.read(1)).toHaveLength(1);
        }
        const { live } = readGenerations(server.dataDir);
        for (const file of [join(server.dataDir, 'log.sqlite'), indexFile(server.dataDir, live!)]) {
          await until(() => nobodyReads(file), `nobody reading ${file}`, 5_000);
        }
        for (let i = 0; i < 20; i++) {
          expect((await postStatements(server, [statement(by)])).status).toBe(200);
          expect((await server.fetch('/xapi/statements?limit=1')).status).toBe(200);
          for (const reader of readers) reader.read(1);
        }
        const grown = mebibytesResident() - before;
        console.log(JSON.stringify({ path, mebibytesGrown: Math.round(grown) }));
        // The whole record forty times over would be more than twice as much.
        expect(grown).toBeLessThan(640);
      })(),
    );
  },
);

test('a thousand connections that say nothing: others are answered, and a stop does not wait for them', async () => {
  const idle = await Promise.all(Array.from({ length: 1_000 }, silent));
  for (let i = 0; i < 20; i++) expect((await server.fetch('/xapi/statements?limit=1')).status).toBe(200);
  const before = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - before).toBeLessThan(15_000);
  expect(idle.length).toBe(1_000);
});
