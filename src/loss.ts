// A log that lost its tail, or was replaced by an older one: found out before anything is written, so that it can still be
// restored as it is, or accepted, which the record remembers.

import { existsSync, renameSync, statSync } from 'node:fs';
import { LOSS_ACCEPTED, type LossAccepted } from '../contracts/events/index.ts';
import { NOTHING } from '../contracts/words.ts';
import { type LocalLog, LogRefused, type Streams } from './event-log/index.ts';
import { type LogPlace, openLogAt } from './event-log/open.ts';
import { holdsAnything, isCutOff, openSqliteLog, WrittenByNewer } from './event-log/sqlite/index.ts';
import { CopyDiffersFromServer, checkCopy, removeCopy } from './following/index.ts';
import { IndexDiffersFromLog, settleGenerations } from './projector/index.ts';
import type { ClockToOpen } from './recording/opening.ts';
import { Recorder } from './recording/recorder.ts';
import { SharedClock } from './recording/shared-clock.ts';

export interface LossToSettle {
  readonly dataDir: string;
  readonly log: LogPlace;
  /** The node's local copy of the record, with the log on a server. */
  readonly copyFile?: string;
  readonly streams: Pick<Streams, 'record' | 'clock'>;
  /** For a record that has to be begun again. */
  readonly simulatedClock: ClockToOpen;
  readonly acceptLoss: boolean;
}

const NO_LOG = { head: async () => NOTHING, read: async () => [], close: async () => undefined };

/**
 * Sees to it that the read models, and a local copy, belong to this log. The log is only read for it: SQLite, when it closes
 * what it opened for writing, clears away a damaged write-ahead log with all that could be saved from it.
 *
 * An accepted loss is recorded first and then forgotten by copy and models, before anybody can post: what was lost must not count
 * as known when its senders repeat it.
 * @returns what was accepted; undefined when nothing was missing
 * @throws IndexDiffersFromLog, CopyDiffersFromServer unless `acceptLoss`; LogRefused, LogUnavailable
 */
export async function settleLoss(asked: LossToSettle): Promise<LossAccepted | undefined> {
  try {
    await compare(asked);
    return undefined;
  } catch (error) {
    const isLoss = error instanceof IndexDiffersFromLog || error instanceof CopyDiffersFromServer;
    if (!asked.acceptLoss || !isLoss) throw error;
    await accept(error.loss, asked);
    return error.loss;
  }
}

async function compare({ dataDir, log: place, copyFile, streams }: LossToSettle): Promise<void> {
  if (place.kind === 'sqlite') {
    const log = holdsAnything(place.file) ? openSqliteLog(place.file, { readOnly: true }) : NO_LOG;
    await settleGenerations(dataDir, log, streams.record, false).finally(() => log.close());
    return;
  }
  const server = openLogAt(place);
  try {
    const copy = copyFile === undefined ? undefined : openCopy(copyFile);
    if (copy) await checkCopy(copy, server, streams.record).finally(() => copy.close());
    await settleGenerations(dataDir, server, streams.record, false);
    if (copyFile !== undefined && !copy) setAsideDamaged(copyFile);
  } finally {
    await server.close();
  }
}

/** Undefined when there is none that can be read. @throws LogRefused a newer version wrote it */
function openCopy(copyFile: string): LocalLog | undefined {
  if (!existsSync(copyFile)) return undefined;
  if (isCutOff(copyFile)) return undefined;
  try {
    return openSqliteLog(copyFile, { readOnly: true });
  } catch (error) {
    if (!(error instanceof LogRefused) || error instanceof WrittenByNewer) throw error;
    return undefined;
  }
}

/** A damaged copy is made again, and kept beside the new one: it may hold what a server has lost. */
function setAsideDamaged(copyFile: string): void {
  if (existsSync(copyFile) && statSync(copyFile).size > 0) renameSync(copyFile, `${copyFile}.damaged`);
  removeCopy(copyFile);
}

/** What was lost is accepted: a copy that can be read is of no more use. */
async function forget(copyFile: string): Promise<void> {
  const copy = openCopy(copyFile);
  await copy?.close();
  if (copy) removeCopy(copyFile);
  else setAsideDamaged(copyFile);
}

async function accept(
  loss: LossAccepted,
  { dataDir, log: place, copyFile, streams, simulatedClock }: LossToSettle,
): Promise<void> {
  const log = openLogAt(place, { create: true });
  try {
    const head = await log.head(streams.record);
    // The index is not asked: what it knows is what is in doubt.
    const known = { find: () => [], indexedUpTo: () => head as number as never };
    // Other nodes may be writing to a server: stamped by its clock, like everything else.
    const shared = { copy: { read: async () => [] }, clock: new SharedClock(log, streams.clock) };
    const recorder = await Recorder.open({
      log,
      stream: streams.record,
      known,
      simulatedClock,
      ...(place.kind === 'eventstoredb' && { shared }),
    });
    await recorder.recordEvents({ events: [{ type: LOSS_ACCEPTED, data: loss }], credential: 'command-line' });
    await recorder.close();
    if (copyFile !== undefined) await forget(copyFile);
    await settleGenerations(dataDir, log, streams.record, true);
  } finally {
    await log.close();
  }
}
