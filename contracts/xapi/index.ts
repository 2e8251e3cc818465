// xAPI 1.0.3 and 2.0 (IEEE 9274.1.1) as data: what a statement is, when two are the same, what one is found by and how it is
// shown. Pure: no clock, no store.

export { authority } from './actors.ts';
export { SIGNATURE } from './attachments.ts';
export { type BodyParsed, parseBody, parseJson } from './body.ts';
export { canonical, comparableDigest, comparableForm } from './comparable.ts';
export { isDuration, truncateDuration } from './durations.ts';
export { inOurWords, jsonPath } from './explain.ts';
export { isIri, isLanguageTag, isMailto, isMediaType, isSha1, isSha2, isUuid } from './formats.ts';
export { agentKey, personOf, statementId } from './identity.ts';
export {
  parseAgentParameter,
  parseStatementsQuery,
  type QueryParsed,
  STATEMENT_FORMATS,
  type StatementFormat,
  type StatementsQuery,
} from './query.ts';
export { type StatementsValidated, statementSchemas, validateAgent, validateStatements } from './statements.ts';
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
