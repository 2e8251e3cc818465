// The writing side of the people model: folds the events of the record into inputs, works out what changes by them, and saves both
// with the checkpoint in one transaction a batch. A model that is built from the start only gathers inputs until it has
// come to the end of the record, and works out everything then, in one pass; what comes out is the same.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { isCommand } from '../../../contracts/events/names.ts';
import { recordedAtOf } from '../../../contracts/events/recorded-at.ts';
import { fromInstant } from '../../../contracts/time.ts';
import type { Sequence } from '../../../contracts/words.ts';
import type { NodeNumber, SubjectNumber } from '../../../projections/inputs/types.ts';
import type { Touched, World } from '../../../projections/inputs/world.ts';
import type { RecordedEvent } from '../../event-log/index.ts';
import { buildDerived } from './build.ts';
import { deriveAll, usersIn } from './derive.ts';
import { openPeopleForWriting } from './file.ts';
import { Fold, IndexBehind, type KnownStatements } from './fold.ts';
import { Intake } from './intake.ts';
import { firstPart } from './layout.ts';
import { Loads } from './loads.ts';
import { OpenShelves } from './open-shelves.ts';
import { type PeopleCheckpoint, readPeopleCheckpoint, readWorld } from './reader.ts';
import { Rollups } from './rollups.ts';
import { CODES } from './shelves.ts';
import { Subjects } from './subjects.ts';
import { TouchedSubjects } from './touched.ts';
import { VoidsAhead } from './voids.ts';

export interface PeopleStoreOptions {
  /** The statement index of the same record: it says where a voided statement stands. */
  readonly statements: KnownStatements;
  /** The events at these sequences of the record, in order. */
  readonly eventsAt: (sequences: readonly number[]) => readonly RecordedEvent[];
}

export interface PeopleStore {
  readonly checkpoint: PeopleCheckpoint;
  /**
   * Saves the next events of the record, all of them or, where the statement index has not come as far as a void among them, those
   * before it: the checkpoint tells. @throws PeopleTakenOver, UnreadableEvent
   */
  save(events: readonly RecordedEvent[]): void;
  /** At the end of the record: works out what was put off. Each step may take a second; left in the middle it is begun again. */
  complete(): Generator<void>;
  close(): void;
}

/** Another process writes the same model: it has gone on from where this one was. */
export class PeopleTakenOver extends Error {
  override readonly name = 'PeopleTakenOver';
}

/** @throws OtherModelVersion the file holds a model of another version */
export function openPeopleStore(file: string, options: PeopleStoreOptions): PeopleStore {
  return new Store(openPeopleForWriting(file), file, options);
}

/** Events of one transaction while a model is built from the start. */
const EVENTS_A_COMMIT = 40_000;

const USED = { activity: 0, session: 1 } as const;

class Store implements PeopleStore {
  readonly #database: DatabaseSync;
  readonly #file: string;
  readonly #options: PeopleStoreOptions;
  readonly #sql: ReturnType<typeof prepare>;
  #checkpoint!: PeopleCheckpoint;
  #world!: World;
  #subjects!: Subjects;
  #loads!: Loads;
  #voids!: VoidsAhead;
  #shelves!: OpenShelves;
  #intake!: Intake;
  #rollups!: Rollups;
  #fold!: Fold;
  /** `what × 2^32 + number` */
  #used!: Set<number>;
  /** As committed; the checkpoint is ahead of it while a model is built from the start. */
  #committed!: Sequence;

  // What the events under way have touched.
  readonly #touched = new TouchedSubjects();
  readonly #moved = new Set<NodeNumber>();
  readonly #activities = new Set<number>();
  readonly #sessions = new Set<number>();

  constructor(database: DatabaseSync, file: string, options: PeopleStoreOptions) {
    this.#database = database;
    this.#file = file;
    this.#options = options;
    this.#sql = prepare(database);
    this.#load();
  }

  get checkpoint(): PeopleCheckpoint {
    return this.#checkpoint;
  }

  save(events: readonly RecordedEvent[]): void {
    if (events.length === 0) return;
    if (!this.#database.isTransaction) this.#database.exec('BEGIN IMMEDIATE');
    try {
      if (this.#sql.sequence.get()?.sequence !== this.#committed)
        throw new PeopleTakenOver('another process writes this people model');
      const isWaiting = this.#foldAll(events) !== events.at(-1);
      const { derived, sequence } = this.#checkpoint;
      if (derived) this.#derive();
      if (derived || isWaiting || sequence - this.#committed >= EVENTS_A_COMMIT) this.#commit();
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  *complete(): Generator<void> {
    try {
      if (this.#database.isTransaction) this.#commit();
      if (this.#checkpoint.derived) return;
      yield* this.#subjects.writeIndexes();
      yield* buildDerived(this.#database, {
        world: this.#world,
        intake: this.#intake,
        sequence: this.#checkpoint.sequence,
        scratchFile: `${this.#file}-scratch`,
      });
      this.#database.exec('BEGIN IMMEDIATE; DELETE FROM intake; UPDATE checkpoint SET derived = 1; COMMIT');
      this.#load();
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  close(): void {
    if (this.#database.isTransaction) this.#commit();
    this.#database.close();
  }

  /** @returns the last event that is folded; undefined when already the first must wait */
  #foldAll(events: readonly RecordedEvent[]): RecordedEvent | undefined {
    let last: RecordedEvent | undefined;
    let command = this.#checkpoint.command;
    let world = this.#checkpoint.world;
    for (const event of events) {
      try {
        this.#fold.event(event);
      } catch (error) {
        if (error instanceof IndexBehind) break;
        throw error;
      }
      const sequence = event.revision as number as Sequence;
      if (isCommand(event.type)) command = sequence;
      if (this.#saveWorld(sequence)) world = sequence;
      last = event;
    }
    if (last) {
      this.#checkpoint = {
        ...this.#checkpoint,
        sequence: last.revision as number as Sequence,
        eventId: last.id,
        stored: fromInstant(recordedAtOf(last))!,
        command,
        world,
      };
    }
    return last;
  }

  /** Works out what the events changed, from as it was before them. */
  #derive(): void {
    const before = this.#committed;
    const now = this.#checkpoint.sequence;
    if (this.#moved.size > 0) this.#rollups.move([...this.#moved], this.#world, before, now);
    this.#touchUsers();
    const { inputsOf } = this.#shelves;
    deriveAll(this.#touched, { world: this.#world, rollups: this.#rollups, inputsOf, before, now });
    this.#shelves.write();
    this.#rollups.write(this.#world, now);
  }

  /** Where an activity means another course now, everybody who did it is to be worked out again. */
  #touchUsers(): void {
    const isUsed = (what: keyof typeof USED) => (number: number) => this.#used.has(USED[what] * 2 ** 32 + number);
    const touchedActivities = this.#activities;
    const sessions = new Set([...this.#sessions].filter(isUsed('session')));
    if (touchedActivities.size > 0) {
      for (const key of this.#used) {
        if (key < 2 ** 32) continue;
        const session = key - 2 ** 32;
        if (this.#world.session(session).some(({ course }) => touchedActivities.has(course))) sessions.add(session);
      }
    }
    const activities = new Set([...touchedActivities].filter(isUsed('activity')));
    if (activities.size === 0 && sessions.size === 0) return;
    this.#shelves.write();
    for (const { part, entries } of this.#sql.allShelves.iterate() as Iterable<{ part: number; entries: Uint8Array }>) {
      const shelf = Math.floor(part / firstPart(1));
      const bytes = Buffer.from(entries.buffer, entries.byteOffset, entries.byteLength);
      for (const [subject, isPerson] of usersIn(shelf, bytes, activities, sessions))
        this.#touched.add(subject, isPerson);
    }
  }

  #commit(): void {
    const { sequence, eventId, stored, command, world, derived } = this.#checkpoint;
    this.#loads.save();
    if (!derived) this.#intake.write(sequence);
    this.#sql.moveCheckpoint.run(sequence, eventId ?? '', stored, command, world);
    this.#database.exec('COMMIT');
    this.#committed = sequence;
    this.#forget();
  }

  #rollBack(): void {
    try {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    } finally {
      this.#load();
    }
  }

  #forget(): void {
    this.#touched.clear();
    this.#moved.clear();
    this.#activities.clear();
    this.#sessions.clear();
  }

  /** What is held in memory, as the file has it. */
  #load(): void {
    const database = this.#database;
    this.#forget();
    this.#checkpoint = readPeopleCheckpoint(database);
    this.#committed = this.#checkpoint.sequence;
    this.#world = readWorld(database);
    this.#subjects = new Subjects(database, this.#checkpoint.derived);
    this.#loads = new Loads(database);
    this.#voids = new VoidsAhead(database);
    this.#shelves = new OpenShelves(database);
    this.#intake = new Intake(database);
    this.#rollups = new Rollups(database);
    this.#used = new Set(
      this.#sql.used.all().map(({ kind, number }) => (kind as number) * 2 ** 32 + (number as number)),
    );
    this.#fold = new Fold({
      world: this.#world,
      subjects: this.#subjects,
      loads: this.#loads,
      voids: this.#voids,
      ...this.#options,
      change: (subject, isPerson, record) => this.#change(subject, isPerson, record),
      uses: (what, number) => this.#uses(what, number),
      touched: (what) => this.#note(what),
    });
  }

  #change(subject: SubjectNumber, isPerson: boolean, record: Buffer): void {
    if (!this.#checkpoint.derived) {
      this.#intake.add(subject, record);
      return;
    }
    const code = record[1]!;
    if (code >= CODES.posting && code < CODES.service) this.#sql.putMember.run(record.readUInt32LE(4), subject);
    this.#touched.add(subject, isPerson);
    this.#shelves.change(subject, record);
  }

  #uses(what: keyof typeof USED, number: number): void {
    const key = USED[what] * 2 ** 32 + number;
    if (this.#used.has(key)) return;
    this.#used.add(key);
    this.#sql.putUsed.run(USED[what], number);
  }

  #note({ movedNodes, touchedActivities, touchedSessions }: Touched): void {
    for (const node of movedNodes) this.#moved.add(node);
    for (const activity of touchedActivities) this.#activities.add(activity);
    for (const session of touchedSessions) this.#sessions.add(session);
  }

  /** @returns whether anything has changed */
  #saveWorld(sequence: Sequence): boolean {
    const rows = this.#world.takeChanges();
    for (const { table, number, data } of rows) this.#sql.putWorld.run(table, number, data, sequence);
    return rows.length > 0;
  }
}

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    sequence: sql('SELECT sequence FROM checkpoint'),
    moveCheckpoint: sql('UPDATE checkpoint SET sequence = ?, event = ?, stored = ?, command = ?, world = ?'),
    putWorld: sql('INSERT OR REPLACE INTO world VALUES (?, ?, ?, ?)'),
    used: sql('SELECT kind, number FROM used'),
    putUsed: sql('INSERT INTO used VALUES (?, ?)'),
    putMember: sql('INSERT OR IGNORE INTO member VALUES (?, ?)'),
    allShelves: sql('SELECT part, entries FROM shelf ORDER BY part'),
  };
}
