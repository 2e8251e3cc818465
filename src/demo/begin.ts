// A record whose simulated clock stands at a day that is long over, made before the store starts on it.

import type { Microseconds } from '../../contracts/words.ts';
import { streamsWithPrefix } from '../event-log/index.ts';
import { openEventLog } from '../event-log/open.ts';
import { beginRecord } from '../recording/opening.ts';
import type { Settings } from '../settings.ts';

/** @param at RFC 3339 */
export async function beginRecordAt(settings: Settings, at: string): Promise<void> {
  const log = await openEventLog(settings, { create: true });
  try {
    const instant = (Date.parse(at) * 1000) as Microseconds;
    await beginRecord(log, streamsWithPrefix(settings.streamPrefix).record, true, instant);
  } finally {
    await log.close();
  }
}
