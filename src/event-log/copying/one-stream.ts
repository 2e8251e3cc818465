// One stream copied: read, appended and read back at the same time.

import { NOTHING, type Revision } from '../../../contracts/words.ts';
import { StreamDigest } from '../digest.ts';
import { LogRefused, type RecordedEvent } from '../port.ts';
import { Appending, partsOf } from './appending.ts';
import { refuseChangedThere } from './changed-there.ts';
import { pagesOf } from './pages.ts';
import { otherEvent, ReadBack, type Sides, sameEvent } from './read-back.ts';

export interface StreamCopied {
  /** Its name in the copy. */
  readonly stream: string;
  /** Events of the stream in both logs. */
  readonly events: number;
  /** Of these, appended by this run. */
  readonly appended: number;
  readonly head: Revision;
  /** SHA-256 over all its events, read back from the copy; equal to the source's. See StreamDigest. */
  readonly digest: string;
}

export interface WholeStreamOptions extends Sides {
  /** Before these events, found in the source, are appended (or found to be there already). */
  readonly before?: (events: readonly RecordedEvent[]) => Promise<void>;
  /** So many more events have been read back from the copy, up to `revision`. */
  readonly onProgress: (revision: Revision, events: number) => void;
  readonly signal?: AbortSignal | undefined;
}

/** More would not be faster, and would take longer to send again. */
const MOST_BYTES_AN_APPEND = 4 * 1024 * 1024;

/** Where the source's stream ends, and the copy's, which is a beginning of it. @throws LogRefused it is none */
export async function beginningHeld({ from, to, source, target }: Sides): Promise<{ head: Revision; held: Revision }> {
  const head = await from.head(source);
  const last = await to.readLast(target);
  const held = last?.revision ?? NOTHING;
  if (held > head) {
    throw new LogRefused(
      `the copy's stream ${target} has gone on by itself: it ends at ${held}, the source's at ${head}. It is a log of its own now, and is left as it is`,
    );
  }
  if (last !== undefined) {
    const [same] = await from.read(source, { from: held, limit: 1 });
    if (same?.id !== last.id) throw otherEvent(target, held);
  }
  return { head, held };
}

/** Undefined when there is no such stream. @throws LogRefused the copy holds something else, or more */
export async function copyWhole(options: WholeStreamOptions): Promise<StreamCopied | undefined> {
  const { from, to, source, target, before, onProgress, signal } = options;
  const { head, held } = await beginningHeld(options);
  if (head === NOTHING) return undefined;
  const digest = new StreamDigest();
  const back = new ReadBack(options);
  const appending = new Appending({
    to,
    stream: target,
    after: held,
    onAppended(events, expected) {
      const { revision } = events.at(-1)!;
      back.check(revision, expected, () => onProgress(revision, events.length));
    },
  });
  const { eventBytes, appendBytes } = to.log.limits;
  const limits = { eventBytes, appendBytes: Math.min(appendBytes, MOST_BYTES_AN_APPEND) };
  try {
    for await (const page of pagesOf(from, source, 0 as Revision, head)) {
      signal?.throwIfAborted();
      await back.keptUp();
      await before?.(page);
      const known = page.filter(({ revision }) => revision <= held);
      for (const event of known) digest.add(event);
      if (known.length > 0) {
        const revision = known.at(-1)!.revision;
        back.check(revision, digest.soFar(), () => onProgress(revision, known.length));
        // Nothing is put behind events that have not proved to be the source's.
        if (revision === held) await back.done();
      }
      for (const part of partsOf(target, page.slice(known.length), limits)) {
        for (const event of part) digest.add(event);
        await appending.put(part, digest.soFar());
      }
    }
    await appending.settled();
    await back.done();
  } finally {
    // Nothing goes on behind the back of whoever is told that it failed.
    await appending.ended();
    await back.ended();
  }
  return { stream: target, events: head + 1, appended: head - held, head, digest: digest.hex() };
}

/**
 * A stream that keeps its last event, which is copied; its revision is not, because a log cannot begin a stream in the middle.
 * @param event the source's last event
 * @throws LogRefused the copy's was changed there
 */
export async function copyLast(sides: Sides, event: RecordedEvent): Promise<StreamCopied> {
  const { to, target } = sides;
  const before = await to.readLast(target);
  refuseChangedThere(target, before, event);
  const isMissing = before?.id !== event.id;
  if (isMissing) {
    const [[one]] = [...partsOf(target, [event], to.log.limits)] as [[RecordedEvent]];
    await to.append(target, [one], { expectedRevision: before?.revision ?? NOTHING, keepLast: true });
  }
  const copy = await to.readLast(target);
  if (!sameEvent(event, copy, { revision: false })) throw otherEvent(target, event.revision);
  const digest = new StreamDigest();
  // As a stream's first event, whatever number it has here: so all copies of it have the same digest.
  digest.add({ ...copy!, revision: 0 as Revision });
  return { stream: target, events: 1, appended: isMissing ? 1 : 0, head: copy!.revision, digest: digest.hex() };
}
