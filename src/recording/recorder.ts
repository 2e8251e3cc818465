// Group commit: the requests that wait are decided, stamped and appended together, each whole, at the expected revision.
// One of these a node; every writer of the record goes through it.

import { setTimeout as delay } from 'node:timers/promises';
import { CLOCK_MOVED, STATEMENT_RECORDED } from '../../contracts/events/names.ts';
import { toInstant } from '../../contracts/time.ts';
import { type Microseconds, NOTHING, type Revision, type Sequence, type StatementId } from '../../contracts/words.ts';
import { VOIDED } from '../../contracts/xapi/accepted.ts';
import {
  AppendTooLarge,
  type EventLog,
  LogUnavailable,
  type RecordedEvent,
  WrongExpectedRevision,
} from '../event-log/index.ts';
import { parseJson } from '../event-log/json-event.ts';
import { SimulatedClock, Stamps, systemClock } from './clock.ts';
import { type Decision, decide, digestAsSent } from './decision.ts';
import { openRecord, stampOf } from './opening.ts';
import { RecordingRefused, type Refusal, type StatementsRecorded } from './port.ts';
import type { EventToRecord, Item, KnownStatement, KnownStatements, RequestToRecord } from './requests.ts';
import { TAIL_LIMIT, Tail } from './tail.ts';

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
/** Room for the metadata of a statement, in the estimate of a request's size. */
const METADATA_BYTES = 512;

export class Recorder {
  readonly #log: EventLog;
  readonly #stream: string;
  readonly #known: KnownStatements;
  readonly #clock: typeof systemClock | SimulatedClock;
  readonly #stamps: Stamps;
  readonly #tail = new Tail();
  readonly recordId: string;
  #head: Sequence;
  #indexedUpTo: Sequence = NOTHING;
  /** False while the index is too far behind for the tail to be held in memory. */
  #tailComplete = false;
  #loadingTail: Promise<void> | undefined;
  #queue: Item[] = [];
  #queueBytes = 0;
  #running: Promise<void> | undefined;
  /** Lowest stamp handed out whose append has not been settled. */
  #inFlight: Microseconds | undefined;
  /** Words for the 503, while an append's outcome stays unknown. */
  #away: string | undefined;
  #closed = false;
  #onAppend: (append: RecorderAppend) => void = () => undefined;

  private constructor(
    log: EventLog,
    stream: string,
    known: KnownStatements,
    opened: { recordId: string; clock: typeof systemClock | SimulatedClock; lastStamp: Microseconds; head: Sequence },
  ) {
    this.#log = log;
    this.#stream = stream;
    this.#known = known;
    this.#clock = opened.clock;
    this.#stamps = new Stamps(opened.clock, opened.lastStamp);
    this.#head = opened.head;
    this.recordId = opened.recordId;
  }

  /**
   * Opens the record, beginning it with `record-opened` when it is empty, and fills the tail from the index's checkpoint.
   * @throws LogRefused when the stream is not a record of ours
   */
  static async open(options: {
    readonly log: EventLog;
    readonly stream: string;
    readonly known: KnownStatements;
    /** For a record that is opened now; an existing one keeps what it was made with. */
    readonly simulatedClock: boolean;
    /** Told of every append that succeeded. */
    readonly onAppend?: (append: RecorderAppend) => void;
  }): Promise<Recorder> {
    const { log, stream, known } = options;
    const { recordId, simulatedClock, head, lastStamp } = await openRecord(log, stream, options.simulatedClock);
    const clock = simulatedClock ? new SimulatedClock(lastStamp) : systemClock;
    const recorder = new Recorder(log, stream, known, { recordId, clock, lastStamp, head });
    if (options.onAppend) recorder.#onAppend = options.onAppend;
    await recorder.#completeTail(known.indexedUpTo());
    return recorder;
  }

  get simulated(): boolean {
    return this.#clock instanceof SimulatedClock;
  }

  get head(): Sequence {
    return this.#head;
  }

  get now(): Microseconds {
    return Math.max(this.#clock.now(), this.#stamps.last) as Microseconds;
  }

  record(request: RequestToRecord): Promise<StatementsRecorded> {
    const mayVoid = request.importing || request.credential.scopes.includes('void');
    if (!mayVoid && request.statements.some((statement) => statement.voids !== undefined)) {
      return Promise.reject(new RecordingRefused({ reason: 'may-not-void' }));
    }
    let bytes = 0;
    for (const statement of request.statements) bytes += statement.bytes.length + METADATA_BYTES;
    return new Promise((resolve, reject) => this.#enqueue({ kind: 'statements', request, bytes, resolve, reject }));
  }

  recordEvent(request: EventToRecord, check?: () => void): Promise<{ sequence: Sequence }> {
    return new Promise((resolve, reject) => {
      const item = { kind: 'event', request, bytes: METADATA_BYTES, resolve, reject } as const;
      this.#enqueue(check ? { ...item, check } : item);
    });
  }

  async moveClock(to: Microseconds, credential: string): Promise<{ sequence: Sequence }> {
    const clock = this.#clock;
    if (!(clock instanceof SimulatedClock)) throw new RecordingRefused({ reason: 'clock-is-real' });
    const result = await this.recordEvent({ type: CLOCK_MOVED, data: { to: toInstant(to) }, credential }, () => {
      if (to <= this.now) throw new RecordingRefused({ reason: 'clock-backwards', now: this.now });
    });
    clock.moveTo(to);
    return result;
  }

  findRecent(id: StatementId): Sequence | undefined {
    return this.#tail.find(id)?.sequence;
  }

  /** See Recording.consistentThrough. Nothing will be stamped at or below what is returned here. */
  consistentThrough(): { through: Microseconds; head: Sequence } {
    const through = this.#inFlight === undefined ? this.#stamps.close() : ((this.#inFlight - 1) as Microseconds);
    return { through, head: this.#head };
  }

  indexed(upTo: Sequence): void {
    this.#indexedUpTo = upTo;
    // A group under way has asked the index already: what leaves the tail now would be known to neither.
    if (!this.#running) this.#tail.trim(upTo);
    if (!this.#tailComplete) this.#completeTail(upTo).catch(() => undefined);
  }

  status(): { head: Sequence; tail: number; waiting: number; away?: string; simulatedClock: boolean } {
    return {
      head: this.#head,
      tail: this.#tail.size,
      waiting: this.#queue.length,
      simulatedClock: this.simulated,
      ...(this.#away === undefined ? undefined : { away: this.#away }),
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
    if (this.#away !== undefined) return unavailable(this.#away, 2);
    if (item.kind === 'event') return undefined;
    if (!this.#tailComplete || this.#tail.size >= TAIL_LIMIT) {
      return unavailable(`the statement index is more than ${TAIL_LIMIT} statements behind`, 5);
    }
    if (this.#queueBytes + item.bytes > QUEUE_BYTES && this.#queue.length > 0) {
      return unavailable('too many requests are waiting', 1);
    }
    return undefined;
  }

  async #run(): Promise<void> {
    // One turn of the event loop, so that requests which arrived together are appended together.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0) {
      const group = this.#takeGroup();
      try {
        await this.#recordGroup(group);
      } catch (error) {
        this.#inFlight = undefined;
        for (const item of group) item.reject(error as Error);
      }
    }
    // In the same turn in which the queue was found empty: whoever comes next starts a new run.
    this.#running = undefined;
    this.#tail.trim(this.#indexedUpTo);
  }

  #takeGroup(): Item[] {
    let events = 0;
    let bytes = 0;
    let count = 0;
    const limit = Math.min(GROUP_BYTES, this.#log.limits.appendBytes);
    for (const item of this.#queue) {
      events += item.kind === 'event' ? 1 : item.request.statements.length;
      bytes += item.bytes;
      if (count > 0 && (events > GROUP_EVENTS || bytes > limit)) break;
      count += 1;
      this.#queueBytes -= item.bytes;
    }
    return this.#queue.splice(0, count);
  }

  // Deciding and appending

  async #recordGroup(group: readonly Item[]): Promise<void> {
    for (;;) {
      const decision = await this.#decide(group);
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
      group = decision.settled.map((settled) => settled.item);
      // Somebody else appended first: see what came in between, check the ids again, stamp again.
      await this.#catchUp();
    }
  }

  async #decide(group: readonly Item[]): Promise<Decision> {
    const ids = group.flatMap((item) =>
      item.kind === 'statements' ? item.request.statements.map((statement) => statement.id) : [],
    );
    // First the tail is trimmed to what is committed, then the committed index is asked, in one turn.
    this.#tail.trim(this.#indexedUpTo);
    const indexed = new Map<StatementId, KnownStatement>();
    const found = this.#known.find(ids);
    for (let i = 0; i < ids.length; i++) if (found[i]) indexed.set(ids[i]!, found[i]!);
    return decide(group, {
      head: this.#head,
      tail: this.#tail,
      indexed,
      known: (id) => this.#known.find([id])[0],
      digestAt: (sequence) => this.#digestAt(sequence),
      stamp: () => this.#stamp(),
    });
  }

  #stamp(): Microseconds {
    const stamp = this.#stamps.next();
    this.#inFlight ??= stamp;
    return stamp;
  }

  async #digestAt(sequence: Sequence): Promise<string> {
    const [event] = await this.#log.read(this.#stream, { from: sequence as number as Revision, limit: 1 });
    const { assigned } = parseJson(event!.metadata) as { assigned?: string[] };
    return digestAsSent(event!.data, assigned ?? []);
  }

  /**
   * Appends, and when the outcome is unknown appends the identical events again until it is known. After PATIENCE_MS those
   * who wait are told 503 (their statements may still get in), and so is everybody who comes, until the log answers.
   */
  async #append(decision: Decision, group: readonly Item[]): Promise<'appended' | 'lost-the-race' | 'abandoned'> {
    const began = performance.now();
    let abandoned = false;
    for (;;) {
      try {
        const { revision } = await this.#log.append(this.#stream, decision.events, {
          expectedRevision: this.#head as number as Revision,
        });
        for (const { id, sequence, isVoiding } of decision.added) this.#tail.add(id, { sequence, isVoiding });
        this.#head = revision as number as Sequence;
        this.#inFlight = undefined;
        this.#away = undefined;
        this.#onAppend({
          events: decision.events.length,
          requests: group.length,
          seconds: (performance.now() - began) / 1000,
        });
        return abandoned ? 'abandoned' : 'appended';
      } catch (error) {
        if (error instanceof WrongExpectedRevision) {
          this.#away = undefined;
          if (!abandoned) return 'lost-the-race';
          await this.#catchUp();
          return 'abandoned';
        }
        if (error instanceof AppendTooLarge) {
          this.#inFlight = undefined;
          if (group.length === 1) throw tooLarge(error);
          // One request too many for a single append: each by itself.
          for (const item of group) await this.#recordGroup([item]).catch((reason: Error) => item.reject(reason));
          return 'abandoned';
        }
        if (!(error instanceof LogUnavailable)) throw error;
        if (error.outcome === 'nothing-stored') {
          this.#inFlight = undefined;
          for (const item of group) item.reject(unavailable(error));
          return 'abandoned';
        }
        if (!abandoned && performance.now() - began > PATIENCE_MS) {
          abandoned = true;
          this.#away = error.message;
          for (const item of [...group, ...this.#queue.splice(0)]) item.reject(unavailable(error));
          this.#queueBytes = 0;
        }
        await delay(RETRY_MS);
      }
    }
  }

  /** Reads what others appended since our head. */
  async #catchUp(): Promise<void> {
    await this.#readIntoTail(this.#head);
    this.#inFlight = undefined;
  }

  async #completeTail(from: Sequence): Promise<void> {
    if (this.#head - from > TAIL_LIMIT) return;
    this.#loadingTail ??= this.#readIntoTail(from, this.#head).then(() => {
      this.#tailComplete = true;
    });
    await this.#loadingTail.finally(() => {
      this.#loadingTail = undefined;
    });
  }

  async #readIntoTail(after: Sequence, until = Number.MAX_SAFE_INTEGER): Promise<void> {
    let last = after as number;
    while (last < until) {
      const events = await this.#log.read(this.#stream, { from: (last + 1) as Revision, limit: 1_000 });
      if (events.length === 0) return;
      for (const event of events) this.#see(event);
      last = events.at(-1)!.revision;
    }
  }

  #see(event: RecordedEvent): void {
    const sequence = event.revision as number as Sequence;
    if (sequence > this.#head) this.#head = sequence;
    this.#stamps.seen(stampOf(event));
    if (event.type !== STATEMENT_RECORDED) return;
    const { id, verb, object } = parseJson(event.data) as {
      id: string;
      verb: { id: string };
      object: { objectType?: string };
    };
    const isVoiding = verb.id === VOIDED && object.objectType === 'StatementRef';
    this.#tail.add(id.toLowerCase() as StatementId, { sequence, isVoiding });
  }
}

function tooLarge({ size, limit }: AppendTooLarge): RecordingRefused {
  return new RecordingRefused({ reason: 'too-large', size, limit });
}

function unavailable(error: LogUnavailable): RecordingRefused {
  return new RecordingRefused({ reason: 'unavailable', detail: error.message, retryAfter: 2 });
}
