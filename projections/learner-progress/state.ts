// The states of a learner in a course, and what makes them.

import type { PROGRESS_STATES } from '../../contracts/http/reports.ts';
import type { Happening } from './happenings.ts';

export type ProgressState = (typeof PROGRESS_STATES)[number];

type Kind = Happening['kind'];

export function isCompletion(kind: Kind): boolean {
  return kind === 'completed' || kind === 'passed' || kind === 'satisfied' || kind === 'waived';
}

/** The state that holds while no completion stands, after one more happening. Who is under way stays so when enrolled once more. */
export function nextState(state: ProgressState, kind: Kind): ProgressState {
  switch (kind) {
    case 'enrolled':
      return state === 'in-progress' ? state : 'enrolled';
    case 'progressed':
    case 'attended':
    case 'session':
      return 'in-progress';
    case 'failed':
      return 'failed';
    case 'left':
      return 'withdrawn';
    default:
      return state;
  }
}

/** Done in less than a tenth of the time that the catalogue gives. A waiver takes no time. */
export function isImplausible(
  { kind, seconds }: Pick<Happening, 'kind' | 'seconds'>,
  minutes: number | undefined,
): boolean {
  if (kind === 'waived' || seconds === undefined || minutes === undefined) return false;
  return seconds * 10 < minutes * 60;
}

/**
 * Completions of one day are one: cmi5 says completed, passed and satisfied of one session. Of each day the first, with what the
 * others say that it does not: the last score, the first duration. A waiver among others is no waiver.
 */
export function completionsByDay(standing: readonly Happening[]): Happening[] {
  const found: Happening[] = [];
  for (const one of standing) {
    const last = found.at(-1);
    if (last === undefined || last.day !== one.day) {
      found.push(one);
      continue;
    }
    found[found.length - 1] = {
      ...last,
      kind: last.kind === 'waived' ? one.kind : last.kind,
      score: one.score ?? last.score,
      seconds: last.seconds ?? one.seconds,
    };
  }
  return found;
}
