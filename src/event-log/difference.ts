// Where two accounts of one stream part: what every check for a lost tail asks.

import type { Revision } from '../../contracts/words.ts';
import type { EventLog, RecordedEvent } from './port.ts';

export async function eventAt(
  log: Pick<EventLog, 'read'>,
  stream: string,
  revision: number,
): Promise<RecordedEvent | undefined> {
  return (await log.read(stream, { from: revision as Revision, limit: 1 }))[0];
}

/**
 * The first revision at which they do not agree, by bisection; the one behind `upTo` when there is none. Two that differ at one
 * revision differ at every later one, since ids are never used twice.
 */
export async function firstDifference(upTo: number, agreesAt: (revision: number) => Promise<boolean>): Promise<number> {
  let low = 0;
  let high = upTo + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await agreesAt(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
