// multipart/mixed with statements first and attachments after (xAPI 1.0.3 Communication 1.5.2), read and written whole.

import { randomBytes } from 'node:crypto';
import type { AttachmentPart } from './source.ts';

export interface Part {
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly content: Uint8Array;
}

const CRLF = '\r\n';

/** The parts of a body; undefined when it is not what its boundary promises (RFC 2046 5.1.1). */
export function readMultipart(body: Uint8Array, contentType: string): readonly Part[] | undefined {
  const boundary = /;\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType);
  if (!boundary) return undefined;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = Buffer.from(`--${boundary[1] ?? boundary[2]}`);
  const parts: Part[] = [];
  let at = bytes.subarray(0, delimiter.length).equals(delimiter)
    ? 0
    : bytes.indexOf(Buffer.concat([Buffer.from(CRLF), delimiter])) + 2;
  if (at === 1) return undefined;
  for (;;) {
    at += delimiter.length;
    if (bytes.toString('latin1', at, at + 2) === '--') return parts;
    const begin = bytes.indexOf(CRLF, at);
    const end = begin < 0 ? -1 : bytes.indexOf(Buffer.concat([Buffer.from(CRLF), delimiter]), begin);
    if (end < 0) return undefined;
    // A part without headers begins with the empty line itself.
    const blank = bytes.indexOf(CRLF + CRLF, begin);
    if (blank < 0 || blank > end) return undefined;
    parts.push({
      headers: headersOf(bytes.toString('latin1', begin + 2, Math.max(begin + 2, blank))),
      content: bytes.subarray(blank + 4, Math.max(blank + 4, end)),
    });
    at = end + 2;
  }
}

function headersOf(text: string): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (const line of text.split(CRLF)) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

/** Statements and their attachments as one body. The boundary is random: it does not occur in the content. */
export function writeMultipart(
  statements: Uint8Array,
  attachments: Iterable<AttachmentPart>,
): { readonly contentType: string; readonly body: Uint8Array<ArrayBuffer> } {
  const boundary = `pramaan-${randomBytes(18).toString('hex')}`;
  const pieces: Uint8Array[] = [
    Buffer.from(`--${boundary}${CRLF}Content-Type: application/json${CRLF}${CRLF}`),
    statements,
  ];
  for (const { sha256, contentType, content } of attachments) {
    const headers = [
      `${CRLF}--${boundary}`,
      `Content-Type: ${contentType}`,
      'Content-Transfer-Encoding: binary',
      `X-Experience-API-Hash: ${sha256}`,
    ];
    pieces.push(Buffer.from(headers.join(CRLF) + CRLF + CRLF), content);
  }
  pieces.push(Buffer.from(`${CRLF}--${boundary}--${CRLF}`));
  return { contentType: `multipart/mixed; boundary=${boundary}`, body: new Uint8Array(Buffer.concat(pieces)) };
}
