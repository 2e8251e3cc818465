// The read models that a node keeps: how each is opened for writing, told to be of this version and of this log, and digested.

import type { Revision } from '../../contracts/words.ts';
import { foldEvent } from '../../projections/statement-index/index.ts';
import type { LocalLog, RecordedEvent } from '../event-log/index.ts';
import type { ModelCheckpoint, ModelFiles } from '../read-models/files.ts';
import type { ReadableModel } from '../read-models/follower.ts';
import {
  digestOfPeopleFile,
  type KnownStatements,
  openPeopleStore,
  PEOPLE,
  PEOPLE_FILES,
  PEOPLE_VERSION,
} from '../read-models/people/index.ts';
import {
  digestOfIndexFile,
  INDEX,
  INDEX_FILES,
  INDEX_VERSION,
  openIndexLookup,
  openLookupInFile,
  openStatementIndexStore,
  type StatementAt,
} from '../read-models/statement-index/index.ts';
import { checkAgainstLog, checkCheckpoint, type LogToCheck } from './check.ts';

/** A model being written. */
export interface OpenModel {
  readonly checkpoint: ModelCheckpoint;
  /**
   * Saves the next events of the record with the checkpoint, all or nothing. A model that waits for another one may take only the
   * first of them: the checkpoint tells. @throws UnreadableEvent
   */
  save(events: readonly RecordedEvent[]): void;
  /** At the end of the record: what was put off until then, in steps. */
  complete(): Iterable<void>;
  close(): void;
}

export interface Model {
  readonly name: ModelName;
  /** For persons: `the statement index`. */
  readonly words: string;
  readonly files: ModelFiles;
  readonly version: string;
  /** Most events of one transaction. */
  readonly batch: number;
  /** Whether it lets others go first where the processor is short. */
  readonly yields: boolean;
  /** @throws OtherModelVersion */
  open(file: string, log: LocalLog, record: string, dataDir: string): OpenModel;
  /** As the file says. @throws OtherModelVersion */
  checkpoint(file: string): ModelCheckpoint;
  /** @throws OtherModelVersion; IndexDiffersFromLog the model has gone where the log is not */
  check(file: string, log: LogToCheck, record: string): Promise<void>;
  /** Over every table, in hex. @throws OtherModelVersion */
  digest(file: string): string;
}

export type ModelName = 'statement-index' | 'people';

const STATEMENT_INDEX: Model = {
  name: 'statement-index',
  words: 'the statement index',
  files: INDEX_FILES,
  version: INDEX_VERSION,
  batch: 2000,
  yields: false,
  open: (file, log, record) => openIndex(file, log, record),
  checkpoint: (file) => checkpointIn(INDEX, file),
  async check(file, log, record) {
    const lookup = openLookupInFile(file);
    await checkAgainstLog(lookup, log, record).finally(() => lookup.close());
  },
  digest: digestOfIndexFile,
};

const PEOPLE_MODEL: Model = {
  name: 'people',
  words: 'the people model',
  files: PEOPLE_FILES,
  version: PEOPLE_VERSION,
  // Each save writes the months of all upper departments anew, however few the events: many at once when there are many.
  batch: 8000,
  yields: true,
  open: (file, log, record, dataDir) => openPeople(file, log, record, () => openIndexLookup(dataDir)),
  checkpoint: (file) => checkpointIn(PEOPLE, file),
  check: (file, log, record) => checkCheckpoint('the people model', checkpointIn(PEOPLE, file), log, record),
  digest: digestOfPeopleFile,
};

function checkpointIn(model: ReadableModel, file: string): ModelCheckpoint {
  const database = model.open(file);
  try {
    return model.checkpoint(database);
  } finally {
    database.close();
  }
}

/** In the order in which they are settled and built: the people model asks the statement index. */
export const MODELS: Readonly<Record<ModelName, Model>> = {
  'statement-index': STATEMENT_INDEX,
  people: PEOPLE_MODEL,
};

/** `sealAfter`: sequences of a segment, for tests. @throws OtherModelVersion */
export function openIndex(file: string, log: LocalLog, record: string, sealAfter?: number): OpenModel {
  const statementAt: StatementAt = (sequence) => {
    const [event] = log.readEach(record, [sequence as number as Revision]);
    return event && foldEvent(event).statement;
  };
  const store = openStatementIndexStore(file, statementAt, sealAfter);
  return {
    get checkpoint() {
      return store.checkpoint;
    },
    // One after the other, so that what folding leaves behind dies young.
    save: (events) => store.save(events.values().map(foldEvent)),
    complete: () => [],
    close: () => store.close(),
  };
}

/** `statements` is opened at the first void: it holds a filter over all ids in memory. @throws OtherModelVersion */
export function openPeople(
  file: string,
  log: LocalLog,
  record: string,
  openStatements: () => KnownStatements & { close(): void },
): OpenModel {
  let opened: ReturnType<typeof openStatements> | undefined;
  const statements = (): ReturnType<typeof openStatements> => {
    opened ??= openStatements();
    return opened;
  };
  const store = openPeopleStore(file, {
    statements: { checkpoint: () => statements().checkpoint(), find: (ids) => statements().find(ids) },
    eventsAt: (sequences) => log.readEach(record, sequences as readonly number[] as readonly Revision[]),
  });
  return {
    get checkpoint() {
      return store.checkpoint;
    },
    save: (events) => store.save(events),
    complete: () => store.complete(),
    close() {
      store.close();
      opened?.close();
    },
  };
}
