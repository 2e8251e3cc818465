// Appends to small streams, whose writers have somebody waiting: an append whose outcome is unknown is sent again, the
// identical events at the identical revision, which the log answers as if it were the first time.

import { setTimeout as delay } from 'node:timers/promises';
import { type Appended, type AppendOptions, type EventLog, type EventToAppend, LogUnavailable } from './port.ts';

const PATIENCE_MS = 2_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/** @throws what the log throws; LogUnavailable when the outcome is still unknown after two seconds */
export async function appendUntilKnown(
  log: Pick<EventLog, 'append'>,
  stream: string,
  events: readonly EventToAppend[],
  options: AppendOptions & { readonly signal?: AbortSignal },
): Promise<Appended> {
  const { signal, ...appendOptions } = options;
  const began = performance.now();
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await log.append(stream, events, appendOptions);
    } catch (error) {
      if (!(error instanceof LogUnavailable) || performance.now() - began + pause > PATIENCE_MS) throw error;
      await delay(pause, undefined, signal && { signal }).catch(() => {
        throw error;
      });
    }
  }
}
