// Administration's thread, as long as there is work for it: commands are rare, and what it holds in memory is worth more than its start.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { recordingErrors } from '../recording/errors.ts';
import { RecordingRefused } from '../recording/port.ts';
import { Caller } from '../threads/calls.ts';
import type { AdministrationThreadData, CheckingNews } from './thread.ts';

/** It stays so long after its last work. */
const IDLE_MS = 60_000;

interface Started {
  readonly worker: Worker;
  readonly caller: Caller;
}

export class ThreadOnDemand {
  readonly #workerData: AdministrationThreadData;
  readonly #onNews: (news: CheckingNews) => void;
  readonly #onFailure: (error: Error) => void;
  #started: Promise<Started> | undefined;
  #users = 0;
  #ending: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(
    workerData: AdministrationThreadData,
    onNews: (news: CheckingNews) => void,
    onFailure: (error: Error) => void,
  ) {
    this.#workerData = workerData;
    this.#onNews = onNews;
    this.#onFailure = onFailure;
  }

  /** What is called within `work` is called on one thread, unless that dies. */
  async during<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#users++;
    clearTimeout(this.#ending);
    try {
      return await work();
    } finally {
      this.#users--;
      if (this.#users === 0) this.#ending = setTimeout(() => this.#end(), IDLE_MS).unref();
    }
  }

  async call<Result>(method: string, parameters: readonly unknown[]): Promise<Result> {
    if (this.#isClosed) throw stopped();
    this.#started ??= this.#start();
    const { caller } = await this.#started;
    return caller.call<Result>(method, parameters);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#end();
  }

  async #end(): Promise<void> {
    clearTimeout(this.#ending);
    const started = this.#started;
    this.#started = undefined;
    const worker = await started?.then(({ worker }) => worker).catch(() => undefined);
    await worker?.terminate();
  }

  #start(): Promise<Started> {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: this.#workerData,
      name: 'administration',
      resourceLimits: { maxYoungGenerationSizeMb: 12 },
    });
    worker.on('error', this.#onFailure);
    const starting = once(worker, 'message').then((): Started => {
      const caller = new Caller(worker, recordingErrors, (news) => this.#onNews(news as CheckingNews));
      worker.on('exit', () => caller.fail(stopped()));
      return { worker, caller };
    });
    // The next call begins another one.
    worker.on('exit', () => {
      if (this.#started === starting) this.#started = undefined;
    });
    return starting;
  }
}

function stopped(): RecordingRefused {
  return new RecordingRefused({ reason: 'unavailable', detail: 'administration has stopped', retryAfter: 5 });
}
