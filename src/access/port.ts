// Who may do what. Credentials are events of the `credentials` stream; every node follows it, so that a revocation holds
// everywhere within a second.

import type { CredentialId, Microseconds } from '../../contracts/words.ts';

/** The standard's scopes (xAPI 1.0.3 Communication 4.2) and our own (`audit`, `void`, `import`, `admin`). */
export const SCOPES = [
  'statements/write',
  'statements/read/mine',
  'statements/read',
  'state',
  'define',
  'profile',
  'all/read',
  'all',
  'audit',
  'void',
  'import',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

export interface Credential {
  readonly id: CredentialId;
  /** The Basic user name. */
  readonly key: string;
  /** What people call it: "iGOT production". */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The Agent (or OAuth-style Group) that statements posted with it carry, fixed when it was made. */
  readonly authority: Readonly<Record<string, unknown>>;
  readonly createdAt: Microseconds;
  readonly revokedAt?: Microseconds;
  /** Requests a second; undefined: the setting's. */
  readonly requestsPerSecond?: number;
}

/** Why a request was refused, kept for "Why was my LMS refused?": the last ones of each credential, without personal data. */
export interface Rejection {
  readonly at: Microseconds;
  readonly requestId: string;
  readonly method: string;
  /** Path without query string. */
  readonly path: string;
  readonly status: number;
  readonly title: string;
  /** JSON paths and messages of the first problems; never values. */
  readonly problems: readonly { readonly path: string; readonly message: string }[];
}

export interface Access {
  /** The credential of this key and secret, if it is valid and not revoked. */
  authenticate(key: string, secret: string): Promise<Credential | undefined>;
  /** False when the credential has used up its requests of this second; then how long to wait, in seconds. */
  admit(
    credential: Credential,
  ): { readonly admitted: true } | { readonly admitted: false; readonly retryAfter: number };
  rejected(credential: CredentialId | undefined, rejection: Rejection): void;
  rejections(credential: CredentialId): readonly Rejection[];
  list(): readonly Credential[];
  add(wanted: {
    readonly name: string;
    readonly scopes: readonly Scope[];
    readonly authority?: Readonly<Record<string, unknown>>;
    /** A chosen key and secret; otherwise both are random. */
    readonly key?: string;
    readonly secret?: string;
    readonly requestsPerSecond?: number;
  }): Promise<{ readonly credential: Credential; readonly secret: string }>;
  /** A new random secret; the old one ends at once. */
  rotate(id: CredentialId): Promise<{ readonly credential: Credential; readonly secret: string }>;
  revoke(id: CredentialId): Promise<Credential>;
  close(): Promise<void>;
}

/** True when the scopes allow it: `all` covers the standard's scopes, never audit, void, import or admin. */
export function allows(scopes: readonly Scope[], wanted: Scope): boolean {
  if (scopes.includes(wanted)) return true;
  if (wanted === 'statements/write' || wanted === 'define' || wanted === 'state' || wanted === 'profile') {
    return scopes.includes('all');
  }
  if (wanted === 'statements/read') return scopes.includes('all') || scopes.includes('all/read');
  if (wanted === 'statements/read/mine') return allows(scopes, 'statements/read');
  if (wanted === 'all/read') return scopes.includes('all');
  return false;
}
