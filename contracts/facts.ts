// What a statement may say of a learner and an activity. In this order they are numbered where they are packed: a new one goes to
// the end.

export const FACT_KINDS = [
  'enrolled',
  'progressed',
  'completed',
  'passed',
  'failed',
  'attended',
  'waived',
  'satisfied',
  /** A completion taken back by its issuer: revoked, forfeited, uncompleted. */
  'revoked',
  /** The learner left the course. */
  'left',
  /** A case study or other piece contributed. */
  'contributed',
  'rated',
] as const;
export type FactKind = (typeof FACT_KINDS)[number];
