// A stream read page by page, one page ahead of whoever takes them. Pages are measured in bytes: a stream may hold statements
// of a kilobyte or chunks of half a megabyte.

import type { Revision } from '../../../contracts/words.ts';
import { sizeOf } from '../adapting.ts';
import { LogRefused, type RecordedEvent } from '../port.ts';
import type { PatientLog } from './patience.ts';

const FIRST_PAGE = 8;
const MOST_EVENTS = 2_000;
const PAGE_BYTES = 4 * 1024 * 1024;

/** The events from `first` to `last`, all of them. @throws LogRefused the stream ends before `last` */
export async function* pagesOf(
  log: PatientLog,
  stream: string,
  first: Revision,
  last: Revision,
  { firstPage = FIRST_PAGE }: { readonly firstPage?: number } = {},
): AsyncGenerator<readonly RecordedEvent[]> {
  let limit = firstPage;
  const read = (from: number) => {
    const page = log.read(stream, { from: from as Revision, limit: Math.min(limit, last - from + 1) });
    // Whoever leaves early never asks what became of it.
    page.catch(() => undefined);
    return page;
  };
  let ahead = first <= last ? read(first) : undefined;
  for (let next: number = first; ahead !== undefined; ) {
    const page = await ahead;
    if (page.length === 0)
      throw new LogRefused(`the stream ${stream} ends before revision ${next}, its head was ${last}`);
    next += page.length;
    limit = nextLimit(page, limit);
    ahead = next <= last ? read(next) : undefined;
    yield page;
  }
}

/** Grows by steps, so that one run of small events does not ask for as many large ones. */
function nextLimit(page: readonly RecordedEvent[], limit: number): number {
  const bytes = page.reduce((sum, event) => sum + sizeOf(event), 0);
  const fitting = Math.floor(PAGE_BYTES / Math.max(1, bytes / page.length));
  return Math.max(1, Math.min(fitting, MOST_EVENTS, limit * 8));
}
