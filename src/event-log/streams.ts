// The names of the streams, in one place. The optional prefix (PRAMAAN_STREAM_PREFIX) stands before every one of them.

export interface Streams {
  /** Everything that can change an answer. */
  readonly record: string;
  /** Every scope of documents, registered before its first use; what copies and lists are made from. */
  readonly documents: string;
  readonly credentials: string;
  /** Keeps its last event: what a node last wrote to compare its clock with the log server's. */
  readonly clock: string;
  /** Keeps its last event: the manifest of a scope's documents. `scope` is a hex SHA-256. */
  document(scope: string): string;
  /** Contents of a document too large for the manifest, by the SHA-256 of the contents. */
  content(sha256: string): string;
  attachment(sha256: string): string;
  /** Uses of the audit scope in a month, `2026-04`. */
  access(month: string): string;
}

export function streamsWithPrefix(prefix: string): Streams {
  return {
    record: `${prefix}record`,
    documents: `${prefix}documents`,
    credentials: `${prefix}credentials`,
    clock: `${prefix}clock`,
    document: (scope) => `${prefix}document-${scope}`,
    content: (sha256) => `${prefix}content-${sha256}`,
    attachment: (sha256) => `${prefix}attachment-${sha256}`,
    access: (month) => `${prefix}access-${month}`,
  };
}
