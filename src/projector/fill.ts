// From the record into a read model: subscribe → batch → fold → save with checkpoint. The same loop follows the live record,
// rebuilds a generation, and makes a model as of a sequence.

import { setTimeout as pause } from 'node:timers/promises';
import type { Microseconds, Revision, Sequence } from '../../contracts/words.ts';
import { UnreadableEvent } from '../../projections/statement-index/index.ts';
import type { LocalLog, RecordedEvent } from '../event-log/index.ts';
import type { ModelCheckpoint } from '../read-models/files.ts';
import type { OpenModel } from './models.ts';

/** Most events of one transaction. A follower that keeps up saves what there is, at once. */
const BATCH = 2000;
/** A model that waits for another one is asked again after so long. */
const WAIT_MS = 20;

export interface FillOptions {
  /** Most events of one transaction; 2,000. */
  readonly batch?: number;
  /** Ends the filling between two batches; what was saved stays. */
  readonly signal?: AbortSignal;
  /** Asked before each transaction; true ends the filling. */
  readonly isOver?: () => boolean;
  /** Last sequence wanted. Without it the filling goes on for ever. */
  readonly until?: Sequence;
  /** After each transaction; `created` is when the log took the last event of it. */
  readonly onSaved?: (checkpoint: ModelCheckpoint, created: Microseconds) => void;
  /** At the head of the record; `false` ends the filling. */
  readonly onCaughtUp?: (head: Sequence) => boolean;
}

/**
 * Resolves once `until` is reached, or the filling was ended.
 * @throws UnreadableEvent, LogUnavailable, and what the model throws: nothing of the batch is saved then
 */
export async function fill(
  model: OpenModel,
  log: LocalLog,
  record: string,
  { batch = BATCH, signal, isOver, until, onSaved, onCaughtUp }: FillOptions,
): Promise<void> {
  const last: number = until ?? Number.MAX_SAFE_INTEGER;
  const isEnded = (): boolean => signal?.aborted === true || isOver?.() === true;

  /** Saves the events, waiting where the model waits. @returns false when the filling ended meanwhile */
  const saveAll = async (events: readonly RecordedEvent[]): Promise<boolean> => {
    for (let left = events; left.length > 0; ) {
      model.save(left);
      const saved = left.findLast(({ revision }) => revision <= model.checkpoint.sequence);
      left = left.filter(({ revision }) => revision > model.checkpoint.sequence);
      if (saved) onSaved?.(model.checkpoint, saved.created);
      if (left.length > 0) await pause(WAIT_MS);
      if (left.length > 0 && isEnded()) return false;
    }
    return true;
  };
  /** @returns false when the filling ended meanwhile */
  const complete = async (): Promise<boolean> => {
    for (const _ of model.complete()) {
      await new Promise((resolve) => setImmediate(resolve));
      if (isEnded()) return false;
    }
    return true;
  };

  if (model.checkpoint.sequence >= last) {
    await complete();
    return;
  }
  const after = model.checkpoint.sequence as number as Revision;
  for await (const delivery of log.subscribe(record, { after, batch, ...(signal && { signal }) })) {
    if (isEnded()) return;
    if (delivery.kind === 'caught-up') {
      if (!(await complete())) return;
      if (onCaughtUp?.(delivery.head as number as Sequence) === false) return;
      continue;
    }
    const wanted = delivery.events.filter(({ revision }) => revision <= last);
    try {
      if (!(await saveAll(wanted))) return;
    } catch (error) {
      // What stands before an event that cannot be read is taken all the same, unless more than this was undone.
      const before = error instanceof UnreadableEvent ? wanted.filter((one) => one.revision < error.sequence) : [];
      const left = before.filter(({ revision }) => revision > model.checkpoint.sequence);
      if (left[0]?.revision === model.checkpoint.sequence + 1) await saveAll(left);
      throw error;
    }
    if (model.checkpoint.sequence >= last) {
      await complete();
      return;
    }
  }
}
