// Administration's thread: it reads the people model and decides. What it decides is recorded by whoever asked; index.ts starts it
// and talks to it by calls.ts.

import { rmSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import type { ProgrammeEvent } from '../../contracts/events/programmes.ts';
import type { Sequence } from '../../contracts/words.ts';
import { followLivePeople, openLivePeople } from '../read-models/people/live.ts';
import { recordingErrors } from '../recording/errors.ts';
import { type EventToRecord, RecordingRefused } from '../recording/port.ts';
import { answerCalls } from '../threads/calls.ts';
import { type Checked, checkFile, eventsFileOf, Overtaken, type Portions, portionsOf } from './checking.ts';
import { decideCommand } from './deciding.ts';
import { Misfits } from './misfits.ts';
import type { FileToLoad, Misfit } from './port.ts';

export interface AdministrationThreadData {
  readonly dataDir: string;
  /** Where files lie while they are looked at. */
  readonly spool: string;
}

export interface Decision {
  readonly since: Sequence;
  readonly events: readonly ProgrammeEvent[];
  readonly misfits: readonly Misfit[];
  readonly total: number;
}

/** Told while a file is checked. */
export interface CheckingNews {
  readonly path: string;
  readonly step: 'reading' | 'comparing';
  readonly rows: number;
}

/** Rows between two lines of news. */
const ROWS_A_NEWS = 5_000;

const { dataDir, spool } = workerData as AdministrationThreadData;
const port = parentPort!;
const model = followLivePeople(dataDir);
const portions = new Map<string, AsyncGenerator<readonly EventToRecord[]>>();
let nextClaims = 0;

const methods = {
  decide(wanted: readonly ProgrammeEvent[]): Decision {
    // Whichever generation answers now: a rebuilt one may have taken its place between two commands.
    const reader = model.current();
    if (!reader) throw notReady();
    const misfits = new Misfits();
    const { sequence, derived } = reader.begin();
    try {
      if (!derived) throw notReady();
      const refuse = (_line: unknown, column: string | undefined, message: string): void =>
        misfits.add(undefined, column, message);
      const events = decideCommand(reader, wanted, `${spool}/claims-${nextClaims++}`, refuse);
      return { since: sequence, events, misfits: misfits.shown, total: misfits.total };
    } finally {
      reader.end();
    }
  },
  /** Undefined: another command came in meanwhile. */
  async check(file: FileToLoad): Promise<Checked | undefined> {
    portions.delete(file.path);
    const held = openLivePeople(dataDir);
    if (!held) throw notReady();
    let told: CheckingNews | undefined;
    try {
      const { derived } = held.reader.begin();
      held.reader.end();
      if (!derived) throw notReady();
      return await checkFile(file, held.reader, (step, rows) => {
        if (told?.step === step && rows - told.rows < ROWS_A_NEWS) return;
        told = { path: file.path, step, rows };
        tell(told);
      });
    } catch (error) {
      if (error instanceof Overtaken) return undefined;
      if (!isDiskFull(error)) throw error;
      throw new RecordingRefused({ reason: 'unavailable', detail: 'the disk is full', retryAfter: 60 });
    } finally {
      held.close();
    }
  },
  /** The next events of a file that was checked; undefined after the last ones. */
  async take(path: string, most: Portions): Promise<readonly EventToRecord[] | undefined> {
    const taking = portions.get(path) ?? portionsOf(path, most);
    portions.set(path, taking);
    const { value, done } = await taking.next();
    if (done) portions.delete(path);
    return done ? undefined : value;
  },
  /** The load is over, however it ended. */
  async drop(path: string): Promise<void> {
    await portions.get(path)?.return(undefined);
    portions.delete(path);
    rmSync(eventsFileOf(path), { force: true });
    rmSync(path, { force: true });
  },
} as const;

/** Of the files that lie in the spool while one is checked: SQLITE_FULL, ENOSPC. */
function isDiskFull(error: unknown): boolean {
  const { code, errcode } = error as { readonly code?: unknown; readonly errcode?: unknown };
  return code === 'ENOSPC' || errcode === 13;
}

function notReady(): RecordingRefused {
  return new RecordingRefused({ reason: 'unavailable', detail: 'the people model is being built', retryAfter: 5 });
}

const { tell } = answerCalls(port, methods, recordingErrors);
port.postMessage({ ready: true });
