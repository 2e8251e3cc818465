// What a statement says of learners: who, what, of which activity, when, with what score. One fact a learner, on the identity as it
// was sent; who that is, and which course the activity is, is found out later. Called for every statement of the record.

import type { AgentKey, Microseconds } from '../../contracts/words.ts';
import {
  type Agent,
  agentKey,
  durationSeconds,
  parseTimestamp,
  type Result,
  type Statement,
} from '../../contracts/xapi/accepted.ts';
import { factRating, factScore } from './scores.ts';
import type { FactKind } from './types.ts';
import { KIND_OF_VERB } from './verbs.ts';

export interface FoundFact {
  readonly who: AgentKey;
  /** As the statement calls the learner. */
  readonly name?: string;
  readonly kind: FactKind;
  /** IRI of the statement's object. */
  readonly activity: string;
  /** `validAt`: of the statement's time and the record's, the earlier. */
  readonly at: Microseconds;
  /** Scaled score or rating × 10,000. */
  readonly score?: number;
  /** Whole seconds of the result's duration, at most {@link LONGEST_SECONDS}. */
  readonly seconds?: number;
}

/** Longer durations count as this one. */
export const LONGEST_SECONDS = 65_534;

const NONE: readonly FoundFact[] = [];

/**
 * Facts of an accepted statement. Of a Group each member has its own, the Group none. Other verbs, and objects that are not
 * Activities, say nothing.
 */
export function factsOf(statement: Statement, stored: Microseconds): readonly FoundFact[] {
  const verbSays = KIND_OF_VERB.get(statement.verb.id);
  if (verbSays === undefined) return NONE;
  const { actor, object, result } = statement;
  if (object.objectType !== undefined && object.objectType !== 'Activity') return NONE;
  const kind = kindWith(verbSays, result);
  const score = kind === 'rated' ? factRating(result) : factScore(result);
  // A rating without a value rates nothing.
  if (kind === 'rated' && score === undefined) return NONE;

  const fact = (who: Agent, key: AgentKey): FoundFact => {
    const found: { -readonly [Property in keyof FoundFact]: FoundFact[Property] } = {
      who: key,
      kind,
      activity: object.id,
      at,
    };
    if (who.name !== undefined) found.name = who.name;
    if (score !== undefined) found.score = score;
    if (seconds !== undefined) found.seconds = seconds;
    return found;
  };
  const at = validAt(statement.timestamp, stored);
  const seconds = secondsOf(result);
  if (actor.objectType !== 'Group') {
    const key = agentKey(actor);
    return key === undefined ? NONE : [fact(actor, key)];
  }
  const members = new Map<AgentKey, FoundFact>();
  for (const member of actor.member ?? []) {
    const key = agentKey(member);
    if (key !== undefined && !members.has(key)) members.set(key, fact(member, key));
  }
  return members.size === 0 ? NONE : [...members.values()];
}

/** What the result makes of the verb. */
function kindWith(kind: FactKind, result: Result | undefined): FactKind {
  if (result === undefined) return kind;
  if (kind === 'passed' && result.success === false) return 'failed';
  // Half of a course, or of an attendance, is progress and no more.
  if (result.completion === false && IS_COMPLETION.has(kind)) return 'progressed';
  return kind;
}

const IS_COMPLETION: ReadonlySet<FactKind> = new Set(['completed', 'passed', 'attended', 'waived', 'satisfied']);

/** A fact's time is counted from 1970: whoever says the year 0001 has no better time to tell. */
function validAt(timestamp: string | undefined, stored: Microseconds): Microseconds {
  const at = timestamp === undefined ? undefined : parseTimestamp(timestamp, '1.0.3');
  if (at === undefined || at > stored) return stored;
  return at < 0 ? (0 as Microseconds) : at;
}

function secondsOf(result: Result | undefined): number | undefined {
  if (result?.duration === undefined) return undefined;
  const seconds = durationSeconds(result.duration);
  return seconds === undefined ? undefined : Math.min(Math.floor(seconds), LONGEST_SECONDS);
}
