// Appends to the copy of one stream, several in flight, each at the revision that the one before it will have reached. When one
// fails, those behind it are refused: each is sent again, the same bytes at the same revision, once the one before it is there.

import type { Revision } from '../../../contracts/words.ts';
import { sizeOf } from '../adapting.ts';
import { AppendTooLarge, LogRefused, type RecordedEvent } from '../port.ts';
import type { PatientLog } from './patience.ts';

const IN_FLIGHT = 4;

export interface AppendingOptions {
  readonly to: PatientLog;
  readonly stream: string;
  /** Last revision that the stream has. */
  readonly after: Revision;
  /** Called in order, when everything up to the last of these events is on the copy's disk. */
  readonly onAppended: (events: readonly RecordedEvent[], digest: string) => void;
}

export class Appending {
  readonly #options: AppendingOptions;
  readonly #inFlight: Promise<void>[] = [];
  #last: Promise<void> = Promise.resolve();
  #sent: Revision;

  constructor(options: AppendingOptions) {
    this.#options = options;
    this.#sent = options.after;
  }

  /** Sends the events, which must fit into one append; waits only while too many are in flight. */
  async put(events: readonly RecordedEvent[], digest: string): Promise<void> {
    const appended = this.#append(events, this.#sent, this.#last).then(() => this.#options.onAppended(events, digest));
    // Whoever waits for it is told; until then its failure is nobody's.
    appended.catch(() => undefined);
    this.#last = appended;
    this.#sent = events.at(-1)!.revision;
    this.#inFlight.push(appended);
    while (this.#inFlight.length > IN_FLIGHT) await this.#inFlight.shift();
  }

  async settled(): Promise<void> {
    while (this.#inFlight.length > 0) await this.#inFlight.shift();
  }

  /** Waits for what is in flight, whatever becomes of it. */
  async ended(): Promise<void> {
    await Promise.allSettled(this.#inFlight);
  }

  async #append(events: readonly RecordedEvent[], expected: Revision, before: Promise<void>): Promise<void> {
    const { to, stream } = this.#options;
    const options = { expectedRevision: expected };
    let revision: Revision;
    try {
      ({ revision } = await to.log.append(stream, events, options));
      await before;
    } catch (error) {
      await before;
      if (error instanceof AppendTooLarge) throw tooLarge(stream, error);
      revision = await to.append(stream, events, options);
    }
    const last = events.at(-1)!.revision;
    if (revision === last) return;
    throw new LogRefused(
      `the stream ${stream} goes on at revision ${revision} where ${last} was expected: it was deleted once, and its numbers are not given again. Copy under another prefix`,
    );
  }
}

/** The events in appends of at most so many bytes. @throws LogRefused one event alone is larger than the copy takes */
export function* partsOf(
  stream: string,
  events: readonly RecordedEvent[],
  { appendBytes, eventBytes }: { readonly appendBytes: number; readonly eventBytes: number },
): Generator<readonly RecordedEvent[]> {
  let part: RecordedEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    const size = sizeOf(event);
    if (size > eventBytes) throw tooLarge(stream, new AppendTooLarge(size, eventBytes), event.revision);
    if (part.length > 0 && bytes + size > appendBytes) {
      yield part;
      [part, bytes] = [[], 0];
    }
    part.push(event);
    bytes += size;
  }
  if (part.length > 0) yield part;
}

function tooLarge(stream: string, { size, limit }: AppendTooLarge, revision?: Revision): LogRefused {
  const what = revision === undefined ? 'an append' : `the event at revision ${revision}`;
  return new LogRefused(
    `${what} of the stream ${stream} has ${size} bytes; the copy takes ${limit}. Raise the limit of the server, and tell it here`,
  );
}
