// Access over a real log: what it promises to operators, clients and other nodes. Two handles on one file stand for two nodes.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  CREDENTIAL_ADDED,
  CREDENTIAL_REVOKED,
  CREDENTIAL_ROTATED,
  credentialAdded,
  credentialMetadata,
  credentialRevoked,
  credentialRotated,
} from '../../../contracts/events/credentials.ts';
import type { CredentialId, EventId, Microseconds, Revision } from '../../../contracts/words.ts';
import {
  type AccessOptions,
  type AccessRefusal,
  AccessRefused,
  AttemptsExhausted,
  type OpenAccess,
  openAccess,
  SCOPES,
  type Scope,
} from '../../../src/access/index.ts';
import { openEventLog } from '../../../src/event-log/open.ts';
import { type EventLog, LogUnavailable } from '../../../src/event-log/port.ts';
import { streamsWithPrefix } from '../../../src/event-log/streams.ts';
import { readSettings, WrongSetting } from '../../../src/settings.ts';

const streams = streamsWithPrefix('');
const BY_HAND = { key: 'moodle', secret: 'a secret chosen by hand' };
const LMS = { name: 'the LMS', scopes: ['all'] } as const;

let dataDir: string;
let opened: { close(): Promise<void> }[];

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'pramaan-access-'));
  opened = [];
});

afterEach(async () => {
  for (const one of opened.reverse()) await one.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function log(): Promise<EventLog> {
  const opening = await openEventLog({ dataDir }, { create: true });
  opened.push(opening);
  return opening;
}

async function node(
  environment: Record<string, string> = {},
  options: Partial<AccessOptions> = {},
): Promise<OpenAccess> {
  const access = await openAccess({
    log: options.log ?? (await log()),
    streams,
    settings: readSettings(environment),
    ...options,
  });
  opened.push(access);
  return access;
}

async function refusalOf(command: Promise<unknown>): Promise<AccessRefusal> {
  const thrown = await command.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(AccessRefused);
  return (thrown as AccessRefused).refusal;
}

describe('the life of a credential', () => {
  test('made, used, rotated, revoked', async () => {
    const access = await node();
    const made = await access.add({ ...LMS, requestsPerSecond: 7 });
    expect(made.credential).toMatchObject({ name: 'the LMS', scopes: ['all'], requestsPerSecond: 7 });
    expect(await access.authenticate(made.credential.key, made.secret)).toEqual(made.credential);

    const rotated = await access.rotate(made.credential.id);
    expect(rotated.secret).not.toBe(made.secret);
    expect(rotated.credential).toEqual({ ...made.credential, rotatedAt: expect.any(Number) });
    expect(await access.authenticate(made.credential.key, made.secret)).toBeUndefined();
    expect(await access.authenticate(made.credential.key, rotated.secret)).toEqual(rotated.credential);

    const revoked = await access.revoke(made.credential.id);
    expect(revoked.revokedAt).toBeGreaterThanOrEqual(made.credential.createdAt);
    expect(await access.authenticate(made.credential.key, rotated.secret)).toBeUndefined();
    expect(access.list()).toEqual([revoked]);
    expect(await access.revoke(made.credential.id)).toEqual(revoked);
    expect(await refusalOf(access.rotate(made.credential.id))).toEqual({ reason: 'revoked', id: made.credential.id });
  });

  test('is there again after a restart, without any secret on the disk', async () => {
    const first = await node();
    const random = await first.add(LMS);
    const chosen = await first.add({ ...LMS, ...BY_HAND });
    for (const one of opened.splice(0).reverse()) await one.close();
    const bytes = readFileSync(join(dataDir, 'log.sqlite')).toString('latin1');
    expect(bytes).toContain(random.credential.id);
    expect(bytes).not.toContain(random.secret);
    expect(bytes).not.toContain(chosen.secret);

    const second = await node();
    expect(second.list()).toEqual([random.credential, chosen.credential]);
    expect(await second.authenticate(random.credential.key, random.secret)).toEqual(random.credential);
    expect(await second.authenticate(BY_HAND.key, BY_HAND.secret)).toEqual(chosen.credential);
  });

  test('its events are what the contract says, and tell who did it', async () => {
    const events = await log();
    const access = await node({}, { log: events });
    const by = { origin: 'administration', credential: 'the admin' as CredentialId, requestId: 'request 1' } as const;
    const { credential } = await access.add({ ...LMS, ...BY_HAND }, by);
    await access.rotate(credential.id, {}, { origin: 'command-line' });
    await access.revoke(credential.id);
    const written = (await events.read(streams.credentials, { limit: 10 })).map(({ type, data, metadata }) => ({
      type,
      data: JSON.parse(Buffer.from(data).toString()),
      metadata: credentialMetadata.parse(JSON.parse(Buffer.from(metadata).toString())),
    }));
    expect(written.map(({ type }) => type)).toEqual([CREDENTIAL_ADDED, CREDENTIAL_ROTATED, CREDENTIAL_REVOKED]);
    expect(credentialAdded.parse(written[0]?.data).secret.scheme).toBe('scrypt');
    expect(credentialRotated.parse(written[1]?.data).secret.scheme).toBe('sha256');
    expect(credentialRevoked.parse(written[2]?.data)).toEqual({ id: credential.id });
    expect(written.map(({ metadata }) => metadata.origin)).toEqual(['administration', 'command-line', 'server']);
    expect(written[0]?.metadata).toMatchObject({ credential: 'the admin', $correlationId: 'request 1' });
  });

  test('the department to which it is limited is kept, and there again after a restart', async () => {
    const first = await node();
    const made = await first.add({ name: 'Health', scopes: ['reports'], department: 'स्वास्थ्य' });
    expect(made.credential).toMatchObject({ scopes: ['reports'], department: 'स्वास्थ्य' });
    const rotated = await first.rotate(made.credential.id);
    for (const one of opened.splice(0).reverse()) await one.close();
    const second = await node();
    expect(await second.authenticate(made.credential.key, rotated.secret)).toMatchObject({ department: 'स्वास्थ्य' });
  });

  test.each(SCOPES.filter((scope) => scope !== 'reports'))(
    'limited to a department it cannot have %s',
    async (scope) => {
      const access = await node();
      for (const scopes of [[scope], ['reports', scope]] as Scope[][]) {
        const refusal = await refusalOf(access.add({ name: 'Health', scopes, department: 'health' }));
        expect(refusal).toMatchObject({
          reason: 'invalid',
          problems: [{ path: '$.scopes', message: expect.stringContaining('reports and no other') }],
        });
      }
      expect(access.list()).toEqual([]);
    },
  );

  test('what cannot be a credential is refused with every problem, and nothing is written', async () => {
    const access = await node();
    const refusal = await refusalOf(
      access.add({
        name: ' ',
        scopes: ['everything' as 'all'],
        key: 'with:colon',
        secret: 'short',
        requestsPerSecond: 0,
        authority: { objectType: 'Agent', mbox: 'nobody' },
      }),
    );
    expect(refusal.reason === 'invalid' && refusal.problems.map(({ path }) => path).sort()).toEqual([
      '$.authority.mbox',
      '$.key',
      '$.name',
      '$.requestsPerSecond',
      '$.scopes[0]',
      '$.secret',
    ]);
    expect(access.list()).toEqual([]);
    expect(access.status().revision).toBe(-1);
  });

  test('the last administrator goes only by force', async () => {
    const access = await node();
    const { credential } = await access.add({ name: 'boss', scopes: ['admin'] });
    expect(await refusalOf(access.revoke(credential.id))).toEqual({ reason: 'last-admin', id: credential.id });
    expect((await access.revoke(credential.id, { force: true })).revokedAt).toBeDefined();
  });
});

describe('the authority of its statements', () => {
  test('is by default an account at this store, and stays when the secret or the public URL changes', async () => {
    const first = await node({ PRAMAAN_PUBLIC_URL: 'https://lrs.example.gov.in' });
    const { credential } = await first.add(LMS);
    expect(credential.authority).toEqual({
      objectType: 'Agent',
      account: { homePage: 'https://lrs.example.gov.in', name: credential.key },
    });
    const second = await node({ PRAMAAN_PUBLIC_URL: 'https://elsewhere.example.gov.in' });
    expect((await second.rotate(credential.id)).credential.authority).toEqual(credential.authority);
    const third = await node();
    expect((await third.add(LMS)).credential.authority).toMatchObject({
      account: { homePage: 'http://localhost:8080' },
    });
  });

  test('may be any Agent, or the two Agents of 3-legged OAuth (xAPI 1.0.3 Data 2.4.9)', async () => {
    const access = await node();
    const agent = { mbox: 'mailto:lms@example.gov.in', name: 'प्रशिक्षण' };
    const application = { account: { homePage: 'https://oauth.example.gov.in/token', name: 'consumer' } };
    const group = { objectType: 'Group', member: [application, agent] };
    expect((await access.add({ ...LMS, authority: agent })).credential.authority).toEqual(agent);
    expect((await access.add({ ...LMS, authority: group })).credential.authority).toEqual(group);
    for (const wrong of [{ ...group, member: [agent] }, { ...group, mbox: 'mailto:a@example.org' }, {}]) {
      expect((await refusalOf(access.add({ ...LMS, authority: wrong }))).reason).toBe('invalid');
    }
  });
});

describe('other nodes', () => {
  test('a revocation holds on another node within a second', async () => {
    const [here, there] = [await node(), await node()];
    const { credential, secret } = await here.add(LMS);
    await there.reached(here.status().revision);
    expect(await there.authenticate(credential.key, secret)).toEqual(credential);

    const begun = performance.now();
    await here.revoke(credential.id);
    await there.reached(here.status().revision);
    expect(performance.now() - begun).toBeLessThan(1000);
    expect(await there.authenticate(credential.key, secret)).toBeUndefined();
  });

  test('a rotation ends the old secret there too, even where it was remembered', async () => {
    const [here, there] = [await node(), await node()];
    await here.add({ ...LMS, ...BY_HAND });
    await there.reached(here.status().revision);
    expect(await there.authenticate(BY_HAND.key, BY_HAND.secret)).toBeDefined();
    const { secret } = await here.rotate(here.holderOf(BY_HAND.key)!, { secret: 'another one, also chosen' });
    await there.reached(here.status().revision);
    expect(await there.authenticate(BY_HAND.key, BY_HAND.secret)).toBeUndefined();
    expect(await there.authenticate(BY_HAND.key, secret)).toBeDefined();
  });

  test('of many who add the same key at once one wins, the others are told', async () => {
    const nodes = [await node(), await node(), await node()];
    const attempts = Array.from({ length: 12 }, (_, i) =>
      nodes[i % 3]!.add({ ...LMS, name: `attempt ${i}`, key: 'contested' }),
    );
    const outcomes = await Promise.allSettled(attempts);
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(won).toHaveLength(1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected')
        expect(outcome.reason.refusal).toEqual({ reason: 'key-taken', key: 'contested' });
    }
    const { credential, secret } = won[0]!.value;
    for (const one of nodes) {
      await one.reached(0 as Revision);
      expect(one.list()).toEqual([credential]);
      expect(await one.authenticate('contested', secret)).toEqual(credential);
    }
  });

  test('two administrators who revoke each other at once: one of them stays', async () => {
    const nodes = [await node(), await node()] as const;
    const one = await nodes[0].add({ name: 'one', scopes: ['admin'] });
    const other = await nodes[0].add({ name: 'other', scopes: ['admin'] });
    await nodes[1].reached(nodes[0].status().revision);
    const outcomes = await Promise.allSettled([
      nodes[0].revoke(other.credential.id),
      nodes[1].revoke(one.credential.id),
    ]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = outcomes.find((outcome) => outcome.status === 'rejected');
    expect(refused?.reason.refusal.reason).toBe('last-admin');
  });

  test('many who add different keys at once all get theirs', async () => {
    const nodes = [await node(), await node()];
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => nodes[i % 2]!.add(LMS)));
    const last = 19 as Revision;
    for (const one of nodes) {
      await one.reached(last);
      expect(new Set(one.list().map(({ id }) => id))).toEqual(new Set(made.map(({ credential }) => credential.id)));
    }
  });

  test('an event of a later version shuts out the credential it is about, and no other', async () => {
    const events = await log();
    const access = await node({}, { log: events });
    const [one, other] = [await access.add(LMS), await access.add(LMS)];
    const later = { id: one.credential.id, until: 'tomorrow' };
    const { revision } = await events.append(
      streams.credentials,
      [
        {
          id: crypto.randomUUID() as EventId,
          type: 'credential-suspended.v1',
          contentType: 'json',
          data: Buffer.from(JSON.stringify(later)),
          metadata: Buffer.from('{}'),
        },
      ],
      { expectedRevision: access.status().revision },
    );
    await access.reached(revision);
    expect(access.status().unreadable).toBe(1);
    expect(await access.authenticate(one.credential.key, one.secret)).toBeUndefined();
    expect(await access.authenticate(other.credential.key, other.secret)).toEqual(other.credential);
  });
});

describe('secrets', () => {
  test('wrong ones, unknown keys and revoked credentials are all the same: nobody', async () => {
    const access = await node();
    const { credential, secret } = await access.add(LMS);
    await access.add({ ...LMS, ...BY_HAND });
    for (const [key, tried] of [
      [credential.key, `${secret} `],
      [credential.key, ''],
      [credential.key, secret.slice(1)],
      [BY_HAND.key, secret],
      [BY_HAND.key, ''],
      ['nobody', secret],
      ['', ''],
      ['__proto__', 'x'],
      [BY_HAND.key, BY_HAND.secret + ' '.repeat(10_000_000)],
    ] as const) {
      expect(await access.authenticate(key, tried)).toBeUndefined();
    }
  });

  test('a chosen one is verified slowly once, also when many requests come at the same time', async () => {
    await (await node()).add({ ...LMS, ...BY_HAND });
    const restarted = await node();
    const together = await Promise.all(
      Array.from({ length: 32 }, () => restarted.authenticate(BY_HAND.key, BY_HAND.secret)),
    );
    expect(together.every((credential) => credential?.key === BY_HAND.key)).toBe(true);
    await restarted.authenticate(BY_HAND.key, BY_HAND.secret);
    expect(restarted.slowVerifications()).toBe(1);
  });

  test('the same wrong one again and again costs nothing more', async () => {
    const access = await node();
    await access.add({ ...LMS, ...BY_HAND });
    for (let i = 0; i < 50; i++) expect(await access.authenticate(BY_HAND.key, 'always the same')).toBeUndefined();
    expect(access.slowVerifications()).toBe(1);
  });

  test('guessing is slowed down, while whoever was verified before goes on', async () => {
    let now = 1_000_000 as Microseconds;
    const access = await node({}, { now: () => now });
    await access.add({ ...LMS, ...BY_HAND });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 500 }, (_, i) => access.authenticate(BY_HAND.key, `guess ${i}`)),
    );
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected');
    expect(refused).toHaveLength(490);
    expect(refused.every(({ reason }) => reason instanceof AttemptsExhausted && reason.retryAfter >= 1)).toBe(true);
    expect(access.slowVerifications()).toBe(10);
    expect(await access.authenticate(BY_HAND.key, BY_HAND.secret)).toBeDefined();

    now = (now + 1_000_000) as Microseconds;
    expect(await access.authenticate(BY_HAND.key, 'one more a second later')).toBeUndefined();
    await expect(access.authenticate(BY_HAND.key, 'and another')).rejects.toThrow(AttemptsExhausted);
  });

  test('a credential revoked while its secret is being verified does not get in', async () => {
    const [here, there] = [await node(), await node()];
    const { credential } = await here.add({ ...LMS, ...BY_HAND });
    await there.reached(here.status().revision);
    const entering = there.authenticate(BY_HAND.key, BY_HAND.secret);
    await there.revoke(credential.id);
    expect(await entering).toBeUndefined();
    expect(there.slowVerifications()).toBe(1);
  });

  test('the same characters, composed or not, are the same secret (RFC 7617 2.1)', async () => {
    const here = await node();
    await here.add({ ...LMS, key: 'hindi', secret: 'क़लम और दवात é'.normalize('NFD') });
    // Remembered here, verified slowly there.
    for (const one of [here, await node()]) {
      expect(await one.authenticate('hindi', 'क़लम और दवात é'.normalize('NFC'))).toBeDefined();
    }
  });
});

describe('requests a second', () => {
  test('the setting’s, unless the credential has a limit of its own', async () => {
    let now = 1_000_000_000 as Microseconds;
    const access = await node({ PRAMAAN_MAX_REQUESTS_PER_SECOND: '3' }, { now: () => now });
    const usual = (await access.add(LMS)).credential;
    const slow = (await access.add({ ...LMS, requestsPerSecond: 1 })).credential;
    const admitted = (credential: typeof usual) => access.admit(credential).admitted;
    expect([1, 2, 3, 4].map(() => admitted(usual))).toEqual([true, true, true, false]);
    expect([1, 2].map(() => admitted(slow))).toEqual([true, false]);
    expect(access.admit(slow)).toEqual({ admitted: false, perSecond: 1, retryAfter: 1 });
    now = (now + 400_000) as Microseconds;
    expect([1, 2].map(() => admitted(usual))).toEqual([true, false]);
    expect(admitted(slow)).toBe(false);
    now = (now + 600_000) as Microseconds;
    expect(admitted(slow)).toBe(true);
  });
});

describe('the first credential', () => {
  const GIVEN = { PRAMAAN_API_KEY: 'given', PRAMAAN_API_SECRET: 'given by the operator' };

  test('is made at random when there is none, once, however many nodes start', async () => {
    const nodes = [await node(), await node(), await node()];
    const outcomes = await Promise.all(nodes.map((one) => one.ensureFirstCredential()));
    const made = outcomes.filter((outcome) => outcome.outcome === 'made');
    expect(made).toHaveLength(1);
    expect(outcomes.filter(({ outcome }) => outcome === 'none-needed')).toHaveLength(2);
    const { credential, secret } = made[0]!;
    expect(credential.scopes).toEqual(['all', 'reports', 'audit', 'void', 'import', 'admin']);
    expect(Buffer.from(secret, 'base64url').length).toBeGreaterThanOrEqual(16);
    for (const one of nodes) {
      await one.reached(0 as Revision);
      expect(await one.authenticate(credential.key, secret)).toEqual(credential);
    }
  });

  test('is not made anew when all were revoked: a restart undoes no revocation', async () => {
    const access = await node();
    const { credential } = await access.add({ name: 'boss', scopes: ['admin'] });
    await access.revoke(credential.id, { force: true });
    expect(await access.ensureFirstCredential()).toEqual({ outcome: 'none-needed' });
  });

  test('of the settings: added, then kept, and rotated when the settings’ secret changes', async () => {
    const first = await node(GIVEN);
    const added = await first.ensureFirstCredential();
    expect(added.outcome).toBe('added');
    expect(await first.ensureFirstCredential()).toMatchObject({ outcome: 'kept' });
    const credential = await first.authenticate('given', GIVEN.PRAMAAN_API_SECRET);
    expect(credential).toEqual(added.outcome === 'added' && added.credential);

    const changed = await node({ ...GIVEN, PRAMAAN_API_SECRET: 'changed by the operator' });
    const rotated = await changed.ensureFirstCredential();
    expect(rotated).toMatchObject({ outcome: 'rotated', credential: { id: credential!.id } });
    await first.reached(changed.status().revision);
    expect(await first.authenticate('given', GIVEN.PRAMAAN_API_SECRET)).toBeUndefined();
    expect(await first.authenticate('given', 'changed by the operator')).toMatchObject({ id: credential!.id });
  });

  test('of the settings, once revoked, stays revoked', async () => {
    const access = await node(GIVEN);
    await access.ensureFirstCredential();
    await access.revoke(access.holderOf('given')!, { force: true });
    expect(await access.ensureFirstCredential()).toMatchObject({ outcome: 'revoked' });
    expect(await access.authenticate('given', GIVEN.PRAMAAN_API_SECRET)).toBeUndefined();
  });

  test('of the settings, added by nodes that start together, is one', async () => {
    const nodes = [await node(GIVEN), await node(GIVEN)];
    const outcomes = await Promise.all(nodes.map((one) => one.ensureFirstCredential()));
    expect(outcomes.map(({ outcome }) => outcome).sort()).toEqual(['added', 'kept']);
  });

  test('of the settings that no credential can have is refused with the name of the setting', async () => {
    const access = await node({ ...GIVEN, PRAMAAN_API_KEY: 'with:colon' });
    await expect(access.ensureFirstCredential()).rejects.toThrow(WrongSetting);
    await expect(access.ensureFirstCredential()).rejects.toThrow(/^PRAMAAN_API_KEY: printable ASCII/);
    const controls = await node({ ...GIVEN, PRAMAAN_API_SECRET: 'line\nanother line' });
    await expect(controls.ensureFirstCredential()).rejects.toThrow(/^PRAMAAN_API_SECRET: no control characters/);
  });
});

describe('a log that cannot be reached', () => {
  /** The real log, with its subscriptions and appends cut off for a while, as EventStoreDB's are when the network is. */
  function unreliable(inner: EventLog) {
    const cut = { subscriptions: 0, acknowledgements: 0 };
    let interrupt = new AbortController();
    const outer: EventLog = {
      limits: inner.limits,
      read: (stream, options) => inner.read(stream, options),
      readLast: (stream) => inner.readLast(stream),
      head: (stream) => inner.head(stream),
      close: () => inner.close(),
      append: async (stream, events, options) => {
        const appended = await inner.append(stream, events, options);
        if (cut.acknowledgements-- > 0) throw new LogUnavailable('the connection was lost before the answer');
        return appended;
      },
      subscribe: async function* (stream, options) {
        if (cut.subscriptions-- > 0) throw new LogUnavailable('the log is away');
        const signal = AbortSignal.any([interrupt.signal, ...(options.signal ? [options.signal] : [])]);
        yield* inner.subscribe(stream, { ...options, signal });
      },
    };
    const interruptAll = () => {
      const before = interrupt;
      interrupt = new AbortController();
      before.abort();
    };
    return { outer, cut, interruptAll };
  }

  test('a lost subscription is taken up again, and nothing that came meanwhile is missed', async () => {
    const { outer, cut, interruptAll } = unreliable(await log());
    const there = await node({}, { log: outer });
    const here = await node();
    const { credential, secret } = await here.add(LMS);
    await there.reached(here.status().revision);
    cut.subscriptions = 2;
    interruptAll();
    await here.revoke(credential.id);
    await there.reached(here.status().revision);
    expect(cut.subscriptions).toBe(-1);
    expect(await there.authenticate(credential.key, secret)).toBeUndefined();
  });

  test('while it is away, those who are known go on, and the status says why the node is not ready', async () => {
    const { credential, secret } = await (await node()).add(LMS);
    const { outer, cut } = unreliable(await log());
    cut.subscriptions = Number.POSITIVE_INFINITY;
    const access = await node({}, { log: outer });
    await new Promise(setImmediate);
    expect(access.status()).toMatchObject({ following: false, problem: 'the log is away' });
    expect(await access.authenticate(credential.key, secret)).toEqual(credential);
  });

  test('an append whose answer was lost happened once', async () => {
    const { outer, cut } = unreliable(await log());
    const access = await node({}, { log: outer });
    cut.acknowledgements = 2;
    const { credential, secret } = await access.add(LMS);
    expect(access.list()).toEqual([credential]);
    expect(access.status().revision).toBe(0);
    expect(await access.authenticate(credential.key, secret)).toEqual(credential);
  });
});
