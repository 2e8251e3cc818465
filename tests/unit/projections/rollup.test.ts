// What a learner adds to the counts of departments, day by day, and where it shows in the totals above.

import { describe, expect, test } from 'vitest';
import { type Day, dateOf } from '../../../contracts/days.ts';
import {
  contributionsOf,
  METRICS,
  type Metric,
  placeInTotals,
  valuesOn,
} from '../../../projections/department-rollup/index.ts';
import type { Learner } from '../../../projections/inputs/learner.ts';
import { NOWHERE, type NodeNumber } from '../../../projections/inputs/types.ts';
import { day, held, LATEST, listed, Shelves, TREE } from './shelves.ts';

const M = 1;
const MAIL = 2;
const STRANGER = 3;
const Y = 'urn:course:y';
const NAMES = Object.fromEntries(Object.entries(METRICS).map(([name, number]) => [number, name]));

function learners(...events: Parameters<Shelves['apply']>[0][]): Shelves {
  return new Shelves([...TREE, listed(Y, { minutes: 60, tags: ['cyber-security'] }), ...events]).link(M, MAIL);
}

const nameOf = (shelves: Shelves, node: NodeNumber) => (node === NOWHERE ? '-' : shelves.world.node(node).id);

/** `department metric: count` on a day, with the sum where there is one. */
function counted(
  shelves: Shelves,
  on: string,
  { knownAt = LATEST, learner = shelves.person(M, knownAt) } = {},
): string[] {
  const found: string[] = [];
  valuesOn(learner, shelves.world, day(on), knownAt, (node, metric, _ref, count, sum) => {
    // By cadre they are the same again, where there is one cadre.
    if (NAMES[metric]!.startsWith('cadre')) return;
    found.push(`${nameOf(shelves, node)} ${NAMES[metric]}: ${count}${sum === 0 ? '' : ` (${sum})`}`);
  });
  return found.sort();
}

/** `date department ±count` of one metric. */
function changes(shelves: Shelves, metric: Metric, learner: Learner = shelves.person(M)): string[] {
  const found: [Day, string][] = [];
  contributionsOf(learner, shelves.world, LATEST, (node, on, number, _ref, count) => {
    if (number !== METRICS[metric]) return;
    found.push([on, `${dateOf(on)} ${nameOf(shelves, node)} ${count > 0 ? '+' : '−'}${Math.abs(count)}`]);
  });
  return found.sort(([a], [b]) => a - b).map(([, change]) => change);
}

describe('the worked cases', () => {
  test('transfer: what M completed goes along from Lucknow to Revenue on 1 March', () => {
    const shelves = learners()
      .posting(M, 'lucknow', '2025-06-01', '2026-02-28')
      .posting(M, 'revenue', '2026-03-01')
      .fact(MAIL, 'completed', Y, '2026-02-15', { score: 8000 });
    expect(changes(shelves, 'strength')).toEqual([
      '2025-06-01 lucknow +1',
      '2026-03-01 lucknow −1',
      '2026-03-01 revenue +1',
    ]);
    expect(changes(shelves, 'completions')).toEqual([
      '2026-02-15 lucknow +1',
      '2026-03-01 lucknow −1',
      '2026-03-01 revenue +1',
    ]);
    expect(counted(shelves, '2026-03-10')).toEqual([
      'revenue active30: 1',
      'revenue activeYear: 1',
      'revenue completions: 1',
      'revenue scores: 1 (8000)',
      'revenue strength: 1',
      'revenue withCompletion: 1',
      'revenue withTag: 1',
    ]);
  });

  test('late arrival: N’s completion of 30 March, stored on 9 April, is in March’s figures as known from then on', () => {
    const shelves = learners()
      .posting(M, 'lucknow', '2025-06-01')
      .fact(MAIL, 'completed', Y, '2026-03-30', { recorded: 409 });
    expect(counted(shelves, '2026-03-31', { knownAt: 401 })).toEqual(['lucknow strength: 1']);
    expect(counted(shelves, '2026-03-31', { knownAt: 410 })).toContain('lucknow completions: 1');
    expect(counted(shelves, '2026-03-29', { knownAt: 410 })).toEqual(['lucknow strength: 1']);
  });

  test('void: O’s completion, voided on 2 May, is in no figure as known after that', () => {
    const shelves = learners()
      .posting(M, 'kanpur', '2025-06-01')
      .fact(MAIL, 'completed', Y, '2026-03-20', { recorded: 320, withdrawn: 502 });
    expect(counted(shelves, '2026-03-31', { knownAt: 401 })).toContain('kanpur completions: 1');
    expect(counted(shelves, '2026-03-31', { knownAt: 503 })).toEqual(['kanpur strength: 1']);
  });
});

describe('a learner', () => {
  test('is active for 7 and 30 days and for the financial year, once, however much happens', () => {
    const shelves = learners()
      .posting(M, 'lucknow', '2025-06-01')
      .fact(MAIL, 'progressed', Y, '2026-03-01')
      .fact(MAIL, 'progressed', Y, '2026-03-08')
      .fact(MAIL, 'progressed', Y, '2026-03-30')
      .fact(MAIL, 'revoked', Y, '2026-05-01');
    expect(changes(shelves, 'active7')).toEqual([
      '2026-03-01 lucknow +1',
      '2026-03-15 lucknow −1',
      '2026-03-30 lucknow +1',
      '2026-04-06 lucknow −1',
    ]);
    expect(changes(shelves, 'active30')).toEqual(['2026-03-01 lucknow +1', '2026-04-29 lucknow −1']);
    expect(changes(shelves, 'activeYear')).toEqual(['2026-03-01 lucknow +1', '2026-04-01 lucknow −1']);
  });

  test('is active in two financial years running without a break', () => {
    const shelves = learners()
      .posting(M, 'lucknow', '2025-06-01')
      .fact(MAIL, 'progressed', Y, '2026-03-31')
      .fact(MAIL, 'progressed', Y, '2026-04-01');
    expect(changes(shelves, 'activeYear')).toEqual(['2026-03-31 lucknow +1', '2027-04-01 lucknow −1']);
  });

  test('is onboarded from the earlier of HR’s date and the registration on the platform', () => {
    const platform = listed('urn:platform', { kind: 'platform', aliases: ['urn:app'] });
    const registered = learners(platform)
      .posting(M, 'lucknow', '2025-06-01')
      .fact(MAIL, 'progressed', 'urn:platform', '2025-12-01')
      .fact(MAIL, 'enrolled', 'urn:app', '2026-01-05');
    expect(changes(registered, 'onboarded')).toEqual(['2026-01-05 lucknow +1']);
    expect(changes(registered, 'enrolled')).toEqual([]);
    registered.put(M, { is: 'onboarded', on: day('2025-11-01'), recorded: 1, withdrawn: LATEST + 1 });
    expect(changes(registered, 'onboarded')).toEqual(['2025-11-01 lucknow +1']);
  });

  test('brings what was done before the posting to the first department, and leaves with the service', () => {
    const shelves = learners()
      .posting(M, 'lucknow', '2026-02-01')
      .service(M, 'leave', '2026-02-10', '2026-02-19')
      .service(M, 'retired', '2026-03-01')
      .fact(MAIL, 'completed', Y, '2026-01-15');
    expect(changes(shelves, 'completions')).toEqual([
      '2026-01-15 - +1',
      '2026-02-01 - −1',
      '2026-02-01 lucknow +1',
      '2026-03-01 lucknow −1',
      '2026-03-01 - +1',
    ]);
    expect(changes(shelves, 'strength')).toEqual(['2026-02-01 lucknow +1', '2026-03-01 lucknow −1']);
    expect(changes(shelves, 'paused')).toEqual(['2026-02-10 lucknow +1', '2026-02-20 lucknow −1']);
  });

  test('of whom HR knows nothing counts nowhere, until a link says whose the facts are', () => {
    const shelves = learners().posting(M, 'lucknow', '2025-06-01').fact(STRANGER, 'completed', Y, '2026-01-15');
    expect(changes(shelves, 'completions', shelves.identity(STRANGER))).toEqual(['2026-01-15 - +1']);
    expect(changes(shelves, 'completions')).toEqual([]);
    shelves.link(M, STRANGER);
    expect(changes(shelves, 'completions', shelves.identity(STRANGER))).toEqual([]);
    expect(changes(shelves, 'completions')).toEqual(['2026-01-15 lucknow +1']);
  });

  test('counts once with a completion, in progress and for a tag, in however many courses', () => {
    const shelves = learners(listed('urn:course:z', { tags: ['cyber-security', 'ai'] }))
      .posting(M, 'lucknow', '2025-06-01')
      .fact(MAIL, 'progressed', Y, '2026-01-01')
      .fact(MAIL, 'progressed', 'urn:course:z', '2026-01-03')
      .fact(MAIL, 'completed', Y, '2026-01-05')
      .fact(MAIL, 'completed', 'urn:course:z', '2026-01-09');
    expect(changes(shelves, 'inProgress')).toEqual(['2026-01-01 lucknow +1', '2026-01-09 lucknow −1']);
    expect(changes(shelves, 'courseInProgress')).toEqual([
      '2026-01-01 lucknow +1',
      '2026-01-03 lucknow +1',
      '2026-01-05 lucknow −1',
      '2026-01-09 lucknow −1',
    ]);
    expect(changes(shelves, 'withCompletion')).toEqual(['2026-01-05 lucknow +1']);
    expect(changes(shelves, 'withTag')).toEqual(['2026-01-05 lucknow +1', '2026-01-09 lucknow +1']);
    expect(changes(shelves, 'completions')).toEqual(['2026-01-05 lucknow +1', '2026-01-09 lucknow +1']);
  });

  test('gives each course their last rating, and each activity one contribution', () => {
    const shelves = learners(listed('urn:case', { kind: 'case-study' }))
      .posting(M, 'lucknow', '2025-06-01')
      .fact(MAIL, 'rated', Y, '2026-01-01', { score: 2000 })
      .fact(MAIL, 'rated', Y, '2026-01-05', { score: 8000 })
      .fact(MAIL, 'contributed', 'urn:case', '2025-06-05')
      .fact(MAIL, 'contributed', 'urn:case', '2025-06-07');
    const besides = (on: string) => counted(shelves, on).filter((line) => /ratings|contributed/.test(line));
    expect(besides('2026-01-04')).toEqual(['lucknow contributed: 1', 'lucknow ratings: 1 (2000)']);
    expect(besides('2026-01-05')).toEqual(['lucknow contributed: 1', 'lucknow ratings: 1 (8000)']);
  });

  test('has attended all who missed no session on whose roster they stand, from the day of the last', () => {
    const sessions = [1, 2, 3].map((n) => held(`day-${n}`, Y, `2026-01-0${n}`));
    const shelves = learners(...sessions)
      .posting(M, 'lucknow', '2025-06-01')
      .attendance(M, 'day-2', true)
      .attendance(M, 'day-1', true);
    expect(changes(shelves, 'attendedAll')).toEqual(['2026-01-02 lucknow +1']);
    shelves.attendance(M, 'day-3', false);
    expect(changes(shelves, 'attendedAll')).toEqual([]);
    shelves.attendance(M, 'day-3', true, 2);
    expect(changes(shelves, 'attendedAll')).toEqual(['2026-01-03 lucknow +1']);
  });
});

describe('what lies before 1970', () => {
  test('counts from then on', () => {
    const shelves = learners(held('old', Y, '1965-05-01'))
      .posting(M, 'lucknow', '1960-01-01')
      .attendance(M, 'old', true);
    expect(changes(shelves, 'strength')).toEqual(['1970-01-01 lucknow +1']);
    expect(changes(shelves, 'attendedAll')).toEqual(['1970-01-01 lucknow +1']);
    expect(changes(shelves, 'activeYear')).toEqual(['1970-01-01 lucknow +1', '1970-04-01 lucknow −1']);
  });
});

describe('a change', () => {
  const shown = (on: Day, ...memberships: [node: number, from: Day, to: Day][]) => {
    const found: [number, Day, number][] = [];
    placeInTotals(
      memberships.map(([ancestor, from, to]) => ({ ancestor: ancestor as NodeNumber, from, to })),
      on,
      (ancestor, when, sign) => found.push([ancestor, when, sign]),
    );
    return found;
  };
  const [early, first, middle, last, late] = [10, 20, 30, 40, 50] as [Day, Day, Day, Day, Day];

  test('before a node came below another shows there from its coming until its leaving', () => {
    expect(shown(early, [7, first, last])).toEqual([
      [7, first, 1],
      [7, last, -1],
    ]);
  });

  test('while it is there shows from its own day on', () => {
    expect(shown(middle, [7, first, last])).toEqual([
      [7, middle, 1],
      [7, last, -1],
    ]);
  });

  test('after it has left shows there no more', () => {
    expect(shown(last, [7, first, last])).toEqual([]);
    expect(shown(late, [7, first, last], [8, last, 0xffff as Day])).toEqual([[8, late, 1]]);
  });
});
