// A node whose clock is far off the log server's would stamp statements with times that never were: before it writes, it
// compares the two by an event of its own, which the server dates.

import type { EventLog } from '../event-log/index.ts';
import { WrongExpectedRevision } from '../event-log/index.ts';
import { jsonEvent } from '../event-log/json-event.ts';

/** A clock may be off by so much, milliseconds. */
export const CLOCK_LIMIT_MS = 5_000;
const TYPE = 'clock-compared.v1';

export class ClockCheck {
  readonly #log: EventLog;
  readonly #stream: string;
  #off: string | undefined;
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(log: EventLog, stream: string) {
    this.#log = log;
    this.#stream = stream;
  }

  /** Why nothing may be stamped, as of the last comparison. */
  get off(): string | undefined {
    return this.#off;
  }

  /** Compares again when the last time is longer ago; writes one event into a stream that keeps only its last. @throws LogUnavailable */
  async measure(olderThanMs: number): Promise<void> {
    if (performance.now() - this.#measuredAt < olderThanMs) return;
    for (;;) {
      const before = await this.#log.head(this.#stream);
      const compared = jsonEvent(TYPE, {}, {});
      const sent = Date.now();
      try {
        await this.#log.append(this.#stream, [compared], { expectedRevision: before, keepLast: true });
      } catch (error) {
        // Another node compares at this moment.
        if (error instanceof WrongExpectedRevision) continue;
        throw error;
      }
      const acknowledged = Date.now();
      const last = await this.#log.readLast(this.#stream);
      if (last?.id !== compared.id) continue;
      this.#measuredAt = performance.now();
      this.#off = inWords(last.created / 1000, sent, acknowledged);
      return;
    }
  }
}

/** Milliseconds, all of them: when the server took it, between when it was sent and when the answer came. */
function inWords(created: number, sent: number, acknowledged: number): string | undefined {
  const ahead = sent - created;
  const behind = created - acknowledged;
  if (Math.max(ahead, behind) <= CLOCK_LIMIT_MS) return undefined;
  const [seconds, direction] = ahead > behind ? [ahead, 'ahead of'] : [behind, 'behind'];
  return `this node's clock is ${(seconds / 1000).toFixed(1)} s ${direction} the event log server's; set it right (NTP)`;
}
