// From inputs to rollups: what each learner adds, taken away as it was and put as it is.

import type { Day } from '../../../contracts/days.ts';
import { contributionsOf } from '../../../projections/department-rollup/index.ts';
import { type InputsOf, learnerAt } from '../../../projections/inputs/learner.ts';
import type { NodeNumber, SubjectNumber } from '../../../projections/inputs/types.ts';
import type { World } from '../../../projections/inputs/world.ts';
import { SUBJECTS_A_SHELF } from './layout.ts';
import type { Rollups } from './rollups.ts';
import { CODES, ENTRY_BYTES } from './shelves.ts';
import type { TouchedSubjects } from './touched.ts';

/** Adds the persons to whom touched identities were ever linked: what is withdrawn from one of them may be another's now. */
export function withOwners(touched: TouchedSubjects, inputsOf: InputsOf): void {
  for (const [subject, isPerson] of touched) {
    if (isPerson) continue;
    for (const input of inputsOf(subject)) if (input.is === 'owner') touched.add(input.other, true);
  }
}

/** Changes the rollups from what the learner added at one sequence to what it adds at another. */
export function deriveAgain(
  subject: SubjectNumber,
  isPerson: boolean,
  {
    world,
    rollups,
    inputsOf,
    before,
    now,
  }: {
    readonly world: World;
    readonly rollups: Rollups;
    readonly inputsOf: InputsOf;
    readonly before: number;
    readonly now: number;
  },
): void {
  const was = new Changes();
  contributionsOf(learnerAt(subject, isPerson, inputsOf, before), world, before, was.add);
  const is = new Changes();
  contributionsOf(learnerAt(subject, isPerson, inputsOf, now), world, now, is.add);
  addDifference(was.fields, is.fields, rollups);
}

/** node, day, metric, ref, count, sum */
const FIELDS = 6;

class Changes {
  readonly fields: number[] = [];
  readonly add = (node: number, day: number, metric: number, ref: number, count: number, sum: number): void => {
    this.fields.push(node, day, metric, ref, count, sum);
  };
}

/** Both come in the same order, and most of it is the same: only what lies between a common beginning and a common end is added. */
function addDifference(was: readonly number[], is: readonly number[], rollups: Rollups): void {
  const shorter = Math.min(was.length, is.length);
  let start = 0;
  while (start < shorter && was[start] === is[start]) start++;
  start -= start % FIELDS;
  let end = 0;
  while (end < shorter - start && was[was.length - 1 - end] === is[is.length - 1 - end]) end++;
  end -= end % FIELDS;
  addAll(was, start, was.length - end, -1, rollups);
  addAll(is, start, is.length - end, 1, rollups);
}

function addAll(fields: readonly number[], from: number, to: number, sign: 1 | -1, { add }: Rollups): void {
  for (let at = from; at < to; at += FIELDS) {
    const node = fields[at] as NodeNumber;
    const day = fields[at + 1] as Day;
    add(node, day, fields[at + 2]!, fields[at + 3]!, sign * fields[at + 4]!, sign * fields[at + 5]!);
  }
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
