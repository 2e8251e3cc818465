// How the statement index lies in its SQLite file. Everything is in sequence space: the record is cut into segments of
// consecutive sequences. The open segment (the youngest) is kept in chunks of whole entries, appended to; when it is full
// it is sealed: its postings and its statement ids are sorted once and written as blocks, and never change again. So
// nothing is ever inserted at a random place of a large tree, whatever the statements' ids, agents and registrations are;
// every boundary depends on the record alone, never on how it was batched.

import { STATEMENT_INDEX_VERSION } from '../../../projections/statement-index/index.ts';

/** Layout and fold together: when either changes, the index is built again. */
export const INDEX_VERSION = `${STATEMENT_INDEX_VERSION}.1`;

/** Most sequences in one segment; an offset within it fits into 15 bits and a full set of offsets into 4,096 bytes. */
export const SEGMENT_SEQUENCES = 32_768;

/** A segment of unusually rich statements (groups of thousands) is sealed early, so that memory stays bounded. */
export const SEGMENT_POSTINGS = 1_000_000;

/** Sequences per chunk of the open segment. */
export const CHUNK_SEQUENCES = 32;

/**
 * Two blocks a page. Small ones, since a question reads one of each segment and leaves it to the garbage collector: with
 * blocks of 8 KB the slowest hundredth of the questions took three times as long.
 */
export const PAGE_BYTES = 4096;
export const BLOCK_BYTES = 2000;

/** Row number of a segment's first block; its others follow. */
export const firstBlock = (segment: number): number => segment * 2 ** 20;

export const TABLES = `
  -- How far the index has gone, saved together with its effect.
  CREATE TABLE checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT NOT NULL,
    sequence INTEGER NOT NULL, event TEXT NOT NULL, stored INTEGER NOT NULL) STRICT;
  -- Sealed segments, with the first key of each of their blocks.
  CREATE TABLE segment (number INTEGER PRIMARY KEY, first INTEGER NOT NULL, last INTEGER NOT NULL,
    statements INTEGER NOT NULL, terms BLOB NOT NULL, identities BLOB NOT NULL) STRICT;
  -- Sorted terms of a segment, each with the offsets of its statements.
  CREATE TABLE term_block (number INTEGER PRIMARY KEY, block BLOB NOT NULL) STRICT;
  -- Sorted statement ids of a segment, each with offset, flags and digest.
  CREATE TABLE identity_block (number INTEGER PRIMARY KEY, block BLOB NOT NULL) STRICT;
  -- Entries of the open segment, ${CHUNK_SEQUENCES} sequences a row, numbered from its first sequence.
  CREATE TABLE chunk (number INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;
  -- Postings that came after their statement: what it refers to arrived later.
  CREATE TABLE late_posting (term BLOB NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (term, sequence)) STRICT, WITHOUT ROWID;
  -- Which statement refers to which id by a StatementRef as its object.
  CREATE TABLE reference (target BLOB NOT NULL, referrer INTEGER NOT NULL, PRIMARY KEY (target, referrer)) STRICT, WITHOUT ROWID;
  -- Ids voided by a source that may, whether they were seen yet or not; and the statements that this has voided.
  CREATE TABLE void (target BLOB PRIMARY KEY, voiding INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE voided (sequence INTEGER PRIMARY KEY) STRICT;
  -- Canonical definitions of activities, as JSON.
  CREATE TABLE activity (id TEXT PRIMARY KEY, definition TEXT NOT NULL) STRICT, WITHOUT ROWID;
`;

/** Every table with its key, in the order in which the digest goes over them. */
export const KEYS = [
  ['checkpoint', 'one'],
  ['segment', 'number'],
  ['term_block', 'number'],
  ['identity_block', 'number'],
  ['chunk', 'number'],
  ['late_posting', 'term, sequence'],
  ['reference', 'target, referrer'],
  ['void', 'target'],
  ['voided', 'sequence'],
  ['activity', 'id'],
] as const;

/** A statement with the verb `voided`: it cannot be voided itself. */
export const VOIDING = 1;
