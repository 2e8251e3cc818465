// Rollup rows: what changes from day to day at each department itself, and below it. Everything is a sum of integers, so the
// rows come out the same in whatever order and portions it is added.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Day } from '../../../contracts/days.ts';
import { MonthEntries, placeInTotals } from '../../../projections/department-rollup/index.ts';
import { NOWHERE, type NodeNumber } from '../../../projections/inputs/types.ts';
import type { Membership, World } from '../../../projections/inputs/world.ts';
import { monthOf, SCOPES } from './layout.ts';

/** Changes held before they are written. */
const MOST_HELD = 400_000;
/** Month and node in one number; a month is one of some 2,200. */
const MONTHS = 4096;
/** Months of one node that are read together: what happens reaches into the next one and to the end of the financial year. */
const MONTHS_AT_ONCE = 12;

export class Rollups {
  readonly #sql: ReturnType<typeof prepare>;
  readonly #months = new Months();

  constructor(database: DatabaseSync) {
    this.#sql = prepare(database);
  }

  /** Takes a change at a node itself. What began before 1970 counts from then on. */
  readonly add = (node: NodeNumber, day: Day, metric: number, ref: number, count: number, sum: number): void => {
    this.#months.add(node, day < 0 ? (0 as Day) : day, metric, ref, count, sum);
  };

  get isFull(): boolean {
    return this.#months.added >= MOST_HELD;
  }

  /** Writes what was added, and what it adds to the totals of the tree as known. */
  write(world: World, knownAt: number): void {
    const totals = new Months();
    const own = this.#months.take();
    for (const [key, added] of own) {
      const { node } = nodeAndMonth(key);
      if (node !== NOWHERE && !added.isEmpty) place(added, ancestorsOf(node, world, knownAt), 1, totals);
    }
    this.#mergeAll(SCOPES.own, own);
    this.#mergeAll(SCOPES.below, totals.take());
  }

  /** Nodes were moved: what is counted below them shows in the totals of others. Before anything known later is added. */
  move(moved: readonly NodeNumber[], world: World, before: number, now: number): void {
    const totals = new Months();
    for (const node of world.nodes()) {
      const was = ancestorsOf(node.number, world, before);
      const is = ancestorsOf(node.number, world, now);
      const isMoved = (one: NodeNumber) => one === node.number || holds(was, one) || holds(is, one);
      if (!moved.some(isMoved)) continue;
      const left = was.filter((one) => !is.some((other) => same(one, other)));
      const joined = is.filter((one) => !was.some((other) => same(one, other)));
      if (left.length === 0 && joined.length === 0) continue;
      for (const row of this.#sql.ownDays.iterate(node.number) as Iterable<{ days: Uint8Array }>) {
        const entries = MonthEntries.decode(row.days);
        place(entries, left, -1, totals);
        place(entries, joined, 1, totals);
      }
    }
    this.#mergeAll(SCOPES.below, totals.take());
  }

  /** By node and month, as they were taken: the rows of a node are read together. */
  #mergeAll(scope: number, added: readonly (readonly [key: number, entries: MonthEntries])[]): void {
    const changed = added.filter(([, entries]) => !entries.isEmpty);
    for (let at = 0; at < changed.length; ) {
      const { node, month: first } = nodeAndMonth(changed[at]![0]);
      const most = node * MONTHS + first + MONTHS_AT_ONCE;
      let end = at + 1;
      while (end < changed.length && changed[end]![0] < most && nodeAndMonth(changed[end]![0]).node === node) end++;
      const last = nodeAndMonth(changed[end - 1]![0]).month;
      const rows = this.#sql.days.all(node, scope, first, last) as unknown as [month: number, days: Uint8Array][];
      for (let row = 0; at < end; at++) {
        const { month } = nodeAndMonth(changed[at]![0]);
        while (row < rows.length && rows[row]![0] < month) row++;
        const known = rows[row]?.[0] === month ? rows[row]![1] : undefined;
        this.#merge(node, scope, month, changed[at]![1], known);
      }
    }
  }

  #merge(node: NodeNumber, scope: number, month: number, added: MonthEntries, known: Uint8Array | undefined): void {
    const row = added.packedWith(known);
    if (row !== undefined) this.#sql.put.run(node, scope, month, row.sums, row.days);
    else if (known !== undefined) this.#sql.remove.run(node, scope, month);
  }
}

export const nodeAndMonth = (key: number): { readonly node: NodeNumber; readonly month: number } => ({
  node: Math.floor(key / MONTHS) as NodeNumber,
  month: key % MONTHS,
});

/** Changes by node and month. */
export class Months {
  #months = new Map<number, MonthEntries>();
  #added = 0;

  get added(): number {
    return this.#added;
  }

  readonly add = (node: number, day: Day, metric: number, ref: number, count: number, sum: number): void => {
    const key = node * MONTHS + monthOf(day);
    let entries = this.#months.get(key);
    if (entries === undefined) {
      entries = new MonthEntries();
      this.#months.set(key, entries);
    }
    entries.add(day, metric, ref, count, sum);
    this.#added++;
  };

  /** Hands them over, by node and month, up to a month where one is given. */
  take(upTo?: number): [key: number, entries: MonthEntries][] {
    const months = [...this.#months].filter(([key]) => upTo === undefined || key % MONTHS <= upTo);
    for (const [key] of months) this.#months.delete(key);
    this.#added = 0;
    return months.sort(([a], [b]) => a - b);
  }
}

/** When a node stood below which others. */
export const ancestorsOf = (node: NodeNumber, world: World, knownAt: number): readonly Membership[] =>
  world.memberships(node, knownAt).filter(({ ancestor }) => ancestor !== node);

/** Adds what is counted at a node to what is counted below those that it stood below. */
export function place(entries: MonthEntries, memberships: readonly Membership[], sign: 1 | -1, totals: Months): void {
  entries.each((day, metric, ref, count, sum) => {
    placeInTotals(memberships, day, (ancestor, from, counted) => {
      totals.add(ancestor, from, metric, ref, sign * counted * count, sign * counted * sum);
    });
  });
}

const holds = (memberships: readonly Membership[], node: NodeNumber): boolean =>
  memberships.some(({ ancestor }) => ancestor === node);

const same = (a: Membership, b: Membership): boolean => a.ancestor === b.ancestor && a.from === b.from && a.to === b.to;

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  const days = sql(
    'SELECT month, days FROM rollup WHERE node = ? AND scope = ? AND month BETWEEN ? AND ? ORDER BY month',
  );
  days.setReturnArrays(true);
  return {
    days,
    ownDays: sql(`SELECT days FROM rollup WHERE node = ? AND scope = ${SCOPES.own} ORDER BY month`),
    put: sql('INSERT OR REPLACE INTO rollup VALUES (?, ?, ?, ?, ?)'),
    remove: sql('DELETE FROM rollup WHERE node = ? AND scope = ? AND month = ?'),
  };
}
