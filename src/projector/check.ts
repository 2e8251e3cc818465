// Does a read model belong to this log? Asked at every start: a log that lost its tail is found out, never silently reused.

import type { LossAccepted } from '../../contracts/events/index.ts';
import { foldEvent } from '../../projections/statement-index/index.ts';
import { eventAt, firstDifference } from '../event-log/difference.ts';
import type { EventLog } from '../event-log/index.ts';
import type { ModelCheckpoint } from '../read-models/files.ts';
import type { IndexLookup } from '../read-models/statement-index/index.ts';

/** A read model has gone where the log never was. In words for a person, with the range. */
export class IndexDiffersFromLog extends Error {
  override readonly name = 'IndexDiffersFromLog';
  readonly loss: LossAccepted;
  constructor(message: string, loss: LossAccepted) {
    super(message);
    this.loss = loss;
  }

  /** As it is found; `model` in words. */
  static of(model: string, loss: LossAccepted): IndexDiffersFromLog {
    const { from, to, logEndedAt } = loss;
    const range = from === to ? `event ${from}` : `events ${from} to ${to}`;
    const end = logEndedAt < 0 ? 'is empty' : `ends at sequence ${logEndedAt}`;
    return new IndexDiffersFromLog(
      `${model} has gone up to sequence ${to} of a record of which the log, which ${end}, does not have ${range}. ${CHOICE}`,
      loss,
    );
  }
}

const CHOICE =
  'If the log was replaced on purpose (an older backup was restored), accept the loss: "pramaan serve --accept-loss" records that it was accepted and builds the read models again from the log as it is. If not, acknowledged statements are missing from the log: restore it first. Nothing was changed.';

/** What a check asks of a log. */
export type LogToCheck = Pick<EventLog, 'head' | 'read'>;

/** @throws IndexDiffersFromLog */
export async function checkAgainstLog(index: IndexLookup, log: LogToCheck, record: string): Promise<void> {
  const { sequence } = index.checkpoint();
  await checkCheckpoint('the statement index', index.checkpoint(), log, record, (head) =>
    firstDifference(Math.min(head, sequence), (at) => agrees(at, index, log, record)),
  );
}

/**
 * Whether the event at a checkpoint is the log's. `firstDifferent` finds from where the log is another one; without it, all that is
 * known is that what the log lacks is missing. @throws IndexDiffersFromLog
 */
export async function checkCheckpoint(
  model: string,
  { sequence, eventId }: ModelCheckpoint,
  log: LogToCheck,
  record: string,
  firstDifferent: (head: number) => Promise<number> = async (head) => Math.min(head + 1, sequence),
): Promise<void> {
  if (sequence < 0) return;
  const head: number = await log.head(record);
  if (head >= sequence && (await eventAt(log, record, sequence))?.id === eventId) return;
  const from = await firstDifferent(head);
  throw IndexDiffersFromLog.of(model, { from, to: sequence, lastEventId: eventId ?? '', logEndedAt: head });
}

/** Whether the log's statement is the index's. */
async function agrees(sequence: number, index: IndexLookup, log: LogToCheck, record: string): Promise<boolean> {
  // Other events are not known by an id: the nearest statement before them decides.
  for (let at = sequence; at >= 0; at--) {
    const event = await eventAt(log, record, at);
    const statement = event && foldEvent(event).statement;
    if (statement) return index.find([statement.id])[0]?.sequence === at;
  }
  return true;
}
