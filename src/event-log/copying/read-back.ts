// The proof of a copy: the stream as the copy's log gives it back, held against the digests of what was read from the source.

import { NOTHING, type Revision } from '../../../contracts/words.ts';
import { StreamDigest } from '../digest.ts';
import { LogRefused, type RecordedEvent } from '../port.ts';
import { pagesOf } from './pages.ts';
import type { PatientLog } from './patience.ts';

export interface Sides {
  readonly from: PatientLog;
  readonly to: PatientLog;
  /** The stream's name in either. */
  readonly source: string;
  readonly target: string;
}

export class ReadBack {
  readonly #sides: Sides;
  readonly #digest = new StreamDigest();
  #checked: Revision = NOTHING;
  #last: Promise<void> = Promise.resolve();
  #failure: Error | undefined;

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  /** Everything up to `revision` must have this digest. Checked in order, behind the appends; asked for with rising revisions. */
  check(revision: Revision, digest: string): void {
    this.#last = this.#last.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        await this.#readUpTo(revision, digest);
      } catch (error) {
        this.#failure = error as Error;
      }
    });
  }

  /** @throws what has been found wrong so far */
  throwIfWrong(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** @throws LogRefused the copy holds another event than the source */
  async done(): Promise<void> {
    await this.#last;
    this.throwIfWrong();
  }

  async #readUpTo(revision: Revision, digest: string): Promise<void> {
    const { to, target } = this.#sides;
    const begin = (this.#checked + 1) as Revision;
    for await (const page of pagesOf(to, target, begin, revision)) for (const event of page) this.#digest.add(event);
    if (this.#digest.soFar() !== digest) throw await firstDifference(this.#sides, begin, revision);
    this.#checked = revision;
  }
}

/** Digests say that something differs; which event it is, is worth reading both again. */
async function firstDifference(sides: Sides, from: Revision, to: Revision): Promise<LogRefused> {
  const { target } = sides;
  const copies = pagesOf(sides.to, target, from, to);
  let copied: readonly RecordedEvent[] = [];
  let at = 0;
  for await (const page of pagesOf(sides.from, sides.source, from, to)) {
    for (const event of page) {
      if (at === copied.length) [copied, at] = [(await copies.next()).value ?? [], 0];
      if (!sameEvent(event, copied[at++])) return otherEvent(target, event.revision);
    }
  }
  return new LogRefused(
    `the stream ${target} was read from the copy with errors between ${from} and ${to}: begin again`,
  );
}

export function sameEvent(one: RecordedEvent, two: RecordedEvent | undefined, { revision = true } = {}): boolean {
  return (
    two !== undefined &&
    (!revision || one.revision === two.revision) &&
    one.id === two.id &&
    one.type === two.type &&
    one.contentType === two.contentType &&
    Buffer.compare(one.data, two.data) === 0 &&
    Buffer.compare(one.metadata, two.metadata) === 0
  );
}

export function otherEvent(stream: string, revision: Revision): LogRefused {
  return new LogRefused(
    `the copy holds another event than the source at revision ${revision} of the stream ${stream}: it is no copy of this log`,
  );
}
