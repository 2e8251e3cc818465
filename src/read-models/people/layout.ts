// How the people model lies in its SQLite file. Subjects (people and identities) are numbered in the order of their first
// naming, and what is on record about 64 consecutive ones lies together on a shelf: one learner costs a read, a department a
// few hundred. What is counted lies in month rows by department. What lies in the file depends on the record alone, never on how it was
// batched.

import type { Day } from '../../../contracts/days.ts';

/** Layout and fold together: when either changes, the model is built again. */
export const PEOPLE_VERSION = '1.4';

export const PAGE_BYTES = 8192;

/** Subjects of one shelf; a power of two. */
export const SUBJECTS_A_SHELF = 64;

/** A shelf is cut into parts of so many entries, so that somebody with a million facts costs no more to write than others. */
export const ENTRIES_A_PART = 320;

/** The number of a shelf's first part; its others follow. */
export const firstPart = (shelf: number): number => shelf * 2 ** 20;

/**
 * What a rollup row counts: those posted at the node itself, or those at nodes below it, as the tree stood that day. Most nodes have
 * nothing below them, so their total is written once.
 */
export const SCOPES = { own: 0, below: 1 } as const;

/** Months since January 1970, of days from then on: rollup rows are by month. */
export function monthOf(day: Day): number {
  const known = MONTHS[day];
  if (known !== undefined && known !== UNKNOWN) return known;
  const date = new Date(day * 86_400_000);
  const month = (date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth();
  MONTHS[day] = month;
  return month;
}
/** The day on which a month begins. */
export const firstDayOf = (month: number): Day =>
  (Date.UTC(1970 + Math.floor(month / 12), month % 12) / 86_400_000) as Day;
const UNKNOWN = 0xffff;
const MONTHS = new Uint16Array(2 ** 16).fill(UNKNOWN);

export const TABLES = `
  -- How far the model has gone, saved together with its effect. \`derived\`: whether members, rollups, keys and search follow
  -- the inputs already; while a model is built from the start they do not. \`command\`: the last event of a command;
  -- \`world\`: the last event that changed a row of the world.
  CREATE TABLE checkpoint (one INTEGER PRIMARY KEY CHECK (one = 1), version TEXT NOT NULL,
    sequence INTEGER NOT NULL, event TEXT NOT NULL, stored INTEGER NOT NULL,
    derived INTEGER NOT NULL, command INTEGER NOT NULL, world INTEGER NOT NULL) STRICT;
  -- People and identities. (sequence, ordinal): where it was named first, an event in the record and the place in it: the learner's id.
  -- \`recorded\`: from when on that is known. \`key\`: an identity's agent key, or \`code:\` and the employee code. \`names\`: JSON, {hi, en}
  -- of a person, {sent} of an identity that came with a name. \`former\`: JSON, [[known until, names], …].
  CREATE TABLE subject (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, sequence INTEGER NOT NULL,
    ordinal INTEGER NOT NULL, recorded INTEGER NOT NULL, key TEXT NOT NULL, names TEXT, former TEXT) STRICT;
  CREATE UNIQUE INDEX subject_named ON subject (sequence, ordinal);
  CREATE TABLE subject_key (key TEXT PRIMARY KEY, number INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  -- Inputs, ${SUBJECTS_A_SHELF} subjects a shelf, in parts of ${ENTRIES_A_PART} entries.
  CREATE TABLE shelf (part INTEGER PRIMARY KEY, entries BLOB NOT NULL) STRICT;
  -- Tree, catalogue, sessions, national figures, tags, interned activities and details: JSON, held whole in memory. \`changed\`: the last
  -- event that changed the row.
  CREATE TABLE world (tbl TEXT NOT NULL, number INTEGER NOT NULL, data TEXT NOT NULL, changed INTEGER NOT NULL,
    PRIMARY KEY (tbl, number)) STRICT, WITHOUT ROWID;
  CREATE INDEX world_changed ON world (changed);
  -- Activities of facts (0) and sessions of rosters (1): only these make a change of the catalogue a change of learners.
  CREATE TABLE used (kind INTEGER NOT NULL, number INTEGER NOT NULL, PRIMARY KEY (kind, number)) STRICT, WITHOUT ROWID;
  -- Who was ever posted at a node itself, be it recorded in error.
  CREATE TABLE member (node INTEGER NOT NULL, subject INTEGER NOT NULL, PRIMARY KEY (node, subject)) STRICT, WITHOUT ROWID;
  -- What a month adds: \`sums\` of the whole month, \`days\` one by one. scope: ${SCOPES.own} own, ${SCOPES.below} below.
  -- \`month\`: months since January 1970.
  CREATE TABLE rollup (node INTEGER NOT NULL, scope INTEGER NOT NULL, month INTEGER NOT NULL, sums BLOB NOT NULL,
    days BLOB NOT NULL, PRIMARY KEY (node, scope, month)) STRICT, WITHOUT ROWID;
  -- Statements voided before they came.
  CREATE TABLE void (statement TEXT PRIMARY KEY, sequence INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  -- Loads that have begun and are not completed; their events as runs of sequences, JSON [[first, last], …].
  CREATE TABLE load (id TEXT PRIMARY KEY, kind TEXT NOT NULL, begun INTEGER NOT NULL, runs TEXT NOT NULL) STRICT, WITHOUT ROWID;
  -- Names, codes and identities with their spellings folded; rowid is the subject's number. An index like any other.
  CREATE VIRTUAL TABLE search USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii', prefix = '2 4');
  -- What is to be done with the shelves once the record has been read to its end, while a model is built from the start.
  CREATE TABLE intake (place INTEGER PRIMARY KEY, changes BLOB NOT NULL) STRICT;
`;

/** Every table with its key, in the order in which the digest goes over them. */
export const KEYS = [
  ['checkpoint', 'one'],
  ['subject', 'number'],
  ['subject_key', 'key'],
  ['shelf', 'part'],
  ['world', 'tbl, number'],
  ['used', 'kind, number'],
  ['member', 'node, subject'],
  ['rollup', 'node, scope, month'],
  ['void', 'statement'],
  ['load', 'id'],
  ['intake', 'place'],
] as const;

export const PERSON = 0;
export const IDENTITY = 1;
