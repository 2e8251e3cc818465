// Going over everything on record once, shelf by shelf, as bytes: to find the few subjects that a question is about.

import type { Day } from '../../../../contracts/days.ts';
import { dayOfSecond } from '../../../../projections/inputs/learner.ts';
import type { ActivityNumber, SubjectNumber } from '../../../../projections/inputs/types.ts';
import { firstPart, SUBJECTS_A_SHELF } from '../layout.ts';
import { CODES, ENTRY_BYTES, unpackDay } from '../shelves.ts';
import { learner, type View } from './view.ts';

/** Parts of shelves read at once; between two such reads the transaction may be given back. */
const PARTS_AT_ONCE = 512;
const SHELF_PARTS = firstPart(1);
const RECORDED = 16;
const WITHDRAWN = 20;

type Visit = (bytes: Uint8Array, view: DataView, at: number, subject: SubjectNumber) => void;

/** Entries known at R, in the order of the shelves. */
function* eachEntry(view: View, visit: Visit, shelfDone: () => void = () => undefined): Generator<void, void> {
  const { knownAt } = view;
  let shelf = -1;
  for (let next = 0; ; ) {
    const parts = view.reader.partsFrom(next, PARTS_AT_ONCE);
    for (const { part, entries } of parts) {
      const of = Math.floor(part / SHELF_PARTS);
      if (of !== shelf) {
        shelfDone();
        shelf = of;
      }
      const data = new DataView(entries.buffer, entries.byteOffset, entries.byteLength);
      for (let at = 0; at < entries.byteLength; at += ENTRY_BYTES) {
        if (data.getUint32(at + RECORDED, true) > knownAt || data.getUint32(at + WITHDRAWN, true) <= knownAt) continue;
        visit(entries, data, at, (shelf * SUBJECTS_A_SHELF + entries[at]!) as SubjectNumber);
      }
    }
    if (parts.length < PARTS_AT_ONCE) break;
    next = parts.at(-1)!.part + 1;
    yield;
  }
  shelfDone();
}

/** Identities that nobody owns on the day and that did something up to it while nobody did, in order. */
export function* unowned(view: View): Generator<void, Uint32Array> {
  const acted = new Uint8Array(SUBJECTS_A_SHELF);
  const owned = new Uint8Array(SUBJECTS_A_SHELF);
  const found: number[] = [];
  const ownedOnce: SubjectNumber[] = [];
  let first = 0;
  const { on } = view;
  yield* eachEntry(
    view,
    (bytes, data, at, subject) => {
      const code = bytes[at + 1]!;
      const slot = bytes[at]!;
      first = subject - slot;
      if (code < CODES.posting) {
        if (acted[slot] === 0 && dayOfSecond(data.getUint32(at + 8, true)) <= on) acted[slot] = 1;
      } else if (code === CODES.owner && owned[slot] !== NOW) {
        const from: Day = unpackDay(data.getUint16(at + 2, true));
        const to: Day = unpackDay(data.getUint16(at + 12, true));
        owned[slot] = from <= on && on <= to ? NOW : ONCE;
      }
    },
    () => {
      for (let slot = 0; slot < SUBJECTS_A_SHELF; slot++) {
        if (acted[slot] === 0 || owned[slot] === NOW) continue;
        if (owned[slot] === ONCE) ownedOnce.push((first + slot) as SubjectNumber);
        else found.push(first + slot);
      }
      acted.fill(0);
      owned.fill(0);
    },
  );
  for (const subject of ownedOnce) {
    const { facts } = learner(view, subject, false);
    if (facts.some(({ at }) => dayOfSecond(at) <= on)) found.push(subject);
  }
  return Uint32Array.from(found).sort();
}
const ONCE = 1;
const NOW = 2;

/** Subjects on whose shelf one of the activities or sessions is named, in order. */
export function* namedWith(
  view: View,
  activities: ReadonlySet<ActivityNumber>,
  sessions: ReadonlySet<number>,
): Generator<void, ReadonlySet<SubjectNumber>> {
  const found = new Set<SubjectNumber>();
  yield* eachEntry(view, (bytes, data, at, subject) => {
    const code = bytes[at + 1]!;
    const number = data.getUint32(at + 4, true);
    if (code < CODES.posting ? activities.has(number as ActivityNumber) : isRoster(code) && sessions.has(number)) {
      found.add(subject);
    }
  });
  return found;
}

function isRoster(code: number): boolean {
  return code === CODES.attended || code === CODES.absent;
}
