// The door for those who work on statements already accepted: when two are the same, what one is found by, how it is shown. It
// loads no schema: each thread would hold its own, some 30 MB of it, and only the one that validates needs any.

export { canonical, comparableDigest, comparableForm } from './comparable.ts';
export { durationSeconds } from './durations.ts';
export { agentKey, keyOfIdentity, personOf, statementId } from './identity.ts';
export {
  activitiesWithDefinitions,
  attachmentsOf,
  namedAgents,
  type StatementTerms,
  statementTerms,
} from './terms.ts';
export { parseTimestamp, toUtc } from './timestamps.ts';
export * from './types.ts';
export { mergeDefinition, oneLanguage, toCanonical, toIds } from './views.ts';
