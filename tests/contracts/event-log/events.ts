// Events for the tests of logs, and how a test waits for a subscription: for an event, never for a time.

import { randomUUID } from 'node:crypto';
import { type EventId, NOTHING, type Revision } from '../../../contracts/words.ts';
import type { Delivery, EventLog, EventToAppend, RecordedEvent } from '../../../src/event-log/index.ts';

export const revision = (number: number): Revision => number as Revision;

/** A stream nobody else has: the log under test may be a server that keeps what earlier tests wrote. */
export const newStream = (): string => `test-${randomUUID()}`;

export function jsonEvent(value: unknown, metadata: Record<string, unknown> = {}): EventToAppend {
  return {
    id: randomUUID() as EventId,
    type: 'tested.v1',
    contentType: 'json',
    data: Buffer.from(JSON.stringify(value)),
    metadata: Buffer.from(JSON.stringify(metadata)),
  };
}

export function binaryEvent(data: Uint8Array): EventToAppend {
  return {
    id: randomUUID() as EventId,
    type: 'tested-bytes.v1',
    contentType: 'binary',
    data,
    metadata: Buffer.from('{}'),
  };
}

/** `count` events numbered from `first`. */
export function numbered(count: number, first = 0): EventToAppend[] {
  return Array.from({ length: count }, (_, index) => jsonEvent({ number: first + index }));
}

export const idsOf = (events: readonly EventToAppend[]): string[] => events.map(({ id }) => id);
export const revisionsOf = (events: readonly RecordedEvent[]): number[] => events.map((event) => event.revision);

/** Fills a stream with `count` numbered events, as few appends as a log of 1 MiB an append allows. */
export async function filled(log: EventLog, count: number, stream = newStream()): Promise<string> {
  for (let first = 0; first < count; first += 1_000) {
    await log.append(stream, numbered(Math.min(1_000, count - first), first), {
      expectedRevision: revision(first - 1),
    });
  }
  return stream;
}

export const all = (log: EventLog, stream: string): Promise<readonly RecordedEvent[]> =>
  log.read(stream, { limit: 1_000_000 });

/** A subscription read step by step, with everything it has delivered so far. */
export class Reader {
  readonly events: RecordedEvent[] = [];
  readonly deliveries: Delivery[] = [];
  readonly #iterator: AsyncIterator<Delivery>;
  readonly #after: Revision;

  constructor(subscription: AsyncIterable<Delivery>, after: Revision = NOTHING) {
    this.#iterator = subscription[Symbol.asyncIterator]();
    this.#after = after;
  }

  /** Revision of the last event delivered. */
  get handled(): Revision {
    return this.events.at(-1)?.revision ?? this.#after;
  }

  async next(): Promise<Delivery | undefined> {
    const { value, done } = await this.#iterator.next();
    if (done) return undefined;
    this.deliveries.push(value);
    if (value.kind === 'events') this.events.push(...value.events);
    return value;
  }

  /** Reads on until so many events have come. */
  async untilEvents(count: number): Promise<readonly RecordedEvent[]> {
    while (this.events.length < count) if ((await this.next()) === undefined) break;
    return this.events;
  }

  /** Reads on until the subscription says that it has caught up. */
  async untilCaughtUp(): Promise<Revision> {
    for (;;) {
      const delivery = await this.next();
      if (delivery === undefined) throw new Error('the subscription ended before it had caught up');
      if (delivery.kind === 'caught-up') return delivery.head;
    }
  }

  async leave(): Promise<void> {
    await this.#iterator.return?.();
  }
}
