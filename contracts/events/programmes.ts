// The events of the record about departments, people, the catalogue, sessions and figures: what commands leave behind. A date is a
// calendar day of Asia/Kolkata, inclusive, `2026-03-31`. Every event states one fact; nothing is ever edited, only followed
// by another event.

import { z } from 'zod';
import { dateOf, dayOfDate, EARLIEST_DAY, LATEST_DAY } from '../days.ts';
import type {
  COURSE_LISTED,
  DEPARTMENT_CLOSED,
  DEPARTMENT_MOVED,
  DEPARTMENT_OPENED,
  DEPARTMENT_RENAMED,
  IDENTITY_LINKED,
  IDENTITY_UNLINKED,
  LOAD_BEGUN,
  LOAD_COMPLETED,
  NATIONAL_FIGURE_RECORDED,
  PERSON_RECORDED,
  POSTING_BEGUN,
  POSTING_ENDED,
  POSTING_WITHDRAWN,
  ROSTER_ENTERED,
  SERVICE_CHANGED,
  SERVICE_RESUMED,
  SESSION_HELD,
} from './names.ts';

export const date = z.string().refine(
  (text) => {
    const day = dayOfDate(text);
    return day !== undefined && day >= EARLIEST_DAY && day <= LATEST_DAY;
  },
  `must be a date between ${dateOf(EARLIEST_DAY)} and ${dateOf(LATEST_DAY)}, such as 2026-03-31`,
);

const words = z.string().trim().min(1, 'must not be empty').max(300, 'at most 300 characters');

/** Names in Hindi and English; at least one. */
export const names = z
  .strictObject({ hi: words.optional(), en: words.optional() })
  .refine(({ hi, en }) => hi !== undefined || en !== undefined, 'a name in Hindi or English is needed');
export type Names = z.infer<typeof names>;

/** Ids that people give: departments, sessions, employee codes. No spaces, nothing that a URL would escape but the slash's kin. */
const code = z
  .string()
  .min(1, 'must not be empty')
  .max(100, 'at most 100 characters')
  .regex(/^[\p{L}\p{M}\p{N}._:@-]+$/u, 'letters, digits and . _ : @ - only');

export const employeeCode = code;
export const departmentId = code;
/** An identity as the house writes it: `mbox:mailto:a@b`, `mbox_sha1sum:…`, `openid:…`, `account:<homePage>|<name>`. */
export const identity = z
  .string()
  .max(1000, 'at most 1000 characters')
  .regex(
    /^(mbox:mailto:[^\s@]+@[^\s@]+|mbox_sha1sum:[0-9a-f]{40}|openid:\S+|account:[^|\s]+\|.+)$/,
    'must be mbox:mailto:…, mbox_sha1sum:…, openid:… or account:<homePage>|<name>',
  );

export const DEPARTMENT_KINDS = [
  'state',
  'department',
  'directorate',
  'corporation',
  'council',
  'division',
  'district',
  'office',
] as const;

export const departmentOpened = z.strictObject({
  id: departmentId,
  kind: z.enum(DEPARTMENT_KINDS),
  /** Absent of a root: the state. */
  parent: departmentId.optional(),
  names,
  from: date,
});
export const departmentMoved = z.strictObject({ id: departmentId, parent: departmentId, from: date });
export const departmentRenamed = z.strictObject({ id: departmentId, names, from: date });
/** `to`: the last day on which it stood. */
export const departmentClosed = z.strictObject({ id: departmentId, to: date });

/** A person named for the first time, or more of one: identities are added, names and the date of onboarding replaced. */
export const personRecorded = z.strictObject({
  code: employeeCode,
  names: names.optional(),
  /** Linked from ever on; a dated link is an event of its own. */
  identities: z.array(identity).max(20).optional(),
  /** When the person joined the platform, as HR says. */
  onboarded: date.optional(),
});

export const POSTING_KINDS = ['substantive', 'deputation', 'additional-charge'] as const;
export const CADRES = ['regular', 'contractual', 'honorarium'] as const;
const detail = z.string().trim().min(1).max(200).optional();

export const postingDetails = z.strictObject({
  designation: detail,
  cadre: z.enum(CADRES).optional(),
  group: detail,
  service: detail,
  batch: detail,
  district: detail,
});
export type PostingDetails = z.infer<typeof postingDetails>;

/** A substantive posting ends the open one before it on the day before. */
export const postingBegun = z.strictObject({
  code: employeeCode,
  kind: z.enum(POSTING_KINDS),
  department: departmentId,
  details: postingDetails.optional(),
  from: date,
  to: date.optional(),
});
/** Names a posting by its kind, department and first day. */
const posting = { code: employeeCode, kind: z.enum(POSTING_KINDS), department: departmentId, from: date };
export const postingEnded = z.strictObject({ ...posting, to: date });
/** It never was: recorded in error. */
export const postingWithdrawn = z.strictObject(posting);

/** Service pauses (leave, suspension), or ends; `from` is the first day of it. */
export const SERVICE_CHANGES = ['leave', 'suspension', 'retired', 'died', 'resigned', 'dismissed'] as const;
export const serviceChanged = z.strictObject({
  code: employeeCode,
  change: z.enum(SERVICE_CHANGES),
  from: date,
  to: date.optional(),
});
/** The pause that began on `from` ended: `to` is its last day. */
export const serviceResumed = z.strictObject({ code: employeeCode, from: date, to: date });

export const identityLinked = z.strictObject({
  identity,
  code: employeeCode,
  from: date.optional(),
  to: date.optional(),
});
/** The link's last day is `to`; without it the link never was. */
export const identityUnlinked = z.strictObject({ identity, code: employeeCode, to: date.optional() });

export const COURSE_KINDS = [
  'course',
  'curated-programme',
  'blended-programme',
  'assessment',
  'event',
  'case-study',
  'external',
  'platform',
] as const;
const iri = z
  .string()
  .max(2000)
  .regex(/^[a-z][a-z0-9+.-]*:\S+$/i, 'must be an IRI with a scheme');
const tag = z.string().trim().toLowerCase().min(1).max(100);
/** The whole entry as it stands from `from` on (from ever on, without it). */
export const courseListed = z.strictObject({
  /** The xAPI activity IRI. `platform` is the learning platform itself: registering on it is onboarding. */
  id: iri,
  kind: z.enum(COURSE_KINDS),
  titles: names,
  /** A department, or the name of another provider. */
  provider: words.optional(),
  languages: z.array(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/, 'must be a language tag')).max(50),
  /** Credited, whatever time was spent. */
  minutes: z.int().min(0).max(100_000).optional(),
  tags: z.array(tag).max(50),
  aliases: z.array(iri).max(50),
  supersedes: z.array(iri).max(50),
  status: z.enum(['live', 'retired', 'draft']),
  from: date.optional(),
});
export type CourseListed = z.infer<typeof courseListed>;

export const sessionHeld = z.strictObject({
  id: code,
  /** The programme of which it is a session: a course of the catalogue. */
  course: iri,
  institute: words,
  on: date,
  minutes: z.int().min(0).max(1440).optional(),
  title: names.optional(),
});
/** Again with another value: corrected. */
export const rosterEntered = z.strictObject({ session: code, code: employeeCode, attended: z.boolean() });

export const NATIONAL_FIGURES = ['onboarded', 'learners-with-completion', 'completions', 'courses'] as const;
export const nationalFigureRecorded = z.strictObject({
  figure: z.enum(NATIONAL_FIGURES),
  /** `2025-26` */
  financialYear: z.string().regex(/^\d{4}-\d{2}$/, 'must be a financial year such as 2025-26'),
  value: z.int().min(0),
  on: date,
  source: words,
});

export const LOAD_KINDS = [
  'departments',
  'people',
  'postings',
  'service',
  'courses',
  'links',
  'sessions',
  'rosters',
  'national-figures',
] as const;
export type LoadKind = (typeof LOAD_KINDS)[number];

/**
 * A file comes in. The events that follow carry the load's id in their metadata and hold from `load-completed` on, all at
 * once; without that, never.
 */
export const loadBegun = z.strictObject({
  load: z.uuid(),
  kind: z.enum(LOAD_KINDS),
  /** Events that will follow. */
  events: z.int().min(0),
  /** Of the file as it came, hex. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string().max(300).optional(),
});
export const loadCompleted = z.strictObject({ load: z.uuid(), events: z.int().min(0) });

/** What a command may leave behind: type and data. */
export type ProgrammeEvent =
  | { readonly type: typeof DEPARTMENT_OPENED; readonly data: z.infer<typeof departmentOpened> }
  | { readonly type: typeof DEPARTMENT_MOVED; readonly data: z.infer<typeof departmentMoved> }
  | { readonly type: typeof DEPARTMENT_RENAMED; readonly data: z.infer<typeof departmentRenamed> }
  | { readonly type: typeof DEPARTMENT_CLOSED; readonly data: z.infer<typeof departmentClosed> }
  | { readonly type: typeof PERSON_RECORDED; readonly data: z.infer<typeof personRecorded> }
  | { readonly type: typeof POSTING_BEGUN; readonly data: z.infer<typeof postingBegun> }
  | { readonly type: typeof POSTING_ENDED; readonly data: z.infer<typeof postingEnded> }
  | { readonly type: typeof POSTING_WITHDRAWN; readonly data: z.infer<typeof postingWithdrawn> }
  | { readonly type: typeof SERVICE_CHANGED; readonly data: z.infer<typeof serviceChanged> }
  | { readonly type: typeof SERVICE_RESUMED; readonly data: z.infer<typeof serviceResumed> }
  | { readonly type: typeof IDENTITY_LINKED; readonly data: z.infer<typeof identityLinked> }
  | { readonly type: typeof IDENTITY_UNLINKED; readonly data: z.infer<typeof identityUnlinked> }
  | { readonly type: typeof COURSE_LISTED; readonly data: z.infer<typeof courseListed> }
  | { readonly type: typeof SESSION_HELD; readonly data: z.infer<typeof sessionHeld> }
  | { readonly type: typeof ROSTER_ENTERED; readonly data: z.infer<typeof rosterEntered> }
  | { readonly type: typeof NATIONAL_FIGURE_RECORDED; readonly data: z.infer<typeof nationalFigureRecorded> }
  | { readonly type: typeof LOAD_BEGUN; readonly data: z.infer<typeof loadBegun> }
  | { readonly type: typeof LOAD_COMPLETED; readonly data: z.infer<typeof loadCompleted> };
