// The pool of read workers: a question goes to the worker with the fewest waiting. A worker that dies is replaced.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Streams } from '../../event-log/index.ts';
import { Caller } from '../../threads/calls.ts';
import { PEOPLE_QUESTIONS, type PeopleQueries, type PeopleQuestion } from '../people/queries/port.ts';
import type { StatementQueries } from '../statement-index/port.ts';
import { queryErrors } from './errors.ts';
import type { ReadWorkerData } from './worker.ts';

interface ReadWorker {
  readonly worker: Worker;
  readonly caller: Caller;
  waiting: number;
}

export interface ReadWorkersOptions {
  readonly dataDir: string;
  readonly logFile: string;
  readonly streams: Pick<Streams, 'record'>;
  readonly workers: number;
  /** Told when a worker dies; another one takes its place. */
  readonly onFailure?: (error: Error) => void;
}

/** Closing one closes the pool, and with it the other. */
export interface ReadWorkers {
  readonly statements: StatementQueries;
  readonly people: PeopleQueries;
  close(): Promise<void>;
}

/** As {@link openReadWorkers}, where only statements are asked for. */
export async function openStatementQueries(options: ReadWorkersOptions): Promise<StatementQueries> {
  return (await openReadWorkers(options)).statements;
}

/**
 * Opens the pool; resolves when every worker has the log open. The read models are followed through their generations.
 * @throws LogRefused, LogUnavailable when the log cannot be read
 */
export async function openReadWorkers({
  dataDir,
  logFile,
  streams,
  workers: count,
  onFailure = () => undefined,
}: ReadWorkersOptions): Promise<ReadWorkers> {
  const workerData: ReadWorkerData = { dataDir, logFile, record: streams.record };
  let pool: ReadWorker[] = [];
  let closing = false;

  const start = async (): Promise<void> => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData,
      name: 'reading',
      resourceLimits: { maxYoungGenerationSizeMb: 12 },
    });
    await once(worker, 'message');
    const started: ReadWorker = { worker, caller: new Caller(worker, queryErrors), waiting: 0 };
    let reason = new Error('a read worker has stopped');
    worker.on('error', (error) => {
      reason = error as Error;
    });
    worker.on('exit', () => {
      started.caller.fail(reason);
      pool = pool.filter((one) => one !== started);
      if (closing) return;
      onFailure(reason);
      start().catch(onFailure);
    });
    pool.push(started);
  };
  try {
    await Promise.all(Array.from({ length: count }, start));
  } catch (error) {
    closing = true;
    await Promise.all(pool.map(({ worker }) => worker.terminate()));
    throw error;
  }

  const ask = async <T>(method: string, ...parameters: readonly unknown[]): Promise<T> => {
    const idlest = pool.reduce<ReadWorker | undefined>(
      (best, one) => (best && best.waiting <= one.waiting ? best : one),
      undefined,
    );
    if (!idlest) throw new Error(closing ? 'the read workers are closed' : 'no read worker is running');
    idlest.waiting++;
    try {
      return await idlest.caller.call<T>(method, parameters);
    } finally {
      idlest.waiting--;
    }
  };

  const close = async (): Promise<void> => {
    closing = true;
    await Promise.all(
      pool.map(async ({ worker, caller }) => {
        await caller.call('close', []).catch(() => undefined);
        await worker.terminate();
      }),
    );
  };
  const statements: StatementQueries = {
    find: (query) => ask('find', query),
    byId: (id, options) => ask('byId', id, options),
    activity: (id) => ask('activity', id),
    agentNames: (agent) => ask('agentNames', agent),
    events: (range) => ask('events', range),
    indexedUpTo: () => ask('indexedUpTo'),
    close,
  };
  const questions = Object.fromEntries(
    PEOPLE_QUESTIONS.map((question) => [question, (asked: unknown) => ask(`people ${question}`, asked)]),
  ) as Pick<PeopleQueries, PeopleQuestion>;
  return { statements, people: { ...questions, close }, close };
}
