// What one answer sees: the model in one read transaction, the world, the day, what was known, and what the asker is limited to.

import type { Day } from '../../../../contracts/days.ts';
import type { Sequence } from '../../../../contracts/words.ts';
import {
  type Learner,
  learnerAt,
  type PrimaryPosting,
  primaryPostings,
} from '../../../../projections/inputs/learner.ts';
import { NOWHERE, type NodeNumber, type SubjectNumber } from '../../../../projections/inputs/types.ts';
import type { World } from '../../../../projections/inputs/world.ts';
import type { PeopleCheckpoint, PeopleReader } from '../reader.ts';
import type { Moment, RecordTimes } from './as-of.ts';

export interface View {
  /** These three are others once a long answer has gone on in another transaction; what was known at R is the same in it. */
  reader: PeopleReader;
  world: World;
  /** Everything that the model has seen: what it keeps counted holds. */
  isCurrent: boolean;
  readonly times: RecordTimes;
  readonly moment: Moment;
  readonly on: Day;
  /** R */
  readonly knownAt: Sequence;
  /** The asker's departments by today's tree; undefined: all, and those posted nowhere too. */
  readonly reach: Reach | undefined;
}

export interface Reach {
  /** NOWHERE when the department does not exist. */
  readonly top: NodeNumber;
  readonly nodes: ReadonlySet<NodeNumber>;
}

export function viewOf(
  reader: PeopleReader,
  model: PeopleCheckpoint,
  times: RecordTimes,
  moment: Moment,
  within: string | undefined,
): View {
  const world = reader.world();
  const { on, knownAt, today } = moment;
  return {
    reader,
    world,
    times,
    moment,
    on,
    knownAt,
    isCurrent: knownAt >= model.sequence,
    reach: within === undefined ? undefined : reachOf(world, within, today, model.sequence),
  };
}

/** The same view in another transaction: what was known at R lies in it too. */
export function renew(view: View, reader: PeopleReader, model: PeopleCheckpoint): void {
  view.reader = reader;
  view.world = reader.world();
  view.isCurrent = view.knownAt >= model.sequence;
}

function reachOf(world: World, within: string, today: Day, now: Sequence): Reach {
  const top = world.findNode(within);
  if (top === undefined) return { top: NOWHERE, nodes: new Set() };
  return { top, nodes: new Set(world.belowOn(top, today, now)) };
}

export function isWithin({ reach }: View, node: NodeNumber): boolean {
  return reach === undefined || reach.nodes.has(node);
}

/** The department of an id, if it was known and the asker may see it. */
export function nodeWithin(view: View, id: string): NodeNumber | undefined {
  const node = view.world.findNode(id);
  if (node === undefined || !isWithin(view, node) || !isKnown(view, node)) return undefined;
  return node;
}

export function isKnown({ world, on, knownAt }: View, node: NodeNumber): boolean {
  return world.pathOn(node, on, knownAt).length > 0;
}

/** A department and what stood below it that day, as far as the asker may see it. */
export function nodesBelow(view: View, node: NodeNumber): readonly NodeNumber[] {
  const below = view.world.belowOn(node, view.on, view.knownAt);
  return view.reach === undefined ? below : below.filter((one) => view.reach!.nodes.has(one));
}

export function learner({ reader, knownAt }: View, number: SubjectNumber, isPerson: boolean): Learner {
  return learnerAt(number, isPerson, reader.inputsOf, knownAt);
}

/** Where a learner counts on the day. */
export function postingOn({ on }: Pick<View, 'on'>, one: Learner): PrimaryPosting | undefined {
  return primaryPostings(one).find(({ from, to }) => from <= on && on < to);
}

export function mayBeSeen(view: View, one: Learner): boolean {
  return view.reach === undefined || view.reach.nodes.has(postingOn(view, one)?.node ?? NOWHERE);
}
