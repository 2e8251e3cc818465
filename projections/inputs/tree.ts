// The tree of departments: opened, moved, renamed, closed, each from a day on and each known from a sequence on.

import type { Day } from '../../contracts/days.ts';
import type { Names } from '../../contracts/events/programmes.ts';
import { holdingOn, isSeenAt, latestUpTo } from './knowledge.ts';
import { TreeView } from './tree-view.ts';
import { NOWHERE, type NodeNumber, OPEN_END, STANDING, type TreeNode } from './types.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer E)[] ? E[] : T[K] };

/** Views of the past that are kept: a report asks for one, a comparison for two. */
const VIEWS = 4;

export class Tree {
  /** By number; nothing has the number 0. */
  readonly #nodes: Mutable<TreeNode>[] = [];
  readonly #numbers = new Map<string, NodeNumber>();
  readonly #changed: (number: NodeNumber) => void;
  /** The sequences at which the shape of the tree changed, rising; gathered again when asked for after rows were put. */
  #changes: number[] | undefined;
  #current: TreeView | undefined;
  readonly #past = new Map<number, TreeView>();

  constructor(changed: (number: NodeNumber) => void) {
    this.#changed = changed;
  }

  find(id: string): NodeNumber | undefined {
    return this.#numbers.get(id);
  }

  node(number: NodeNumber): TreeNode {
    const node = this.#nodes[number];
    if (!node) throw new RangeError(`No department has the number ${number}.`);
    return node;
  }

  *nodes(): IterableIterator<TreeNode> {
    for (let number = 1; number < this.#nodes.length; number++) yield this.#nodes[number]!;
  }

  row(number: NodeNumber): TreeNode {
    return this.node(number);
  }

  put(number: NodeNumber, node: TreeNode): void {
    this.#nodes[number] = {
      ...node,
      names: [...node.names],
      parents: [...node.parents],
      closed: [...node.closed],
    };
    this.#numbers.set(node.id, number);
    this.#changes = undefined;
    this.#forgetViews();
  }

  /** Does nothing where the id is taken or the parent unknown: commands refuse both. */
  open(
    department: {
      readonly id: string;
      readonly kind: string;
      readonly parent?: string | undefined;
      readonly names: Names;
    },
    from: Day,
    recorded: number,
  ): void {
    const parent = department.parent === undefined ? NOWHERE : this.find(department.parent);
    if (parent === undefined || this.#numbers.has(department.id)) return;
    const number = Math.max(1, this.#nodes.length) as NodeNumber;
    const dated = { recorded, withdrawn: STANDING };
    this.#nodes[number] = {
      number,
      id: department.id,
      kind: department.kind,
      names: [{ ...inOrder(department.names), from, ...dated }],
      parents: [{ parent, from, ...dated }],
      opened: { from, ...dated },
      closed: [],
    };
    this.#numbers.set(department.id, number);
    this.#reshaped(number, recorded);
  }

  move(number: NodeNumber, parent: NodeNumber, from: Day, recorded: number): void {
    this.#nodes[number]!.parents.push({ parent, from, recorded, withdrawn: STANDING });
    this.#reshaped(number, recorded);
  }

  rename(id: string, names: Names, from: Day, recorded: number): void {
    const number = this.find(id);
    if (number === undefined) return;
    this.#nodes[number]!.names.push({ ...inOrder(names), from, recorded, withdrawn: STANDING });
    this.#changed(number);
  }

  close(id: string, to: Day, recorded: number): void {
    const number = this.find(id);
    if (number === undefined) return;
    this.#nodes[number]!.closed.push({ to, recorded, withdrawn: STANDING });
    this.#changed(number);
  }

  isOpenOn(number: NodeNumber, day: Day, knownAt: number): boolean {
    const node = this.#nodes[number];
    if (!node || !isSeenAt(node.opened, knownAt) || day < node.opened.from) return false;
    return day <= lastDayOf(node, knownAt);
  }

  namesOn(number: NodeNumber, day: Day, knownAt: number): { readonly hi?: string; readonly en?: string } {
    const names = holdingOn(this.node(number).names, day, knownAt);
    return names ? inOrder(names) : {};
  }

  /** The tree as it was known at a sequence. Made once for all sequences between two changes. */
  view(knownAt: number): TreeView {
    this.#changes ??= this.#gatherChanges();
    const last = this.#changes.at(-1) ?? -1;
    if (knownAt >= last) {
      this.#current ??= new TreeView(this.#nodes, last);
      return this.#current;
    }
    const upTo = latestUpTo(this.#changes, knownAt);
    let view = this.#past.get(upTo);
    this.#past.delete(upTo);
    view ??= new TreeView(this.#nodes, upTo);
    this.#past.set(upTo, view);
    if (this.#past.size > VIEWS) this.#past.delete(this.#past.keys().next().value!);
    return view;
  }

  #reshaped(number: NodeNumber, recorded: number): void {
    if (this.#changes && this.#changes.at(-1) !== recorded) this.#changes.push(recorded);
    this.#forgetViews();
    this.#changed(number);
  }

  #gatherChanges(): number[] {
    const changes = new Set<number>();
    for (const { parents } of this.nodes()) for (const { recorded } of parents) changes.add(recorded);
    return [...changes].sort((a, b) => a - b);
  }

  #forgetViews(): void {
    this.#current = undefined;
    this.#past.clear();
  }
}

/** The last day of a department as its closing known latest says; {@link OPEN_END} while it stands. */
export function lastDayOf(node: TreeNode, knownAt: number): Day {
  return node.closed.findLast((closing) => isSeenAt(closing, knownAt))?.to ?? OPEN_END;
}

/** Always in one order, so that equal rows are equal bytes. */
export function inOrder({ hi, en }: Names): { readonly hi?: string; readonly en?: string } {
  return { ...(hi !== undefined && { hi }), ...(en !== undefined && { en }) };
}
