// What statements say of learners: verbs as learning systems send them, what the result makes of them, scores, durations, and whose
// fact it is.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromInstant } from '../../../contracts/time.ts';
import type { Microseconds } from '../../../contracts/words.ts';
import type { Result, Statement } from '../../../contracts/xapi/index.ts';
import { type FoundFact, factsOf } from '../../../projections/inputs/facts.ts';
import { scoreOf } from '../../../projections/inputs/scores.ts';
import { FACT_KINDS } from '../../../projections/inputs/types.ts';
import { KIND_OF_VERB } from '../../../projections/inputs/verbs.ts';
import { SHAPES, type Shape, statementsOf } from '../../fixtures/statements/index.ts';
import { every } from '../xapi/generated/forms.ts';
import { validStatement } from '../xapi/generated/statements.ts';

const at = (text: string): Microseconds => fromInstant(text)!;
const STORED = at('2026-11-01T00:00:00Z');
const COURSE = 'https://courses.example/1';
const ADL = 'http://adlnet.gov/expapi/verbs/';
const ASHA = { mbox: 'mailto:asha@example.com' };

function facts(more: Partial<Statement>, stored: Microseconds = STORED): readonly FoundFact[] {
  const verb = { id: `${ADL}completed` };
  return factsOf({ actor: ASHA, verb, object: { id: COURSE }, timestamp: '2026-03-30T10:00:00Z', ...more }, stored);
}

/** The one fact that this verb leaves with this result. */
function said(verb: string, result?: Result): FoundFact | undefined {
  const found = facts({ verb: { id: verb }, ...(result && { result }) });
  expect(found.length).toBeLessThan(2);
  return found[0];
}

describe('the verb, in whichever vocabulary', () => {
  test.each([
    ['enrolled', 'http://adlnet.gov/expapi/verbs/registered'],
    ['enrolled', 'https://w3id.org/xapi/tla/verbs/registered'],
    ['enrolled', 'https://xapi.edlm/profiles/edlm-lms/concepts/verbs/enrolled'],
    ['enrolled', 'http://www.tincanapi.co.uk/verbs/enrolled_onto_learning_plan'],
    ['progressed', 'http://adlnet.gov/expapi/verbs/launched'],
    ['progressed', 'http://adlnet.gov/expapi/verbs/initialized'],
    ['progressed', 'http://adlnet.gov/expapi/verbs/attempted'],
    ['progressed', 'http://adlnet.gov/expapi/verbs/progressed'],
    ['progressed', 'http://activitystrea.ms/start'],
    ['completed', 'http://adlnet.gov/expapi/verbs/completed'],
    ['completed', 'http://activitystrea.ms/schema/1.0/complete'],
    ['passed', 'http://adlnet.gov/expapi/verbs/passed'],
    ['passed', 'https://adlnet.gov/expapi/verbs/passed'],
    ['failed', 'http://adlnet.gov/expapi/verbs/failed'],
    ['attended', 'http://adlnet.gov/expapi/verbs/attended'],
    ['attended', 'https://w3id.org/xapi/tla/verbs/attended'],
    ['attended', 'http://activitystrea.ms/schema/1.0/attend'],
    ['waived', 'https://w3id.org/xapi/adl/verbs/waived'],
    ['satisfied', 'https://w3id.org/xapi/adl/verbs/satisfied'],
    ['revoked', 'https://w3id.org/xapi/tla/verbs/forfeited'],
    ['revoked', 'https://w3id.org/xapi/tla/verbs/revoked'],
    ['revoked', 'https://xapi.edlm/profiles/edlm-lms/concepts/verbs/uncompleted'],
    ['left', 'http://id.tincanapi.com/verb/unregistered'],
    ['left', 'http://activitystrea.ms/leave'],
    ['contributed', 'http://activitystrea.ms/schema/1.0/author'],
    ['contributed', 'http://activitystrea.ms/schema/1.0/submit'],
    ['contributed', 'http://adlnet.gov/expapi/verbs/shared'],
  ])('%s: %s', (kind, verb) => {
    expect(said(verb)).toEqual({
      who: 'mbox:mailto:asha@example.com',
      kind,
      activity: COURSE,
      at: at('2026-03-30T10:00:00Z'),
    });
  });

  test.each([
    ['http://id.tincanapi.com/verb/viewed'],
    ['http://adlnet.gov/expapi/verbs/answered'],
    ['http://adlnet.gov/expapi/verbs/terminated'],
    ['http://adlnet.gov/expapi/verbs/voided'],
    ['https://w3id.org/xapi/adl/verbs/abandoned'],
    ['https://w3id.org/xapi/tla/verbs/resumed'],
    ['https://example.org/verbs/completed'],
  ])('nothing: %s', (verb) => {
    expect(facts({ verb: { id: verb } })).toEqual([]);
  });

  test('every kind of fact has verbs', () => {
    expect(new Set(KIND_OF_VERB.values())).toEqual(new Set(FACT_KINDS));
  });
});

describe('the result', () => {
  test.each(['completed', 'passed', 'attended', 'waived', 'satisfied'])(
    '%s with completion false is progress: part of a course, part of the days',
    (verb) => {
      const base = verb === 'waived' || verb === 'satisfied' ? 'https://w3id.org/xapi/adl/verbs/' : ADL;
      expect(said(base + verb, { completion: false })?.kind).toBe('progressed');
      expect(said(base + verb, { completion: true })?.kind).toBe(verb);
      expect(said(base + verb, {})?.kind).toBe(verb);
    },
  );

  test('passed without success is a failure, whatever it says of completion', () => {
    expect(said(`${ADL}passed`, { success: false })?.kind).toBe('failed');
    expect(said(`${ADL}passed`, { success: false, completion: false })?.kind).toBe('failed');
    expect(said(`${ADL}passed`, { success: true })?.kind).toBe('passed');
  });

  test('completed without success is a completion all the same: it says nothing else', () => {
    expect(said(`${ADL}completed`, { success: false, completion: true })?.kind).toBe('completed');
  });

  test('failed, left and revoked stay what they are', () => {
    expect(said(`${ADL}failed`, { completion: false })?.kind).toBe('failed');
    expect(said('http://activitystrea.ms/leave', { completion: false })?.kind).toBe('left');
    expect(said('https://w3id.org/xapi/tla/verbs/forfeited', { completion: false })?.kind).toBe('revoked');
  });

  test('of its duration whole seconds are kept, the longest standing for longer ones', () => {
    const seconds = (duration: string) => said(`${ADL}completed`, { duration })?.seconds;
    expect(seconds('PT20S')).toBe(20);
    expect(seconds('PT0H31M12.99S')).toBe(31 * 60 + 12);
    expect(seconds('PT1,5M')).toBe(90);
    expect(seconds('P0DT1H')).toBe(3600);
    expect(seconds('P4W')).toBe(65_534);
    expect(seconds('PT0S')).toBe(0);
    expect(said(`${ADL}completed`)).not.toHaveProperty('seconds');
  });
});

describe('scores', () => {
  const score = (given: Result['score']) => said(`${ADL}passed`, given && { score: given })?.score;

  test('scaled as it was sent, in ten-thousandths', () => {
    expect(score({ scaled: 0.78 })).toBe(7_800);
    expect(score({ scaled: -1 })).toBe(-10_000);
    expect(score({ scaled: 0.123_456 })).toBe(1_235);
    expect(score({ scaled: 0.5, raw: 9, min: 0, max: 10 })).toBe(5_000);
    expect(Object.is(score({ scaled: -0.000_01 }), 0)).toBe(true);
  });

  test('else the raw one between least and most, the least being 0 where nobody says so', () => {
    expect(score({ raw: 15, max: 20 })).toBe(7_500);
    expect(score({ raw: 3, min: 1, max: 5 })).toBe(5_000);
    expect(score({ raw: -5, min: -10, max: 0 })).toBe(5_000);
    expect(score({ raw: -40, max: 20 })).toBe(-10_000);
  });

  test('none where nobody says out of how many, or out of nothing', () => {
    expect(score({ raw: 78 })).toBeUndefined();
    expect(score({ raw: 0, min: 0, max: 0 })).toBeUndefined();
    expect(score({ min: 0, max: 10 })).toBeUndefined();
    expect(score(undefined)).toBeUndefined();
  });

  test('what was sent stays beside it', () => {
    expect(scoreOf({ score: { raw: 15, min: 0, max: 20 } })).toEqual({ scaled: 0.75, raw: 15, min: 0, max: 20 });
    expect(scoreOf({ score: { scaled: 0.5, raw: 9, max: 10 } })).toEqual({ scaled: 0.5, raw: 9, max: 10 });
    expect(scoreOf({ score: { raw: 78 } })).toEqual({ raw: 78 });
    expect(scoreOf({ completion: true })).toBeUndefined();
    expect(scoreOf(undefined)).toBeUndefined();
  });

  test('a rating is the score of a rating, or its extension; without a value it is none', () => {
    const extension = 'http://id.tincanapi.com/extension/quality-rating';
    const stars = (result?: Result) => said('http://id.tincanapi.com/verb/rated', result);
    expect(stars({ score: { raw: 4, min: 0, max: 5 } })).toMatchObject({ kind: 'rated', score: 8_000 });
    expect(stars({ extensions: { [extension]: { raw: 4, min: 1, max: 5 } } })).toMatchObject({ score: 7_500 });
    expect(stars({ extensions: { [extension]: { rating: 5, min: 1, max: 5 } } })).toMatchObject({ score: 10_000 });
    expect(stars({ extensions: { [extension]: { raw: '4', max: 5 } } })).toBeUndefined();
    expect(stars({ extensions: { [extension]: 4 } })).toBeUndefined();
    expect(stars({ response: 'good' })).toBeUndefined();
    expect(stars()).toBeUndefined();
  });
});

describe('whose fact it is, of what, and when', () => {
  test('the earlier of timestamp and stored', () => {
    expect(facts({ timestamp: '2019-01-05T09:30:00.5+05:30' })[0]?.at).toBe(at('2019-01-05T04:00:00.5Z'));
    expect(facts({ timestamp: '2031-01-01T00:00:00Z' })[0]?.at).toBe(STORED);
    expect(facts({ timestamp: '0001-01-01T00:00:00Z' })[0]?.at).toBe(0);
    expect(factsOf({ actor: ASHA, verb: { id: `${ADL}completed` }, object: { id: COURSE } }, STORED)[0]?.at).toBe(
      STORED,
    );
  });

  test('a timestamp in every form that 1.0.3 takes', () => {
    expect(facts({ timestamp: '20260330T1000' })[0]?.at).toBe(at('2026-03-30T10:00:00Z'));
    expect(facts({ timestamp: '2026-03-30T24:00:00+0530' })[0]?.at).toBe(at('2026-03-30T18:30:00Z'));
  });

  test('each member of a Group has one, with the name given; the Group has none', () => {
    const ravi = { name: 'Ravi', account: { homePage: 'https://hr.example', name: 'E-7' } };
    const team = { mbox: 'mailto:team@example.com', objectType: 'Group' } as const;
    const found = facts({ actor: { ...team, member: [ASHA, ravi, { mbox: 'mailto:asha@Example.com' }] } });
    expect(found.map(({ who, name }) => [who, name])).toEqual([
      ['mbox:mailto:asha@example.com', undefined],
      ['account:https://hr.example|E-7', 'Ravi'],
    ]);
    expect(facts({ actor: team })).toEqual([]);
  });

  test('only of Activities: a plan or a word about somebody says nothing of a course', () => {
    const agent = { objectType: 'Agent', ...ASHA } as const;
    expect(facts({ object: agent })).toEqual([]);
    expect(facts({ object: { objectType: 'StatementRef', id: 'e05aa883-acaf-40ad-bf54-02c8ce485fb0' } })).toEqual([]);
    const verb = { id: `${ADL}attended` };
    expect(facts({ object: { objectType: 'SubStatement', actor: ASHA, verb, object: { id: COURSE } } })).toEqual([]);
    expect(facts({ object: { objectType: 'Activity', id: COURSE } })).toHaveLength(1);
  });
});

describe('as learning systems send it', () => {
  const fromShape = (shape: Shape) =>
    statementsOf(shape).flatMap((statement) =>
      factsOf(statement, STORED).map(({ kind, score, seconds, activity }) => ({ kind, score, seconds, activity })),
    );

  test('Moodle: a completion without a result, a quiz with one', () => {
    const site = 'https://lms.training.example.gov.in';
    expect(fromShape('moodle')).toEqual([
      { kind: 'completed', activity: `${site}/course/view.php?id=31` },
      { kind: 'completed', score: 8_000, seconds: 754, activity: `${site}/mod/quiz/attempt.php?attempt=5521&cmid=212` },
    ]);
  });

  test('cmi5: the unit is launched, begun, completed, failed, passed, waived; the course satisfied', () => {
    expect(fromShape('cmi5').map(({ kind }) => kind)).toEqual([
      ...['progressed', 'progressed', 'completed', 'failed', 'passed', 'waived', 'satisfied'],
    ]);
  });

  test('SCORM: attempted, then passed with a score', () => {
    const activity = 'http://lms.example.gov.in/scorm/CCS-Conduct-Rules-1964';
    expect(fromShape('scorm')).toEqual([
      { kind: 'progressed', activity },
      { kind: 'passed', score: 7_800, seconds: 1_872, activity },
    ]);
  });

  test('H5P: a completion out of no points has no score', () => {
    expect(fromShape('h5p')).toEqual([
      { kind: 'completed', seconds: 182, activity: 'https://content.example.gov.in/h5p/embed/31' },
    ]);
  });

  test('in Hindi and English: a completion, and a Group that attended', () => {
    expect(fromShape('hindi-english').map(({ kind, score }) => [kind, score])).toEqual([
      ['completed', 8_600],
      ['attended', undefined],
      ['attended', undefined],
    ]);
  });
});

describe('of whatever was accepted', () => {
  const stated = fc
    .tuple(validStatement(every), fc.constantFrom(...KIND_OF_VERB.keys()), fc.boolean())
    .map(
      ([statement, verb, known]) => (known ? { ...statement, verb: { id: verb } } : statement) as unknown as Statement,
    );

  test('facts are well formed and no later than stored; nobody has two of one statement', () => {
    fc.assert(
      fc.property(stated, (statement) => {
        const found = factsOf(statement, STORED);
        expect(new Set(found.map(({ who }) => who)).size).toBe(found.length);
        for (const { at, score = 0, seconds = 0, kind, activity } of found) {
          expect(FACT_KINDS).toContain(kind);
          expect(activity).toBe((statement.object as { id: string }).id);
          expect(Number.isInteger(at) && at >= 0 && at <= STORED).toBe(true);
          expect(Number.isInteger(score) && Math.abs(score) <= 10_000).toBe(true);
          expect(Number.isInteger(seconds) && seconds >= 0 && seconds <= 65_534).toBe(true);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(SHAPES)('%s: completion false never leaves a completion', (shape) => {
    for (const statement of statementsOf(shape)) {
      const without = { ...statement, result: { ...statement.result, completion: false } };
      for (const { kind } of factsOf(without, STORED)) {
        expect(['completed', 'passed', 'attended', 'waived', 'satisfied']).not.toContain(kind);
      }
    }
  });
});
