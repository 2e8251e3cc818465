// The contents that belong to a statement: what its attachments name by their digest, wherever the contents come from.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttachmentPart, StatementObject } from './source.ts';

interface NamedAttachment {
  readonly sha2?: unknown;
  readonly contentType?: unknown;
}

/** Those of the statement and of its SubStatement (xAPI 1.0.3 Data 2.4.11), each content once; what is not found is left out. */
export function attachmentsFrom(
  statement: StatementObject,
  find: (sha256: string, contentType: string) => AttachmentPart | undefined,
): readonly AttachmentPart[] {
  const object = statement?.object as StatementObject | null | undefined;
  const named = [statement?.attachments, object?.objectType === 'SubStatement' ? object.attachments : undefined];
  const found = new Map<string, AttachmentPart>();
  for (const { sha2, contentType } of named.flatMap((list) =>
    Array.isArray(list) ? (list as NamedAttachment[]) : [],
  )) {
    const sha256 = String(sha2).toLowerCase();
    const part = find(sha256, typeof contentType === 'string' ? contentType : 'application/octet-stream');
    if (part) found.set(sha256, part);
  }
  return [...found.values()];
}

/** From a folder whose files are named by the SHA-256 of their content, in lower-case hex. */
export function inFolder(folder: string): (sha256: string, contentType: string) => AttachmentPart | undefined {
  return (sha256, contentType) => {
    // A digest and nothing else: no name may lead out of the folder.
    if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
    const file = join(folder, sha256);
    return existsSync(file) ? { sha256, contentType, content: readFileSync(file) } : undefined;
  };
}
