// Makes validated statements ready for the log on the HTTP thread: everything the store fills in but the stamp.

import { v7 as uuidV7 } from 'uuid';
import { toInstant } from '../../contracts/time.ts';
import type { Microseconds, StatementId, XapiVersion } from '../../contracts/words.ts';
import { type Statement, VOIDED } from '../../contracts/xapi/accepted.ts';
import type { PreparedStatement } from './port.ts';

/** Room for the stamp: any instant has this length. */
const ROOM = toInstant(0 as Microseconds);

export interface Preparation {
  /** Of the request. */
  readonly version: XapiVersion;
  /** The credential's; replaces what the client sent. */
  readonly authority: Readonly<Record<string, unknown>>;
  /** An import: the authority sent stays, `stored` becomes ours and the sent one is kept in the metadata. */
  readonly keepAuthority: boolean;
}

/**
 * Fills in id, version and authority (xAPI 1.0.3 Data 2.4.1, 2.4.9, 2.4.10) and leaves room for `stored` (and for a
 * `timestamp` that the client did not send) at the end. Every other member stays as it was sent, in its order.
 */
export function prepareStatements(statements: readonly Statement[], preparation: Preparation): PreparedStatement[] {
  return statements.map((statement) => prepare(statement as unknown as SentStatement, preparation));
}

interface SentStatement {
  readonly id?: string;
  readonly stored?: string;
  readonly timestamp?: string;
  readonly version?: string;
  readonly authority?: unknown;
  readonly verb: { readonly id: string };
  readonly object: { readonly objectType?: string; readonly id?: string };
}

function prepare(sent: SentStatement, { version, authority, keepAuthority }: Preparation): PreparedStatement {
  const assigned: ('id' | 'timestamp' | 'version')[] = [];
  if (sent.id === undefined) assigned.push('id');
  if (sent.timestamp === undefined) assigned.push('timestamp');
  if (sent.version === undefined) assigned.push('version');
  const id = sent.id ?? uuidV7();
  const { stored } = sent;
  const filled: Record<string, unknown> = sent.id === undefined ? { id, ...sent } : { ...sent };
  // It goes to the end, wherever the client put its own.
  if (stored !== undefined) delete filled.stored;
  filled.authority = keepAuthority && sent.authority !== undefined ? sent.authority : authority;
  filled.version = sent.version ?? (version === '1.0.3' ? '1.0.0' : '2.0.0');
  if (sent.timestamp === undefined) filled.timestamp = ROOM;
  filled.stored = ROOM;
  return {
    id: id.toLowerCase() as StatementId,
    json: JSON.stringify(filled),
    assigned,
    ...(keepAuthority && stored !== undefined ? { originalStored: stored } : undefined),
    ...(sent.verb.id === VOIDED && sent.object.objectType === 'StatementRef'
      ? { voids: sent.object.id!.toLowerCase() as StatementId }
      : undefined),
  };
}

/** `"}` after the last stamp; `","stored":"` between the two. */
const AFTER_LAST = 2;
const BETWEEN = '","stored":"'.length;

/** Writes the stamp into the room that {@link prepareStatements} left at the end of the statement's bytes. */
export function stampInto(bytes: Uint8Array, stamp: string, timestampToo: boolean): void {
  const last = bytes.length - AFTER_LAST - ROOM.length;
  writeAscii(bytes, stamp, last);
  if (timestampToo) writeAscii(bytes, stamp, last - BETWEEN - ROOM.length);
}

function writeAscii(bytes: Uint8Array, text: string, at: number): void {
  for (let i = 0; i < text.length; i++) bytes[at + i] = text.charCodeAt(i);
}
