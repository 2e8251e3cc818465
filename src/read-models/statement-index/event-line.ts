// An event of the record as one line of NDJSON: what auditors are given. Data and metadata are the log's own bytes, and nothing
// else is in it that a copy of the log, or another adapter, would tell otherwise.

import type { RecordMetadata } from '../../../contracts/events/index.ts';
import { STATEMENT_RECORDED } from '../../../contracts/events/names.ts';
import type { RecordedEvent } from '../../event-log/index.ts';

/** Statements end with their `stored`; it need not be parsed out of them. */
const STORED_AT_END = /"stored":"([^"]+)"\}$/;
const LONGEST_END = 48;
const NEW_LINE = Buffer.from('}\n');

/** When we recorded it: a statement's `stored`, any other event's `recordedAt`. */
export function recordedAtOf({ type, data, metadata }: Pick<RecordedEvent, 'type' | 'data' | 'metadata'>): string {
  if (type !== STATEMENT_RECORDED) return (JSON.parse(asText(metadata)) as RecordMetadata).recordedAt;
  const found = STORED_AT_END.exec(asText(data.subarray(Math.max(0, data.byteLength - LONGEST_END))));
  return found?.[1] ?? (JSON.parse(asText(data)) as { stored: string }).stored;
}

/** UTF-8, with its line feed: sequence, id, type, recordedAt, data, metadata. Binary data is in base64, as `dataBase64`. */
export function eventLine(event: RecordedEvent): Uint8Array {
  const { revision, id, type, contentType, data, metadata } = event;
  const head = JSON.stringify({ sequence: revision, id, type, recordedAt: recordedAtOf(event) }).slice(0, -1);
  const binary = contentType === 'binary';
  return Buffer.concat([
    Buffer.from(`${head},${binary ? '"dataBase64":' : '"data":'}`),
    binary ? Buffer.from(`"${Buffer.from(data).toString('base64')}"`) : data,
    Buffer.from(',"metadata":'),
    metadata,
    NEW_LINE,
  ]);
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
