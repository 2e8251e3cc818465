// Where several nodes write to one log, the server's clock is the one they share. Each node leaves a mark in a stream that keeps
// only its last event; the server dates it, and it names who else has left one. So a node knows three things: whether its own
// clock is right, from when on its stamps may count, and up to when nobody can have stamped anything that is not in the log yet.

import { randomUUID } from 'node:crypto';
import { CLOCK_COMPARED, type ClockCompared, clockCompared } from '../../contracts/events/clock.ts';
import { type Microseconds, NOTHING } from '../../contracts/words.ts';
import { type EventLog, type RecordedEvent, WrongExpectedRevision } from '../event-log/index.ts';
import { jsonEvent, parseJson, salt } from '../event-log/json-event.ts';

/** A clock may be off by so much, milliseconds. */
const CLOCK_LIMIT_MS = 5_000;
/** A node stamps nothing when it left its mark longer ago. */
const MARK_HOLDS_MS = 10_000;
/** While it writes it leaves a new one so often, and so knows who else writes. */
const MARK_EVERY_MS = 1_000;
/** Whose mark is no older than this, writes just now; microseconds. */
const WRITES_NOW = 5_000_000;
/**
 * A writer that left its mark longer ago has nothing under way any more: its mark held for 10 s, an append of unknown outcome was
 * repeated for 30 s, and the rest is for clocks and queues.
 */
const WRITER_GONE = 60_000_000;

export class SharedClock {
  readonly #log: EventLog;
  readonly #stream: string;
  readonly #node = randomUUID();
  #off: string | undefined;
  #othersWriting = 0;
  #markedAt = Number.NEGATIVE_INFINITY;
  #marking: Promise<Microseconds> | undefined;
  #comparedAt = Number.NEGATIVE_INFINITY;

  constructor(log: EventLog, stream: string) {
    this.#log = log;
    this.#stream = stream;
  }

  /** Why this node may stamp nothing, as of the last comparison. */
  get off(): string | undefined {
    return this.#off;
  }

  /**
   * Before anything is stamped: leaves this node's mark unless one still holds.
   * @returns the server's time of the mark, for stamps to come after; undefined when the old one holds
   * @throws LogUnavailable
   */
  async mark(): Promise<Microseconds | undefined> {
    const age = performance.now() - this.#markedAt;
    if (age < MARK_EVERY_MS) return undefined;
    this.#marking ??= this.#leaveMark().finally(() => {
      this.#marking = undefined;
    });
    if (age >= MARK_HOLDS_MS) return this.#marking;
    this.#marking.catch(() => undefined);
    return undefined;
  }

  async #leaveMark(): Promise<Microseconds> {
    const begun = performance.now();
    const { created } = await this.#compare(true);
    this.#markedAt = begun;
    return created;
  }

  /** How many other nodes write at this time, as far as their marks and ours tell. */
  get othersWriting(): number {
    return this.#othersWriting;
  }

  /** Compares again when the last time is longer ago. @throws LogUnavailable */
  async compare(olderThanMs: number): Promise<void> {
    if (performance.now() - this.#comparedAt >= olderThanMs) await this.#compare(false);
  }

  /**
   * Nobody but this node can stamp anything at or before this instant any more that is not in the log already: the present, when
   * no other node has written lately, and otherwise a minute ago. Whoever writes next will have marked, and stamps later.
   * @throws LogUnavailable
   */
  async othersAreThrough(): Promise<Microseconds> {
    const { created, writers } = await this.#compare(false);
    const aMinuteAgo = (created - WRITER_GONE) as Microseconds;
    return this.#othersSince(writers, aMinuteAgo) > 0 ? aMinuteAgo : created;
  }

  #othersSince(writers: ClockCompared['writers'], since: number): number {
    return Object.entries(writers).filter(([node, at]) => node !== this.#node && at > since).length;
  }

  async #compare(asWriter: boolean): Promise<{ created: Microseconds; writers: ClockCompared['writers'] }> {
    for (;;) {
      const before = await this.#log.readLast(this.#stream);
      const { writers, at: notBefore } = stateAfter(before);
      const compared = jsonEvent(
        CLOCK_COMPARED,
        { ...(asWriter && { writer: this.#node }), writers, notBefore } satisfies ClockCompared,
        { codec: 'plain', salt: salt() },
      );
      const sent = Date.now();
      try {
        const expectedRevision = before?.revision ?? NOTHING;
        await this.#log.append(this.#stream, [compared], { expectedRevision, keepLast: true });
      } catch (error) {
        // Another node compares at this moment.
        if (error instanceof WrongExpectedRevision) continue;
        throw error;
      }
      const acknowledged = Date.now();
      const last = await this.#log.readLast(this.#stream);
      if (last?.id !== compared.id) continue;
      this.#comparedAt = performance.now();
      this.#off = inWords(last.created / 1000, sent, acknowledged);
      const created = Math.max(last.created, notBefore) as Microseconds;
      this.#othersWriting = this.#othersSince(writers, created - WRITES_NOW);
      return { created, writers };
    }
  }
}

/** When this event counts as taken, and who had written lately by then: those it names, and the one who wrote it. */
function stateAfter(event: RecordedEvent | undefined): {
  readonly at: number;
  readonly writers: Record<string, number>;
} {
  if (event === undefined) return { at: 0, writers: {} };
  const { writer, writers, notBefore } = clockCompared.parse(parseJson(event.data));
  // A server whose clock was set back takes nobody with it.
  const at = Math.max(event.created, notBefore);
  const all = Object.entries({ ...writers, ...(writer && { [writer]: at }) });
  return { at, writers: Object.fromEntries(all.filter(([, marked]) => marked > at - WRITER_GONE)) };
}

/** Milliseconds, all of them: when the server took it, between when it was sent and when the answer came. */
function inWords(created: number, sent: number, acknowledged: number): string | undefined {
  const ahead = sent - created;
  const behind = created - acknowledged;
  if (Math.max(ahead, behind) <= CLOCK_LIMIT_MS) return undefined;
  const [by, direction] = ahead > behind ? [ahead, 'ahead of'] : [behind, 'behind'];
  return `this node's clock is ${(by / 1000).toFixed(1)} s ${direction} the event log server's; set it right (NTP)`;
}
