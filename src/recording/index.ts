// The door of recording: the write side. It runs on a thread of its own; this file starts it and speaks for it.

import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Microseconds, Sequence } from '../../contracts/words.ts';
import { LogRefused } from '../event-log/index.ts';
import { Caller } from '../threads/calls.ts';
import { recordingErrors } from './errors.ts';
import { movedWith, ownBytes, packStatements } from './packing.ts';
import { type Recording, RecordingRefused } from './port.ts';
import type { RecorderAppend, RecorderStatus } from './recorder.ts';
import type { RecordingThreadData } from './thread.ts';

export * from './port.ts';
export { type Preparation, prepareStatements } from './prepare.ts';

export interface RecordingStatus extends RecorderStatus {
  readonly recordId: string;
  /** The record's time: the clock's, or the simulated one. */
  readonly now: Microseconds;
}

export interface StartedRecording extends Recording {
  /** The local copy of a shared log holds everything up to here. */
  copied(upTo: Sequence): void;
  /** Nothing is written from now on, for this reason. */
  refuse(why: string): void;
  status(): Promise<RecordingStatus>;
}

/**
 * Starts the recorder on its thread and resolves when it takes requests. `onFailure` is told when the thread dies, `onAppend` of
 * every group appended.
 * @throws LogRefused in words, when the log must not be used
 */
export async function startRecording(
  data: RecordingThreadData & {
    readonly onFailure: (error: Error) => void;
    readonly onAppend?: (append: RecorderAppend) => void;
  },
): Promise<StartedRecording> {
  const { onFailure, onAppend, ...workerData } = data;
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData,
    name: 'recording',
    // What a group leaves behind dies with it: a larger nursery only holds more of it, and is no faster.
    resourceLimits: { maxYoungGenerationSizeMb: 12 },
  });
  await started(worker);
  const caller = new Caller(worker, recordingErrors, (append) => onAppend?.(append as RecorderAppend));
  let closing = false;
  worker.on('error', onFailure);
  worker.on('exit', () => {
    const detail = 'recording has stopped';
    caller.fail(new RecordingRefused({ reason: 'unavailable', detail, retryAfter: 5 }));
    if (!closing) onFailure(new Error(detail));
  });

  return {
    recordStatements(request) {
      const packed = packStatements(request);
      return caller.call('recordStatements', [packed], movedWith(packed));
    },
    findRecent: (id) => caller.call('findRecent', [id]),
    consistentThrough: () => caller.call('consistentThrough', []),
    changeDocument(change, by) {
      if (!('content' in change)) return caller.call('changeDocument', [change, by]);
      const content = ownBytes(change.content);
      return caller.call('changeDocument', [{ ...change, content }, by], [content.buffer]);
    },
    readDocument: (scope, key) => caller.call('readDocument', [scope, key]),
    listDocuments: (scope, options) => caller.call('listDocuments', [scope, options]),
    readAttachment: (sha256) => caller.call('readAttachment', [sha256]),
    recordEvents: (request) => caller.call('recordEvents', [request]),
    moveClock: (to, credential) => caller.call('moveClock', [to, credential]),
    indexed: (upTo) => caller.tell('indexed', [upTo]),
    copied: (upTo) => caller.tell('copied', [upTo]),
    refuse: (why) => caller.tell('refuse', [why]),
    status: () => caller.call('status', []),
    async close() {
      closing = true;
      await caller.call('close', []).catch(() => undefined);
      await worker.terminate();
    },
  };
}

/** Resolves at the thread's first message; an error before it (a refused log) is thrown as what it was. */
async function started(worker: Worker): Promise<void> {
  try {
    await once(worker, 'message');
  } catch (error) {
    const { name, message } = error as Error;
    throw name === 'LogRefused' ? new LogRefused(message) : error;
  }
}
