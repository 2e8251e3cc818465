// A request of many statements crosses to the recorder's thread as one piece of bytes that is moved, not copied.

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
  /** All statements' UTF-8 JSON, one behind the other. */
  readonly bytes: ArrayBuffer;
  readonly statements: readonly {
    readonly id: StatementId;
    /** Where it ends in `bytes`. */
    readonly end: number;
    readonly assigned: readonly ('id' | 'timestamp' | 'version')[];
    readonly originalStored?: string;
    readonly voids?: StatementId;
  }[];
  readonly attachments: readonly (AttachmentContent & { readonly content: Uint8Array<ArrayBuffer> })[];
}

export function packStatements(request: StatementsToRecord): PackedStatements {
  const sizes = request.statements.map(({ json }) => Buffer.byteLength(json));
  const bytes = new ArrayBuffer(sizes.reduce((sum, size) => sum + size, 0));
  const view = Buffer.from(bytes);
  let end = 0;
  const statements = request.statements.map(({ json, ...rest }, i) => {
    view.write(json, end);
    end += sizes[i]!;
    return { ...rest, end };
  });
  const { requestId, credential, importing, version } = request;
  const attachments = request.attachments.map(({ content, ...rest }) => ({ ...rest, content: ownBytes(content) }));
  return { requestId, credential, importing, version, bytes, statements, attachments };
}

export function unpackStatements(packed: PackedStatements): RequestToRecord {
  let begin = 0;
  const statements = packed.statements.map(({ end, ...rest }) => {
    const bytes = Buffer.from(packed.bytes, begin, end - begin);
    begin = end;
    return { ...rest, bytes };
  });
  const { requestId, credential, importing, version } = packed;
  return { requestId, credential, importing, version, statements };
}
