// StatementRefs: a statement whose Object refers to another one meets a filter when that one does, and so on along the
// chain (xAPI 1.0.3 Communication 2.1.3, "Filter Conditions for StatementRefs"). Filter by filter, as the clause says: each
// one is met by the statement itself or by one that it leads to. `since`, `until`, order, and permission are its own.

import type { StatementId } from '../../contracts/words.ts';
import type { IndexedStatement } from './fold.ts';
import { isInherited, type Term } from './terms.ts';

/** A chain is followed for so many links; one posted on purpose to grow without end costs no more than that. */
export const LONGEST_CHAIN = 100;

/**
 * The statements that a reference leads to, nearest first: up to the first one that is not there (yet), and never twice
 * through the same.
 */
export function alongChain(
  target: StatementId | undefined,
  find: (id: StatementId) => IndexedStatement | undefined,
): IndexedStatement[] {
  const chain: IndexedStatement[] = [];
  const seen = new Set<StatementId>();
  let next = target;
  while (next !== undefined && !seen.has(next) && chain.length < LONGEST_CHAIN) {
    seen.add(next);
    const statement = find(next);
    if (!statement) break;
    chain.push(statement);
    next = statement.refersTo;
  }
  return chain;
}

/** What a statement is found by because of those it leads to. */
export function inheritedTerms(chain: readonly IndexedStatement[]): Set<Term> {
  const inherited = new Set<Term>();
  for (const { terms } of chain) for (const one of terms) if (isInherited(one)) inherited.add(one);
  return inherited;
}
