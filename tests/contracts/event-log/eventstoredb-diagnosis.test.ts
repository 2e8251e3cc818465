// What a person is told when EventStoreDB cannot be used: each cause in other words, and never the password.

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type EventId, NOTHING } from '../../../contracts/words.ts';
import { checkEventStoreDb, openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import { LogRefused } from '../../../src/event-log/index.ts';
import { type Double, startDouble } from '../../eventstoredb-double/index.ts';
import { newStream, numbered } from './events.ts';

const PASSWORD = 'never-to-be-said';

let folder: string;
let plain: Double;
let secure: Double;
let trusted: string;
let stranger: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pramaan-certificates-'));
  const [own, other] = await Promise.all([certificate('localhost'), certificate('localhost')]);
  trusted = join(folder, 'own.crt');
  stranger = join(folder, 'other.crt');
  writeFileSync(trusted, own.cert);
  writeFileSync(stranger, other.cert);
  plain = await startDouble();
  secure = await startDouble({
    tls: { cert: own.cert, key: own.private },
    users: { admin: PASSWORD, lms: PASSWORD, reader: PASSWORD },
    acl: { $r: ['lms', 'reader'], $w: 'lms', $mr: ['lms', 'reader'], $mw: 'lms' },
  });
});
afterAll(async () => {
  await Promise.all([plain, secure].map((double) => double.stop()));
  rmSync(folder, { recursive: true });
});

function certificate(host: string, notAfterDate?: Date) {
  return generate([{ name: 'commonName', value: host }], {
    keySize: 2048,
    algorithm: 'sha256',
    ...(notAfterDate ? { notBeforeDate: new Date('2020-01-01'), notAfterDate } : {}),
    extensions: [
      { name: 'basicConstraints', cA: true },
      { name: 'subjectAltName', altNames: [{ type: 2, value: host }] },
    ],
  });
}

const check = (url: string, record = 'record', writes = true) =>
  checkEventStoreDb({ url, maxAppendBytes: 1_048_576, timeoutMs: 800 }, record, { writes });

async function refusal(url: string, record?: string): Promise<string> {
  const error = await check(url, record).then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(LogRefused);
  expect(error.message).not.toContain(PASSWORD);
  return error.message;
}

const secured = (user: string, { host = 'localhost', ca = trusted } = {}): string =>
  `esdb://${user}${host}:${secure.port}?tls=true&tlsCaFile=${encodeURIComponent(ca)}`;

describe('who is there', () => {
  test('a server that can be used says its version', async () => {
    expect(await check(plain.url)).toEqual({ version: '23.10.6' });
    expect(await check(secured(`lms:${PASSWORD}@`))).toEqual({ version: '23.10.6' });
  });

  test('asking writes nothing', async () => {
    const stream = newStream();
    await check(plain.url, stream);
    const log = openEventStoreDbLog({ url: plain.url, maxAppendBytes: 1_048_576 });
    expect(await log.head(stream)).toBe(NOTHING);
    await log.close();
  });

  test('nobody', async () => {
    const gone = await startDouble();
    await gone.stop();
    expect(await refusal(gone.url)).toMatch(/127\.0\.0\.1:\d+: nobody is there/);
  });

  test('a host that nobody knows', async () => {
    expect(await refusal('esdb://no-such-host.invalid:2113?tls=false')).toMatch(/no host of this name is known/);
  });

  test('plain text to a port that wants TLS', async () => {
    expect(await refusal(`esdb://localhost:${secure.port}?tls=false`)).toMatch(/the server wants TLS/);
  });

  test('TLS to a port that speaks plain text', async () => {
    expect(await refusal(`esdb://localhost:${plain.port}?tls=true`)).toMatch(/the server speaks plain text/);
  });

  test('a certificate that is signed by itself, of another authority, or for another host', async () => {
    expect(await refusal(`esdb://localhost:${secure.port}?tls=true`)).toMatch(
      /certificate is not trusted: it is signed by itself/,
    );
    expect(await refusal(secured(`lms:${PASSWORD}@`, { ca: stranger }))).toMatch(/certificate is not trusted: it /);
    const elsewhere = await certificate('lrs.example.gov.in');
    const ca = join(folder, 'elsewhere.crt');
    writeFileSync(ca, elsewhere.cert);
    const double = await startDouble({ tls: { cert: elsewhere.cert, key: elsewhere.private } });
    expect(await refusal(`esdb://localhost:${double.port}?tlsCaFile=${encodeURIComponent(ca)}`)).toMatch(
      /it is for another host/,
    );
    await double.stop();
  });

  test('a certificate that has expired', async () => {
    const old = await certificate('localhost', new Date('2021-01-01'));
    const ca = join(folder, 'old.crt');
    writeFileSync(ca, old.cert);
    const double = await startDouble({ tls: { cert: old.cert, key: old.private } });
    expect(await refusal(`esdb://localhost:${double.port}?tlsCaFile=${encodeURIComponent(ca)}`)).toMatch(
      /it has expired/,
    );
    await double.stop();
  });

  test('an IP address, for which no certificate can be asked', async () => {
    expect(await refusal(secured(`lms:${PASSWORD}@`, { host: '127.0.0.1' }))).toMatch(/needs the name of the host/);
  });

  test('a wrong password, and an unknown user', async () => {
    expect(await refusal(secured('lms:wrong@'))).toMatch(/refuses the user lms or the password/);
    expect(await refusal(secured('who:wrong@'))).toMatch(/refuses the user who or the password/);
  });

  test.each([
    ['tsl=false', /Unknown option key "tsl"/],
    ['tls=false&tlsVerifyCert=false', /tlsVerifyCert/],
  ])('an option that the client would pass over is refused, and it shows nobody the string: %s', (option, words) => {
    const shown = vi.spyOn(console, 'warn');
    try {
      const url = `esdb://lms:${PASSWORD}@localhost:2113?${option}`;
      expect(() => openEventStoreDbLog({ url, maxAppendBytes: 1_048_576 })).toThrow(words);
      expect(() => openEventStoreDbLog({ url, maxAppendBytes: 1_048_576 })).not.toThrow(PASSWORD);
      expect(shown).not.toHaveBeenCalled();
    } finally {
      shown.mockRestore();
    }
  });

  test.each(['part/part', 'part?part', 'part/part?part/', 'part%40part%3Apart', '?tls=part', '/part,part'])(
    'a wrong password that is %s',
    async (password) => {
      const words = await refusal(secured(`lms:${password}@`));
      expect(words).toMatch(
        new RegExp(`EventStoreDB at localhost:${secure.port} refuses the user lms or the password, `),
      );
      expect(words).not.toContain('part');
    },
  );

  test.each(['lms:part@part', 'lms:part/part@part?part', 'lms:part:part', 'lms:@part', 'part'])(
    'credentials that are not as the client reads them: %s',
    async (credentials) => {
      const words = await refusal(secured(`${credentials}@`));
      expect(words).toMatch(/PRAMAAN_EVENT_LOG_URL cannot be used: .*(percent-encoded|no colon)/);
      expect(words).not.toMatch(/part|localhost/);
    },
  );

  test('an @ in the name of a certificate is none of the credentials', async () => {
    const ca = join(folder, 'own@home.crt');
    writeFileSync(ca, readFileSync(trusted));
    expect(await check(secured(`lms:${PASSWORD}@`, { ca }).replace('%40', '@'))).toEqual({ version: '23.10.6' });
  });

  test('a server that wants credentials where none are given', async () => {
    const server = createHttp2Server();
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.respond(
        { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': '16', 'grpc-message': 'who are you?' },
        { endStream: true },
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await refusal(`esdb://127.0.0.1:${port}?tls=false`)).toMatch(
      /wants a user and a password, and PRAMAAN_EVENT_LOG_URL names none, while .*who are you\?/,
    );
    server.close();
  });

  test('a user without the right to write, without any, and none at all', async () => {
    expect(await refusal(secured(`reader:${PASSWORD}@`))).toMatch(
      /denies access, while appending.*the user reader lacks a right/,
    );
    expect(await check(secured(`reader:${PASSWORD}@`), 'record', false)).toEqual({ version: '23.10.6' });
    const log = openEventStoreDbLog({ url: secured(`admin:${PASSWORD}@`), maxAppendBytes: 1_048_576 });
    const stream = newStream();
    await setMetadata(log, stream, { $acl: { $r: 'admin', $w: 'admin' } });
    await log.close();
    expect(await refusal(secured(`lms:${PASSWORD}@`), stream)).toMatch(
      /denies access, while reading.*the user lms lacks a right/,
    );
    expect(await refusal(secured(''))).toMatch(/names no user/);
  });

  test('a server that is not ready', async () => {
    await plain.fault('not-ready');
    expect(await refusal(plain.url)).toMatch(/is there and not ready/);
    await plain.clear();
  });

  test('a server that is frozen', async () => {
    const double = await startDouble();
    double.freeze();
    expect(await refusal(double.url)).toMatch(/frozen/);
    double.thaw();
    await double.stop();
  });

  test('a cluster: each host by itself', async () => {
    const gone = await startDouble();
    await gone.stop();
    const hosts = `127.0.0.1:${gone.port},localhost:${secure.port}`;
    const words = await refusal(`esdb://${hosts}?tls=false&nodePreference=leader`);
    expect(words).toMatch(/nobody is there/);
    expect(words).toMatch(/the server wants TLS/);
    expect(await check(`esdb://127.0.0.1:${gone.port},127.0.0.1:${plain.port}?tls=false`)).toEqual({
      version: '23.10.6',
    });
    expect(await check(`esdb+discover://127.0.0.1:${plain.port}?tls=false&nodePreference=leader`)).toEqual({
      version: '23.10.6',
    });
  });

  test('another kind of server', async () => {
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.write('220 mail.example ready\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await refusal(`esdb://127.0.0.1:${port}?tls=false`)).toMatch(/another kind of server/);
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  test('a connection string that cannot be understood, or names a certificate that is not there', async () => {
    for (const url of [`http://x`, `esdb://admin:${PASSWORD}@h:port`, `esdb://admin:${PASSWORD}@h?tls=maybe`]) {
      expect(await refusal(url)).toMatch(/PRAMAAN_EVENT_LOG_URL cannot be used/);
    }
    expect(await refusal('esdb://h?tlsCaFile=/no/such.crt')).toMatch(/certificate/);
  });
});

async function setMetadata(log: ReturnType<typeof openEventStoreDbLog>, stream: string, content: object) {
  const event = {
    id: randomUUID() as EventId,
    type: '$metadata',
    contentType: 'json' as const,
    data: Buffer.from(JSON.stringify(content)),
    metadata: Buffer.alloc(0),
  };
  await log.append(`$$${stream}`, [event], { expectedRevision: 'any' });
}

describe('a record that is not whole', () => {
  test.each(['$maxAge', '$maxCount', '$tb'])('is refused: its metadata set %s', async (name) => {
    const log = openEventStoreDbLog({ url: plain.url, maxAppendBytes: 1_048_576 });
    const stream = newStream();
    await log.append(stream, numbered(1), { expectedRevision: NOTHING });
    await setMetadata(log, stream, { [name]: 1_000 });
    await log.close();
    expect(await refusal(plain.url, stream)).toContain(name);
  });

  test('is refused: its first events are gone', async () => {
    const log = openEventStoreDbLog({ url: plain.url, maxAppendBytes: 1_048_576 });
    const stream = newStream();
    await log.append(stream, numbered(5), { expectedRevision: NOTHING });
    await setMetadata(log, stream, { $tb: 3 });
    await log.close();
    expect(await refusal(plain.url, stream)).toMatch(/begins at revision 3/);
  });
});
