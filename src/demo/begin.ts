// A record whose simulated clock stands at a day that is long over, made before the store starts on it.

import { fromInstant } from '../../contracts/time.ts';
import { streamsWithPrefix } from '../event-log/index.ts';
import { openEventLog } from '../event-log/open.ts';
import { beginRecord } from '../recording/opening.ts';
import type { Settings } from '../settings.ts';

/** @param at RFC 3339 */
export async function beginRecordAt(settings: Settings, at: string): Promise<void> {
  const log = await openEventLog(settings, { create: true });
  try {
    await beginRecord(log, streamsWithPrefix(settings.streamPrefix).record, fromInstant(at)!);
  } finally {
    await log.close();
  }
}
