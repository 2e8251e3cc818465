// Where a department stands on a day, as known at a sequence.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProgrammeEvent } from '../../../contracts/events/programmes.ts';
import { NOWHERE, type NodeNumber } from '../../../projections/inputs/types.ts';
import { World } from '../../../projections/inputs/world.ts';
import {
  applyAll,
  closed,
  DAYS,
  day,
  moved,
  opened,
  PlainTree,
  recordedEvents,
  renamed,
  treeEvent,
} from './world-events.ts';

const NOW = 1_000;

function worldOf(...events: readonly ProgrammeEvent[]) {
  const world = new World();
  const touched = applyAll(world, events);
  const number = (id: string): NodeNumber => world.findNode(id)!;
  const ids = (numbers: readonly NodeNumber[]): string => numbers.map((n) => world.node(n).id).join(' ');
  return {
    world,
    touched,
    number,
    path: (id: string, on: string, knownAt = NOW) => ids(world.pathOn(number(id), day(on), knownAt)),
    below: (id: string, on: string, knownAt = NOW) => ids(world.belowOn(number(id), day(on), knownAt)),
    children: (id: string, on: string, knownAt = NOW) => ids(world.childrenOn(number(id), day(on), knownAt)),
    roots: (on: string, knownAt = NOW) => ids(world.roots(day(on), knownAt)),
    open: (id: string, on: string, knownAt = NOW) => world.isOpenOn(number(id), day(on), knownAt),
    names: (id: string, on: string, knownAt = NOW) => world.namesOn(number(id), day(on), knownAt),
  };
}

const STATE = [opened('up'), opened('health', 'up'), opened('revenue', 'up'), opened('lucknow', 'health')]; // 1 to 4

describe('moves', () => {
  test('hold from their day on; paths begin at the root, what is below begins with itself', () => {
    const { path, below, children, roots, touched, number } = worldOf(
      ...STATE,
      opened('ward', 'lucknow'),
      moved('lucknow', 'revenue', '2026-03-01'),
    );
    expect(path('ward', '2026-02-28')).toBe('up health lucknow ward');
    expect(path('ward', '2026-03-01')).toBe('up revenue lucknow ward');
    expect(below('health', '2026-02-28')).toBe('health lucknow ward');
    expect(below('health', '2026-03-01')).toBe('health');
    expect(below('up', '2026-03-01')).toBe('up health revenue lucknow ward');
    expect(children('revenue', '2026-03-01')).toBe('lucknow');
    expect(roots('2026-03-01')).toBe('up');
    expect(touched.at(-1)!.movedNodes).toEqual([number('lucknow')]);
  });

  test('known late change nothing for who asks what was known before', () => {
    const { path, below } = worldOf(...STATE, opened('x'), moved('lucknow', 'revenue', '2025-04-01')); // 6
    expect(path('lucknow', '2025-06-01', 5)).toBe('up health lucknow');
    expect(path('lucknow', '2025-06-01', 6)).toBe('up revenue lucknow');
    expect(path('lucknow', '2025-03-31', 6)).toBe('up health lucknow');
    expect(below('revenue', '2025-06-01', 5)).toBe('revenue');
    expect(below('revenue', '2025-06-01', 6)).toBe('revenue lucknow');
  });

  test('of several on one day the one recorded last holds', () => {
    const { path } = worldOf(
      ...STATE,
      moved('lucknow', 'revenue', '2026-03-01'), // 5
      moved('lucknow', 'up', '2026-03-01'), // 6
    );
    expect(path('lucknow', '2026-03-01', 5)).toBe('up revenue lucknow');
    expect(path('lucknow', '2026-03-01', 6)).toBe('up lucknow');
    expect(path('lucknow', '2026-02-28', 6)).toBe('up health lucknow');
  });

  test('on the day of its opening are where it stood from the first, also before', () => {
    const { path, below } = worldOf(...STATE, moved('lucknow', 'revenue', '2020-01-01')); // 5
    expect(path('lucknow', '2019-01-01', 4)).toBe('up health lucknow');
    expect(path('lucknow', '2019-01-01', 5)).toBe('up revenue lucknow');
    expect(below('health', '2019-01-01', 5)).toBe('health');
  });

  test('recorded later for an earlier day end where the later one begins', () => {
    const { world, path, number } = worldOf(
      ...STATE,
      moved('lucknow', 'revenue', '2026-03-01'), // 5
      moved('lucknow', 'up', '2025-03-01'), // 6
    );
    expect(path('lucknow', '2025-02-28')).toBe('up health lucknow');
    expect(path('lucknow', '2026-02-28')).toBe('up lucknow');
    expect(path('lucknow', '2026-03-01')).toBe('up revenue lucknow');
    const inHealth = world.memberships(number('lucknow'), NOW).filter((m) => m.ancestor === number('health'));
    expect(inHealth.map(({ to }) => to)).toEqual([day('2025-03-01')]);
    const inState = world.memberships(number('lucknow'), NOW).filter((m) => m.ancestor === number('up'));
    expect(inState).toHaveLength(1);
  });

  test('of what is unknown, or to it, change nothing', () => {
    const { world, touched } = worldOf(
      ...STATE,
      moved('lucknow', 'nowhere', '2026-01-01'),
      moved('nowhere', 'up', '2026-01-01'),
    );
    expect(touched.slice(4).flatMap((t) => t.movedNodes)).toEqual([]);
    expect(world.pathOn(world.findNode('lucknow')!, day('2026-02-01'), NOW)).toHaveLength(3);
  });

  test('of one file make the same tree in any order, though between them a circle would close', () => {
    const turned = [moved('lucknow', 'up', '2026-01-01'), moved('health', 'lucknow', '2026-01-01')];
    for (const moves of [turned, turned.toReversed()]) {
      const world = new World();
      applyAll(world, STATE);
      for (const move of moves) world.apply(move, 9);
      const path = world.pathOn(world.findNode('health')!, day('2026-01-01'), 9);
      expect(path.map((n) => world.node(n).id)).toEqual(['up', 'lucknow', 'health']);
    }
  });

  test('into a circle, which commands refuse, keep nobody who asks from an answer', () => {
    const { world, path, below, number } = worldOf(...STATE, moved('health', 'lucknow', '2026-01-01'));
    expect(path('lucknow', '2026-01-01')).toBe('health lucknow');
    expect(below('up', '2026-01-01')).toBe('up revenue');
    const ancestors = world.memberships(number('lucknow'), NOW).filter(({ to }) => to > day('2026-01-01'));
    expect(ancestors.map(({ ancestor }) => ancestor).sort()).toEqual([number('health'), number('lucknow')].sort());
  });
});

test('two departments may in turn stand below each other', () => {
  const { path, below } = worldOf(
    ...STATE,
    moved('revenue', 'health', '2025-01-01'),
    moved('revenue', 'up', '2026-01-01'),
    moved('health', 'revenue', '2026-01-01'),
  );
  expect(path('revenue', '2025-06-01')).toBe('up health revenue');
  expect(path('lucknow', '2026-01-01')).toBe('up revenue health lucknow');
  expect(below('health', '2026-01-01')).toBe('health lucknow');
});

describe('opening and closing', () => {
  test('a department is open from its first to its last day', () => {
    const { open } = worldOf(opened('up', undefined, '2020-04-01'), closed('up', '2024-03-31'));
    expect(['2020-03-31', '2020-04-01', '2024-03-31', '2024-04-01'].map((on) => open('up', on))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(open('up', '2024-04-01', 1)).toBe(true);
    expect(open('up', '2022-04-01', 0)).toBe(false);
  });

  test('of two closings the one recorded last says the last day', () => {
    const { open } = worldOf(opened('up'), closed('up', '2024-03-31'), closed('up', '2023-03-31'));
    expect(open('up', '2023-06-01', 2)).toBe(true);
    expect(open('up', '2023-06-01', 3)).toBe(false);
  });

  test('what is counted at a closed department, or before it was opened, still adds up above it', () => {
    const { below, children } = worldOf(...STATE, closed('lucknow', '2025-03-31'));
    expect(below('up', '2025-06-01')).toBe('up health lucknow revenue');
    expect(children('health', '2019-01-01')).toBe('lucknow');
  });

  test('an id that is taken is not opened again, one below nothing known not at all', () => {
    const { world, path } = worldOf(...STATE, opened('lucknow', 'revenue'), opened('x', 'unknown'));
    expect([...world.nodes()].map((node) => node.id)).toEqual(['up', 'health', 'revenue', 'lucknow']);
    expect(path('lucknow', '2026-01-01')).toBe('up health lucknow');
    expect(world.findNode('x')).toBeUndefined();
  });

  test('before it was recorded it stands nowhere', () => {
    const { world, path, below, roots, number } = worldOf(...STATE);
    expect(path('lucknow', '2026-01-01', 3)).toBe('');
    expect(below('lucknow', '2026-01-01', 3)).toBe('');
    expect(below('up', '2026-01-01', 3)).toBe('up health revenue');
    expect(world.memberships(number('lucknow'), 3)).toEqual([]);
    expect(roots('2026-01-01', 0)).toBe('');
  });
});

test('names hold from their day on, the first also before', () => {
  const { names } = worldOf(
    opened('up', undefined, '2020-01-01'),
    renamed('up', { hi: 'उत्तर प्रदेश', en: 'UP' }, '2024-01-01'), // 2
    renamed('up', { hi: 'उ०प्र०' }, '2024-01-01'), // 3
  );
  expect(names('up', '2019-01-01')).toEqual({ en: 'up' });
  expect(names('up', '2023-12-31')).toEqual({ en: 'up' });
  expect(names('up', '2024-01-01', 2)).toEqual({ hi: 'उत्तर प्रदेश', en: 'UP' });
  expect(names('up', '2024-01-01')).toEqual({ hi: 'उ०प्र०' });
  expect(names('up', '2024-01-01', 0)).toEqual({});
});

test('who is posted nowhere stands below nothing and is below itself', () => {
  const { world } = worldOf(...STATE);
  const on = day('2026-01-01');
  expect(world.pathOn(NOWHERE, on, NOW)).toEqual([NOWHERE]);
  expect(world.belowOn(NOWHERE, on, NOW)).toEqual([NOWHERE]);
  expect(world.memberships(NOWHERE, NOW).map((m) => m.ancestor)).toEqual([NOWHERE]);
  expect(world.childrenOn(NOWHERE, on, NOW)).toEqual([]);
});

describe('of any events, on any day, as known at any sequence', () => {
  const anyQuestion = fc.tuple(recordedEvents(treeEvent), fc.constantFrom(...DAYS), fc.nat(60));

  test('parents are what the moves say one by one, and paths, children and what is below agree with them', () => {
    fc.assert(
      fc.property(anyQuestion, ([events, on, knownAt]) => {
        const world = new World();
        for (const { event, recorded } of events) world.apply(event, recorded);
        const plain = new PlainTree();
        for (const { event, recorded } of events) plain.take(event, recorded);
        const parents = plain.parentsOn(on, knownAt);
        const idOf = (n: NodeNumber): string | undefined => (n === NOWHERE ? undefined : world.node(n).id);
        const numbers = [...world.nodes()].map((node) => node.number);
        const known = numbers.filter((n) => parents.has(idOf(n)!));
        expect(known.map((n) => idOf(world.parentOn(n, on, knownAt)))).toEqual(known.map((n) => parents.get(idOf(n)!)));
        for (const n of numbers) {
          const path = world.pathOn(n, on, knownAt);
          expect(path.length > 0).toBe(known.includes(n));
          for (const [i, at] of path.entries()) {
            expect(world.parentOn(at, on, knownAt)).toBe(path[i - 1] ?? NOWHERE);
          }
          const below = known.filter((m) => world.pathOn(m, on, knownAt).includes(n));
          expect([...world.belowOn(n, on, knownAt)].sort((a, b) => a - b)).toEqual(below);
          expect(world.belowOn(n, on, knownAt)[0]).toBe(known.includes(n) ? n : undefined);
          const children = known.filter((m) => world.parentOn(m, on, knownAt) === n);
          expect(world.childrenOn(n, on, knownAt)).toEqual(children);
          const ancestors = world
            .memberships(n, knownAt)
            .filter(({ from, to }) => from <= on && on < to)
            .map(({ ancestor }) => ancestor);
          expect(ancestors).toEqual([...path].sort((a, b) => a - b));
        }
        expect(world.roots(on, knownAt)).toEqual(known.filter((n) => world.parentOn(n, on, knownAt) === NOWHERE));
      }),
      { numRuns: 300, seed: 20260401 },
    );
  });

  test('memberships neither meet nor overlap', () => {
    fc.assert(
      fc.property(anyQuestion, ([events, , knownAt]) => {
        const world = new World();
        for (const { event, recorded } of events) world.apply(event, recorded);
        for (const { number } of world.nodes()) {
          const memberships = world.memberships(number, knownAt);
          for (const [i, { ancestor, from, to }] of memberships.entries()) {
            expect(from).toBeLessThan(to);
            const next = memberships[i + 1];
            if (next?.ancestor === ancestor) expect(next.from).toBeGreaterThan(to);
          }
        }
      }),
      { numRuns: 200, seed: 20260402 },
    );
  });
});
