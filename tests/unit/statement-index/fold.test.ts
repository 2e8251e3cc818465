// What the statement index keeps of an event.

import { describe, expect, test } from 'vitest';
import { CLOCK_MOVED, STATEMENT_RECORDED } from '../../../contracts/events/index.ts';
import type { EventId } from '../../../contracts/words.ts';
import { comparableDigest, type Statement } from '../../../contracts/xapi/index.ts';
import { foldEvent, UnreadableEvent } from '../../../projections/statement-index/index.ts';

const STORED = '2026-04-01T09:30:00.000001Z';

const statement = {
  id: 'E05AA883-ACAF-40AD-BF54-02C8CE485FB0',
  actor: { objectType: 'Group', member: [{ mbox: 'mailto:asha@Example.com' }, { mbox: 'mailto:ravi@example.com' }] },
  verb: { id: 'https://v.example/did' },
  object: { id: 'https://a.example/1', definition: { name: { en: 'One' } } },
  context: {
    registration: 'ABCDEF01-ACAF-40AD-BF54-02C8CE485FB0',
    instructor: { mbox: 'mailto:asha@example.com' },
    team: { objectType: 'Group', mbox: 'mailto:team@example.com' },
    contextActivities: { parent: [{ id: 'https://a.example/1' }, { id: 'https://a.example/2' }] },
  },
  authority: { mbox: 'mailto:lms@example.com' },
  timestamp: '2026-04-01T09:29:00Z',
  stored: STORED,
} as const satisfies Statement;

const bytes = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

function fold(data: unknown, metadata: Record<string, unknown> = {}, type: string = STATEMENT_RECORDED) {
  return foldEvent({
    id: 'e' as EventId,
    revision: 7,
    type,
    data: bytes(data),
    metadata: bytes({ credential: 'c-1', scopes: ['all'], ...metadata }),
  });
}

describe('of a statement', () => {
  test('are kept its id, `stored`, digest, and each term once, under the narrowest filter that finds it', () => {
    const folded = fold(statement, { assigned: ['timestamp'] });
    expect(folded).toMatchObject({ sequence: 7, eventId: 'e', stored: Date.parse('2026-04-01T09:30:00Z') * 1000 + 1 });
    expect(folded.statement).toMatchObject({
      id: 'e05aa883-acaf-40ad-bf54-02c8ce485fb0',
      digest: comparableDigest(statement, ['timestamp']),
      isVoiding: false,
    });
    expect([...folded.statement!.terms].sort()).toEqual(
      [
        'p:c-1',
        'v:https://v.example/did',
        'a:https://a.example/1',
        'A:https://a.example/2',
        'g:mbox:mailto:asha@example.com',
        'g:mbox:mailto:ravi@example.com',
        'G:mbox:mailto:team@example.com',
        'G:mbox:mailto:lms@example.com',
        'r:abcdef01-acaf-40ad-bf54-02c8ce485fb0',
      ].sort(),
    );
  });

  test.each([
    [['all'], 1],
    [['define', 'statements/write'], 1],
    [['statements/write', 'import', 'void'], 0],
  ])('definitions are taken from %j: %i', (scopes, taken) => {
    expect(fold(statement, { scopes }).statement!.definitions).toHaveLength(taken);
  });

  test.each([
    [['void'], true],
    [['import'], true],
    [['all'], false],
    [['statements/write'], false],
  ])('a void by %j counts: %s', (scopes, counts) => {
    const voiding = {
      ...statement,
      verb: { id: 'http://adlnet.gov/expapi/verbs/voided' },
      object: { objectType: 'StatementRef', id: 'AAAAAAAA-ACAF-40AD-BF54-02C8CE485FB0' },
    };
    const folded = fold(voiding, { scopes }).statement!;
    const target = 'aaaaaaaa-acaf-40ad-bf54-02c8ce485fb0';
    expect(folded).toMatchObject({ isVoiding: true, refersTo: target });
    expect(folded.voids).toBe(counts ? target : undefined);
  });
});

test('of any other event only when it was recorded is kept', () => {
  expect(fold({ to: STORED }, { recordedAt: STORED }, CLOCK_MOVED)).toEqual({
    sequence: 7,
    eventId: 'e',
    stored: Date.parse('2026-04-01T09:30:00Z') * 1000 + 1,
  });
});

test('an event that is not what its type says is named by its sequence', () => {
  expect(() => fold({ id: 'x' })).toThrow(UnreadableEvent);
  expect(() => fold({ id: 'x' })).toThrow(/event 7 of the record/);
});
