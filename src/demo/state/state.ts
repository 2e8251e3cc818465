// The made-up state as it unfolds: who does or is told of something in which month, and what is posted on each day. Everybody is
// worked out again where they are needed; what is kept is two numbers a person.

import type { Day } from '../../../contracts/days.ts';
import { type Calendar, calendarOf, monthOf } from './calendar.ts';
import { type Learning, learningOf } from './learning.ts';
import { AT_THE_START, type Person, personAt, type Size, sizeOf } from './people.ts';
import { type Posting, postingsOf } from './statements.ts';

export interface StateOptions {
  /** 1: 1,880,000 people. */
  readonly scale: number;
  readonly seed: number;
  /** Milliseconds; every instant of a day gives the same state. */
  readonly now: number;
}

export class State {
  readonly size: Size;
  readonly calendar: Calendar;
  /** A bit a month: something is posted of the person; HR's files tell of the person. */
  readonly #posted: Uint32Array;
  readonly #told: Uint32Array;

  constructor({ scale, seed, now }: StateOptions) {
    this.size = sizeOf(scale, seed);
    this.calendar = calendarOf(now);
    const everybody = this.size.people + this.size.unknown;
    this.#posted = new Uint32Array(everybody);
    this.#told = new Uint32Array(everybody);
    for (let index = 0; index < everybody; index++) {
      const person = personAt(this.size, this.calendar, index);
      const learning = this.learningOf(person);
      for (const { day } of postingsOf(person, learning, this.size))
        this.#posted[index]! |= 1 << monthOf(this.calendar, day);
      for (const month of this.#toldOf(person, learning)) this.#told[index]! |= 1 << month;
    }
  }

  /** Those whom HR knows, in the order of their codes. */
  *people(): Generator<Person> {
    for (let index = 0; index < this.size.people; index++) yield personAt(this.size, this.calendar, index);
  }

  /** Those of whom the files of a month tell something. */
  *toldIn(month: number): Generator<Person> {
    for (let index = 0; index < this.size.people; index++) {
      if (this.#told[index]! & (1 << month)) yield personAt(this.size, this.calendar, index);
    }
  }

  learningOf(person: Person): Learning {
    return learningOf(person, this.size, this.calendar);
  }

  /** What is posted in a month, day by day. */
  *daysOf(month: number): Generator<{ readonly day: Day; readonly postings: Iterable<Posting> }> {
    const { first, last } = this.calendar.months[month]!;
    const speaking: number[][] = Array.from({ length: last - first + 1 }, () => []);
    for (let index = 0; index < this.#posted.length; index++) {
      if ((this.#posted[index]! & (1 << month)) === 0) continue;
      const days = new Set([...this.#postingsOf(index)].map(({ day }) => day));
      for (const day of days) if (day >= first && day <= last) speaking[day - first]!.push(index);
    }
    for (let day = first; day <= last; day++) yield { day, postings: this.#postingsOn(day, speaking[day - first]!) };
  }

  *#postingsOn(day: Day, speaking: readonly number[]): Generator<Posting> {
    for (const index of speaking) {
      for (const posting of this.#postingsOf(index)) if (posting.day === day) yield posting;
    }
  }

  #postingsOf(index: number): Generator<Posting> {
    const person = personAt(this.size, this.calendar, index);
    return postingsOf(person, this.learningOf(person), this.size);
  }

  #toldOf({ told, linked, postings, service }: Person, { programme }: Learning): number[] {
    const months = [told, ...postings.map((one) => one.told), ...service.map((one) => one.told)];
    if (linked !== undefined) months.push(linked);
    if (programme) months.push(monthOf(this.calendar, programme.programme.last));
    return months.filter((month) => month !== AT_THE_START);
  }
}
