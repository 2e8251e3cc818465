// An event of the record as auditors get it: one line of JSON, with data and metadata exactly as the log keeps them.

import { type RecordMetadata, STATEMENT_RECORDED } from '../../contracts/events/index.ts';
import type { RecordedEvent } from '../event-log/port.ts';

/** Statements end with their `stored`; it need not be parsed out of them. */
const STORED_AT_END = /"stored":"([^"]+)"\}$/;
const LONGEST_END = 48;

/** When we recorded it: a statement's `stored`, any other event's `recordedAt`. */
export function recordedAtOf({ type, data, metadata }: RecordedEvent): string {
  if (type !== STATEMENT_RECORDED) return (parse(metadata) as RecordMetadata).recordedAt;
  const found = STORED_AT_END.exec(asText(data.subarray(Math.max(0, data.byteLength - LONGEST_END))));
  return found?.[1] ?? (parse(data) as { stored: string }).stored;
}

/** `{"sequence":…,"id":…,"type":…,"recordedAt":…,"data":…,"metadata":…}` and a line feed. */
export function eventLine(event: RecordedEvent): string {
  const { revision, id, type, data, metadata } = event;
  const head = `{"sequence":${revision},"id":"${id}","type":${JSON.stringify(type)},"recordedAt":"${recordedAtOf(event)}"`;
  return `${head},"data":${asText(data)},"metadata":${asText(metadata)}}\n`;
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(asText(bytes));
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
