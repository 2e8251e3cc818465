// The log as one node has it: where it writes, and where it reads the record. With the embedded log these are one file; with the
// log on a server the node follows the record into a copy of its own, and everything to the right of the record reads that.

import { NOTHING, type Revision, type Sequence } from '../contracts/words.ts';
import { checkEventStoreDb } from './event-log/eventstoredb/index.ts';
import { type EventLog, LogRefused, LogUnavailable, type Streams } from './event-log/index.ts';
import { type LogPlace, logPlaceOf, openLogAt, recordFileOf } from './event-log/open.ts';
import { openSqliteLog } from './event-log/sqlite/index.ts';
import { type Following, type FollowingStatus, startFollowing } from './following/index.ts';
import { settleLoss } from './loss.ts';
import { furthestModel } from './projector/index.ts';
import { forgetModels } from './read-models/index.ts';
import type { StartedRecording } from './recording/index.ts';
import type { Settings } from './settings.ts';
import type { Logger } from './telemetry/index.ts';

export interface NodeLog {
  readonly place: LogPlace;
  /** Where the node writes; documents, attachments, credentials and the access trail are read here too. */
  readonly log: EventLog;
  /** Where the record is read on this machine, and its file. */
  readonly record: EventLog;
  readonly recordFile: string;
  /** Of the copy; undefined with the embedded log. */
  copyStatus(): FollowingStatus | undefined;
  /** Tells recording how far the copy is, from now on. */
  tell(recording: Pick<StartedRecording, 'copied' | 'refuse'>): void;
  /** Waits a moment until the record can be read here as far as it has come, here or by another node. */
  upToDate(): Promise<void>;
  close(): Promise<void>;
}

export interface NodeLogOptions {
  readonly settings: Settings;
  readonly dataDir: string;
  readonly streams: Streams;
  readonly logger: Logger;
  readonly acceptLoss: boolean;
}

/** A read model that is this much ahead of a node's copy of the record is waited for; one further ahead is built again with it. */
const COPY_MAY_LAG = 100_000;
const COPY_WAIT_MS = 60_000;
/** A reader of the whole record waits so long for the copy to come to the head. */
const UP_TO_DATE_MS = 800;

/**
 * Opens the log once it is known to be the one that this data folder belongs to.
 * @throws LogRefused, LogUnavailable; IndexDiffersFromLog, CopyDiffersFromServer unless `acceptLoss`
 */
export async function openNodeLog(options: NodeLogOptions): Promise<NodeLog> {
  const { settings, dataDir, streams, logger, acceptLoss } = options;
  const place = logPlaceOf(settings);
  const recordFile = recordFileOf(settings);
  const onServer = place.kind === 'eventstoredb';
  if (onServer) {
    const { version } = await checkEventStoreDb(place, streams.record);
    logger.info({ version }, 'EventStoreDB is there');
  }
  const loss = await settleLoss({
    dataDir,
    log: place,
    ...(onServer && { copyFile: recordFile }),
    streams,
    simulatedClock: settings.simulatedClock,
    acceptLoss,
  });
  if (loss) logger.warn(loss, 'a loss was accepted and recorded; the read models are built again');
  else if (acceptLoss) logger.info('there is no loss to accept: nothing is missing from the log');
  return onServer ? onServerAt(place, recordFile, options) : embeddedIn(place, recordFile);
}

function embeddedIn(place: LogPlace, recordFile: string): NodeLog {
  const log = openLogAt(place, { create: true });
  return {
    place,
    log,
    record: log,
    recordFile,
    copyStatus: () => undefined,
    tell: () => undefined,
    upToDate: () => Promise.resolve(),
    close: () => log.close(),
  };
}

async function onServerAt(
  place: LogPlace,
  copyFile: string,
  { dataDir, streams, logger }: NodeLogOptions,
): Promise<NodeLog> {
  let recording: Pick<StartedRecording, 'copied' | 'refuse'> | undefined;
  const following = await startFollowing({
    server: place,
    copyFile,
    record: streams.record,
    onCopied: (sequence) => recording?.copied(sequence),
    onInterrupted: (why) =>
      why === undefined ? logger.info('following EventStoreDB again') : logger.warn({ why }, 'EventStoreDB is away'),
    onRefused: (why) => {
      logger.fatal({ why }, 'EventStoreDB is not followed any more');
      recording?.refuse(why);
    },
  });
  let log: EventLog;
  let record: EventLog;
  try {
    if (!(await isAsFarAsTheModels(following, dataDir))) {
      logger.info('the local copy of the record is far behind the read models: all are made again');
      forgetModels(dataDir);
    }
    record = openSqliteLog(copyFile, { readOnly: true });
    log = openLogAt(place);
  } catch (error) {
    await following.stop();
    throw error;
  }
  return {
    place,
    log,
    record,
    recordFile: copyFile,
    copyStatus: () => following.status(),
    tell(to) {
      recording = to;
      const { sequence, refused } = following.status();
      recording.copied(sequence);
      if (refused !== undefined) recording.refuse(refused);
    },
    async upToDate() {
      // While the server is away, or too slow, what this node has copied of it is all there is.
      const head: Promise<Revision> = log.head(streams.record).catch(() => NOTHING);
      const copied = head.then((revision) => following.reached(revision as number as Sequence, UP_TO_DATE_MS));
      let timer: NodeJS.Timeout | undefined;
      const patience = new Promise((resolve) => {
        timer = setTimeout(resolve, UP_TO_DATE_MS);
      });
      await Promise.race([copied, patience]).finally(() => clearTimeout(timer));
    },
    async close() {
      await record.close();
      await log.close();
      await following.stop();
    },
  };
}

/**
 * Waits for a copy that lacks a little of what the read models have seen; a power cut may have taken that from it.
 * @throws LogRefused, LogUnavailable when the server is not followed meanwhile: the models are not to blame
 */
async function isAsFarAsTheModels(following: Following, dataDir: string): Promise<boolean> {
  const sequence = furthestModel(dataDir);
  if (sequence - following.status().sequence > COPY_MAY_LAG) return false;
  if (await following.reached(sequence, COPY_WAIT_MS)) return true;
  const { refused, away } = following.status();
  if (refused !== undefined) throw new LogRefused(refused);
  if (away !== undefined) throw new LogUnavailable(away);
  return false;
}
