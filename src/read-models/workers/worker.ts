// A read worker: read-only handles on index and log, and the queries over them. The pool starts it.

import { parentPort, workerData } from 'node:worker_threads';
import type { AgentKey, Sequence, StatementId } from '../../../contracts/words.ts';
import { openSqliteLog } from '../../event-log/sqlite/index.ts';
import { answerCalls, Moved } from '../../threads/calls.ts';
import type { StatementQueries, StatementQuery } from '../statement-index/port.ts';
import { StatementReading } from '../statement-index/queries.ts';
import { queryErrors } from './errors.ts';

export interface ReadWorkerData {
  readonly dataDir: string;
  readonly logFile: string;
  readonly record: string;
}

const { dataDir, logFile, record } = workerData as ReadWorkerData;
const reading = new StatementReading({ dataDir, log: openSqliteLog(logFile, { readOnly: true }), record });

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
  close: () => reading.close(),
} as const;

answerCalls(parentPort!, methods, queryErrors);
parentPort!.postMessage({ ready: true });
