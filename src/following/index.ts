// The door of following: with the log on a server, each node keeps a copy of the record in a log of the embedded kind, and
// everything to the right of the record reads that. The copy is disposable: gone or damaged, it is made again.

import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { NOTHING, type Sequence } from '../../contracts/words.ts';
import { LogRefused, LogUnavailable } from '../event-log/index.ts';
import { Progress } from '../progress.ts';
import type { FollowingNews, FollowingThreadData } from './thread.ts';

export { CopyDiffersFromServer, checkCopy } from './check.ts';

export interface FollowingStatus {
  /** The last event of the record that is copied. */
  readonly sequence: Sequence;
  /** Whether it has come to the server's head since it began, since the server was last away, and since it was last far behind. */
  readonly caughtUp: boolean;
  /** Why the server is not followed just now. */
  readonly away?: string;
  /** Why it will not be followed any more: it holds another record than was copied. */
  readonly refused?: string;
}

export interface Following {
  status(): FollowingStatus;
  /** True as soon as the copy holds this sequence; false after the time-out. */
  reached(sequence: Sequence, timeoutMs: number): Promise<boolean>;
  stop(): Promise<void>;
}

export interface FollowingOptions extends FollowingThreadData {
  /** After each transaction of the copy. */
  readonly onCopied?: (sequence: Sequence) => void;
  /** The server is away (why), or back (undefined). */
  readonly onInterrupted?: (why: string | undefined) => void;
  /** It will not be followed any more. */
  readonly onRefused?: (why: string) => void;
}

/** Starts the follower's thread and resolves when the copy is open. @throws LogRefused, LogUnavailable */
export async function startFollowing(options: FollowingOptions): Promise<Following> {
  const { onCopied, onInterrupted, onRefused, ...workerData } = options;
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: workerData satisfies FollowingThreadData,
    name: 'following',
    // What a delivery leaves behind dies with it.
    resourceLimits: { maxYoungGenerationSizeMb: 16 },
  });
  const progress = new Progress({ sequence: NOTHING as number as Sequence });
  let status: Omit<FollowingStatus, 'sequence'> = { caughtUp: false };
  let stopping = false;

  const refuse = (why: string): void => {
    if (stopping || status.refused !== undefined) return;
    status = { ...status, refused: why };
    onRefused?.(why);
  };
  worker.on('message', (news: FollowingNews) => {
    switch (news.kind) {
      case 'began':
      case 'copied':
        progress.advance(news);
        onCopied?.(news.sequence);
        break;
      case 'caught-up':
        status = { ...status, caughtUp: true };
        break;
      case 'far-behind':
        status = { ...status, caughtUp: false };
        break;
      case 'interrupted': {
        const { away: _, ...rest } = status;
        // How much others have written meanwhile is known only when it has caught up again.
        status = news.why === undefined ? rest : { ...rest, caughtUp: false, away: news.why };
        onInterrupted?.(news.why);
        break;
      }
      case 'refused':
        refuse(news.why);
        break;
    }
  });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  await began(worker);
  worker.on('error', (error) => refuse((error as Error).message));
  void exited.then(() => refuse('following the record has stopped'));

  return {
    status: () => ({ sequence: progress.at.sequence, ...status }),
    reached: (sequence, timeoutMs) => progress.waitFor(sequence, timeoutMs),
    async stop() {
      stopping = true;
      worker.postMessage('stop');
      await exited;
    },
  };
}

/** Resolves at the thread's first message; an error before it is thrown as what it was. */
async function began(worker: Worker): Promise<void> {
  try {
    await once(worker, 'message');
  } catch (error) {
    const { name, message } = error as Error;
    if (name === 'LogRefused') throw new LogRefused(message);
    if (name === 'LogUnavailable') throw new LogUnavailable(message);
    throw error;
  }
}

/** Removes a copy; the next start makes it again from the server. */
export function removeCopy(copyFile: string): void {
  for (const end of ['', '-wal', '-shm']) rmSync(`${copyFile}${end}`, { force: true });
}
