// xAPI 1.0.3 and 2.0 (IEEE 9274.1.1) as data: what a statement is, when two are the same, what one is found by and how it is
// shown. Pure: no clock, no store.

export * from './accepted.ts';
export { authority } from './actors.ts';
export { SIGNATURE } from './attachments.ts';
export { type BodyParsed, parseBody, parseJson } from './body.ts';
export { isDuration, truncateDuration } from './durations.ts';
export { inOurWords, jsonPath } from './explain.ts';
export { isIri, isLanguageTag, isMailto, isMediaType, isSha1, isSha2, isUuid } from './formats.ts';
export {
  parseAgentParameter,
  parseStatementsQuery,
  type QueryParsed,
  STATEMENT_FORMATS,
  type StatementFormat,
  type StatementsQuery,
} from './query.ts';
export { type StatementsValidated, statementSchemas, validateAgent, validateStatements } from './statements.ts';
