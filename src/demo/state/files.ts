// The files that a state's offices hand in: all that stands at the beginning, then each month's news. CSV as /admin/loads takes it.

import { type Day, dateOf, financialYearOf } from '../../../contracts/days.ts';
import type { LoadKind } from '../../../contracts/events/programmes.ts';
import { monthOf } from './calendar.ts';
import { CATALOGUE, PLATFORM, SEVEN_DAYS } from './catalogue.ts';
import { csvOf, type Row } from './csv.ts';
import { DEPARTMENTS, MOVE } from './departments.ts';
import { AT_THE_START, type Person, type PlannedPosting } from './people.ts';
import { programmeAt, sessionsOf } from './programmes.ts';
import type { State } from './state.ts';

export interface FileToLoad {
  readonly kind: LoadKind;
  readonly name: string;
  /** In pieces; none when there is no row. */
  content(): Iterable<string>;
}

const COLUMNS = {
  departments: ['id', 'kind', 'parent', 'name_hi', 'name_en', 'from'],
  people: [
    ...['code', 'name_hi', 'name_en', 'identities', 'onboarded'],
    ...['department', 'designation', 'cadre', 'group', 'district', 'from'],
  ],
  postings: ['code', 'kind', 'department', 'designation', 'cadre', 'group', 'district', 'from', 'to'],
  service: ['code', 'change', 'from', 'to'],
  courses: [
    ...['id', 'kind', 'title_hi', 'title_en', 'provider', 'languages', 'minutes', 'tags', 'aliases', 'supersedes'],
    'status',
  ],
  links: ['identity', 'code', 'from', 'to'],
  sessions: ['id', 'course', 'institute', 'on', 'minutes'],
  rosters: ['session', 'code', 'attended'],
  'national-figures': ['figure', 'financial_year', 'value', 'on', 'source'],
} as const satisfies Record<LoadKind, readonly string[]>;

/** On the first day: the tree, the catalogue, and everybody in service. */
export function filesAtTheStart(state: State): FileToLoad[] {
  const start = dateOf(state.calendar.start);
  return [
    file('departments', start, () =>
      DEPARTMENTS.map(({ id, kind, parent, hi, en }) => ({
        ...{ id, kind, parent, name_hi: hi, name_en: en },
        from: FOUNDED,
      })),
    ),
    file('courses', start, courseRows),
    file('people', start, () => peopleRows(state.people(), AT_THE_START)),
  ];
}

/** At the end of a month, its news: joiners, transfers, leave and retirement, accounts found, sessions held, the nation's figures. */
export function filesOfMonth(state: State, month: number): FileToLoad[] {
  const { first, last } = state.calendar.months[month]!;
  const name = dateOf(first).slice(0, 7);
  const told = () => state.toldIn(month);
  return [
    file('departments', name, () => moveRows(month, first)),
    file('people', name, () => peopleRows(told(), month)),
    file('postings', name, () => postingRows(told(), month)),
    file('service', name, () => serviceRows(told(), month)),
    file('links', name, () => linkRows(told(), month)),
    file('sessions', name, () => sessionRows(state, month)),
    file('rosters', name, () => rosterRows(state, month)),
    file('national-figures', name, () => figureRows(state, month, last)),
  ];
}

function file(kind: LoadKind, period: string, rows: () => Iterable<Row>): FileToLoad {
  return { kind, name: `${kind}-${period}.csv`, content: () => csvOf(COLUMNS[kind], rows()) };
}

const FOUNDED = '1990-04-01';
/** Several of something in one field. */
const BETWEEN = ' ';

function* moveRows(month: number, from: Day): Generator<Row> {
  const { id, parent } = MOVE;
  const { kind, hi, en } = DEPARTMENTS.find((one) => one.id === id)!;
  if (month === MOVE.month) yield { id, kind, parent, name_hi: hi, name_en: en, from: dateOf(from) };
}

function* courseRows(): Generator<Row> {
  for (const { titles, languages, tags, aliases, supersedes, ...course } of CATALOGUE) {
    yield {
      ...{
        id: course.id,
        kind: course.kind,
        provider: course.provider,
        minutes: course.minutes,
        status: course.status,
      },
      ...{ title_hi: titles.hi, title_en: titles.en, languages: languages.join(BETWEEN), tags: tags.join('|') },
      ...{ aliases: aliases.join(BETWEEN), supersedes: supersedes.join(BETWEEN) },
    };
  }
}

function* peopleRows(people: Iterable<Person>, month: number): Generator<Row> {
  for (const { told, code, names, mail, linked, onboarded, postings } of people) {
    if (told !== month) continue;
    const identities = linked === undefined ? [accountOf(code)] : [];
    if (mail !== undefined) identities.push(`mbox:mailto:${mail}`);
    yield {
      ...{ code, name_hi: names.hi, name_en: names.en, identities: identities.join(BETWEEN) },
      ...(onboarded && !onboarded.said && { onboarded: dateOf(onboarded.on) }),
      ...postingRow(postings[0]!),
    };
  }
}

/** Postings after the first, which comes with the person. */
function* postingRows(people: Iterable<Person>, month: number): Generator<Row> {
  for (const { code, postings } of people) {
    for (const posting of postings.slice(1)) {
      const { told, kind, to } = posting;
      if (told === month) yield { code, kind, ...postingRow(posting), to: to && dateOf(to) };
    }
  }
}

function postingRow({ department, designation, cadre, group, district, from }: PlannedPosting): Row {
  return { department, designation, cadre, group, district, from: dateOf(from) };
}

function* serviceRows(people: Iterable<Person>, month: number): Generator<Row> {
  for (const { code, service } of people) {
    for (const { told, change, from, to } of service) {
      if (told === month) yield { code, change, from: dateOf(from), to: to && dateOf(to) };
    }
  }
}

/** Accounts that HR learnt of only now; theirs from ever on. */
function* linkRows(people: Iterable<Person>, month: number): Generator<Row> {
  for (const { code, linked } of people) if (linked === month) yield { identity: accountOf(code), code };
}

function* sessionRows({ size, calendar }: State, month: number): Generator<Row> {
  for (let number = 0; number < size.programmes; number++) {
    const programme = programmeAt(size, calendar, number);
    if (monthOf(calendar, programme.last) !== month) continue;
    for (const { id, institute, on, minutes } of sessionsOf(programme)) {
      yield { id, course: SEVEN_DAYS.id, institute, on: dateOf(on), minutes };
    }
  }
}

function* rosterRows(state: State, month: number): Generator<Row> {
  for (const person of state.toldIn(month)) {
    const { programme } = state.learningOf(person);
    if (!programme || monthOf(state.calendar, programme.programme.last) !== month) continue;
    const sessions = sessionsOf(programme.programme);
    for (const [day, attended] of programme.attended.entries()) {
      yield { session: sessions[day]!.id, code: person.code, attended: attended ? 'yes' : 'no' };
    }
  }
}

const SOURCE = 'Made up for the demo';
/** As large against the made-up state as the nation is against a large state, at the end of all months. */
const NATION = { onboarded: 14_500_000, 'learners-with-completion': 8_100_000, completions: 67_000_000 } as const;
const NATIONAL_COURSES = 4179;

/** The nation's, every third month. */
function* figureRows({ size, calendar }: State, month: number, on: Day): Generator<Row> {
  const { months } = calendar;
  if (month % 3 !== 2 && month !== months.length - 1) return;
  const grown = (size.people / 1_880_000) * ((month + 1) / months.length) ** 1.4;
  const figures = { ...NATION, courses: NATIONAL_COURSES / grown };
  for (const [figure, value] of Object.entries(figures)) {
    yield {
      ...{ figure, financial_year: financialYearOf(on), value: Math.round(value * grown) },
      ...{ on: dateOf(on), source: SOURCE },
    };
  }
}

function accountOf(code: string): string {
  return `account:${PLATFORM}|${code}`;
}
