// Who may do what. Credentials are events of the `credentials` stream; every node follows it, so that a revocation holds
// everywhere within a second.

import type { Problem } from '../../contracts/http/problem.ts';
import type { CredentialId, Microseconds, Revision } from '../../contracts/words.ts';

/** The standard's scopes (xAPI 1.0.3 Communication 4.2) and our own (`reports`, `audit`, `void`, `import`, `admin`). */
export const SCOPES = [
  'statements/write',
  'statements/read/mine',
  'statements/read',
  'state',
  'define',
  'profile',
  'all/read',
  'all',
  'reports',
  'audit',
  'void',
  'import',
  'admin',
] as const;
export type Scope = (typeof SCOPES)[number];

/** What together allows everything; the first credential has them. */
export const EVERY_SCOPE = ['all', 'reports', 'audit', 'void', 'import', 'admin'] as const satisfies readonly Scope[];

export function isScope(text: string): text is Scope {
  return (SCOPES as readonly string[]).includes(text);
}

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
  /** When its secret was last changed. */
  readonly rotatedAt?: Microseconds;
  readonly revokedAt?: Microseconds;
  /** Requests a second; undefined: the setting's. */
  readonly requestsPerSecond?: number;
  /** It sees reports of this department and what is below it only, by today's tree. Then `reports` is its one scope. */
  readonly department?: string;
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

/** Who makes, rotates or revokes; kept in the event. */
export type Origin =
  | { readonly origin: 'administration'; readonly credential: CredentialId; readonly requestId: string }
  | { readonly origin: 'command-line' }
  | { readonly origin: 'server' };

export interface WantedCredential {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** An Agent, or the Group of two Agents of 3-legged OAuth; else an account at this store named after the key. */
  readonly authority?: Readonly<Record<string, unknown>> | undefined;
  /** A chosen key or secret; whatever is not given is random. */
  readonly key?: string | undefined;
  readonly secret?: string | undefined;
  readonly requestsPerSecond?: number | undefined;
  /** Limits it to the reports of a department's subtree; it need not be open yet. */
  readonly department?: string | undefined;
}

/** A credential with its secret, which can be told this once only. */
export interface IssuedCredential {
  readonly credential: Credential;
  readonly secret: string;
}

/** What became of the first credential at the start. */
export type FirstCredential =
  /** There was none: made at random. Its secret is to be shown once. */
  | { readonly outcome: 'made'; readonly credential: Credential; readonly secret: string }
  /** The settings' credential: added now, its secret changed to the settings', or already as they say. */
  | { readonly outcome: 'added' | 'rotated' | 'kept'; readonly credential: Credential }
  /** The settings' credential was revoked, and stays so: it opens nothing. */
  | { readonly outcome: 'revoked'; readonly credential: Credential }
  /** The settings name none, and there are credentials (perhaps all revoked: then the command line adds one). */
  | { readonly outcome: 'none-needed' };

/**
 * Whether this node follows the `credentials` stream. A node that cannot (EventStoreDB away) goes on with the credentials it
 * knows, because reads go on too; but a revocation made elsewhere does not reach it, so it is not ready meanwhile and
 * `/health/ready` says so.
 */
export interface AccessStatus {
  readonly following: boolean;
  /** Since when it has been so. */
  readonly since: Microseconds;
  readonly revision: Revision;
  /** Why it does not follow. */
  readonly problem?: string;
  /** Events that this version cannot read (a newer node wrote them); the credentials they name are not let in here. */
  readonly unreadable: number;
}

export interface Access {
  /**
   * The credential of this key and secret, if it is valid and not revoked.
   * @throws AttemptsExhausted while too many wrong secrets are tried on a credential whose secret is chosen
   */
  authenticate(key: string, secret: string): Promise<Credential | undefined>;
  /** Whose key this is, to remember a rejection by; it says nothing about the secret. */
  holderOf(key: string): CredentialId | undefined;
  /**
   * False when the credential has used up its requests of this second; then its limit, and how long to wait, in seconds.
   * Counted on each node by itself.
   */
  admit(
    credential: Credential,
  ):
    | { readonly admitted: true }
    | { readonly admitted: false; readonly perSecond: number; readonly retryAfter: number };
  /** Remembers a rejection, in memory; `undefined`: of a request that no credential was found for. */
  rejected(credential: CredentialId | undefined, rejection: Rejection): void;
  /** The last ones on this node since its start, latest first. */
  rejections(credential: CredentialId | undefined): readonly Rejection[];
  /** All ever made, also revoked ones, in the order they were made. */
  list(): readonly Credential[];
  find(id: CredentialId): Credential | undefined;
  /** @throws AccessRefused `invalid` | `key-taken`, LogUnavailable */
  add(wanted: WantedCredential, by?: Origin): Promise<IssuedCredential>;
  /** A new secret, random unless chosen; the old one ends at once. @throws AccessRefused `invalid` | `unknown-credential` | `revoked`, LogUnavailable */
  rotate(id: CredentialId, options?: { readonly secret?: string | undefined }, by?: Origin): Promise<IssuedCredential>;
  /** For ever. The last one with the scope `admin` only with `force`. @throws AccessRefused `unknown-credential` | `last-admin`, LogUnavailable */
  revoke(id: CredentialId, options?: { readonly force?: boolean | undefined }, by?: Origin): Promise<Credential>;
  /** At the start of a server: see {@link FirstCredential}. @throws WrongSetting, LogUnavailable */
  ensureFirstCredential(): Promise<FirstCredential>;
  status(): AccessStatus;
  /** Resolves once everything up to this revision of the `credentials` stream holds here. */
  reached(revision: Revision): Promise<void>;
  close(): Promise<void>;
}

/** Why a command on credentials was refused. */
export type AccessRefusal =
  | { readonly reason: 'invalid'; readonly problems: readonly Problem[] }
  | { readonly reason: 'key-taken'; readonly key: string }
  | { readonly reason: 'unknown-credential'; readonly id: string }
  | { readonly reason: 'revoked'; readonly id: string }
  | { readonly reason: 'last-admin'; readonly id: string };

export class AccessRefused extends Error {
  override readonly name = 'AccessRefused';
  readonly refusal: AccessRefusal;
  constructor(refusal: AccessRefusal) {
    super(inWords(refusal));
    this.refusal = refusal;
  }
}

function inWords(refusal: AccessRefusal): string {
  switch (refusal.reason) {
    case 'invalid':
      return refusal.problems.map(({ path, message }) => `${path}: ${message}`).join('; ');
    case 'key-taken':
      return `the key ${refusal.key} is taken; a key is never used twice, not even after its credential was revoked`;
    case 'unknown-credential':
      return `there is no credential ${refusal.id}`;
    case 'revoked':
      return 'the credential was revoked, and that is for ever; make a new one';
    case 'last-admin':
      return 'it is the last credential with the scope admin; revoke it with force, or make another one first';
  }
}

/** Secrets are tried on one credential faster than they are verified: wait, then try again. */
export class AttemptsExhausted extends Error {
  override readonly name = 'AttemptsExhausted';
  /** Seconds, at least 1. */
  readonly retryAfter: number;
  constructor(retryAfter: number) {
    super('too many attempts to authenticate with this key');
    this.retryAfter = retryAfter;
  }
}

/** True when the scopes allow it: `all` covers the standard's scopes, never reports, audit, void, import or admin. */
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
