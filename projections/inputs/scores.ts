// Scores of results on one scale (xAPI 1.0.3 Data 2.4.5.1): the scaled one as it was sent, else the raw one between its least and
// its most. A raw score whose most nobody gives is no score: 7 of what?

import type { Result, Score } from '../../contracts/xapi/accepted.ts';

/** Ratings by stars where the result's score holds none (tincanapi's registry); `rating` is how some write `raw`. */
const QUALITY_RATING = [
  'http://id.tincanapi.com/extension/quality-rating',
  'https://id.tincanapi.com/extension/quality-rating',
];

/** A fact's score is a whole number: so many for 1.0. */
const STEPS = 10_000;

/** The score as it was sent, with `scaled` worked out where that can be. */
export function scoreOf(result: Result | undefined): Score | undefined {
  const score = result?.score;
  if (score === undefined) return undefined;
  const scaled = scaledOf(score);
  return scaled === undefined || scaled === score.scaled ? score : { ...score, scaled };
}

/** Of a fact: −10,000 to 10,000. */
export function factScore(result: Result | undefined): number | undefined {
  return result?.score === undefined ? undefined : inSteps(scaledOf(result.score));
}

/** The same of a rating. */
export function factRating(result: Result | undefined): number | undefined {
  const score = factScore(result);
  if (score !== undefined || result?.extensions === undefined) return score;
  for (const extension of QUALITY_RATING) {
    const rating = result.extensions[extension];
    if (typeof rating === 'object' && rating !== null) return inSteps(scaledOf(scoreIn(rating)));
  }
  return undefined;
}

/** Without `min` a scale begins at 0. */
function scaledOf({ scaled, raw, min = 0, max }: Score): number | undefined {
  if (scaled !== undefined) return within(scaled);
  if (raw === undefined || max === undefined || max <= min) return undefined;
  const share = (raw - min) / (max - min);
  // A scale from the least to the greatest of doubles is wider than a double.
  return Number.isFinite(share) ? within(share) : undefined;
}

function within(scaled: number): number {
  return Math.max(-1, Math.min(1, scaled));
}

/** Adding 0 makes 0 of −0. */
function inSteps(scaled: number | undefined): number | undefined {
  return scaled === undefined ? undefined : Math.round(scaled * STEPS) + 0;
}

/** Nobody has checked what is in an extension. */
function scoreIn(rating: object): Score {
  const given = rating as Readonly<Record<string, unknown>>;
  const score: Record<string, number> = {};
  for (const name of ['scaled', 'raw', 'min', 'max']) {
    const value = given[name] ?? (name === 'raw' ? given.rating : undefined);
    if (typeof value === 'number' && Number.isFinite(value)) score[name] = value;
  }
  return score;
}
