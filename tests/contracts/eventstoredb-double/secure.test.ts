// TLS, users and rights, as a secured server has them. TEST_EVENTSTOREDB_SECURE_URL names a real one (users admin and ops,
// the password of both in the address); otherwise it is the double.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AccessDeniedError, EventStoreDBClient } from '@eventstore/db-client';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Double, startDouble } from '../../eventstoredb-double/index.ts';
import { newStream, numbered, numbersOf, refusalOf, Watched } from './client.ts';

const PASSWORD = 'changeit';
let double: Double | undefined;
let folder: string;
let certificate: { readonly cert: string; readonly key: string; readonly file: string };
/** With the name and password of a user, or without. */
let urlFor: (credentials: string) => string;
const clients: EventStoreDBClient[] = [];

function clientOf(url: string): EventStoreDBClient {
  const client = EventStoreDBClient.connectionString(url);
  clients.push(client);
  return client;
}

let admin: EventStoreDBClient;
let ops: EventStoreDBClient;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pramaan-double-tls-'));
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] }],
  });
  const file = join(folder, 'ca.pem');
  writeFileSync(file, cert);
  certificate = { cert, key, file };
  const real = process.env.TEST_EVENTSTOREDB_SECURE_URL;
  if (real) {
    urlFor = (credentials) => real.replace(/^esdb:\/\/([^@]*@)?/, `esdb://${credentials}`);
  } else {
    double = await startDouble({ tls: { cert, key }, users: { admin: PASSWORD, ops: PASSWORD } });
    const { port } = double;
    urlFor = (credentials) => `esdb://${credentials}localhost:${port}?tls=true&tlsCAFile=${file}`;
  }
  admin = clientOf(urlFor(`admin:${PASSWORD}@`));
  ops = clientOf(urlFor(`ops:${PASSWORD}@`));
});
afterAll(async () => {
  for (const client of clients) await client.dispose();
  await double?.stop();
  rmSync(folder, { recursive: true });
});

const denied = async (promise: Promise<unknown>): Promise<number | undefined> => {
  const error = await refusalOf<AccessDeniedError>(promise);
  expect(error).toBeInstanceOf(AccessDeniedError);
  return error.code;
};

test('a user appends, reads and subscribes over TLS', async () => {
  const stream = newStream();
  await ops.appendToStream(stream, numbered(3), { expectedRevision: 'no_stream' });
  expect(await numbersOf(admin, stream)).toEqual([0, 1, 2]);
  const watched = await new Watched(ops, stream).untilTold('caughtUp');
  await watched.stop();
});

test('a wrong password or an unknown user is refused with code 16, whatever the call', async () => {
  for (const credentials of ['admin:nonsense@', `nobody:${PASSWORD}@`]) {
    const client = clientOf(urlFor(credentials));
    expect(await denied(client.appendToStream(newStream(), numbered(1)))).toBe(16);
    expect(await denied(numbersOf(client, newStream()))).toBe(16);
    expect(await denied(client.deleteStream(newStream()))).toBe(16);
    const watched = await new Watched(client, newStream()).untilFailed();
    expect([watched.error!.type, watched.error!.code]).toEqual(['access-denied', 16]);
  }
  const wrong = { username: 'ops', password: 'nonsense' };
  expect(await denied(admin.appendToStream(newStream(), numbered(1), { credentials: wrong }))).toBe(16);
});

test('without credentials nothing is allowed: an append is refused without a code, the rest with 7', async () => {
  const nobody = clientOf(urlFor(''));
  expect(await denied(nobody.appendToStream(newStream(), numbered(1)))).toBeUndefined();
  expect(await denied(numbersOf(nobody, newStream()))).toBe(7);
  expect(await denied(nobody.tombstoneStream(newStream()))).toBe(7);
});

describe('rights', () => {
  test('are those of $acl in the metadata of the stream; an administrator has them all', async () => {
    const stream = newStream();
    await admin.setStreamMetadata(stream, { acl: { readRoles: ['ops'], writeRoles: ['somebody'], deleteRoles: [] } });
    expect(await denied(ops.appendToStream(stream, numbered(1)))).toBeUndefined();
    const credentials = { username: 'ops', password: PASSWORD };
    expect(await denied(admin.appendToStream(stream, numbered(1), { credentials }))).toBe(7);
    expect(await denied(ops.deleteStream(stream))).toBe(7);
    await admin.appendToStream(stream, numbered(1));
    expect(await numbersOf(ops, stream)).toEqual([0]);
    await admin.setStreamMetadata(stream, {
      acl: { readRoles: ['$admins'], writeRoles: ['$all'], metaReadRoles: ['admin'] },
    });
    await ops.appendToStream(stream, numbered(1, 1));
    expect(await denied(numbersOf(ops, stream))).toBe(7);
    expect(await denied(ops.getStreamMetadata(stream))).toBe(7);
    expect(await numbersOf(admin, stream)).toEqual([0, 1]);
  });

  test('of streams that say nothing are those that the double was started with', async () => {
    const { cert, key } = certificate;
    const strict = await startDouble({
      tls: { cert, key },
      users: { ops: PASSWORD, other: PASSWORD },
      acl: { $w: 'ops' },
    });
    const [ours, others] = ['ops', 'other'].map((user) =>
      EventStoreDBClient.connectionString(
        `esdb://${user}:${PASSWORD}@localhost:${strict.port}?tls=true&tlsCAFile=${certificate.file}`,
      ),
    ) as [EventStoreDBClient, EventStoreDBClient];
    const stream = newStream();
    await ours.appendToStream(stream, numbered(1));
    expect(await denied(others.appendToStream(stream, numbered(1)))).toBeUndefined();
    expect(await numbersOf(others, stream)).toEqual([0]);
    // Before their server goes: a call that breaks fails the appends of every client of this process.
    for (const client of [ours, others]) await client.dispose();
    await strict.stop();
  });

  test("on the server's own streams only administrators have", async () => {
    const stream = `$${newStream()}`;
    expect(await denied(ops.appendToStream(stream, numbered(1)))).toBeUndefined();
    await admin.appendToStream(stream, numbered(1));
    expect(await denied(numbersOf(ops, stream))).toBe(7);
  });
});

test('plain text to a TLS port, and a certificate that is not trusted, fail with code 14 and differ in words', async () => {
  const [, host] = /@([^?]*)/.exec(urlFor('admin:x@'))!;
  const plain = await refusalOf(clientOf(`esdb://${host}?tls=false`).appendToStream(newStream(), numbered(1)));
  expect(plain.code).toBe(14);
  const untrusted = await refusalOf(clientOf(`esdb://${host}?tls=true`).appendToStream(newStream(), numbered(1)));
  expect(untrusted.code).toBe(14);
  expect(untrusted.message).toMatch(/certificate/);
});
