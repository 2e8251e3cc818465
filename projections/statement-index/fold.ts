// The statement index as a fold: an event of the record, and what the index keeps of it. Pure; the store only files it.

import type { StatementRecordedMetadata } from '../../contracts/events/index.ts';
import { STATEMENT_RECORDED } from '../../contracts/events/names.ts';
import { fromInstant } from '../../contracts/time.ts';
import type { EventId, Microseconds, Sequence, StatementId } from '../../contracts/words.ts';
import {
  type ActivityDefinition,
  activitiesWithDefinitions,
  comparableDigest,
  type Statement,
  type StatementTerms,
  statementId,
  statementTerms,
} from '../../contracts/xapi/accepted.ts';
import { registrationTerm, type Term, term } from './terms.ts';

/** Raised whenever the same event would leave something else behind: the index is then built again. */
export const STATEMENT_INDEX_VERSION = 1;

/** An event of the record as the log hands it over. */
export interface EventOfRecord {
  readonly id: EventId;
  readonly type: string;
  readonly revision: number;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface IndexedEvent {
  readonly sequence: Sequence;
  readonly eventId: EventId;
  readonly stored: Microseconds;
  readonly statement?: IndexedStatement;
}

export interface IndexedStatement {
  readonly id: StatementId;
  /** Of the comparable form, hex: what decides between "the same again" and 409. */
  readonly digest: string;
  /** Its own, each once. */
  readonly terms: readonly Term[];
  /** Its Object is a StatementRef to this one. */
  readonly refersTo?: StatementId;
  /** Its verb is `voided`: it cannot be voided itself. */
  readonly isVoiding: boolean;
  /** The one that it voids; only when its source may. */
  readonly voids?: StatementId;
  /** Definitions of activities, when its source may define them. */
  readonly definitions: readonly { readonly id: string; readonly definition: ActivityDefinition }[];
}

/** @throws UnreadableEvent naming the sequence, when the event is not what its type says */
export function foldEvent(event: EventOfRecord): IndexedEvent {
  const sequence = event.revision as Sequence;
  try {
    const metadata = parse(event.metadata) as Partial<StatementRecordedMetadata> & { recordedAt?: string };
    if (event.type !== STATEMENT_RECORDED) {
      return { sequence, eventId: event.id, stored: instant(metadata.recordedAt) };
    }
    const statement = parse(event.data) as Statement;
    return {
      sequence,
      eventId: event.id,
      stored: instant(statement.stored),
      statement: indexed(statement, metadata as StatementRecordedMetadata),
    };
  } catch (error) {
    throw new UnreadableEvent(sequence, event.type, { cause: error });
  }
}

function indexed(statement: Statement, metadata: StatementRecordedMetadata): IndexedStatement {
  const found = statementTerms(statement);
  return {
    id: statementId(statement.id as string),
    digest: comparableDigest(statement, metadata.assigned),
    terms: termsOf(found, metadata.credential),
    isVoiding: found.voids !== undefined,
    definitions: mayDefine(metadata.scopes) ? activitiesWithDefinitions(statement) : [],
    ...(found.refersTo !== undefined && { refersTo: found.refersTo }),
    ...(found.voids !== undefined && mayVoid(metadata.scopes) && { voids: found.voids }),
  };
}

/** `found` names everything once, so nothing comes twice. */
function termsOf(found: StatementTerms, credential: string): Term[] {
  const { verb, activity, agents, registration, relatedActivities, relatedAgents } = found;
  const terms = [term('postedBy', credential), term('verb', verb)];
  if (activity !== undefined) terms.push(term('activity', activity));
  for (const agent of agents) terms.push(term('agent', agent));
  if (registration !== undefined) terms.push(registrationTerm(registration));
  for (const related of relatedActivities) if (related !== activity) terms.push(term('relatedActivity', related));
  const direct = agents.length > 1 ? new Set(agents) : undefined;
  for (const related of relatedAgents) {
    if (direct ? !direct.has(related) : related !== agents[0]) terms.push(term('relatedAgent', related));
  }
  return terms;
}

/** Without the `define` scope a statement is stored and canonical definitions stay as they were (xAPI 1.0.3 Communication 4.2). */
export function mayDefine(scopes: readonly string[]): boolean {
  return scopes.includes('define') || scopes.includes('all');
}

/** `all` does not cover voiding; history that is imported keeps the voids that it holds. */
export function mayVoid(scopes: readonly string[]): boolean {
  return scopes.includes('void') || scopes.includes('import');
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(utf8.decode(bytes));
}

function instant(text: string | undefined): Microseconds {
  const at = text === undefined ? undefined : fromInstant(text);
  if (at === undefined) throw new TypeError('no instant of recording');
  return at;
}

/** An event of the record is not what its type says. The record is never rewritten: this is for a person to look at. */
export class UnreadableEvent extends Error {
  override readonly name = 'UnreadableEvent';
  readonly sequence: Sequence;
  constructor(sequence: Sequence, type: string, options: ErrorOptions) {
    super(`event ${sequence} of the record (${type}) cannot be read: ${(options.cause as Error).message}`, options);
    this.sequence = sequence;
  }
}
