// The review brief of a department: how it stands, its share of the nation's figures, field cadres, programmes with sessions,
// coverage of the tags that matter, the catalogue by language.

import { dateOf, financialYearOf } from '../../../../contracts/days.ts';
import { NATIONAL_FIGURES } from '../../../../contracts/events/programmes.ts';
import { BRIEF_TAGS, type Brief, shareOf } from '../../../../contracts/http/reports.ts';
import { METRICS, type Totals, valuesOn } from '../../../../projections/department-rollup/index.ts';
import type { NodeNumber, SubjectNumber } from '../../../../projections/inputs/types.ts';
import { type Amounts, membersOf, metricsOf } from './amounts.ts';
import { catalogueOn, isLive } from './courses.ts';
import { course, department } from './described.ts';
import { learner as learnerOf, nodesBelow, postingOn, type View } from './view.ts';

type Catalogue = ReturnType<typeof catalogueOn>;
type CadreRow = Brief['cadres'][number];

export function briefOf(view: View, node: NodeNumber, totals: Totals, amounts: Amounts, cadres: CadreRow[]): Brief {
  const catalogue = catalogueOn(view);
  const live = catalogue.filter(({ version }) => isLive(version));
  const metrics = metricsOf(amounts);
  return {
    department: department(view, node),
    financialYear: financialYearOf(view.on),
    metrics,
    national: nationalShares(view, metrics, live.length),
    cadres,
    sessions: programmes(view, catalogue, totals, metrics.strength),
    tags: coverage(view, catalogue, totals, metrics.strength),
    catalogue: { courses: live.length, byLanguage: byLanguage(live) },
  };
}

function nationalShares(view: View, metrics: Brief['metrics'], courses: number): Brief['national'] {
  const own = {
    onboarded: metrics.onboarded,
    'learners-with-completion': metrics.withCompletion,
    completions: metrics.completions,
    courses,
  } as const;
  const year = financialYearOf(view.on);
  return NATIONAL_FIGURES.map((figure) => {
    const nation = view.world.figureOn(figure, year, view.on, view.knownAt);
    const value = own[figure];
    if (!nation) return { figure, value, nation: null, share: null };
    const { financialYear, on, source } = nation;
    return {
      figure,
      value,
      nation: { value: nation.value, financialYear, on: dateOf(on), source },
      share: shareOf(value, nation.value),
    };
  });
}

/** Courses of which sessions were held up to the day. */
function programmes(view: View, catalogue: Catalogue, totals: Totals, strength: number): Brief['sessions'] {
  const { world, on, knownAt } = view;
  return catalogue.flatMap(({ course: number }) => {
    const sessions = world.sessionsOf(number, knownAt).filter((session) => session.on <= on).length;
    if (sessions === 0) return [];
    const attendedAll = totals.count(METRICS.attendedAll, number);
    return [{ course: course(view, number), sessions, attendedAll, attendedShare: shareOf(attendedAll, strength) }];
  });
}

function coverage({ world }: View, catalogue: Catalogue, totals: Totals, strength: number): Brief['tags'] {
  return BRIEF_TAGS.map((tag) => {
    const number = world.findTag(tag);
    const tagged = catalogue.filter(({ version }) => number !== undefined && version.tags.includes(number));
    const learners = number === undefined ? 0 : totals.count(METRICS.withTag, number);
    return {
      tag,
      learners,
      completions: tagged.reduce((sum, one) => sum + totals.count(METRICS.completions, one.course), 0),
      courses: tagged.filter(({ version }) => isLive(version)).length,
      share: shareOf(learners, strength),
    };
  });
}

function byLanguage(live: Catalogue): Brief['catalogue']['byLanguage'] {
  const counts = new Map<string, number>();
  for (const { version } of live) {
    for (const language of version.languages) counts.set(language, (counts.get(language) ?? 0) + 1);
  }
  return [...counts]
    .map(([language, courses]) => ({ language, courses }))
    .sort((a, b) => b.courses - a.courses || (a.language < b.language ? -1 : 1));
}

type Counted = { -readonly [name in keyof CadreRow]: CadreRow[name] };
const RUN = 500;

/** By designation and cadre of the posting of the day, from learner to learner: the largest first. */
export function* cadresAt(view: View, top: NodeNumber): Generator<void, CadreRow[]> {
  const { on, knownAt } = view;
  const nodes = new Set(nodesBelow(view, top));
  const rows = new Map<number, Counted>();
  let row: Counted | undefined;
  const add = (_node: NodeNumber, metric: number, _ref: number, count: number): void => {
    if (metric === METRICS.strength) row!.strength += count;
    else if (metric === METRICS.onboarded) row!.onboarded += count;
    else if (metric === METRICS.withCompletion) row!.withCompletion += count;
    else if (metric === METRICS.completions) row!.completions += count;
  };
  let done = 0;
  for (const subject of membersOf(view, nodes) as Iterable<number> as Iterable<SubjectNumber>) {
    const learner = learnerOf(view, subject, true);
    const primary = postingOn(view, learner);
    if (primary?.posting && nodes.has(primary.node)) {
      row = rows.get(primary.posting.details) ?? emptyRow(view, primary.posting.details);
      rows.set(primary.posting.details, row);
      valuesOn(learner, view.world, on, knownAt, add);
    }
    if (++done % RUN === 0) yield;
  }
  return joined([...rows.values()]);
}

function emptyRow({ world }: View, details: number): Counted {
  const { designation = null, cadre = null } = world.detailsAt(details);
  return {
    designation,
    cadre,
    strength: 0,
    onboarded: 0,
    withCompletion: 0,
    completions: 0,
    completionShare: shareOf(0, 0),
  };
}

/** Details differ in more than these two. */
function joined(rows: readonly Counted[]): CadreRow[] {
  const found = new Map<string, Counted>();
  for (const row of rows) {
    const key = JSON.stringify([row.designation, row.cadre]);
    const known = found.get(key);
    if (!known) {
      found.set(key, row);
      continue;
    }
    known.strength += row.strength;
    known.onboarded += row.onboarded;
    known.withCompletion += row.withCompletion;
    known.completions += row.completions;
  }
  return [...found]
    .map(([key, row]) => ({ key, row: { ...row, completionShare: shareOf(row.withCompletion, row.onboarded) } }))
    .sort((a, b) => b.row.strength - a.row.strength || (a.key < b.key ? -1 : 1))
    .map(({ row }) => row);
}
