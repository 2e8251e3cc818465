// How far a learner is: the states, and what they rest on.

import { describe, expect, test } from 'vitest';
import { type CourseProgress, isImplausible, progressOf } from '../../../projections/learner-progress/index.ts';
import { day, held, LATEST, listed, Shelves } from './shelves.ts';

const N = 1;
const MAIL = 2;
const Y = 'urn:course:y';

function learner(...events: Parameters<Shelves['apply']>[0][]): Shelves {
  return new Shelves([listed(Y, { minutes: 60 }), ...events]).link(N, MAIL);
}

function rows(shelves: Shelves, on: string, knownAt = LATEST): readonly CourseProgress[] {
  return progressOf(shelves.person(N, knownAt), shelves.world, day(on), knownAt);
}

function inY(shelves: Shelves, on: string, knownAt = LATEST): CourseProgress | undefined {
  return rows(shelves, on, knownAt).find(({ course }) => course === shelves.course(Y));
}

describe('the state in a course', () => {
  test.each([
    ['enrolled', ['enrolled'], 'enrolled'],
    ['in-progress once work is seen', ['enrolled', 'progressed'], 'in-progress'],
    ['in-progress when sessions are attended', ['enrolled', 'attended'], 'in-progress'],
    ['in-progress still when enrolled once more', ['progressed', 'enrolled'], 'in-progress'],
    ['withdrawn after leaving', ['progressed', 'left'], 'withdrawn'],
    ['enrolled anew after leaving', ['progressed', 'left', 'enrolled'], 'enrolled'],
    ['failed after a failed attempt', ['progressed', 'failed'], 'failed'],
    ['in-progress again when tried once more', ['failed', 'progressed'], 'in-progress'],
    ['completed, whatever comes after', ['completed', 'progressed', 'failed', 'left', 'enrolled'], 'completed'],
    ['completed by what satisfies it', ['satisfied'], 'completed'],
    ['completed by a waiver', ['waived'], 'completed'],
    ['passed, before and after a completion', ['passed', 'completed'], 'passed'],
    ['what it was before, when the completion is taken back', ['progressed', 'completed', 'revoked'], 'in-progress'],
    ['not-started, when there was nothing before', ['passed', 'revoked'], 'not-started'],
    ['completed again by what comes after', ['passed', 'revoked', 'completed'], 'completed'],
    ['not-started by a rating', ['rated'], 'not-started'],
  ] as const)('is %s', (_, kinds, state) => {
    const inOrder = learner();
    const backwards = learner();
    for (const [i, kind] of kinds.entries()) inOrder.fact(MAIL, kind, Y, `2026-01-0${i + 1}`);
    for (const [i, kind] of [...kinds.entries()].reverse()) backwards.fact(MAIL, kind, Y, `2026-01-0${i + 1}`);
    expect(inY(inOrder, '2026-02-01')?.state).toBe(state);
    expect(inY(backwards, '2026-02-01')).toEqual(inY(inOrder, '2026-02-01'));
  });

  test('is that at the end of the day: a day ends at midnight in Kolkata', () => {
    const shelves = learner().fact(MAIL, 'enrolled', Y, '2026-01-01').fact(MAIL, 'completed', Y, '2026-01-05T23:59');
    shelves.fact(MAIL, 'revoked', Y, '2026-01-07T00:00');
    const states = ['2025-12-31', '2026-01-01', '2026-01-04', '2026-01-05', '2026-01-06', '2026-01-07'];
    expect(states.map((on) => inY(shelves, on)?.state)).toEqual([
      undefined,
      'enrolled',
      'enrolled',
      'completed',
      'completed',
      'enrolled',
    ]);
  });

  test('loses what was completed at the very instant of the taking back too', () => {
    const shelves = learner()
      .fact(MAIL, 'revoked', Y, '2026-01-05', { recorded: 1 })
      .fact(MAIL, 'completed', Y, '2026-01-05', { recorded: 2 });
    expect(inY(shelves, '2026-01-05')).toMatchObject({ state: 'not-started', completions: 0 });
  });

  test('is one for a course and its aliases, and another for each activity that nothing lists', () => {
    const shelves = learner(listed('urn:course:z', { aliases: ['urn:old:z'] }))
      .fact(MAIL, 'enrolled', 'urn:course:z', '2026-01-01')
      .fact(MAIL, 'completed', 'urn:old:z', '2026-01-02')
      .fact(MAIL, 'progressed', 'urn:unlisted', '2026-01-02');
    expect(rows(shelves, '2026-01-02').map(({ course, state }) => [course, state])).toEqual([
      [shelves.course('urn:course:z'), 'completed'],
      [shelves.course('urn:unlisted'), 'in-progress'],
    ]);
  });

  test('is none on the platform itself', () => {
    const shelves = learner(listed('urn:platform', { kind: 'platform' })).fact(
      MAIL,
      'enrolled',
      'urn:platform',
      '2026-01-01',
    );
    expect(rows(shelves, '2026-01-02')).toEqual([]);
  });
});

describe('the worked cases', () => {
  test('late arrival: N completes Y on 30 March, stored on 9 April', () => {
    const stored = 409;
    const shelves = learner().fact(MAIL, 'completed', Y, '2026-03-30', { recorded: stored });
    expect(inY(shelves, '2026-03-31', 401)).toBeUndefined();
    expect(inY(shelves, '2026-04-05', 405)).toBeUndefined();
    expect(inY(shelves, '2026-03-31', 410)).toMatchObject({ state: 'completed', completed: day('2026-03-30') });
    expect(inY(shelves, '2026-04-05', 410)?.behind.map(({ recorded }) => recorded)).toEqual([stored]);
  });

  test('void: O completes Y on 20 March, stored that day, voided on 2 May', () => {
    const shelves = learner().fact(MAIL, 'completed', Y, '2026-03-20', { recorded: 320, withdrawn: 502 });
    expect(inY(shelves, '2026-03-31', 401)?.state).toBe('completed');
    expect(inY(shelves, '2026-03-31', 503)).toBeUndefined();
    expect(inY(shelves, '2026-04-05', 503)).toBeUndefined();
  });
});

describe('a completion', () => {
  test('counts once: the first that stands; the others are repeats', () => {
    const shelves = learner()
      .fact(MAIL, 'completed', Y, '2026-01-10', { recorded: 1, score: 4000 })
      .fact(MAIL, 'passed', Y, '2026-01-05', { recorded: 2, score: 9000 })
      .fact(MAIL, 'failed', Y, '2026-01-20', { recorded: 3, score: 3000 });
    expect(inY(shelves, '2026-02-01')).toMatchObject({
      state: 'passed',
      completed: day('2026-01-05'),
      first: { kind: 'passed', score: 9000 },
      completions: 2,
      repeats: 1,
      bestScore: 9000,
      lastScore: 3000,
    });
    expect(inY(shelves, '2026-01-07')).toMatchObject({ completions: 1, repeats: 0, lastScore: 9000 });
  });

  test('of one session is one, however many verbs say so: cmi5 sends completed, passed and satisfied', () => {
    const shelves = learner()
      .fact(MAIL, 'completed', Y, '2026-01-10', { recorded: 1, seconds: 1200 })
      .fact(MAIL, 'passed', Y, '2026-01-10', { recorded: 2, score: 8500 })
      .fact(MAIL, 'satisfied', Y, '2026-01-10', { recorded: 3 });
    expect(inY(shelves, '2026-01-10')).toMatchObject({
      state: 'passed',
      first: { kind: 'completed', score: 8500, seconds: 1200 },
      completions: 1,
      repeats: 0,
      bestScore: 8500,
    });
  });

  test('before the last taking back counts no more', () => {
    const shelves = learner()
      .fact(MAIL, 'completed', Y, '2026-01-05')
      .fact(MAIL, 'completed', Y, '2026-01-06')
      .fact(MAIL, 'revoked', Y, '2026-01-10')
      .fact(MAIL, 'completed', Y, '2026-01-15', { score: 10_000 });
    expect(inY(shelves, '2026-01-09')).toMatchObject({ completed: day('2026-01-05'), completions: 2 });
    expect(inY(shelves, '2026-01-14')).toMatchObject({ completed: undefined, completions: 0, minutes: 0 });
    expect(inY(shelves, '2026-01-15')).toMatchObject({ completed: day('2026-01-15'), completions: 1, minutes: 60 });
  });

  test('is credited with the minutes of the catalogue on the day asked about, a waiver too', () => {
    const shelves = learner(listed(Y, { minutes: 90, from: '2026-02-01' }));
    shelves.fact(MAIL, 'waived', Y, '2026-01-05', { seconds: 1 });
    expect(inY(shelves, '2026-01-31')).toMatchObject({ minutes: 60, waived: true, implausible: false });
    expect(inY(shelves, '2026-02-01')).toMatchObject({ minutes: 90, waived: true });
    shelves.fact(MAIL, 'completed', Y, '2026-01-06');
    expect(inY(shelves, '2026-02-01')).toMatchObject({ waived: false });
  });

  test('is implausible in less than a tenth of the minutes that the catalogue gives', () => {
    const completed = (seconds: number) => ({ kind: 'completed', seconds }) as const;
    expect(isImplausible(completed(20), 20)).toBe(true);
    expect(isImplausible(completed(119), 20)).toBe(true);
    expect(isImplausible(completed(120), 20)).toBe(false);
    expect(isImplausible(completed(0), 0)).toBe(false);
    expect(isImplausible(completed(20), undefined)).toBe(false);
    expect(isImplausible({ kind: 'completed', seconds: undefined }, 20)).toBe(false);
  });

  test('is judged by the minutes of its own day', () => {
    const shelves = learner(listed(Y, { minutes: 10, from: '2026-02-01' }));
    shelves.fact(MAIL, 'completed', Y, '2026-01-31', { seconds: 300 });
    expect(inY(shelves, '2026-03-01')?.implausible).toBe(true);
  });
});

describe('sessions', () => {
  const WEEK = 'urn:programme:week';
  const sessions = [1, 2, 3].map((n) => held(`day-${n}`, WEEK, `2026-01-0${n}`));
  const inWeek = (shelves: Shelves, on: string, knownAt = LATEST) => rows(shelves, on, knownAt)[0];

  test('are counted, attended and missed, up to the day', () => {
    const shelves = learner(listed(WEEK, { kind: 'blended-programme' }), ...sessions)
      .attendance(N, 'day-1', true)
      .attendance(N, 'day-2', false)
      .attendance(N, 'day-3', true);
    expect(inWeek(shelves, '2026-01-02')).toMatchObject({ state: 'in-progress', attended: 1, sessions: 2 });
    expect(inWeek(shelves, '2026-01-03')).toMatchObject({ state: 'in-progress', attended: 2, sessions: 3 });
  });

  test('missed alone start nothing', () => {
    const shelves = learner(listed(WEEK), ...sessions).attendance(N, 'day-1', false);
    expect(inWeek(shelves, '2026-01-02')).toMatchObject({ state: 'not-started', attended: 0, sessions: 1 });
  });

  test('corrected count as corrected, from when that was known', () => {
    const shelves = learner(listed(WEEK), ...sessions)
      .attendance(N, 'day-1', false, 5)
      .attendance(N, 'day-1', true, 8);
    expect(inWeek(shelves, '2026-01-01', 7)?.attended).toBe(0);
    expect(inWeek(shelves, '2026-01-01', 8)?.attended).toBe(1);
  });
});
