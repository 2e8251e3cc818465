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

/** So many checks may wait: a copy that is wrong is noticed soon, and what is said of the progress is true. */
const MOST_BEHIND = 8;

export class ReadBack {
  readonly #sides: Sides;
  readonly #digest = new StreamDigest();
  readonly #behind: Promise<void>[] = [];
  #checked: Revision = NOTHING;
  #last: Promise<void> = Promise.resolve();

  constructor(sides: Sides) {
    this.#sides = sides;
  }

  /** Everything up to `revision` must have this digest. Checked in order, behind the appends; asked for with rising revisions. */
  check(revision: Revision, digest: string, onChecked: () => void): void {
    const checked = this.#last.then(() => this.#readUpTo(revision, digest)).then(onChecked);
    // Whoever waits is told; until then its failure is nobody's.
    checked.catch(() => undefined);
    this.#last = checked;
    this.#behind.push(checked);
  }

  /** Waits while it is far behind. @throws LogRefused the copy holds another event than the source */
  async keptUp(): Promise<void> {
    while (this.#behind.length > MOST_BEHIND) await this.#behind.shift();
  }

  /** @throws LogRefused the copy holds another event than the source */
  async done(): Promise<void> {
    await this.#last;
    this.#behind.length = 0;
  }

  /** Waits for the checks that are asked for, whatever becomes of them. */
  async ended(): Promise<void> {
    await Promise.allSettled([this.#last]);
  }

  async #readUpTo(revision: Revision, digest: string): Promise<void> {
    const { to, target } = this.#sides;
    const begin = (this.#checked + 1) as Revision;
    // They came in one page of the source, or fitted into one append.
    const pages = pagesOf(to, target, begin, revision, { firstPage: revision - begin + 1 });
    for await (const page of pages) for (const event of page) this.#digest.add(event);
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
