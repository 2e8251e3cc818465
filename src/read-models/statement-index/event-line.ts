// An event of the record as one line of NDJSON: what auditors are given. Data and metadata are the log's own bytes, and nothing
// else is in it that a copy of the log, or another adapter, would tell otherwise.

import { recordedAtOf } from '../../../contracts/events/recorded-at.ts';
import type { RecordedEvent } from '../../event-log/index.ts';

const NEW_LINE = Buffer.from('}\n');

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
