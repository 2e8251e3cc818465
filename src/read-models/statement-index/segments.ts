// Sealed segments as a reader sees them: they never change, so what was read of one holds until the file is replaced.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { blockWith, type FirstKeys, findIdentity, findTerm, type Identity } from './blocks.ts';
import { asBuffer, ID_BYTES, type IdKey, type TermKey } from './keys.ts';
import { firstBlock } from './layout.ts';
import { NO_OFFSETS, type Offsets } from './offsets.ts';

export interface Segment {
  readonly number: number;
  readonly first: number;
  readonly last: number;
  readonly statements: number;
  readonly terms: FirstKeys;
  readonly identities: FirstKeys;
}

interface SegmentRow {
  number: number;
  first: number;
  last: number;
  statements: number;
  terms: Uint8Array;
  identities: Uint8Array;
}

export class Segments {
  readonly #list: Segment[] = [];
  readonly #newer: StatementSync;
  readonly #termBlock: StatementSync;
  readonly #identityBlock: StatementSync;

  constructor(database: DatabaseSync) {
    this.#newer = database.prepare('SELECT * FROM segment WHERE number >= ? ORDER BY number');
    this.#termBlock = database.prepare('SELECT block FROM term_block WHERE number = ?');
    this.#identityBlock = database.prepare('SELECT block FROM identity_block WHERE number = ?');
  }

  /** Takes notice of those sealed since; returns them. */
  refresh(): readonly Segment[] {
    const newer = (this.#newer.all(this.#list.length) as unknown as SegmentRow[]).map((row) => ({
      ...row,
      terms: asBuffer(row.terms),
      identities: asBuffer(row.identities),
    }));
    this.#list.push(...newer);
    return newer;
  }

  /** Oldest first; the number of each is its place. */
  get all(): readonly Segment[] {
    return this.#list;
  }

  /** Number and first sequence of the one that is open. */
  get open(): { readonly number: number; readonly first: number } {
    return { number: this.#list.length, first: (this.#list.at(-1)?.last ?? -1) + 1 };
  }

  find(segment: Segment, key: TermKey): Offsets {
    const block = blockWith(segment.terms, key);
    if (block < 0) return NO_OFFSETS;
    return findTerm(this.#block(this.#termBlock, segment, block), key) ?? NO_OFFSETS;
  }

  identity(segment: Segment, id: IdKey): Identity | undefined {
    const block = blockWith(segment.identities, id);
    return block < 0 ? undefined : findIdentity(this.#block(this.#identityBlock, segment, block), id);
  }

  /** Every block of the segment's ids. */
  *identityBlocks(segment: Segment): Generator<Buffer> {
    const blocks = segment.identities.length / ID_BYTES;
    for (let number = 0; number < blocks; number++) yield this.#block(this.#identityBlock, segment, number);
  }

  #block(statement: StatementSync, segment: Segment, number: number): Buffer {
    const row = statement.get(firstBlock(segment.number) + number) as { block: Uint8Array } | undefined;
    if (!row) throw new Error(`statement index: block ${number} of segment ${segment.number} is missing`);
    return asBuffer(row.block);
  }
}
