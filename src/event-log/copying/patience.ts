// A log that cannot be reached for a while: reads are asked again until it answers, and so is everything else that may be
// asked twice.

import { setTimeout as pause } from 'node:timers/promises';
import type { Revision } from '../../../contracts/words.ts';
import {
  type AppendOptions,
  type EventLog,
  LogRefused,
  LogUnavailable,
  type ReadOptions,
  type RecordedEvent,
  WrongExpectedRevision,
} from '../port.ts';

export interface PatienceOptions {
  /** Milliseconds of failing in a row after which it is given up. */
  readonly patienceMs: number;
  /** Told at the first failure, and undefined when it goes on again. */
  readonly onTrouble?: (error: LogUnavailable | undefined) => void;
  readonly signal?: AbortSignal;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 2_000;

/** One side of a copy: the log's reads with patience, its appends as they are. */
export class PatientLog {
  readonly log: EventLog;
  readonly #options: PatienceOptions;
  #failingSince: number | undefined;
  #wait = FIRST_WAIT_MS;

  constructor(log: EventLog, options: PatienceOptions) {
    this.log = log;
    this.#options = options;
  }

  read(stream: string, options: ReadOptions): Promise<readonly RecordedEvent[]> {
    return this.#asking(() => this.log.read(stream, options));
  }

  readLast(stream: string): Promise<RecordedEvent | undefined> {
    return this.#asking(() => this.log.readLast(stream));
  }

  head(stream: string): Promise<Revision> {
    return this.#asking(() => this.log.head(stream));
  }

  /**
   * The identical append, again until it succeeds: the same ids at the same revision are stored once.
   * @throws LogRefused somebody else writes to the stream
   */
  async append(stream: string, events: readonly RecordedEvent[], options: AppendOptions): Promise<Revision> {
    try {
      return (await this.#asking(() => this.log.append(stream, events, options))).revision;
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      throw new LogRefused(
        `somebody else writes to the copy: its stream ${stream} ends at ${error.actual} where ${error.expected} was expected. Stop whoever uses it, and begin again`,
        { cause: error },
      );
    }
  }

  /** After a failure that may pass: waits until it is worth trying again. @throws the error, when the patience is used up */
  async #again(error: LogUnavailable): Promise<void> {
    const { patienceMs, onTrouble, signal } = this.#options;
    const now = performance.now();
    if (this.#failingSince === undefined) {
      this.#failingSince = now;
      if (patienceMs > 0) onTrouble?.(error);
    }
    if (now - this.#failingSince >= patienceMs) throw error;
    const wait = this.#wait * (0.75 + Math.random() / 2);
    this.#wait = Math.min(LONGEST_WAIT_MS, this.#wait * 2);
    await pause(wait, undefined, signal ? { signal } : {});
  }

  /** It answers. */
  answered(): void {
    if (this.#failingSince === undefined) return;
    this.#failingSince = undefined;
    this.#wait = FIRST_WAIT_MS;
    this.#options.onTrouble?.(undefined);
  }

  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      this.#options.signal?.throwIfAborted();
      try {
        const answer = await ask();
        this.answered();
        return answer;
      } catch (error) {
        if (!(error instanceof LogUnavailable)) throw error;
        await this.#again(error);
      }
    }
  }
}
