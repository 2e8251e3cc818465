// Is the local copy a copy of what the server holds? Asked at every start: a server that lost its tail, or holds another
// record, is found out before anything is written to it.

import type { LossAccepted } from '../../contracts/events/index.ts';
import type { Revision } from '../../contracts/words.ts';
import type { EventLog, RecordedEvent } from '../event-log/index.ts';

/** The copy holds events that the server does not have. In words for a person, with the range. */
export class CopyDiffersFromServer extends Error {
  override readonly name = 'CopyDiffersFromServer';
  readonly loss: LossAccepted;
  constructor(message: string, loss: LossAccepted) {
    super(message);
    this.loss = loss;
  }
}

type Readable = Pick<EventLog, 'head' | 'read' | 'readLast'>;

const CHOICE =
  'Nothing was changed. If it is the wrong server or the wrong PRAMAAN_STREAM_PREFIX, set the right one. If the server was ' +
  'replaced on purpose (an older backup of it was restored), accept the loss: "pramaan serve --accept-loss" records in it that ' +
  'it was accepted, and copies it anew. If not, acknowledged statements are missing from the server: restore it first; this ' +
  "node's copy of the record still holds them.";

/** @throws CopyDiffersFromServer; LogUnavailable */
export async function checkCopy(copy: Readable, server: Readable, record: string): Promise<void> {
  const last = await copy.readLast(record);
  if (last === undefined) return;
  if ((await eventAt(server, record, last.revision))?.id === last.id) return;
  const head: number = await server.head(record);
  const from = await firstDifference(copy, server, record, Math.min(head, last.revision));
  const range = from === last.revision ? `event ${from}` : `events ${from} to ${last.revision}`;
  const words =
    from === 0
      ? `the server holds ${head < 0 ? 'no record' : 'another record'} where this node has copied one that ends at sequence ${last.revision}. `
      : `this node has copied the record up to sequence ${last.revision}, and the server, whose record ends at sequence ${head}, does not have ${range} of it. `;
  throw new CopyDiffersFromServer(words + CHOICE, {
    from,
    to: last.revision,
    lastEventId: last.id,
    logEndedAt: head,
  });
}

/** By bisection: two logs that differ at one revision differ at every later one, since ids are never used twice. */
async function firstDifference(copy: Readable, server: Readable, record: string, upTo: number): Promise<number> {
  let low = 0;
  let high = upTo + 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    const [one, two] = await Promise.all([eventAt(copy, record, middle), eventAt(server, record, middle)]);
    if (one !== undefined && one.id === two?.id) low = middle + 1;
    else high = middle;
  }
  return low;
}

async function eventAt(log: Readable, record: string, revision: number): Promise<RecordedEvent | undefined> {
  return (await log.read(record, { from: revision as Revision, limit: 1 }))[0];
}
