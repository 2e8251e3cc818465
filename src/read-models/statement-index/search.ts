// Finding statements: segment after segment from one end of the range, in each the offsets that every condition has. A rare
// term is absent from most segments, so they are passed over with one look; a common one is a bitmap. So the cost of a
// question depends on its rarest condition and on the page it wants, never on the most common one.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { StatementId } from '../../../contracts/words.ts';
import type { ActivityDefinition } from '../../../contracts/xapi/index.ts';
import { registrationTerm, type Term, term } from '../../../projections/statement-index/index.ts';
import { OpenPostings } from './entries.ts';
import { type IndexCheckpoint, readCheckpoint } from './file.ts';
import { asBuffer, bytesOf, EVERY, idKey, type TermKey, termKey } from './keys.ts';
import { intersection, NO_OFFSETS, type Offsets, union } from './offsets.ts';
import type { StatementQuery } from './port.ts';
import { Segments } from './segments.ts';

export interface Range {
  /** Inclusive on both sides. */
  readonly from: number;
  readonly to: number;
}

interface Key {
  readonly key: TermKey;
  /** Some statements have it by what arrived after them. */
  readonly late: boolean;
}

/** Any of its keys will do. */
type Condition = readonly Key[];

export class Search {
  readonly #database: DatabaseSync;
  readonly #sql: ReturnType<typeof prepare>;
  readonly segments: Segments;
  #open = new OpenPostings();
  #openSegment = 0;
  #checkpoint: IndexCheckpoint | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = prepare(database);
    this.segments = new Segments(database);
  }

  /** Everything that `look` does sees the index at one checkpoint. */
  snapshot<T>(look: (checkpoint: IndexCheckpoint) => T): T {
    this.#database.exec('BEGIN');
    try {
      return look(this.#refresh());
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  /** Sequences of the range that meet every filter of the query, voided statements left out, in its order, at most `limit`. */
  find(query: StatementQuery, { from, to }: Range, limit: number): number[] {
    const conditions = conditionsOf(query).map((keys) => keys.map((key) => this.#withLate(key)));
    const found: number[] = [];
    const open = this.segments.open;
    const newest = this.segments.all.length;
    // Both ends by bisection: most questions end in the first segment that they look into.
    let number = query.ascending ? this.#segmentOf(from) : this.#segmentOf(to);
    const step = query.ascending ? 1 : -1;
    for (; number >= 0 && number <= newest && found.length < limit; number += step) {
      const segment = this.segments.all[number];
      const first = segment?.first ?? open.first;
      const last = segment?.last ?? Number.MAX_SAFE_INTEGER;
      if (last < from || first > to) break;
      const sets = this.#sets(number, conditions, { from: first, to: last });
      if (!sets) continue;
      this.#collect(intersection(sets), first, { from, to }, query.ascending, limit, found);
    }
    return found;
  }

  /** Where the statement with this id stands. */
  sequenceOf(id: StatementId): number | undefined {
    const key = idKey(id);
    const offset = this.#open.findId(key);
    if (offset !== undefined) return this.segments.open.first + offset;
    // Newest first: what is asked for by id is mostly young.
    for (let number = this.segments.all.length - 1; number >= 0; number--) {
      const segment = this.segments.all[number]!;
      const found = this.segments.identity(segment, key);
      if (found) return segment.first + found.offset;
    }
    return undefined;
  }

  isVoided(sequence: number): boolean {
    return this.#sql.voided.get(sequence, sequence) !== undefined;
  }

  /** Whether somebody voided this id, be it indexed or not. */
  isVoidedId(id: StatementId): boolean {
    return this.#sql.voids.get(bytesOf(idKey(id))) !== undefined;
  }

  definition(activity: string): ActivityDefinition | undefined {
    const row = this.#sql.definition.get(activity) as { definition: string } | undefined;
    return row && (JSON.parse(row.definition) as ActivityDefinition);
  }

  close(): void {
    this.#database.close();
  }

  #segmentOf(sequence: number): number {
    const all = this.segments.all;
    let low = 0;
    let high = all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (all[middle]!.last < sequence) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The offsets of each condition; undefined as soon as one of them has none. */
  #sets(number: number, conditions: readonly Condition[], within: Range): Offsets[] | undefined {
    if (conditions.length === 0) return [this.#lookUp(number, EVERY)];
    const sets: Offsets[] = [];
    for (const keys of conditions) {
      const parts: Offsets[] = [];
      for (const { key, late } of keys) {
        parts.push(this.#lookUp(number, key));
        if (late) parts.push(this.#lateOffsets(key, within));
      }
      const set = union(parts);
      if (set.length === 0) return undefined;
      sets.push(set);
    }
    return sets;
  }

  #lookUp(number: number, key: TermKey): Offsets {
    const segment = this.segments.all[number];
    if (segment) return segment.statements === 0 ? NO_OFFSETS : this.segments.find(segment, key);
    return key === EVERY ? this.#open.every() : this.#open.find(key);
  }

  #withLate(key: TermKey): Key {
    return { key, late: this.#sql.anyLate.get(bytesOf(key)) !== undefined };
  }

  #lateOffsets(key: TermKey, { from, to }: Range): Offsets {
    const rows = this.#sql.late.all(bytesOf(key), from, to) as { sequence: number }[];
    return Uint16Array.from(rows, ({ sequence }) => sequence - from);
  }

  #collect(
    offsets: Uint16Array,
    first: number,
    { from, to }: Range,
    ascending: boolean,
    limit: number,
    found: number[],
  ): void {
    if (offsets.length === 0) return;
    let voided: Set<number> | undefined;
    const count = offsets.length;
    for (let i = 0; i < count && found.length < limit; i++) {
      const sequence = first + offsets[ascending ? i : count - 1 - i]!;
      if (sequence < from || sequence > to) continue;
      voided ??= this.#voidedIn(first, first + offsets[count - 1]!);
      if (!voided.has(sequence)) found.push(sequence);
    }
  }

  #voidedIn(from: number, to: number): Set<number> {
    const rows = this.#sql.voided.all(from, to) as { sequence: number }[];
    return new Set(rows.map(({ sequence }) => sequence));
  }

  #refresh(): IndexCheckpoint {
    const checkpoint = readCheckpoint(this.#database);
    if (checkpoint.sequence === this.#checkpoint?.sequence) return this.#checkpoint;
    this.segments.refresh();
    if (this.segments.open.number !== this.#openSegment) {
      this.#openSegment = this.segments.open.number;
      this.#open = new OpenPostings();
    }
    const rows = this.#sql.chunks.all(this.#open.nextChunk) as { number: number; entries: Uint8Array }[];
    for (const { number, entries } of rows) this.#open.take(number, asBuffer(entries));
    this.#checkpoint = checkpoint;
    return checkpoint;
  }
}

/** Rarest first, as far as that can be told beforehand: the others are not looked up where it is absent. */
function conditionsOf(query: StatementQuery): TermKey[][] {
  const conditions: Term[][] = [];
  if (query.registration !== undefined) conditions.push([registrationTerm(query.registration)]);
  if (query.agent !== undefined) {
    conditions.push([term('agent', query.agent)]);
    if (query.relatedAgents) conditions.at(-1)!.push(term('relatedAgent', query.agent));
  }
  if (query.activity !== undefined) {
    conditions.push([term('activity', query.activity)]);
    if (query.relatedActivities) conditions.at(-1)!.push(term('relatedActivity', query.activity));
  }
  if (query.verb !== undefined) conditions.push([term('verb', query.verb)]);
  if (query.postedBy !== undefined) conditions.push([term('postedBy', query.postedBy)]);
  return conditions.map((terms) => terms.map(termKey));
}

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    chunks: sql('SELECT number, entries FROM chunk WHERE number >= ? ORDER BY number'),
    anyLate: sql('SELECT 1 FROM late_posting WHERE term = ? LIMIT 1'),
    late: sql('SELECT sequence FROM late_posting WHERE term = ? AND sequence BETWEEN ? AND ?'),
    voids: sql('SELECT 1 FROM void WHERE target = ?'),
    definition: sql('SELECT definition FROM activity WHERE id = ?'),
    voided: sql('SELECT sequence FROM voided WHERE sequence BETWEEN ? AND ?'),
  };
}
