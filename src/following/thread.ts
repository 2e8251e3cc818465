// The follower's thread: one subscription to the record on the server, written into the local copy in the order in which it
// comes. following/index.ts starts it.

import { setTimeout as pause } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Revision, Sequence } from '../../contracts/words.ts';
import { LogUnavailable } from '../event-log/index.ts';
import { type LogPlace, openLogAt } from '../event-log/open.ts';
import { openSqliteLog } from '../event-log/sqlite/index.ts';

export interface FollowingThreadData {
  readonly server: LogPlace;
  readonly copyFile: string;
  readonly record: string;
}

/** What the thread tells. */
export type FollowingNews =
  /** The copy was opened, and holds the record up to here. */
  | { readonly kind: 'began'; readonly sequence: Sequence }
  | { readonly kind: 'copied'; readonly sequence: Sequence }
  /** Everything up to the server's head, as it was then, is copied. */
  | { readonly kind: 'caught-up' }
  /** The copy is far behind the server's head, after it had caught up. */
  | { readonly kind: 'far-behind' }
  /** The server cannot be reached, or the copy not be written (why); or both can again (undefined). */
  | { readonly kind: 'interrupted'; readonly why: string | undefined }
  /** It does not follow any more; nothing more may be written either. */
  | { readonly kind: 'refused'; readonly why: string };

/** Most events of one transaction of the copy. */
const BATCH = 1_000;
/** Before the copy is written again after it could not be. */
const RETRY_MS = 200;

const { server: place, copyFile, record } = workerData as FollowingThreadData;
const port = parentPort!;
const tell = (news: FollowingNews): void => port.postMessage(news);
const stopping = new AbortController();
port.on('message', () => stopping.abort());

const copy = openSqliteLog(copyFile, { localCopy: true });
const server = openLogAt(place);
let copied: Revision = await copy.head(record);
tell({ kind: 'began', sequence: copied as number as Sequence });

/** Follows until it is told to stop; ends earlier only by what it throws. */
async function follow(): Promise<void> {
  const deliveries = server.subscribe(record, {
    after: copied,
    batch: BATCH,
    signal: stopping.signal,
    onInterrupted: (error) => tell({ kind: 'interrupted', why: error?.message }),
    onFarBehind: () => tell({ kind: 'far-behind' }),
  });
  for await (const delivery of deliveries) {
    if (delivery.kind === 'caught-up') {
      tell({ kind: 'caught-up' });
      continue;
    }
    ({ revision: copied } = await copy.append(record, delivery.events, { expectedRevision: copied }));
    if (!writable) tell({ kind: 'interrupted', why: undefined });
    writable = true;
    tell({ kind: 'copied', sequence: copied as number as Sequence });
  }
}

/** False while the copy cannot be written: a full disk, for one. */
let writable = true;
while (!stopping.signal.aborted) {
  try {
    await follow();
  } catch (error) {
    if (!(error instanceof LogUnavailable)) {
      tell({ kind: 'refused', why: (error as Error).message });
      break;
    }
    writable = false;
    tell({ kind: 'interrupted', why: error.message });
    await pause(RETRY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    copied = await copy.head(record);
  }
}
await server.close();
await copy.close();
port.close();
