// Who is there? Asked before anything is written, and answered in words for the person who has to change something.

import { LogRefused } from '../port.ts';
import { type EventStoreDbOptions, openEventStoreDbLog } from './log.ts';

export interface EventStoreDbFound {
  readonly version?: string;
}

/** @throws LogRefused in words */
export async function checkEventStoreDb(options: EventStoreDbOptions, record: string): Promise<EventStoreDbFound> {
  const log = openEventStoreDbLog(options);
  try {
    await log.read(record, { limit: 1 });
    return {};
  } catch (error) {
    throw new LogRefused((error as Error).message, { cause: error });
  } finally {
    await log.close();
  }
}
