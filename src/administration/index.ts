// The door of administration: commands and loads, decided on a thread of their own and recorded on condition that no other command
// came in meanwhile. This file starts the thread and speaks for it.

import { randomUUID } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LOAD_BEGUN, LOAD_COMPLETED } from '../../contracts/events/names.ts';
import type { ProgrammeEvent } from '../../contracts/events/programmes.ts';
import type { Sequence } from '../../contracts/words.ts';
import { type EventsToRecord, type EventToRecord, type Recording, RecordingRefused } from '../recording/port.ts';
import type { Checked, Portions } from './checking.ts';
import { ThreadOnDemand } from './on-demand.ts';
import {
  type Administration,
  type CommandedBy,
  CommandRefused,
  type Decided,
  type FileToLoad,
  type Loaded,
  type LoadProgress,
} from './port.ts';
import type { CheckingNews, Decision } from './thread.ts';

export * from './port.ts';

export interface AdministrationOptions {
  readonly dataDir: string;
  readonly recording: Pick<Recording, 'recordEvents'> & { status(): Promise<{ readonly head: Sequence }> };
  /** True as soon as the people model has reached the sequence, false after the time-out. */
  reached(sequence: Sequence, timeoutMs: number): Promise<boolean>;
  /** What one append of the log holds at most. */
  readonly appendBytes: number;
  readonly onFailure: (error: Error) => void;
}

/** Decided so often on what others left in the meantime; then whoever asked is told. */
const ATTEMPTS = 4;
/** The people model is waited for so long, by a command; a file waits for the file before it, so many times as long. */
const MODEL_MS = 5_000;
const WAITS_OF_A_LOAD = 360;
const EVENTS_AN_APPEND = 2_000;
const BYTES_AN_APPEND = 2 * 1024 * 1024;
/** While a file is being recorded, commands are asked to come again after so many seconds. */
const RETRY_SECONDS = 5;

export async function startAdministration(options: AdministrationOptions): Promise<Administration> {
  const spool = join(options.dataDir, 'spool', 'loads');
  // What a process that ended left behind was never recorded whole, and nobody comes for it.
  rmSync(spool, { recursive: true, force: true });
  mkdirSync(spool, { recursive: true });
  return new Running(spool, options);
}

class Running implements Administration {
  readonly #spool: string;
  readonly #options: AdministrationOptions;
  readonly #thread: ThreadOnDemand;
  readonly #portions: Portions;
  readonly #checking = new Map<string, (news: CheckingNews) => void>();
  /** One command at a time, and one load: those of one node need not race each other. */
  readonly #commands = new Lane();
  readonly #loads = new Lane();
  #isLoading = false;
  #closing = false;

  constructor(spool: string, options: AdministrationOptions) {
    this.#spool = spool;
    this.#options = options;
    this.#portions = {
      events: EVENTS_AN_APPEND,
      bytes: Math.min(BYTES_AN_APPEND, Math.floor(options.appendBytes * 0.9)),
    };
    this.#thread = new ThreadOnDemand(
      { dataDir: options.dataDir, spool },
      (news) => this.#checking.get(news.path)?.(news),
      options.onFailure,
    );
  }

  command(wanted: readonly ProgrammeEvent[], by: CommandedBy): Promise<Decided> {
    if (this.#isLoading) {
      const detail = 'a file is being recorded; commands are taken again when it is done';
      return Promise.reject(new RecordingRefused({ reason: 'unavailable', detail, retryAfter: RETRY_SECONDS }));
    }
    return this.#commands.run(() =>
      this.#thread.during(() =>
        this.#untilNotOvertaken(async () => {
          await this.#modelAtHead(1);
          const { since, events, misfits, total } = await this.#thread.call<Decision>('decide', [wanted]);
          if (total > 0) throw new CommandRefused(misfits, total);
          if (events.length === 0) return { events: 0, sequence: since };
          const { sequence } = await this.#record({ events, ...by, unlessCommandsSince: since });
          return { events: events.length, sequence };
        }),
      ),
    );
  }

  spoolFile(): string {
    return join(this.#spool, randomUUID());
  }

  load(
    file: FileToLoad,
    by: CommandedBy,
    onProgress: (progress: LoadProgress) => void = () => undefined,
  ): Promise<Loaded> {
    return this.#thread.during(() => this.#load(file, by, onProgress));
  }

  async #load(file: FileToLoad, by: CommandedBy, onProgress: (progress: LoadProgress) => void): Promise<Loaded> {
    try {
      return await this.#loads.run(() =>
        this.#untilNotOvertaken(async (attempt) => {
          const check = () => this.#check(file, onProgress);
          const record = (checked: Checked) => this.#recordLoad(file, checked, by, onProgress);
          if (attempt > 1) return this.#withoutCommands(async () => record(await check()));
          const checked = await check();
          return this.#withoutCommands(() => record(checked));
        }),
      );
    } finally {
      this.#checking.delete(file.path);
      await this.#thread.call('drop', [file.path]).catch(() => undefined);
    }
  }

  async #check(file: FileToLoad, onProgress: (progress: LoadProgress) => void): Promise<Checked> {
    this.#checking.set(file.path, ({ step, rows }) => onProgress({ step, rows }));
    await this.#modelAtHead(WAITS_OF_A_LOAD, () => onProgress({ step: 'waiting' }));
    const checked = await this.#thread.call<Checked | undefined>('check', [file]);
    if (!checked) throw new RecordingRefused({ reason: 'overtaken' });
    if (checked.total > 0) throw new CommandRefused(checked.misfits, checked.total);
    return checked;
  }

  /** A file is recorded while no command of this node is; one that was overtaken is checked so too, or it might never be done. */
  #withoutCommands<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#commands.run(async () => {
      this.#isLoading = true;
      try {
        return await work();
      } finally {
        this.#isLoading = false;
      }
    });
  }

  /** Each append is on condition that no command came in since the one before: what was checked is what holds. */
  async #recordLoad(
    { kind, path, sha256, name }: FileToLoad,
    { rows, since, events }: Checked,
    by: CommandedBy,
    onProgress: (progress: LoadProgress) => void,
  ): Promise<Loaded> {
    if (events === 0) return { events, sequence: since, rows };
    const load = randomUUID();
    const begun = { load, kind, events, sha256, ...(name !== undefined && { name }) };
    let { sequence } = await this.#record({
      events: [{ type: LOAD_BEGUN, data: begun }],
      ...by,
      unlessCommandsSince: since,
    });
    let recorded = 0;
    const take = () => this.#thread.call<readonly EventToRecord[] | undefined>('take', [path, this.#portions]);
    for (let portion = await take(); portion; ) {
      onProgress({ step: 'recording', events: recorded, of: events });
      const [appended, next] = await Promise.all([
        this.#record({ events: portion, load, ...by, unlessCommandsSince: sequence }),
        take(),
      ]);
      recorded += portion.length;
      sequence = appended.sequence;
      portion = next;
    }
    onProgress({ step: 'recording', events: recorded, of: events });
    const completed = { type: LOAD_COMPLETED, data: { load, events } };
    ({ sequence } = await this.#record({ events: [completed], ...by, unlessCommandsSince: sequence }));
    return { load, events, sequence, rows };
  }

  #record(request: EventsToRecord): Promise<{ readonly sequence: Sequence }> {
    return this.#options.recording.recordEvents(request);
  }

  async #untilNotOvertaken<Result>(work: (attempt: number) => Promise<Result>): Promise<Result> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work(attempt);
      } catch (error) {
        const isOvertaken = error instanceof RecordingRefused && error.refusal.reason === 'overtaken';
        if (!isOvertaken || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** What was acknowledged before is seen by what comes after it. */
  async #modelAtHead(waits: number, onWait: () => void = () => undefined): Promise<void> {
    const { head } = await this.#options.recording.status();
    for (; waits > 0 && !this.#closing; waits--) {
      if (await this.#options.reached(head, MODEL_MS)) return;
      onWait();
    }
    const detail = `the people model is behind the record, which stands at sequence ${head}`;
    throw new RecordingRefused({ reason: 'unavailable', detail, retryAfter: RETRY_SECONDS });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#thread.close();
  }
}

/** One thing after the other, in the order in which they came. */
class Lane {
  #last: Promise<unknown> = Promise.resolve();

  run<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
