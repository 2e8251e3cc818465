// The shapes of the xAPI data model as TypeScript sees them after validation (xAPI 1.0.3 Data 2.4, xAPI 2.0 4.2). What the
// schemas check beyond shape (formats, one identifier an agent, …) is not repeated here.

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export type LanguageMap = Readonly<Record<string, string>>;
export type Extensions = Readonly<Record<string, unknown>>;

export interface Account {
  readonly homePage: string;
  readonly name: string;
}

/** The inverse functional identifiers: an Agent has exactly one, a Group at most one. */
export interface Identifiers {
  readonly mbox?: string;
  readonly mbox_sha1sum?: string;
  readonly openid?: string;
  readonly account?: Account;
}

export interface Agent extends Identifiers {
  readonly objectType?: 'Agent';
  readonly name?: string;
}

/** As the object of a statement an Agent says that it is one (xAPI 1.0.3 Data 2.4.4.2). */
export type AgentAsObject = Agent & { readonly objectType: 'Agent' };

export interface Group extends Identifiers {
  readonly objectType: 'Group';
  readonly name?: string;
  readonly member?: readonly Agent[];
}

export type Actor = Agent | Group;

/** What GET /agents answers (xAPI 1.0.3 Communication 2.4). */
export interface Person {
  readonly objectType: 'Person';
  readonly name?: readonly string[];
  readonly mbox?: readonly string[];
  readonly mbox_sha1sum?: readonly string[];
  readonly openid?: readonly string[];
  readonly account?: readonly Account[];
}

export interface Verb {
  readonly id: string;
  readonly display?: LanguageMap;
}

export type InteractionType =
  | 'true-false'
  | 'choice'
  | 'fill-in'
  | 'long-fill-in'
  | 'matching'
  | 'performance'
  | 'sequencing'
  | 'likert'
  | 'numeric'
  | 'other';

export interface InteractionComponent {
  readonly id: string;
  readonly description?: LanguageMap;
}

export interface ActivityDefinition {
  readonly name?: LanguageMap;
  readonly description?: LanguageMap;
  readonly type?: string;
  readonly moreInfo?: string;
  readonly extensions?: Extensions;
  readonly interactionType?: InteractionType;
  readonly correctResponsesPattern?: readonly string[];
  readonly choices?: readonly InteractionComponent[];
  readonly scale?: readonly InteractionComponent[];
  readonly source?: readonly InteractionComponent[];
  readonly target?: readonly InteractionComponent[];
  readonly steps?: readonly InteractionComponent[];
}

export interface Activity {
  readonly objectType?: 'Activity';
  readonly id: string;
  readonly definition?: ActivityDefinition;
}

export interface StatementRef {
  readonly objectType: 'StatementRef';
  readonly id: string;
}

export interface Score {
  readonly scaled?: number;
  readonly raw?: number;
  readonly min?: number;
  readonly max?: number;
}

export interface Result {
  readonly score?: Score;
  readonly success?: boolean;
  readonly completion?: boolean;
  readonly response?: string;
  readonly duration?: string;
  readonly extensions?: Extensions;
}

export const CONTEXT_ACTIVITY_TYPES = ['parent', 'grouping', 'category', 'other'] as const;

export type ContextActivities = {
  readonly [Type in (typeof CONTEXT_ACTIVITY_TYPES)[number]]?: Activity | readonly Activity[];
};

/** xAPI 2.0 only. */
export interface ContextAgent {
  readonly objectType: 'contextAgent';
  readonly agent: Agent;
  readonly relevantTypes?: readonly string[];
}

/** xAPI 2.0 only. */
export interface ContextGroup {
  readonly objectType: 'contextGroup';
  readonly group: Group;
  readonly relevantTypes?: readonly string[];
}

export interface Context {
  readonly registration?: string;
  readonly instructor?: Actor;
  readonly team?: Group;
  readonly contextActivities?: ContextActivities;
  readonly contextAgents?: readonly ContextAgent[];
  readonly contextGroups?: readonly ContextGroup[];
  readonly revision?: string;
  readonly platform?: string;
  readonly language?: string;
  readonly statement?: StatementRef;
  readonly extensions?: Extensions;
}

export interface Attachment {
  readonly usageType: string;
  readonly display: LanguageMap;
  readonly description?: LanguageMap;
  readonly contentType: string;
  readonly length: number;
  readonly sha2: string;
  readonly fileUrl?: string;
}

/** What a Statement and a SubStatement have in common. */
export interface StatementCore {
  readonly actor: Actor;
  readonly verb: Verb;
  readonly result?: Result;
  readonly context?: Context;
  readonly timestamp?: string;
  readonly attachments?: readonly Attachment[];
}

export interface SubStatement extends StatementCore {
  readonly objectType: 'SubStatement';
  readonly object: Activity | AgentAsObject | Group | StatementRef;
}

export type StatementObject = Activity | AgentAsObject | Group | StatementRef | SubStatement;

export interface Statement extends StatementCore {
  readonly id?: string;
  readonly object: StatementObject;
  readonly stored?: string;
  readonly authority?: Actor;
  readonly version?: string;
}

/** The verb that voids the statement its object refers to (xAPI 1.0.3 Data 2.3.2). */
export const VOIDED = 'http://adlnet.gov/expapi/verbs/voided';
