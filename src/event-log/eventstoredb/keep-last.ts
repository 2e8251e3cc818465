// Streams that keep only their last event: $maxCount 1 in the stream's metadata, set before its first event, so that no
// moment exists at which the stream holds two.

import { randomUUID } from 'node:crypto';
import { type EventId, NOTHING, type Revision } from '../../../contracts/words.ts';
import { type EventToAppend, type RecordedEvent, WrongExpectedRevision } from '../port.ts';
import type { Append } from './appends.ts';

/** So many streams are remembered as set; a further one is asked for again. */
const REMEMBERED = 10_000;

export class KeepLast {
  readonly #append: (append: Append) => Promise<Revision>;
  readonly #readLast: (stream: string) => Promise<RecordedEvent | undefined>;
  readonly #set = new Set<string>();

  constructor(
    append: (append: Append) => Promise<Revision>,
    readLast: (stream: string) => Promise<RecordedEvent | undefined>,
  ) {
    this.#append = append;
    this.#readLast = readLast;
  }

  /** Any number of writers may do this at once, and one that died after it is no harm. @throws what an append throws */
  async ensure(stream: string): Promise<void> {
    if (this.#set.has(stream)) return;
    const metadataStream = `$$${stream}`;
    let set: Record<string, unknown> = {};
    for (let expected: Revision = NOTHING; set.$maxCount !== 1; ) {
      try {
        const event = metadata({ ...set, $maxCount: 1 });
        await this.#append({ stream: metadataStream, events: [event], expected, bytes: event.data.byteLength });
        break;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        const last = await this.#readLast(metadataStream);
        expected = last?.revision ?? NOTHING;
        set = last === undefined ? {} : JSON.parse(Buffer.from(last.data).toString());
      }
    }
    if (this.#set.size >= REMEMBERED) this.#set.clear();
    this.#set.add(stream);
  }
}

function metadata(content: Readonly<Record<string, unknown>>): EventToAppend {
  return {
    id: randomUUID() as EventId,
    type: '$metadata',
    contentType: 'json',
    data: Buffer.from(JSON.stringify(content)),
    metadata: Buffer.alloc(0),
  };
}
