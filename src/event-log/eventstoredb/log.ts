// EventStoreDB as an event log: many nodes may write to it, and each stream has one history.

import { NOTHING, type Revision } from '../../../contracts/words.ts';
import { sizeOfAppend, untilLeft } from '../adapting.ts';
import {
  type Appended,
  type AppendOptions,
  type Delivery,
  type EventLog,
  type EventToAppend,
  LogRefused,
  LogUnavailable,
  type ReadOptions,
  type RecordedEvent,
  type SubscribeOptions,
} from '../port.ts';
import { Appends } from './appends.ts';
import { Connection } from './connection.ts';
import { misreadIn } from './connection-string.ts';
import { KeepLast } from './keep-last.ts';
import { readRun } from './reads.ts';
import { subscription } from './subscription.ts';

const KIB = 1024;
/**
 * Room below the server's limit for what it counts besides data and metadata. 23.10 counts the data alone, so that an append
 * of many events has the room of their metadata as well.
 */
const MARGIN = 8 * KIB;
/** What the embedded log takes too, so that each can be copied to the other. */
const EVENT_BYTES = KIB * KIB - 8 * KIB;
export const DEFAULT_TIMEOUT = 5_000;

export interface EventStoreDbOptions {
  /** `esdb://…` or `esdb+discover://…`, as the client takes it. */
  readonly url: string;
  /** The server's limit of one append, in bytes. */
  readonly maxAppendBytes: number;
  /** How long an append or a read may stay unanswered, in milliseconds; default 5,000. After that an append's outcome is unknown. */
  readonly timeoutMs?: number;
}

/** Connects when first used. @throws LogRefused the connection string cannot be used */
export function openEventStoreDbLog(options: EventStoreDbOptions): EventLog {
  return new EventStoreDbLog(options);
}

/** @throws LogRefused the connection string cannot be used; in words that do not repeat its password */
export function connectTo(url: string): Connection {
  const misread = misreadIn(url);
  if (misread !== undefined) throw new LogRefused(`PRAMAAN_EVENT_LOG_URL cannot be used: ${misread}`);
  try {
    return new Connection(url);
  } catch (error) {
    // The client quotes the part of the string that it does not understand, which may be the password.
    const words = (error as Error).message.replace(/^Unexpected ".*" at position/s, 'Not understood at position');
    throw new LogRefused(`PRAMAAN_EVENT_LOG_URL cannot be used: ${words}`);
  }
}

class EventStoreDbLog implements EventLog {
  readonly limits: EventLog['limits'];
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #appends: Appends;
  readonly #keepLast: KeepLast;
  readonly #closing = new AbortController();

  constructor({ url, maxAppendBytes, timeoutMs = DEFAULT_TIMEOUT }: EventStoreDbOptions) {
    const appendBytes = maxAppendBytes - MARGIN;
    this.limits = { appendBytes, eventBytes: Math.min(EVENT_BYTES, appendBytes) };
    this.#timeoutMs = timeoutMs;
    this.#connection = connectTo(url);
    this.#appends = new Appends(this.#connection, timeoutMs);
    this.#keepLast = new KeepLast(
      (append) => this.#appends.append(append),
      (stream) => this.readLast(stream),
    );
  }

  async append(stream: string, events: readonly EventToAppend[], options: AppendOptions): Promise<Appended> {
    this.#checkOpen();
    const bytes = sizeOfAppend(stream, events, this.limits);
    const { expectedRevision: expected, keepLast = false } = options;
    if (keepLast && (expected === NOTHING || expected === 'any')) await this.#keepLast.ensure(stream);
    return { revision: await this.#appends.append({ stream, events, expected, bytes }) };
  }

  async read(stream: string, options: ReadOptions): Promise<readonly RecordedEvent[]> {
    this.#checkOpen();
    return readRun(this.#connection, stream, options, { timeoutMs: this.#timeoutMs, signal: this.#closing.signal });
  }

  async readLast(stream: string): Promise<RecordedEvent | undefined> {
    return (await this.read(stream, { limit: 1, backwards: true }))[0];
  }

  async head(stream: string): Promise<Revision> {
    return (await this.readLast(stream))?.revision ?? NOTHING;
  }

  subscribe(stream: string, options: SubscribeOptions): AsyncIterable<Delivery> {
    return {
      [Symbol.asyncIterator]: () => {
        this.#checkOpen();
        const source = { connection: this.#connection, log: this, stream, timeoutMs: this.#timeoutMs };
        return untilLeft(options, this.#closing.signal, (signal) => subscription(source, options, signal));
      },
    };
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort(this.#closed());
    await this.#appends.close();
    this.#connection.close();
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw this.#closed();
  }

  #closed(): LogUnavailable {
    return new LogUnavailable(`the connection to EventStoreDB at ${this.#connection.server.address} was closed`, {
      outcome: 'nothing-stored',
    });
  }
}
