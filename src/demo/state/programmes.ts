// The 7-day programmes that institutes hold through the months, and who sat in which of their sessions.

import { type Day, dateOf } from '../../../contracts/days.ts';
import type { Chance } from '../chance.ts';
import type { Calendar } from './calendar.ts';
import type { Person, Size } from './people.ts';
import { DIVISION_LIST } from './places.ts';

export const DAYS = 7;
const SESSION_MINUTES = 360;

export interface Programme {
  readonly number: number;
  readonly institute: string;
  readonly first: Day;
  readonly last: Day;
}

export interface PlannedSession {
  readonly id: string;
  readonly institute: string;
  readonly on: Day;
  readonly minutes: number;
}

/** They are spread evenly from the first to the last month. */
export function programmeAt(size: Size, { start, yesterday }: Calendar, number: number): Programme {
  const span = yesterday - start - 2 * DAYS;
  const first = (start + DAYS + Math.floor((span * number) / size.programmes)) as Day;
  const { en } = DIVISION_LIST[number % DIVISION_LIST.length]!;
  return { number, institute: `Regional Institute of Training, ${en}`, first, last: (first + DAYS - 1) as Day };
}

export function sessionsOf({ number, institute, first }: Programme): PlannedSession[] {
  return Array.from({ length: DAYS }, (_, index) => {
    const on = (first + index) as Day;
    return { id: `7-day.${number + 1}.${dateOf(on)}`, institute, on, minutes: SESSION_MINUTES };
  });
}

/** Whether they came, day by day; undefined of those who were not called, or could not. */
export function attendanceOf(
  person: Person,
  size: Size,
  calendar: Calendar,
  fortune: Chance,
): { readonly programme: Programme; readonly attended: readonly boolean[] } | undefined {
  const all = fortune.happens(0.85);
  if (person.programme === undefined || !person.onboarded) return undefined;
  const programme = programmeAt(size, calendar, person.programme);
  if (programme.first < person.from || programme.last > person.to) return undefined;
  const missed = fortune.whole(0, DAYS - 1);
  const attended = Array.from({ length: DAYS }, (_, day) => all || (day !== missed && fortune.happens(0.9)));
  return { programme, attended };
}
