// R: what a sequence, an instant and a date mean, and what was known then.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLOCK_MOVED, RECORD_OPENED, STATEMENT_RECORDED } from '../../../contracts/events/index.ts';
import { recordedAtOf } from '../../../contracts/events/recorded-at.ts';
import { fromInstant, toInstant } from '../../../contracts/time.ts';
import { type EventId, type Microseconds, NOTHING } from '../../../contracts/words.ts';
import { KnownAtRefused, monthInKolkata, parseKnownAt, resolveKnownAt, sequenceAt } from '../../../src/audit/index.ts';
import type { EventToAppend, LocalLog } from '../../../src/event-log/port.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { eventLine } from '../../../src/read-models/statement-index/event-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'pramaan-known-at-'));
const START = fromInstant('2026-04-01T09:30:00Z')!;
/** Events a second apart, and two of them a microsecond apart. */
const recordedAt = [0, 1e6, 2e6, 2e6 + 1, 3e6, 86_400e6].map((after) => (START + after) as Microseconds);
let log: LocalLog;

beforeAll(async () => {
  log = openSqliteLog(join(folder, 'log.sqlite'), { create: true });
  const events = recordedAt.map((at, index) =>
    index === 0 ? other(RECORD_OPENED, at) : index === 4 ? other(CLOCK_MOVED, at) : statement(at, index),
  );
  await log.append('record', events, { expectedRevision: NOTHING });
});
afterAll(async () => {
  await log.close();
  rmSync(folder, { recursive: true });
});

function statement(at: Microseconds, index: number): EventToAppend {
  // Where a statement of an older import holds its stamp elsewhere, it is found all the same.
  const data = index % 2 ? { id: index, stored: toInstant(at) } : { stored: toInstant(at), id: index };
  return event(STATEMENT_RECORDED, data, { credential: 'c' });
}
function other(type: string, at: Microseconds): EventToAppend {
  return event(type, {}, { recordedAt: toInstant(at) });
}
function event(type: string, data: unknown, metadata: unknown): EventToAppend {
  const bytes = (value: unknown) => Buffer.from(JSON.stringify(value));
  const id = crypto.randomUUID() as EventId;
  return { id, type, contentType: 'json', data: bytes(data), metadata: bytes(metadata) };
}

describe('R', () => {
  it('is a sequence, an instant, or a date: the end of that day in Kolkata', () => {
    expect(parseKnownAt('17')).toEqual({ kind: 'sequence', sequence: 17 });
    expect(parseKnownAt('2026-04-01T15:00:00.000001+05:30')).toEqual({ kind: 'instant', at: START + 1 });
    const day = parseKnownAt('2026-03-31');
    expect(day.kind === 'date' && toInstant(day.at)).toBe('2026-03-31T18:29:59.999999Z');
  });

  it('is understood where a URL turned the + of its offset into a space', () => {
    expect(parseKnownAt('2026-04-01T15:00:00 05:30')).toEqual(parseKnownAt('2026-04-01T09:30:00Z'));
  });

  it.each([
    ['', /neither/],
    ['-1', /neither/],
    ['yesterday', /neither/],
    ['2026-02-30', /not a day/],
    ['2026-04-01T09:30:00', /add Z, or \+05:30/],
    ['2026-13-01T09:30:00Z', /neither/],
  ])('is refused in words: "%s"', (text, words) => {
    expect(() => parseKnownAt(text)).toThrow(KnownAtRefused);
    expect(() => parseKnownAt(text)).toThrow(words);
  });
});

describe('what was known', () => {
  it('at any instant is the highest sequence recorded at or before it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: -3, max: 3 }), fc.integer({ min: 0, max: 5 }), async (off, index) => {
        const at = (recordedAt[index]! + off) as Microseconds;
        const expected = recordedAt.filter((one) => one <= at).length - 1;
        expect(await sequenceAt(log, 'record', at)).toBe(expected);
      }),
    );
  });

  it('is final up to the last event, and not beyond it', async () => {
    const ask = async (text: string) => resolveKnownAt(log, 'record', parseKnownAt(text));
    expect(await ask('2026-04-01T09:30:02Z')).toEqual({ sequence: 2, final: true, head: 5 });
    expect(await ask('2026-04-01')).toEqual({ sequence: 4, final: true, head: 5 });
    expect(await ask('2026-04-02T09:30:00Z')).toEqual({ sequence: 5, final: true, head: 5 });
    expect(await ask('2026-04-02T09:30:00.000001Z')).toEqual({ sequence: 5, final: false, head: 5 });
    expect(await ask('2026-03-31')).toEqual({ sequence: NOTHING, final: true, head: 5 });
    expect(await ask('5')).toEqual({ sequence: 5, final: true, head: 5 });
    expect(await ask('6')).toEqual({ sequence: 5, final: false, head: 5 });
  });

  it('of a stream without events is nothing, and not final', async () => {
    expect(await resolveKnownAt(log, 'other', parseKnownAt('2026-04-01'))).toEqual({
      sequence: -1,
      final: false,
      head: -1,
    });
  });
});

it('an event is one line: data and metadata as the log keeps them', async () => {
  const events = await log.read('record', { limit: 10 });
  expect(events.map(recordedAtOf)).toEqual(recordedAt.map(toInstant));
  for (const one of events) {
    const line = Buffer.from(eventLine(one)).toString();
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line)).toEqual({
      sequence: one.revision,
      id: one.id,
      type: one.type,
      recordedAt: recordedAtOf(one),
      data: JSON.parse(Buffer.from(one.data).toString()),
      metadata: JSON.parse(Buffer.from(one.metadata).toString()),
    });
  }
});

it('a month of the trail begins at midnight in Kolkata', () => {
  expect(monthInKolkata(fromInstant('2026-03-31T18:29:59.999999Z')!)).toBe('2026-03');
  expect(monthInKolkata(fromInstant('2026-03-31T18:30:00Z')!)).toBe('2026-04');
});
