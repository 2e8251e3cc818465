// The recorder's thread: it owns the log that is written to. recording/index.ts starts it and talks to it by calls.ts.

import { parentPort, workerData } from 'node:worker_threads';
import type { Microseconds, Sequence, StatementId } from '../../contracts/words.ts';
import { streamsWithPrefix } from '../event-log/index.ts';
import { type LogPlace, openLogAt } from '../event-log/open.ts';
import { openSqliteLog } from '../event-log/sqlite/index.ts';
import { openIndexLookup } from '../read-models/index.ts';
import { answerCalls, Moved } from '../threads/calls.ts';
import { readChunks, storeChunks } from './chunks.ts';
import { Documents } from './documents.ts';
import { recordingErrors } from './errors.ts';
import type { ClockToOpen } from './opening.ts';
import { ownBytes, type PackedStatements, unpackStatements } from './packing.ts';
import {
  type DocumentChange,
  type DocumentKey,
  type DocumentScope,
  type EventsToRecord,
  RecordingRefused,
} from './port.ts';
import { Recorder, type RecorderAppend } from './recorder.ts';
import { isSha2Of } from './sha2.ts';
import { SharedClock } from './shared-clock.ts';

export interface RecordingThreadData {
  /** Where it writes. */
  readonly log: LogPlace;
  /** The node's local copy of the record, when other nodes may write to the same log. */
  readonly copyFile?: string;
  readonly dataDir: string;
  readonly streamPrefix: string;
  readonly simulatedClock: ClockToOpen;
}

/** Nobody waits longer for documents and attachments on a server, however many calls it takes, milliseconds. */
const LONGEST_WAIT_MS = 2_500;
/** What is larger is stored and read in pieces, and takes its time. */
const LARGE_BYTES = 256 * 1024;

const data = workerData as RecordingThreadData;
const port = parentPort!;
const streams = streamsWithPrefix(data.streamPrefix);
const log = openLogAt(data.log, { create: true });
const copy = data.copyFile === undefined ? undefined : openSqliteLog(data.copyFile, { readOnly: true });
const lookup = openIndexLookup(data.dataDir);

let tell: (append: RecorderAppend) => void = () => undefined;
const recorder = await Recorder.open({
  log,
  stream: streams.record,
  simulatedClock: data.simulatedClock,
  known: {
    find: (ids) => lookup.find(ids),
    indexedUpTo: () => lookup.checkpoint().sequence,
  },
  onAppend: (append) => tell(append),
  ...(copy && { shared: { copy, clock: new SharedClock(log, streams.clock) } }),
});
const documents = new Documents(log, streams, () => recorder.now);

const methods = {
  async recordStatements(packed: PackedStatements) {
    recorder.checkRefused();
    const { attachments } = packed;
    if (attachments.length === 0) return recorder.record(unpackStatements(packed));
    const began = performance.now();
    const stored = Promise.all(
      attachments.map(({ sha256, content }) => storeChunks(log, streams.attachment(sha256), content)),
    );
    const bytes = attachments.reduce((sum, { content }) => sum + content.byteLength, 0);
    // Statements whose attachments came too late are not recorded any more.
    await (bytes > LARGE_BYTES ? stored : inTime(stored, began));
    const recorded = recorder.record(unpackStatements(packed));
    return bytes > LARGE_BYTES ? recorded : inTime(recorded, began);
  },
  findRecent: (id: StatementId) => recorder.findRecent(id),
  consistentThrough: () => recorder.consistentThrough(),
  async changeDocument(change: DocumentChange, by?: { credential: string; requestId: string }) {
    recorder.checkRefused();
    const changed = documents.change(change, by);
    return 'content' in change && change.content.byteLength > LARGE_BYTES ? changed : inTime(changed);
  },
  async readDocument(scope: DocumentScope, key: DocumentKey) {
    const began = performance.now();
    const found = await inTime(documents.find(scope, key), began);
    if (!found) return undefined;
    const document = await (found.size > LARGE_BYTES ? found.read() : inTime(found.read(), began));
    return moved({ ...document, content: ownBytes(document.content) });
  },
  listDocuments: (scope: DocumentScope, options: { registration?: string; since?: Microseconds }) =>
    inTime(documents.list(scope, options)),
  async readAttachment(sha256: string) {
    const content = await readChunks(log, streams.attachment(sha256));
    if (content && !isSha2Of(sha256, content)) {
      const detail = `attachment ${sha256} is damaged in the log`;
      throw new RecordingRefused({ reason: 'unavailable', detail, retryAfter: 60 });
    }
    if (!content) return undefined;
    const own = ownBytes(content);
    return new Moved(own, [own.buffer]);
  },
  recordEvents: (request: EventsToRecord) => recorder.recordEvents(request),
  moveClock: (to: Microseconds, credential: string) => recorder.moveClock(to, credential),
  indexed: (upTo: Sequence) => recorder.indexed(upTo),
  copied: (upTo: Sequence) => recorder.copied(upTo),
  refuse: (why: string) => recorder.refuse(why),
  status: () => ({ ...recorder.status(), recordId: recorder.recordId, now: recorder.now }),
  async close() {
    await recorder.close();
    lookup.close();
    await copy?.close();
    await log.close();
  },
} as const;

/** A change that was too late may still be made. @param began when whoever waits for it began to */
async function inTime<Result>(work: Promise<Result>, began = performance.now()): Promise<Result> {
  if (data.copyFile === undefined) return work;
  const tooLate = Promise.withResolvers<never>();
  const detail = 'the event log takes too long to answer';
  const timer = setTimeout(
    () => tooLate.reject(new RecordingRefused({ reason: 'unavailable', detail, retryAfter: 2 })),
    began + LONGEST_WAIT_MS - performance.now(),
  );
  return Promise.race([work, tooLate.promise]).finally(() => clearTimeout(timer));
}

function moved<T extends { content: Uint8Array<ArrayBuffer> }>(document: T): Moved<T> {
  return new Moved(document, [document.content.buffer]);
}

tell = answerCalls(port, methods, recordingErrors).tell;
port.postMessage({ ready: true });
