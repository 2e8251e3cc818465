// How a record begins and is recognised, and what time its events carry.

import { randomUUID } from 'node:crypto';
import { RECORD_OPENED, type RecordMetadata, recordOpened } from '../../contracts/events/index.ts';
import { CLOCK_MOVED } from '../../contracts/events/names.ts';
import { recordedAtOf } from '../../contracts/events/recorded-at.ts';
import { fromInstant, toInstant } from '../../contracts/time.ts';
import { type Microseconds, NOTHING, type Revision, type Sequence } from '../../contracts/words.ts';
import { type EventLog, LogRefused, type RecordedEvent, WrongExpectedRevision } from '../event-log/index.ts';
import { jsonEvent, parseJson, salt } from '../event-log/json-event.ts';
import { systemClock } from './clock.ts';

export interface OpenedRecord {
  readonly recordId: string;
  readonly simulatedClock: boolean;
  readonly head: Sequence;
  readonly lastStamp: Microseconds;
  /** Where a simulated clock stands: whoever stamped the last event knew of every move before it, and it may be a move itself. */
  readonly clockAt: Microseconds;
}

/** Whether a new record's clock is simulated; an instant: that, and where it stands at first, since it only moves forward. */
export type ClockToOpen = boolean | Microseconds;

/**
 * Reads how the record began and where it stands; an empty stream is begun with `record-opened`.
 * @param simulatedClock for a record that begins now; an existing one keeps what it was made with
 * @throws LogRefused when the stream is not a record of ours
 */
export async function openRecord(log: EventLog, stream: string, simulatedClock: ClockToOpen): Promise<OpenedRecord> {
  if ((await log.head(stream)) === NOTHING) await beginRecord(log, stream, simulatedClock);
  const [first] = await log.read(stream, { from: 0 as Revision, limit: 1 });
  if (first?.type !== RECORD_OPENED) {
    throw new LogRefused(`stream ${stream} does not begin with ${RECORD_OPENED}: it is not a record of Pramaan`);
  }
  const last = (await log.readLast(stream))!;
  return {
    ...recordOpened.parse(parseJson(first.data)),
    head: last.revision as number as Sequence,
    lastStamp: stampOf(last),
    clockAt: movedTo(last) ?? stampOf(last),
  };
}

async function beginRecord(log: EventLog, stream: string, clock: ClockToOpen): Promise<void> {
  const at = typeof clock === 'number' ? clock : systemClock.now();
  const simulatedClock = clock !== false;
  const metadata: RecordMetadata = { recordedAt: toInstant(at), codec: 'plain', salt: salt() };
  const opened = jsonEvent(RECORD_OPENED, { recordId: randomUUID(), simulatedClock }, metadata);
  try {
    await log.append(stream, [opened], { expectedRevision: NOTHING });
  } catch (error) {
    // Another node opened it at the same moment: theirs counts.
    if (!(error instanceof WrongExpectedRevision)) throw error;
  }
}

/** `stored` of a statement, `recordedAt` of any other event of the record. */
export function stampOf(event: RecordedEvent): Microseconds {
  const stamp = fromInstant(recordedAtOf(event));
  if (stamp === undefined)
    throw new LogRefused(`event ${event.revision} of ${event.stream} carries no time of recording`);
  return stamp;
}

/** Where this event moved the simulated clock to; undefined when it is about something else. */
export function movedTo(event: Pick<RecordedEvent, 'type' | 'data'>): Microseconds | undefined {
  return event.type === CLOCK_MOVED ? fromInstant((parseJson(event.data) as { to: string }).to) : undefined;
}
