// Building generations: which file is written, the rebuild beside the live one, and an index as of an earlier sequence.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Sequence } from '../../contracts/words.ts';
import type { Streams } from '../event-log/index.ts';
import { openSqliteLog } from '../event-log/sqlite/index.ts';
import {
  digestOfIndexFile,
  type Generations,
  type IndexCheckpoint,
  indexFile,
  isDamage,
  nextGeneration,
  OtherIndexVersion,
  openLookupInFile,
  readGenerations,
  removeOtherGenerations,
  writeGenerations,
} from '../read-models/statement-index/index.ts';
import { checkAgainstLog, IndexDiffersFromLog, type LogToCheck } from './check.ts';
import { fill, openStore } from './fill.ts';

export interface WhereItIs {
  readonly dataDir: string;
  readonly logFile: string;
  readonly streams: Pick<Streams, 'record'>;
}

/** Whether a generation may be gone on with. @throws IndexDiffersFromLog */
async function isOfThisVersion(file: string, log: LogToCheck, record: string): Promise<boolean> {
  let index: ReturnType<typeof openLookupInFile>;
  try {
    index = openLookupInFile(file);
  } catch (error) {
    if (error instanceof OtherIndexVersion || isDamage(error)) return false;
    throw error;
  }
  try {
    await checkAgainstLog(index, log, record);
    return true;
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  } finally {
    index.close();
  }
}

/**
 * The generations to go on with at a start: a live one of this version, or else one to be built. Files of other versions
 * are removed, since nothing can read them.
 * @throws IndexDiffersFromLog unless `acceptLoss`
 */
export async function settleGenerations(
  dataDir: string,
  log: LogToCheck,
  record: string,
  acceptLoss: boolean,
): Promise<Generations> {
  const found = readGenerations(dataDir);
  const usable = async (generation: number | undefined): Promise<boolean> => {
    if (generation === undefined) return false;
    try {
      return await isOfThisVersion(indexFile(dataDir, generation), log, record);
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
    live === undefined ? { building: building ?? nextGeneration(dataDir) } : { live, ...(building && { building }) };
  writeGenerations(dataDir, settled);
  removeOtherGenerations(dataDir, settled);
  return settled;
}

/** Makes what was built the live one, at once, and removes what it replaces. */
export function makeLive(dataDir: string, generation: number): void {
  writeGenerations(dataDir, { live: generation });
  removeOtherGenerations(dataDir, { live: generation });
}

/**
 * Builds the index again beside the live one and puts it in its place once it has caught up; a projector that runs, in
 * whatever process, goes on with the new one. May be stopped anywhere: the next one goes on where this one stopped.
 * @returns false when it was stopped
 */
export async function rebuildStatementIndex({
  dataDir,
  logFile,
  streams,
  signal,
  onProgress,
}: WhereItIs & {
  readonly signal?: AbortSignal;
  readonly onProgress?: (checkpoint: IndexCheckpoint) => void;
}): Promise<boolean> {
  const log = openSqliteLog(logFile, { readOnly: true });
  try {
    const found = readGenerations(dataDir);
    const resumed =
      found.building !== undefined &&
      (await isOfThisVersion(indexFile(dataDir, found.building), log, streams.record).catch(() => false));
    const building = resumed ? found.building! : nextGeneration(dataDir);
    writeGenerations(dataDir, { ...(found.live !== undefined && { live: found.live }), building });
    const store = openStore(indexFile(dataDir, building), log, streams.record);
    let caughtUp = false;
    try {
      await fill(store, log, streams.record, {
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
    if (caughtUp) makeLive(dataDir, building);
    return caughtUp;
  } finally {
    await log.close();
  }
}

/** The index as it stood when the record ended at `until`, in a file of its own in `dir`, which is made. */
export async function buildIndexUpTo({
  logFile,
  streams,
  until,
  dir,
  signal,
  onProgress,
}: Omit<WhereItIs, 'dataDir'> & {
  readonly until: Sequence;
  readonly dir: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (checkpoint: IndexCheckpoint) => void;
}): Promise<{ readonly file: string; readonly checkpoint: IndexCheckpoint; readonly digest: string }> {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'statement-index.sqlite');
  for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
  const log = openSqliteLog(logFile, { readOnly: true });
  const store = openStore(file, log, streams.record);
  let checkpoint: IndexCheckpoint;
  try {
    await fill(store, log, streams.record, {
      until,
      ...(signal && { signal }),
      ...(onProgress && { onSaved: onProgress }),
      onCaughtUp: () => false,
    });
    checkpoint = store.checkpoint;
  } finally {
    store.close();
    await log.close();
  }
  return { file, checkpoint, digest: digestOfIndexFile(file) };
}

/** The digest of the live index of a data folder; undefined when there is none. */
export function digestOfIndex(dataDir: string): string | undefined {
  const { live } = readGenerations(dataDir);
  return live === undefined ? undefined : digestOfIndexFile(indexFile(dataDir, live));
}
