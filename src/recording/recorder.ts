// Group commit: the requests that wait are decided, stamped and appended together, each whole, at the expected revision.
// One of these a node; every writer of the record goes through it.

import { setTimeout as delay } from 'node:timers/promises';
import { CLOCK_MOVED } from '../../contracts/events/names.ts';
import { toInstant } from '../../contracts/time.ts';
import type { Microseconds, Revision, Sequence, StatementId } from '../../contracts/words.ts';
import {
  AppendTooLarge,
  type EventLog,
  LOSS_LASTS_MS,
  LogUnavailable,
  WrongExpectedRevision,
} from '../event-log/index.ts';
import { parseJson } from '../event-log/json-event.ts';
import { SimulatedClock, systemClock } from './clock.ts';
import { type Decision, decide, digestAsSent } from './decision.ts';
import { KnownRecord, type SharedLog } from './known-record.ts';
import { type ClockToOpen, openRecord } from './opening.ts';
import { type EventsToRecord, RecordingRefused, type Refusal, type StatementsRecorded } from './port.ts';
import { HeadReadings, type Promised } from './promise.ts';
import type { Item, KnownStatement, KnownStatements, RequestToRecord } from './requests.ts';
import type { SharedClock } from './shared-clock.ts';
import { TAIL_LIMIT } from './tail.ts';

export interface RecorderStatus {
  readonly head: Sequence;
  /** Statements in the log that the index has not covered yet. */
  readonly tail: number;
  readonly waiting: number;
  /** Why the log cannot be written just now. */
  readonly away?: string;
  /** Why writes are refused just now: that, or the clock, or another record than was written. */
  readonly refusing?: string;
  readonly simulatedClock: boolean;
}

/** One group that was appended. */
export interface RecorderAppend {
  readonly events: number;
  readonly requests: number;
  readonly seconds: number;
}

/** One group appends at most this much at once, unless a single request is larger. */
const GROUP_EVENTS = 5_000;
const GROUP_BYTES = 8 * 1024 * 1024;
/** Above this many bytes in the queue a request is refused instead of kept in memory. */
const QUEUE_BYTES = 128 * 1024 * 1024;
/** An append whose outcome is unknown is repeated for so long before those who wait are told 503. */
const PATIENCE_MS = 2_000;
const RETRY_MS = 50;
/** And for so long at all: then its stamps are too old. Nobody waits for it any more; the next append settles what became of it. */
const GIVE_UP_MS = 30_000;
/** Nobody waits longer for a log that others write to, however the time was spent: behind another group, marking, appending. */
const LONGEST_WAIT_MS = 2_800;
/** While writes are refused for this node's clock, it is compared again this often. */
const CLOCK_RETRY_MS = 1_000;
const INDEX_BEHIND = `the statement index is more than ${TAIL_LIMIT} statements behind`;
/** Room for the metadata of an event, in the estimate of a request's size. */
const METADATA_BYTES = 256;

export interface RecorderOptions {
  readonly log: EventLog;
  readonly stream: string;
  readonly known: KnownStatements;
  /** For a record that is opened now; an existing one keeps what it was made with. */
  readonly simulatedClock: ClockToOpen;
  /** Told of every append that succeeded. */
  readonly onAppend?: (append: RecorderAppend) => void;
  /** When other nodes write to the same log. */
  readonly shared?: SharedLog;
}

export class Recorder {
  readonly #log: EventLog;
  readonly #stream: string;
  readonly #known: KnownStatements;
  readonly #clock: typeof systemClock | SimulatedClock;
  readonly #record: KnownRecord;
  readonly #sharedClock: SharedClock | undefined;
  /** Only of a log that others write to. */
  readonly #readings: HeadReadings | undefined;
  readonly recordId: string;
  #queue: Item[] = [];
  #queueBytes = 0;
  /** What was taken from the queue last and is not settled. */
  #underWay: Item[] = [];
  #running: Promise<void> | undefined;
  /** Lowest stamp handed out whose append has not been settled. */
  #inFlight: Microseconds | undefined;
  /** When that was handed out, milliseconds. */
  #stampedAt = 0;
  /** The lowest stamp that was sent with unknown outcome, behind this event: it may still get in, though nobody waits for it. */
  #doubtful: { readonly stamp: Microseconds; readonly head: Sequence } | undefined;
  /** Words for the 503, while an append's outcome stays unknown. */
  #away: string | undefined;
  /** The same for those who waited too long, until an append succeeds; others are taken meanwhile. */
  #late: string | undefined;
  /** Words for the 503, for good: the log is not the one that was written to. */
  #refused: string | undefined;
  /** Since when the log has ended before what it acknowledged, milliseconds. */
  #lostSince: number | undefined;
  /** Of the last append, milliseconds. */
  #roundTripMs = 0;
  #closed = false;
  #onAppend: (append: RecorderAppend) => void = () => undefined;

  private constructor(
    { log, stream, known, shared }: RecorderOptions,
    recordId: string,
    clock: typeof systemClock | SimulatedClock,
    record: KnownRecord,
  ) {
    this.#log = log;
    this.#stream = stream;
    this.#known = known;
    this.#clock = clock;
    this.#record = record;
    this.recordId = recordId;
    if (!shared) return;
    this.#sharedClock = shared.clock;
    this.#readings = new HeadReadings(
      async () => {
        const through = await shared.clock.othersAreThrough();
        // Of ours, what is under way now may come after the head that is read next, and what is stamped later comes later.
        record.stamps.seen(through);
        return this.#notInFlight(through);
      },
      async () => (await log.head(stream)) as number as Sequence,
    );
  }

  /**
   * Opens the record, beginning it with `record-opened` when it is empty, and fills the tail from the index's checkpoint.
   * @throws LogRefused when the stream is not a record of ours
   */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const { log, stream, known, shared } = options;
    const { recordId, simulatedClock, head, lastStamp, clockAt } = await openRecord(
      log,
      stream,
      options.simulatedClock,
    );
    const clock = simulatedClock ? new SimulatedClock(clockAt) : systemClock;
    const record = new KnownRecord({ log, stream, shared, clock, head, lastStamp });
    const recorder = new Recorder(options, recordId, clock, record);
    if (options.onAppend) recorder.#onAppend = options.onAppend;
    const indexed = known.indexedUpTo();
    record.indexed(indexed);
    await record.completeTail(indexed);
    return recorder;
  }

  get simulated(): boolean {
    return this.#clock instanceof SimulatedClock;
  }

  get head(): Sequence {
    return this.#record.head;
  }

  get now(): Microseconds {
    return Math.max(this.#clock.now(), this.#record.stamps.last) as Microseconds;
  }

  record(request: RequestToRecord): Promise<StatementsRecorded> {
    const mayVoid = request.importing || request.credential.scopes.includes('void');
    if (!mayVoid && request.statements.some((statement) => statement.voids !== undefined)) {
      return Promise.reject(new RecordingRefused({ reason: 'may-not-void' }));
    }
    const metadata = METADATA_BYTES + JSON.stringify(request.credential.scopes).length + 2 * request.requestId.length;
    let bytes = 0;
    for (const statement of request.statements) bytes += statement.bytes.length + metadata;
    const since = performance.now();
    return new Promise((resolve, reject) =>
      this.#enqueue({ kind: 'statements', request, bytes, since, resolve, reject }),
    );
  }

  recordEvents(request: EventsToRecord, check?: () => void): Promise<{ sequence: Sequence }> {
    return new Promise((resolve, reject) => {
      const since = performance.now();
      const json = request.events.map((event) => ('json' in event ? event.json : JSON.stringify(event.data)));
      const bytes = json.reduce((sum, data) => sum + Buffer.byteLength(data) + METADATA_BYTES, 0);
      const item = { kind: 'events', request, json, bytes, since, resolve, reject } as const;
      this.#enqueue(check ? { ...item, check } : item);
    });
  }

  async moveClock(to: Microseconds, credential: string): Promise<{ sequence: Sequence }> {
    const clock = this.#clock;
    if (!(clock instanceof SimulatedClock)) throw new RecordingRefused({ reason: 'clock-is-real' });
    const events = [{ type: CLOCK_MOVED, data: { to: toInstant(to) } }];
    return this.recordEvents({ events, credential }, () => {
      if (to <= this.now) throw new RecordingRefused({ reason: 'clock-backwards', now: this.now });
    });
  }

  /** @throws RecordingRefused when it is acknowledged and cannot be read here yet */
  async findRecent(id: StatementId): Promise<Sequence | undefined> {
    const sequence = this.#record.tail.find(id)?.sequence;
    if (sequence === undefined || (await this.#record.isReadable(sequence, 1_000))) return sequence;
    const detail = 'the statement is recorded, but has not reached this node yet';
    throw new RecordingRefused({ reason: 'unavailable', detail, retryAfter: 1 });
  }

  /** See Recording.consistentThrough. Nothing will be stamped at or below what is returned here. */
  async consistentThrough(): Promise<Promised> {
    const { stamps, head } = this.#record;
    if (!this.#readings) return { through: this.#notInFlight(stamps.close()), head };
    const reading = this.simulated ? undefined : await this.#readings.latest();
    return reading ?? { through: 0 as Microseconds, head };
  }

  #notInFlight(through: Microseconds): Microseconds {
    // What was sent for a place in the record that holds another event by now cannot get in any more.
    if (this.#doubtful && this.#record.head > this.#doubtful.head) this.#doubtful = undefined;
    const lowest = Math.min(this.#inFlight ?? through + 1, this.#doubtful?.stamp ?? through + 1);
    return Math.min(through, lowest - 1) as Microseconds;
  }

  indexed(upTo: Sequence): void {
    this.#record.indexed(upTo);
    // A group under way has asked the index already: what leaves the tail now would be known to neither.
    if (!this.#running) this.#record.trimTail();
  }

  /** The local copy of a shared log holds everything up to here. */
  copied(upTo: Sequence): void {
    this.#record.copied(upTo);
    this.#followClock();
  }

  /** A simulated clock that another node moved stands there for everything here, not only for what is written next. */
  #followClock(): void {
    if (this.simulated && !this.#running) this.#record.absorb().catch(() => undefined);
  }

  /** Nothing is written from now on: the log is not the one that was written to. */
  refuse(why: string): void {
    this.#refused = why;
  }

  /** For what is written beside the record. @throws RecordingRefused when nothing may be written to this log any more */
  checkRefused(): void {
    if (this.#refused === undefined) return;
    throw new RecordingRefused({ reason: 'unavailable', detail: this.#refused, retryAfter: 60 });
  }

  status(): RecorderStatus {
    const away = this.#away ?? this.#late;
    const refusing = this.#refused ?? away ?? this.#sharedClock?.off;
    return {
      head: this.#record.head,
      tail: this.#record.tail.size,
      waiting: this.#queue.length,
      simulatedClock: this.simulated,
      ...(away === undefined ? undefined : { away }),
      ...(refusing === undefined ? undefined : { refusing }),
    };
  }

  /** Takes no more requests and resolves when those that wait are settled. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }

  // The queue

  #enqueue(item: Item): void {
    const refusal = this.#refusal(item);
    if (refusal) {
      item.reject(new RecordingRefused(refusal));
      return;
    }
    this.#queue.push(item);
    this.#queueBytes += item.bytes;
    this.#running ??= this.#run();
  }

  #refusal(item: Item): Refusal | undefined {
    const unavailable = (detail: string, retryAfter: number): Refusal => ({
      reason: 'unavailable',
      detail,
      retryAfter,
    });
    if (this.#closed) return unavailable('the store is shutting down', 5);
    if (this.#refused !== undefined) return unavailable(this.#refused, 60);
    if (this.#away !== undefined) return unavailable(this.#away, 2);
    if (this.#sharedClock?.off !== undefined) {
      this.#sharedClock.compare(CLOCK_RETRY_MS).catch(() => undefined);
      return unavailable(this.#sharedClock.off, 10);
    }
    if (item.kind === 'events') return undefined;
    if (!this.#record.isComplete) {
      return unavailable(INDEX_BEHIND, 5);
    }
    if (this.#queueBytes + item.bytes > QUEUE_BYTES && this.#queue.length > 0) {
      return unavailable('too many requests are waiting', 1);
    }
    return undefined;
  }

  async #run(): Promise<void> {
    // One turn of the event loop, so that requests which arrived together are appended together.
    await new Promise((resolve) => setImmediate(resolve));
    let group: Item[] = [];
    const watch = this.#sharedClock && setInterval(() => this.#dismissTheLate(), RETRY_MS);
    while (this.#queue.length > 0) {
      this.#underWay = [];
      group = this.#takeFromQueue();
      try {
        await this.#recordGroup(group);
        await this.#record.letOthersIn(this.#roundTripMs);
      } catch (error) {
        this.#inFlight = undefined;
        for (const item of group) item.reject(error as Error);
      }
    }
    clearInterval(watch);
    this.#late = undefined;
    // In the same turn in which the queue was found empty: whoever comes next starts a new run.
    this.#running = undefined;
    this.#record.trimTail();
    this.#followClock();
  }

  /** As many of those who wait as go into one append together with these. */
  #takeFromQueue(together: readonly Item[] = []): Item[] {
    let events = 0;
    let bytes = 0;
    const add = (item: Item): void => {
      events += item.kind === 'events' ? item.request.events.length : item.request.statements.length;
      bytes += item.bytes;
    };
    together.forEach(add);
    const limit = Math.min(GROUP_BYTES, this.#log.limits.appendBytes);
    let last = together.at(-1);
    let count = 0;
    for (const item of this.#queue) {
      // What comes after it is stamped by the clock that it moves.
      if (last?.kind === 'events' && last.request.events.some(({ type }) => type === CLOCK_MOVED)) break;
      add(item);
      if (last !== undefined && (events > GROUP_EVENTS || bytes > limit)) break;
      last = item;
      count += 1;
      this.#queueBytes -= item.bytes;
    }
    const taken = this.#queue.splice(0, count);
    this.#underWay.push(...taken);
    return taken;
  }

  // Deciding and appending

  /**
   * On a shared log: says that this node writes, and has stamps come after that.
   * @returns false when the log is away, and those who waited have been told so
   * @throws RecordingRefused when this node's clock is too far off to stamp anything
   */
  async #mayStamp(group: readonly Item[]): Promise<boolean> {
    const clock = this.#sharedClock;
    if (!clock || this.simulated) return true;
    const began = performance.now();
    for (;;) {
      try {
        const from = await clock.mark();
        if (from !== undefined) this.#record.stamps.seen(from);
        break;
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error;
        if (performance.now() - began > PATIENCE_MS - RETRY_MS) {
          this.#abandon(group, error);
          await this.#untilItAnswers();
          return false;
        }
        await delay(RETRY_MS);
      }
    }
    if (clock.off === undefined) return true;
    throw new RecordingRefused({ reason: 'unavailable', detail: clock.off, retryAfter: 10 });
  }

  /** @param group grows by those who come while races are lost */
  async #recordGroup(group: Item[]): Promise<void> {
    for (let undecided: readonly Item[] = group; ; ) {
      if (!(await this.#mayStamp(group))) return;
      await this.#record.giveWay(this.#roundTripMs, performance.now() - group[0]!.since);
      await this.#record.absorb();
      const decision = await this.#decide(undecided);
      if (decision.events.length === 0) {
        for (const settled of decision.settled) settled.accept();
        return;
      }
      const outcome = await this.#append(decision, group);
      if (outcome === 'appended') {
        for (const settled of decision.settled) settled.accept();
        return;
      }
      if (outcome === 'abandoned') return;
      // Somebody else appended first, and what came in between was read: check the ids again, stamp again.
      undecided = decision.settled.map((settled) => settled.item);
      const came = this.#takeFromQueue(undecided);
      group.push(...came);
      undecided = [...undecided, ...came];
    }
  }

  /** Whoever joins it on the way shares its fate. */
  async #recordAlone(item: Item): Promise<void> {
    const group = [item];
    try {
      await this.#recordGroup(group);
    } catch (error) {
      for (const each of group) each.reject(error as Error);
    }
  }

  async #decide(group: readonly Item[]): Promise<Decision> {
    const ids = group.flatMap((item) =>
      item.kind === 'statements' ? item.request.statements.map((statement) => statement.id) : [],
    );
    // First the tail is trimmed to what is committed, then the committed index is asked, in one turn.
    this.#record.trimTail();
    const indexed = new Map<StatementId, KnownStatement>();
    const found = this.#known.find(ids);
    for (let i = 0; i < ids.length; i++) if (found[i]) indexed.set(ids[i]!, found[i]!);
    return decide(group, {
      head: this.#record.head,
      tail: this.#record.tail,
      indexed,
      known: (id) => this.#known.find([id])[0],
      digestAt: (sequence) => this.#digestAt(sequence),
      isOvertaken: (since) => this.#record.hasCommandsAfter(since),
      stamp: () => this.#stamp(),
    });
  }

  #stamp(): Microseconds {
    const stamp = this.#record.stamps.next();
    if (this.#inFlight === undefined) this.#stampedAt = performance.now();
    this.#inFlight ??= stamp;
    return stamp;
  }

  async #digestAt(sequence: Sequence): Promise<string> {
    const { data, metadata } = await this.#record.at(sequence);
    const { assigned } = parseJson(metadata) as { assigned?: string[] };
    return digestAsSent(data, assigned ?? []);
  }

  /**
   * Appends, and when the outcome is unknown appends the identical events again until it is known. After PATIENCE_MS those
   * who wait are told 503 (their statements may still get in), and so is everybody who comes, until the log answers.
   */
  async #append(decision: Decision, group: readonly Item[]): Promise<'appended' | 'lost-the-race' | 'abandoned'> {
    const began = performance.now();
    // A process that stood still since it stamped: others have promised more by now.
    if (began - this.#stampedAt > GIVE_UP_MS) {
      this.#inFlight = undefined;
      return 'lost-the-race';
    }
    let abandoned = false;
    for (;;) {
      const sent = performance.now();
      try {
        const { revision } = await this.#log.append(this.#stream, decision.events, {
          expectedRevision: this.#record.head as number as Revision,
        });
        this.#record.appended(decision, revision as number as Sequence);
        this.#lostSince = undefined;
        this.#inFlight = undefined;
        this.#away = undefined;
        this.#late = undefined;
        const acknowledged = performance.now();
        this.#onAppend({
          events: decision.events.length,
          requests: group.length,
          seconds: (acknowledged - began) / 1000,
        });
        if (abandoned) return 'abandoned';
        this.#roundTripMs = acknowledged - sent;
        return 'appended';
      } catch (error) {
        if (error instanceof WrongExpectedRevision) {
          this.#away = undefined;
          await this.#catchUp(error.actual);
          return abandoned ? 'abandoned' : 'lost-the-race';
        }
        if (error instanceof AppendTooLarge) {
          this.#inFlight = undefined;
          if (group.length === 1) throw tooLarge(error);
          // One request too many for a single append: each by itself.
          for (const item of [...group]) await this.#recordAlone(item);
          return 'abandoned';
        }
        if (!(error instanceof LogUnavailable)) throw error;
        if (error.outcome === 'nothing-stored') {
          this.#inFlight = undefined;
          // That holds of this attempt; what became of an earlier one is still to be learnt.
          if (abandoned) await this.#untilItAnswers();
          for (const item of group) item.reject(unavailable(error));
          return 'abandoned';
        }
        if (this.#inFlight !== undefined) this.#doubtful ??= { stamp: this.#inFlight, head: this.#record.head };
        if (!abandoned && performance.now() - began > PATIENCE_MS - RETRY_MS) {
          abandoned = true;
          this.#abandon(group, error);
        }
        if (abandoned && (this.#closed || performance.now() - began > GIVE_UP_MS)) {
          await this.#untilItAnswers();
          return 'abandoned';
        }
        await delay(RETRY_MS);
      }
    }
  }

  /** Those who wait are told 503, and so is everybody who comes, until the log answers. */
  #abandon(group: readonly Item[], error: LogUnavailable): void {
    this.#away = error.message;
    for (const item of [...group, ...this.#queue.splice(0)]) item.reject(unavailable(error));
    this.#queueBytes = 0;
  }

  /** Those who have waited for long are told 503, also those of the group under way, whose statements may still get in. */
  #dismissTheLate(): void {
    const late = performance.now() - LONGEST_WAIT_MS;
    const words = new LogUnavailable('the event log takes too long to answer');
    const dismiss = (item: Item): boolean => {
      if (item.since > late) return false;
      item.reject(unavailable(words));
      this.#late = words.message;
      return true;
    };
    this.#underWay.forEach(dismiss);
    this.#queue = this.#queue.filter((item) => {
      if (!dismiss(item)) return true;
      this.#queueBytes -= item.bytes;
      return false;
    });
  }

  /** The log has been away for long: nothing is sent but questions, until it answers. */
  async #untilItAnswers(): Promise<void> {
    this.#inFlight = undefined;
    try {
      while (!this.#closed) {
        try {
          await this.#catchUp(await this.#log.head(this.#stream));
          return;
        } catch (error) {
          const mayPass = error instanceof RecordingRefused && this.#refused === undefined;
          if (!(error instanceof LogUnavailable) && !mayPass) throw error;
          await delay(RETRY_MS);
        }
      }
    } finally {
      // Whatever it was: nobody is left who would find out that it is over, but the next to come.
      this.#away = undefined;
    }
  }

  /**
   * Takes in what others appended.
   * @throws RecordingRefused when the log lacks what it acknowledged (after a while nothing more is written), or when the index is
   * so far behind it that the ids in between cannot be held
   */
  async #catchUp(actual: Revision): Promise<void> {
    this.#inFlight = undefined;
    const { head } = this.#record;
    if (actual < head) {
      const detail = `the event log's record ends at sequence ${actual}, but sequence ${head} was acknowledged: it lost events; restart this node to compare them`;
      this.#lostSince ??= performance.now();
      if (performance.now() - this.#lostSince > LOSS_LASTS_MS) this.#refused = detail;
      throw new RecordingRefused({ reason: 'unavailable', detail, retryAfter: 60 });
    }
    this.#lostSince = undefined;
    if (this.#record.isTooFarBehind(actual)) {
      throw new RecordingRefused({ reason: 'unavailable', detail: INDEX_BEHIND, retryAfter: 5 });
    }
    await this.#record.catchUp(actual);
  }
}

function tooLarge({ size, limit }: AppendTooLarge): RecordingRefused {
  return new RecordingRefused({ reason: 'too-large', size, limit });
}

function unavailable(error: LogUnavailable): RecordingRefused {
  return new RecordingRefused({ reason: 'unavailable', detail: error.message, retryAfter: 2 });
}
