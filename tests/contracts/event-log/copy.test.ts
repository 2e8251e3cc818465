// Copies: a backup of a store that goes on writing, its verification, and a copy of a log in another log.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DOCUMENT_SCOPE_REGISTERED, DOCUMENTS_CHANGED } from '../../../contracts/events/documents.ts';
import { NOTHING } from '../../../contracts/words.ts';
import { backupLog, copyLog, knownStreams, type StreamCopied, verifyLog } from '../../../src/event-log/copy.ts';
import { type LocalLog, LogRefused, LogUnavailable, streamsWithPrefix } from '../../../src/event-log/index.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
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
  beforeEach(() => {
    to = openSqliteLog(file('to.sqlite'));
  });
  afterEach(() => to.close());

  test('keeps sequences, ids and bytes, and proves it by the digest that verification computes', async () => {
    await filled(log, 2_345, 'record');
    const copied: StreamCopied[] = [];
    const streams = [{ name: 'record' }, { name: 'not there' }];
    const result = await copyLog({ from: log, to, streams, onStream: (stream) => copied.push(stream) });
    expect(result).toEqual({ streams: 1, events: 2_345, appended: 2_345 });
    expect(copied).toMatchObject([{ stream: 'record', events: 2_345, appended: 2_345, head: 2_344 }]);
    expect(copied[0]!.digest).toBe(verifyLog(file('to.sqlite')).record.digest);
    expect(copied[0]!.digest).toBe(verifyLog(file('log.sqlite')).record.digest);
    const strip = async (one: LocalLog) => (await all(one, 'record')).map(({ created, ...event }) => event);
    expect(await strip(to)).toEqual(await strip(log));
  });

  test('goes on where it was cut off', async () => {
    await filled(log, 3_000, 'record');
    const stopping = new AbortController();
    const begun = copyLog({
      from: log,
      to,
      streams: [{ name: 'record' }],
      signal: stopping.signal,
      onProgress: ({ copied }) => copied >= 999 && stopping.abort(),
    });
    await expect(begun).rejects.toThrow();
    expect(await to.head('record')).toBe(999);
    await log.append('record', numbered(10), { expectedRevision: revision(2_999) });
    expect(await copyLog({ from: log, to, streams: [{ name: 'record' }] })).toEqual({
      streams: 1,
      events: 3_010,
      appended: 2_010,
    });
    expect(await copyLog({ from: log, to, streams: [{ name: 'record' }] })).toMatchObject({ appended: 0 });
  });

  test('refuses to continue what is no copy of this log, wherever they differ', async () => {
    const events = numbered(100);
    await log.append('record', events, { expectedRevision: NOTHING });
    await filled(to, 3, 'record');
    await expect(copyLog({ from: log, to, streams: [{ name: 'record' }] })).rejects.toThrow(
      /revision 2 of the stream record/,
    );
    expect(await to.head('record')).toBe(2);

    await log.append('other', events, { expectedRevision: NOTHING });
    const forged = events.with(40, { ...events[40]!, data: Buffer.from('{"forged":true}') });
    await to.append('other', forged, { expectedRevision: NOTHING });
    await expect(copyLog({ from: log, to, streams: [{ name: 'other' }] })).rejects.toThrow(
      /revision 40 of the stream other/,
    );
  });

  test('knows its streams by what they name', async () => {
    const streams = streamsWithPrefix('state-');
    const scope = 'a'.repeat(64);
    const any = { expectedRevision: 'any' } as const;
    const whose = { kind: 'activity-profile', activityId: 'https://example.org/course' };
    await log.append(
      streams.documents,
      [{ ...jsonEvent({ scope: whose, hash: scope }), type: DOCUMENT_SCOPE_REGISTERED }],
      any,
    );
    const entry = {
      id: 'p',
      etag: 'e',
      contentType: 'text/plain',
      updated: '2026-04-01T00:00:00Z',
      size: 9,
      content: 'c1',
    };
    const manifest = { ...jsonEvent({ scope: whose, documents: [entry] }), type: DOCUMENTS_CHANGED };
    await log.append(streams.document(scope), [jsonEvent('earlier'), manifest], { ...any, keepLast: true });
    for (const stream of [streams.content('c1'), streams.attachment('a1')]) {
      for (let chunk = 0; chunk < 3; chunk++)
        await log.append(stream, [binaryEvent(Buffer.alloc(500_000, chunk))], any);
    }
    for (const stream of [streams.record, streams.credentials, streams.access('2026-04')]) {
      await log.append(stream, numbered(2), any);
    }
    const copied: StreamCopied[] = [];
    await copyLog({
      from: log,
      to,
      streams: knownStreams(log, streams, { attachments: ['a1'], months: ['2026-04'] }),
      onStream: (stream) => copied.push(stream),
    });
    expect(copied.map(({ stream, events }) => [stream, events])).toEqual([
      ['state-credentials', 2],
      ['state-attachment-a1', 3],
      ['state-content-c1', 3],
      [`state-document-${scope}`, 1],
      ['state-documents', 1],
      ['state-access-2026-04', 2],
      ['state-record', 2],
    ]);
    expect((await to.readLast(streams.document(scope)))!.id).toBe(manifest.id);
    const again = await copyLog({ from: log, to, streams: [{ name: streams.document(scope), keepLast: true }] });
    expect(again.appended).toBe(0);
  });
});
