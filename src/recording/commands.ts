// Which events of the record a command left behind. What one command decides rests on those of the others, and on nothing else
// in the record: statements may come in meanwhile.

import { CLOCK_MOVED, LOSS_ACCEPTED, RECORD_OPENED, STATEMENT_RECORDED } from '../../contracts/events/names.ts';

const OTHERS: ReadonlySet<string> = new Set([STATEMENT_RECORDED, RECORD_OPENED, CLOCK_MOVED, LOSS_ACCEPTED]);

export function isCommand(type: string): boolean {
  return !OTHERS.has(type);
}
