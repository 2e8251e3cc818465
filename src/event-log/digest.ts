// The digest of a run of events: what two logs must agree on to be the same log. It does not depend on the adapter: neither
// `created` nor an adapter's own positions go into it.

import { createHash } from 'node:crypto';
import type { RecordedEvent } from './port.ts';

/** SHA-256 over each event's revision, id, type, content type, metadata and data, each with its length before it. */
export class StreamDigest {
  readonly #hash = createHash('sha256');

  add({ revision, id, type, contentType, metadata, data }: RecordedEvent): void {
    const words = Buffer.from(JSON.stringify([revision, id, type, contentType]));
    const lengths = Buffer.alloc(12);
    lengths.writeUInt32BE(words.length, 0);
    lengths.writeUInt32BE(metadata.byteLength, 4);
    lengths.writeUInt32BE(data.byteLength, 8);
    this.#hash.update(lengths).update(words).update(metadata).update(data);
  }

  /** The digest of what was added so far; more may be added. */
  soFar(): string {
    return this.#hash.copy().digest('hex');
  }

  hex(): string {
    return this.#hash.digest('hex');
  }
}
