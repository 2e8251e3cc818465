// What /reports takes and answers: the parameters and the answer of every report as zod schemas. The answers of the router hold
// to them, the people queries return their bodies, and /openapi.json is generated from them.
//
// A date is a calendar day of Asia/Kolkata, `2026-03-31`; an instant is RFC 3339 in UTC; an amount that does not exist is null,
// never 0. A percentage always comes with what was divided by what.

import { z } from 'zod';
import { dateOf, dayOfDate, EARLIEST_DAY, LATEST_DAY } from '../days.ts';
import {
  CADRES,
  COURSE_KINDS,
  DEPARTMENT_KINDS,
  NATIONAL_FIGURES,
  POSTING_KINDS,
  SERVICE_CHANGES,
} from '../events/programmes.ts';
import { FACT_KINDS } from '../facts.ts';

// Words that several reports use.

const day = z.iso.date().meta({ description: 'A calendar day of Asia/Kolkata', examples: ['2026-03-31'] });
const instant = z.iso
  .datetime({ precision: 6 })
  .meta({ description: 'An instant in UTC', examples: ['2026-03-31T12:00:00.000001Z'] });
const count = z.int().min(0);
const sequence = z
  .int()
  .min(0)
  .meta({ description: 'A place in the record', examples: [17] });

export const learnerId = z
  .string()
  .regex(/^\d{1,15}\.\d{1,9}$/, 'must be the id of a learner, such as 4711.0')
  .meta({
    id: 'LearnerId',
    description: 'Where the record named the learner first: sequence.ordinal',
    examples: ['4711.0'],
  });

export const namesInAnswer = z
  .strictObject({ hi: z.string().optional(), en: z.string().optional() })
  .meta({ id: 'Names', description: 'Names in Hindi and English; either may be missing' });

export const share = z
  .strictObject({
    numerator: count,
    denominator: count,
    percent: z.number().nullable().meta({ description: 'With two decimals; null when there is nothing to divide by' }),
  })
  .meta({ id: 'Share', description: 'A percentage with its numerator and denominator' });
export type Share = z.infer<typeof share>;

/** Rounded half up to two decimals, in whole numbers: no binary fraction decides. */
export function shareOf(numerator: number, denominator: number): Share {
  if (denominator === 0) return { numerator, denominator, percent: null };
  const hundredths = (BigInt(numerator) * 20_000n + BigInt(denominator)) / (2n * BigInt(denominator));
  return { numerator, denominator, percent: Number(hundredths) / 100 };
}

const mean = z
  .strictObject({ count, mean: z.number().nullable() })
  .meta({ id: 'Mean', description: 'A mean and over how many; null when there are none' });

export const asOf = z
  .strictObject({
    on: day.meta({ description: 'The day asked about, to its end' }),
    knownAt: instant.nullable().meta({
      description:
        'As the record stood then: R as asked, else the stamp of the last event seen; null when there is none',
    }),
    sequence: z.int().min(-1).meta({ description: 'The last event of the record that was seen; -1: none' }),
    final: z.boolean().meta({
      description:
        'False while what is still to be recorded may change this answer: R lies beyond the last event seen, or was not given',
    }),
    lagMs: z.number().min(0).meta({ description: 'How long the oldest event that is not seen yet has waited' }),
    simulatedClock: z.literal(true).optional().meta({ description: 'The record runs on a simulated clock' }),
  })
  .meta({ id: 'AsOf', description: 'As of when an answer holds' });
export type AsOf = z.infer<typeof asOf>;

export const departmentReference = z
  .strictObject({ id: z.string(), kind: z.enum(DEPARTMENT_KINDS), names: namesInAnswer })
  .meta({ id: 'DepartmentReference', description: 'A department, with its names on that day' });

export const courseReference = z
  .strictObject({
    id: z.string().meta({ description: 'The activity IRI' }),
    /** Absent when the catalogue does not list it. */
    kind: z.enum(COURSE_KINDS).optional(),
    titles: namesInAnswer,
  })
  .meta({
    id: 'CourseReference',
    description: 'A course as the catalogue lists it that day; an unlisted activity has no kind',
  });

export const postingInAnswer = z
  .strictObject({
    kind: z.enum(POSTING_KINDS),
    department: departmentReference,
    designation: z.string().optional(),
    cadre: z.enum(CADRES).optional(),
    group: z.string().optional(),
    service: z.string().optional(),
    batch: z.string().optional(),
    district: z.string().optional(),
    from: day,
    to: day.nullable().meta({ description: 'The last day; null while it lasts' }),
    sequence: sequence.meta({ description: 'The event that says so' }),
  })
  .meta({ id: 'Posting' });

export const learnerSummary = z
  .strictObject({
    id: learnerId,
    /** Absent of a provisional learner: an identity that nobody owns. */
    code: z.string().optional().meta({ description: 'Employee code; absent of a provisional learner' }),
    names: namesInAnswer,
    provisional: z.boolean().meta({ description: 'An identity that nobody is known to own' }),
    posting: postingInAnswer.nullable().meta({ description: 'The primary posting on that day' }),
  })
  .meta({ id: 'Learner' });
export type LearnerSummary = z.infer<typeof learnerSummary>;

// Learners.

export const learnerDetails = learnerSummary
  .extend({
    identities: z.array(z.strictObject({ identity: z.string(), from: day.nullable(), to: day.nullable(), sequence })),
    onboarded: day.nullable().meta({ description: 'The first day on the platform, by HR or by a statement' }),
    postings: z.array(postingInAnswer),
    service: z.array(z.strictObject({ change: z.enum(SERVICE_CHANGES), from: day, to: day.nullable(), sequence })),
  })
  .meta({ id: 'LearnerDetails' });

export const PROGRESS_STATES = [
  'not-started',
  'enrolled',
  'in-progress',
  'completed',
  'passed',
  'failed',
  'withdrawn',
] as const;

const score = z.number().min(-1).max(1).nullable().meta({ description: 'Scaled, -1 to 1; null when none was given' });

const scoreGiven = z
  .strictObject({
    scaled: z.number().optional(),
    raw: z.number().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .meta({ id: 'ScoreGiven', description: 'As the statement gives it' });

export const evidence = z
  .strictObject({
    sequence,
    recordedAt: instant,
    statement: z.string().optional().meta({ description: 'Id of the statement; absent when a roster says it' }),
    score: scoreGiven.optional(),
  })
  .meta({ id: 'Evidence', description: 'An event on which an answer rests' });

export const courseProgress = z
  .strictObject({
    course: courseReference,
    state: z.enum(PROGRESS_STATES),
    enrolled: day.nullable(),
    started: day.nullable(),
    completed: day.nullable().meta({ description: 'The first completion that stands' }),
    completions: count.meta({ description: '0 or 1: a course counts once' }),
    repeats: count.meta({ description: 'Completions after the first' }),
    bestScore: score,
    lastScore: score,
    waived: z.boolean(),
    implausible: z.boolean().meta({ description: 'Completed faster than can be' }),
    sessions: z
      .strictObject({ attended: count, held: count })
      .nullable()
      .meta({ description: 'Of a programme with dated sessions' }),
    creditedMinutes: count.meta({ description: "The course's own, never the time spent" }),
    evidence: z.array(evidence).meta({ description: 'The events on which this rests' }),
  })
  .meta({ id: 'CourseProgress' });

export const progressTotals = z
  .strictObject({ enrolled: count, inProgress: count, completions: count, repeats: count, creditedMinutes: count })
  .meta({ id: 'ProgressTotals', description: 'Over all courses of the learner' });

export const TIMELINE_KINDS = [...FACT_KINDS, 'posting', 'service', 'onboarded', 'identity', 'session'] as const;

export const timelineEntry = z
  .strictObject({
    kind: z.enum(TIMELINE_KINDS),
    on: day.nullable().meta({ description: 'When it happened, or from when it holds; null: from ever on' }),
    to: day.nullable().optional().meta({ description: 'The last day of what lasts; null: it goes on' }),
    at: instant.optional().meta({ description: 'The instant, of what a statement says; whole seconds' }),
    sequence: sequence.meta({ description: 'From when on it is known' }),
    recordedAt: instant.meta({ description: 'When that was recorded' }),
    statement: z.string().optional().meta({ description: 'Id of the statement that says so' }),
    withdrawn: sequence.nullable().meta({ description: 'From when on it is known not to hold; null while it stands' }),
    course: courseReference.optional(),
    score: score.optional(),
    scoreGiven: scoreGiven.optional(),
    seconds: count.optional().meta({ description: 'The duration that the statement gives' }),
    posting: postingInAnswer.optional(),
    change: z.enum(SERVICE_CHANGES).optional(),
    identity: z.string().optional().meta({ description: 'The identity linked, or as which it was sent' }),
    session: z.string().optional(),
    attended: z.boolean().optional(),
  })
  .meta({ id: 'TimelineEntry', description: 'One thing that is known of a learner, also when it was withdrawn' });

// Departments.

export const departmentEntry = z
  .strictObject({
    ...departmentReference.shape,
    parent: z.string().nullable(),
    depth: count.meta({ description: 'Below the root, or below the department to which the credential is limited' }),
    opened: day,
    closed: day.nullable().meta({ description: 'The last day on which it stood' }),
  })
  .meta({ id: 'Department' });

export const metrics = z
  .strictObject({
    strength: count.meta({ description: 'On strength' }),
    paused: count.meta({ description: 'Of them on leave or suspended' }),
    onboarded: count,
    active7: count.meta({ description: 'Active in the last 7 days' }),
    active30: count.meta({ description: 'Active in the last 30 days' }),
    activeYear: count.meta({ description: 'Active in the financial year' }),
    enrolled: count.meta({ description: 'Learners enrolled in at least one course' }),
    inProgress: count.meta({ description: 'Learners with at least one course in progress' }),
    withCompletion: count.meta({ description: 'Learners with at least one completion' }),
    completions: count.meta({ description: 'First completions, one a learner and course' }),
    repeats: count.meta({ description: 'Completions after the first' }),
    creditedMinutes: count.meta({ description: "The courses' own minutes, never the time spent" }),
    implausible: count.meta({ description: 'Completions faster than can be' }),
    caseStudies: count.meta({ description: 'Case studies contributed' }),
    attendedAll: count.meta({ description: 'Learners who attended every session of a programme' }),
    score: mean.meta({ description: 'Scaled scores, -1 to 1' }),
    rating: mean,
    onboardedShare: share.meta({ description: 'onboarded ÷ on strength' }),
    completionShare: share.meta({ description: 'with at least one completion ÷ on strength' }),
  })
  .meta({ id: 'Metrics' });
export type MetricsInAnswer = z.infer<typeof metrics>;

export const rollupRow = z
  .strictObject({
    department: departmentReference,
    parent: z.string().nullable(),
    depth: count.meta({ description: 'Below the department asked about' }),
    total: metrics.meta({ description: 'With everything below, as the tree stood that day' }),
    own: metrics.meta({ description: 'Posted at the node itself' }),
    difference: z.record(z.string(), z.int()).meta({
      description:
        'What of each amount the own figures and those of the nodes right below, where `depth` reaches them, do not add up to; empty when all do',
    }),
  })
  .meta({ id: 'RollupRow' });

export const GROUPINGS = ['course', 'tag', 'language', 'provider', 'institute'] as const;
export type Grouping = (typeof GROUPINGS)[number];

export const rollupGroup = z
  .strictObject({
    key: z.string().meta({
      description: 'The activity IRI, the tag, the language tag, the provider, the institute; empty: none given',
    }),
    titles: namesInAnswer,
    learners: count
      .nullable()
      .meta({ description: 'Distinct learners with a completion, where they are counted: by course and tag' }),
    enrolled: count,
    inProgress: count,
    completions: count,
    repeats: count,
    creditedMinutes: count,
    implausible: count,
    score: mean,
  })
  .meta({
    id: 'RollupGroup',
    description: 'The completions of a department by course, tag, language, provider or institute',
  });

export const departmentLearner = z
  .strictObject({
    learner: learnerSummary,
    onboarded: z.boolean(),
    paused: z.boolean(),
    lastActive: day.nullable(),
    totals: progressTotals,
  })
  .meta({ id: 'DepartmentLearner' });

// Courses.

export const courseEntry = z
  .strictObject({
    id: z.string(),
    kind: z.enum(COURSE_KINDS),
    titles: namesInAnswer,
    provider: z.string().nullable(),
    languages: z.array(z.string()),
    minutes: count,
    tags: z.array(z.string()),
    aliases: z.array(z.string()),
    supersedes: z.array(z.string()),
    status: z.enum(['live', 'retired', 'draft']),
    from: day.nullable().meta({ description: 'From when on the entry holds; null: from ever on' }),
  })
  .meta({ id: 'Course' });

export const courseQuality = z
  .strictObject({
    course: courseReference,
    learners: count.meta({ description: 'Learners who enrolled, began or completed' }),
    enrolled: count.meta({ description: 'Of them enrolled and not begun' }),
    inProgress: count,
    completed: count.meta({ description: 'First completions' }),
    repeats: count,
    implausible: count,
    score: mean,
    rating: mean,
    completedShare: share.meta({ description: 'completed ÷ learners' }),
    implausibleShare: share.meta({ description: 'implausible ÷ completed' }),
  })
  .meta({ id: 'CourseQuality' });

// Unmatched people.

export const unmatchedLearner = z
  .strictObject({
    id: learnerId,
    identity: z.string(),
    name: z.string().nullable().meta({ description: 'As the statements give it' }),
    facts: count,
    first: day.nullable(),
    last: day.nullable(),
    totals: progressTotals,
  })
  .meta({ id: 'UnmatchedLearner', description: 'A provisional learner: an identity that nobody is known to own' });

// The review brief.

export const brief = z
  .strictObject({
    department: departmentReference,
    financialYear: z.string().meta({ examples: ['2025-26'] }),
    metrics,
    national: z.array(
      z
        .strictObject({
          figure: z.enum(NATIONAL_FIGURES),
          value: count.nullable().meta({ description: "The department's own" }),
          nation: z
            .strictObject({ value: count, financialYear: z.string(), on: day, source: z.string() })
            .nullable()
            .meta({ description: "The nation's for the financial year, as recorded; null when none is" }),
          share: share.nullable(),
        })
        .meta({ id: 'NationalShare' }),
    ),
    cadres: z
      .array(
        z
          .strictObject({
            designation: z.string().nullable(),
            cadre: z.enum(CADRES).nullable(),
            strength: count,
            onboarded: count,
            withCompletion: count,
            completions: count,
            completionShare: share,
          })
          .meta({ id: 'CadreRow' }),
      )
      .meta({ description: 'By designation and cadre, the largest first' }),
    sessions: z
      .array(
        z
          .strictObject({
            course: courseReference,
            sessions: count.meta({ description: 'Held up to that day' }),
            attendedAll: count,
            attendedShare: share.meta({ description: 'attended all ÷ on strength' }),
          })
          .meta({ id: 'SessionProgramme' }),
      )
      .meta({ description: 'Programmes with dated sessions: the 7-day programme' }),
    tags: z
      .array(
        z
          .strictObject({
            tag: z.string(),
            learners: count.meta({ description: 'With at least one completion of a course so tagged' }),
            completions: count,
            courses: count.meta({ description: 'Live in the catalogue' }),
            share: share.meta({ description: 'learners ÷ on strength' }),
          })
          .meta({ id: 'TagCoverage' }),
      )
      .meta({ description: 'ai and cyber-security' }),
    catalogue: z.strictObject({
      courses: count.meta({ description: 'Live that day' }),
      byLanguage: z.array(z.strictObject({ language: z.string(), courses: count })),
    }),
  })
  .meta({ id: 'Brief' });
export type Brief = z.infer<typeof brief>;

/** The tags that the brief tells of, in this order. */
export const BRIEF_TAGS = ['ai', 'cyber-security'] as const;

// Parameters.

const dayAsked = z
  .string()
  .refine(
    (text) => {
      const asked = dayOfDate(text);
      return asked !== undefined && asked >= EARLIEST_DAY && asked <= LATEST_DAY;
    },
    `must be a date between ${dateOf(EARLIEST_DAY)} and ${dateOf(LATEST_DAY)}, such as 2026-03-31`,
  )
  .meta({ format: 'date' });
const wholeFrom = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${least} to ${most}`)
    .transform(Number)
    .pipe(z.int().min(least, `at least ${least}`).max(most, `at most ${most}`))
    // A string in the URL, a number to whoever reads the description of it.
    .meta({ type: 'integer', pattern: undefined, minimum: least, maximum: most });

export const MOST_ROWS = 1_000;
export const USUAL_ROWS = 100;
export const DEEPEST = 8;

/** What every report takes. */
export const everyReport = {
  on: dayAsked
    .optional()
    .meta({ description: 'The day asked about, to its end; default: the day of `knownAt`', examples: ['2026-03-31'] }),
  knownAt: z
    .string()
    .max(40)
    .optional()
    .meta({
      description:
        'As the record stood then: an instant, a sequence, or a date, meaning the end of that day in Kolkata; default: now',
      examples: ['2026-04-01'],
    }),
  atLeast: wholeFrom(0, Number.MAX_SAFE_INTEGER)
    .optional()
    .meta({ description: 'Waits until this sequence is seen (up to 5 s, then 503)' }),
} as const;

/** What reports of rows take beside. */
export const everyList = {
  ...everyReport,
  format: z.enum(['json', 'csv']).optional().meta({ description: 'csv: all rows, streamed; also by Accept: text/csv' }),
  limit: wholeFrom(1, MOST_ROWS)
    .optional()
    .meta({
      description: `Rows a page, at most ${MOST_ROWS}; default ${USUAL_ROWS}. In CSV: rows at all`,
    }),
  cursor: z.string().max(4_000).optional().meta({ description: 'Of a `more` link; stands alone' }),
} as const;

const departmentAsked = z.string().min(1, 'must not be empty').max(100, 'at most 100 characters');
const iriAsked = z.string().min(1, 'must not be empty').max(2_000, 'at most 2000 characters');

/** A report: where it is, what it takes, what it answers. `rows`: the schema of a row, of reports that are lists. */
interface ReportContract {
  readonly path: string;
  readonly alsoAt?: string;
  readonly summary: string;
  readonly description?: string;
  /** In the path, in braces. */
  readonly inPath?: Readonly<Record<string, z.ZodType>>;
  readonly query: z.ZodObject;
  /** What the answer has beside `asOf`, `rows` and `more`. */
  readonly body: z.ZodObject;
  readonly rows?: z.ZodObject;
}

const query = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape);

export const REPORTS = {
  learners: {
    path: '/reports/learners',
    summary: 'Learners by name, code or identity',
    description:
      'Every word of `q` must begin one of the name, the code or an identity; spellings are folded: ए0एन0एम0 finds एएनएम. In the order in which the record named them.',
    query: query({
      ...everyList,
      q: z
        .string()
        .trim()
        .min(1, 'must not be empty')
        .max(200, 'at most 200 characters')
        .meta({ description: 'What is sought' }),
    }),
    body: z.strictObject({}),
    rows: learnerSummary,
  },
  learner: {
    path: '/reports/learners/{id}',
    summary: 'A learner: identities, postings, service',
    inPath: { id: learnerId },
    query: query(everyReport),
    body: z.strictObject({ learner: learnerDetails }),
  },
  progress: {
    path: '/reports/learners/{id}/progress',
    summary: 'How far a learner is in each course',
    inPath: { id: learnerId },
    query: query(everyList),
    body: z.strictObject({ learner: learnerSummary, totals: progressTotals }),
    rows: courseProgress,
  },
  timeline: {
    path: '/reports/learners/{id}/timeline',
    summary: 'Everything known of a learner, in the order in which it happened',
    inPath: { id: learnerId },
    query: query(everyList),
    body: z.strictObject({ learner: learnerSummary }),
    rows: timelineEntry,
  },
  departments: {
    path: '/reports/departments',
    summary: 'The tree of departments, each parent before its children',
    query: query(everyList),
    body: z.strictObject({}),
    rows: departmentEntry,
  },
  rollup: {
    path: '/reports/departments/{id}/rollup',
    summary: 'How a department stands, and those below it',
    inPath: { id: departmentAsked },
    query: query({
      ...everyList,
      depth: wholeFrom(0, DEEPEST)
        .optional()
        .meta({ description: `Levels below it, at most ${DEEPEST}; default 0` }),
    }),
    body: z.strictObject({ department: departmentReference }),
    rows: rollupRow,
  },
  /** The same path with `by`. */
  rollupBy: {
    path: '/reports/departments/{id}/rollup',
    summary: 'How a department stands, and those below it',
    description:
      'With `by`: the completions of the department by course, tag, language, provider or institute instead. A course with two languages or tags, or whose sessions two institutes hold, counts under each.',
    inPath: { id: departmentAsked },
    query: query({
      ...everyList,
      by: z.enum(GROUPINGS).meta({ description: 'By what; without it, the figures of departments' }),
    }),
    body: z.strictObject({ department: departmentReference, by: z.enum(GROUPINGS), total: metrics }),
    rows: rollupGroup,
  },
  departmentLearners: {
    path: '/reports/departments/{id}/learners',
    summary: 'Who is posted in a department and below it on that day, and how far they are',
    inPath: { id: departmentAsked },
    query: query(everyList),
    body: z.strictObject({ department: departmentReference }),
    rows: departmentLearner,
  },
  courses: {
    path: '/reports/courses',
    summary: 'The catalogue on that day',
    query: query(everyList),
    body: z.strictObject({}),
    rows: courseEntry,
  },
  quality: {
    path: '/reports/courses/{id}/quality',
    /** With `id` as a parameter: not every proxy lets an encoded slash pass. */
    alsoAt: '/reports/courses/quality',
    summary: 'How a course is taken: completions, scores, rating, implausible completions',
    description: 'The IRI percent-encoded in the path, or as /reports/courses/quality?id=. An alias means its course.',
    inPath: { id: iriAsked },
    query: query(everyReport),
    body: z.strictObject({ quality: courseQuality }),
  },
  unmatched: {
    path: '/reports/unmatched',
    summary: 'Identities that nobody is known to own',
    query: query(everyList),
    body: z.strictObject({ learners: count.meta({ description: 'How many there are' }) }),
    rows: unmatchedLearner,
  },
  brief: {
    path: '/reports/brief',
    summary: 'The review brief of a department',
    description:
      'JSON; or, by `format` or Accept, a page to print (text/html) or plain text, in Hindi with English beside it, counted in lakh and crore.',
    query: query({
      ...everyReport,
      department: departmentAsked
        .optional()
        .meta({ description: 'Default: the root, or the department to which the credential is limited' }),
      language: z
        .enum(['hi', 'en'])
        .optional()
        .meta({ description: 'Which language leads in the page and the text; default hi' }),
      format: z.enum(['json', 'html', 'text']).optional(),
    }),
    body: z.strictObject({ brief }),
  },
} as const satisfies Record<string, ReportContract>;
export type ReportName = keyof typeof REPORTS;

type RowsOf<Name extends ReportName> = (typeof REPORTS)[Name] extends { readonly rows: infer Rows extends z.ZodType }
  ? Rows
  : never;

/** A row of a report that is a list. */
export type ReportRow<Name extends ReportName> = z.infer<RowsOf<Name>>;

/** An object without properties is inferred as one that may not have any. */
type Beside<Body> = string extends keyof Body ? unknown : Body;

/** What people queries give for a report: its body, and of a list the rows of a page. */
export type ReportBody<Name extends ReportName> = Beside<z.infer<(typeof REPORTS)[Name]['body']>> &
  ([RowsOf<Name>] extends [never] ? unknown : { readonly rows: readonly ReportRow<Name>[] });

/** The answer of a report, as JSON. */
export function answerOf(name: ReportName): z.ZodObject {
  const report: ReportContract = REPORTS[name];
  return z.strictObject({
    asOf,
    ...report.body.shape,
    ...(report.rows
      ? {
          rows: z.array(report.rows),
          more: z.string().meta({ description: 'Where the next page is; empty after the last' }),
        }
      : {}),
  });
}
