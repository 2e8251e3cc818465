// The tree of departments as it will stand, and the events that lead there from what is on record. A row says how a department is
// from a day on: the first one opens it, a later one with another parent moves it, with other names renames it.

import { type Day, dateOf } from '../../contracts/days.ts';
import {
  DEPARTMENT_CLOSED,
  DEPARTMENT_MOVED,
  DEPARTMENT_OPENED,
  DEPARTMENT_RENAMED,
} from '../../contracts/events/names.ts';
import type { DEPARTMENT_KINDS, Names, ProgrammeEvent } from '../../contracts/events/programmes.ts';
import {
  NOWHERE,
  type NodeNumber,
  OPEN_END,
  OPEN_START,
  STANDING,
  type TreeNode,
} from '../../projections/inputs/types.ts';
import type { World } from '../../projections/inputs/world.ts';
import { type Refuse, theDay } from './people.ts';

export interface DepartmentRow {
  readonly line?: number;
  readonly id: string;
  readonly kind?: (typeof DEPARTMENT_KINDS)[number];
  readonly parent?: string;
  readonly names?: Names;
  readonly from?: string;
  /** The last day. */
  readonly closed?: string;
  /** It is there already: this one moves, renames or closes it. */
  readonly mustBeThere?: boolean;
}

type DepartmentEvent = Extract<ProgrammeEvent, { readonly data: { readonly id: string } }>;

interface Department {
  readonly id: string;
  readonly kind: string;
  readonly opened: Day;
  /** The last day. */
  closed: Day;
  /** From each day on, in the order of the days; of one day, the last said. Before all of them the first holds. */
  readonly parents: { readonly from: Day; readonly parent: string | undefined }[];
  readonly names: { readonly from: Day; readonly names: Names }[];
  /** The last row about it. */
  line?: number | undefined;
  isTouched: boolean;
}

/** What stands in the tree, as somebody who asks about one department at a time sees it. */
export function lastDayOf(world: World, id: string): Day | undefined {
  const number = world.findNode(id);
  return number === undefined ? undefined : closingOf(world.node(number));
}

function closingOf(node: TreeNode): Day {
  return node.closed.findLast(({ withdrawn }) => withdrawn === STANDING)?.to ?? OPEN_END;
}

export function decideDepartments(world: World, rows: readonly DepartmentRow[], refuse: Refuse): ProgrammeEvent[] {
  const decision = new TreeDecision(world, refuse);
  for (const row of rows.toSorted((a, b) => firstDayOf(a) - firstDayOf(b))) decision.row(row);
  return decision.end();
}

function firstDayOf({ from }: DepartmentRow): number {
  return from === undefined ? Number.POSITIVE_INFINITY : theDay(from);
}

class TreeDecision {
  readonly #tree = new Map<string, Department>();
  readonly #opened = new Map<string, { readonly line: number | undefined; readonly event: DepartmentEvent }>();
  readonly #later: DepartmentEvent[] = [];
  /** By id and first day, the line that says how it is from then on. */
  readonly #said = new Map<string, number>();
  readonly #refuse: Refuse;
  readonly #asked: { readonly line: number | undefined; readonly parent: string }[] = [];

  constructor(world: World, refuse: Refuse) {
    this.#refuse = refuse;
    for (const node of world.nodes())
      this.#tree.set(
        node.id,
        departmentOf(node, (number) => world.node(number).id),
      );
  }

  row(row: DepartmentRow): void {
    const { line, id } = row;
    const said = `${id} ${row.from ?? ''}`;
    const before = this.#said.get(said);
    if (before !== undefined) {
      this.#refuse(line, 'id', `department ${id} from that day on is on line ${before} already`);
      return;
    }
    if (line !== undefined) this.#said.set(said, line);
    if (row.parent !== undefined) this.#asked.push({ line, parent: row.parent });
    let department = this.#tree.get(id);
    if (department) this.#change(department, row);
    else department = this.#open(row);
    if (!department) return;
    if (row.closed !== undefined) this.#close(department, line, row.closed);
    department.line = line ?? department.line;
    department.isTouched = true;
  }

  #open(row: DepartmentRow): Department | undefined {
    const { line, id, kind, parent, names, from } = row;
    if (row.mustBeThere) return void this.#refuse(line, 'id', `there is no department ${id}`);
    const missing =
      kind === undefined ? 'kind' : names === undefined ? 'names' : from === undefined ? 'from' : undefined;
    if (missing)
      return void this.#refuse(line, missing, `department ${id} is new: it needs a kind, a name and a first day`);
    const opened = theDay(from!);
    const data = { id, kind: kind!, ...(parent !== undefined && { parent }), names: names!, from: from! };
    this.#opened.set(id, { line, event: { type: DEPARTMENT_OPENED, data } });
    const department: Department = {
      id,
      kind: kind!,
      opened,
      closed: OPEN_END,
      parents: [{ from: opened, parent }],
      names: [{ from: opened, names: names! }],
      isTouched: true,
    };
    this.#tree.set(id, department);
    return department;
  }

  #change(department: Department, { line, kind, parent, names, from }: DepartmentRow): void {
    const { id } = department;
    if (kind !== undefined && kind !== department.kind) {
      this.#refuse(line, 'kind', `department ${id} is a ${department.kind}`);
    }
    const day = from === undefined ? undefined : theDay(from);
    if (parent !== undefined && holding(department.parents, day).parent !== parent) {
      if (this.#mayChange(department, line, day)) {
        put(department.parents, { from: day!, parent });
        this.#later.push({ type: DEPARTMENT_MOVED, data: { id, parent, from: from! } });
      }
    }
    const before = holding(department.names, day).names;
    const after = { ...before, ...names };
    if (before.hi === after.hi && before.en === after.en) return;
    if (!this.#mayChange(department, line, day)) return;
    put(department.names, { from: day!, names: after });
    this.#later.push({ type: DEPARTMENT_RENAMED, data: { id, names: after, from: from! } });
  }

  #mayChange({ id, opened }: Department, line: number | undefined, day: Day | undefined): boolean {
    if (day === undefined) this.#refuse(line, 'from', `department ${id} is otherwise on record: from when is it so?`);
    else if (day < opened) this.#refuse(line, 'from', `department ${id} was opened only on ${dateOf(opened)}`);
    else return true;
    return false;
  }

  #close(department: Department, line: number | undefined, closed: string): void {
    const { id, opened } = department;
    const to = theDay(closed);
    if (department.closed === to) return;
    if (to < opened) this.#refuse(line, 'closed', `department ${id} was opened only on ${dateOf(opened)}`);
    department.closed = to;
    this.#later.push({ type: DEPARTMENT_CLOSED, data: { id, to: closed } });
  }

  /** The events, each after those that it needs; whether the tree is one is seen when all rows are in. */
  end(): ProgrammeEvent[] {
    for (const { line, parent } of this.#asked) {
      if (!this.#tree.has(parent)) this.#refuse(line, 'parent', `there is no department ${parent}`);
    }
    this.#findCycles();
    this.#findClosedParents();
    return [...this.#inOrder(), ...this.#later];
  }

  /** Parents before their children. */
  *#inOrder(): Iterable<DepartmentEvent> {
    const waiting = new Map(this.#opened);
    for (const id of this.#opened.keys()) {
      const path: DepartmentEvent[] = [];
      for (let at: string | undefined = id; at !== undefined && waiting.has(at); ) {
        const { event }: { readonly event: DepartmentEvent } = waiting.get(at)!;
        waiting.delete(at);
        path.push(event);
        at = event.type === DEPARTMENT_OPENED ? event.data.parent : undefined;
      }
      yield* path.reverse();
    }
  }

  /** On every day on which anything moved, whoever was touched must come up to a root. */
  #findCycles(): void {
    const touched = [...this.#tree.values()].filter(({ isTouched }) => isTouched);
    if (touched.length === 0) return;
    const days = new Set<Day>([OPEN_START]);
    for (const { parents } of this.#tree.values()) for (const { from } of parents) days.add(from);
    const said = new Set<string>();
    for (const day of [...days].sort((a, b) => a - b)) {
      const safe = new Set<string>();
      for (const department of touched) {
        const path = new Set<string>();
        let at: Department | undefined = department;
        while (at && !path.has(at.id) && !safe.has(at.id)) {
          path.add(at.id);
          const above: string | undefined = holding(at.parents, day).parent;
          at = above === undefined ? undefined : this.#tree.get(above);
        }
        if (!at || safe.has(at.id)) for (const id of path) safe.add(id);
        else if (at === department && !said.has(department.id)) {
          said.add(department.id);
          const way = [...path, department.id].join(' › ');
          this.#refuse(department.line, 'parent', `department ${department.id} would stand below itself: ${way}`);
        }
      }
    }
  }

  #findClosedParents(): void {
    for (const child of this.#tree.values()) {
      for (const [index, { from, parent }] of child.parents.entries()) {
        const above = parent === undefined ? undefined : this.#tree.get(parent);
        if (!above || (!child.isTouched && !above.isTouched)) continue;
        const next = child.parents[index + 1]?.from;
        const last = Math.min(child.closed, next === undefined ? OPEN_END : next - 1);
        if (above.closed >= last || last < Math.max(from, child.opened)) continue;
        const words = `closes on ${dateOf(above.closed)}, and department ${child.id} stands below it after that`;
        if (child.isTouched) this.#refuse(child.line, 'parent', `department ${above.id} ${words}`);
        else this.#refuse(above.line, 'closed', `department ${above.id} ${words}`);
      }
    }
  }
}

function departmentOf(node: TreeNode, idOf: (number: NodeNumber) => string): Department {
  const parents: Department['parents'] = [];
  const names: Department['names'] = [];
  for (const { withdrawn, from, parent } of node.parents) {
    if (withdrawn === STANDING) put(parents, { from, parent: parent === NOWHERE ? undefined : idOf(parent) });
  }
  for (const { withdrawn, from, hi, en } of node.names) {
    if (withdrawn === STANDING) put(names, { from, names: { ...(hi && { hi }), ...(en && { en }) } });
  }
  const { id, kind, opened } = node;
  return { id, kind, opened: opened.from, closed: closingOf(node), parents, names, isTouched: false };
}

function put<Account extends { readonly from: Day }>(accounts: Account[], account: Account): void {
  const at = accounts.findIndex(({ from }) => from >= account.from);
  if (at < 0) accounts.push(account);
  else accounts.splice(at, accounts[at]!.from === account.from ? 1 : 0, account);
}

/** @param day the last account without one */
function holding<Account extends { readonly from: Day }>(accounts: readonly Account[], day: Day | undefined): Account {
  return (day === undefined ? accounts.at(-1) : accounts.findLast(({ from }) => from <= day)) ?? accounts[0]!;
}
