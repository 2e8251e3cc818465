// Access over an event log: who may do what, in step with every other node and with the command line.

import { randomUUID } from 'node:crypto';
import type { CredentialId, Microseconds } from '../../contracts/words.ts';
import type { EventLog } from '../event-log/port.ts';
import type { Streams } from '../event-log/streams.ts';
import { type Settings, WrongSetting } from '../settings.ts';
import { type Account, add, known, revoke, rotate } from './credentials.ts';
import { FollowedCredentials } from './follow.ts';
import {
  type Access,
  AccessRefused,
  type Credential,
  EVERY_SCOPE,
  type FirstCredential,
  type IssuedCredential,
  type Origin,
  type WantedCredential,
} from './port.ts';
import { Rejections } from './rejections.ts';
import { keepChosen, keepRandom, randomKey, randomSecret } from './secrets.ts';
import { TokenBucket } from './token-bucket.ts';
import { Verification } from './verification.ts';
import { parseSecret, parseWanted } from './wanted.ts';

export type AccessSettings = Pick<Settings, 'port' | 'publicUrl' | 'apiKey' | 'apiSecret' | 'maxRequestsPerSecond'>;

export interface AccessOptions {
  /** Stays open when access is closed. */
  readonly log: EventLog;
  readonly streams: Pick<Streams, 'credentials'>;
  readonly settings: AccessSettings;
  /** The wall clock: when credentials were made, and how fast requests come. Never the record's simulated one. */
  readonly now?: () => Microseconds;
}

/** Access with a count that only tests and metrics need. */
export interface OpenAccess extends Access {
  /** Slow verifications of chosen secrets since the start. */
  slowVerifications(): number;
}

const SERVER: Origin = { origin: 'server' };
const systemNow = () => (Date.now() * 1000) as Microseconds;

/** Resolves once every credential is known. @throws LogUnavailable, LogRefused */
export async function openAccess({ log, streams, settings, now = systemNow }: AccessOptions): Promise<OpenAccess> {
  const credentials = new FollowedCredentials(log, streams.credentials, now);
  const verification = new Verification(now);
  const rejections = new Rejections();
  const buckets = new Map<CredentialId, TokenBucket>();
  await credentials.open();

  /** The account that this key opens, if any. */
  function open(key: string): Account | undefined {
    const id = credentials.byKey.get(key);
    const account = id === undefined ? undefined : credentials.byId.get(id);
    const shut = !account || account.credential.revokedAt !== undefined || account.unreadable !== undefined;
    return shut ? undefined : account;
  }

  async function authenticate(key: string, secret: string): Promise<Credential | undefined> {
    const account = open(key);
    if (!(await verification.verify(secret, account?.secret)) || !account) return undefined;
    // A slow verification takes a while: the secret may have been rotated and the credential revoked meanwhile.
    const still = open(key);
    return still?.secret === account.secret ? still.credential : undefined;
  }

  function admit(credential: Credential): ReturnType<Access['admit']> {
    const perSecond = credential.requestsPerSecond ?? settings.maxRequestsPerSecond;
    let bucket = buckets.get(credential.id);
    if (!bucket) {
      bucket = new TokenBucket(perSecond, perSecond, now());
      buckets.set(credential.id, bucket);
    }
    const wait = bucket.take(now());
    return wait === 0 ? { admitted: true } : { admitted: false, perSecond, retryAfter: Math.max(1, Math.ceil(wait)) };
  }

  function accountAt(id: CredentialId): Account {
    return known(credentials, id);
  }

  async function issue(
    wanted: WantedCredential,
    by: Origin,
    onlyIfNone = false,
  ): Promise<IssuedCredential | undefined> {
    const { name, scopes, requestsPerSecond, department, ...given } = parseWanted(wanted);
    const id = randomUUID() as CredentialId;
    const key = given.key ?? randomKey();
    const secret = given.secret ?? randomSecret();
    const kept = given.secret === undefined ? keepRandom(secret) : await keepChosen(secret);
    const authority = given.authority ?? defaultAuthority(settings, key);
    await credentials.change(
      (state) =>
        onlyIfNone && state.byId.size > 0
          ? []
          : add(state, { id, key, name, scopes, authority, secret: kept, requestsPerSecond, department }),
      by,
    );
    const account = credentials.byId.get(id);
    if (!account) return undefined;
    verification.remember(secret, account.secret);
    return { credential: account.credential, secret };
  }

  async function addCredential(wanted: WantedCredential, by: Origin = SERVER): Promise<IssuedCredential> {
    return (await issue(wanted, by))!;
  }

  async function rotateSecret(
    id: CredentialId,
    { secret: chosen }: { readonly secret?: string | undefined } = {},
    by: Origin = SERVER,
  ): Promise<IssuedCredential> {
    const secret = chosen === undefined ? randomSecret() : parseSecret(chosen);
    const kept = chosen === undefined ? keepRandom(secret) : await keepChosen(secret);
    await credentials.change((state) => rotate(state, id, kept), by);
    const account = accountAt(id);
    // Somebody else may have rotated it again already.
    if (account.secret.hash === kept.hash) verification.remember(secret, account.secret);
    return { credential: account.credential, secret };
  }

  async function revokeCredential(
    id: CredentialId,
    { force = false }: { readonly force?: boolean | undefined } = {},
    by: Origin = SERVER,
  ): Promise<Credential> {
    await credentials.change((state) => revoke(state, id, force), by);
    buckets.delete(id);
    return accountAt(id).credential;
  }

  async function ensureFirstCredential(): Promise<FirstCredential> {
    await credentials.catchUp();
    const { apiKey, apiSecret } = settings;
    if (apiKey !== undefined && apiSecret !== undefined) return ensureGiven(apiKey, apiSecret);
    if (credentials.byId.size > 0) return { outcome: 'none-needed' };
    const made = await issue({ name: 'first credential', scopes: [...EVERY_SCOPE] }, SERVER, true);
    return made ? { outcome: 'made', ...made } : { outcome: 'none-needed' };
  }

  async function ensureGiven(key: string, secret: string): Promise<FirstCredential> {
    const id = credentials.byKey.get(key);
    if (id === undefined) {
      try {
        const added = await addCredential({ name: 'first credential', scopes: [...EVERY_SCOPE], key, secret });
        return { outcome: 'added', credential: added.credential };
      } catch (error) {
        // Another node, started with the same settings, was first.
        if (error instanceof AccessRefused && error.refusal.reason === 'key-taken') return ensureGiven(key, secret);
        throw asWrongSetting(error);
      }
    }
    const account = accountAt(id);
    if (account.credential.revokedAt !== undefined) return { outcome: 'revoked', credential: account.credential };
    if (await verification.verify(secret, account.secret)) return { outcome: 'kept', credential: account.credential };
    const rotated = await rotateSecret(id, { secret }).catch((error: unknown) => {
      throw asWrongSetting(error);
    });
    return { outcome: 'rotated', credential: rotated.credential };
  }

  return {
    authenticate,
    admit,
    holderOf: (key) => credentials.byKey.get(key),
    rejected: (credential, rejection) => rejections.add(credential, rejection),
    rejections: (credential) => rejections.of(credential),
    list: () => [...credentials.byId.values()].map(({ credential }) => credential),
    find: (id) => credentials.byId.get(id)?.credential,
    add: addCredential,
    rotate: rotateSecret,
    revoke: revokeCredential,
    ensureFirstCredential,
    status: () => credentials.status(),
    reached: (revision) => credentials.reached(revision),
    slowVerifications: () => verification.slow,
    close: () => credentials.close(),
  };
}

/** The settings' key and secret obey the rules of every other: said with the names that the operator knows. */
function asWrongSetting(error: unknown): unknown {
  if (!(error instanceof AccessRefused) || error.refusal.reason !== 'invalid') return error;
  const variables: Readonly<Record<string, string>> = { '$.key': 'PRAMAAN_API_KEY', '$.secret': 'PRAMAAN_API_SECRET' };
  const lines = error.refusal.problems.map(({ path, message }) => `${variables[path] ?? path}: ${message}`);
  return new WrongSetting(lines.join('\n'));
}

/** An account at this store, named after the key (xAPI 1.0.3 Data 2.4.9). */
function defaultAuthority({ publicUrl, port }: AccessSettings, key: string): Readonly<Record<string, unknown>> {
  const homePage = publicUrl ?? (port === 0 ? 'http://localhost' : `http://localhost:${port}`);
  return { objectType: 'Agent', account: { homePage, name: key } };
}
