// Documents and large contents in the log: the manifest of a scope, the register of scopes, and chunks of bytes.

import { z } from 'zod';

/** Whose documents: activity + agent for state, an agent, or an activity. `agent` is the agent's key. */
export const documentScope = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('state'), activityId: z.string(), agent: z.string() }),
  z.strictObject({ kind: z.literal('agent-profile'), agent: z.string() }),
  z.strictObject({ kind: z.literal('activity-profile'), activityId: z.string() }),
]);

export const manifestEntry = z.strictObject({
  id: z.string(),
  registration: z.string().optional(),
  /** SHA-1 of the content, hex; unquoted. */
  etag: z.string(),
  contentType: z.string(),
  updated: z.string(),
  size: z.number().int().min(0),
  /** Small contents, base64. */
  inline: z.string().optional(),
  /** SHA-256 of a larger content, hex: it is in the stream `content-<sha256>`. */
  content: z.string().optional(),
});
export type ManifestEntry = z.infer<typeof manifestEntry>;

/** The only event that a scope's stream keeps: everything there is in the scope. */
export const documentsChanged = z.strictObject({ scope: documentScope, documents: z.array(manifestEntry) });
export type DocumentsChanged = z.infer<typeof documentsChanged>;

/** In `documents`, before a scope's first use. */
export const documentScopeRegistered = z.strictObject({ scope: documentScope, hash: z.string() });

/** Metadata of both. Who asked for the change, where somebody did. */
export const documentMetadata = z.strictObject({
  credential: z.string().optional(),
  $correlationId: z.string().optional(),
  $causationId: z.string().optional(),
  codec: z.literal('plain'),
  salt: z.string(),
});

/** Metadata of a chunk in `attachment-<sha256>` and `content-<sha256>`; the data is bytes. */
export const chunkMetadata = z.strictObject({
  /** Chunk i of n, from 1. */
  part: z.tuple([z.number().int().min(1), z.number().int().min(1)]),
  size: z.number().int().min(0),
  codec: z.literal('plain'),
  salt: z.string(),
});

export const DOCUMENTS_CHANGED = 'documents-changed.v1';
export const DOCUMENT_SCOPE_REGISTERED = 'document-scope-registered.v1';
export const CHUNK_STORED = 'chunk-stored.v1';
