// From the record into an index: subscribe → batch → fold → save with checkpoint. The same loop follows the live record,
// rebuilds a generation, and makes an index as of a sequence.

import type { Microseconds, Revision, Sequence } from '../../contracts/words.ts';
import { foldEvent, UnreadableEvent } from '../../projections/statement-index/index.ts';
import type { LocalLog, RecordedEvent } from '../event-log/index.ts';
import {
  type IndexCheckpoint,
  openStatementIndexStore,
  type StatementAt,
  type StatementIndexStore,
} from '../read-models/statement-index/index.ts';

/** Most events of one transaction. A follower that keeps up saves what there is, at once. */
const BATCH = 2000;

export interface FillOptions {
  /** Ends the filling between two batches; what was saved stays. */
  readonly signal?: AbortSignal;
  /** Asked before each transaction; true ends the filling. */
  readonly isOver?: () => boolean;
  /** Last sequence wanted. Without it the filling goes on for ever. */
  readonly until?: Sequence;
  /** After each transaction; `created` is when the log took the last event of it. */
  readonly onSaved?: (checkpoint: IndexCheckpoint, created: Microseconds) => void;
  /** At the head of the record; `false` ends the filling. */
  readonly onCaughtUp?: (head: Sequence) => boolean;
}

/** Opens the index in this file, filled from this log. @throws OtherIndexVersion */
export function openStore(file: string, log: LocalLog, record: string, sealAfter?: number): StatementIndexStore {
  const statementAt: StatementAt = (sequence) => {
    const [event] = log.readEach(record, [sequence as number as Revision]);
    return event && foldEvent(event).statement;
  };
  return openStatementIndexStore(file, statementAt, sealAfter);
}

/** @throws UnreadableEvent, IndexTakenOver, LogUnavailable: nothing of the batch is saved then */
export async function fill(
  store: StatementIndexStore,
  log: LocalLog,
  record: string,
  { signal, isOver, until, onSaved, onCaughtUp }: FillOptions,
): Promise<void> {
  const last: number = until ?? Number.MAX_SAFE_INTEGER;
  if (store.checkpoint.sequence >= last) return;
  const after = store.checkpoint.sequence as number as Revision;
  for await (const delivery of log.subscribe(record, { after, batch: BATCH, ...(signal && { signal }) })) {
    if (signal?.aborted || isOver?.()) return;
    if (delivery.kind === 'caught-up') {
      if (onCaughtUp?.(delivery.head as number as Sequence) === false) return;
      continue;
    }
    const wanted = delivery.events.filter(({ revision }) => revision <= last);
    const save = (events: readonly RecordedEvent[]): void => {
      // One after the other, so that what folding leaves behind dies young.
      store.save(events.values().map(foldEvent));
      onSaved?.(store.checkpoint, events.at(-1)!.created);
    };
    try {
      save(wanted);
    } catch (error) {
      // What stands before an event that cannot be read is indexed all the same.
      const before = error instanceof UnreadableEvent ? wanted.filter((one) => one.revision < error.sequence) : [];
      if (before.length > 0) save(before);
      throw error;
    }
    if (store.checkpoint.sequence >= last) return;
  }
}
