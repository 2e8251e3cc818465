// One row of a CSV of completions as an xAPI statement.

import type { Problem } from '../../contracts/http/problem.ts';
import type { StatementObject } from './source.ts';

/** The columns, with what they mean; the README's table and --help show the same. Capitals, spaces, `_` and `-` in names do not matter. */
export const COLUMNS = {
  employeeCode: 'learner: code given by HR; the account of the home page of --employee-home-page',
  accountName: 'learner: name of an account',
  accountHomePage: 'learner: IRL of the system that keeps the account; needed with accountName',
  mbox: 'learner: e-mail address, with or without mailto:',
  learnerName: "learner's name, in any script",
  course: 'IRI of the course; required',
  title: "course's title",
  titleLanguage: "language tag of the title; otherwise --title-language's",
  completedAt:
    'when it was completed; required: 2026-03-31, 2026-03-31T17:05:00+05:30, 31-03-2026, 31/03/2026 17:05. The day comes first in the last two. Without an offset: Asia/Kolkata; without a time: the beginning of the day',
  scoreRaw: 'score, a number',
  scoreMin: 'lowest possible score',
  scoreMax: 'highest possible score',
  scoreScaled: 'score from -1 to 1',
  success: 'true or false (yes, no, passed, failed)',
  duration: 'ISO 8601 duration: PT1H30M',
  registration: 'UUID of the enrolment',
  platform: 'where it was learnt',
} as const;
export type Column = keyof typeof COLUMNS;
export type Row = Readonly<Partial<Record<Column, string>>>;

export interface CompletionOptions {
  /** Home page of the accounts that employee codes are names of. */
  readonly employeeHomePage?: string;
  readonly titleLanguage: string;
  /** Undefined: the one that the first line has most of. */
  readonly delimiter?: string;
  /** Columns of the file that mean nothing to us. */
  readonly ignoredColumns: readonly string[];
}

export type Completion =
  | { readonly ok: true; readonly statement: StatementObject }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * The statement "completed" of a row. What makes an id, an IRI or a UUID well formed is left to the store's validation;
 * here is only judged what belongs to the CSV.
 */
export function completionOf(row: Row, options: CompletionOptions): Completion {
  const problems: Problem[] = [];
  const problem = (column: Column, message: string) => void problems.push({ path: `$.${column}`, message });
  const actor = learner(row, options, problem);
  if (!row.course) problem('course', 'the IRI of the course is missing');
  let timestamp: string | undefined;
  if (!row.completedAt) problem('completedAt', 'the time of completion is missing');
  else {
    timestamp = inKolkata(row.completedAt);
    if (!timestamp)
      problem('completedAt', 'this is no date or time; use 2026-03-31, 31-03-2026 or 2026-03-31T17:05:00+05:30');
  }
  const score: Record<string, number> = {};
  for (const [column, name] of SCORES) {
    const text = row[column];
    if (!text) continue;
    if (!NUMBER.test(text)) problem(column, 'this is no number (a point before the decimals, no thousands separators)');
    else score[name] = Number(text);
  }
  let success: boolean | undefined;
  if (row.success) {
    success = TRUTH.get(row.success.toLowerCase());
    if (success === undefined) problem('success', 'use true or false');
  }
  for (const [column, text] of Object.entries(row)) {
    if (text?.includes('\uFFFD')) problem(column as Column, 'this is not UTF-8: save the file as CSV UTF-8');
  }
  if (problems.length > 0) return { ok: false, problems };

  const definition = {
    ...(row.title ? { name: { [row.titleLanguage || options.titleLanguage]: row.title } } : {}),
    type: 'http://adlnet.gov/expapi/activities/course',
  };
  const context = {
    ...(row.registration ? { registration: row.registration.toLowerCase() } : {}),
    ...(row.platform ? { platform: row.platform } : {}),
  };
  return {
    ok: true,
    statement: {
      actor,
      verb: { id: 'http://adlnet.gov/expapi/verbs/completed', display: { en: 'completed' } },
      object: { objectType: 'Activity', id: row.course, definition },
      result: {
        completion: true,
        ...(success === undefined ? {} : { success }),
        ...(Object.keys(score).length > 0 ? { score } : {}),
        ...(row.duration ? { duration: row.duration } : {}),
      },
      ...(Object.keys(context).length > 0 ? { context } : {}),
      timestamp,
    },
  };
}

const SCORES = [
  ['scoreScaled', 'scaled'],
  ['scoreRaw', 'raw'],
  ['scoreMin', 'min'],
  ['scoreMax', 'max'],
] as const;
const NUMBER = /^[+-]?\d+(\.\d+)?$/;
const TRUTH = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['passed', true],
  ['false', false],
  ['no', false],
  ['0', false],
  ['failed', false],
]);

/** An Agent has exactly one identity (xAPI 1.0.3 Data 2.4.2.1): the first of employee code, account, e-mail that the row has. */
function learner(
  row: Row,
  { employeeHomePage }: CompletionOptions,
  problem: (column: Column, message: string) => void,
): StatementObject | undefined {
  const name = row.learnerName ? { name: row.learnerName } : {};
  const account = (homePage: string, accountName: string) => ({
    objectType: 'Agent',
    ...name,
    account: { homePage, name: accountName },
  });
  if (row.employeeCode) {
    if (employeeHomePage) return account(employeeHomePage, row.employeeCode);
    problem('employeeCode', 'say whose codes these are: --employee-home-page https://…');
    return undefined;
  }
  if (row.accountName) {
    if (row.accountHomePage) return account(row.accountHomePage, row.accountName);
    problem('accountHomePage', 'an account needs its home page');
    return undefined;
  }
  if (row.mbox) return { objectType: 'Agent', ...name, mbox: `mailto:${row.mbox.replace(/^mailto:/i, '')}` };
  problem('mbox', 'the learner is missing: one of employeeCode, accountName, mbox');
  return undefined;
}

const DATE_TIME =
  /^(?:(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}))(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})([.,]\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i;

/**
 * A date, or date and time, as an RFC 3339 instant; undefined when it is none. Without an offset it is Asia/Kolkata's, which
 * has been +05:30 without summer time since 1945.
 */
export function inKolkata(text: string): string | undefined {
  const match = DATE_TIME.exec(text.trim());
  if (!match) return undefined;
  const [, year1, month1, day1, day2, month2, year2, hour = '0', minute = '0', second = '0', fraction, zone] = match;
  const year = Number(year1 ?? year2);
  const month = Number(month1 ?? month2);
  const day = Number(day1 ?? day2);
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const two = (part: string | number) => String(part).padStart(2, '0');
  const time = `${two(hour)}:${minute.padStart(2, '0')}:${two(second)}${fraction ? `.${fraction.slice(1)}` : ''}`;
  const offset =
    zone === undefined ? '+05:30' : zone.toUpperCase() === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}T${time}${offset}`;
}
