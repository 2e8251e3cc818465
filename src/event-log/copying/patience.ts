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
  /** Questions that are not answered at present. */
  #failing = 0;

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

  /** Each question has a patience of its own: that others are answered is no answer to this one. */
  async #asking<T>(ask: () => Promise<T>): Promise<T> {
    const { patienceMs, onTrouble, signal } = this.#options;
    let failingSince: number | undefined;
    try {
      for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 2)) {
        signal?.throwIfAborted();
        try {
          const answer = await ask();
          if (failingSince !== undefined && this.#failing === 1) onTrouble?.(undefined);
          return answer;
        } catch (error) {
          if (!(error instanceof LogUnavailable)) throw error;
          const now = performance.now();
          if (now - (failingSince ?? now) >= patienceMs) throw error;
          if (failingSince === undefined && this.#failing++ === 0) onTrouble?.(error);
          failingSince ??= now;
          await pause(wait * (0.75 + Math.random() / 2), undefined, signal ? { signal } : {});
        }
      }
    } finally {
      if (failingSince !== undefined) this.#failing--;
    }
  }
}
