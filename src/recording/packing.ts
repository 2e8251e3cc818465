// How a request crosses to the recorder's thread: many statements as one piece of bytes that is moved, not copied; a few as
// the strings they are, because moving a buffer costs more than copying so little.

import type { StatementId } from '../../contracts/words.ts';
import type { AttachmentContent, StatementsToRecord } from './port.ts';
import type { RequestToRecord } from './requests.ts';

/**
 * A copy with a buffer of its own. A view of a larger buffer (a part of a body, a small Buffer from Node's pool) would
 * otherwise take the whole of it along to the other thread.
 */
export function ownBytes(view: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(view);
}

export interface PackedStatements {
  readonly requestId: string;
  readonly credential: StatementsToRecord['credential'];
  readonly importing: boolean;
  readonly version: StatementsToRecord['version'];
  /** All statements' UTF-8 JSON, one behind the other; or the JSON of each. */
  readonly content: ArrayBuffer | readonly string[];
  readonly statements: readonly {
    readonly id: StatementId;
    /** Where it ends in the bytes. */
    readonly end: number;
    readonly assigned: readonly ('id' | 'timestamp' | 'version')[];
    readonly originalStored?: string;
    readonly voids?: StatementId;
  }[];
  readonly attachments: readonly (AttachmentContent & { readonly content: Uint8Array<ArrayBuffer> })[];
}

export function packStatements(request: StatementsToRecord): PackedStatements {
  const { requestId, credential, importing, version } = request;
  const attachments = request.attachments.map(({ content, ...rest }) => ({ ...rest, content: ownBytes(content) }));
  if (request.statements.length <= FEW) {
    const content = request.statements.map(({ json }) => json);
    const statements = request.statements.map(({ json: _, ...rest }) => ({ ...rest, end: 0 }));
    return { requestId, credential, importing, version, content, statements, attachments };
  }
  let longest = 0;
  for (const { json } of request.statements) longest += json.length * MOST_BYTES_A_UNIT;
  // Most requests are encoded into a buffer that is large enough whatever comes, and cut to size: measuring them first would
  // cost as much again.
  const isMeasured = longest > SCRATCH_BYTES;
  const into = isMeasured ? bufferFor(request) : scratch;
  let end = 0;
  const statements = request.statements.map(({ json, ...rest }) => {
    end += into.write(json, end);
    return { ...rest, end };
  });
  const content = isMeasured ? into.buffer : into.buffer.slice(into.byteOffset, into.byteOffset + end);
  return { requestId, credential, importing, version, content, statements, attachments };
}

const FEW = 4;
/** UTF-8 takes at most three bytes for a UTF-16 code unit. */
const MOST_BYTES_A_UNIT = 3;
const SCRATCH_BYTES = 1024 * 1024;
const scratch = Buffer.alloc(SCRATCH_BYTES);

function bufferFor({ statements }: StatementsToRecord): Buffer<ArrayBuffer> {
  return Buffer.from(new ArrayBuffer(statements.reduce((sum, { json }) => sum + Buffer.byteLength(json), 0)));
}

/** What is moved to the other thread with it. */
export function movedWith({ content, attachments }: PackedStatements): ArrayBuffer[] {
  const contents = attachments.map((attachment) => attachment.content.buffer);
  return content instanceof ArrayBuffer ? [content, ...contents] : contents;
}

export function unpackStatements(packed: PackedStatements): RequestToRecord {
  const { content } = packed;
  let begin = 0;
  const statements = packed.statements.map(({ end, ...rest }, i) => {
    if (!(content instanceof ArrayBuffer)) return { ...rest, bytes: Buffer.from(content[i]!) };
    const bytes = Buffer.from(content, begin, end - begin);
    begin = end;
    return { ...rest, bytes };
  });
  const { requestId, credential, importing, version } = packed;
  return { requestId, credential, importing, version, statements };
}
