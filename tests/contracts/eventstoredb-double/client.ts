// The public client in the tests of the double: events to append, a stream read whole, a subscription watched.

import { randomUUID } from 'node:crypto';
import {
  type EventStoreDBClient,
  type JSONEventData,
  jsonEvent,
  type ReadStreamOptions,
  type ResolvedEvent,
  type StreamSubscription,
  type SubscribeToStreamOptions,
} from '@eventstore/db-client';

/** A stream nobody else has: the server may keep what earlier tests wrote. */
export const newStream = (): string => `test-${randomUUID()}`;

/** Events numbered from `first`, each of at least `bytes`. */
export function numbered(count: number, first = 0, bytes = 0): JSONEventData[] {
  const padding = 'x'.repeat(bytes);
  return Array.from({ length: count }, (_, index) =>
    jsonEvent({ type: 'tested.v1', data: { number: first + index, padding }, metadata: { $correlationId: 'a test' } }),
  );
}

export const numberOf = ({ event }: ResolvedEvent): number => (event!.data as { number: number }).number;
export const revisionOf = ({ event }: ResolvedEvent): number => Number(event?.revision);

export async function readAll(
  client: EventStoreDBClient,
  stream: string,
  options: ReadStreamOptions = {},
): Promise<ResolvedEvent[]> {
  const events: ResolvedEvent[] = [];
  for await (const event of client.readStream(stream, options)) events.push(event);
  return events;
}

export const numbersOf = async (...read: Parameters<typeof readAll>): Promise<number[]> =>
  (await readAll(...read)).map(numberOf);

/** The error that a promise is rejected with. */
export async function refusalOf<E = Error & { type?: string; code?: number }>(promise: Promise<unknown>): Promise<E> {
  try {
    await promise;
  } catch (error) {
    return error as E;
  }
  throw new Error('was not refused');
}

/** A subscription and everything that it has told, in order. */
export class Watched {
  readonly told: ('confirmation' | 'caughtUp' | number)[] = [];
  error: (Error & { type?: string; code?: number }) | undefined;
  readonly #subscription: StreamSubscription;
  #look = () => {};

  constructor(client: EventStoreDBClient, stream: string, options: SubscribeToStreamOptions = {}) {
    const subscription = client.subscribeToStream(stream, options);
    this.#subscription = subscription;
    for (const name of ['confirmation', 'caughtUp'] as const) {
      subscription.on(name as 'confirmation', () => this.#add(name));
    }
    subscription.on('data', (event: ResolvedEvent) => this.#add(revisionOf(event)));
    subscription.on('error', (error: Error) => {
      this.error = error;
      this.#look();
    });
  }

  get revisions(): number[] {
    return this.told.filter((one) => typeof one === 'number');
  }

  async until(reached: (watched: this) => boolean): Promise<this> {
    while (!reached(this)) {
      await new Promise<void>((resolve) => {
        this.#look = resolve;
      });
    }
    return this;
  }

  untilRevision(revision: number): Promise<this> {
    return this.until(({ told }) => told.includes(revision));
  }

  untilTold(name: 'confirmation' | 'caughtUp'): Promise<this> {
    return this.until(({ told }) => told.includes(name));
  }

  untilFailed(): Promise<this> {
    return this.until(({ error }) => error !== undefined);
  }

  async stop(): Promise<void> {
    await this.#subscription.unsubscribe();
  }

  #add(one: 'confirmation' | 'caughtUp' | number): void {
    this.told.push(one);
    this.#look();
  }
}

export const upTo = (count: number, from = 0): number[] => Array.from({ length: count - from }, (_, at) => from + at);
