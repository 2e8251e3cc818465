// A projector's thread: keeps one read model at the head of the record, whatever happens. What fails is told to the
// main thread and tried again; a generation that was rebuilt beside the live one is taken over as soon as it is live.

import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { Microseconds, Sequence } from '../../contracts/words.ts';
import { openSqliteLog } from '../event-log/sqlite/index.ts';
import { type Generations, isDamage, type ModelCheckpoint } from '../read-models/files.ts';
import { makeLive, settleModel } from './build.ts';
import { fill } from './fill.ts';
import { MODELS, type ModelName } from './models.ts';

export interface ProjectorThreadData {
  readonly model: ModelName;
  readonly dataDir: string;
  readonly logFile: string;
  readonly record: string;
  readonly acceptLoss: boolean;
}

/** What the thread tells. */
export type ProjectorNews =
  /** The checks are over, and this is where it begins. */
  | { readonly kind: 'started'; readonly at: CommittedCheckpoint; readonly visible: boolean }
  | {
      readonly kind: 'saved';
      readonly at: CommittedCheckpoint;
      readonly visible: boolean;
      /** When the log took the last of them. */
      readonly created: Microseconds;
    }
  /** Nothing was left to do at this instant (milliseconds), and queries see all of it. */
  | { readonly kind: 'visible'; readonly at: CommittedCheckpoint; readonly caughtUpAt: number }
  /** Nothing has come for a while. */
  | { readonly kind: 'idle' }
  | { readonly kind: 'failed'; readonly message: string };

export interface CommittedCheckpoint {
  readonly sequence: Sequence;
  readonly stored: Microseconds;
}

const LOW_PRIORITY = constants.priority.PRIORITY_BELOW_NORMAL;
const LOOK_EVERY_MS = 100;
const IDLE_AFTER_MS = 50;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

const { model: name, dataDir, logFile, record, acceptLoss } = workerData as ProjectorThreadData;
const model = MODELS[name];
const { files } = model;
const port = parentPort!;
const stopping = new AbortController();
const tell = (news: ProjectorNews): void => port.postMessage(news);
const committed = ({ sequence, stored }: ModelCheckpoint): CommittedCheckpoint => ({ sequence, stored });

if (model.yields) giveWay();
const log = openSqliteLog(logFile, { readOnly: true });
let pause = FIRST_PAUSE_MS;
/** Something has happened since the generations were settled: another one is live, or something failed. */
let isToBeChecked = false;
let generations: Generations = await settleModel(model, dataDir, log, record, acceptLoss);
port.on('message', () => stopping.abort());

/**
 * Where the processor is short, recording and the other threads go first: what is acknowledged is not held up by what is worked out
 * from it. On Linux, where a thread has a priority of its own; elsewhere, and where it is not allowed, all are equal.
 */
function giveWay(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, LOW_PRIORITY);
  } catch {
    // No such file, or no such right.
  }
}

/** Follows one generation until another is live, or the projector stops. */
async function follow(): Promise<void> {
  if (isToBeChecked) generations = await settleModel(model, dataDir, log, record, false);
  isToBeChecked = false;
  const generation = generations.live ?? generations.building!;
  const store = model.open(files.file(dataDir, generation), log, record, dataDir);
  const leaving = new AbortController();
  let visible = generations.live === generation;
  let savedAt = 0;
  // Looked at before the first transaction too: it may have changed since `generations` was read.
  let mark = '';
  const isReplaced = (): boolean => {
    const now = files.mark(dataDir);
    if (now === mark) return false;
    mark = now;
    const { live } = files.read(dataDir);
    return live !== undefined && live !== generation;
  };
  const look = setInterval(() => {
    // Saving does not give way to timers: this one runs when nothing is at hand.
    if (performance.now() - savedAt > IDLE_AFTER_MS) tell({ kind: 'idle' });
    if (isReplaced()) leaving.abort();
  }, LOOK_EVERY_MS);
  try {
    tell({ kind: 'started', at: committed(store.checkpoint), visible });
    await fill(store, log, record, {
      batch: model.batch,
      signal: AbortSignal.any([stopping.signal, leaving.signal]),
      isOver: isReplaced,
      onSaved: (checkpoint, created) => {
        savedAt = performance.now();
        pause = FIRST_PAUSE_MS;
        tell({ kind: 'saved', at: committed(checkpoint), visible, created });
      },
      onCaughtUp: () => {
        if (!visible) {
          makeLive(model, dataDir, generation);
          mark = files.mark(dataDir);
          generations = { live: generation };
          visible = true;
        }
        tell({ kind: 'visible', at: committed(store.checkpoint), caughtUpAt: Date.now() });
        return true;
      },
    });
  } finally {
    clearInterval(look);
    store.close();
  }
}

while (!stopping.signal.aborted) {
  try {
    await follow();
    isToBeChecked = true;
  } catch (error) {
    tell({ kind: 'failed', message: (error as Error).message });
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pause);
      stopping.signal.addEventListener('abort', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    // Rubbish does not get better by trying again: a new one is made from the log.
    if (isDamage(error)) files.write(dataDir, {});
    isToBeChecked = true;
  }
}
await log.close();
port.close();
