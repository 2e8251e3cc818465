// As of when an answer holds: R resolved to a sequence, today by the record's own clock, and how far behind the model is.

import { type Day, dateOf, dayOf } from '../../../../contracts/days.ts';
import { CLOCK_MOVED, RECORD_OPENED } from '../../../../contracts/events/names.ts';
import { recordedAtOf } from '../../../../contracts/events/recorded-at.ts';
import type { AsOf } from '../../../../contracts/http/reports.ts';
import { fromInstant, toInstant } from '../../../../contracts/time.ts';
import type { Microseconds, Revision, Sequence } from '../../../../contracts/words.ts';
import { type AsKnown, type KnownAt, resolveKnownAt } from '../../../audit/known-at.ts';
import type { LocalLog, RecordedEvent } from '../../../event-log/index.ts';
import { parseJson } from '../../../event-log/json-event.ts';
import type { PeopleCheckpoint } from '../reader.ts';
import type { Asked, ReportCursor } from './port.ts';

/** What is asked, before the model is opened. */
export interface Question {
  readonly asked: Asked & { readonly cursor?: ReportCursor };
  /** Undefined: all that the model has seen. */
  readonly known: AsKnown | undefined;
  readonly head: Sequence;
  readonly now: Microseconds;
}

export interface Moment {
  readonly on: Day;
  /** The last sequence seen. */
  readonly knownAt: Sequence;
  /** By the record's clock: what a credential's subtree is judged by. */
  readonly today: Day;
  /** R as it is told. */
  readonly told: Microseconds | null;
  readonly asOf: AsOf;
}

/** The times in the record's events, read from the local log. */
export class RecordTimes {
  readonly #log: LocalLog;
  readonly #record: string;
  #simulated: boolean | undefined;

  constructor(log: LocalLog, record: string) {
    this.#log = log;
    this.#record = record;
  }

  async question(asked: Question['asked']): Promise<Question> {
    const { knownAt, cursor } = asked;
    const known = knownAt && !cursor ? await resolveKnownAt(this.#log, this.#record, knownAt) : undefined;
    const head = (await this.#log.head(this.#record)) as number as Sequence;
    return { asked, known, head, now: this.#now(head) };
  }

  /** Of a question that meets a model which has come to a checkpoint. */
  moment({ asked, known, head, now }: Question, model: PeopleCheckpoint): Moment {
    const { cursor } = asked;
    const knownAt = (cursor?.sequence ?? Math.min(known?.sequence ?? model.sequence, model.sequence)) as Sequence;
    const final = cursor?.final ?? (known?.final === true && known.sequence <= model.sequence);
    const told = cursor ? cursor.knownAt : this.#told(asked.knownAt, knownAt);
    const on = cursor?.on ?? asked.on ?? dayOf(asked.knownAt === undefined ? now : (told ?? now));
    const [waiting] = model.sequence < head ? this.events([model.sequence + 1]).values() : [];
    const asOf: AsOf = {
      on: dateOf(on),
      knownAt: told === null ? null : toInstant(told),
      sequence: knownAt,
      final,
      // People wait by their own clock, whatever the record's says.
      lagMs: waiting === undefined ? 0 : Math.max(0, Date.now() - waiting.created / 1000),
      ...(this.#isSimulated() && { simulatedClock: true as const }),
    };
    return { on, knownAt, today: dayOf(now), told, asOf };
  }

  /** When the event of a sequence was recorded. */
  stampAt(sequence: Sequence): Microseconds | undefined {
    const [event] = this.#log.readEach(this.#record, [sequence as Sequence & Revision]);
    return event && stampOf(event);
  }

  events(sequences: readonly number[]): Map<number, RecordedEvent> {
    const events = this.#log.readEach(this.#record, sequences as readonly number[] as readonly Revision[]);
    return new Map(events.map((event) => [event.revision, event]));
  }

  #told(asked: KnownAt | undefined, knownAt: Sequence): Microseconds | null {
    if (asked !== undefined && asked.kind !== 'sequence') return asked.at;
    return this.stampAt(knownAt) ?? null;
  }

  /** A simulated clock stands where the last event left it. */
  #now(head: Sequence): Microseconds {
    if (!this.#isSimulated()) return (Date.now() * 1000) as Microseconds;
    const last = this.events([head]).get(head);
    if (!last) return (Date.now() * 1000) as Microseconds;
    const moved = last.type === CLOCK_MOVED ? fromInstant((parseJson(last.data) as { to: string }).to) : undefined;
    return moved ?? stampOf(last);
  }

  #isSimulated(): boolean {
    if (this.#simulated === undefined) {
      const first = this.events([0]).get(0);
      if (first?.type !== RECORD_OPENED) return false;
      this.#simulated = (parseJson(first.data) as { simulatedClock: boolean }).simulatedClock;
    }
    return this.#simulated;
  }
}

export function stampOf(event: RecordedEvent): Microseconds {
  const stamp = fromInstant(recordedAtOf(event));
  if (stamp === undefined) throw new Error(`event ${event.revision} of the record has no instant of recording`);
  return stamp;
}
