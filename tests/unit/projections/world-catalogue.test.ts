// What the catalogue, sessions and figures say on a day, as known at a sequence.

import { describe, expect, test } from 'vitest';
import { dateOf } from '../../../contracts/days.ts';
import type { ProgrammeEvent } from '../../../contracts/events/programmes.ts';
import type { ActivityNumber } from '../../../projections/inputs/types.ts';
import { World } from '../../../projections/inputs/world.ts';
import { applyAll, day, figure, held, listed } from './world-events.ts';

const NOW = 1_000;

function worldOf(...events: readonly ProgrammeEvent[]) {
  const world = new World();
  const touched = applyAll(world, events);
  const number = (iri: string): ActivityNumber => world.findActivity(iri)!;
  return {
    world,
    touched,
    number,
    touchedIris: (i: number) => touched[i]!.touchedActivities.map((a) => world.activityIri(a)),
    courseOf: (iri: string, on: string, knownAt = NOW) =>
      world.activityIri(world.courseOf(world.activity(iri), day(on), knownAt)),
    version: (iri: string, on: string, knownAt = NOW) => world.courseVersion(number(iri), day(on), knownAt),
    sessionsOf: (iri: string, knownAt = NOW) =>
      world.sessionsOf(number(iri), knownAt).map(({ id, on, minutes }) => `${id} ${dateOf(on)} ${minutes}`),
  };
}

describe('the entry of a course', () => {
  test('on a day is the latest that has begun; of one day, the one recorded last; before all, the earliest', () => {
    const { version } = worldOf(
      listed('urn:ai', { minutes: 10, from: '2025-04-01' }),
      listed('urn:ai', { minutes: 20, from: '2026-04-01' }), // 2
      listed('urn:ai', { minutes: 30, from: '2026-04-01' }), // 3
      listed('urn:ai', { minutes: 40, from: '2025-10-01' }), // 4
    );
    expect(version('urn:ai', '2024-01-01')?.minutes).toBe(10);
    expect(version('urn:ai', '2025-09-30')?.minutes).toBe(10);
    expect(version('urn:ai', '2025-10-01')?.minutes).toBe(40);
    expect(version('urn:ai', '2025-10-01', 3)?.minutes).toBe(10);
    expect(version('urn:ai', '2026-04-01')?.minutes).toBe(30);
    expect(version('urn:ai', '2026-04-01', 2)?.minutes).toBe(20);
    expect(version('urn:ai', '2026-04-01', 0)).toBeUndefined();
  });

  test('before all is, of several of one day, the one recorded last', () => {
    const { version } = worldOf(
      listed('urn:ai', { minutes: 10, from: '2025-04-01' }),
      listed('urn:ai', { minutes: 20, from: '2025-04-01' }), // 2
    );
    expect(version('urn:ai', '2024-01-01', 1)?.minutes).toBe(10);
    expect(version('urn:ai', '2024-01-01', 2)?.minutes).toBe(20);
  });

  test('without a day holds from ever on; tags, aliases and superseded courses are numbers, each once', () => {
    const { world, version, number } = worldOf(
      listed('urn:ai', {
        tags: ['ai', 'functional', 'ai'],
        aliases: ['urn:b', 'urn:ai', 'urn:b'],
        supersedes: ['urn:old'],
        languages: ['hi', 'en', 'hi'],
        provider: 'iGOT',
      }),
    );
    expect(version('urn:ai', '1990-01-01')).toMatchObject({
      tags: [world.findTag('ai'), world.findTag('functional')],
      aliases: [number('urn:b')],
      supersedes: [number('urn:old')],
      languages: ['hi', 'en'],
      provider: 'iGOT',
      minutes: 0,
    });
  });

  test('courses are listed in the order in which they were named first', () => {
    const { world } = worldOf(listed('urn:2', { aliases: ['urn:1'] }), listed('urn:3'), listed('urn:1'));
    expect([...world.courses()].map((course) => course.id)).toEqual(['urn:2', 'urn:1', 'urn:3']);
  });
});

describe('an activity means', () => {
  test('the course of which it is an alias, on the days and from the sequence on which it is one', () => {
    const { courseOf } = worldOf(
      listed('urn:ai', { aliases: ['urn:a'], from: '2025-04-01' }),
      listed('urn:ai', { aliases: ['urn:b'], from: '2026-04-01' }), // 2
    );
    expect(courseOf('urn:a', '2025-06-01')).toBe('urn:ai');
    expect(courseOf('urn:a', '2026-06-01')).toBe('urn:a');
    expect(courseOf('urn:a', '2026-06-01', 1)).toBe('urn:ai');
    expect(courseOf('urn:a', '2025-06-01', 0)).toBe('urn:a');
    expect(courseOf('urn:b', '2025-06-01')).toBe('urn:b');
    expect(courseOf('urn:b', '2026-06-01')).toBe('urn:ai');
    expect(courseOf('urn:other', '2026-06-01')).toBe('urn:other');
  });

  test('itself once it is listed, whoever names it as an alias', () => {
    const { courseOf } = worldOf(listed('urn:ai', { aliases: ['urn:a'] }), listed('urn:a'));
    expect(courseOf('urn:a', '2026-01-01', 1)).toBe('urn:ai');
    expect(courseOf('urn:a', '2026-01-01', 2)).toBe('urn:a');
  });

  test('of two courses that name it, the one whose entry was recorded last; recorded at once, the lower number', () => {
    const { courseOf } = worldOf(
      listed('urn:1', { aliases: ['urn:a'] }),
      listed('urn:2', { aliases: ['urn:a'] }),
      listed('urn:1', { aliases: ['urn:a'] }), // 3
    );
    expect(courseOf('urn:a', '2026-01-01', 1)).toBe('urn:1');
    expect(courseOf('urn:a', '2026-01-01', 2)).toBe('urn:2');
    expect(courseOf('urn:a', '2026-01-01', 3)).toBe('urn:1');
    const world = new World();
    world.apply(listed('urn:1', { aliases: ['urn:a'] }), 5);
    world.apply(listed('urn:2', { aliases: ['urn:a'] }), 5);
    expect(world.courseOf(world.activity('urn:a'), day('2026-01-01'), NOW)).toBe(world.findActivity('urn:1'));
  });

  test('what it meant before it went from one course to another, on the days before that', () => {
    const { courseOf } = worldOf(
      listed('urn:1', { aliases: ['urn:a'] }),
      listed('urn:2', { aliases: ['urn:a'], from: '2026-04-01' }), // 2
      listed('urn:1', { from: '2026-04-01' }), // 3
    );
    for (const knownAt of [2, 3]) {
      expect(courseOf('urn:a', '2026-03-31', knownAt)).toBe('urn:1');
      expect(courseOf('urn:a', '2026-04-01', knownAt)).toBe('urn:2');
    }
  });

  test('something else after an entry: the course, the aliases that it has and those that it had', () => {
    const { touchedIris } = worldOf(
      listed('urn:ai', { aliases: ['urn:a'] }),
      listed('urn:ai', { aliases: ['urn:b'] }),
      listed('urn:x', { aliases: ['urn:b'], supersedes: ['urn:ai'] }),
    );
    expect(touchedIris(0)).toEqual(['urn:ai', 'urn:a']);
    expect(touchedIris(1)).toEqual(['urn:ai', 'urn:a', 'urn:b']);
    expect(touchedIris(2)).toEqual(['urn:b', 'urn:x']);
  });
});

describe('sessions', () => {
  test('held again are corrected, and known as they were before', () => {
    const { world, sessionsOf, touched } = worldOf(
      listed('urn:7', {}),
      held('s1', 'urn:7', '2026-01-05'), // 2
      held('s2', 'urn:7', '2026-01-06'), // 3
      held('s1', 'urn:7', '2026-01-07', 90), // 4
    );
    expect(sessionsOf('urn:7', 1)).toEqual([]);
    expect(sessionsOf('urn:7', 3)).toEqual(['s1 2026-01-05 60', 's2 2026-01-06 60']);
    expect(sessionsOf('urn:7')).toEqual(['s1 2026-01-07 90', 's2 2026-01-06 60']);
    expect(world.session(world.findSession('s1')!).map((s) => [s.recorded, s.withdrawn])).toEqual([
      [2, 4],
      [4, 0xffff_ffff],
    ]);
    expect(world.sessionAt(1, 3)?.minutes).toBe(60);
    expect(touched[3]).toMatchObject({ touchedSessions: [1] });
  });

  test('of another course than was said first leave the one and come to the other', () => {
    const { sessionsOf } = worldOf(held('s1', 'urn:7', '2026-01-05'), held('s1', 'urn:8', '2026-01-05'));
    expect(sessionsOf('urn:7', 1)).toHaveLength(1);
    expect(sessionsOf('urn:7')).toEqual([]);
    expect(sessionsOf('urn:8')).toHaveLength(1);
    expect(sessionsOf('urn:8', 1)).toEqual([]);
  });

  test('held under an alias are of its course, whenever that is listed', () => {
    const { sessionsOf } = worldOf(
      held('s1', 'urn:alias', '2026-01-05'),
      listed('urn:7', { aliases: ['urn:alias'] }), // 2
    );
    expect(sessionsOf('urn:alias', 1)).toHaveLength(1);
    expect(sessionsOf('urn:alias')).toEqual([]);
    expect(sessionsOf('urn:7')).toHaveLength(1);
    expect(sessionsOf('urn:7', 1)).toEqual([]);
  });
});

describe('national figures', () => {
  test('the last one up to a day, of its financial year, as known', () => {
    const { world } = worldOf(
      figure(100, '2025-09-30'),
      figure(200, '2026-03-31'), // 2
      figure(250, '2026-03-31'), // 3: corrected
      figure(900, '2025-12-31', '2024-25'),
    );
    const value = (on: string, knownAt = NOW) => world.figureOn('completions', '2025-26', day(on), knownAt)?.value;
    expect(value('2025-09-29')).toBeUndefined();
    expect(value('2026-03-30')).toBe(100);
    expect(value('2026-03-31', 2)).toBe(200);
    expect(value('2026-03-31')).toBe(250);
    expect(world.figures()).toHaveLength(4);
    expect(world.figureOn('onboarded', '2025-26', day('2026-03-31'), NOW)).toBeUndefined();
  });
});

describe('what is named in many rows has a number', () => {
  test('in the order of first naming, and the same ever after', () => {
    const world = new World();
    expect([world.activity('urn:b'), world.activity('urn:a'), world.activity('urn:b')]).toEqual([1, 2, 1]);
    expect(world.activityIri(world.activity('urn:a'))).toBe('urn:a');
    expect(world.findActivity('urn:c')).toBeUndefined();
    expect([world.tag('ai'), world.tag('ai')]).toEqual([1, 1]);
    expect(() => world.activityIri(9 as ActivityNumber)).toThrow(RangeError);
  });

  test('details of postings, in whatever order they are given; none is 0', () => {
    const world = new World();
    const anm = world.details({ designation: 'ANM', cadre: 'contractual' });
    expect(anm).toBe(1);
    expect(world.details({ cadre: 'contractual', designation: 'ANM' })).toBe(anm);
    expect(world.details({ designation: 'ANM' })).toBe(2);
    expect(world.detailsAt(anm)).toEqual({ designation: 'ANM', cadre: 'contractual' });
    expect(world.details({})).toBe(0);
    expect(world.detailsAt(0)).toEqual({});
    const other = world.details({ designation: 'ANM', cadre: 'contractual', batch: '2019' });
    expect(world.cadreOf(other)).toBe(world.cadreOf(anm));
    expect(world.cadreAt(world.cadreOf(anm))).toEqual({ designation: 'ANM', cadre: 'contractual' });
    expect(world.cadreOf(world.details({ batch: '2019' }))).toBe(0);
    expect(world.cadreAt(0)).toEqual({});
  });
});
