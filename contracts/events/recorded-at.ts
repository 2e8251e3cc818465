// When an event of the record was recorded, read from the event itself.

import { STATEMENT_RECORDED } from './names.ts';

/** Statements end with their `stored`; it need not be parsed out of them. */
const STORED_AT_END = /"stored":"([^"]+)"\}$/;
const LONGEST_END = 48;

/** A statement's `stored`, any other event's `recordedAt`: an instant in RFC 3339, as it was written. */
export function recordedAtOf(event: {
  readonly type: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}): string {
  const { type, data, metadata } = event;
  if (type !== STATEMENT_RECORDED) return (JSON.parse(asText(metadata)) as { recordedAt: string }).recordedAt;
  const found = STORED_AT_END.exec(asText(data.subarray(Math.max(0, data.byteLength - LONGEST_END))));
  return found?.[1] ?? (JSON.parse(asText(data)) as { stored: string }).stored;
}

function asText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}
