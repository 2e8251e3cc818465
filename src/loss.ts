// A log that lost its tail, or was replaced by an older one: found out before anything is written, so that it can still be
// restored as it is, or accepted, which the record remembers.

import { LOSS_ACCEPTED, type LossAccepted } from '../contracts/events/index.ts';
import { NOTHING } from '../contracts/words.ts';
import type { Streams } from './event-log/index.ts';
import { holdsAnything, openSqliteLog } from './event-log/sqlite/index.ts';
import { IndexDiffersFromLog, settleGenerations } from './projector/index.ts';
import { Recorder } from './recording/recorder.ts';

export interface LossToSettle {
  readonly dataDir: string;
  readonly logFile: string;
  readonly streams: Pick<Streams, 'record'>;
  /** For a record that has to be begun again. */
  readonly simulatedClock: boolean;
  readonly acceptLoss: boolean;
}

const NO_LOG = { head: async () => NOTHING, readEach: () => [], close: async () => undefined };

/**
 * Sees to it that the statement index belongs to this log. The log is only read for it: SQLite, when it closes what it opened
 * for writing, clears away a damaged write-ahead log with all that could be saved from it.
 *
 * An accepted loss is recorded first and then forgotten by the index, before anybody can post: what was lost must not count as
 * known when its senders repeat it.
 * @returns what was accepted; undefined when nothing was missing
 * @throws IndexDiffersFromLog unless `acceptLoss`; LogRefused, LogUnavailable
 */
export async function settleLoss(asked: LossToSettle): Promise<LossAccepted | undefined> {
  const { dataDir, logFile, streams, acceptLoss } = asked;
  const log = holdsAnything(logFile) ? openSqliteLog(logFile, { readOnly: true }) : NO_LOG;
  try {
    await settleGenerations(dataDir, log, streams.record, false);
    return undefined;
  } catch (error) {
    if (!acceptLoss || !(error instanceof IndexDiffersFromLog)) throw error;
    await accept(error.loss, asked);
    return error.loss;
  } finally {
    await log.close();
  }
}

async function accept(loss: LossAccepted, { dataDir, logFile, streams, simulatedClock }: LossToSettle): Promise<void> {
  const log = openSqliteLog(logFile);
  try {
    const head = await log.head(streams.record);
    // The index is not asked: what it knows is what is in doubt.
    const known = { find: () => [], indexedUpTo: () => head as number as never };
    const recorder = await Recorder.open({ log, stream: streams.record, known, simulatedClock });
    await recorder.recordEvent({ type: LOSS_ACCEPTED, data: loss, credential: 'command-line' });
    await recorder.close();
    await settleGenerations(dataDir, log, streams.record, true);
  } finally {
    await log.close();
  }
}
