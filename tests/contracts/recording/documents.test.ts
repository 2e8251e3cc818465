// What documents promise, on a real embedded log: preconditions, merges, lists and deletions as one decision a scope.

import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { documentScopeRegistered } from '../../../contracts/events/documents.ts';
import type { Microseconds } from '../../../contracts/words.ts';
import { type EventLog, streamsWithPrefix } from '../../../src/event-log/index.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { CHUNK_BYTES, readChunks, sha256Of, storeChunks } from '../../../src/recording/chunks.ts';
import { Documents, hashOf } from '../../../src/recording/documents.ts';
import {
  type DocumentChange,
  type DocumentKey,
  type DocumentScope,
  type Preconditions,
  RecordingRefused,
} from '../../../src/recording/index.ts';

const streams = streamsWithPrefix('');
const STATE: DocumentScope = { kind: 'state', activityId: 'https://x.example/a', agent: 'mbox:mailto:a@x.example' };
const PROFILE: DocumentScope = { kind: 'activity-profile', activityId: 'https://x.example/a' };

let folder: string;
let log: EventLog;
let documents: Documents;
const opened: EventLog[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pramaan-documents-'));
  log = openLog();
  documents = new Documents(log, streams, () => (Date.now() * 1000) as Microseconds);
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

function openLog(): EventLog {
  const handle = openSqliteLog(join(folder, 'log.sqlite'), { create: true });
  opened.push(handle);
  return handle;
}

interface Written {
  readonly scope?: DocumentScope;
  readonly contentType?: string;
  readonly preconditions?: Preconditions;
  readonly preconditionNeeded?: boolean;
}

function put(key: DocumentKey, content: string | Uint8Array, options: Written = {}): DocumentChange {
  const { scope = STATE, contentType = 'text/plain', preconditions = {}, preconditionNeeded = false } = options;
  return { kind: 'put', scope, key, contentType, content: Buffer.from(content), preconditions, preconditionNeeded };
}

function merge(key: DocumentKey, content: string, options: Written = {}): DocumentChange {
  const { scope = STATE, contentType = 'application/json', preconditions = {} } = options;
  return { kind: 'merge', scope, key, contentType, content: Buffer.from(content), preconditions };
}

async function textOf(key: DocumentKey, scope = STATE): Promise<string | undefined> {
  const document = await (await documents.find(scope, key))?.read();
  return document && Buffer.from(document.content).toString();
}

async function refusal(change: DocumentChange): Promise<unknown> {
  const error = await documents.change(change).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RecordingRefused);
  return (error as RecordingRefused).refusal;
}

describe('a document', () => {
  test.each([
    ['empty', 0],
    ['small', 10],
    ['at the edge of the manifest', 4096],
    ['in a stream of its own', 4097],
    ['of several chunks', 2 * CHUNK_BYTES + 1],
  ])('%s comes back byte for byte, with the SHA-1 of its content as etag', async (_what, size) => {
    const content = Buffer.alloc(size, 'नमस्ते ');
    const { etag } = await documents.change(put({ id: 'd' }, content, { contentType: 'application/x-any' }));
    expect(etag).toBe(createHash('sha1').update(content).digest('hex'));
    const found = await documents.find(STATE, { id: 'd' });
    expect(found!.size).toBe(size);
    const read = await found!.read();
    expect(Buffer.from(read!.content).equals(content)).toBe(true);
    expect(read).toMatchObject({ id: 'd', etag, contentType: 'application/x-any' });
  });

  test('with a registration and one without are two', async () => {
    await documents.change(put({ id: 'd' }, 'without'));
    await documents.change(put({ id: 'd', registration: 'r1' }, 'with'));
    expect(await textOf({ id: 'd' })).toBe('without');
    expect(await textOf({ id: 'd', registration: 'r1' })).toBe('with');
    expect(await textOf({ id: 'd', registration: 'r2' })).toBeUndefined();
  });

  test('of one scope is not seen in another', async () => {
    await documents.change(put({ id: 'd' }, 'state'));
    expect(await textOf({ id: 'd' }, PROFILE)).toBeUndefined();
    expect(hashOf(STATE)).not.toBe(hashOf(PROFILE));
  });

  test('is seen by another node at once', async () => {
    const other = new Documents(openLog(), streams, () => 0 as Microseconds);
    await documents.change(put({ id: 'd' }, 'here'));
    const read = await (await other.find(STATE, { id: 'd' }))!.read();
    expect(Buffer.from(read.content).toString()).toBe('here');
  });
});

describe('preconditions', () => {
  const wrong = 'f'.repeat(40);
  test('hold for put, merge and delete alike', async () => {
    const { etag } = (await documents.change(merge({ id: 'd' }, '{"a":1}'))) as { etag: string };
    for (const ifMatch of [[wrong], []]) {
      expect(await refusal(put({ id: 'd' }, 'x', { preconditions: { ifMatch } }))).toEqual({
        reason: 'precondition-failed',
        etag,
      });
      expect(await refusal(merge({ id: 'd' }, '{}', { preconditions: { ifMatch } }))).toEqual({
        reason: 'precondition-failed',
        etag,
      });
      const change: DocumentChange = { kind: 'delete', scope: STATE, key: { id: 'd' }, preconditions: { ifMatch } };
      expect(await refusal(change)).toEqual({ reason: 'precondition-failed', etag });
    }
    expect(await refusal(put({ id: 'd' }, 'x', { preconditions: { ifNoneMatch: '*' } }))).toMatchObject({ etag });
    expect(await refusal(put({ id: 'd' }, 'x', { preconditions: { ifNoneMatch: [etag] } }))).toMatchObject({ etag });
    expect(await refusal(put({ id: 'new' }, 'x', { preconditions: { ifMatch: '*' } }))).toEqual({
      reason: 'precondition-failed',
    });
    await documents.change(put({ id: 'd' }, 'x', { preconditions: { ifMatch: [wrong, etag] } }));
    await documents.change(put({ id: 'new' }, 'y', { preconditions: { ifNoneMatch: '*' } }));
    expect([await textOf({ id: 'd' }), await textOf({ id: 'new' })]).toEqual(['x', 'y']);
  });

  test('are needed to replace, never to create, where the resource says so', async () => {
    const { etag } = await documents.change(put({ id: 'd' }, 'x', { preconditionNeeded: true }));
    expect(await refusal(put({ id: 'd' }, 'y', { preconditionNeeded: true }))).toEqual({
      reason: 'precondition-missing',
      etag,
    });
    expect(await textOf({ id: 'd' })).toBe('x');
  });

  test('let exactly one of many writers through, also over two nodes', async () => {
    const nodes = [documents, new Documents(openLog(), streams, () => 0 as Microseconds)];
    const { etag } = (await documents.change(put({ id: 'd' }, 'x'))) as { etag: string };
    const outcomes = await Promise.allSettled(
      Array.from({ length: 20 }, (_, i) =>
        nodes[i % 2]!.change(put({ id: 'd' }, `${i}`, { preconditions: { ifMatch: [etag] } })),
      ),
    );
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('a merge', () => {
  test('replaces the top-level members sent and keeps the others', async () => {
    await documents.change(merge({ id: 'd' }, '{"x":"foo","y":{"deep":1}}'));
    await documents.change(merge({ id: 'd' }, '{"y":{"other":2},"z":3}'));
    expect(JSON.parse((await textOf({ id: 'd' }))!)).toEqual({ x: 'foo', y: { other: 2 }, z: 3 });
  });

  test.each([
    ['a posted text', 'text/plain', '{}'],
    ['a posted array', 'application/json', '[1]'],
    ['a posted null', 'application/json', 'null'],
    ['posted rubbish', 'application/json', '{'],
  ])('of %s is refused, and what was there stays', async (_what, contentType, content) => {
    await documents.change(merge({ id: 'd' }, '{"x":1}'));
    expect(await refusal(merge({ id: 'd' }, content, { contentType }))).toMatchObject({ reason: 'not-mergeable' });
    expect(await refusal(merge({ id: 'new' }, content, { contentType }))).toMatchObject({ reason: 'not-mergeable' });
    expect(await textOf({ id: 'd' })).toBe('{"x":1}');
    expect(await textOf({ id: 'new' })).toBeUndefined();
  });

  test('into what is not a JSON object is refused', async () => {
    await documents.change(put({ id: 'd' }, 'plain'));
    expect(await refusal(merge({ id: 'd' }, '{"x":1}'))).toMatchObject({ reason: 'not-mergeable' });
  });

  test('of fifty writers over two nodes loses none', async () => {
    const nodes = [documents, new Documents(openLog(), streams, () => 0 as Microseconds)];
    await Promise.all(Array.from({ length: 50 }, (_, i) => nodes[i % 2]!.change(merge({ id: 'd' }, `{"k${i}":${i}}`))));
    const merged = JSON.parse((await textOf({ id: 'd' }))!);
    expect(merged).toEqual(Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, i])));
  });
});

describe('the documents of a scope', () => {
  test('are listed by id, of one registration, and changed after an instant', async () => {
    for (const key of [{ id: 'b' }, { id: 'a' }, { id: 'c', registration: 'r' }])
      await documents.change(put(key, key.id));
    const all = await documents.list(STATE, {});
    expect(all.map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    expect((await documents.list(STATE, { registration: 'r' })).map(({ id }) => id)).toEqual(['c']);
    const { updated } = all.find(({ id }) => id === 'a')!;
    expect((await documents.list(STATE, { since: updated })).map(({ id }) => id)).toEqual(['c']);
    await documents.change(put({ id: 'b' }, 'again'));
    expect((await documents.list(STATE, { since: updated })).map(({ id }) => id)).toEqual(['b', 'c']);
  });

  test('are deleted one, those of a registration, or all; a missing one is no error', async () => {
    for (const key of [{ id: 'a' }, { id: 'b' }, { id: 'c', registration: 'r' }])
      await documents.change(put(key, key.id));
    const ids = async () => (await documents.list(STATE, {})).map(({ id }) => id);
    await documents.change({ kind: 'delete', scope: STATE, key: { id: 'a' }, preconditions: {} });
    await documents.change({ kind: 'delete', scope: STATE, key: { id: 'a' }, preconditions: {} });
    expect(await ids()).toEqual(['b', 'c']);
    await documents.change({ kind: 'delete-all', scope: STATE, registration: 'r' });
    expect(await ids()).toEqual(['b']);
    await documents.change({ kind: 'delete-all', scope: STATE });
    expect(await ids()).toEqual([]);
  });

  test('register their scope before their first event', async () => {
    await documents.change(put({ id: 'a' }, 'x'));
    await documents.change(put({ id: 'b' }, 'y'));
    await documents.change(put({ id: 'a' }, 'z', { scope: PROFILE }));
    const registered = (await log.read(streams.documents, { limit: 10 })).map((event) =>
      documentScopeRegistered.parse(JSON.parse(Buffer.from(event.data).toString())),
    );
    expect(registered).toEqual([STATE, PROFILE].map((scope) => ({ scope, hash: hashOf(scope) })));
  });

  test('above what one event holds are refused whole', async () => {
    const ids = Array.from({ length: 60 }, (_, i) => `${i}`.padStart(20_000, 'x'));
    const outcomes = await Promise.allSettled(ids.map((id) => documents.change(put({ id }, ''))));
    const refused = outcomes.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[];
    expect(refused.length).toBeGreaterThan(0);
    for (const { reason } of refused) expect(reason.refusal.reason).toBe('too-large');
    expect(await documents.list(STATE, {})).toHaveLength(ids.length - refused.length);
  });
});

describe('chunks', () => {
  test('written by several at once, or cut off and written again, are one content', async () => {
    const content = Buffer.alloc(5 * CHUNK_BYTES + 7, 'abcdefg');
    const logs = [log, openLog(), openLog()];
    const clean = streams.attachment('f'.repeat(64));
    await Promise.all(logs.map((each) => storeChunks(each, clean, content)));
    expect(sha256Of((await readChunks(log, clean))!)).toBe(sha256Of(content));
    expect(await log.head(clean)).toBe(5);
  });

  test('that are not all there are no content', async () => {
    const content = Buffer.alloc(3 * CHUNK_BYTES, 1);
    const whole = streams.attachment('a'.repeat(64));
    await storeChunks(log, whole, content);
    const [first] = await log.read(whole, { limit: 1 });
    const cut = streams.attachment('b'.repeat(64));
    await log.append(cut, [first!], { expectedRevision: -1 as never });
    expect(await readChunks(log, cut)).toBeUndefined();
    await storeChunks(log, cut, content);
    expect(Buffer.from((await readChunks(log, cut))!).equals(content)).toBe(true);
    expect(await readChunks(log, streams.attachment('c'.repeat(64)))).toBeUndefined();
  });
});
