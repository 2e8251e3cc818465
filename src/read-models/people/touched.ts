// Which subjects a batch has touched, by shelf, so that they are gone through in the order in which they lie.

import type { SubjectNumber } from '../../../projections/inputs/types.ts';
import { SUBJECTS_A_SHELF } from './layout.ts';
import { shelfOf, slotOf } from './shelves.ts';

const PERSON = 2;
const IDENTITY = 1;

export class TouchedSubjects {
  readonly #shelves = new Map<number, Uint8Array>();

  add(subject: SubjectNumber, isPerson: boolean): void {
    const shelf = shelfOf(subject);
    let slots = this.#shelves.get(shelf);
    if (!slots) {
      slots = new Uint8Array(SUBJECTS_A_SHELF);
      this.#shelves.set(shelf, slots);
    }
    slots[slotOf(subject)] = isPerson ? PERSON : IDENTITY;
  }

  clear(): void {
    this.#shelves.clear();
  }

  has(subject: SubjectNumber): boolean {
    return (this.#shelves.get(shelfOf(subject))?.[slotOf(subject)] ?? 0) !== 0;
  }

  /** The shelves that are touched now, in order. */
  shelves(): number[] {
    return [...this.#shelves.keys()].sort((a, b) => a - b);
  }

  /** Those on a shelf, in order; one that is added meanwhile comes where it lies further on. */
  *on(shelf: number): Generator<readonly [subject: SubjectNumber, isPerson: boolean]> {
    const slots = this.#shelves.get(shelf)!;
    for (let slot = 0; slot < SUBJECTS_A_SHELF; slot++) {
      if (slots[slot] !== 0)
        yield [(shelf * SUBJECTS_A_SHELF + slot) as SubjectNumber, slots[slot] === PERSON] as const;
    }
  }

  *[Symbol.iterator](): Generator<readonly [subject: SubjectNumber, isPerson: boolean]> {
    for (const shelf of this.shelves()) yield* this.on(shelf);
  }
}
