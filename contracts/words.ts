// The words of the house as types. A number or a string that means one of these never passes for another.

declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** Place of an event in the record: dense, from 0; the same on every adapter and kept when a log is copied. */
export type Sequence = Branded<number, 'Sequence'>;

/** Place of an event in its stream: dense, from 0; -1 stands for "before the first event". */
export type Revision = Branded<number, 'Revision'>;

/** Microseconds since 1970-01-01T00:00:00Z. A safe integer until the year 2255. */
export type Microseconds = Branded<number, 'Microseconds'>;

/** A statement's id: a UUID in lower case. */
export type StatementId = Branded<string, 'StatementId'>;

/** An event's id: a UUID in lower case, fresh for every stamped attempt, never a statement's id. */
export type EventId = Branded<string, 'EventId'>;

/** A credential's id, a UUID; its key (the Basic user name) may be rotated, its id stays. */
export type CredentialId = Branded<string, 'CredentialId'>;

/**
 * The identity of an Agent or identified Group in one string (xAPI 1.0.3 Data 2.4.2.3, inverse functional identifiers):
 * `mbox:mailto:a@b`, `mbox_sha1sum:…`, `openid:…`, `account:<homePage>|<name>`.
 */
export type AgentKey = Branded<string, 'AgentKey'>;

/** "Before the first event": the head of an empty stream, and where a subscription from the start begins. */
export const NOTHING = -1 as Revision & Sequence;

export type XapiVersion = '1.0.3' | '2.0.0';
