// Is the local copy a copy of what the server holds? Asked at every start: a server that lost its tail, or holds another
// record, is found out before anything is written to it.

import type { LossAccepted } from '../../contracts/events/index.ts';
import { eventAt, firstDifference } from '../event-log/difference.ts';
import type { EventLog } from '../event-log/index.ts';

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
  const from = await firstDifference(Math.min(head, last.revision), async (revision) => {
    const [one, two] = await Promise.all([eventAt(copy, record, revision), eventAt(server, record, revision)]);
    return one !== undefined && one.id === two?.id;
  });
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
