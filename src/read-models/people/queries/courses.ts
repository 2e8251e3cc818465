// Courses: the catalogue on a day, how a course is taken, and a department's completions by course, tag, language, provider and institute.

import { type Grouping, type ReportBody, type ReportRow, shareOf } from '../../../../contracts/http/reports.ts';
import { METRICS, type Totals } from '../../../../projections/department-rollup/index.ts';
import type { ActivityNumber, CourseVersion, TagNumber } from '../../../../projections/inputs/types.ts';
import { minutesOn } from './amounts.ts';
import { course, firstDay, meanOf } from './described.ts';
import type { View } from './view.ts';

type CourseRow = ReportRow<'courses'>;
type Group = ReportRow<'rollupBy'>;
type Quality = ReportBody<'quality'>['quality'];

/** Every course that the catalogue lists, by number, with its entry of the day. */
export function catalogueOn({ world, on, knownAt }: View): { course: ActivityNumber; version: CourseVersion }[] {
  const found: { course: ActivityNumber; version: CourseVersion }[] = [];
  for (const { activity } of world.courses()) {
    const version = world.courseVersion(activity, on, knownAt);
    if (version) found.push({ course: activity, version });
  }
  return found;
}

/** What learners may take: listed as live, and not the platform itself. */
export function isLive({ status, kind }: CourseVersion): boolean {
  return status === 'live' && kind !== 'platform';
}

export function courseRow(
  { world }: View,
  { course: number, version }: ReturnType<typeof catalogueOn>[number],
): CourseRow {
  const { kind, titles, provider, languages, minutes, tags, aliases, supersedes, status, from } = version;
  return {
    id: world.activityIri(number),
    kind: kind as CourseRow['kind'],
    titles,
    provider: provider ?? null,
    languages: [...languages],
    minutes,
    tags: tags.map((tag) => world.tagName(tag)),
    aliases: aliases.map((alias) => world.activityIri(alias)),
    supersedes: supersedes.map((former) => world.activityIri(former)),
    status,
    from: firstDay(from),
  };
}

/** Metrics that are counted by course, one course of them. */
export function qualityOf(view: View, number: ActivityNumber, totals: Totals): Quality {
  const at = (metric: number) => totals.of(metric).get(number) ?? { count: 0, sum: 0 };
  const enrolled = at(METRICS.courseEnrolled).count;
  const inProgress = at(METRICS.courseInProgress).count;
  const completed = at(METRICS.completions).count;
  const implausible = at(METRICS.implausible).count;
  const learners = enrolled + inProgress + completed;
  return {
    course: course(view, number),
    learners,
    enrolled,
    inProgress,
    completed,
    repeats: at(METRICS.repeats).count,
    implausible,
    score: meanOf(at(METRICS.scores)),
    rating: meanOf(at(METRICS.ratings)),
    completedShare: shareOf(completed, learners),
    implausibleShare: shareOf(implausible, completed),
  };
}

const BY_COURSE = [
  METRICS.completions,
  METRICS.repeats,
  METRICS.scores,
  METRICS.implausible,
  METRICS.courseEnrolled,
  METRICS.courseInProgress,
] as const;

type Sums = Omit<Group, 'key' | 'titles' | 'learners' | 'score'> & { scores: number; scoreSum: number };
type Adding = { -readonly [name in keyof Sums]: number };

/** The most completions first; of equally many, by key. */
export function groupsBy(view: View, by: Grouping, totals: Totals): Group[] {
  const minutesOf = minutesOn(view);
  const sums = new Map<string, Adding>();
  const courses = new Set<ActivityNumber>();
  for (const metric of BY_COURSE) for (const ref of totals.of(metric).keys()) courses.add(ref as ActivityNumber);
  const at = (metric: number, number: ActivityNumber) => totals.of(metric).get(number) ?? { count: 0, sum: 0 };
  for (const number of courses) {
    const completions = at(METRICS.completions, number).count;
    const score = at(METRICS.scores, number);
    for (const key of keysOf(view, by, number)) {
      const sum = sums.get(key) ?? nothing();
      sums.set(key, sum);
      sum.completions += completions;
      sum.enrolled += at(METRICS.courseEnrolled, number).count;
      sum.inProgress += at(METRICS.courseInProgress, number).count;
      sum.repeats += at(METRICS.repeats, number).count;
      sum.implausible += at(METRICS.implausible, number).count;
      sum.creditedMinutes += completions * minutesOf(number);
      sum.scores += score.count;
      sum.scoreSum += score.sum;
    }
  }
  const groups = [...sums].flatMap(([key, { scores, scoreSum, ...sum }]) =>
    scores === 0 && Object.values(sum).every((count) => count === 0)
      ? []
      : [
          {
            key,
            ...toldOf(view, by, key, totals, sum.completions),
            ...sum,
            score: meanOf({ count: scores, sum: scoreSum }),
          },
        ],
  );
  return groups.sort((a, b) => b.completions - a.completions || (a.key < b.key ? -1 : 1));
}

function nothing(): Adding {
  return {
    enrolled: 0,
    inProgress: 0,
    completions: 0,
    repeats: 0,
    creditedMinutes: 0,
    implausible: 0,
    scores: 0,
    scoreSum: 0,
  };
}

const NONE_GIVEN = [''];

function keysOf({ world, on, knownAt }: View, by: Grouping, number: ActivityNumber): readonly string[] {
  if (by === 'course') return [world.activityIri(number)];
  if (by === 'institute') {
    const sessions = world.sessionsOf(number, knownAt).filter((session) => session.on <= on);
    return orNone([...new Set(sessions.map(({ institute }) => institute))]);
  }
  const version = world.courseVersion(number, on, knownAt);
  if (!version) return NONE_GIVEN;
  if (by === 'tag') return orNone(version.tags.map((tag: TagNumber) => world.tagName(tag)));
  if (by === 'language') return orNone(version.languages);
  return version.provider === undefined ? NONE_GIVEN : [version.provider];
}

function orNone(keys: readonly string[]): readonly string[] {
  return keys.length === 0 ? NONE_GIVEN : keys;
}

/** Distinct learners are counted by course and tag; a provider that is a department is told by its names. */
function toldOf(
  view: View,
  by: Grouping,
  key: string,
  totals: Totals,
  completions: number,
): Pick<Group, 'titles' | 'learners'> {
  const { world, on, knownAt } = view;
  if (by === 'course') return { titles: course(view, world.findActivity(key)!).titles, learners: completions };
  if (by === 'tag') {
    const tag = world.findTag(key);
    return { titles: {}, learners: tag === undefined ? null : totals.count(METRICS.withTag, tag) };
  }
  const node = by === 'provider' ? world.findNode(key) : undefined;
  return { titles: node === undefined ? {} : world.namesOn(node, on, knownAt), learners: null };
}
