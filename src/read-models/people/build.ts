// Everything that is worked out from the inputs, in one go: shelves from what was put aside, members, rollups. What a build that was
// left in the middle has written is thrown away first.

import type { DatabaseSync } from 'node:sqlite';
import { contributionsOf } from '../../../projections/department-rollup/index.ts';
import { learnerAt } from '../../../projections/inputs/learner.ts';
import type { NodeNumber, SubjectNumber } from '../../../projections/inputs/types.ts';
import type { World } from '../../../projections/inputs/world.ts';
import { postingsIn } from './derive.ts';
import type { Intake } from './intake.ts';
import { PERSON, SUBJECTS_A_SHELF } from './layout.ts';
import { OpenShelves } from './open-shelves.ts';
import { RollupRows } from './rollup-rows.ts';
import { ScratchFile } from './scratch.ts';
import { Spill } from './spill.ts';
import { sumUp } from './sum-up.ts';

export interface Building {
  readonly world: World;
  readonly intake: Intake;
  /** As of which everything is worked out. */
  readonly sequence: number;
  /** A file that is written and removed again. */
  readonly scratchFile: string;
}

/** Subjects between two steps. */
const SUBJECTS_A_STEP = 20_000;

export function* buildDerived(database: DatabaseSync, building: Building): Generator<void> {
  database.exec('DELETE FROM shelf; DELETE FROM member; DELETE FROM rollup');
  yield* fillShelves(database, building);
  const file = new ScratchFile(building.scratchFile);
  try {
    const spill = new Spill(file);
    yield* contribute(database, building, spill);
    spill.write();
    const rows = new RollupRows(file);
    yield* sumUp({ world: building.world, sequence: building.sequence, spill, rows });
    yield* rows.writeAll(database);
  } finally {
    file.close();
  }
}

function* fillShelves(database: DatabaseSync, { intake }: Building): Generator<void> {
  const members = new Members();
  yield* intake.fillShelves((shelf, entries) => {
    for (const [slot, node] of postingsIn(entries)) members.add(node, shelf * SUBJECTS_A_SHELF + slot);
  });
  members.write(database);
  yield;
}

/** Node and subject, each pair once and in order. */
class Members {
  #pairs = new Float64Array(1024);
  #used = 0;

  add(node: NodeNumber, subject: number): void {
    if (this.#used === this.#pairs.length) {
      const larger = new Float64Array(this.#used * 2);
      larger.set(this.#pairs);
      this.#pairs = larger;
    }
    this.#pairs[this.#used++] = node * 2 ** 32 + subject;
  }

  write(database: DatabaseSync): void {
    const put = database.prepare('INSERT INTO member VALUES (?, ?)');
    database.exec('BEGIN');
    let last = -1;
    for (const pair of this.#pairs.subarray(0, this.#used).sort()) {
      if (pair !== last) put.run(Math.floor(pair / 2 ** 32), pair % 2 ** 32);
      last = pair;
    }
    database.exec('COMMIT');
  }
}

/** What each learner adds, put aside. */
function* contribute(database: DatabaseSync, { world, sequence }: Building, spill: Spill): Generator<void> {
  const { inputsOf } = new OpenShelves(database);
  const subjects = database.prepare('SELECT number, kind FROM subject ORDER BY number');
  let done = 0;
  for (const { number, kind } of subjects.iterate() as Iterable<{ number: SubjectNumber; kind: number }>) {
    contributionsOf(learnerAt(number, kind === PERSON, inputsOf, sequence), world, sequence, spill.add);
    if (++done % SUBJECTS_A_STEP === 0) yield;
  }
  yield;
}
