// The review brief of a department: how it stands, its share of the nation's figures, field cadres, programmes with sessions,
// coverage of the tags that matter, the catalogue by language.

import { dateOf, financialYearOf } from '../../../../contracts/days.ts';
import { NATIONAL_FIGURES } from '../../../../contracts/events/programmes.ts';
import { BRIEF_TAGS, type Brief, shareOf } from '../../../../contracts/http/reports.ts';
import { METRICS, type Totals } from '../../../../projections/department-rollup/index.ts';
import type { NodeNumber } from '../../../../projections/inputs/types.ts';
import { type Amounts, metricsOf } from './amounts.ts';
import { catalogueOn, isLive } from './courses.ts';
import { course, department } from './described.ts';
import type { View } from './view.ts';

type Catalogue = ReturnType<typeof catalogueOn>;

export function briefOf(view: View, node: NodeNumber, totals: Totals, amounts: Amounts): Brief {
  const catalogue = catalogueOn(view);
  const live = catalogue.filter(({ version }) => isLive(version));
  const metrics = metricsOf(amounts);
  return {
    department: department(view, node),
    financialYear: financialYearOf(view.on),
    metrics,
    national: nationalShares(view, metrics, live.length),
    cadres: cadresOf(view, totals),
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

/** By designation and cadre of the posting of the day: the largest first. */
function cadresOf({ world }: View, totals: Totals): Brief['cadres'] {
  const of = (metric: number, cadre: number) => totals.count(metric, cadre);
  return [...totals.of(METRICS.cadreStrength)]
    .filter(([, { count }]) => count > 0)
    .map(([number, { count: strength }]) => {
      const { designation = null, cadre = null } = world.cadreAt(number);
      const onboarded = of(METRICS.cadreOnboarded, number);
      const withCompletion = of(METRICS.cadreWithCompletion, number);
      const completions = of(METRICS.cadreCompletions, number);
      const completionShare = shareOf(withCompletion, strength);
      return { number, row: { designation, cadre, strength, onboarded, withCompletion, completions, completionShare } };
    })
    .sort((a, b) => b.row.strength - a.row.strength || a.number - b.number)
    .map(({ row }) => row);
}
