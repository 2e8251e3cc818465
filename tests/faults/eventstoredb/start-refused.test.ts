// A node that cannot use its EventStoreDB says at the start who is there and what to change, ends with 1, and does not take long.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EventId, NOTHING, type Revision } from '../../../contracts/words.ts';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import { startDouble } from '../../eventstoredb-double/index.ts';
import { run } from '../../journeys/command.ts';
import { seeded, statement, uuid } from '../../journeys/seeded.ts';
import { newFolder, postStatements } from '../../journeys/server.ts';
import { CommandServer, freePort, inserted, type KillableStore } from './killable.ts';
import { endEverything, logAt, newStore, nodeOn, startedHere } from './nodes.ts';

/**
 * A server with TLS and users, where the environment has one to run: a command with {port} and {data}, the certificate of its
 * authority, and the password of its users `admin` and `ops`.
 */
const COMMAND = process.env.TEST_EVENTSTOREDB_SECURE_COMMAND;
const COMMANDS_CA = process.env.TEST_EVENTSTOREDB_SECURE_CA ?? '';
const PASSWORD = process.env.TEST_EVENTSTOREDB_SECURE_PASSWORD ?? 'never-to-be-said';
const SOON_MS = 15_000;

let plain: KillableStore;
let secure: { readonly port: number };
let trusted: string;
let stranger: string;

beforeAll(async () => {
  plain = await newStore();
  const folder = newFolder();
  const [own, other] = await Promise.all([certificate(), certificate()]);
  stranger = join(folder, 'other.crt');
  writeFileSync(stranger, other.cert);
  if (COMMAND) {
    trusted = COMMANDS_CA;
    const port = await freePort();
    const server = new CommandServer(port, () => inserted(COMMAND, { port, data: join(folder, 'data') }));
    startedHere(server);
    await server.start();
    secure = server;
  } else {
    trusted = join(folder, 'own.crt');
    writeFileSync(trusted, own.cert);
    const double = await startDouble({
      dataDir: join(folder, 'data'),
      tls: { cert: own.cert, key: own.private },
      users: { admin: PASSWORD, ops: PASSWORD },
    });
    startedHere(double);
    secure = double;
  }
});
afterAll(endEverything);

function certificate() {
  return generate([{ name: 'commonName', value: 'localhost' }], {
    keySize: 2048,
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
    ],
  });
}

function at(user: string, { ca = trusted, password = PASSWORD } = {}): string {
  return `esdb://${user}:${password}@localhost:${secure.port}?tls=true&tlsCaFile=${encodeURIComponent(ca)}`;
}

/** Rights of a stream, as an administrator sets them. */
async function setRights(stream: string, rights: object, after: number = NOTHING): Promise<void> {
  const log = openEventStoreDbLog({ url: at('admin'), maxAppendBytes: 1_048_576 });
  try {
    const event = {
      id: crypto.randomUUID() as EventId,
      type: '$metadata',
      contentType: 'json' as const,
      data: Buffer.from(JSON.stringify({ $acl: rights })),
      metadata: Buffer.alloc(0),
    };
    await log.append(`$$${stream}`, [event], { expectedRevision: after as Revision });
  } finally {
    await log.close();
  }
}

const everybody = { $r: '$all', $w: '$all', $d: '$all', $mr: '$all', $mw: '$all' };

describe('a start is refused in words when', () => {
  test.each<[what: string, url: () => string | Promise<string>, words: RegExp]>([
    ['nobody is there', async () => `esdb://127.0.0.1:${await freePort()}?tls=false`, /nobody is there/],
    ['no host has the name', () => 'esdb://no-such-host.invalid:2113?tls=false', /no host of this name/],
    ['the password is wrong', () => at('ops', { password: 'another' }), /refuses the user ops or the password/],
    ['the certificate is not trusted', () => at('admin', { ca: stranger }), /certificate is not trusted/],
    ['the server wants TLS', () => `esdb://localhost:${secure.port}?tls=false`, /wants TLS/],
    ['the server speaks plain text', () => `esdb://localhost:${plain.port}?tls=true`, /speaks plain text/],
  ])('%s', async (_, url, words) => {
    expect(await refusedStart(await url())).toMatch(words);
  });

  test.each<[what: string, rights: object]>([
    ['read', { ...everybody, $r: 'admin' }],
    ['write', { ...everybody, $w: 'admin' }],
  ])('the user may not %s', (_, rights) =>
    seeded(async (by) => {
      const prefix = `t-${uuid(by)}-`;
      await setRights(`${prefix}record`, rights);
      expect(await refusedStart(at('ops'), { PRAMAAN_STREAM_PREFIX: prefix })).toMatch(/denies access/);
    })(),
  );

  test('the server takes connections and answers nothing', async () => {
    plain.freeze();
    try {
      expect(await refusedStart(plain.url)).toMatch(/does not answer|not answered/);
    } finally {
      plain.thaw();
    }
  });
});

test('with the right password, certificate and rights it starts, as an administrator and as a user', async () => {
  await setRights('u-record', everybody);
  for (const [user, prefix] of [
    ['admin', 'a-'],
    ['ops', 'u-'],
  ] as const) {
    const server = await nodeOn({ url: at(user) }, { environment: { PRAMAAN_STREAM_PREFIX: prefix } });
    expect(JSON.stringify(server.log) + server.errors()).not.toContain(PASSWORD);
    expect(await server.stop()).toBe(0);
  }
});

test('a right that is taken from it while it runs: writes are 503 and nobody is told the reason but its log, until it is given back', () =>
  seeded(async (by) => {
    await setRights('r-record', everybody);
    const server = await nodeOn({ url: at('ops') }, { environment: { PRAMAAN_STREAM_PREFIX: 'r-' } });
    expect((await postStatements(server, [statement(by)])).status).toBe(200);
    await setRights('r-record', { ...everybody, $w: 'admin' }, 0);
    const refused = await postStatements(server, [statement(by)]);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await refused.text()).not.toMatch(/ops|localhost/);
    await server.logged(/fault/);
    expect((await server.fetch('/xapi/statements')).status).toBe(200);
    await setRights('r-record', everybody, 1);
    expect((await postStatements(server, [statement(by)])).status).toBe(200);
    expect(await server.stop()).toBe(0);
  })());

/** What the person at the terminal reads. */
async function refusedStart(url: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const began = performance.now();
  const environment = logAt(url, { PRAMAAN_PORT: '0', PRAMAAN_DATA_DIR: newFolder(), ...more });
  const { code, output, errors } = await run(['serve'], environment);
  expect(code).toBe(1);
  expect(errors).toMatch(/^pramaan: /);
  expect(errors).not.toMatch(/^\s+at /m);
  expect(output + errors).not.toContain(PASSWORD);
  expect(performance.now() - began).toBeLessThan(SOON_MS);
  return errors;
}
