// What recording promises when other nodes write to the same log: two recorders over one real log, each with a copy of its own
// that is as far behind as the test says.

import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromInstant } from '../../../contracts/time.ts';
import {
  type EventId,
  type Microseconds,
  NOTHING,
  type Revision,
  type Sequence,
  type StatementId,
} from '../../../contracts/words.ts';
import type { Statement } from '../../../contracts/xapi/index.ts';
import {
  type Appended,
  type EventLog,
  type LocalLog,
  LogUnavailable,
  type RecordedEvent,
  streamsWithPrefix,
  WrongExpectedRevision,
} from '../../../src/event-log/index.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { rebuildStatementIndex } from '../../../src/projector/index.ts';
import { openIndexLookup } from '../../../src/read-models/index.ts';
import { prepareStatements, RecordingRefused } from '../../../src/recording/index.ts';
import { packStatements, unpackStatements } from '../../../src/recording/packing.ts';
import type { Promised } from '../../../src/recording/promise.ts';
import { Recorder } from '../../../src/recording/recorder.ts';
import type { KnownStatements } from '../../../src/recording/requests.ts';
import { SharedClock } from '../../../src/recording/shared-clock.ts';
import { TAIL_LIMIT } from '../../../src/recording/tail.ts';

/** What consistentThrough has said is said again for so long. */
const READING_SERVES_MS = 260;
const AUTHORITY = { objectType: 'Agent', account: { homePage: 'https://lms.example', name: 'lms' } };
/** An index that has not begun: the tail alone knows the ids. */
const unindexed: KnownStatements = { find: (ids) => ids.map(() => undefined), indexedUpTo: () => NOTHING };

let folder: string;
let opened: { close(): unknown }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pramaan-shared-'));
});
afterEach(async () => {
  vi.useRealTimers();
  for (const each of opened.reverse()) await each.close();
  opened = [];
  rmSync(folder, { recursive: true, force: true });
});

/** A node's way to the log that all share, with what happens on it. */
class Way {
  /** The log itself; replaced by a test that loses some of it. */
  log: LocalLog = opening('server');
  readonly record: string;
  appends = 0;
  reads = 0;
  /** Called before an append to the record reaches the log, and after it has. */
  before: () => Promise<void> | void = () => undefined;
  after: () => Promise<void> | void = () => undefined;
  /** Called when another was first. */
  lost: () => Promise<void> | void = () => undefined;

  constructor(record: string) {
    this.record = record;
  }

  get limits(): EventLog['limits'] {
    return this.log.limits;
  }

  async append(...[stream, events, options]: Parameters<EventLog['append']>): Promise<Appended> {
    if (stream !== this.record) return this.log.append(stream, events, options);
    this.appends += 1;
    await this.before();
    try {
      const appended = await this.log.append(stream, events, options);
      await this.after();
      return appended;
    } catch (error) {
      if (error instanceof WrongExpectedRevision) await this.lost();
      throw error;
    }
  }

  read(...[stream, options]: Parameters<EventLog['read']>): Promise<readonly RecordedEvent[]> {
    if (stream === this.record) this.reads += 1;
    return this.log.read(stream, options);
  }

  readLast = (stream: string) => this.log.readLast(stream);
  head = (stream: string) => this.log.head(stream);
  subscribe = (...parameters: Parameters<EventLog['subscribe']>) => this.log.subscribe(...parameters);
  close = () => this.log.close();
}

function opening(name: string): LocalLog {
  const log = openSqliteLog(join(folder, `${name}.sqlite`), { localCopy: name.startsWith('copy') });
  opened.push(log);
  return log;
}

interface Node {
  readonly recorder: Recorder;
  readonly way: Way;
  readonly copy: LocalLog;
  /** Lets the copy come to this sequence, or to the head. */
  copyUpTo(sequence?: number): Promise<void>;
}

async function startNode(
  name: string,
  { known = unindexed, prefix = '', simulatedClock = false } = {} as {
    known?: KnownStatements;
    prefix?: string;
    simulatedClock?: boolean;
  },
): Promise<Node> {
  const streams = streamsWithPrefix(prefix);
  const way = new Way(streams.record);
  const copy = opening(`copy-${name}`);
  const clock = new SharedClock(way, streams.clock);
  const recorder = await Recorder.open({
    ...{ log: way, stream: streams.record, known, simulatedClock },
    shared: { copy, clock },
  });
  opened.push(recorder);
  way.reads = 0;
  return {
    recorder,
    way,
    copy,
    async copyUpTo(sequence) {
      const from = await copy.head(streams.record);
      const limit = (sequence ?? (await way.log.head(streams.record))) - from;
      if (limit <= 0) return;
      const events = await way.log.read(streams.record, { from: (from + 1) as Revision, limit });
      const { revision } = await copy.append(streams.record, events, { expectedRevision: from });
      recorder.copied(revision as number as Sequence);
    },
  };
}

const two = async (options = {}): Promise<[Node, Node]> => [
  await startNode('a', options),
  await startNode('b', options),
];

let nextId = 0;
function newId(): string {
  nextId += 1;
  return `00000000-0000-4000-8000-${String(nextId).padStart(12, '0')}`;
}

function statement(id = newId(), name = 'asha', more: object = {}): Statement & { id: StatementId } {
  return {
    id,
    actor: { account: { homePage: 'https://igot.example', name } },
    verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
    object: { id: 'https://igot.example/courses/1' },
    ...more,
  } as unknown as Statement & { id: StatementId };
}

function record(node: Node, ...statements: Statement[]) {
  const packed = packStatements({
    requestId: 'request-1',
    credential: { id: 'credential-1' as never, scopes: ['all', 'void'] },
    importing: false,
    version: '2.0.0',
    statements: prepareStatements(statements, { version: '2.0.0', authority: AUTHORITY, keepAuthority: false }),
    attachments: [],
  });
  return node.recorder.record(unpackStatements(packed));
}

async function everyEvent({ way }: Node): Promise<readonly RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for (;;) {
    const page = await way.log.read(way.record, { from: all.length as Revision, limit: 1_000 });
    if (page.length === 0) return all;
    all.push(...page);
  }
}

const dataOf = (event: RecordedEvent) => JSON.parse(Buffer.from(event.data).toString());
const storedOf = (event: RecordedEvent): Microseconds => fromInstant(dataOf(event).stored)!;

async function refusal(work: Promise<unknown>) {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RecordingRefused);
  return (error as RecordingRefused).refusal;
}

describe('what another node recorded', () => {
  test('is taken in from the copy before anything is decided: no race is lost and the log is not read', async () => {
    const [a, b] = await two();
    const [theirs, same] = [statement(), statement()];
    await record(a, theirs, same);
    await b.copyUpTo();
    expect(await record(b, statement(), same)).toEqual({ sequence: 3, recorded: 1 });
    expect(b.way).toMatchObject({ appends: 1, reads: 0 });
    expect(await refusal(record(b, statement(theirs.id, 'somebody else')))).toMatchObject({ reason: 'conflict' });
    expect(b.way).toMatchObject({ appends: 1, reads: 0 });
  });

  test('and was not copied yet is known after the lost race, from the copy as soon as it comes', async () => {
    const [a, b] = await two();
    const theirs = statement();
    await record(a, theirs);
    b.way.lost = () => b.copyUpTo();
    const outcome = refusal(record(b, statement(), statement(theirs.id, 'somebody else')));
    expect(await outcome).toMatchObject({ reason: 'conflict', statements: [{ index: 1, id: theirs.id }] });
    expect(b.way).toMatchObject({ appends: 1, reads: 0 });
    expect(await everyEvent(b)).toHaveLength(2);
  });

  test('is read from the log itself when the copy lags, and only what the copy lacks', async () => {
    const [a, b] = await two();
    const theirs = [statement(), statement(), statement()];
    for (const each of theirs) await record(a, each);
    await b.copyUpTo(2);
    const waited = performance.now();
    expect(await record(b, statement(), theirs[2]!)).toEqual({ sequence: 4, recorded: 1 });
    expect(performance.now() - waited).toBeLessThan(2_000);
    expect(b.way).toMatchObject({ appends: 2, reads: 2 });
    for (const { id } of theirs) {
      expect(await refusal(record(b, statement(id, 'somebody else')))).toMatchObject({ reason: 'conflict' });
    }
    expect(await everyEvent(b)).toHaveLength(5);
  });

  test('and is indexed here already is not read again, and is known', async () => {
    const streams = streamsWithPrefix('');
    const a = await startNode('a');
    const first = await startNode('b');
    const theirs = Array.from({ length: 50 }, () => statement());
    for (const each of theirs) await record(a, each);
    await first.copyUpTo();
    await rebuildStatementIndex({ dataDir: folder, logFile: join(folder, 'copy-b.sqlite'), streams });
    const lookup = openIndexLookup(folder);
    opened.push(lookup);
    let indexedUpTo: Sequence = NOTHING;
    const b = await startNode('c', { known: { find: (ids) => lookup.find(ids), indexedUpTo: () => indexedUpTo } });
    // The tail knows them; then others go on, and the index of this node has all of it before the node writes.
    indexedUpTo = lookup.checkpoint().sequence;
    expect(indexedUpTo).toBe(50);
    b.recorder.indexed(indexedUpTo);
    expect(b.recorder.status().tail).toBe(0);
    expect(await refusal(record(b, statement(theirs[7]!.id, 'somebody else')))).toMatchObject({ reason: 'conflict' });
    expect(await record(b, theirs[8]!, statement())).toEqual({ sequence: 51, recorded: 1 });
    const stamps = (await everyEvent(b)).slice(1).map(storedOf);
    expect(stamps).toEqual([...new Set(stamps)].sort((one, other) => one - other));
  });

  test('a statement asked for by id is not answered before the copy has it', async () => {
    const [a, b] = await two();
    const theirs = statement();
    await record(a, theirs);
    await record(b, statement());
    const finding = b.recorder.findRecent(theirs.id);
    await b.copyUpTo();
    expect(await finding).toBe(1);
    expect(await b.copy.head(b.way.record)).toBe(2);
  });
});

test('more than the tail may hold is not taken in: writes wait for the index', async () => {
  const [a, b] = await two();
  const { sequence } = await record(a, statement());
  const [, like] = await everyEvent(a);
  for (let head = sequence as number; head <= TAIL_LIMIT; ) {
    const events = Array.from({ length: 5_000 }, (_, i) => {
      const id = `00000000-0000-4000-9000-${String(head + i).padStart(12, '0')}`;
      const data = Buffer.from(JSON.stringify({ ...dataOf(like!), id }));
      return { ...like!, id: id as EventId, data };
    });
    const appended = await b.way.log.append(b.way.record, events, { expectedRevision: head as Revision });
    head = appended.revision;
  }
  const sent = statement();
  expect(await refusal(record(a, sent))).toMatchObject({ detail: expect.stringMatching(/statements behind/) });
  expect(a.recorder.status().tail).toBeLessThan(10);
  a.recorder.indexed((await a.way.head(a.way.record)) as number as Sequence);
  expect(await record(a, sent)).toMatchObject({ recorded: 1 });
});

describe('two recorders that write at once', () => {
  test('stamp later than each other, also the one whose clock is behind', async () => {
    const [a, b] = await two();
    for (let round = 0; round < 5; round++) {
      await record(a, statement());
      if (round % 2 === 0) await b.copyUpTo();
      await behind(3_000, () => record(b, statement(), statement()));
    }
    const stamps = (await everyEvent(a)).slice(1).map(storedOf);
    expect(stamps).toHaveLength(15);
    for (let i = 1; i < stamps.length; i++) expect(stamps[i]!).toBeGreaterThan(stamps[i - 1]!);
  });

  test('keep requests whole, ids single and stamps rising, with copies that follow in their own time', async () => {
    const nodes = await two();
    const shared = Array.from({ length: 30 }, () => newId());
    let writing = true;
    const following = nodes.map(async (node) => {
      while (writing) {
        await node.copyUpTo();
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    const outcomes = await Promise.allSettled(
      shared.flatMap((id) =>
        nodes.flatMap((node, place) => [
          record(node, statement(), statement(id, `node ${place}`), statement()),
          record(node, statement()),
        ]),
      ),
    );
    writing = false;
    await Promise.all(following);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(30);
    const events = (await everyEvent(nodes[0])).slice(1);
    expect(events).toHaveLength(30 * 3 + 60);
    const ids = events.map((event) => dataOf(event).id);
    expect(new Set(ids).size).toBe(ids.length);
    const stamps = events.map(storedOf);
    for (let i = 1; i < stamps.length; i++) expect(stamps[i]!).toBeGreaterThan(stamps[i - 1]!);
    const parts = events.map((event) => JSON.parse(Buffer.from(event.metadata).toString()).part as [number, number]);
    for (const [i, [part]] of parts.entries()) if (part > 1) expect(parts[i - 1]![0]).toBe(part - 1);
  });
});

/** While the clock of this machine is behind by so many milliseconds. */
async function behind<T>(milliseconds: number, work: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - milliseconds });
  try {
    return await work();
  } finally {
    vi.useRealTimers();
  }
}

describe('when the outcome of an append stays unknown', () => {
  const FOR_LONG_MS = 31_000;

  /** Everybody is told 503, then time passes. */
  async function giveUp(node: Node, sent: Statement): Promise<void> {
    expect(await refusal(record(node, sent))).toMatchObject({ reason: 'unavailable' });
    expect(node.recorder.status().away).toBeDefined();
    expect(await refusal(record(node, statement()))).toMatchObject({ reason: 'unavailable' });
    // Timers go on as they do; only what the clock says jumps.
    const now = performance.now();
    vi.useFakeTimers({ toFake: ['performance'] });
    vi.advanceTimersByTime(now + FOR_LONG_MS);
    await expect.poll(() => node.recorder.status().away).toBeUndefined();
    vi.useRealTimers();
  }

  test('for half a minute, and it was never stored: it is given up, and the statement is taken when it comes again', async () => {
    const [a, b] = await two();
    await record(a, statement());
    a.way.before = () => {
      throw new LogUnavailable('the server does not answer');
    };
    const sent = statement();
    await giveUp(a, sent);
    a.way.before = () => undefined;
    expect(await record(b, statement())).toMatchObject({ recorded: 1 });
    expect(await record(a, sent)).toEqual({ sequence: 3, recorded: 1 });
  });

  test('for half a minute, and it was stored: it is found, and stored once', async () => {
    const [a, b] = await two();
    a.way.after = () => {
      throw new LogUnavailable('the answer was lost');
    };
    const sent = statement();
    await giveUp(a, sent);
    a.way.after = () => undefined;
    expect(await record(a, sent)).toEqual({ sequence: 1, recorded: 0 });
    expect(await refusal(record(b, statement(sent.id as string, 'other')))).toMatchObject({ reason: 'conflict' });
  });

  test('and it gets in after it was given up, of it and what is stamped anew only one does', async () => {
    const [a] = await two();
    const waiting: (() => Promise<unknown>)[] = [];
    const { log } = a.way;
    // The first one is on its way for longer than anybody waits for it.
    a.way.before = () => {
      throw new LogUnavailable('the server does not answer');
    };
    const append = a.way.append.bind(a.way);
    a.way.append = (...parameters) => {
      if (parameters[0] === a.way.record && waiting.length === 0) waiting.push(() => log.append(...parameters));
      return append(...parameters);
    };
    const sent = statement();
    await giveUp(a, sent);
    // As long as it may get in, nothing is promised past it.
    const said: Promised[] = [];
    for (let i = 0; i < 3; i++) {
      await delay(READING_SERVES_MS);
      said.push(await a.recorder.consistentThrough());
    }
    a.way.before = async () => {
      a.way.before = () => undefined;
      await waiting[0]!();
    };
    expect(await record(a, statement(), sent)).toEqual({ sequence: 2, recorded: 1 });
    const events = await everyEvent(a);
    expect(events).toHaveLength(3);
    for (const { through } of said) expect(storedOf(events[1]!)).toBeGreaterThan(through);
    const later = Date.now() * 1_000;
    await expect.poll(async () => (await a.recorder.consistentThrough()).through).toBeGreaterThanOrEqual(later);
  });
});

describe('a log that ends before what it acknowledged', () => {
  test('is not written to any more, and it says where it ends', async () => {
    const a = await startNode('a');
    await record(a, statement());
    // A copy of the file as it is, to which a server may be set back.
    await a.way.log.close();
    copyFileSync(join(folder, 'server.sqlite'), join(folder, 'older.sqlite'));
    a.way.log = opening('server');
    await record(a, statement(), statement());
    a.way.log = opening('older');
    const refused = await refusal(record(a, statement()));
    expect(refused).toMatchObject({
      reason: 'unavailable',
      detail: expect.stringMatching(/ends at sequence 1, but sequence 3 was acknowledged/),
    });
    expect(await refusal(record(a, statement()))).toEqual(refused);
    expect(await everyEvent(a)).toHaveLength(2);
    // A leader that was frozen may answer so until it knows that it leads no more: with the end that was acknowledged it goes on.
    a.way.log = opening('server');
    expect(await record(a, statement())).toMatchObject({ recorded: 1 });
    expect(a.recorder.status().refusing).toBeUndefined();
    // A loss lasts, and then it is for good.
    a.way.log = opening('older');
    for (;;) {
      expect(await refusal(record(a, statement()))).toMatchObject({
        detail: expect.stringMatching(/ends at sequence 1/),
      });
      if (a.recorder.status().refusing !== undefined) break;
      await delay(100);
    }
    expect(a.recorder.status().refusing).toMatch(/sequence 4 was acknowledged/);
    a.way.log = opening('server');
    await refusal(record(a, statement()));
  });
});

describe('consistentThrough', () => {
  /** What was said, against all that came after the head that it was said for. */
  async function holds(node: Node, said: readonly Promised[]): Promise<void> {
    const events = await everyEvent(node);
    for (const { through, head } of said) {
      for (const event of events.slice(head + 1)) {
        if (event.type === 'statement-recorded.v1') expect(storedOf(event)).toBeGreaterThan(through);
      }
    }
  }

  test('of a sole writer does not reach what is under way, also when it is said again after that was stored', async () => {
    const a = await startNode('a');
    await record(a, statement());
    const held = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    a.way.before = () => {
      sent.resolve();
      return held.promise;
    };
    const recording = record(a, statement());
    await sent.promise;
    const said = [await a.recorder.consistentThrough()];
    held.resolve();
    await recording;
    // Within the moment for which a reading serves.
    said.push(await a.recorder.consistentThrough());
    expect(said[0]!.head).toBe(1);
    await holds(a, said);
  });

  test('of a node beside a writer does not reach what that one has under way', async () => {
    const [a, b] = await two();
    const held = Promise.withResolvers<void>();
    const sent = Promise.withResolvers<void>();
    b.way.before = () => {
      sent.resolve();
      return held.promise;
    };
    const recording = record(b, statement());
    await sent.promise;
    const said: Promised[] = [];
    await expect.poll(async () => said.push(await a.recorder.consistentThrough()) && said.at(-1)!.through).not.toBe(0);
    held.resolve();
    await recording;
    await holds(a, said);
    expect(await everyEvent(a)).toHaveLength(2);
  });

  test('of the present holds against one who begins to write with a clock that is behind', async () => {
    const [a, b] = await two();
    const said: Promised[] = [];
    const before = Date.now() * 1_000;
    await expect
      .poll(async () => said.push(await a.recorder.consistentThrough()) && said.at(-1)!.through)
      .toBeGreaterThanOrEqual(before);
    await behind(3_000, () => record(b, statement()));
    await holds(a, said);
    expect(await everyEvent(a)).toHaveLength(2);
  });

  test('holds when the clock of the server is set back, however often it is asked in between', async () => {
    const [a, b] = await two();
    const said = [await a.recorder.consistentThrough()];
    await behind(3_000, async () => {
      const streams = streamsWithPrefix('');
      for (let i = 0; i < 3; i++) await new SharedClock(a.way, streams.clock).othersAreThrough();
      await record(b, statement());
    });
    await holds(a, said);
    expect(await everyEvent(a)).toHaveLength(2);
  });

  test('moves with the present while nobody else writes, and stays a minute behind while somebody does', async () => {
    const [a, b] = await two();
    await record(a, statement());
    const before = Date.now() * 1_000;
    await expect
      .poll(async () => (await a.recorder.consistentThrough()).through)
      .toBeGreaterThanOrEqual(before - 1_000_000);
    await record(b, statement());
    await expect.poll(async () => (await a.recorder.consistentThrough()).through).toBeLessThan(before - 50_000_000);
  });

  test('is not undone by a process that stands still between stamping and sending: it stamps anew', async () => {
    const [a] = await two();
    const again = statement();
    await record(a, again);
    const { read } = a.way.log;
    const stamped = Date.now() * 1_000;
    // The second request asks the log for the statement that it repeats, after the first was stamped.
    a.way.log.read = (...parameters) => {
      a.way.log.read = read;
      // Both clocks go on from there, as they do.
      for (const clock of [performance, Date]) {
        const now = clock.now.bind(clock);
        vi.spyOn(clock, 'now').mockImplementation(() => now() + 31_000);
      }
      return read.apply(a.way.log, parameters);
    };
    await Promise.all([record(a, statement()), record(a, again)]);
    vi.restoreAllMocks();
    expect(storedOf((await everyEvent(a)).at(-1)!)).toBeGreaterThan(stamped + 30_000_000);
  });

  test('is never above what another writer may still add, whoever begins to write and whenever', async () => {
    for (let round = 0; round < 4; round++) {
      const prefix = `round-${round}-`;
      const nodes = [
        await startNode(`a-${round}`, { prefix }),
        await startNode(`b-${round}`, { prefix }),
        await startNode(`c-${round}`, { prefix }),
      ];
      const aWhile = (most: number) => new Promise((resolve) => setTimeout(resolve, Math.random() * most));
      for (const { way } of nodes) way.before = () => aWhile(8) as Promise<void>;
      const said: Promised[] = [];
      let writing = true;
      const asking = nodes.map(async (node) => {
        while (writing) {
          said.push(await node.recorder.consistentThrough());
          await aWhile(3);
        }
      });
      const writers = nodes.slice(round % 3);
      await Promise.all(
        writers.map(async (node) => {
          for (let left = 3; left > 0; left--) {
            await aWhile(40);
            await record(node, statement(), statement());
          }
        }),
      );
      writing = false;
      await Promise.all(asking);
      await holds(nodes[0]!, said);
      expect(await everyEvent(nodes[0]!)).toHaveLength(1 + writers.length * 6);
    }
  });
});

describe('the simulated clock', () => {
  test('moved at one node stands there at the others as soon as it is copied, and after a restart', async () => {
    const [a, b] = await two({ simulatedClock: true });
    const to = fromInstant('2027-03-31T18:29:59.999Z')!;
    await a.recorder.moveClock(to, 'credential-1');
    expect(b.recorder.now).toBeLessThan(to);
    await b.copyUpTo();
    await expect.poll(() => b.recorder.now).toBe(to);
    const again = await startNode('c', { known: { ...unindexed, indexedUpTo: () => a.recorder.head } });
    expect(again.recorder.now).toBe(to);
  });

  test('stands there also when it was moved and copied while something was under way', async () => {
    const [a, b] = await two({ simulatedClock: true });
    const to = fromInstant('2027-03-31T18:29:59.999Z')!;
    b.way.after = async () => {
      b.way.after = () => undefined;
      await b.copyUpTo();
      await record(a, statement());
      await a.recorder.moveClock(to, 'credential-1');
      await b.copyUpTo();
    };
    await record(b, statement());
    await expect.poll(() => b.recorder.now).toBe(to);
    expect(await everyEvent(b)).toHaveLength(4);
  });

  test('stands there also when whoever moved it was told 503, and it got in', async () => {
    const [a] = await two({ simulatedClock: true });
    const to = fromInstant('2027-03-31T18:29:59.999Z')!;
    a.way.before = () => delay(3_000);
    expect(await refusal(a.recorder.moveClock(to, 'credential-1'))).toMatchObject({ reason: 'unavailable' });
    a.way.before = () => undefined;
    await expect.poll(() => a.recorder.now).toBe(to);
    await record(a, statement());
    expect(storedOf((await everyEvent(a)).at(-1)!)).toBe(to);
  });

  test('holds for what is recorded after it in the same moment', async () => {
    const [a, b] = await two({ simulatedClock: true });
    const to = fromInstant('2027-03-31T18:29:59.999Z')!;
    const moved = a.recorder.moveClock(to, 'credential-1');
    await Promise.all([moved, record(a, statement())]);
    expect(storedOf((await everyEvent(a)).at(-1)!)).toBe(to);
    await record(b, statement());
    expect(storedOf((await everyEvent(b)).at(-1)!)).toBe(to + 1);
  });
});
