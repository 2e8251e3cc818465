// The door of the projectors: started on a thread of its own, each keeps one read model at the head of the record.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { NOTHING, type Sequence } from '../../contracts/words.ts';
import type { WhereItIs } from './build.ts';
import { IndexDiffersFromLog } from './check.ts';
import type { ModelName } from './models.ts';
import type { CommittedCheckpoint, ProjectorNews, ProjectorThreadData } from './thread.ts';

export {
  buildIndexUpTo,
  buildPeopleUpTo,
  digestOfIndex,
  digestOfModel,
  rebuildModel,
  rebuildStatementIndex,
  settleGenerations,
  type WhereItIs,
} from './build.ts';
export { IndexDiffersFromLog } from './check.ts';
export { MODELS, type Model, type ModelName } from './models.ts';
export { furthestModel, type ModelStatus, statusOfModels } from './status.ts';
export type { CommittedCheckpoint } from './thread.ts';

export interface ProjectorStatus {
  /** `rebuilding`: queries are refused until it has caught up. `stopped`: it does not follow the record; `detail` says why. */
  readonly state: 'following' | 'rebuilding' | 'stopped';
  /** The last event of the record that queries see; -1 while there is no model to ask. */
  readonly sequence: Sequence;
  /** How far the model being written has come: the same, save while rebuilding. */
  readonly written: Sequence;
  /** How old the youngest event it has dealt with is, in milliseconds; next to nothing while there is nothing to do. */
  readonly lagMs: number;
  readonly detail?: string;
}

export interface Projector {
  status(): ProjectorStatus;
  /** Resolves when queries see everything up to this sequence. Rejects when the projector stops before. */
  caughtUp(sequence: Sequence): Promise<void>;
  /** Saves what it is at and ends. */
  stop(): Promise<void>;
}

export interface ProjectorOptions extends WhereItIs {
  /** Default: the statement index. */
  readonly model?: ModelName;
  /** After each commit that queries see: in order, never backwards. */
  readonly onProgress?: (checkpoint: CommittedCheckpoint) => void;
  /** After each commit, be it visible or not: what an index lookup now finds. */
  readonly onSaved?: (checkpoint: CommittedCheckpoint) => void;
  /** Told of each failure. It goes on trying, save when the thread itself has died. */
  readonly onFailure?: (error: Error) => void;
  /** Builds the model again instead of refusing when it has gone where the log is not. */
  readonly acceptLoss?: boolean;
}

const WORDS: Readonly<Record<ModelName, string>> = {
  'statement-index': 'the statement index',
  people: 'the people model',
};

interface Waiter {
  readonly sequence: Sequence;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts the projector's thread and resolves when its checks are over; it then catches up by itself.
 * @throws IndexDiffersFromLog when the index has gone where the log is not, LogUnavailable
 */
export async function startProjector({
  model = 'statement-index',
  dataDir,
  logFile,
  streams,
  acceptLoss = false,
  onProgress,
  onSaved,
  onFailure,
}: ProjectorOptions): Promise<Projector> {
  const workerData: ProjectorThreadData = { model, dataDir, logFile, record: streams.record, acceptLoss };
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData,
    name: model === 'people' ? 'people' : 'projector',
    // Parsed statements die young: a larger nursery only holds more of them, and is no faster.
    resourceLimits: { maxYoungGenerationSizeMb: 12 },
  });
  const waiters = new Set<Waiter>();
  let state: ProjectorStatus['state'] = 'rebuilding';
  let detail: string | undefined;
  let visible: Sequence = NOTHING;
  let written: Sequence = NOTHING;
  let idleAt = Date.now();
  let stopping = false;

  const show = (at: CommittedCheckpoint): void => {
    state = 'following';
    // A generation just taken over may be a little behind the one it replaces: readers wait with the old one, and so do we.
    if (at.sequence < visible) return;
    visible = at.sequence;
    onProgress?.(at);
    for (const waiter of waiters) {
      if (waiter.sequence > visible) continue;
      waiters.delete(waiter);
      waiter.resolve();
    }
  };
  const take = (news: ProjectorNews): void => {
    switch (news.kind) {
      case 'started':
      case 'saved':
        written = news.at.sequence;
        if (news.kind === 'saved') {
          detail = undefined;
          idleAt = Math.max(idleAt, news.created / 1000);
        }
        onSaved?.(news.at);
        if (news.visible) show(news.at);
        else state = 'rebuilding';
        return;
      case 'visible':
        detail = undefined;
        // Not what it has just saved but that nothing is left: after a backlog the last event may be old.
        idleAt = Math.max(idleAt, news.caughtUpAt);
        show(news.at);
        return;
      case 'idle':
        idleAt = Date.now();
        return;
      case 'failed':
        state = 'stopped';
        detail = news.message;
        onFailure?.(new Error(`${WORDS[model]}: ${news.message}`));
    }
  };

  try {
    const [first] = (await once(worker, 'message')) as [ProjectorNews];
    take(first);
  } catch (error) {
    const { name, message, loss } = error as IndexDiffersFromLog;
    throw name === 'IndexDiffersFromLog' ? new IndexDiffersFromLog(message, loss) : error;
  }
  worker.on('message', take);
  const exited = once(worker, 'exit').catch(() => undefined);
  let died: Error | undefined;
  worker.on('error', (error) => {
    died = error as Error;
  });
  worker.on('exit', () => {
    state = 'stopped';
    const error = died ?? new Error('the projector has stopped');
    for (const waiter of waiters) waiter.reject(error);
    waiters.clear();
    if (stopping) return;
    detail = error.message;
    onFailure?.(error);
  });

  return {
    status: () => ({
      state,
      sequence: visible,
      written,
      lagMs: Math.max(0, Date.now() - idleAt),
      ...(detail !== undefined && { detail }),
    }),
    caughtUp: (sequence) =>
      visible >= sequence
        ? Promise.resolve()
        : new Promise((resolve, reject) => waiters.add({ sequence, resolve, reject })),
    async stop() {
      if (stopping) return;
      stopping = true;
      worker.postMessage('stop');
      await exited;
    },
  };
}
