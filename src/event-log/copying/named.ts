// What the events of a log name: no log can list its streams, so a copy is driven by them.

import {
  DOCUMENT_SCOPE_REGISTERED,
  documentScopeRegistered,
  documentsChanged,
} from '../../../contracts/events/documents.ts';
import { STATEMENT_RECORDED } from '../../../contracts/events/names.ts';
import type { Revision } from '../../../contracts/words.ts';
import { attachmentsOf, type Statement } from '../../../contracts/xapi/accepted.ts';
import { parseJson } from '../json-event.ts';
import type { RecordedEvent } from '../port.ts';
import { pagesOf } from './pages.ts';
import type { PatientLog } from './patience.ts';

/** JSON.stringify writes it so; a statement without it need not be parsed. */
const ATTACHMENTS = Buffer.from('"attachments"');

/** SHA-2, hex, of the attachments that a statement names; their contents may be elsewhere (`fileUrl`). */
export function attachmentsNamedBy({ type, data }: RecordedEvent): readonly string[] {
  if (type !== STATEMENT_RECORDED || !asBuffer(data).includes(ATTACHMENTS)) return [];
  return attachmentsOf(parseJson(data) as Statement).map(({ sha2 }) => sha2.toLowerCase());
}

/** Each scope of documents that was ever registered, once. */
export async function* scopesRegisteredIn(log: PatientLog, documents: string): AsyncGenerator<string> {
  const seen = new Set<string>();
  for await (const page of pagesOf(log, documents, 0 as Revision, await log.head(documents))) {
    for (const { type, data } of page) {
      if (type !== DOCUMENT_SCOPE_REGISTERED) continue;
      const { hash } = documentScopeRegistered.parse(parseJson(data));
      if (!seen.has(hash)) yield hash;
      seen.add(hash);
    }
  }
}

/** SHA-256, hex, of the contents that are too large for the manifest that names them. */
export function contentsNamedBy(manifest: RecordedEvent): readonly string[] {
  const { documents } = documentsChanged.parse(parseJson(manifest.data));
  return documents.flatMap(({ content }) => (content === undefined ? [] : [content]));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
