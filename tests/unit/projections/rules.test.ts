// What commands are refused for: a tree that would go in a circle, a closing that leaves something open, postings that overlap.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Day } from '../../../contracts/days.ts';
import { openBelowAfter, substantiveOverlap, wouldMakeCycle } from '../../../projections/inputs/rules.ts';
import { NOWHERE, type NodeNumber, OPEN_END, type Posting, STANDING } from '../../../projections/inputs/types.ts';
import { World } from '../../../projections/inputs/world.ts';
import { applyAll, closed, DAYS, day, moved, opened, recordedEvents, treeEvent } from './world-events.ts';

describe('a move', () => {
  const world = new World();
  applyAll(world, [
    opened('up'),
    opened('a', 'up'),
    opened('b', 'up'),
    opened('c', 'b'),
    moved('b', 'a', '2026-04-01'),
  ]);
  const cycle = (id: string, parent: string, from: string): boolean =>
    wouldMakeCycle(world, world.findNode(id)!, world.findNode(parent)!, day(from));

  test('below itself or what stands below it goes in a circle', () => {
    expect(cycle('a', 'a', '2026-01-01')).toBe(true);
    expect(cycle('up', 'c', '2026-01-01')).toBe(true);
    expect(cycle('c', 'a', '2026-01-01')).toBe(false);
  });

  test('on any day from then on: also where the other comes below it only later', () => {
    expect(cycle('a', 'b', '2026-05-01')).toBe(true);
    expect(cycle('a', 'b', '2026-01-01')).toBe(true);
    expect(cycle('a', 'c', '2026-01-01')).toBe(true);
  });

  test('not beyond its own next move', () => {
    const next = new World();
    applyAll(next, [
      opened('up'),
      opened('a', 'up'),
      opened('b', 'up'),
      moved('a', 'up', '2026-03-01'),
      moved('b', 'a', '2026-04-01'),
    ]);
    const [a, b] = [next.findNode('a')!, next.findNode('b')!];
    expect(wouldMakeCycle(next, a, b, day('2026-01-01'))).toBe(false);
    expect(wouldMakeCycle(next, a, b, day('2026-03-01'))).toBe(true);
    expect(wouldMakeCycle(next, a, NOWHERE, day('2026-03-01'))).toBe(false);
  });

  test('is refused exactly where some day would find a department below itself', () => {
    const anyMove = fc.tuple(recordedEvents(treeEvent), fc.nat(6), fc.nat(6), fc.nat(9));
    let refused = 0;
    let allowed = 0;
    fc.assert(
      fc.property(anyMove, ([events, one, other, after]) => {
        const any = new World();
        for (const { event, recorded } of events) any.apply(event, recorded);
        const nodes = [...any.nodes()];
        const node = nodes[one % nodes.length];
        const parent = nodes[other % nodes.length];
        if (!node || !parent) return;
        const from = (DAYS[2]! + after) as Day;
        const places = [...node.parents, { parent: parent.number, from, recorded: 99, withdrawn: STANDING }];
        const inCircle = DAYS.some((on) => {
          const moves = places.filter((place) => place.from <= on);
          const first = Math.min(...places.map((place) => place.from));
          const held = (moves.length > 0 ? moves : places.filter((place) => place.from === first)).reduce((a, b) =>
            b.from >= a.from ? b : a,
          );
          return held === places.at(-1) && any.pathOn(parent.number, on, 99).includes(node.number);
        });
        if (inCircle) refused++;
        else allowed++;
        expect(wouldMakeCycle(any, node.number, parent.number, from)).toBe(inCircle);
      }),
      { numRuns: 500, seed: 20260401 },
    );
    expect(Math.min(refused, allowed)).toBeGreaterThan(50);
  });
});

describe('a closing', () => {
  const left = (lastDay: string, ...more: Parameters<typeof applyAll>[1]): string[] => {
    const world = new World();
    applyAll(world, [opened('up'), opened('a', 'up'), opened('b', 'a'), opened('c', 'b', '2025-01-01'), ...more]);
    return openBelowAfter(world, world.findNode('a')!, day(lastDay)).map((n: NodeNumber) => world.node(n).id);
  };

  test('leaves open what stands below on the next day, at any depth', () => {
    expect(left('2026-03-31')).toEqual(['b', 'c']);
  });

  test('leaves nothing of what closed with it or was moved away by then', () => {
    expect(left('2026-03-31', closed('b', '2026-03-31'), closed('c', '2026-03-31'))).toEqual([]);
    expect(left('2026-03-31', closed('b', '2026-04-01'), closed('c', '2026-03-31'))).toEqual(['b']);
    expect(left('2026-03-31', moved('b', 'up', '2026-04-01'))).toEqual([]);
    expect(left('2026-03-31', moved('b', 'up', '2026-04-02'))).toEqual(['b', 'c']);
  });

  test('leaves open what is opened, or comes below, only later', () => {
    expect(left('2024-03-31', closed('b', '2024-03-31'))).toEqual(['c']);
    expect(left('2026-03-31', moved('b', 'up', '2026-01-01'), moved('b', 'a', '2027-01-01'))).toEqual(['b', 'c']);
  });
});

describe('a substantive posting', () => {
  const posting = (from: string, to: string | undefined, more: Partial<Posting> = {}): Posting => ({
    is: 'posting',
    kind: 'substantive',
    node: 1 as NodeNumber,
    details: 0,
    from: day(from),
    to: to === undefined ? OPEN_END : day(to),
    recorded: 1,
    withdrawn: STANDING,
    ...more,
  });

  test('may not share a day with another', () => {
    const held = posting('2025-01-01', '2025-12-31');
    expect(substantiveOverlap([held], posting('2025-12-31', '2026-06-30'))).toBe(held);
    expect(substantiveOverlap([held], posting('2024-01-01', '2025-01-01'))).toBe(held);
    expect(substantiveOverlap([held], posting('2024-01-01', undefined))).toBe(held);
    expect(substantiveOverlap([held], posting('2026-01-01', undefined))).toBeUndefined();
    expect(substantiveOverlap([held], posting('2024-01-01', '2024-12-31'))).toBeUndefined();
  });

  test('ends the open one before it; an open one that begins that day or later is in its way', () => {
    const open = posting('2025-01-01', undefined);
    expect(substantiveOverlap([open], posting('2025-01-02', undefined))).toBeUndefined();
    expect(substantiveOverlap([open], posting('2025-01-01', undefined))).toBe(open);
    expect(substantiveOverlap([open], posting('2024-06-01', undefined))).toBe(open);
    expect(substantiveOverlap([open], posting('2024-06-01', '2024-12-31'))).toBeUndefined();
  });

  test('is not in the way of a deputation, nor it of one, nor what was withdrawn of anything', () => {
    const held = posting('2025-01-01', '2025-12-31');
    expect(substantiveOverlap([held], posting('2025-06-01', undefined, { kind: 'deputation' }))).toBeUndefined();
    const deputed = posting('2025-01-01', '2025-12-31', { kind: 'deputation' });
    expect(substantiveOverlap([deputed], posting('2025-06-01', undefined))).toBeUndefined();
    expect(substantiveOverlap([{ ...held, withdrawn: 7 }], posting('2025-06-01', undefined))).toBeUndefined();
  });
});
