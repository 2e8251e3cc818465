// Copies: a backup of a store that goes on writing, its verification, and a copy of a log in another log.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DOCUMENT_SCOPE_REGISTERED, DOCUMENTS_CHANGED } from '../../../contracts/events/documents.ts';
import { STATEMENT_RECORDED } from '../../../contracts/events/names.ts';
import { NOTHING } from '../../../contracts/words.ts';
import { backupLog, copyLog, type Side, type StreamCopied, verifyLog } from '../../../src/event-log/copy.ts';
import { openEventStoreDbLog } from '../../../src/event-log/eventstoredb/index.ts';
import {
  type EventLog,
  type EventToAppend,
  type LocalLog,
  LogRefused,
  LogUnavailable,
  streamsWithPrefix,
} from '../../../src/event-log/index.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { eventStoreForTests } from '../../eventstoredb-double/server-for-tests.ts';
import { all, binaryEvent, filled, idsOf, jsonEvent, numbered, revision } from './events.ts';

const WRITER = fileURLToPath(new URL('./writer.ts', import.meta.url));

let folder: string;
let log: LocalLog;
const file = (name: string): string => join(folder, name);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pramaan-copy-'));
  log = openSqliteLog(file('log.sqlite'));
});
afterEach(async () => {
  await log.close();
  rmSync(folder, { recursive: true });
});

describe('a backup', () => {
  test('of a log that another process goes on writing holds a whole beginning of it, and says which', async () => {
    await filled(log, 50_000, 'record');
    await log.append('kept', numbered(3), { expectedRevision: NOTHING, keepLast: true });
    const writer = spawn(process.execPath, [WRITER, file('log.sqlite'), 'record', '1000000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = createInterface({ input: writer.stdout })[Symbol.asyncIterator]();
    const before = Number((await lines.next()).value!.replace('acknowledged ', ''));
    const progress: number[] = [];
    const verified = await backupLog(file('log.sqlite'), file('backup.sqlite'), {
      onProgress: ({ copiedPages, totalPages }) => progress.push(copiedPages / totalPages),
    });
    const exit = once(writer, 'exit');
    writer.kill('SIGKILL');
    await exit;
    const after = await log.head('record');
    expect(verified.record.head).toBeGreaterThanOrEqual(before);
    expect(verified.record.head).toBeLessThan(after);
    expect((verified.record.head + 1 - 50_000) % 7).toBe(0);
    expect(verified.streams).toBe(2);
    expect(verified.events).toBe(verified.record.head + 2);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(readdirSync(folder).filter((name) => name.startsWith('backup'))).toEqual(['backup.sqlite']);

    expect(verifyLog(file('backup.sqlite'))).toEqual(verified);
    const restored = openSqliteLog(file('backup.sqlite'));
    expect(idsOf(await all(restored, 'record'))).toEqual(
      idsOf(await log.read('record', { limit: verified.record.head + 1 })),
    );
    expect((await restored.readLast('record'))!.id).toBe(verified.record.lastEventId);
    await restored.append('record', numbered(1), { expectedRevision: verified.record.head });
    await restored.close();
  });

  test('never replaces a file, and needs a folder', async () => {
    writeFileSync(file('precious'), 'precious');
    await expect(backupLog(file('log.sqlite'), file('precious'))).rejects.toThrow(LogUnavailable);
    await expect(backupLog(file('log.sqlite'), join(folder, 'nowhere', 'x'))).rejects.toThrow('there is no folder');
    await expect(backupLog(file('no-log'), file('backup.sqlite'))).rejects.toThrow('no event log at');
    expect(existsSync(file('backup.sqlite'))).toBe(false);
  });

  test('of an empty log is an empty log', async () => {
    const verified = await backupLog(file('log.sqlite'), file('backup.sqlite'));
    expect(verified).toMatchObject({ events: 0, streams: 0, record: { head: NOTHING, lastEventId: undefined } });
  });
});

describe('verification finds', () => {
  const damaged = async (sql: string): Promise<() => unknown> => {
    await filled(log, 2_000, 'record');
    await log.append('kept', numbered(3), { expectedRevision: NOTHING, keepLast: true });
    await backupLog(file('log.sqlite'), file('copy.sqlite'));
    const database = new DatabaseSync(file('copy.sqlite'));
    database.exec(sql);
    database.close();
    return () => verifyLog(file('copy.sqlite'));
  };

  test('an event that is missing in the middle', async () => {
    expect(await damaged('DELETE FROM event WHERE place & 4294967295 = 1000')).toThrow(/stream record are missing/);
  });
  test('a stream without events', async () => {
    expect(await damaged("INSERT INTO stream (name, keep_last) VALUES ('gone', 0)")).toThrow(LogRefused);
  });
  test('events without a stream', async () => {
    expect(await damaged("DELETE FROM stream WHERE name = 'kept'")).toThrow(LogRefused);
  });
  test('a second event where the last one is kept', async () => {
    expect(
      await damaged(
        'INSERT INTO event SELECT place - 1, id, kind, created, metadata, data FROM event ORDER BY place DESC LIMIT 1',
      ),
    ).toThrow(/stream kept/);
  });
  test('types that are missing', async () => {
    expect(await damaged('DELETE FROM kind')).toThrow(/types/);
  });
  test('a byte that changed: the digest is another', async () => {
    const verify = await damaged(
      `UPDATE event SET data = CAST('{"number":2001}' AS BLOB) WHERE place & 4294967295 = 500`,
    );
    expect((verify() as ReturnType<typeof verifyLog>).record.digest).not.toBe(
      verifyLog(file('log.sqlite')).record.digest,
    );
  });
});

describe('a copy of a log in another log', () => {
  let to: LocalLog;
  const side = (one: EventLog, prefix = ''): Side => ({
    log: one,
    streams: streamsWithPrefix(prefix),
    name: 'the log',
  });
  const any = { expectedRevision: 'any' } as const;
  const bytesOf = async (one: EventLog, stream: string) =>
    (await all(one, stream)).map(({ created: _created, stream: _stream, ...event }) => event);
  beforeEach(() => {
    to = openSqliteLog(file('to.sqlite'));
  });
  afterEach(() => to.close());

  test('keeps sequences, ids and bytes, and proves it by the digest that verification computes', async () => {
    await filled(log, 12_345, 'record');
    const result = await copyLog({ from: side(log), to: side(to) });
    const { record } = verifyLog(file('to.sqlite'));
    expect(result).toEqual({ streams: 1, events: 12_345, appended: 12_345, record });
    expect(record).toEqual(verifyLog(file('log.sqlite')).record);
    expect(await bytesOf(to, 'record')).toEqual(await bytesOf(log, 'record'));
  });

  test('goes on where it was cut off', async () => {
    await filled(log, 30_000, 'record');
    const stopping = new AbortController();
    const begun = copyLog({
      from: side(log),
      to: side(to),
      signal: stopping.signal,
      onProgress: ({ record }) => record && record.copied >= 9_999 && stopping.abort(),
    });
    await expect(begun).rejects.toThrow();
    const copied = await to.head('record');
    expect(copied).toBeGreaterThanOrEqual(9_999);
    expect(copied).toBeLessThan(29_999);
    await log.append('record', numbered(10), { expectedRevision: revision(29_999) });
    expect(await copyLog({ from: side(log), to: side(to) })).toMatchObject({
      events: 30_010,
      appended: 30_010 - copied - 1,
      record: verifyLog(file('log.sqlite')).record,
    });
    expect(await copyLog({ from: side(log), to: side(to) })).toMatchObject({ events: 30_010, appended: 0 });
  });

  test('is refused where there is nothing to copy', async () => {
    await filled(log, 3, 'record');
    await expect(copyLog({ from: side(log, 'other-'), to: side(to) })).rejects.toThrow(/nothing to copy.*other-record/);
    expect(await to.head('record')).toBe(NOTHING);
  });

  test('refuses another record before it writes anything', async () => {
    await filled(log, 100, 'record');
    await log.append('credentials', numbered(3), any);
    await filled(to, 3, 'record');
    await expect(copyLog({ from: side(log), to: side(to) })).rejects.toThrow(/another record/);
    expect([await to.head('record'), await to.head('credentials')]).toEqual([2, NOTHING]);
  });

  test('refuses a copy that has gone on by itself', async () => {
    await filled(log, 100, 'record');
    await copyLog({ from: side(log), to: side(to) });
    await to.append('record', numbered(1), { expectedRevision: revision(99) });
    await expect(copyLog({ from: side(log), to: side(to) })).rejects.toThrow(/gone on by itself.* 100.* 99/);
    // Nor is it copied back when the source has other events there.
    await log.append('record', numbered(5), { expectedRevision: revision(99) });
    await expect(copyLog({ from: side(log), to: side(to) })).rejects.toThrow(/gone on by itself/);

    await to.append('credentials', numbered(1), any);
    const older = openSqliteLog(file('older.sqlite'));
    await copyLog({ from: side(log), to: side(older) });
    await older.append('credentials', numbered(1), any);
    await expect(copyLog({ from: side(log), to: side(older) })).rejects.toThrow(/credentials has gone on by itself/);
    await older.close();
  });

  test('names the event that differs, wherever it is, and puts nothing behind it', async () => {
    const events = numbered(5_000);
    for (const target of [40, 4_998]) {
      const forged = events.with(target, { ...events[target]!, data: Buffer.from('{"forged":true}') });
      const prefix = `forged-${target}-`;
      await log.append(`${prefix}record`, [...events, ...numbered(10)], { expectedRevision: NOTHING });
      await to.append(`${prefix}record`, forged, { expectedRevision: NOTHING });
      await expect(copyLog({ from: side(log, prefix), to: side(to, prefix) })).rejects.toThrow(
        `another event than the source at revision ${target} of the stream ${prefix}record`,
      );
      expect(await to.head(`${prefix}record`)).toBe(4_999);
    }
  });

  test('notices a writer that comes between', async () => {
    await filled(log, 30_000, 'record');
    let disturbed: Promise<unknown> | undefined;
    const copying = copyLog({
      from: side(log),
      to: side(to),
      onProgress: ({ record }) => {
        if (record && record.copied >= 9_999) disturbed ??= to.append('record', numbered(1), any);
      },
    });
    await expect(copying).rejects.toThrow(/somebody else writes to the copy: its stream record/);
    await disturbed;
  });

  test('names the event that the copy cannot hold, and the limit', async () => {
    await filled(log, 10, 'record');
    await log.append('record', [jsonEvent('x'.repeat(100_000))], any);
    const small: EventLog = withLimits(to, { appendBytes: 64 * 1024, eventBytes: 64 * 1024 });
    await expect(copyLog({ from: side(log), to: side(small) })).rejects.toThrow(
      /the event at revision 10 of the stream record has 100\d\d\d bytes; the copy takes 65536/,
    );
  });

  test('keeps to what the copy takes in one append', async () => {
    await filled(log, 5_000, 'record');
    const sizes: number[] = [];
    const small = withLimits(to, { appendBytes: 10_000, eventBytes: 10_000 }, (events) =>
      sizes.push(events.reduce((sum, { data, metadata }) => sum + data.byteLength + metadata.byteLength, 0)),
    );
    expect(await copyLog({ from: side(log), to: side(small) })).toMatchObject({ appended: 5_000 });
    expect(sizes.length).toBeGreaterThan(5);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(10_000);
  });

  test('finds its streams by what they name, and gives them another prefix', async () => {
    const [here, there] = [streamsWithPrefix('state-'), streamsWithPrefix('')];
    const scopes = ['a', 'b', 'c'].map((letter) => letter.repeat(64)) as [string, string, string];
    const whose = { kind: 'activity-profile', activityId: 'https://example.org/course' };
    const entry = { id: 'p', etag: 'e', contentType: 'text/plain', updated: '2026-04-01T00:00:00Z', size: 9 };
    const manifests: EventToAppend[] = [];
    for (const scope of scopes) {
      await log.append(
        here.documents,
        [{ ...jsonEvent({ scope: whose, hash: scope }), type: DOCUMENT_SCOPE_REGISTERED }],
        any,
      );
      // Two scopes share one content.
      const documents = [{ ...entry, content: scope === scopes[0] ? 'c1' : 'c2' }];
      const manifest = { ...jsonEvent({ scope: whose, documents }), type: DOCUMENTS_CHANGED };
      await log.append(here.document(scope), [jsonEvent('earlier'), manifest], { ...any, keepLast: true });
      manifests.push(manifest);
    }
    for (const stream of [here.content('c1'), here.content('c2'), here.attachment('a1'), here.attachment('a2')]) {
      for (let chunk = 0; chunk < 20; chunk++)
        await log.append(stream, [binaryEvent(Buffer.alloc(500_000, chunk))], any);
    }
    const attachment = (sha2: string) => ({ sha2, usageType: 'x:y', contentType: 'a/b', length: 1, display: {} });
    const statement = (body: object) => ({ ...jsonEvent(body), type: STATEMENT_RECORDED });
    await log.append(
      here.record,
      [
        ...numbered(2),
        statement({ object: { id: 'x:y' }, attachments: [attachment('A1'), attachment('elsewhere')] }),
        statement({ object: { objectType: 'SubStatement', attachments: [attachment('a1'), attachment('a2')] } }),
      ],
      any,
    );
    for (const stream of [here.credentials, here.access('2026-04')]) await log.append(stream, numbered(2), any);
    await log.append('another-record', numbered(2), any);

    const copied: StreamCopied[] = [];
    const result = await copyLog({
      from: side(log, 'state-'),
      to: side(to),
      months: ['2026-03', '2026-04'],
      onStream: (stream) => copied.push(stream),
    });
    const order = copied.map(({ stream }) => stream);
    expect(Object.fromEntries(copied.map(({ stream, events }) => [stream, events]))).toEqual({
      credentials: 2,
      'content-c1': 20,
      'content-c2': 20,
      [`document-${scopes[0]}`]: 1,
      [`document-${scopes[1]}`]: 1,
      [`document-${scopes[2]}`]: 1,
      documents: 3,
      'access-2026-04': 2,
      'attachment-a1': 20,
      'attachment-a2': 20,
      record: 4,
    });
    expect(result).toMatchObject({ streams: 11, events: 94, appended: 94 });
    expect(order.at(-1)).toBe('record');
    expect(order.indexOf('content-c1')).toBeLessThan(order.indexOf(`document-${scopes[0]}`));
    expect(order.indexOf(`document-${scopes[2]}`)).toBeLessThan(order.indexOf('documents'));
    for (const name of ['credentials', 'documents', 'record', 'access-2026-04', 'attachment-a2', 'content-c2']) {
      expect(await bytesOf(to, name)).toEqual(await bytesOf(log, `state-${name}`));
    }
    for (const [index, scope] of scopes.entries()) {
      expect((await to.readLast(there.document(scope)))!.id).toBe(manifests[index]!.id);
    }

    // The same onto a server and back.
    const server = await eventStoreForTests();
    const limit = { url: server.url, maxAppendBytes: 1024 * 1024 };
    const between = openEventStoreDbLog(limit);
    const back = openSqliteLog(file('back.sqlite'));
    const prefix = `copy-${randomUUID()}-`;
    const months = ['2026-04'];
    try {
      const digests: Record<string, string>[] = [];
      for (const [from, into] of [
        [side(to), side(between, prefix)],
        [side(between, prefix), side(back, 'back-')],
      ] as const) {
        const found: Record<string, string> = {};
        const onStream = ({ stream, digest }: StreamCopied) => {
          found[stream.slice(into.streams.record.length - 'record'.length)] = digest;
        };
        expect(await copyLog({ from, to: into, months, onStream })).toEqual(result);
        expect(await copyLog({ from, to: into, months })).toEqual({ ...result, appended: 0 });
        digests.push(found);
      }
      expect(Object.keys(digests[0]!).sort()).toEqual([...order].sort());
      expect(digests[1]).toEqual(Object.fromEntries(copied.map(({ stream, digest }) => [stream, digest])));
      expect(await bytesOf(back, 'back-record')).toEqual(await bytesOf(log, 'state-record'));
      expect(await bytesOf(back, 'back-attachment-a2')).toEqual(await bytesOf(log, 'state-attachment-a2'));
    } finally {
      await between.close();
      await back.close();
      await server.close();
    }

    // Of what changed since, a scope's newer manifest is copied.
    const newer = { ...manifests[0]!, ...jsonEvent({ scope: whose, documents: [] }), type: DOCUMENTS_CHANGED };
    await log.append(here.document(scopes[0]), [newer], { ...any, keepLast: true });
    expect(await copyLog({ from: side(log, 'state-'), to: side(to), months: ['2026-04'] })).toMatchObject({
      events: 74,
      appended: 1,
    });
    expect((await to.readLast(there.document(scopes[0])))!.id).toBe(newer.id);
  });
});

/** The same log, which takes less. */
function withLimits(log: EventLog, limits: EventLog['limits'], onAppend?: (events: readonly EventToAppend[]) => void) {
  const one: EventLog = {
    limits,
    append(stream, events, options) {
      onAppend?.(events);
      return log.append(stream, events, options);
    },
    read: (stream, options) => log.read(stream, options),
    readLast: (stream) => log.readLast(stream),
    head: (stream) => log.head(stream),
    subscribe: (stream, options) => log.subscribe(stream, options),
    close: () => log.close(),
  };
  return one;
}
