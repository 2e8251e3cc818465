// One node: the folder, the threads, access and the HTTP server, put together. `pramaan serve` and `pramaan demo` start it.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeStatus, ReadModelStatus } from '../contracts/http/health.ts';
import { type Microseconds, NOTHING, type Sequence } from '../contracts/words.ts';
import { openAccess } from './access/index.ts';
import type { FirstCredential } from './access/port.ts';
import { startAdministration } from './administration/index.ts';
import { streamsWithPrefix } from './event-log/index.ts';
import { holdDataFolder } from './event-log/sqlite/data-folder.ts';
import { adminRouter } from './http/admin/index.ts';
import { auditRouter } from './http/audit/index.ts';
import { drainable } from './http/drain.ts';
import { healthRouter, metricsRouter } from './http/health/index.ts';
import { createApp, requireScope } from './http/index.ts';
import { reportsRouter } from './http/reports/index.ts';
import { answerUnparsedRequests } from './http/unparsed.ts';
import { openNodeLog } from './node-log.ts';
import { Progress } from './progress.ts';
import { type ModelName, type Projector, startProjector } from './projector/index.ts';
import { openReadWorkers } from './read-models/index.ts';
import type { IndexedUpTo } from './read-models/statement-index/port.ts';
import { startRecording } from './recording/index.ts';
import type { Settings } from './settings.ts';
import { createTelemetry, type Telemetry } from './telemetry/index.ts';
import { VERSION } from './version.ts';

export interface RunningNode {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Made at the first start, or the one of the settings; its secret can be shown now and never again. */
  readonly firstCredential: FirstCredential;
  readonly telemetry: Telemetry;
  status(): Promise<NodeStatus>;
  /** Stops taking requests, answers those under way, and closes everything; may be called twice. */
  close(): Promise<void>;
}

export interface StartOptions {
  /** Goes on with a log that lacks what a read model had seen, and records that: `--accept-loss`. */
  readonly acceptLoss?: boolean;
}

/** Requests under way at a stop are waited for so long, then cut off. */
const DRAIN_MS = 10_000;

/**
 * Starts a node on its data folder. What was opened before a failure is closed again.
 * @throws LogRefused (folder in use, damaged log), IndexDiffersFromLog (the log lost its tail), or the listen error
 * (EADDRINUSE), all in words through cli/failure.ts
 */
export async function startNode(settings: Settings, { acceptLoss = false }: StartOptions = {}): Promise<RunningNode> {
  const closers: (() => unknown)[] = [];
  const closeAll = async () => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await start(settings, acceptLoss, closers, closeAll);
  } catch (error) {
    await closeAll();
    throw error;
  }
}

async function start(
  settings: Settings,
  acceptLoss: boolean,
  closers: (() => unknown)[],
  closeAll: () => Promise<void>,
): Promise<RunningNode> {
  const telemetry = createTelemetry({ version: VERSION, logLevel: settings.logLevel });
  closers.push(() => telemetry.close());
  const { logger } = telemetry;

  const folder = holdDataFolder(settings.dataDir);
  closers.push(() => folder.release());
  const streams = streamsWithPrefix(settings.streamPrefix);

  const nodeLog = await openNodeLog({ settings, dataDir: folder.path, streams, logger, acceptLoss });
  closers.push(() => nodeLog.close());
  const { place, log, record, recordFile } = nodeLog;
  const access = await openAccess({ log, streams, settings });
  closers.push(() => access.close());

  const progress = new Progress<IndexedUpTo>({ sequence: NOTHING, stored: 0 as Microseconds });
  const peopleProgress = new Progress<IndexedUpTo>({ sequence: NOTHING, stored: 0 as Microseconds });
  let failed: string | undefined;
  const onFailure = (error: Error) => {
    failed = error.message;
    logger.fatal({ err: error }, 'recording failed');
  };

  // All at once: each loads its code on a thread of its own. What the projector saves before the recorder listens is told then.
  let indexed: (sequence: Sequence) => void = (sequence) => {
    savedMeanwhile = sequence;
  };
  let savedMeanwhile: Sequence | undefined;
  const project = (model: ModelName, options: Partial<Parameters<typeof startProjector>[0]>): Promise<Projector> =>
    startProjector({
      model,
      dataDir: folder.path,
      logFile: recordFile,
      streams,
      // It goes on trying; /health/ready says meanwhile what it met.
      onFailure: (error) => logger.error({ err: error }, 'the projector failed'),
      ...options,
    });
  const started = await Promise.allSettled([
    startRecording({
      log: place,
      ...(record !== log && { copyFile: recordFile }),
      dataDir: folder.path,
      streamPrefix: settings.streamPrefix,
      simulatedClock: settings.simulatedClock,
      onFailure,
      onAppend: (append) => telemetry.metrics.appended(append),
    }),
    project('statement-index', {
      onProgress: (checkpoint) => progress.advance(checkpoint),
      onSaved: (checkpoint) => indexed(checkpoint.sequence),
    }),
    project('people', { onProgress: (checkpoint) => peopleProgress.advance(checkpoint) }),
    openReadWorkers({
      dataDir: folder.path,
      logFile: recordFile,
      streams,
      workers: settings.readWorkers,
      onFailure: (error) => logger.error({ err: error }, 'a read worker failed'),
    }),
  ]);
  const [recordingStart, indexStart, peopleStart, workersStart] = started;
  if (recordingStart.status === 'fulfilled') closers.push(() => recordingStart.value.close());
  for (const projector of [indexStart, peopleStart]) {
    if (projector.status === 'fulfilled') closers.push(() => projector.value.stop());
  }
  if (workersStart.status === 'fulfilled') closers.push(() => workersStart.value.close());
  const recording = resultOf(recordingStart);
  const indexProjector = resultOf(indexStart);
  const peopleProjector = resultOf(peopleStart);
  const { statements: queries, people } = resultOf(workersStart);
  indexed = (sequence) => recording.indexed(sequence);
  if (savedMeanwhile !== undefined) indexed(savedMeanwhile);
  nodeLog.tell(recording);
  const peopleReached = (sequence: Sequence, timeoutMs: number) => peopleProgress.waitFor(sequence, timeoutMs);
  const administration = await startAdministration({
    dataDir: folder.path,
    recording,
    reached: peopleReached,
    appendBytes: log.limits.appendBytes,
    onFailure: (error) => logger.error({ err: error }, 'administration failed'),
  });
  closers.push(() => administration.close());

  let stopping = false;
  const status = async (): Promise<NodeStatus> => {
    const recorder = await recording.status();
    const credentials = access.status();
    const copy = nodeLog.copyStatus();
    // The recorder of a node that does not write learns of what others wrote only when it is asked to.
    const head = Math.max(recorder.head, copy?.sequence ?? NOTHING) as Sequence;
    const modelStatus = (projector: Projector): ReadModelStatus => {
      const { state, sequence, lagMs, detail } = projector.status();
      const lagSequences = Math.max(0, head - sequence);
      return {
        state,
        sequence,
        lagSequences,
        lagMs: lagSequences === 0 ? 0 : lagMs,
        ...(detail === undefined ? undefined : { detail }),
      };
    };
    const notFollowed = credentials.following
      ? undefined
      : `credentials are not followed: ${credentials.problem ?? 'unknown'}`;
    const away = copy?.refused ?? copy?.away ?? recorder.away ?? notFollowed;
    const refusing = failed ?? recorder.refusing;
    return {
      log: away === undefined ? { reachable: true } : { reachable: false, detail: away },
      ...(copy && { localCopy: { sequence: copy.sequence, caughtUp: copy.caughtUp } }),
      recording: {
        state: stopping ? 'stopped' : refusing === undefined ? 'recording' : 'refusing',
        sequence: head,
        ...(refusing === undefined ? undefined : { detail: refusing }),
      },
      statementIndex: modelStatus(indexProjector),
      peopleModel: modelStatus(peopleProjector),
    };
  };
  telemetry.metrics.watch(status);

  const app = createApp({
    settings,
    recording,
    queries,
    access,
    indexed: () => progress.at,
    waitFor: (sequence, timeoutMs) => progress.waitFor(sequence, timeoutMs),
    hooks: telemetry.hooks,
    routers: {
      admin: adminRouter({ access, recording, administration }),
      audit: auditRouter({ queries, record, upToDate: () => nodeLog.upToDate(), trailLog: log, streams }),
      reports: reportsRouter({ people, peopleReached }),
      health: healthRouter({ status }),
      metrics: metricsRouter(telemetry.metrics, ...(settings.metrics === 'admin' ? [requireScope('admin')] : [])),
    },
  });
  const server = createServer({ requireHostHeader: false }, app);
  answerUnparsedRequests(server);
  const drain = drainable(server, DRAIN_MS);
  await listen(server, settings.port, settings.host);
  closers.push(drain);
  // Last: a secret made by a start that fails afterwards would never be shown.
  const firstCredential = await access.ensureFirstCredential();

  const { port } = server.address() as AddressInfo;
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  let closing: Promise<void> | undefined;
  return {
    url: `http://${host}:${port}`,
    firstCredential,
    telemetry,
    status,
    close() {
      stopping = true;
      closing ??= closeAll();
      return closing;
    },
  };
}

function resultOf<Value>(settled: PromiseSettledResult<Value>): Value {
  if (settled.status === 'rejected') throw settled.reason;
  return settled.value;
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
