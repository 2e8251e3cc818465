// From inputs to rollups: what each learner adds, taken away as it was and put as it is.

import type { Day } from '../../../contracts/days.ts';
import { type AddDelta, contributionsOf } from '../../../projections/department-rollup/index.ts';
import { type InputsOf, learnerAt } from '../../../projections/inputs/learner.ts';
import type { Inputs, NodeNumber, SubjectNumber } from '../../../projections/inputs/types.ts';
import type { World } from '../../../projections/inputs/world.ts';
import { SUBJECTS_A_SHELF } from './layout.ts';
import type { Rollups } from './rollups.ts';
import { CODES, ENTRY_BYTES, shelfOf } from './shelves.ts';
import { TouchedSubjects } from './touched.ts';

/**
 * Works out those who were touched, each once, and the persons to whom touched identities were ever linked: what is withdrawn from
 * one of them may be another's now. Shelf by shelf, and people mostly lie with their identities.
 */
export function deriveAll(touched: TouchedSubjects, around: Around): void {
  const elsewhere = new TouchedSubjects();
  for (const shelf of touched.shelves()) {
    for (const [subject, isPerson] of touched.on(shelf)) {
      if (isPerson) continue;
      for (const input of around.inputsOf(subject)) {
        if (input.is === 'owner') (shelfOf(input.other) === shelf ? touched : elsewhere).add(input.other, true);
      }
    }
    for (const [subject, isPerson] of touched.on(shelf)) deriveAgain(subject, isPerson, around);
  }
  for (const [subject] of elsewhere) if (!touched.has(subject)) deriveAgain(subject, true, around);
}

export interface Around {
  readonly world: World;
  readonly rollups: Rollups;
  readonly inputsOf: InputsOf;
  readonly before: number;
  readonly now: number;
}

/** Changes the rollups from what the learner added at one sequence to what it adds at another. */
function deriveAgain(
  subject: SubjectNumber,
  isPerson: boolean,
  { world, rollups, inputsOf, before, now }: Around,
): void {
  const read = new Map<SubjectNumber, Inputs>();
  const inputsOnce: InputsOf = (one) => {
    let inputs = read.get(one);
    if (inputs === undefined) {
      inputs = inputsOf(one);
      read.set(one, inputs);
    }
    return inputs;
  };
  was.length = 0;
  is.length = 0;
  contributionsOf(learnerAt(subject, isPerson, inputsOnce, before), world, before, addWas);
  contributionsOf(learnerAt(subject, isPerson, inputsOnce, now), world, now, addIs);
  addDifference(rollups);
  if (rollups.isFull) rollups.write(world, now);
}

/** node, day, metric, ref, count, sum */
const FIELDS = 6;

/** What one learner adds, used again by the next. */
const was: number[] = [];
const is: number[] = [];
const addWas: AddDelta = (node, day, metric, ref, count, sum) => {
  was.push(node, day, metric, ref, count, sum);
};
const addIs: AddDelta = (node, day, metric, ref, count, sum) => {
  is.push(node, day, metric, ref, count, sum);
};

/** Both come in the same order, and most of it is the same: what stands in both is left out. */
function addDifference(rollups: Rollups): void {
  let next = 0;
  for (let at = 0; at < was.length; at += FIELDS) {
    const same = findSame(at, next);
    if (same === -1) {
      addOne(was, at, -1, rollups);
      continue;
    }
    for (; next < same; next += FIELDS) addOne(is, next, 1, rollups);
    next = same + FIELDS;
  }
  for (; next < is.length; next += FIELDS) addOne(is, next, 1, rollups);
}

/** Where what was stands now, not far on. What is not found is taken away and put again: it comes to the same. */
const FAR = 32 * FIELDS;

function findSame(at: number, from: number): number {
  const end = Math.min(is.length, from + FAR);
  for (let other = from; other < end; other += FIELDS) {
    if (
      was[at + 1] === is[other + 1] &&
      was[at + 2] === is[other + 2] &&
      was[at + 3] === is[other + 3] &&
      was[at] === is[other] &&
      was[at + 4] === is[other + 4] &&
      was[at + 5] === is[other + 5]
    )
      return other;
  }
  return -1;
}

function addOne(fields: readonly number[], at: number, sign: 1 | -1, { add }: Rollups): void {
  const node = fields[at] as NodeNumber;
  const day = fields[at + 1] as Day;
  add(node, day, fields[at + 2]!, fields[at + 3]!, sign * fields[at + 4]!, sign * fields[at + 5]!);
}

/** Subjects of a shelf that have one of these activities or sessions among their inputs. */
export function* usersIn(
  shelf: number,
  entries: Buffer,
  activities: ReadonlySet<number>,
  sessions: ReadonlySet<number>,
): Generator<readonly [subject: SubjectNumber, isPerson: boolean]> {
  for (let at = 0; at < entries.byteLength; at += ENTRY_BYTES) {
    const code = entries[at + 1]!;
    const isFact = code < CODES.posting;
    if (!isFact && code !== CODES.absent && code !== CODES.attended) continue;
    if (!(isFact ? activities : sessions).has(entries.readUInt32LE(at + 4))) continue;
    yield [(shelf * SUBJECTS_A_SHELF + entries[at]!) as SubjectNumber, !isFact] as const;
  }
}

/** Nodes at which subjects of a shelf were ever posted. */
export function* postingsIn(entries: Buffer): Generator<readonly [slot: number, node: NodeNumber]> {
  for (let at = 0; at < entries.byteLength; at += ENTRY_BYTES) {
    const code = entries[at + 1]!;
    if (code >= CODES.posting && code < CODES.service)
      yield [entries[at]!, entries.readUInt32LE(at + 4) as NodeNumber] as const;
  }
}
