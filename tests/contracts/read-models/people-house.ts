// A random history in a real log, folded by the real stores as the projector opens them, and asked: what departments count by the rows
// that are kept, what they count worked out again from learner to learner, and what the queries answer.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Day, dateOf } from '../../../contracts/days.ts';
import { RECORD_OPENED } from '../../../contracts/events/index.ts';
import { GROUPINGS } from '../../../contracts/http/reports.ts';
import { toInstant } from '../../../contracts/time.ts';
import type { Microseconds, Revision, Sequence } from '../../../contracts/words.ts';
import { METRICS, Totals, valuesOn } from '../../../projections/department-rollup/index.ts';
import { learnerAt } from '../../../projections/inputs/learner.ts';
import type { NodeNumber, SubjectNumber } from '../../../projections/inputs/types.ts';
import type { EventToAppend, LocalLog } from '../../../src/event-log/index.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { fill } from '../../../src/projector/fill.ts';
import { MODELS, type OpenModel, openPeople } from '../../../src/projector/models.ts';
import { GenerationFollower } from '../../../src/read-models/follower.ts';
import { openLookupInFile } from '../../../src/read-models/index.ts';
import { digestOfPeopleFile, PEOPLE, PEOPLE_FILES, PeopleReader } from '../../../src/read-models/people/index.ts';
import { addKept, totalsAt } from '../../../src/read-models/people/queries/amounts.ts';
import { RecordTimes } from '../../../src/read-models/people/queries/as-of.ts';
import type { PeopleQueries } from '../../../src/read-models/people/queries/port.ts';
import { PeopleReading } from '../../../src/read-models/people/queries/reading.ts';
import { type View, viewOf } from '../../../src/read-models/people/queries/view.ts';
import { otherEvent, statementEvent, streams, uuid } from '../statement-index/record.ts';
import { CODES, COURSES, type Entry, FIRST_STORED, NODES, SETTING } from './people-histories.ts';

const RECORD = streams.record;
/** The event of a sequence is recorded so many hours after the one before. */
const STEP_HOURS = 14;

/** `metric/ref` → [count, sum], without what is nothing. */
export type Counts = Readonly<Record<string, readonly [count: number, sum: number]>>;

export class House {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'pramaan-properties-'));
  readonly queries: PeopleQueries;
  readonly #log: LocalLog = openSqliteLog(join(this.dataDir, 'log.sqlite'));
  readonly #file = PEOPLE_FILES.file(this.dataDir, 1);
  #index: OpenModel;
  #people: OpenModel;
  #head = -1;

  private constructor() {
    this.#index = MODELS['statement-index'].open(this.#indexFile, this.#log, RECORD, this.dataDir);
    this.#people = this.#open(this.#file);
    PEOPLE_FILES.write(this.dataDir, { live: 1 });
    const models = new GenerationFollower(
      PEOPLE,
      this.dataDir,
      { withBuilding: false },
      (file) => new PeopleReader(file),
    );
    this.queries = new PeopleReading({ models, log: this.#log, record: RECORD });
  }

  /** Runs with a house of its own, which is gone afterwards. */
  static async within<T>(live: (house: House) => Promise<T>): Promise<T> {
    const house = new House();
    try {
      await house.append([undefined]);
      return await live(house);
    } finally {
      await house.queries.close();
      house.#people.close();
      house.#index.close();
      await house.#log.close();
      rmSync(house.dataDir, { recursive: true, force: true });
    }
  }

  get head(): Sequence {
    return this.#head as Sequence;
  }

  /** Appends to the log; `undefined`: an event that says nothing of people. @returns the sequence of the last one */
  async append(entries: readonly (Entry | undefined)[]): Promise<Sequence> {
    const events = entries.map((entry, i) => eventOf(entry, this.#head + 1 + i));
    if (events.length > 0) await this.#log.append(RECORD, events, { expectedRevision: this.#head as Revision });
    this.#head += events.length;
    return this.head;
  }

  /** The people model goes on to a sequence, as a follower does, so many events a transaction. */
  async follow(until: Sequence = this.head, batch = 1000): Promise<void> {
    await fill(this.#index, this.#log, RECORD, { until });
    await fill(this.#people, this.#log, RECORD, { until, batch });
  }

  /** The setting, made in one go; then these, followed so many events a transaction. @returns the sequence of the last one */
  async live(entries: readonly Entry[], batch: number): Promise<Sequence> {
    await this.append(SETTING);
    await this.follow();
    const head = await this.append(entries);
    await this.follow(head, batch);
    return head;
  }

  /** As after a restart of the process. */
  reopen(): void {
    this.#people.close();
    this.#people = this.#open(this.#file);
  }

  get digest(): string {
    return digestOfPeopleFile(this.#file);
  }

  /** Of a model made in one go up to a sequence. */
  async digestOfRebuild(until: Sequence): Promise<string> {
    const file = join(this.dataDir, `rebuilt-${until}.sqlite`);
    const model = this.#open(file);
    await fill(model, this.#log, RECORD, { until }).finally(() => model.close());
    return digestOfPeopleFile(file);
  }

  /** What lies in the model's rollups: which months of which node. */
  rows(): readonly unknown[] {
    const database = PEOPLE.open(this.#file);
    try {
      return database.prepare('SELECT node, scope, month FROM rollup ORDER BY node, scope, month').all();
    } finally {
      database.close();
    }
  }

  /** Reads the model in one transaction. */
  async read<T>(read: (asked: Reading) => T): Promise<T> {
    const times = new RecordTimes(this.#log, RECORD);
    const database = PEOPLE.open(this.#file);
    try {
      const reader = new PeopleReader(database);
      const model = reader.begin();
      const views = new Map<string, View>();
      const question = await times.question({});
      const view = (on: Day, knownAt: Sequence = model.sequence): View => {
        const key = `${on} ${knownAt}`;
        const moment = { ...times.moment(question, model), on, knownAt };
        const known = views.get(key) ?? { ...viewOf(reader, model, times, moment, undefined), isCurrent: false };
        views.set(key, known);
        return known;
      };
      const subjects = database.prepare('SELECT number FROM subject ORDER BY number').all();
      return read(
        new Reading(
          view,
          subjects.map(({ number }) => number as SubjectNumber),
        ),
      );
    } finally {
      database.close();
    }
  }

  get #indexFile(): string {
    return join(this.dataDir, 'index.sqlite');
  }

  #open(file: string): OpenModel {
    return openPeople(file, this.#log, RECORD, () => openLookupInFile(this.#indexFile));
  }
}

export class Reading {
  readonly #view: (on: Day, knownAt?: Sequence) => View;
  readonly #subjects: readonly SubjectNumber[];
  readonly #own = new Map<View, Map<NodeNumber, Totals>>();

  constructor(view: (on: Day, knownAt?: Sequence) => View, subjects: readonly SubjectNumber[]) {
    this.#view = view;
    this.#subjects = subjects;
  }

  get nodes(): readonly NodeNumber[] {
    return [...this.#view(0 as Day).world.nodes()].map(({ number }) => number);
  }

  roots(on: Day, knownAt?: Sequence): readonly NodeNumber[] {
    const view = this.#view(on, knownAt);
    return this.nodes.filter((node) => view.world.pathOn(node, on, view.knownAt).length === 1);
  }

  isKnown(node: NodeNumber, on: Day, knownAt: Sequence): boolean {
    return this.#view(on, knownAt).world.pathOn(node, on, knownAt).length > 0;
  }

  children(node: NodeNumber, on: Day, knownAt?: Sequence): readonly NodeNumber[] {
    const view = this.#view(on, knownAt);
    return view.world.childrenOn(node, on, view.knownAt);
  }

  /** By the rows that are kept. */
  kept(node: NodeNumber, scope: 'own' | 'total', on: Day): Counts {
    const totals = new Totals();
    addKept(this.#view(on), node, scope, totals);
    return countsOf(totals);
  }

  /** Worked out again, as the queries do it for what was known before. */
  total(node: NodeNumber, on: Day, knownAt?: Sequence): Counts {
    return countsOf(last(totalsAt(this.#view(on, knownAt), node)));
  }

  /** Worked out again from everybody's own account. */
  own(node: NodeNumber, on: Day, knownAt?: Sequence): Counts {
    const view = this.#view(on, knownAt);
    let found = this.#own.get(view);
    if (!found) {
      found = new Map();
      this.#own.set(view, found);
      for (const subject of this.#subjects) {
        const learner = learnerAt(subject, view.reader.subject(subject)!.isPerson, view.reader.inputsOf, view.knownAt);
        valuesOn(learner, view.world, on, view.knownAt, (at, metric, ref, count, sum) => {
          const totals = found!.get(at) ?? new Totals();
          found!.set(at, totals);
          totals.add(metric, ref, count, sum);
        });
      }
    }
    return countsOf(found.get(node) ?? new Totals());
  }
}

function last<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function countsOf(totals: Totals): Counts {
  const counts: Record<string, readonly [number, number]> = {};
  for (const metric of Object.values(METRICS)) {
    for (const [ref, { count, sum }] of totals.of(metric)) {
      if (count !== 0 || sum !== 0) counts[`${metric}/${ref}`] = [count, sum];
    }
  }
  return counts;
}

/** One count after the other added up. */
export function added(...all: readonly Counts[]): Counts {
  const totals = new Totals();
  for (const counts of all) {
    for (const [key, [count, sum]] of Object.entries(counts)) {
      const [metric, ref] = key.split('/').map(Number);
      totals.add(metric!, ref!, count, sum);
    }
  }
  return countsOf(totals);
}

/**
 * What is answered of everything but the timelines, for a day, as known at a sequence. Without the places in the record, the ids that
 * come of them, and the names, of which the last ones are told: those belong to an order of arrival.
 */
export async function answers(queries: PeopleQueries, on: Day, knownAt?: Sequence): Promise<Record<string, unknown>> {
  const asked = {
    on,
    limit: 1000,
    ...(knownAt !== undefined && { knownAt: { kind: 'sequence', sequence: knownAt } as const }),
  };
  const found: Record<string, unknown> = {
    departments: (await queries.departments(asked)).body,
    courses: (await queries.courses(asked)).body,
    unmatched: (await queries.unmatched(asked)).body,
  };
  for (const id of NODES) {
    found[`rollup of ${id}`] = (await queries.rollup({ ...asked, id, depth: 8 }))?.body;
    found[`learners of ${id}`] = (await queries.departmentLearners({ ...asked, id }))?.body;
    found[`brief of ${id}`] = (await queries.brief({ ...asked, department: id }))?.body;
    for (const by of GROUPINGS) found[`${id} by ${by}`] = (await queries.rollupBy({ ...asked, id, by }))?.body;
  }
  for (const id of COURSES) found[`quality of ${id}`] = (await queries.quality({ ...asked, id }))?.body;
  for (const code of CODES) {
    const [row] = (await queries.learners({ ...asked, limit: 1, q: code })).body.rows;
    if (row?.code !== code) continue;
    const progress = await queries.progress({ ...asked, id: row.id });
    found[`progress of ${code}`] = progress && ('mergedInto' in progress ? progress : progress.body);
  }
  return withoutPlaces(found) as Record<string, unknown>;
}

const PLACES = new Set(['sequence', 'recordedAt', 'names', 'name']);
const LEARNER_ID = /^\d+\.\d+$/;

function withoutPlaces(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutPlaces).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, one]) => !PLACES.has(name) && !(name === 'id' && LEARNER_ID.test(String(one))))
      .map(([name, one]) => [name, withoutPlaces(one)]),
  );
}

/** When the event of a sequence was recorded. */
export function storedOf(sequence: number): string {
  const first = Date.parse(`${dateOf(FIRST_STORED)}T00:00:00Z`) * 1000;
  return toInstant((first + sequence * STEP_HOURS * 3.6e9) as Microseconds);
}

function eventOf(entry: Entry | undefined, sequence: number): EventToAppend {
  const stored = storedOf(sequence);
  if (entry && 'statement' in entry) {
    const event = statementEvent({ statement: entry.statement, scopes: entry.scopes ?? ['all'] }, sequence);
    return { ...event, data: Buffer.from(JSON.stringify({ ...entry.statement, stored })) };
  }
  const said = entry?.event ?? { type: RECORD_OPENED, data: { recordId: uuid(0), simulatedClock: false } };
  const event = otherEvent(said.type, said.data, sequence);
  const metadata = { ...JSON.parse(Buffer.from(event.metadata).toString()), recordedAt: stored, load: entry?.load };
  return { ...event, metadata: Buffer.from(JSON.stringify(metadata)) };
}
