// Whose facts are whose, and where a learner is posted.

import { describe, expect, test } from 'vitest';
import { dateOf } from '../../../contracts/days.ts';
import { FOREVER, type Learner, primaryPostings } from '../../../projections/inputs/learner.ts';
import { NOWHERE, STANDING } from '../../../projections/inputs/types.ts';
import { day, Shelves, TREE } from './shelves.ts';

const ASHA = 1;
const RAVI = 2;
const ACCOUNT = 3;
const MAIL = 4;
const Y = 'urn:course:y';

const kinds = (learner: Learner) => learner.facts.map(({ kind }) => kind);

describe('the facts of an identity', () => {
  test('are the person’s on the days of the link, and a provisional learner’s on the others', () => {
    const shelves = new Shelves()
      .link(ASHA, ACCOUNT, '2026-01-10', '2026-01-20')
      .fact(ACCOUNT, 'enrolled', Y, '2026-01-09T23:59')
      .fact(ACCOUNT, 'progressed', Y, '2026-01-10T00:00')
      .fact(ACCOUNT, 'completed', Y, '2026-01-20T23:59')
      .fact(ACCOUNT, 'rated', Y, '2026-01-21T00:00');
    expect(kinds(shelves.person(ASHA))).toEqual(['progressed', 'completed']);
    expect(kinds(shelves.identity(ACCOUNT))).toEqual(['enrolled', 'rated']);
  });

  test('go over to another person with a later link', () => {
    const shelves = new Shelves()
      .link(ASHA, ACCOUNT, undefined, '2026-01-15')
      .link(RAVI, ACCOUNT, '2026-01-16')
      .fact(ACCOUNT, 'enrolled', Y, '2026-01-15')
      .fact(ACCOUNT, 'completed', Y, '2026-01-16');
    expect(kinds(shelves.person(ASHA))).toEqual(['enrolled']);
    expect(kinds(shelves.person(RAVI))).toEqual(['completed']);
    expect(kinds(shelves.identity(ACCOUNT))).toEqual([]);
  });

  test('are never two persons’ on one day: the link recorded last decides, as far as it is known', () => {
    const shelves = new Shelves()
      .link(ASHA, ACCOUNT, undefined, undefined, 5)
      .link(RAVI, ACCOUNT, undefined, undefined, 8)
      .fact(ACCOUNT, 'completed', Y, '2026-01-16');
    expect(kinds(shelves.person(ASHA, 7))).toEqual(['completed']);
    expect(kinds(shelves.person(ASHA, 8))).toEqual([]);
    expect(kinds(shelves.person(RAVI, 8))).toEqual(['completed']);
  });

  test('of a person come in order of time, then of the record, from however many identities', () => {
    const shelves = new Shelves()
      .link(ASHA, MAIL)
      .link(ASHA, ACCOUNT)
      .fact(ACCOUNT, 'passed', Y, '2026-01-16', { recorded: 2 })
      .fact(ACCOUNT, 'enrolled', Y, '2026-01-01', { recorded: 9 })
      .fact(MAIL, 'failed', Y, '2026-01-16', { recorded: 1 })
      .fact(MAIL, 'progressed', Y, '2026-01-10', { recorded: 10 });
    expect(kinds(shelves.person(ASHA))).toEqual(['enrolled', 'progressed', 'failed', 'passed']);
  });

  test('count once where the identity is linked twice', () => {
    const shelves = new Shelves()
      .link(ASHA, ACCOUNT)
      .link(ASHA, ACCOUNT, '2026-01-01')
      .fact(ACCOUNT, 'completed', Y, '2026-01-16');
    expect(kinds(shelves.person(ASHA))).toEqual(['completed']);
  });

  test('are seen from their recording until they are withdrawn', () => {
    const shelves = new Shelves().fact(ACCOUNT, 'completed', Y, '2026-01-16', { recorded: 4, withdrawn: 9 });
    expect([3, 4, 8, 9].map((at) => shelves.identity(ACCOUNT, at).facts.length)).toEqual([0, 1, 1, 0]);
  });
});

describe('what HR said last', () => {
  test('of the day of onboarding and of a line of a roster holds, as far as it is known', () => {
    const session = { is: 'attendance', session: 1, withdrawn: STANDING } as const;
    const onboarded = { is: 'onboarded', withdrawn: STANDING } as const;
    const shelves = new Shelves()
      .put(ASHA, { ...session, attended: true, recorded: 3 }, { ...session, attended: false, recorded: 6 })
      .put(ASHA, { ...onboarded, on: day('2026-02-01'), recorded: 3 })
      .put(ASHA, { ...onboarded, on: day('2026-03-01'), recorded: 6 });
    expect(shelves.person(ASHA, 2)).toMatchObject({ attendance: [], onboarded: undefined });
    expect(shelves.person(ASHA, 5)).toMatchObject({ attendance: [{ attended: true }], onboarded: day('2026-02-01') });
    expect(shelves.person(ASHA, 6)).toMatchObject({ attendance: [{ attended: false }], onboarded: day('2026-03-01') });
  });
});

describe('where a learner is posted', () => {
  const posted = (shelves: Shelves) =>
    primaryPostings(shelves.person(ASHA)).map(({ node, paused, from, to }) => [
      node === NOWHERE ? '-' : shelves.world.node(node).id,
      from === 0 ? '' : dateOf(from),
      to === FOREVER ? '' : dateOf(to),
      ...(paused ? [paused] : []),
    ]);

  test('covers every day: nowhere before, between and after postings', () => {
    const shelves = new Shelves(TREE)
      .posting(ASHA, 'lucknow', '2026-01-01', '2026-02-28')
      .posting(ASHA, 'revenue', '2026-03-05');
    expect(posted(shelves)).toEqual([
      ['-', '', '2026-01-01'],
      ['lucknow', '2026-01-01', '2026-03-01'],
      ['-', '2026-03-01', '2026-03-05'],
      ['revenue', '2026-03-05', ''],
    ]);
  });

  test('is where a deputation is, before the substantive posting, before an additional charge', () => {
    const shelves = new Shelves(TREE)
      .posting(ASHA, 'kanpur', '2026-01-01', undefined, { kind: 'additional-charge' })
      .posting(ASHA, 'revenue', '2026-02-01', '2026-02-10', { kind: 'deputation' })
      .posting(ASHA, 'lucknow', '2026-01-10', '2026-03-31');
    expect(posted(shelves)).toEqual([
      ['-', '', '2026-01-01'],
      ['kanpur', '2026-01-01', '2026-01-10'],
      ['lucknow', '2026-01-10', '2026-02-01'],
      ['revenue', '2026-02-01', '2026-02-11'],
      ['lucknow', '2026-02-11', '2026-04-01'],
      ['kanpur', '2026-04-01', ''],
    ]);
  });

  test('of two of one kind, is where the later one is', () => {
    const shelves = new Shelves(TREE)
      .posting(ASHA, 'revenue', '2026-02-01', undefined, { kind: 'deputation' })
      .posting(ASHA, 'kanpur', '2026-01-01', '2026-03-31', { kind: 'deputation' });
    expect(posted(shelves)).toEqual([
      ['-', '', '2026-01-01'],
      ['kanpur', '2026-01-01', '2026-02-01'],
      ['revenue', '2026-02-01', ''],
    ]);
  });

  test('stays through leave and suspension, marked, and ends with the service', () => {
    const shelves = new Shelves(TREE)
      .posting(ASHA, 'lucknow', '2026-01-01')
      .service(ASHA, 'leave', '2026-02-01', '2026-02-10')
      .service(ASHA, 'suspension', '2026-03-01')
      .service(ASHA, 'retired', '2026-04-30');
    expect(posted(shelves)).toEqual([
      ['-', '', '2026-01-01'],
      ['lucknow', '2026-01-01', '2026-02-01'],
      ['lucknow', '2026-02-01', '2026-02-11', 'leave'],
      ['lucknow', '2026-02-11', '2026-03-01'],
      ['lucknow', '2026-03-01', '2026-04-30', 'suspension'],
      ['-', '2026-04-30', ''],
    ]);
  });

  test('is nowhere of whom HR knows no posting', () => {
    expect(posted(new Shelves().service(ASHA, 'leave', '2026-01-01'))).toEqual([['-', '', '']]);
  });
});
