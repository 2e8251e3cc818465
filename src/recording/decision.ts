// What a group of requests comes to: which of its statements are new, which are there already, which are refused; and the
// events of the new ones, stamped. Decided at the head of the record, and again when somebody else appended first.

import { randomUUID } from 'node:crypto';
import type { RecordMetadata } from '../../contracts/events/index.ts';
import { isCommand, STATEMENT_RECORDED } from '../../contracts/events/names.ts';
import { toInstant } from '../../contracts/time.ts';
import { type EventId, type Microseconds, NOTHING, type Sequence, type StatementId } from '../../contracts/words.ts';
import { comparableDigest } from '../../contracts/xapi/accepted.ts';
import type { EventToAppend } from '../event-log/index.ts';
import { parseJson, salt } from '../event-log/json-event.ts';
import { RecordingRefused } from './port.ts';
import { stampInto } from './prepare.ts';
import type {
  Item,
  KnownStatement,
  RequestToRecord,
  StatementToRecord,
  WaitingEvents,
  WaitingStatements,
} from './requests.ts';
import type { Tail } from './tail.ts';

/** The events to append, who is answered once they are, and what the tail then learns. */
export interface Decision {
  readonly events: readonly EventToAppend[];
  readonly settled: readonly { readonly item: Item; readonly accept: () => void }[];
  readonly added: readonly { readonly id: StatementId; readonly sequence: Sequence; readonly isVoiding: boolean }[];
}

export interface Situation {
  readonly head: Sequence;
  readonly tail: Tail;
  /** What the committed index knows of the group's statements; asked in the turn in which the tail was trimmed to it. */
  readonly indexed: ReadonlyMap<StatementId, KnownStatement>;
  /** What it knows of another statement. */
  known(id: StatementId): KnownStatement | undefined;
  /** Digest of the statement at this sequence of the log, as it was sent. */
  digestAt(sequence: Sequence): Promise<string>;
  /** Whether the record holds a command's event after this sequence. */
  isOvertaken(since: Sequence): Promise<boolean>;
  /** The next stamp. */
  stamp(): Microseconds;
}

/** Decides the requests in their order; one that is refused is rejected at once and leaves no trace in the decision. */
export async function decide(group: readonly Item[], situation: Situation): Promise<Decision> {
  const deciding = new Deciding(situation);
  for (const item of group) {
    try {
      await (item.kind === 'events' ? deciding.commanded(item) : deciding.statements(item));
    } catch (error) {
      item.reject(error as Error);
    }
  }
  return deciding;
}

class Deciding implements Decision {
  readonly events: EventToAppend[] = [];
  readonly settled: { readonly item: Item; readonly accept: () => void }[] = [];
  readonly added: { readonly id: StatementId; readonly sequence: Sequence; readonly isVoiding: boolean }[] = [];
  readonly #situation: Situation;
  #commandInGroup = false;
  readonly #inGroup = new Map<StatementId, { readonly statement: StatementToRecord; readonly sequence: Sequence }>();

  constructor(situation: Situation) {
    this.#situation = situation;
  }

  get #next(): Sequence {
    return (this.#situation.head + this.events.length + 1) as Sequence;
  }

  async commanded(item: WaitingEvents): Promise<void> {
    const { events, load, credential, requestId, unlessCommandsSince: since } = item.request;
    if (since !== undefined && (this.#commandInGroup || (await this.#situation.isOvertaken(since)))) {
      throw new RecordingRefused({ reason: 'overtaken' });
    }
    item.check?.();
    // What is the same of all is serialised once.
    const shared = JSON.stringify({
      ...(credential === undefined ? undefined : { credential }),
      ...(requestId === undefined ? undefined : { $correlationId: requestId, $causationId: requestId }),
      ...(load === undefined ? undefined : { load }),
      codec: 'plain',
    } satisfies Partial<RecordMetadata>).slice(1, -1);
    for (const [index, { type }] of events.entries()) {
      const recordedAt = toInstant(this.#situation.stamp());
      this.events.push({
        id: randomUUID() as EventId,
        type,
        contentType: 'json',
        data: Buffer.from(item.json[index]!),
        metadata: Buffer.from(`{"recordedAt":"${recordedAt}",${shared},"salt":"${salt()}"}`),
      });
      this.#commandInGroup ||= isCommand(type);
    }
    const sequence = (this.#next - 1) as Sequence;
    this.settled.push({ item, accept: () => item.resolve({ sequence }) });
  }

  async statements(item: WaitingStatements): Promise<void> {
    const { statements, importing } = item.request;
    const conflicts: { index: number; id: string }[] = [];
    const fresh: number[] = [];
    let highest = NOTHING as Sequence;
    const voidingHere = new Set<StatementId>();
    for (const [index, statement] of statements.entries()) {
      const there = await this.#there(statement.id);
      if (!there) {
        const { voids } = statement;
        if (voids !== undefined && !importing && (voidingHere.has(voids) || this.#isVoiding(voids))) {
          throw new RecordingRefused({ reason: 'voids-a-void', index, id: voids });
        }
        if (voids !== undefined) voidingHere.add(statement.id);
        fresh.push(index);
        continue;
      }
      if (!isSame(statement, there.digest)) conflicts.push({ index, id: statement.id });
      highest = Math.max(highest, there.sequence) as Sequence;
    }
    if (conflicts.length > 0) throw new RecordingRefused({ reason: 'conflict', statements: conflicts });

    // From here on nothing fails: the request is in the group whole.
    const metadata = statementMetadata(item.request);
    for (const index of fresh) {
      const statement = statements[index]!;
      const { id, bytes, assigned } = statement;
      const sequence = this.#next;
      stampInto(bytes, toInstant(this.#situation.stamp()), assigned.includes('timestamp'));
      this.events.push({
        id: randomUUID() as EventId,
        type: STATEMENT_RECORDED,
        contentType: 'json',
        data: bytes,
        metadata: metadata(index, statement),
      });
      this.added.push({ id, sequence, isVoiding: statement.voids !== undefined });
      this.#inGroup.set(id, { statement, sequence });
      highest = sequence;
    }
    this.settled.push({ item, accept: () => item.resolve({ sequence: highest, recorded: fresh.length }) });
  }

  /** A statement of this id in the group, in the tail or in the index. */
  async #there(id: StatementId): Promise<{ readonly sequence: Sequence; readonly digest: string } | undefined> {
    const { tail, indexed, digestAt } = this.#situation;
    const here = this.#inGroup.get(id);
    if (here) return { sequence: here.sequence, digest: digestAsSent(here.statement.bytes, here.statement.assigned) };
    const recent = tail.find(id);
    if (recent) return { sequence: recent.sequence, digest: await digestAt(recent.sequence) };
    return indexed.get(id);
  }

  #isVoiding(id: StatementId): boolean {
    const here = this.#inGroup.get(id);
    if (here) return here.statement.voids !== undefined;
    const { tail, known } = this.#situation;
    return (tail.find(id) ?? known(id))?.isVoiding ?? false;
  }
}

/** Digest of a statement's comparable form without what the store had filled in. */
export function digestAsSent(bytes: Uint8Array, assigned: readonly string[]): string {
  return comparableDigest(parseJson(bytes) as Parameters<typeof comparableDigest>[0], [...assigned]);
}

/** The same statement again is a success; it may carry a timestamp that the store assigned to the first. */
function isSame(statement: StatementToRecord, knownDigest: string): boolean {
  if (digestAsSent(statement.bytes, statement.assigned) === knownDigest) return true;
  if (statement.assigned.includes('timestamp')) return false;
  return digestAsSent(statement.bytes, [...statement.assigned, 'timestamp']) === knownDigest;
}

/** Everything but place and salt is the same for the whole request, and is serialised once. */
function statementMetadata({
  credential,
  requestId,
  version,
  statements,
}: RequestToRecord): (index: number, statement: StatementToRecord) => Uint8Array {
  const shared = JSON.stringify({
    credential: credential.id,
    scopes: credential.scopes,
    $correlationId: requestId,
    $causationId: requestId,
  }).slice(0, -1);
  return (index, { assigned, originalStored }) => {
    const optional =
      (assigned.length > 0 ? `,"assigned":${JSON.stringify(assigned)}` : '') +
      (originalStored === undefined ? '' : `,"originalStored":${JSON.stringify(originalStored)}`);
    return Buffer.from(
      `${shared},"part":[${index + 1},${statements.length}],"version":"${version}"${optional},"codec":"plain","salt":"${salt()}"}`,
    );
  };
}
