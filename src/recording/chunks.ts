// Attachments and large document contents: streams of chunks named by the SHA-256 of the whole, written once, before what
// refers to them.

import { createHash } from 'node:crypto';
import { v5 as uuidV5 } from 'uuid';
import { CHUNK_STORED, chunkMetadata } from '../../contracts/events/documents.ts';
import { type EventId, NOTHING, type Revision } from '../../contracts/words.ts';
import { appendUntilKnown } from '../event-log/append-until-known.ts';
import { type EventLog, type EventToAppend, WrongExpectedRevision } from '../event-log/index.ts';
import { parseJson, salt } from '../event-log/json-event.ts';

export const CHUNK_BYTES = 512 * 1024;
/** Chunks a read asks for at once. */
const PAGE = 16;
/** Namespace of the chunks' event ids: two writers of the same content write the same events. */
const NAMESPACE = 'e8f0a1c2-5b7d-5a39-9c64-1d2e3f405162';

export function sha256Of(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** Stores the content unless it is there whole already. Written by two at once, or cut off and written again: the same stream. */
export async function storeChunks(log: EventLog, stream: string, content: Uint8Array): Promise<void> {
  const count = Math.max(1, Math.ceil(content.length / CHUNK_BYTES));
  let next = (await log.head(stream)) + 1;
  while (next < count) {
    const from = next * CHUNK_BYTES;
    const chunk: EventToAppend = {
      id: uuidV5(`${stream}/${next}`, NAMESPACE) as EventId,
      type: CHUNK_STORED,
      contentType: 'binary',
      data: content.subarray(from, from + CHUNK_BYTES),
      metadata: Buffer.from(
        JSON.stringify({ part: [next + 1, count], size: content.length, codec: 'plain', salt: salt() }),
      ),
    };
    try {
      const { revision } = await appendUntilKnown(log, stream, [chunk], { expectedRevision: (next - 1) as Revision });
      next = revision + 1;
    } catch (error) {
      // Somebody stores the same content: go on behind what they have.
      if (!(error instanceof WrongExpectedRevision)) throw error;
      next = error.actual + 1;
    }
  }
}

/** The content, or undefined when it is not there, or not whole. */
export async function readChunks(log: EventLog, stream: string): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let whole = false;
  for (let from = NOTHING + 1; !whole; ) {
    const events = await log.read(stream, { from: from as Revision, limit: PAGE });
    for (const event of events) {
      chunks.push(event.data);
      const [i, n] = chunkMetadata.parse(parseJson(event.metadata)).part;
      whole = i === n;
    }
    from += events.length;
    if (events.length < PAGE) break;
  }
  return whole ? Buffer.concat(chunks) : undefined;
}
