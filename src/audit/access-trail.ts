// Who looked: every use of the audit scope is appended to the stream of its month before anything is handed out.

import { v7 as uuidV7 } from 'uuid';
import {
  AUDIT_ACCESS_ENDED,
  AUDIT_ACCESSED,
  type AuditAccessEnded,
  type AuditAccessed,
  type AuditAccessMetadata,
} from '../../contracts/events/audit.ts';
import { toInstant } from '../../contracts/time.ts';
import type { EventId, Microseconds, Revision } from '../../contracts/words.ts';
import { salt } from '../event-log/json-event.ts';
import type { EventLog } from '../event-log/port.ts';
import type { Streams } from '../event-log/streams.ts';
import { eventLine } from '../read-models/statement-index/event-line.ts';
import { monthInKolkata } from './known-at.ts';

export type Use = Omit<AuditAccessed, 'at'>;
export type UseEnded = Omit<AuditAccessEnded, 'access' | 'at'>;

export interface RecordedUse {
  /** Says how it ended. */
  ended(outcome: UseEnded): Promise<void>;
}

const PAGE = 500;

export class AccessTrail {
  readonly #log: EventLog;
  readonly #streams: Pick<Streams, 'access'>;
  readonly #now: () => Microseconds;

  /** `now`: the wall clock, also where the record's own is simulated: it is about who really looked, and when. */
  constructor(
    log: EventLog,
    streams: Pick<Streams, 'access'>,
    now: () => Microseconds = () => (Date.now() * 1000) as Microseconds,
  ) {
    this.#log = log;
    this.#streams = streams;
    this.#now = now;
  }

  /** On disk when it resolves; only then may anything be handed out. @throws LogUnavailable */
  async record(use: Use): Promise<RecordedUse> {
    const at = this.#now();
    const access = await this.#append(at, AUDIT_ACCESSED, { ...use, at: toInstant(at) }, use, use.requestId);
    return {
      ended: async (outcome) => {
        const endedAt = this.#now();
        await this.#append(endedAt, AUDIT_ACCESS_ENDED, { access, ...outcome, at: toInstant(endedAt) }, use, access);
      },
    };
  }

  /** The month's events as lines of JSON, oldest first; the month is Kolkata's. */
  async *read(month: string): AsyncGenerator<Uint8Array> {
    const stream = this.#streams.access(month);
    for (let from = 0; ; from += PAGE) {
      const events = await this.#log.read(stream, { from: from as Revision, limit: PAGE });
      for (const event of events) yield eventLine(event);
      if (events.length < PAGE) return;
    }
  }

  month(): string {
    return monthInKolkata(this.#now());
  }

  async #append(at: Microseconds, type: string, data: unknown, use: Use, cause: string): Promise<EventId> {
    const id = uuidV7() as EventId;
    const metadata: AuditAccessMetadata = {
      recordedAt: toInstant(at),
      credential: use.credential,
      $correlationId: use.requestId,
      $causationId: cause,
      codec: 'plain',
      salt: salt(),
    };
    const event = { id, type, contentType: 'json' as const, data: asJson(data), metadata: asJson(metadata) };
    await this.#log.append(this.#streams.access(monthInKolkata(at)), [event], { expectedRevision: 'any' });
    return id;
  }
}

function asJson(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
