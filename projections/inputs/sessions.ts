// The sessions that institutes held of their programmes, as they were said to be first and as corrected.

import type { Day } from '../../contracts/days.ts';
import { isSeenAt } from './knowledge.ts';
import { type ActivityNumber, type Session, STANDING } from './types.ts';

export class Sessions {
  /** By number; the accounts of one session in the order in which they were recorded. */
  readonly #sessions: (readonly Session[])[] = [];
  readonly #numbers = new Map<string, number>();
  /** The sessions that at some time were said to be of an activity, by number. */
  readonly #ofActivity = new Map<ActivityNumber, Set<number>>();
  readonly #changed: (number: number) => void;

  constructor(changed: (number: number) => void) {
    this.#changed = changed;
  }

  find(id: string): number | undefined {
    return this.#numbers.get(id);
  }

  session(number: number): readonly Session[] {
    const accounts = this.#sessions[number];
    if (!accounts) throw new RangeError(`No session has the number ${number}.`);
    return accounts;
  }

  row(number: number): readonly Session[] {
    return this.session(number);
  }

  put(number: number, accounts: readonly Session[]): void {
    this.#sessions[number] = accounts;
    for (const { id, course } of accounts) {
      this.#numbers.set(id, number);
      const sessions = this.#ofActivity.get(course);
      if (sessions) sessions.add(number);
      else this.#ofActivity.set(course, new Set([number]));
    }
  }

  /** A session held; one held already is corrected. */
  hold(
    session: {
      readonly id: string;
      readonly course: ActivityNumber;
      readonly institute: string;
      readonly minutes: number;
    },
    on: Day,
    recorded: number,
  ): number {
    const number = this.find(session.id) ?? Math.max(1, this.#sessions.length);
    const { id, course, institute, minutes } = session;
    const former = this.#sessions[number] ?? [];
    this.put(number, [
      ...former.map((account) => (account.withdrawn === STANDING ? { ...account, withdrawn: recorded } : account)),
      { number, id, course, institute, on, minutes, recorded, withdrawn: STANDING },
    ]);
    this.#changed(number);
    return number;
  }

  at(number: number, knownAt: number): Session | undefined {
    return this.session(number).findLast((account) => isSeenAt(account, knownAt));
  }

  /** Those that were at some time said to be of one of the activities, as known at a sequence, by number. */
  *ofActivities(activities: readonly ActivityNumber[], knownAt: number): IterableIterator<Session> {
    const numbers = new Set(activities.flatMap((activity) => [...(this.#ofActivity.get(activity) ?? [])]));
    for (const number of [...numbers].sort((a, b) => a - b)) {
      const session = this.at(number, knownAt);
      if (session) yield session;
    }
  }
}
