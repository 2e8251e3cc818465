// The world is kept in rows: whatever the batches, the same rows, and the same world again from them. And what was known at a
// sequence is what it was then.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type NodeNumber, OPEN_END } from '../../../projections/inputs/types.ts';
import { World, type WorldRow } from '../../../projections/inputs/world.ts';
import { DAYS, IDS, IRIS, listed, opened, recordedEvents, worldEvent } from './world-events.ts';

/** The rows of a table of the read model: put by table and number. */
class Rows {
  readonly #rows = new Map<string, WorldRow>();

  put(rows: readonly WorldRow[]): void {
    for (const row of rows) this.#rows.set(`${row.table} ${row.number}`, row);
  }

  all(): readonly WorldRow[] {
    return [...this.#rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }
}

/** Everything that may be asked of a world, by names: numbers may differ between worlds that know more or less. */
function answers(world: World, knownAt: number): unknown {
  const id = (n: NodeNumber): string => (n === 0 ? '' : world.node(n).id);
  const iri = (n: number): string => world.activityIri(n as Parameters<World['activityIri']>[0]);
  const nodes = IDS.flatMap((name) => world.findNode(name) ?? []).filter(
    (n) => world.node(n).opened.recorded <= knownAt,
  );
  const activities = IRIS.flatMap((name) => world.findActivity(name) ?? []);
  return {
    memberships: nodes.map((n) => [
      id(n),
      world.memberships(n, knownAt).map((m) => [id(m.ancestor), m.from, m.to] as const),
    ]),
    days: DAYS.map((on) => ({
      roots: world.roots(on, knownAt).map(id),
      nodes: nodes.map((n) => [
        id(n),
        world.pathOn(n, on, knownAt).map(id),
        world.belowOn(n, on, knownAt).map(id),
        world.childrenOn(n, on, knownAt).map(id),
        world.isOpenOn(n, on, knownAt),
        world.namesOn(n, on, knownAt),
      ]),
      meanings: activities
        .map((a) => [iri(a), iri(world.courseOf(a, on, knownAt))])
        .filter(([activity, course]) => activity !== course),
      versions: activities.flatMap((a) => {
        const version = world.courseVersion(a, on, knownAt);
        if (!version) return [];
        const { tags, aliases, supersedes, withdrawn: _, ...rest } = version;
        return [
          [
            iri(a),
            rest,
            tags.map((t) => world.tagName(t)),
            aliases.map(iri).sort(),
            supersedes.map(iri).sort(),
          ] as const,
        ];
      }),
      figure: world.figureOn('completions', '2025-26', on, knownAt)?.value,
    })),
    sessions: activities
      .map((a) => [iri(a), world.sessionsOf(a, knownAt).map(({ id, on, minutes }) => [id, on, minutes])] as const)
      .filter(([, sessions]) => sessions.length > 0),
  };
}

const anyEvents = recordedEvents(worldEvent);

describe('of any events', () => {
  test('the rows are the same, byte for byte, whatever the batches, and though the world was loaded in between', () => {
    fc.assert(
      fc.property(anyEvents, fc.array(fc.constantFrom('on', 'take', 'load'), { minLength: 40 }), (events, cuts) => {
        const whole = new World();
        for (const { event, recorded } of events) whole.apply(event, recorded);
        const expected = new Rows();
        expected.put(whole.takeChanges());

        let world = new World();
        const rows = new Rows();
        for (const [i, { event, recorded }] of events.entries()) {
          world.apply(event, recorded);
          if (cuts[i] === 'on') continue;
          rows.put(world.takeChanges());
          if (cuts[i] === 'load') world = World.load(rows.all());
        }
        rows.put(world.takeChanges());
        expect(rows.all()).toEqual(expected.all());
        expect(world.takeChanges()).toEqual([]);
      }),
      { numRuns: 200, seed: 20260401 },
    );
  });

  test('a world loaded from its rows, in any order of them, answers as the world itself; so does one refreshed', () => {
    fc.assert(
      fc.property(anyEvents, fc.nat(80), fc.nat(40), (events, knownAt, half) => {
        const world = new World();
        const rows = new Rows();
        for (const { event, recorded } of events.slice(0, half)) world.apply(event, recorded);
        rows.put(world.takeChanges());
        const reader = World.load(rows.all());
        answers(reader, knownAt);
        for (const { event, recorded } of events.slice(half)) world.apply(event, recorded);
        const later = world.takeChanges();
        rows.put(later);
        reader.put(later);
        const expected = answers(world, knownAt);
        expect(answers(World.load(rows.all()), knownAt)).toEqual(expected);
        expect(answers(World.load([...rows.all()].reverse()), knownAt)).toEqual(expected);
        expect(answers(reader, knownAt)).toEqual(expected);
      }),
      { numRuns: 100, seed: 20260402 },
    );
  });

  test('what was known at a sequence is what was answered then, asked in whichever order', () => {
    fc.assert(
      fc.property(anyEvents, fc.array(fc.nat(80), { minLength: 1, maxLength: 8 }), (events, instants) => {
        const world = new World();
        for (const { event, recorded } of events) world.apply(event, recorded);
        for (const knownAt of instants) {
          const then = new World();
          for (const { event, recorded } of events) if (recorded <= knownAt) then.apply(event, recorded);
          expect(answers(world, knownAt)).toEqual(answers(then, OPEN_END));
        }
      }),
      { numRuns: 60, seed: 20260403 },
    );
  });
});

test('of an event the changed rows alone are taken, by table and number', () => {
  const world = new World();
  world.apply(opened('up'), 1);
  world.apply(opened('health', 'up'), 2);
  expect(world.takeChanges().map(({ table, number }) => `${table} ${number}`)).toEqual(['node 1', 'node 2']);
  world.apply(listed('urn:1', { tags: ['ai'], aliases: ['urn:2'] }), 3);
  expect(world.takeChanges().map(({ table, number }) => `${table} ${number}`)).toEqual([
    'activity 1',
    'activity 2',
    'course 1',
    'tag 1',
  ]);
  world.apply({ type: 'department-moved.v1', data: { id: 'up', parent: 'unknown', from: '2026-01-01' } }, 4);
  expect(world.takeChanges()).toEqual([]);
});
