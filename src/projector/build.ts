// Building generations: which file is written, the rebuild beside the live one, and a model as of an earlier sequence.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { LossAccepted } from '../../contracts/events/index.ts';
import type { Sequence } from '../../contracts/words.ts';
import type { LocalLog, Streams } from '../event-log/index.ts';
import { openSqliteLog } from '../event-log/sqlite/index.ts';
import { type Generations, isDamage, type ModelCheckpoint, OtherModelVersion } from '../read-models/files.ts';
import { openLookupInFile } from '../read-models/statement-index/index.ts';
import { IndexDiffersFromLog, type LogToCheck } from './check.ts';
import { fill } from './fill.ts';
import { MODELS, type Model, type ModelName, type OpenModel, openPeople } from './models.ts';

export interface WhereItIs {
  readonly dataDir: string;
  readonly logFile: string;
  readonly streams: Pick<Streams, 'record'>;
}

/** Whether a generation may be gone on with. @throws IndexDiffersFromLog */
async function isOfThisVersion(model: Model, file: string, log: LogToCheck, record: string): Promise<boolean> {
  try {
    await model.check(file, log, record);
    return true;
  } catch (error) {
    if (error instanceof OtherModelVersion || isDamage(error)) return false;
    throw error;
  }
}

/**
 * {@link settleModel} for every model.
 * @throws IndexDiffersFromLog unless `acceptLoss`: with all that is missing, as far as any model had gone
 */
export async function settleGenerations(
  dataDir: string,
  log: LogToCheck,
  record: string,
  acceptLoss: boolean,
): Promise<void> {
  let from = Number.MAX_SAFE_INTEGER;
  let furthest: { readonly words: string; readonly loss: LossAccepted } | undefined;
  for (const model of Object.values(MODELS)) {
    try {
      await settleModel(model, dataDir, log, record, acceptLoss);
    } catch (error) {
      if (!(error instanceof IndexDiffersFromLog)) throw error;
      from = Math.min(from, error.loss.from);
      if (furthest === undefined || error.loss.to > furthest.loss.to)
        furthest = { words: model.words, loss: error.loss };
    }
  }
  if (furthest) throw IndexDiffersFromLog.of(furthest.words, { ...furthest.loss, from });
}

/**
 * The generations to go on with at a start: a live one of this version, or else one to be built. Files of other versions
 * are removed, since nothing can read them.
 * @throws IndexDiffersFromLog unless `acceptLoss`
 */
export async function settleModel(
  model: Model,
  dataDir: string,
  log: LogToCheck,
  record: string,
  acceptLoss: boolean,
): Promise<Generations> {
  const { files } = model;
  const found = files.read(dataDir);
  const usable = async (generation: number | undefined): Promise<boolean> => {
    if (generation === undefined) return false;
    try {
      return await isOfThisVersion(model, files.file(dataDir, generation), log, record);
    } catch (error) {
      if (acceptLoss && error instanceof IndexDiffersFromLog) return false;
      throw error;
    }
  };
  const live = (await usable(found.live)) ? found.live : undefined;
  // Beside a live one that fits, a half built one that does not is begun again without a word. Alone, it is all that is left
  // to tell that the log lost something.
  const fits = live === undefined ? usable(found.building) : usable(found.building).catch(() => false);
  const building = (await fits) ? found.building : undefined;
  const settled: Generations =
    live === undefined ? { building: building ?? files.next(dataDir) } : { live, ...(building && { building }) };
  files.write(dataDir, settled);
  files.removeOthers(dataDir, settled);
  return settled;
}

/** Makes what was built the live one, at once, and removes what it replaces. */
export function makeLive({ files }: Model, dataDir: string, generation: number): void {
  files.write(dataDir, { live: generation });
  files.removeOthers(dataDir, { live: generation });
}

export interface Rebuilding extends WhereItIs {
  readonly signal?: AbortSignal;
  readonly onProgress?: (checkpoint: ModelCheckpoint) => void;
}

/**
 * Builds a model again beside the live one and puts it in its place once it has caught up; a projector that runs, in
 * whatever process, goes on with the new one. May be stopped anywhere: the next one goes on where this one stopped.
 * The people model waits for the statement index where that lacks a void.
 * @returns false when it was stopped
 */
export async function rebuildModel(
  name: ModelName,
  { dataDir, logFile, streams, signal, onProgress }: Rebuilding,
): Promise<boolean> {
  const model = MODELS[name];
  const { files } = model;
  const log = openSqliteLog(logFile, { readOnly: true });
  try {
    const found = files.read(dataDir);
    const resumed =
      found.building !== undefined &&
      (await isOfThisVersion(model, files.file(dataDir, found.building), log, streams.record).catch(() => false));
    const building = resumed ? found.building! : files.next(dataDir);
    files.write(dataDir, { ...(found.live !== undefined && { live: found.live }), building });
    const store = model.open(files.file(dataDir, building), log, streams.record, dataDir);
    let caughtUp = false;
    try {
      await fill(store, log, streams.record, {
        batch: model.batch,
        ...(signal && { signal }),
        ...(onProgress && { onSaved: onProgress }),
        onCaughtUp: () => {
          caughtUp = true;
          return false;
        },
      });
    } finally {
      store.close();
    }
    if (caughtUp) makeLive(model, dataDir, building);
    return caughtUp;
  } finally {
    await log.close();
  }
}

export const rebuildStatementIndex = (asked: Rebuilding): Promise<boolean> => rebuildModel('statement-index', asked);

export interface BuiltUpTo {
  readonly file: string;
  readonly checkpoint: ModelCheckpoint;
  readonly digest: string;
}

interface UpTo extends Omit<Rebuilding, 'dataDir'> {
  readonly until: Sequence;
  /** Made where it is not there. */
  readonly dir: string;
}

/** The index as it stood when the record ended at `until`, in a file of its own in `dir`. */
export function buildIndexUpTo(asked: UpTo): Promise<BuiltUpTo> {
  const model = MODELS['statement-index'];
  return buildUpTo(model, asked, (file, log) => model.open(file, log, asked.streams.record, asked.dir));
}

/** The people model, likewise. `indexFile`: the statement index of the same record, as far or further. */
export function buildPeopleUpTo(asked: UpTo & { readonly indexFile: string }): Promise<BuiltUpTo> {
  return buildUpTo(MODELS.people, asked, (file, log) =>
    openPeople(file, log, asked.streams.record, () => openLookupInFile(asked.indexFile)),
  );
}

async function buildUpTo(
  model: Model,
  { logFile, streams, until, dir, signal, onProgress }: UpTo,
  open: (file: string, log: LocalLog) => OpenModel,
): Promise<BuiltUpTo> {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${model.name}.sqlite`);
  for (const end of ['', '-wal', '-shm', '-scratch']) rmSync(`${file}${end}`, { force: true });
  const log = openSqliteLog(logFile, { readOnly: true });
  const store = open(file, log);
  let checkpoint: ModelCheckpoint;
  try {
    await fill(store, log, streams.record, {
      until,
      batch: model.batch,
      ...(signal && { signal }),
      ...(onProgress && { onSaved: onProgress }),
      onCaughtUp: () => false,
    });
    checkpoint = store.checkpoint;
  } finally {
    store.close();
    await log.close();
  }
  return { file, checkpoint, digest: model.digest(file) };
}

/** The digest of the live generation of a model; undefined when there is none. */
export function digestOfModel(name: ModelName, dataDir: string): string | undefined {
  const { files, digest } = MODELS[name];
  const { live } = files.read(dataDir);
  return live === undefined ? undefined : digest(files.file(dataDir, live));
}

export const digestOfIndex = (dataDir: string): string | undefined => digestOfModel('statement-index', dataDir);
