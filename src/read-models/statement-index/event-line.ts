// An event of the record as one line of NDJSON: what auditors are given. Data and metadata are the log's own bytes.

import { toInstant } from '../../../contracts/time.ts';
import type { RecordedEvent } from '../../event-log/index.ts';

const NEW_LINE = Buffer.from('}\n');

/** UTF-8, with its line feed. Binary data is in base64, under `dataBase64`. */
export function eventLine({ revision, id, type, created, contentType, data, metadata }: RecordedEvent): Uint8Array {
  const head = JSON.stringify({ sequence: revision, id, type, created: toInstant(created) }).slice(0, -1);
  const binary = contentType === 'binary';
  return Buffer.concat([
    Buffer.from(`${head},"metadata":`),
    metadata,
    Buffer.from(binary ? ',"dataBase64":' : ',"data":'),
    binary ? Buffer.from(`"${Buffer.from(data).toString('base64')}"`) : data,
    NEW_LINE,
  ]);
}
