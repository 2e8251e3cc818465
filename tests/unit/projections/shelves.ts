// Learners' inputs, set down by hand: what the tests of progress and rollups start from.

import { type Day, dayOfDate } from '../../../contracts/days.ts';
import type { ProgrammeEvent } from '../../../contracts/events/programmes.ts';
import { type Learner, learnerAt } from '../../../projections/inputs/learner.ts';
import {
  type ActivityNumber,
  type FactKind,
  type Input,
  type NodeNumber,
  OPEN_END,
  OPEN_START,
  type Posting,
  type Service,
  STANDING,
  type SubjectNumber,
} from '../../../projections/inputs/types.ts';
import { World } from '../../../projections/inputs/world.ts';

export const day = (date: string): Day => dayOfDate(date)!;

/** `2026-03-31T10:00`, the clock in Kolkata, as seconds since 1970. */
export const second = (text: string): number =>
  Date.parse(`${text.includes('T') ? text : text + 'T12:00'}:00+05:30`) / 1000;

export class Shelves {
  readonly world = new World();
  readonly #shelves = new Map<SubjectNumber, Input[]>();

  constructor(events: readonly ProgrammeEvent[] = []) {
    for (const event of events) this.apply(event);
  }

  apply(event: ProgrammeEvent, recorded = 0): void {
    this.world.apply(event, recorded);
  }

  put(subject: number, ...inputs: readonly Input[]): this {
    this.inputsOf(subject as SubjectNumber).push(...inputs);
    return this;
  }

  readonly inputsOf = (subject: SubjectNumber): Input[] => {
    let inputs = this.#shelves.get(subject);
    if (!inputs) {
      inputs = [];
      this.#shelves.set(subject, inputs);
    }
    return inputs;
  };

  link(person: number, identity: number, from?: string, to?: string, recorded = 0): this {
    const dated = {
      from: from === undefined ? OPEN_START : day(from),
      to: to === undefined ? OPEN_END : day(to),
      recorded,
      withdrawn: STANDING,
    };
    this.put(person, { is: 'link', other: identity as SubjectNumber, ...dated });
    return this.put(identity, { is: 'owner', other: person as SubjectNumber, ...dated });
  }

  fact(
    identity: number,
    kind: FactKind,
    iri: string,
    at: string,
    more: { recorded?: number; withdrawn?: number; score?: number; seconds?: number } = {},
  ): this {
    const activity = this.world.activity(iri);
    return this.put(identity, {
      is: 'fact',
      kind,
      activity,
      at: second(at),
      recorded: 1,
      withdrawn: STANDING,
      ...more,
    });
  }

  posting(
    person: number,
    department: string,
    from: string,
    to?: string,
    more: Partial<Pick<Posting, 'kind' | 'recorded' | 'withdrawn'>> = {},
  ): this {
    const node = this.world.findNode(department)!;
    const dates = { from: day(from), to: to === undefined ? OPEN_END : day(to) };
    return this.put(person, {
      is: 'posting',
      kind: 'substantive',
      node,
      details: 0,
      recorded: 0,
      withdrawn: STANDING,
      ...dates,
      ...more,
    });
  }

  service(person: number, change: Service['change'], from: string, to?: string): this {
    const dates = { from: day(from), to: to === undefined ? OPEN_END : day(to) };
    return this.put(person, { is: 'service', change, recorded: 0, withdrawn: STANDING, ...dates });
  }

  attendance(person: number, session: string, attended: boolean, recorded = 1): this {
    const number = this.world.findSession(session)!;
    return this.put(person, { is: 'attendance', session: number, attended, recorded, withdrawn: STANDING });
  }

  person(subject: number, knownAt = LATEST): Learner {
    return learnerAt(subject as SubjectNumber, true, this.inputsOf, knownAt);
  }

  identity(subject: number, knownAt = LATEST): Learner {
    return learnerAt(subject as SubjectNumber, false, this.inputsOf, knownAt);
  }

  node(id: string): NodeNumber {
    return this.world.findNode(id)!;
  }

  course(iri: string): ActivityNumber {
    return this.world.findActivity(iri)!;
  }
}

/** Later than everything that the tests record. */
export const LATEST = 1_000_000;

export function opened(id: string, parent?: string): ProgrammeEvent {
  const kind = parent === undefined ? 'state' : 'department';
  const data = { id, kind, names: { en: id }, from: '2000-01-01' } as const;
  return { type: 'department-opened.v1', data: { ...data, ...(parent !== undefined && { parent }) } };
}

export function listed(
  id: string,
  more: Partial<Extract<ProgrammeEvent, { type: 'course-listed.v1' }>['data']> = {},
): ProgrammeEvent {
  const lists = { languages: [], tags: [], aliases: [], supersedes: [] };
  return {
    type: 'course-listed.v1',
    data: { id, kind: 'course', titles: { en: id }, status: 'live', ...lists, ...more },
  };
}

export function held(id: string, course: string, on: string): ProgrammeEvent {
  return { type: 'session-held.v1', data: { id, course, institute: 'Institute', on } };
}

/** State › Health › {Lucknow, Kanpur}; State › Revenue. */
export const TREE: readonly ProgrammeEvent[] = [
  opened('state'),
  opened('health', 'state'),
  opened('lucknow', 'health'),
  opened('kanpur', 'health'),
  opened('revenue', 'state'),
];
