// What commands on credentials decide, given what happened before.

import { describe, expect, test } from 'vitest';
import {
  CREDENTIAL_ADDED,
  CREDENTIAL_REVOKED,
  CREDENTIAL_ROTATED,
  type CredentialEvent,
  type KeptSecret,
} from '../../../contracts/events/credentials.ts';
import type { CredentialId, Microseconds } from '../../../contracts/words.ts';
import { type Account, add, type Credentials, evolve, revoke, rotate } from '../../../src/access/credentials.ts';
import { type AccessRefusal, AccessRefused, type Scope } from '../../../src/access/port.ts';

const ONE = '018f0000-0000-7000-8000-000000000001' as CredentialId;
const TWO = '018f0000-0000-7000-8000-000000000002' as CredentialId;
const OLD: KeptSecret = { scheme: 'sha256', hash: 'b2xk' };
const NEW: KeptSecret = { scheme: 'sha256', hash: 'bmV3' };
const AUTHORITY = { objectType: 'Agent', account: { homePage: 'https://lms.example.gov.in', name: 'lms' } };

function added(id: CredentialId, key: string, scopes: Scope[] = ['all']): CredentialEvent {
  return { type: CREDENTIAL_ADDED, data: { id, key, name: key, scopes, authority: AUTHORITY, secret: OLD } };
}
const rotated = (id: CredentialId): CredentialEvent => ({ type: CREDENTIAL_ROTATED, data: { id, secret: NEW } });
const revoked = (id: CredentialId): CredentialEvent => ({ type: CREDENTIAL_REVOKED, data: { id } });

/** Event i was recorded at instant i + 1. */
function given(...events: CredentialEvent[]) {
  const byId = new Map<CredentialId, Account>();
  const byKey = new Map<string, CredentialId>();
  for (const [i, event] of events.entries()) {
    const account = evolve(byId.get(event.data.id as CredentialId), event, (i + 1) as Microseconds);
    if (!account) continue;
    byId.set(account.credential.id, account);
    byKey.set(account.credential.key, account.credential.id);
  }
  const state: Credentials = { byId, byKey };
  return {
    state,
    when: (command: (state: Credentials) => CredentialEvent[]) => ({
      decides: (...expected: CredentialEvent[]) => expect(command(state)).toEqual(expected),
      refused: (expected: AccessRefusal) => {
        let thrown: unknown;
        try {
          command(state);
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toBeInstanceOf(AccessRefused);
        expect((thrown as AccessRefused).refusal).toEqual(expected);
      },
    }),
  };
}

const wanted = { id: TWO, key: 'lms', name: 'lms', scopes: ['all'] as const, authority: AUTHORITY, secret: OLD };

describe('adding', () => {
  test('a new key is added as it was asked for', () => {
    given(added(ONE, 'other'))
      .when((state) => add(state, wanted))
      .decides(added(TWO, 'lms'));
  });

  test('a key means one credential: a second one is refused', () => {
    given(added(ONE, 'lms'))
      .when((state) => add(state, wanted))
      .refused({ reason: 'key-taken', key: 'lms' });
  });

  test('the key of a revoked credential is never given again', () => {
    given(added(ONE, 'lms'), revoked(ONE))
      .when((state) => add(state, wanted))
      .refused({ reason: 'key-taken', key: 'lms' });
  });
});

describe('rotating', () => {
  test('changes the secret and nothing else', () => {
    const { state, when } = given(added(ONE, 'lms'), rotated(ONE));
    expect(state.byId.get(ONE)).toEqual({
      credential: {
        id: ONE,
        key: 'lms',
        name: 'lms',
        scopes: ['all'],
        authority: AUTHORITY,
        createdAt: 1,
        rotatedAt: 2,
      },
      secret: NEW,
    });
    when((known) => rotate(known, ONE, NEW)).decides(rotated(ONE));
  });

  test('a revoked credential stays revoked', () => {
    given(added(ONE, 'lms'), revoked(ONE))
      .when((state) => rotate(state, ONE, NEW))
      .refused({ reason: 'revoked', id: ONE });
  });

  test('of a credential that does not exist is refused', () => {
    given(added(ONE, 'lms'))
      .when((state) => rotate(state, TWO, NEW))
      .refused({ reason: 'unknown-credential', id: TWO });
  });
});

describe('revoking', () => {
  test('twice is the same as once, and keeps the first instant', () => {
    given(added(ONE, 'lms'), revoked(ONE))
      .when((state) => revoke(state, ONE, false))
      .decides();
    expect(given(added(ONE, 'lms'), revoked(ONE), revoked(ONE)).state.byId.get(ONE)?.credential.revokedAt).toBe(2);
  });

  test('the last credential with the scope admin is kept, unless by force', () => {
    const { when } = given(added(ONE, 'boss', ['admin']), added(TWO, 'lms', ['all']));
    when((state) => revoke(state, ONE, false)).refused({ reason: 'last-admin', id: ONE });
    when((state) => revoke(state, ONE, true)).decides(revoked(ONE));
    when((state) => revoke(state, TWO, false)).decides(revoked(TWO));
  });

  test('a revoked administrator does not count as another one', () => {
    given(added(ONE, 'boss', ['admin']), added(TWO, 'deputy', ['admin']), revoked(TWO))
      .when((state) => revoke(state, ONE, false))
      .refused({ reason: 'last-admin', id: ONE });
  });
});

test('a scope of a later version allows nothing here', () => {
  const { state } = given({
    ...added(ONE, 'lms'),
    data: { ...added(ONE, 'lms').data, scopes: ['all', 'erase'] },
  } as CredentialEvent);
  expect(state.byId.get(ONE)?.credential.scopes).toEqual(['all']);
});
