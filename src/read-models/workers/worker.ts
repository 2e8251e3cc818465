// A read worker: read-only handles on the read models and the log, and the queries over them. The pool starts it.

import { parentPort, workerData } from 'node:worker_threads';
import type { AgentKey, Sequence, StatementId } from '../../../contracts/words.ts';
import { openSqliteLog } from '../../event-log/sqlite/index.ts';
import { answerCalls, Moved } from '../../threads/calls.ts';
import { GenerationFollower } from '../follower.ts';
import { PEOPLE, PeopleReader } from '../people/index.ts';
import { PEOPLE_QUESTIONS } from '../people/queries/port.ts';
import { PeopleReading } from '../people/queries/reading.ts';
import type { StatementQueries, StatementQuery } from '../statement-index/port.ts';
import { StatementReading } from '../statement-index/queries.ts';
import { queryErrors } from './errors.ts';

export interface ReadWorkerData {
  readonly dataDir: string;
  readonly logFile: string;
  readonly record: string;
}

const { dataDir, logFile, record } = workerData as ReadWorkerData;
const log = openSqliteLog(logFile, { readOnly: true });
const reading = new StatementReading({ dataDir, log, record });
const people = new PeopleReading({
  models: new GenerationFollower(PEOPLE, dataDir, { withBuilding: false }, (database) => new PeopleReader(database)),
  log,
  record,
});

const methods = {
  find(query: StatementQuery) {
    const page = reading.find(query);
    return new Moved(page, [page.statements.buffer as ArrayBuffer]);
  },
  byId(id: StatementId, options: Parameters<StatementQueries['byId']>[1]) {
    const found = reading.byId(id, options);
    return found && new Moved(found, [found.statement.buffer as ArrayBuffer]);
  },
  activity: (id: string) => reading.activity(id),
  agentNames: (agent: AgentKey) => reading.agentNames(agent),
  async events(range: { after: Sequence; until?: Sequence; limit: number }) {
    const events = await reading.events(range);
    return new Moved(events, [events.ndjson.buffer]);
  },
  indexedUpTo: () => reading.indexedUpTo(),
  async close() {
    await people.close();
    await reading.close();
  },
} as const;

/** The questions to the people model, under a name of their own. */
const toPeople: Readonly<Record<string, (asked: never) => unknown>> = Object.fromEntries(
  PEOPLE_QUESTIONS.map((question) => [`people ${question}`, (asked: never) => people[question](asked)]),
);

answerCalls(parentPort!, { ...methods, ...toPeople }, queryErrors);
parentPort!.postMessage({ ready: true });
