// Attachments as they travel with statements (xAPI 1.0.3 Communication 1.5): which parts a multipart request may and must have,
// and the multipart answers to `attachments=true`.

import { once } from 'node:events';
import type { Response } from 'express';
import type { Problem } from '../../../contracts/http/problem.ts';
import { attachmentsOf, type Statement } from '../../../contracts/xapi/index.ts';
import type { AttachmentContent } from '../../recording/port.ts';
import { isSha2Of } from '../../recording/sha2.ts';
import { HttpProblem } from '../problem.ts';
import { closingBoundary, newBoundary, type Part, partHead } from './multipart.ts';

const CLAUSE = 'xAPI 1.0.3 Communication 1.5.2';

/**
 * The attachments of the parts after the first one, each content once. Their digests are verified.
 * @throws HttpProblem 400 naming every part that is no attachment, 413 for one above the limit
 */
export function attachmentsFromParts(parts: readonly Part[], maxBytes: number): Map<string, AttachmentContent> {
  const contents = new Map<string, AttachmentContent>();
  const errors: Problem[] = [];
  parts.forEach((part, at) => {
    const path = pathOf(at);
    const encoding = part.headers['content-transfer-encoding'];
    if (encoding !== undefined && encoding.toLowerCase() !== 'binary') {
      errors.push({ path, message: 'Content-Transfer-Encoding must be binary', clause: CLAUSE });
    }
    const declared = hashOf(part);
    if (declared === undefined) {
      errors.push({ path, message: 'the header X-Experience-API-Hash is missing', clause: CLAUSE });
      return;
    }
    if (part.content.byteLength > maxBytes) {
      throw new HttpProblem('too-large', `An attachment is larger than ${maxBytes} bytes.`);
    }
    if (!isSha2Of(declared, part.content)) {
      errors.push({ path, message: 'X-Experience-API-Hash is not the SHA-2 of the content', clause: CLAUSE });
      return;
    }
    contents.set(declared, {
      sha256: declared,
      contentType: part.headers['content-type'] ?? 'application/octet-stream',
      content: part.content,
    });
  });
  if (errors.length > 0) throw new HttpProblem('invalid-attachments', undefined, { errors });
  return contents;
}

/** Of a part after the first one, which is number 0. */
const pathOf = (at: number): string => `$parts[${at + 1}]`;

const hashOf = (part: Part): string | undefined => part.headers['x-experience-api-hash']?.toLowerCase();

/**
 * Each attachment of a statement has its content in the request or a `fileUrl`, and each content belongs to a statement.
 * @throws HttpProblem 400 naming every one that does not
 */
export function matchAttachments(
  statements: readonly Statement[],
  contents: ReadonlyMap<string, AttachmentContent>,
  parts: readonly Part[],
  batch: boolean,
): void {
  const errors: Problem[] = [];
  const unnamed = new Set(contents.keys());
  statements.forEach((statement, index) => {
    const own = (statement.attachments ?? []).length;
    attachmentsOf(statement).forEach((attachment, place) => {
      const sha2 = attachment.sha2.toLowerCase();
      unnamed.delete(sha2);
      if (attachment.fileUrl !== undefined || contents.has(sha2)) return;
      // A SubStatement's come after its statement's own.
      const member = place < own ? `attachments[${place}]` : `object.attachments[${place - own}]`;
      errors.push({
        ...(batch ? { index, path: `$[${index}].${member}` } : { path: `$.${member}` }),
        message: `the content of the attachment with the sha2 ${sha2} is not in the request, and it has no fileUrl`,
        clause: CLAUSE,
      });
    });
  });
  parts.forEach((part, at) => {
    const sha2 = hashOf(part)!;
    if (!unnamed.has(sha2)) return;
    const message = `no statement has an attachment with the sha2 ${sha2}`;
    errors.push({ path: pathOf(at), message, clause: CLAUSE });
  });
  if (errors.length > 0) throw new HttpProblem('invalid-attachments', undefined, { errors: errors.slice(0, 100) });
}

/**
 * Answers with statements and attachments in multipart/mixed. Attachments whose content never came (those with a
 * `fileUrl`) are left out. One is in memory at a time.
 */
export async function answerWithAttachments(
  response: Response,
  json: readonly Uint8Array[],
  attachments: readonly { readonly sha256: string; readonly contentType: string }[],
  read: (sha256: string) => Promise<Uint8Array | undefined>,
): Promise<void> {
  const boundary = newBoundary();
  response.setHeader('Content-Type', `multipart/mixed; boundary=${boundary}`);
  if (response.req.method === 'HEAD') {
    response.end();
    return;
  }
  await send(response, partHead(boundary, { 'Content-Type': 'application/json' }, true));
  for (const bytes of json) await send(response, bytes);
  for (const { sha256, contentType } of attachments) {
    const content = await read(sha256);
    if (!content) continue;
    const headers = {
      'Content-Type': contentType,
      'Content-Transfer-Encoding': 'binary',
      'X-Experience-API-Hash': sha256,
    };
    await send(response, partHead(boundary, headers, false));
    await send(response, content);
  }
  response.end(closingBoundary(boundary));
}

/** Waits for a client that reads slower than we write; a client that has gone takes nothing more. */
async function send(response: Response, bytes: Uint8Array): Promise<void> {
  if (response.destroyed || response.write(bytes)) return;
  const gone = new AbortController();
  const onClose = () => gone.abort();
  response.once('close', onClose);
  try {
    await once(response, 'drain', { signal: gone.signal });
  } catch (error) {
    if (!gone.signal.aborted) throw error;
  } finally {
    response.off('close', onClose);
  }
}
