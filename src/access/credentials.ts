// The domain of access, read top to bottom: the state, how events change it, and what each command decides. All pure.

import {
  CREDENTIAL_ADDED,
  CREDENTIAL_REVOKED,
  CREDENTIAL_ROTATED,
  type CredentialEvent,
  type KeptSecret,
} from '../../contracts/events/credentials.ts';
import type { CredentialId, Microseconds } from '../../contracts/words.ts';
import { AccessRefused, allows, type Credential, isScope, type Scope } from './port.ts';

/** A credential with what verifies its secret. */
export interface Account {
  readonly credential: Credential;
  readonly secret: KeptSecret;
  /** An event about it that this version cannot read: it is not let in here until this node is upgraded. */
  readonly unreadable?: string;
}

export interface Credentials {
  readonly byId: ReadonlyMap<CredentialId, Account>;
  /** Every key ever given, also of revoked ones: a key means one credential for ever. */
  readonly byKey: ReadonlyMap<string, CredentialId>;
}

/** What an event makes of the account it is about; undefined where there is none to change. */
export function evolve(
  account: Account | undefined,
  event: CredentialEvent,
  recordedAt: Microseconds,
): Account | undefined {
  switch (event.type) {
    case CREDENTIAL_ADDED: {
      const { id, secret, requestsPerSecond, department, scopes, ...rest } = event.data;
      const credential: Credential = {
        ...rest,
        id: id as CredentialId,
        scopes: scopes.filter(isScope),
        createdAt: recordedAt,
        ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
        ...(department === undefined ? {} : { department }),
      };
      return { credential, secret };
    }
    case CREDENTIAL_ROTATED:
      return (
        account && {
          ...account,
          credential: { ...account.credential, rotatedAt: recordedAt },
          secret: event.data.secret,
        }
      );
    case CREDENTIAL_REVOKED:
      return (
        account && {
          ...account,
          credential: { ...account.credential, revokedAt: account.credential.revokedAt ?? recordedAt },
        }
      );
  }
}

export interface AddCredential {
  readonly id: CredentialId;
  readonly key: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly authority: Readonly<Record<string, unknown>>;
  readonly secret: KeptSecret;
  readonly requestsPerSecond?: number | undefined;
  readonly department?: string | undefined;
}

/** @throws AccessRefused `key-taken` */
export function add(state: Credentials, wanted: AddCredential): CredentialEvent[] {
  if (state.byKey.has(wanted.key)) throw new AccessRefused({ reason: 'key-taken', key: wanted.key });
  const { requestsPerSecond, department, scopes, ...rest } = wanted;
  return [
    {
      type: CREDENTIAL_ADDED,
      data: {
        ...rest,
        scopes: [...scopes],
        ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
        ...(department === undefined ? {} : { department }),
      },
    },
  ];
}

/** @throws AccessRefused `unknown-credential` | `revoked` */
export function rotate(state: Credentials, id: CredentialId, secret: KeptSecret): CredentialEvent[] {
  const { credential } = known(state, id);
  if (credential.revokedAt !== undefined) throw new AccessRefused({ reason: 'revoked', id });
  return [{ type: CREDENTIAL_ROTATED, data: { id, secret } }];
}

/**
 * Revoking twice is the same as once. The last credential with the scope `admin` is revoked only by force: nobody could
 * administer over HTTP afterwards (the command line still can).
 * @throws AccessRefused `unknown-credential` | `last-admin`
 */
export function revoke(state: Credentials, id: CredentialId, force: boolean): CredentialEvent[] {
  const { credential } = known(state, id);
  if (credential.revokedAt !== undefined) return [];
  if (!force && administers(credential)) {
    const others = [...state.byId.values()].some(
      (other) => other.credential.id !== id && other.unreadable === undefined && administers(other.credential),
    );
    if (!others) throw new AccessRefused({ reason: 'last-admin', id });
  }
  return [{ type: CREDENTIAL_REVOKED, data: { id } }];
}

/** @throws AccessRefused `unknown-credential` */
export function known(state: Credentials, id: CredentialId): Account {
  const account = state.byId.get(id);
  if (!account) throw new AccessRefused({ reason: 'unknown-credential', id });
  return account;
}

function administers(credential: Credential): boolean {
  return credential.revokedAt === undefined && allows(credential.scopes, 'admin');
}
