// The made-up state as it unfolds: who does or is told of something in which month, and what is posted on which evening. Everybody is
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

/** Systems hand in what they have once in so many days, and on the last evening of a month. */
const EVERY = 7;

export class State {
  readonly size: Size;
  readonly calendar: Calendar;
  /** How much is posted through all months. */
  readonly postings: number = 0;
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
      for (const { day } of postingsOf(person, learning, this.size)) {
        this.#posted[index]! |= 1 << monthOf(this.calendar, day);
        this.postings++;
      }
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

  /** What is posted in a month, evening by evening, each with what came up since the one before. */
  *eveningsOf(month: number): Generator<{ readonly day: Day; readonly postings: Iterable<Posting> }> {
    const { first, last } = this.calendar.months[month]!;
    const evenings = Math.ceil((last - first + 1) / EVERY);
    const speaking: number[][] = Array.from({ length: evenings }, () => []);
    for (let index = 0; index < this.#posted.length; index++) {
      if ((this.#posted[index]! & (1 << month)) === 0) continue;
      const numbers = new Set<number>();
      for (const { day } of this.#postingsOf(index)) {
        if (day >= first && day <= last) numbers.add(Math.floor((day - first) / EVERY));
      }
      for (const number of numbers) speaking[number]!.push(index);
    }
    for (let number = 0; number < evenings; number++) {
      const from = (first + number * EVERY) as Day;
      const day = Math.min(from + EVERY - 1, last) as Day;
      yield { day, postings: this.#postingsBetween(from, day, speaking[number]!) };
    }
  }

  *#postingsBetween(from: Day, to: Day, speaking: readonly number[]): Generator<Posting> {
    for (const index of speaking) {
      for (const posting of this.#postingsOf(index)) if (posting.day >= from && posting.day <= to) yield posting;
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
