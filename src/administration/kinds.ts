// The kinds of files that can be loaded: their columns, and what a row of each wants on record.

import { z } from 'zod';
import {
  COURSE_LISTED,
  IDENTITY_LINKED,
  NATIONAL_FIGURE_RECORDED,
  PERSON_RECORDED,
  POSTING_BEGUN,
  ROSTER_ENTERED,
  SERVICE_CHANGED,
  SESSION_HELD,
} from '../../contracts/events/names.ts';
import {
  courseListed,
  date,
  departmentOpened,
  identityLinked,
  type LoadKind,
  nationalFigureRecorded,
  personRecorded,
  postingBegun,
  rosterEntered,
  serviceChanged,
  sessionHeld,
} from '../../contracts/events/programmes.ts';
import { inOurWords } from '../../contracts/xapi/explain.ts';
import type { CatalogueEvent } from './catalogue.ts';
import type { DepartmentRow } from './departments.ts';
import type { PersonEvent, Refuse } from './people.ts';
import type { Cells, Columns } from './rows.ts';

export interface Reading {
  readonly refuse: Refuse;
  /** Account home page of identities that are given as a bare account name. */
  readonly accountHomePage?: string | undefined;
}

/** What a row wants; nothing when it was refused. */
type Reader<Wanted> = (row: Cells, reading: Reading) => readonly Wanted[];
export type Kind = Columns &
  (
    | { readonly about: 'departments'; readonly read: Reader<DepartmentRow> }
    | {
        readonly about: 'people';
        readonly read: Reader<PersonEvent>;
        /** What a file may say once only, in words; by what tells one from another. */
        readonly once?: (event: PersonEvent) => string | undefined;
      }
    | { readonly about: 'catalogue'; readonly read: Reader<CatalogueEvent> }
  );

const { parent: parentId, ...opened } = departmentOpened.shape;
const departmentRow = z.strictObject({
  id: opened.id,
  kind: opened.kind.optional(),
  parent: parentId,
  names: opened.names.optional(),
  from: date.optional(),
  closed: date.optional(),
});

const CODE = 'employee code';
const FROM = 'first day, such as 2026-03-31';
const TO = 'last day';
const NAMES = { name_hi: 'name in Hindi', name_en: 'name in English' };
const TITLES = { title_hi: 'title in Hindi', title_en: 'title in English' };
const POSTING = {
  designation: 'designation',
  cadre: 'regular, contractual or honorarium',
  group: 'group',
  service: 'service',
  batch: 'batch',
  district: 'district',
};

export const KINDS: Readonly<Record<LoadKind, Kind>> = {
  departments: {
    about: 'departments',
    known: {
      id: 'id of the department',
      kind: 'state, department, directorate, corporation, council, division, district or office',
      parent: 'id of the department above it; another one with a later first day moves it',
      ...NAMES,
      from: 'first day of this place and name, such as 2026-03-31',
      closed: TO,
    },
    required: ['id'],
    read: (row, { refuse }) =>
      checked(departmentRow, row, refuse, {
        id: row.get('id'),
        kind: row.get('kind'),
        parent: row.get('parent'),
        names: pair(row, 'name'),
        from: row.get('from'),
        closed: row.get('closed'),
      }).map((department) => ({ line: row.line, ...department }) as DepartmentRow),
  },
  people: {
    about: 'people',
    known: {
      code: CODE,
      ...NAMES,
      identities: 'mbox:mailto:…, account:<homePage>|<name>, …, addresses; separated by spaces',
      onboarded: 'day of joining the platform',
      department: 'id of the department of the substantive posting',
      ...POSTING,
      from: 'first day of the posting',
    },
    required: ['code'],
    read: (row, { refuse, accountHomePage }) => {
      const code = row.get('code');
      const identities = words(row, 'identities').map((text) => identityOf(text, accountHomePage));
      const person = checked(personRecorded, row, refuse, {
        code,
        names: pair(row, 'name'),
        ...(identities.length > 0 && { identities }),
        onboarded: row.get('onboarded'),
      }).map((data): PersonEvent => ({ type: PERSON_RECORDED, data }));
      if (!['department', 'from', ...Object.keys(POSTING)].some((column) => row.get(column))) return person;
      return [...person, ...posting(row, refuse, 'substantive')];
    },
    once: ({ type, data }) => (type === PERSON_RECORDED ? `employee code ${data.code}` : undefined),
  },
  postings: {
    about: 'people',
    known: {
      code: CODE,
      kind: 'substantive, deputation or additional-charge',
      department: 'id of the department',
      ...POSTING,
      from: FROM,
      to: TO,
    },
    required: ['code', 'department', 'from'],
    read: (row, { refuse }) => posting(row, refuse, row.get('kind') ?? 'substantive'),
  },
  service: {
    about: 'people',
    known: { code: CODE, change: 'leave, suspension, retired, died, resigned or dismissed', from: FROM, to: TO },
    required: ['code', 'change', 'from'],
    read: (row, { refuse }) =>
      checked(serviceChanged, row, refuse, {
        code: row.get('code'),
        change: row.get('change'),
        from: row.get('from'),
        to: row.get('to'),
      }).map((data) => ({ type: SERVICE_CHANGED, data })),
  },
  courses: {
    about: 'catalogue',
    known: {
      id: 'IRI of the activity',
      kind: 'course, curated-programme, blended-programme, assessment, event, case-study, external or platform',
      ...TITLES,
      provider: 'id of a department, or a name',
      languages: 'language tags, separated by spaces',
      minutes: 'credited minutes',
      tags: 'separated by |',
      aliases: 'IRIs, separated by spaces',
      supersedes: 'IRIs, separated by spaces',
      status: 'live (where it is empty), retired or draft',
      from: 'from when this entry holds; empty: from ever on',
    },
    required: ['id', 'kind'],
    read: (row, { refuse }) =>
      checked(courseListed, row, refuse, {
        id: row.get('id'),
        kind: row.get('kind'),
        titles: pair(row, 'title'),
        provider: row.get('provider'),
        languages: words(row, 'languages'),
        minutes: count(row, 'minutes'),
        tags: (row.get('tags') ?? '')
          .split('|')
          .map((tag) => tag.trim())
          .filter(Boolean),
        aliases: words(row, 'aliases'),
        supersedes: words(row, 'supersedes'),
        status: row.get('status') ?? 'live',
        from: row.get('from'),
      }).map((data) => ({ type: COURSE_LISTED, data })),
  },
  links: {
    about: 'people',
    known: { identity: 'mbox:mailto:…, account:<homePage>|<name>, …, or an address', code: CODE, from: FROM, to: TO },
    required: ['identity', 'code'],
    read: (row, { refuse, accountHomePage }) =>
      checked(identityLinked, row, refuse, {
        identity: identityOf(row.get('identity') ?? '', accountHomePage),
        code: row.get('code'),
        from: row.get('from'),
        to: row.get('to'),
      }).map((data) => ({ type: IDENTITY_LINKED, data })),
  },
  sessions: {
    about: 'catalogue',
    known: {
      id: 'id of the session',
      course: 'IRI of the programme',
      institute: 'who held it',
      on: 'day',
      minutes: 'minutes',
      ...TITLES,
    },
    required: ['id', 'course', 'institute', 'on'],
    read: (row, { refuse }) =>
      checked(sessionHeld, row, refuse, {
        id: row.get('id'),
        course: row.get('course'),
        institute: row.get('institute'),
        on: row.get('on'),
        minutes: count(row, 'minutes'),
        title: pair(row, 'title'),
      }).map((data) => ({ type: SESSION_HELD, data })),
  },
  rosters: {
    about: 'people',
    known: { session: 'id of the session', code: CODE, attended: 'yes or no' },
    required: ['session', 'code', 'attended'],
    read: (row, { refuse }) => {
      const said = row.get('attended');
      const attended = said === undefined ? undefined : YES_OR_NO.get(said.toLowerCase());
      // In the words of the file: the schema's are true and false.
      if (said !== undefined && attended === undefined) refuse(row.line, 'attended', 'must be yes or no');
      const entry = {
        session: row.get('session'),
        code: row.get('code'),
        attended: said === undefined ? undefined : attended === true,
      };
      return checked(rosterEntered, row, refuse, entry).map((data) => ({ type: ROSTER_ENTERED, data }));
    },
    once: ({ type, data }) =>
      type === ROSTER_ENTERED ? `employee code ${data.code} in session ${data.session}` : undefined,
  },
  'national-figures': {
    about: 'catalogue',
    known: {
      figure: 'onboarded, learners-with-completion, completions or courses',
      financial_year: 'such as 2025-26',
      value: 'a whole number',
      on: 'day of the figure',
      source: 'where it was published',
    },
    required: ['figure', 'financial_year', 'value', 'on', 'source'],
    read: (row, { refuse }) =>
      checked(nationalFigureRecorded, row, refuse, {
        figure: row.get('figure'),
        financialYear: row.get('financial_year'),
        value: count(row, 'value'),
        on: row.get('on'),
        source: row.get('source'),
      }).map((data) => ({ type: NATIONAL_FIGURE_RECORDED, data })),
  },
};

const YES_OR_NO: ReadonlyMap<string, boolean> = new Map([
  ...['yes', 'y', 'true', '1', 'हाँ', 'हां'].map((text) => [text, true] as const),
  ...['no', 'n', 'false', '0', 'नहीं'].map((text) => [text, false] as const),
]);

function posting(row: Cells, refuse: Refuse, kind: string): PersonEvent[] {
  const details = Object.fromEntries(
    Object.keys(POSTING).flatMap((column) => (row.get(column) ? [[column, row.get(column)]] : [])),
  );
  return checked(postingBegun, row, refuse, {
    code: row.get('code'),
    kind,
    department: row.get('department'),
    ...(Object.keys(details).length > 0 && { details }),
    from: row.get('from'),
    to: row.get('to'),
  }).map((data) => ({ type: POSTING_BEGUN, data }));
}

/** The data, if the schema has nothing against it. */
function checked<Schema extends z.ZodType>(
  schema: Schema,
  row: Cells,
  refuse: Refuse,
  data: object,
): z.output<Schema>[] {
  // What a column leaves empty is not said, and is no member of the event.
  const said = Object.fromEntries(Object.entries(data).filter(([, value]) => value !== undefined));
  const parsed = schema.safeParse(said, inOurWords);
  if (parsed.success) return [parsed.data];
  for (const { path, message } of parsed.error.issues) refuse(row.line, columnOf(path.map(String).join('.')), message);
  return [];
}

/** The column that a member of an event's data comes from. */
export function columnOf(member: string): string {
  const name = member.replace(/\.\d+$/, '');
  if (name === 'financialYear') return 'financial_year';
  const pairs = /^(name|title)s?(?:\.(hi|en))?$/.exec(name);
  return pairs ? `${pairs[1]}_${pairs[2] ?? 'hi'}` : name.replace(/^details\./, '');
}

function pair(row: Cells, of: 'name' | 'title'): { hi?: string; en?: string } | undefined {
  const hi = row.get(`${of}_hi`);
  const en = row.get(`${of}_en`);
  return hi === undefined && en === undefined ? undefined : { ...(hi && { hi }), ...(en && { en }) };
}

function words(row: Cells, column: string): string[] {
  return (row.get(column) ?? '').split(/\s+/).filter(Boolean);
}

/** A number; what is none is left for the schema to refuse. */
function count(row: Cells, column: string): number | string | undefined {
  const text = row.get(column);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

const IS_IDENTITY = /^(mbox|mbox_sha1sum|openid|account):/;

function identityOf(text: string, accountHomePage: string | undefined): string {
  if (IS_IDENTITY.test(text)) return text;
  if (/^mailto:/i.test(text)) return `mbox:mailto:${text.slice('mailto:'.length)}`;
  if (/^[^@:\s]+@[^@\s]+$/.test(text)) return `mbox:mailto:${text}`;
  return accountHomePage === undefined ? text : `account:${accountHomePage}|${text}`;
}
