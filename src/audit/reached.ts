// Waiting for a sequence of the record, never for a time.

import type { Revision, Sequence } from '../../contracts/words.ts';
import type { EventLog } from '../event-log/port.ts';

/** True as soon as the record holds the sequence; false after the time-out. */
export async function reached(log: EventLog, stream: string, sequence: Sequence, timeoutMs: number): Promise<boolean> {
  const head = await log.head(stream);
  if (head >= sequence) return true;
  const signal = AbortSignal.timeout(timeoutMs);
  for await (const delivery of log.subscribe(stream, { after: head, signal })) {
    const at = delivery.kind === 'events' ? delivery.events.at(-1)!.revision : delivery.head;
    if ((at as Revision as number) >= sequence) return true;
  }
  return false;
}
