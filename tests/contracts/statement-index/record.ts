// A record in a folder of its own for the tests of the statement index: statements as recording would have written them.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CLOCK_MOVED,
  RECORD_OPENED,
  STATEMENT_RECORDED,
  type StatementRecordedMetadata,
} from '../../../contracts/events/index.ts';
import { toInstant } from '../../../contracts/time.ts';
import type { EventId, Microseconds, Revision, Sequence } from '../../../contracts/words.ts';
import type { Statement } from '../../../contracts/xapi/index.ts';
import { type EventToAppend, type LocalLog, streamsWithPrefix } from '../../../src/event-log/index.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';

export const streams = streamsWithPrefix('');
/** `stored` of sequence 0; each further event is stored 10 microseconds after the one before. */
export const BEGINNING = 1_750_000_000_000_000;

export const storedAt = (sequence: number): Microseconds => (BEGINNING + sequence * 10) as Microseconds;

/** A UUID that tells its number, and does not sort by it. */
export function uuid(number: number): string {
  const mixed = (Math.imul(number + 1, 0x9e3779b1) >>> 0).toString(16).padStart(8, '0');
  return `${mixed}-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
}

export interface ToRecord {
  readonly statement: Omit<Statement, 'stored'>;
  readonly credential?: string;
  readonly scopes?: readonly string[];
}

export interface TestRecord {
  readonly dataDir: string;
  readonly logFile: string;
  readonly log: LocalLog;
  /** Appends statements; resolves to the sequence of the last event. */
  record(...entries: readonly (ToRecord | 'other')[]): Promise<Sequence>;
  close(): Promise<void>;
}

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

export function statementEvent({ statement, credential, scopes }: ToRecord, sequence: number): EventToAppend {
  const metadata: StatementRecordedMetadata = {
    credential: credential ?? 'c-1',
    scopes: [...(scopes ?? ['all', 'void'])],
    $correlationId: 'r',
    $causationId: 'r',
    part: [1, 1],
    version: '1.0.3',
    codec: 'plain',
    salt: 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  return {
    id: randomUUID() as EventId,
    type: STATEMENT_RECORDED,
    contentType: 'json',
    data: json({ ...statement, stored: toInstant(storedAt(sequence)) }),
    metadata: json(metadata),
  };
}

export function otherEvent(type: string, data: unknown, sequence: number): EventToAppend {
  const metadata = { recordedAt: toInstant(storedAt(sequence)), codec: 'plain', salt: 'AAAAAAAAAAAAAAAAAAAAAA==' };
  return {
    id: randomUUID() as EventId,
    type,
    contentType: 'json',
    data: json(data),
    metadata: json(metadata),
  };
}

/** A new record: sequence 0 is `record-opened`, as always. */
export async function openRecord(): Promise<TestRecord> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pramaan-index-'));
  const logFile = join(dataDir, 'log.sqlite');
  const log = openSqliteLog(logFile);
  let head = -1;
  const append = async (events: readonly EventToAppend[]): Promise<Sequence> => {
    await log.append(streams.record, events, { expectedRevision: head as Revision });
    head += events.length;
    return head as Sequence;
  };
  await append([otherEvent(RECORD_OPENED, { recordId: uuid(0), simulatedClock: false }, 0)]);
  return {
    dataDir,
    logFile,
    log,
    record: (...entries) =>
      append(
        entries.map((one, i) =>
          one === 'other' ? otherEvent(CLOCK_MOVED, {}, head + 1 + i) : statementEvent(one, head + 1 + i),
        ),
      ),
    async close() {
      await log.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}
