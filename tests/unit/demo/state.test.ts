// The demo's made-up state: as large as it says, the same for the same seed and day, and nothing in it that the store would refuse.

import { createHash } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { describe, expect, test } from 'vitest';
import { courseListed } from '../../../contracts/events/programmes.ts';
import { fromInstant } from '../../../contracts/time.ts';
import { type Statement, validateStatements } from '../../../contracts/xapi/index.ts';
import { factsOf } from '../../../projections/inputs/facts.ts';
import { KINDS } from '../../../src/administration/kinds.ts';
import { CATALOGUE } from '../../../src/demo/state/catalogue.ts';
import { census, filesAtTheStart, filesOfMonth, instantOf, State } from '../../../src/demo/state/index.ts';
import { personAt } from '../../../src/demo/state/people.ts';

const NOW = Date.parse('2026-04-20T06:00:00Z');
const SMALL = { scale: 0.0005, seed: 7, now: NOW };
const STORED = fromInstant('2026-04-20T06:00:00Z')!;
const PERCENT = { scale: 0.01, seed: 1, now: NOW };
const small = new State(SMALL);

function everyFile(state: State) {
  return [...filesAtTheStart(state), ...state.calendar.months.flatMap((_, month) => filesOfMonth(state, month))];
}

function* everyPosting(state: State) {
  for (const month of state.calendar.months.keys()) {
    for (const { day, postings } of state.eveningsOf(month)) for (const posting of postings) yield { day, posting };
  }
}

function rowsOf(state: State, kind: string): Record<string, string>[] {
  return everyFile(state)
    .filter((file) => file.kind === kind)
    .flatMap((file) => parse([...file.content()].join(''), { columns: true }) as Record<string, string>[]);
}

function digestOf(state: State): string {
  const hash = createHash('sha256');
  for (const file of everyFile(state)) for (const piece of file.content()) hash.update(piece);
  for (const { day, posting } of everyPosting(state)) hash.update(JSON.stringify([day, posting.say()]));
  return hash.digest('hex');
}

describe('at one percent', () => {
  const rows = [...census(PERCENT)];
  const people = rows.filter(({ known }) => known);

  test('18,800 people in 63 departments, 18 divisions and 75 districts', () => {
    expect(people).toHaveLength(18_800);
    expect(new Set(people.map(({ within }) => within.at(-2)).filter(Boolean)).size).toBe(63);
    const departments = rowsOf(small, 'departments');
    const ofKind = (kind: string) => departments.filter((row) => row.kind === kind);
    expect(ofKind('department')).toHaveLength(63);
    expect(ofKind('division').filter(({ id }) => id!.startsWith('health.'))).toHaveLength(18);
    expect(ofKind('district').filter(({ id }) => id!.startsWith('health.'))).toHaveLength(75);
    for (const kind of ['state', 'directorate', 'corporation', 'council', 'office'])
      expect(ofKind(kind), kind).not.toEqual([]);
  });

  test('53 % of the people have a completion, 72,000 of them in all', () => {
    const learners = people.filter(({ completions }) => completions.length > 0).length;
    expect(learners / people.length).toBeCloseTo(0.53, 2);
    const completions = people.reduce((sum, row) => sum + row.completions.length, 0);
    expect(Math.abs(completions - 72_000)).toBeLessThan(1_500);
  });

  test('there are field cadres of all three kinds, unknown people, implausible completions, and sessions missed', () => {
    for (const designation of [
      'ANM',
      'ASHA',
      'Constable',
      'Teacher',
      'Panchayat Assistant',
      'Sanitation Worker',
      'Junior Engineer',
    ]) {
      expect(people.filter((row) => row.designation === designation).length, designation).toBeGreaterThan(50);
    }
    expect(new Set(people.map(({ cadre }) => cadre).filter(Boolean))).toEqual(
      new Set(['regular', 'contractual', 'honorarium']),
    );
    expect(rows.length - people.length).toBe(75);
    const completions = people.flatMap((row) => row.completions);
    expect(completions.filter(({ implausible }) => implausible).length / completions.length).toBeCloseTo(0.008, 2);
    expect(people.some(({ attendedAll }) => attendedAll)).toBe(true);
    expect(people.some(({ paused }) => paused)).toBe(true);
    expect(people.some(({ department }) => department === undefined)).toBe(true);
  });
});

describe('seeded', () => {
  test('the same to the byte for the same seed and day, another for another', () => {
    const digest = digestOf(small);
    expect(digestOf(new State({ ...SMALL, now: NOW + 8 * 3_600_000 }))).toBe(digest);
    expect(digestOf(new State({ ...SMALL, seed: 8 }))).not.toBe(digest);
    expect(digestOf(new State({ ...SMALL, now: NOW + 86_400_000 }))).not.toBe(digest);
  });

  test('it begins on 1 April of the financial year before, and ends yesterday', () => {
    const { months, start, yesterday } = small.calendar;
    expect(instantOf(start, 0)).toBe('2025-04-01T00:00:00+05:30');
    expect(instantOf(yesterday, 0)).toBe('2026-04-19T00:00:00+05:30');
    expect(months).toHaveLength(13);
    expect(months.at(-1)!.last).toBe(yesterday);
  });
});

describe('what is posted', () => {
  const said = [...everyPosting(small)].map(({ day, posting }) => ({ day, from: posting.from, said: posting.say() }));
  const statements = said.flatMap((one) => one.said);

  test.each(['1.0.3', '2.0.0'] as const)('every statement is valid under xAPI %s', (version) => {
    const verdict = validateStatements(structuredClone(statements), version);
    expect(verdict.ok ? [] : verdict.problems).toEqual([]);
  });

  test('ids are unique, and no statement speaks of what is yet to come', () => {
    expect(new Set(statements.map(({ id }) => id)).size).toBe(statements.length);
    for (const one of said) {
      const posted = Date.parse(instantOf(one.day, 22 * 60));
      for (const { timestamp } of one.said) expect(Date.parse(timestamp)).toBeLessThan(posted);
    }
  });

  test('it comes from each system, some of it late, some voided', () => {
    expect(new Set(said.map(({ from }) => from))).toEqual(new Set(['platform', 'moodle', 'cmi5']));
    const verbs = new Set(statements.map(({ verb }) => (verb as { id: string }).id.split('/').pop()));
    for (const verb of [
      'registered',
      'launched',
      'progressed',
      'completed',
      'passed',
      'failed',
      'satisfied',
      'rated',
      'voided',
    ]) {
      expect(verbs, verb).toContain(verb);
    }
    const late = said.filter(
      ({ day, said: [first] }) => Date.parse(instantOf(day, 0)) - Date.parse(first!.timestamp) > 10 * 86_400_000,
    );
    expect(late.length).toBeGreaterThan(10);
    expect(statements.some((one) => JSON.stringify(one.object).includes('StatementRef'))).toBe(true);
    expect(said).toHaveLength(small.postings);
  });

  test('read as facts it says what the census says', () => {
    const courseOf = new Map(CATALOGUE.flatMap(({ id, aliases }) => [id, ...aliases].map((iri) => [iri, id] as const)));
    const codeOf = (who: string): string =>
      /^account:[^|]+\|(.+)$/.exec(who)?.[1] ?? /^mbox:mailto:(\w+)@/.exec(who)![1]!.toUpperCase();
    const voided = new Set(
      statements
        .map(({ object }) => object as { objectType: string; id: string })
        .flatMap((object) => (object.objectType === 'StatementRef' ? [object.id] : [])),
    );
    expect(voided.size).toBeGreaterThan(0);
    const done = new Set<string>();
    for (const statement of statements) {
      if (voided.has(statement.id)) continue;
      for (const { who, kind, activity } of factsOf(statement as unknown as Statement, STORED)) {
        if (['completed', 'passed', 'satisfied'].includes(kind)) done.add(`${codeOf(who)} ${courseOf.get(activity)}`);
      }
    }
    const counted = [...census(SMALL)].flatMap(({ code, completions }) =>
      completions.map(({ course }) => `${code} ${course}`),
    );
    expect([...done].sort()).toEqual(counted.sort());
  });

  test('nobody has two substantive postings on one day', () => {
    for (let index = 0; index < small.size.people; index++) {
      const { code, postings } = personAt(small.size, small.calendar, index);
      const [first, second] = postings.filter(({ kind }) => kind === 'substantive');
      if (second) expect(first!.to, code).toBe(second.from - 1);
    }
  });
});

describe('the files', () => {
  test('every row is read as a load reads it, and what it names is there', () => {
    const refused: unknown[] = [];
    const refuse = (...why: unknown[]) => void refused.push(why);
    const named = { departments: new Set<string>(), people: new Set<string>(), sessions: new Set<string>() };
    let read = 0;
    for (const { kind, content } of everyFile(small)) {
      const rows = parse([...content()].join(''), { columns: true }) as Record<string, string>[];
      for (const [index, row] of rows.entries()) {
        expect(Object.keys(KINDS[kind].known), kind).toEqual(expect.arrayContaining(Object.keys(row)));
        read += KINDS[kind].read({ line: index + 2, get: (column) => row[column] || undefined }, { refuse }).length;
        if (row.department) expect(named.departments).toContain(row.department);
        if (row.parent) expect(named.departments).toContain(row.parent);
        if (row.session) expect(named.sessions).toContain(row.session);
        if (kind === 'departments') named.departments.add(row.id!);
        else if (kind === 'sessions') named.sessions.add(row.id!);
        else if (kind === 'people') named.people.add(row.code!);
        else if (row.code) expect(named.people).toContain(row.code);
      }
    }
    expect(refused).toEqual([]);
    expect(named.people.size).toBe(small.size.people);
    expect(read).toBeGreaterThan(2 * small.size.people);
  });

  test('the catalogue is in Hindi and English, with AI, cyber security, case studies and what was superseded', () => {
    const courses = rowsOf(small, 'courses').map((row) =>
      courseListed.parse({
        ...{ id: row.id, kind: row.kind, provider: row.provider, status: row.status, minutes: Number(row.minutes) },
        titles: { hi: row.title_hi, en: row.title_en },
        ...Object.fromEntries(
          ['languages', 'tags', 'aliases', 'supersedes'].map((name) => [
            name,
            row[name]!.split(name === 'tags' ? '|' : ' ').filter(Boolean),
          ]),
        ),
      }),
    );
    expect(new Set(courses.map(({ id }) => id)).size).toBe(courses.length);
    for (const tag of ['ai', 'cyber-security', 'case-study', '7-day', 'domain']) {
      expect(courses.filter(({ tags }) => tags.includes(tag)).length, tag).toBeGreaterThan(1);
    }
    for (const { supersedes } of courses) {
      for (const old of supersedes) expect(courses.find(({ id }) => id === old)?.status).toBe('retired');
    }
    const aliases = courses.flatMap((course) => course.aliases);
    expect(new Set(aliases).size).toBe(aliases.length);
  });

  test('late news of HR is in a later month than the day it is about', () => {
    const late = small.calendar.months.flatMap(({ first }, month) =>
      filesOfMonth(small, month)
        .filter(({ kind }) => kind === 'service' || kind === 'postings')
        .flatMap((file) => parse([...file.content()].join(''), { columns: true }) as Record<string, string>[])
        .filter(({ from }) => Date.parse(from!) < first * 86_400_000),
    );
    expect(late.length).toBeGreaterThan(0);
  });
});
