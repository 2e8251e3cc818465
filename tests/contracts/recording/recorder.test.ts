// What recording promises, on a real embedded log: whole requests, one statement an id, stamps that only rise.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  DEPARTMENT_OPENED,
  recordMetadata,
  recordOpened,
  STATEMENT_RECORDED,
  statementRecordedMetadata,
} from '../../../contracts/events/index.ts';
import { fromInstant } from '../../../contracts/time.ts';
import {
  type Microseconds,
  NOTHING,
  type Revision,
  type Sequence,
  type StatementId,
  type XapiVersion,
} from '../../../contracts/words.ts';
import type { Statement } from '../../../contracts/xapi/index.ts';
import {
  type Appended,
  type EventLog,
  LogUnavailable,
  type RecordedEvent,
  streamsWithPrefix,
} from '../../../src/event-log/index.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { prepareStatements, RecordingRefused } from '../../../src/recording/index.ts';
import { packStatements, unpackStatements } from '../../../src/recording/packing.ts';
import { Recorder } from '../../../src/recording/recorder.ts';
import type { KnownStatements } from '../../../src/recording/requests.ts';
import { TAIL_LIMIT } from '../../../src/recording/tail.ts';

const { record } = streamsWithPrefix('');
/** An index that has not begun: the tail alone knows the ids. */
const unindexed: KnownStatements = { find: (ids) => ids.map(() => undefined), indexedUpTo: () => NOTHING };
const AUTHORITY = { objectType: 'Agent', account: { homePage: 'https://lms.example', name: 'lms' } };

let folder: string;
const opened: { close(): Promise<void> }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pramaan-recorder-'));
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

function openLog(): EventLog {
  const log = openSqliteLog(join(folder, 'log.sqlite'), { create: true });
  opened.push(log);
  return log;
}

async function openRecorder(log = openLog(), simulatedClock = false): Promise<Recorder> {
  const recorder = await Recorder.open({ log, stream: record, known: unindexed, simulatedClock });
  opened.push(recorder);
  return recorder;
}

let nextId = 0;
function newId(): string {
  nextId += 1;
  return `00000000-0000-4000-8000-${String(nextId).padStart(12, '0')}`;
}

function statement(id: string | undefined, name = 'asha', more: Record<string, unknown> = {}): Statement {
  return {
    ...(id === undefined ? undefined : { id }),
    actor: { account: { homePage: 'https://igot.example', name } },
    verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
    object: { id: 'https://igot.example/courses/1' },
    ...more,
  } as unknown as Statement;
}

function request(
  statements: Statement[],
  options: { version?: XapiVersion; scopes?: string[]; importing?: boolean } = {},
) {
  const { version = '2.0.0', scopes = ['all', 'void'], importing = false } = options;
  return unpackStatements(
    packStatements({
      requestId: 'request-1',
      credential: { id: 'credential-1' as never, scopes },
      importing,
      version,
      statements: prepareStatements(statements, { version, authority: AUTHORITY, keepAuthority: importing }),
      attachments: [],
    }),
  );
}

async function everyEvent(log: EventLog): Promise<readonly RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for (;;) {
    const page = await log.read(record, { from: all.length as Revision, limit: 1_000 });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

const dataOf = (event: RecordedEvent) => JSON.parse(Buffer.from(event.data).toString());

async function refusal(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RecordingRefused);
  return (error as RecordingRefused).refusal;
}

describe('the record', () => {
  test('begins with record-opened, once, whoever opens it', async () => {
    const log = openLog();
    const [first, second] = await Promise.all([openRecorder(log), openRecorder(openLog())]);
    expect(first.recordId).toBe(second.recordId);
    const [event, ...rest] = await everyEvent(log);
    expect(recordOpened.parse(dataOf(event!))).toEqual({ recordId: first.recordId, simulatedClock: false });
    expect(rest).toEqual([]);
  });

  test('holds a statement exactly as it will be returned: what was sent, with id, authority, version, timestamp and stored', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const id = newId();
    const { sequence, recorded } = await recorder.record(
      request([
        statement(id, 'राम', { result: { score: { scaled: 0.5 }, extensions: { 'https://x.example/e': null } } }),
      ]),
    );
    expect({ sequence, recorded }).toEqual({ sequence: 1, recorded: 1 });
    const event = (await everyEvent(log))[1]!;
    expect(event.type).toBe(STATEMENT_RECORDED);
    expect(event.id).not.toBe(id);
    const data = dataOf(event);
    expect(data).toMatchObject({
      id,
      actor: { account: { name: 'राम' } },
      result: { score: { scaled: 0.5 }, extensions: { 'https://x.example/e': null } },
      authority: AUTHORITY,
      version: '2.0.0',
    });
    expect(data.timestamp).toBe(data.stored);
    expect(data.stored).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    expect(Buffer.from(event.data).toString()).toBe(JSON.stringify(data));
    const metadata = statementRecordedMetadata.parse(JSON.parse(Buffer.from(event.metadata).toString()));
    expect(metadata).toMatchObject({
      credential: 'credential-1',
      $correlationId: 'request-1',
      part: [1, 1],
      assigned: ['timestamp', 'version'],
    });
    expect(Buffer.from(metadata.salt, 'base64')).toHaveLength(16);
  });

  test('keeps the authority and the original stored of an import', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const authority = { account: { homePage: 'https://old.example', name: 'old' } };
    const stored = '2021-01-01T00:00:00.000Z';
    await recorder.record(request([statement(newId(), 'x', { authority, stored })], { importing: true }));
    const event = (await everyEvent(log))[1]!;
    expect(dataOf(event).authority).toEqual(authority);
    expect(dataOf(event).stored).not.toBe(stored);
    expect(JSON.parse(Buffer.from(event.metadata).toString()).originalStored).toBe(stored);
  });
});

describe('stored', () => {
  test('is unique and rises along the record, over many requests at once and over restarts', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    await Promise.all(
      Array.from({ length: 50 }, () => recorder.record(request(Array.from({ length: 20 }, () => statement(newId()))))),
    );
    await recorder.close();
    const again = await openRecorder(log);
    await again.record(request([statement(newId())]));
    const stamps = (await everyEvent(log)).slice(1).map((event) => fromInstant(dataOf(event).stored)!);
    expect(stamps).toHaveLength(1_001);
    for (let i = 1; i < stamps.length; i++) expect(stamps[i]!).toBeGreaterThan(stamps[i - 1]!);
  });

  test('rises over two recorders that write to one log at once', async () => {
    const log = openLog();
    const recorders = [await openRecorder(log), await openRecorder(openLog())];
    await Promise.all(
      Array.from({ length: 40 }, (_, i) => recorders[i % 2]!.record(request([statement(newId()), statement(newId())]))),
    );
    const events = (await everyEvent(log)).slice(1);
    expect(events).toHaveLength(80);
    const stamps = events.map((event) => fromInstant(dataOf(event).stored)!);
    expect(stamps).toEqual([...new Set(stamps)].sort((a, b) => a - b));
    // Requests stay whole: their parts stand next to each other.
    const parts = events.map((event) => JSON.parse(Buffer.from(event.metadata).toString()).part[0]);
    expect(parts).toEqual(Array.from({ length: 80 }, (_, i) => (i % 2) + 1));
  });

  test('is never at or below what consistentThrough has said', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const said: { through: Microseconds; head: Sequence }[] = [];
    const writes = Array.from({ length: 200 }, async () => {
      await recorder.record(request([statement(newId())]));
      said.push(await recorder.consistentThrough());
    });
    await Promise.all(writes);
    const events = await everyEvent(log);
    for (const { through, head } of said) {
      for (const event of events.slice(head + 1)) {
        expect(fromInstant(dataOf(event).stored)!).toBeGreaterThan(through);
      }
    }
  });

  test('moves on when nothing is written', async () => {
    const recorder = await openRecorder();
    const { through } = await recorder.consistentThrough();
    await expect.poll(async () => (await recorder.consistentThrough()).through).toBeGreaterThan(through);
  });
});

describe('one statement an id', () => {
  test('the same statement again succeeds and stores nothing', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const id = newId();
    await recorder.record(request([statement(id)]));
    expect(await recorder.record(request([statement(id)]))).toEqual({ sequence: 1, recorded: 0 });
    expect(await recorder.record(request([statement(newId()), statement(id)]))).toEqual({ sequence: 2, recorded: 1 });
    expect(await everyEvent(log)).toHaveLength(3);
  });

  test('what the store returned may be sent again', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    await recorder.record(request([statement(newId())]));
    const returned = dataOf((await everyEvent(log))[1]!);
    expect(await recorder.record(request([returned]))).toMatchObject({ recorded: 0 });
  });

  test('another statement under the id is a conflict, and the whole request is refused', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const id = newId();
    await recorder.record(request([statement(id)]));
    const refused = await refusal(recorder.record(request([statement(newId()), statement(id, 'somebody else')])));
    expect(refused).toEqual({ reason: 'conflict', statements: [{ index: 1, id }] });
    expect(await everyEvent(log)).toHaveLength(2);
  });

  test('of two with one id at the same instant one wins, on one recorder and on two', async () => {
    const log = openLog();
    const recorders = [await openRecorder(log), await openRecorder(openLog())];
    for (let round = 0; round < 50; round++) {
      const id = newId();
      const outcomes = await Promise.allSettled([
        recorders[0]!.record(request([statement(id, 'first')])),
        recorders[round % 2]!.record(request([statement(id, 'second')])),
      ]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    }
    const ids = (await everyEvent(log)).slice(1).map((event) => dataOf(event).id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('a restart forgets no id that is not indexed yet', async () => {
    const log = openLog();
    const id = newId();
    const first = await openRecorder(log);
    await first.record(request([statement(id)]));
    await first.close();
    const second = await openRecorder(log);
    expect(await refusal(second.record(request([statement(id, 'other')])))).toMatchObject({ reason: 'conflict' });
  });
});

describe('an id that leaves the tail while a group is being decided', () => {
  test('is still known: the index was asked before it left', async () => {
    const log = openLog();
    let whileReading: (() => void) | undefined;
    const observed: EventLog = Object.assign(Object.create(log) as EventLog, {
      limits: log.limits,
      append: log.append.bind(log),
      readLast: log.readLast.bind(log),
      head: log.head.bind(log),
      read: (...parameters: Parameters<EventLog['read']>) => {
        whileReading?.();
        return log.read(...parameters);
      },
    });
    const recorder = await openRecorder(observed);
    const [first, second] = [statement(newId()), statement(newId())];
    await recorder.record(request([first, second]));
    whileReading = () => recorder.indexed(recorder.head);
    // The first is compared with what the log holds; meanwhile the index commits both.
    expect(await recorder.record(request([first, second]))).toEqual({ sequence: 2, recorded: 0 });
    await expect.poll(() => recorder.findRecent((second as unknown as { id: StatementId }).id)).toBeUndefined();
  });
});

describe('voiding', () => {
  const voiding = (id: string) =>
    statement(newId(), 'admin', {
      verb: { id: 'http://adlnet.gov/expapi/verbs/voided' },
      object: { objectType: 'StatementRef', id },
    });

  test('needs the scope void or import, and an unknown target is legal', async () => {
    const recorder = await openRecorder();
    expect(await refusal(recorder.record(request([voiding(newId())], { scopes: ['all'] })))).toEqual({
      reason: 'may-not-void',
    });
    expect(await recorder.record(request([voiding(newId())]))).toMatchObject({ recorded: 1 });
  });

  test('a voiding statement cannot be voided', async () => {
    const recorder = await openRecorder();
    const first = voiding(newId());
    await recorder.record(request([first]));
    const { id } = first as unknown as { id: string };
    expect(await refusal(recorder.record(request([voiding(id)])))).toEqual({ reason: 'voids-a-void', index: 0, id });
    expect(await recorder.record(request([voiding(id)], { importing: true }))).toMatchObject({ recorded: 1 });
  });
});

describe('events of commands', () => {
  const opening = (id: string) => ({
    type: DEPARTMENT_OPENED,
    data: { id, kind: 'state', names: { en: id }, from: '2020-01-01' },
  });

  test('come together, without a gap, with the load, the credential and the request they belong to', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const load = '5f0f7d86-1a55-4f3e-9d55-3a7f5b0c2d11';
    const [{ sequence }] = await Promise.all([
      recorder.recordEvents({ events: [opening('up'), opening('mp')], load, credential: 'c', requestId: 'r' }),
      recorder.record(request([statement(newId())])),
    ]);
    expect(sequence).toBe(2);
    const events = await everyEvent(log);
    expect(events.slice(1, 3).map((event) => dataOf(event).id)).toEqual(['up', 'mp']);
    const metadata = events
      .slice(1, 3)
      .map((event) => recordMetadata.parse(JSON.parse(Buffer.from(event.metadata).toString())));
    for (const each of metadata) expect(each).toMatchObject({ load, credential: 'c', $correlationId: 'r' });
    expect(fromInstant(metadata[1]!.recordedAt)).toBeGreaterThan(fromInstant(metadata[0]!.recordedAt)!);
  });

  test('are refused when another command came in since; statements in between are nothing to them', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const first = await recorder.recordEvents({ events: [opening('up')], unlessCommandsSince: recorder.head });
    await recorder.record(request([statement(newId())]));
    const second = await recorder.recordEvents({ events: [opening('mp')], unlessCommandsSince: first.sequence });
    const late = recorder.recordEvents({ events: [opening('br')], unlessCommandsSince: first.sequence });
    expect(await refusal(late)).toEqual({ reason: 'overtaken' });
    expect(await log.head(record)).toBe(second.sequence);
  });

  test('of two decided on the same state one is recorded, also when both wait in one group', async () => {
    const recorder = await openRecorder();
    const unlessCommandsSince = recorder.head;
    const both = await Promise.allSettled([
      recorder.recordEvents({ events: [opening('up')], unlessCommandsSince }),
      recorder.recordEvents({ events: [opening('mp')], unlessCommandsSince }),
    ]);
    expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  test('from before the start count too', async () => {
    const log = openLog();
    const before = await openRecorder(log);
    const { sequence } = await before.recordEvents({ events: [opening('up')] });
    await before.record(request([statement(newId()), statement(newId())]));
    await before.close();

    const recorder = await openRecorder(log);
    const stale = recorder.recordEvents({ events: [opening('mp')], unlessCommandsSince: (sequence - 1) as Sequence });
    expect(await refusal(stale)).toEqual({ reason: 'overtaken' });
    await recorder.recordEvents({ events: [opening('mp')], unlessCommandsSince: sequence });
  });

  test('are decided again when another node wrote first: overtaken by its command, not by its statements', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const other = await openRecorder(openLog());
    const since = recorder.head;
    await other.record(request([statement(newId())]));
    const { sequence } = await recorder.recordEvents({ events: [opening('up')], unlessCommandsSince: since });
    const theirs = other.recordEvents({ events: [opening('mp')], unlessCommandsSince: since });
    expect(await refusal(theirs)).toEqual({ reason: 'overtaken' });
    expect(await log.head(record)).toBe(sequence);
  });

  test('of other nodes count although the index covered them before they were seen here', async () => {
    const recorder = await openRecorder();
    const since = recorder.head;
    const other = await openRecorder(openLog());
    const theirs = await other.recordEvents({ events: [opening('up')] });
    const { sequence } = await other.record(request([statement(newId()), statement(newId())]));
    recorder.indexed(sequence);
    const stale = recorder.recordEvents({ events: [opening('mp')], unlessCommandsSince: since });
    expect(await refusal(stale)).toEqual({ reason: 'overtaken' });
    await recorder.recordEvents({ events: [opening('mp')], unlessCommandsSince: theirs.sequence });
  });
});

describe('the simulated clock', () => {
  test('stands until it is moved, only forwards, and survives a restart', async () => {
    const log = openLog();
    const recorder = await openRecorder(log, true);
    const to = fromInstant('2027-03-31T18:29:59.999Z')!;
    await recorder.moveClock(to, 'credential-1');
    await recorder.record(request([statement(newId())]));
    expect(dataOf((await everyEvent(log)).at(-1)!).stored).toBe('2027-03-31T18:29:59.999000Z');
    expect(await refusal(recorder.moveClock(to, 'credential-1'))).toMatchObject({ reason: 'clock-backwards' });
    await recorder.close();
    // What the record was made with counts, not what the start says.
    const again = await openRecorder(log, false);
    expect(again.simulated).toBe(true);
    await again.record(request([statement(newId())]));
    expect(dataOf((await everyEvent(log)).at(-1)!).stored).toBe('2027-03-31T18:29:59.999001Z');
  });

  test('a real one is not moved', async () => {
    const recorder = await openRecorder();
    expect(await refusal(recorder.moveClock(fromInstant('2030-01-01T00:00:00Z')!, 'c'))).toEqual({
      reason: 'clock-is-real',
    });
  });
});

describe('when the statement index is far behind', () => {
  test('writes are refused above the limit of the tail, also after a restart, and go on when it has caught up', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const sent = Array.from({ length: 5_000 }, () => statement(undefined));
    for (let written = 0; written < TAIL_LIMIT; written += sent.length) await recorder.record(request(sent));
    expect(await refusal(recorder.record(request([statement(newId())])))).toMatchObject({ reason: 'unavailable' });
    recorder.indexed(recorder.head);
    const id = newId();
    const { sequence } = await recorder.record(request([statement(id)]));
    await recorder.close();

    const restarted = await openRecorder(log);
    expect(await refusal(restarted.record(request([statement(newId())])))).toMatchObject({ reason: 'unavailable' });
    expect(await restarted.findRecent(id as StatementId)).toBeUndefined();
    restarted.indexed((sequence - 1) as Sequence);
    await expect.poll(() => restarted.findRecent(id as StatementId)).toBe(sequence);
    expect(await refusal(restarted.record(request([statement(id, 'other')])))).toMatchObject({ reason: 'conflict' });
    expect(await restarted.record(request([statement(newId())]))).toMatchObject({ recorded: 1 });
  });
});

describe('when the log fails', () => {
  /** The real log with faults switched on in front of it. */
  function faulty(log: EventLog, fault: { next?: 'ack-lost' | 'nothing-stored' }): EventLog {
    return new Proxy(log, {
      get(target, property) {
        if (property !== 'append') {
          const value = Reflect.get(target, property);
          return typeof value === 'function' ? value.bind(target) : value;
        }
        return async (...parameters: Parameters<EventLog['append']>): Promise<Appended> => {
          const { next } = fault;
          delete fault.next;
          if (next === 'nothing-stored') throw new LogUnavailable('the disk is full', { outcome: 'nothing-stored' });
          const appended = await target.append(...parameters);
          if (next === 'ack-lost') throw new LogUnavailable('connection dropped');
          return appended;
        };
      },
    });
  }

  test('an append whose answer was lost is sent again as it was, and stored once', async () => {
    const log = openLog();
    const fault: { next?: 'ack-lost' } = {};
    const recorder = await openRecorder(faulty(log, fault));
    fault.next = 'ack-lost';
    expect(await recorder.record(request([statement(newId()), statement(newId())]))).toEqual({
      sequence: 2,
      recorded: 2,
    });
    expect(await everyEvent(log)).toHaveLength(3);
    expect(await recorder.record(request([statement(newId())]))).toEqual({ sequence: 3, recorded: 1 });
  });

  test('a log that stored nothing is a refusal, and the next request goes through', async () => {
    const log = openLog();
    const fault: { next?: 'nothing-stored' } = {};
    const recorder = await openRecorder(faulty(log, fault));
    fault.next = 'nothing-stored';
    const sent = statement(newId());
    expect(await refusal(recorder.record(request([sent])))).toMatchObject({ reason: 'unavailable' });
    expect(await recorder.record(request([sent]))).toEqual({ sequence: 1, recorded: 1 });
  });

  test('a request above the limit of one append is refused by itself', async () => {
    const log = openLog();
    const recorder = await openRecorder(log);
    const big = statement(newId(), 'x', { result: { response: 'x'.repeat(log.limits.eventBytes) } });
    const [large, small] = await Promise.allSettled([
      recorder.record(request([big])),
      recorder.record(request([statement(newId())])),
    ]);
    expect(large.status === 'rejected' && (large.reason as RecordingRefused).refusal.reason).toBe('too-large');
    expect(small.status).toBe('fulfilled');
    expect((await recorder.consistentThrough()).head).toBe(1);
  });
});
