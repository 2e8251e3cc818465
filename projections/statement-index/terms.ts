// What a statement can be found by. A term is one string: a letter for what it says, a colon, the value.

declare const kind: unique symbol;
export type Term = string & { readonly [kind]: 'Term' };

export const TERM_KINDS = {
  verb: 'v',
  /** The Object is this Activity. */
  activity: 'a',
  /** Actor or Object, or a member of a Group that is. */
  agent: 'g',
  registration: 'r',
  /** Found with related_activities only: what `activity` finds is not repeated. */
  relatedActivity: 'A',
  /** Found with related_agents only: what `agent` finds is not repeated. */
  relatedAgent: 'G',
  /** The credential that posted it. A matter of permission: a statement that refers to this one does not inherit it. */
  postedBy: 'p',
} as const;
export type TermKind = keyof typeof TERM_KINDS;

export function term(kind: TermKind, value: string): Term {
  return `${TERM_KINDS[kind]}:${value}` as Term;
}

/** A registration is a UUID, and a UUID is the same in either case. */
export function registrationTerm(registration: string): Term {
  return term('registration', registration.toLowerCase());
}

export function isInherited(one: Term): boolean {
  return one.charCodeAt(0) !== TERM_KINDS.postedBy.charCodeAt(0);
}
