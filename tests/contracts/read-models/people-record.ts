// A record in a folder of its own for the tests of the people queries: events as recording would have written them, at instants that
// the test gives, folded into a people model as far as the test says.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CLOCK_MOVED,
  type ProgrammeEvent,
  RECORD_OPENED,
  STATEMENT_RECORDED,
} from '../../../contracts/events/index.ts';
import { answerOf, type ReportName } from '../../../contracts/http/reports.ts';
import { fromInstant, toInstant } from '../../../contracts/time.ts';
import type { EventId, Microseconds, Revision, Sequence, StatementId } from '../../../contracts/words.ts';
import { VOIDED } from '../../../contracts/xapi/accepted.ts';
import type { Statement } from '../../../contracts/xapi/index.ts';
import type { EventToAppend, LocalLog } from '../../../src/event-log/index.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { GenerationFollower } from '../../../src/read-models/follower.ts';
import {
  openPeopleStore,
  PEOPLE,
  PEOPLE_FILES,
  PeopleReader,
  type PeopleStore,
} from '../../../src/read-models/people/index.ts';
import type { Answer, MergedInto, PeopleQueries } from '../../../src/read-models/people/queries/port.ts';
import { PeopleReading } from '../../../src/read-models/people/queries/reading.ts';

export const RECORD = 'record';

export interface Saying {
  readonly statement?: Omit<Statement, 'stored'>;
  readonly event?: ProgrammeEvent | { readonly type: typeof CLOCK_MOVED; readonly data: { readonly to: string } };
}

export class PeopleRecord {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'pramaan-people-'));
  readonly log: LocalLog = openSqliteLog(join(this.dataDir, 'log.sqlite'));
  readonly queries: PeopleQueries;
  readonly #store: PeopleStore;
  readonly #statements = new Map<StatementId, { sequence: Sequence; isVoiding: boolean }>();
  #head = -1;
  #stamp = 0 as Microseconds;

  private constructor() {
    this.#store = openPeopleStore(PEOPLE_FILES.file(this.dataDir, 1), {
      statements: {
        checkpoint: () => ({ sequence: this.#head as Sequence }),
        find: (ids) => ids.map((id) => this.#statements.get(id)),
      },
      eventsAt: (sequences) => this.log.readEach(RECORD, sequences as readonly Revision[]),
    });
    const models = new GenerationFollower(
      PEOPLE,
      this.dataDir,
      { withBuilding: false },
      (file) => new PeopleReader(file),
    );
    this.queries = new PeopleReading({ models, log: this.log, record: RECORD });
  }

  /** A record on a simulated clock; nothing is folded yet. */
  static async open(at: string): Promise<PeopleRecord> {
    const record = new PeopleRecord();
    await record.#append(at, [{ type: RECORD_OPENED, data: { recordId: randomUUID(), simulatedClock: true } }]);
    return record;
  }

  get head(): Sequence {
    return this.#head as Sequence;
  }

  /** Records and folds; @returns the sequence of the last event. */
  async say(at: string, ...sayings: readonly Saying[]): Promise<Sequence> {
    await this.record(at, ...sayings);
    await this.fold();
    return this.head;
  }

  /** Records; the model stays as it is. */
  async record(at: string, ...sayings: readonly Saying[]): Promise<Sequence> {
    return this.#append(
      at,
      sayings.map(({ statement, event }) => (statement ? { type: STATEMENT_RECORDED, data: statement } : event!)),
    );
  }

  /** Folds what was recorded; the first time the model becomes the live one. */
  async fold(): Promise<void> {
    const from = this.#store.checkpoint.sequence + 1;
    const events = await this.log.read(RECORD, { from: from as Revision, limit: 10_000 });
    this.#store.save(events);
    for (const _step of this.#store.complete());
    if (PEOPLE_FILES.read(this.dataDir).live === undefined) PEOPLE_FILES.write(this.dataDir, { live: 1 });
  }

  async close(): Promise<void> {
    await this.queries.close();
    this.#store.close();
    await this.log.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #append(at: string, said: readonly { readonly type: string; readonly data: object }[]): Promise<Sequence> {
    const events = said.map(({ type, data }, i): EventToAppend => {
      this.#stamp = Math.max(fromInstant(at)!, this.#stamp + 1) as Microseconds;
      const instant = toInstant(this.#stamp);
      const isStatement = type === STATEMENT_RECORDED;
      if (isStatement) {
        const { id, verb } = data as Statement;
        const sequence = (this.#head + 1 + i) as Sequence;
        this.#statements.set(id as StatementId, { sequence, isVoiding: verb.id === VOIDED });
      }
      const recorded = { codec: 'plain', salt: 'AAAAAAAAAAAAAAAAAAAAAA==' };
      const posted = { credential: 'c-1', scopes: ['all', 'void'], part: [1, 1], version: '2.0.0' };
      return {
        id: randomUUID() as EventId,
        type,
        contentType: 'json',
        data: Buffer.from(JSON.stringify(isStatement ? { ...data, stored: instant } : data)),
        metadata: Buffer.from(
          JSON.stringify(isStatement ? { ...posted, ...recorded } : { recordedAt: instant, ...recorded }),
        ),
      };
    });
    await this.log.append(RECORD, events, { expectedRevision: this.#head as Revision });
    this.#head += events.length;
    return this.head;
  }
}

/** The answer, after a look whether it has the shape that is promised. */
export function answered<Name extends ReportName>(
  name: Name,
  answer: Answer<Name> | MergedInto | undefined,
): Answer<Name> {
  if (!answer || 'mergedInto' in answer) throw new Error(`no answer to ${name}: ${JSON.stringify(answer)}`);
  const body = answer.body as object;
  answerOf(name).parse({ asOf: answer.asOf, ...body, ...('rows' in body && { more: '' }) });
  return answer;
}
