// The record as this node knows it: its head, its last stamp, and the ids of the statements that the index does not cover yet.
// Its own appends move it on; what other nodes append is read, from the local copy as far as that has come.

import { setTimeout as delay } from 'node:timers/promises';
import { isCommand, STATEMENT_RECORDED } from '../../contracts/events/names.ts';
import { type Microseconds, NOTHING, type Revision, type Sequence, type StatementId } from '../../contracts/words.ts';
import { VOIDED } from '../../contracts/xapi/accepted.ts';
import { type EventLog, LogUnavailable, type RecordedEvent } from '../event-log/index.ts';
import { parseJson } from '../event-log/json-event.ts';
import { Progress } from '../progress.ts';
import { type Clock, SimulatedClock, Stamps } from './clock.ts';
import type { Decision } from './decision.ts';
import { movedTo, stampOf } from './opening.ts';
import type { SharedClock } from './shared-clock.ts';
import { TAIL_LIMIT, Tail } from './tail.ts';

/** What a recorder needs besides when other nodes write to the same log. */
export interface SharedLog {
  /** This node's local copy of the record. */
  readonly copy: Pick<EventLog, 'read'>;
  readonly clock: SharedClock;
}

export interface KnownRecordOptions {
  readonly log: EventLog;
  readonly stream: string;
  readonly shared: SharedLog | undefined;
  readonly clock: Clock;
  readonly head: Sequence;
  readonly lastStamp: Microseconds;
}

/** What a server says was appended can be read within this time, and is asked for again after that. */
const READABLE_MS = 2_000;
const NOT_YET_MS = 2;
/** After a lost race the copy is waited for so long before the log itself is read. */
const COPY_LAG_MS = 200;
/** Events looked through for those of commands; whoever waits behind it waits so long. */
const MOST_LOOKED_AT = 20_000;
/** Another writer was seen in the record so recently: it is let in between two appends of ours. */
const CONTENDED_MS = 1_000;
const LONGEST_TURN_MS = 250;
/** Who has waited for so many turns gives way to nobody. */
const WAITED_LONG_TURNS = 8;

export class KnownRecord {
  readonly #log: EventLog;
  readonly #stream: string;
  readonly #shared: SharedLog | undefined;
  readonly #clock: Clock;
  readonly stamps: Stamps;
  readonly tail = new Tail();
  /** What the local copy of a shared log holds. */
  readonly #copied = new Progress<{ readonly sequence: Sequence }>({ sequence: NOTHING });
  #head: Sequence;
  /** The last event of a command that was seen, and the event after which none went by unseen. */
  #lastCommand: Sequence = NOTHING;
  #commandsSeenAfter: Sequence;
  #indexedUpTo: Sequence = NOTHING;
  /** False while the index is too far behind for the tail to be held in memory. */
  #tailComplete = false;
  #loadingTail: Promise<void> | undefined;
  /** When somebody else was last seen to have appended, milliseconds. */
  #othersAt = Number.NEGATIVE_INFINITY;
  /** How long it takes to read what others appended, of late. */
  #catchUpMs = 0;

  constructor({ log, stream, shared, clock, head, lastStamp }: KnownRecordOptions) {
    this.#log = log;
    this.#stream = stream;
    this.#shared = shared;
    this.#clock = clock;
    this.stamps = new Stamps(clock, lastStamp);
    this.#head = head;
    this.#commandsSeenAfter = head;
  }

  get head(): Sequence {
    return this.#head;
  }

  /** Statements, at most, that are in the record and that no index knows. */
  get unindexed(): number {
    return Math.max(this.tail.size, this.#copied.at.sequence - this.#indexedUpTo);
  }

  /** Whether every id of the record is either in the index or in the tail. */
  get isComplete(): boolean {
    return this.#tailComplete && this.unindexed < TAIL_LIMIT;
  }

  /** Our own append succeeded, whoever still waits for it. */
  appended({ added, events }: Pick<Decision, 'added' | 'events'>, head: Sequence): void {
    for (const { id, sequence, isVoiding } of added) this.tail.add(id, { sequence, isVoiding });
    for (const [index, event] of events.entries()) {
      this.#seeClockMoved(event);
      if (isCommand(event.type)) this.#seeCommand((head - events.length + index + 1) as Sequence);
    }
    this.#head = head;
  }

  /**
   * Whether a command's event stands after this one. Those from before the start, and those that others wrote and the index
   * covers, were never read here: as far as the asker's state lies behind them, they are looked at now. Who lies too far behind is
   * told yes; a state nearer the head is asked about soon enough.
   */
  async hasCommandsAfter(since: Sequence): Promise<boolean> {
    if (this.#lastCommand > since) return true;
    const until = this.#commandsSeenAfter;
    if (until - since > MOST_LOOKED_AT) return true;
    for (let last: number = since; last < until; ) {
      const events = await this.#read((last + 1) as Sequence, Math.min(1_000, until - last));
      if (events.length === 0) throw new LogUnavailable(`the record cannot be read beyond ${last}`);
      for (const { type, revision } of events) if (isCommand(type)) this.#seeCommand(revision as number as Sequence);
      last = events.at(-1)!.revision;
    }
    this.#commandsSeenAfter = Math.min(since, until) as Sequence;
    return this.#lastCommand > since;
  }

  #seeCommand(sequence: Sequence): void {
    this.#lastCommand = Math.max(this.#lastCommand, sequence) as Sequence;
  }

  /** Whether more statements lie between the index and this event than the tail may hold. */
  isTooFarBehind(sequence: number): boolean {
    return sequence - this.#indexedUpTo > TAIL_LIMIT;
  }

  /** The committed index covers everything up to here. The tail is not trimmed for it yet. */
  indexed(upTo: Sequence): void {
    this.#indexedUpTo = upTo;
    if (!this.#tailComplete) this.completeTail(upTo).catch(() => undefined);
  }

  trimTail(): void {
    this.tail.trim(this.#indexedUpTo);
  }

  /** The local copy holds everything up to here. */
  copied(upTo: Sequence): void {
    this.#copied.advance({ sequence: upTo });
  }

  /** True once this event can be read on this node; false after the time-out. */
  isReadable(sequence: Sequence, timeoutMs: number): Promise<boolean> {
    return this.#shared ? this.#copied.waitFor(sequence, timeoutMs) : Promise.resolve(true);
  }

  async at(sequence: Sequence): Promise<RecordedEvent> {
    const [event] = await this.#read(sequence, 1);
    if (event === undefined) throw new LogUnavailable(`the record cannot be read at ${sequence}`);
    return event;
  }

  /** Reads what lies between the index's checkpoint and the head, unless that is too much to hold. */
  async completeTail(from: Sequence): Promise<void> {
    if (this.#head - from > TAIL_LIMIT) return;
    this.#loadingTail ??= this.#take(from, this.#head).then(() => {
      this.#tailComplete = true;
    });
    await this.#loadingTail.finally(() => {
      this.#loadingTail = undefined;
    });
  }

  /** Takes in what others appended, as far as this node's copy holds it already: fewer races are lost so. */
  async absorb(): Promise<void> {
    const copied = this.#copied.at.sequence;
    if (copied > this.#head) await this.#moveTo(copied);
  }

  /** Reads what others appended since our head, up to `actual`. */
  async catchUp(actual: Revision): Promise<void> {
    const begun = performance.now();
    await this.isReadable(actual as number as Sequence, COPY_LAG_MS);
    await this.#moveTo(actual as number as Sequence);
    this.#catchUpMs += (performance.now() - begun - this.#catchUpMs) / 4;
  }

  /** How many other nodes write too, as the record or their marks tell. */
  get #others(): number {
    const seen = performance.now() - this.#othersAt < CONTENDED_MS ? 1 : 0;
    return Math.max(seen, this.#shared?.clock.othersWriting ?? 0);
  }

  /**
   * After an append of ours, while others write too: lets each of them append once, as long as somebody does. They must first
   * read what we appended, which takes them about as long as it takes our own copy, and then need a round trip; without that,
   * who is ahead stays ahead.
   */
  async letOthersIn(roundTripMs: number): Promise<void> {
    const others = this.#others;
    if (others === 0) return;
    await this.#copied.waitFor(this.#head, LONGEST_TURN_MS);
    const turn = Math.min(this.#catchUpMs + 2 * roundTripMs + 10, LONGEST_TURN_MS);
    for (let turns = others, last: number = this.#head; turns > 0; turns--) {
      if (!(await this.#copied.waitFor((last + 1) as Sequence, turn))) return;
      last = this.#copied.at.sequence;
    }
  }

  /** Before an append, while others write too: whose requests have waited for fewer turns lets the others go first. */
  async giveWay(roundTripMs: number, waitedMs: number): Promise<void> {
    const turn = Math.min(Math.max(2 * roundTripMs, this.#catchUpMs), LONGEST_TURN_MS);
    const share = 1 - waitedMs / (WAITED_LONG_TURNS * turn);
    if (this.#others === 0 || share <= 0) return;
    await delay(turn * share * (0.5 + Math.random() / 2));
  }

  /** What the index covers is known without reading it, but for the last stamp. */
  #moveTo(until: Sequence): Promise<void> {
    const covered = Math.min(this.#indexedUpTo, until) - 1;
    if (covered > this.#head) this.#commandsSeenAfter = covered as Sequence;
    return this.#take(Math.max(this.#head, covered) as Sequence, until);
  }

  async #take(after: Sequence, until: Sequence): Promise<void> {
    let last: number = after;
    const begun = performance.now();
    while (last < until) {
      const events = await this.#read((last + 1) as Sequence, Math.min(1_000, until - last));
      if (events.length > 0) {
        for (const event of events) this.#see(event);
        last = events.at(-1)!.revision;
        continue;
      }
      // A server knows the revision of an append a moment before its events can be read.
      if (performance.now() - begun > READABLE_MS) throw new LogUnavailable(`the record cannot be read beyond ${last}`);
      await this.#copied.waitFor((last + 1) as Sequence, NOT_YET_MS);
    }
  }

  /** From the local copy of a shared log, where that has come so far. */
  async #read(from: Sequence, limit: number): Promise<readonly RecordedEvent[]> {
    const options = { from: from as number as Revision, limit };
    const copied = (await this.#shared?.copy.read(this.#stream, options)) ?? [];
    return copied.length > 0 ? copied : this.#log.read(this.#stream, options);
  }

  #see(event: RecordedEvent): void {
    const sequence = event.revision as number as Sequence;
    if (sequence > this.#head) {
      this.#head = sequence;
      this.#othersAt = performance.now();
    }
    this.stamps.seen(stampOf(event));
    this.#seeClockMoved(event);
    if (isCommand(event.type)) this.#seeCommand(sequence);
    if (event.type !== STATEMENT_RECORDED) return;
    const { id, verb, object } = parseJson(event.data) as {
      id: string;
      verb: { id: string };
      object: { objectType?: string };
    };
    const isVoiding = verb.id === VOIDED && object.objectType === 'StatementRef';
    this.tail.add(id.toLowerCase() as StatementId, { sequence, isVoiding });
  }

  /** A command moved the simulated clock of this record, here or on another node. */
  #seeClockMoved(event: Pick<RecordedEvent, 'type' | 'data'>): void {
    const at = movedTo(event);
    if (this.#clock instanceof SimulatedClock && at !== undefined && at > this.#clock.now()) this.#clock.moveTo(at);
  }
}
