// Events about the world for tests: written by hand, and at random.

import fc from 'fast-check';
import { type Day, dateOf, dayOfDate } from '../../../contracts/days.ts';
import type { ProgrammeEvent } from '../../../contracts/events/programmes.ts';
import type { Touched, World } from '../../../projections/inputs/world.ts';

export const day = (date: string): Day => {
  const found = dayOfDate(date);
  if (found === undefined) throw new RangeError(date);
  return found;
};

export const opened = (id: string, parent?: string, from = '2020-01-01'): ProgrammeEvent => ({
  type: 'department-opened.v1',
  data: { id, kind: 'office', ...(parent !== undefined && { parent }), names: { en: id }, from },
});
export const moved = (id: string, parent: string, from: string): ProgrammeEvent => ({
  type: 'department-moved.v1',
  data: { id, parent, from },
});
export const renamed = (id: string, names: { hi?: string; en?: string }, from: string): ProgrammeEvent => ({
  type: 'department-renamed.v1',
  data: { id, names, from },
});
export const closed = (id: string, to: string): ProgrammeEvent => ({ type: 'department-closed.v1', data: { id, to } });

export const listed = (
  id: string,
  more: Partial<Extract<ProgrammeEvent, { type: 'course-listed.v1' }>['data']> = {},
): ProgrammeEvent => ({
  type: 'course-listed.v1',
  data: {
    id,
    kind: 'course',
    titles: { en: id },
    languages: ['hi'],
    tags: [],
    aliases: [],
    supersedes: [],
    status: 'live',
    ...more,
  },
});
export const held = (id: string, course: string, on: string, minutes = 60): ProgrammeEvent => ({
  type: 'session-held.v1',
  data: { id, course, institute: 'SIRD', on, minutes },
});
export const figure = (value: number, on: string, financialYear = '2025-26'): ProgrammeEvent => ({
  type: 'national-figure-recorded.v1',
  data: { figure: 'completions', financialYear, value, on, source: 'PIB' },
});

/** Applies events, the first known from sequence `from` on, each at the next. */
export function applyAll(world: World, events: readonly ProgrammeEvent[], from = 1): readonly Touched[] {
  return events.map((event, i) => world.apply(event, from + i));
}

/** The days between which the random ones lie, and one on either side. */
export const FIRST = day('2025-01-01');
export const DAYS = Array.from({ length: 14 }, (_, i) => (FIRST - 2 + i) as Day);
export const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
export const IRIS = ['urn:1', 'urn:2', 'urn:3', 'urn:4', 'urn:5'];

const anId = fc.constantFrom(...IDS);
const anIri = fc.constantFrom(...IRIS);
const aDate = fc.integer({ min: 0, max: 9 }).map((after) => dateOf((FIRST + after) as Day));

export const treeEvent: fc.Arbitrary<ProgrammeEvent> = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(anId, fc.option(anId, { nil: undefined }), aDate).map((e) => opened(...e)) },
  { weight: 5, arbitrary: fc.tuple(anId, anId, aDate).map((e) => moved(...e)) },
  fc.tuple(anId, fc.constantFrom({ hi: 'क' }, { en: 'K' }, { hi: 'ख', en: 'Kh' }), aDate).map((e) => renamed(...e)),
  fc.tuple(anId, aDate).map((e) => closed(...e)),
);

export const worldEvent: fc.Arbitrary<ProgrammeEvent> = fc.oneof(
  { weight: 4, arbitrary: treeEvent },
  {
    weight: 3,
    arbitrary: fc
      .record({
        id: anIri,
        from: fc.option(aDate, { nil: undefined }),
        aliases: fc.array(anIri, { maxLength: 3 }),
        supersedes: fc.array(anIri, { maxLength: 2 }),
        tags: fc.array(fc.constantFrom('ai', 'cyber-security', 'functional'), { maxLength: 3 }),
        minutes: fc.nat(90),
      })
      .map(({ id, from, ...more }) => listed(id, { ...more, ...(from !== undefined && { from }) })),
  },
  fc.tuple(fc.constantFrom('s1', 's2', 's3'), anIri, aDate, fc.nat(90)).map((e) => held(...e)),
  fc.tuple(fc.nat(9), aDate).map((e) => figure(...e)),
);

interface Account {
  readonly parent: string | undefined;
  readonly from: Day;
  readonly recorded: number;
}

/** The tree as its moves say one by one, looked up anew for every answer. */
export class PlainTree {
  readonly #accounts = new Map<string, Account[]>();

  /** @returns false, and does not take it, where a department would some day stand below itself: what commands refuse */
  take(event: ProgrammeEvent, recorded: number): boolean {
    if (event.type === 'department-opened.v1') {
      const { id, parent, from } = event.data;
      const fits = !this.#accounts.has(id) && (parent === undefined || this.#accounts.has(parent));
      if (fits) this.#accounts.set(id, [{ parent, from: day(from), recorded }]);
    } else if (event.type === 'department-moved.v1') {
      const { id, parent, from } = event.data;
      const accounts = this.#accounts.get(id);
      if (!accounts || !this.#accounts.has(parent)) return true;
      accounts.push({ parent, from: day(from), recorded });
      if (this.#standsBelowItself(id)) return accounts.pop() === undefined;
    }
    return true;
  }

  parentsOn(on: Day, knownAt: number): Map<string, string | undefined> {
    const known = [...this.#accounts].filter(([, [first]]) => first!.recorded <= knownAt);
    return new Map(known.map(([id]) => [id, this.#parentOf(id, on, knownAt)]));
  }

  #parentOf(id: string, on: Day, knownAt: number): string | undefined {
    const seen = this.#accounts.get(id)!.filter((account) => account.recorded <= knownAt);
    const first = Math.min(...seen.map((account) => account.from));
    const latest = Math.max(...seen.filter((account) => account.from <= Math.max(on, first)).map(({ from }) => from));
    return seen.findLast((account) => account.from === latest)?.parent;
  }

  #standsBelowItself(id: string): boolean {
    const days = [...this.#accounts.values()].flat().map((account) => account.from);
    return [Math.min(...days) - 1, ...days].some((on) => {
      let above = this.#parentOf(id, on as Day, Number.POSITIVE_INFINITY);
      while (above !== undefined && above !== id) above = this.#parentOf(above, on as Day, Number.POSITIVE_INFINITY);
      return above === id;
    });
  }
}

/** What commands let pass, each event with the sequence from which it is known: those of a load share one. */
export const recordedEvents = (
  event: fc.Arbitrary<ProgrammeEvent>,
): fc.Arbitrary<readonly { event: ProgrammeEvent; recorded: number }[]> =>
  fc.array(fc.tuple(event, fc.nat(2)), { minLength: 1, maxLength: 40, size: 'max' }).map((events) => {
    let recorded = 0;
    const tree = new PlainTree();
    return events.flatMap(([one, after]) => {
      recorded += after;
      return tree.take(one, recorded) ? [{ event: one, recorded }] : [];
    });
  });
