// Commands one by one, and what becomes of commands and files that come at the same time, or that are cut off in the middle.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  DEPARTMENT_CLOSED,
  DEPARTMENT_MOVED,
  DEPARTMENT_OPENED,
  DEPARTMENT_RENAMED,
  IDENTITY_LINKED,
  IDENTITY_UNLINKED,
  LOAD_BEGUN,
  LOAD_COMPLETED,
  PERSON_RECORDED,
  POSTING_BEGUN,
  POSTING_ENDED,
  POSTING_WITHDRAWN,
  SERVICE_CHANGED,
  SERVICE_RESUMED,
} from '../../../contracts/events/names.ts';
import type { ProgrammeEvent } from '../../../contracts/events/programmes.ts';
import { CommandRefused } from '../../../src/administration/index.ts';
import { RecordingRefused } from '../../../src/recording/index.ts';
import { BY, type House, openHouse } from './house.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  for (const [id, parent] of [['up'], ['health', 'up'], ['revenue', 'up'], ['lucknow', 'health']]) {
    await command({
      type: DEPARTMENT_OPENED,
      data: { id: id!, kind: 'office', ...(parent && { parent }), names: { en: id! }, from: '2015-04-01' },
    });
  }
});
afterAll(() => house.close());

const command = (...wanted: ProgrammeEvent[]) => house.administration.command(wanted, BY);

/** What a command left behind: types and data. */
async function leaves(...wanted: ProgrammeEvent[]): Promise<readonly (readonly [string, unknown])[]> {
  const before = (await house.recording.status()).head;
  const { events } = await command(...wanted);
  const left = (await house.eventsAfter(before)).map(({ type, data }) => [type, data] as const);
  expect(left).toHaveLength(events);
  return left;
}

async function refusal(...wanted: ProgrammeEvent[]): Promise<readonly [string | undefined, string]> {
  const error = await command(...wanted).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(CommandRefused);
  const [{ column, message }] = (error as CommandRefused).misfits as [{ column?: string; message: string }];
  return [column, message];
}

let people = 0;
/** A person with a substantive posting. */
async function somebody(department = 'lucknow', from = '2020-01-01'): Promise<string> {
  const code = `S${++people}`;
  await command(
    { type: PERSON_RECORDED, data: { code, names: { en: code } } },
    { type: POSTING_BEGUN, data: { code, kind: 'substantive', department, from } },
  );
  return code;
}

describe('what a person is', () => {
  test('is recorded once, added to, and never taken away by what is left out', async () => {
    const data = {
      code: 'W1',
      names: { hi: 'आशा' },
      identities: ['mbox:mailto:w1@UP.example'],
      onboarded: '2024-05-01',
    };
    expect(await leaves({ type: PERSON_RECORDED, data })).toEqual([
      [PERSON_RECORDED, { ...data, identities: ['mbox:mailto:w1@up.example'] }],
    ]);
    expect(await leaves({ type: PERSON_RECORDED, data })).toEqual([]);
    expect(await leaves({ type: PERSON_RECORDED, data: { code: 'W1', names: { en: 'Asha' } } })).toEqual([
      [PERSON_RECORDED, { code: 'W1', names: { hi: 'आशा', en: 'Asha' } }],
    ]);
  });

  test('posted anew, they leave the posting before it by themselves; the same said again is nothing', async () => {
    const code = await somebody();
    const move = { code, kind: 'substantive', department: 'revenue', from: '2024-04-01' } as const;
    expect(await leaves({ type: POSTING_BEGUN, data: move })).toEqual([[POSTING_BEGUN, move]]);
    expect(
      await leaves({
        type: POSTING_BEGUN,
        data: { code, kind: 'substantive', department: 'lucknow', from: '2020-01-01' },
      }),
    ).toEqual([]);
    const between = { code, kind: 'substantive', department: 'health', from: '2023-01-01', to: '2023-06-30' } as const;
    expect(await refusal({ type: POSTING_BEGUN, data: between })).toEqual([
      'from',
      'overlaps the substantive posting in lucknow from 2020-01-01 to 2024-03-31',
    ]);
    expect(await leaves({ type: POSTING_BEGUN, data: { ...between, kind: 'deputation' } })).toHaveLength(1);
  });

  test('a posting ends, is corrected and is withdrawn', async () => {
    const code = await somebody();
    const posting = { code, kind: 'substantive', department: 'lucknow', from: '2020-01-01' } as const;
    expect(await leaves({ type: POSTING_BEGUN, data: { ...posting, to: '2021-12-31' } })).toEqual([
      [POSTING_ENDED, { ...posting, to: '2021-12-31' }],
    ]);
    expect(await leaves({ type: POSTING_BEGUN, data: { ...posting, details: { designation: 'Clerk' } } })).toEqual([
      [POSTING_BEGUN, { ...posting, details: { designation: 'Clerk' }, to: '2021-12-31' }],
    ]);
    expect(await leaves({ type: POSTING_WITHDRAWN, data: posting })).toEqual([[POSTING_WITHDRAWN, posting]]);
    expect(await refusal({ type: POSTING_WITHDRAWN, data: posting })).toEqual([
      'from',
      expect.stringContaining('no substantive posting'),
    ]);
  });

  test('leave begins and ends; who has retired has no last day of it', async () => {
    const code = await somebody();
    const leave = { code, change: 'leave', from: '2025-01-01' } as const;
    expect(await leaves({ type: SERVICE_CHANGED, data: leave })).toEqual([[SERVICE_CHANGED, leave]]);
    expect(await leaves({ type: SERVICE_CHANGED, data: { ...leave, to: '2025-02-28' } })).toEqual([
      [SERVICE_RESUMED, { code, from: '2025-01-01', to: '2025-02-28' }],
    ]);
    expect(await leaves({ type: SERVICE_CHANGED, data: leave })).toEqual([]);
    const retired = { code, change: 'retired', from: '2030-01-01', to: '2031-01-01' } as const;
    expect(await refusal({ type: SERVICE_CHANGED, data: retired })).toEqual([
      'to',
      expect.stringContaining('no last day'),
    ]);
  });

  test('an identity goes from one person to another on a day, and is nobody’s twice on any', async () => {
    const [first, second] = [await somebody(), await somebody()];
    const identity = 'account:https://igot.example|moving';
    await command({ type: IDENTITY_LINKED, data: { identity, code: first } });
    const early = { identity, code: second, from: '2024-01-01' };
    expect((await refusal({ type: IDENTITY_LINKED, data: early }))[1]).toBe(
      `${identity} is that of ${first} on all days`,
    );
    expect(await leaves({ type: IDENTITY_LINKED, data: { identity, code: first, to: '2023-12-31' } })).toEqual([
      [IDENTITY_UNLINKED, { identity, code: first, to: '2023-12-31' }],
    ]);
    expect(await leaves({ type: IDENTITY_LINKED, data: early })).toEqual([[IDENTITY_LINKED, early]]);
    // Longer than said: only the days that are new.
    expect((await refusal({ type: IDENTITY_LINKED, data: { identity, code: first, to: '2024-01-31' } }))[1]).toContain(
      `is that of ${second}`,
    );
    expect(await leaves({ type: IDENTITY_UNLINKED, data: { identity, code: second } })).toHaveLength(1);
    const longer = { identity, code: first, to: '2024-01-31' };
    expect(await leaves({ type: IDENTITY_LINKED, data: longer })).toEqual([
      [IDENTITY_LINKED, { ...longer, from: '2024-01-01' }],
    ]);
    expect(await leaves({ type: IDENTITY_LINKED, data: longer })).toEqual([]);
  });
});

describe('the tree', () => {
  test('departments are moved, renamed and closed', async () => {
    const opened = { id: 'cell', kind: 'office', parent: 'health', names: { en: 'Cell' }, from: '2020-01-01' } as const;
    expect(await leaves({ type: DEPARTMENT_OPENED, data: opened })).toHaveLength(1);
    const moved = { id: 'cell', parent: 'revenue', from: '2023-01-01' };
    expect(await leaves({ type: DEPARTMENT_MOVED, data: moved })).toEqual([[DEPARTMENT_MOVED, moved]]);
    const renamed = { id: 'cell', names: { hi: 'प्रकोष्ठ' }, from: '2024-01-01' };
    expect(await leaves({ type: DEPARTMENT_RENAMED, data: renamed })).toEqual([
      [DEPARTMENT_RENAMED, { ...renamed, names: { en: 'Cell', hi: 'प्रकोष्ठ' } }],
    ]);
    const closed = { id: 'cell', to: '2025-03-31' };
    expect(await leaves({ type: DEPARTMENT_CLOSED, data: closed })).toEqual([[DEPARTMENT_CLOSED, closed]]);
    for (const [type, data] of [
      [DEPARTMENT_MOVED, moved],
      [DEPARTMENT_CLOSED, closed],
    ] as const) {
      expect(await leaves({ type, data } as ProgrammeEvent)).toEqual([]);
    }
    expect(await leaves({ type: DEPARTMENT_OPENED, data: opened })).toEqual([]);
  });

  test('nothing is moved that is not there, or below itself', async () => {
    const nowhere = { id: 'nowhere', parent: 'up', from: '2023-01-01' };
    expect(await refusal({ type: DEPARTMENT_MOVED, data: nowhere })).toEqual(['id', 'there is no department nowhere']);
    const ring = { id: 'health', parent: 'lucknow', from: '2023-01-01' };
    expect((await refusal({ type: DEPARTMENT_MOVED, data: ring }))[1]).toBe(
      'department health would stand below itself: health › lucknow › health',
    );
  });
});

describe('at the same time', () => {
  test('commands that would both be right alone: one is', async () => {
    const code = await somebody();
    const to = (department: string) =>
      command({ type: POSTING_BEGUN, data: { code, kind: 'substantive', department, from: '2024-04-01' } });
    const outcomes = await Promise.allSettled([to('revenue'), to('health')]);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
    expect((outcomes[1] as PromiseRejectedResult).reason).toBeInstanceOf(CommandRefused);
  });

  test('a file that was overtaken while it was checked is decided again, on what the command left', async () => {
    const before = (await house.recording.status()).head;
    let commanded: Promise<unknown> | undefined;
    const loaded = await house.administration.load(house.file('people', manyPeople('C', 20_000)), BY, ({ step }) => {
      if (step === 'reading')
        commanded ??= command({ type: PERSON_RECORDED, data: { code: 'C000001', names: { en: 'Person 1' } } });
    });
    await commanded;
    const events = await house.eventsAfter(before);
    expect(events.map(({ type }) => type).filter((type) => type === LOAD_BEGUN)).toHaveLength(1);
    expect(events.filter(({ data }) => data.code === 'C000001')).toHaveLength(1);
    expect(loaded.events).toBe(19_999);
  });

  test('two files: one after the other', async () => {
    const files = [house.file('people', manyPeople('D')), house.file('people', manyPeople('D'))];
    const loaded = await Promise.all(files.map((file) => house.administration.load(file, BY)));
    expect(loaded.map(({ events }) => events)).toEqual([6_000, 0]);
  });

  test('while a file is recorded, commands are asked to come again', async () => {
    const refused: unknown[] = [];
    await house.administration.load(house.file('people', manyPeople('F')), BY, ({ step }) => {
      if (step !== 'recording' || refused.length > 0) return;
      refused.push(0);
      void command({ type: PERSON_RECORDED, data: { code: 'F1' } }).catch((error: unknown) =>
        refused.splice(0, 1, error),
      );
    });
    expect(refused[0]).toBeInstanceOf(RecordingRefused);
  });
});

test('a load that was cut off has no effect for ever, and the file can be loaded again', async () => {
  const first = await openHouse();
  let stopped: Promise<void> | undefined;
  const cut = first.administration.load(first.file('people', manyPeople('K')), BY, (progress) => {
    if (progress.step === 'recording' && progress.events > 0) stopped ??= first.administration.close();
  });
  await expect(cut).rejects.toBeInstanceOf(RecordingRefused);
  await stopped;
  await first.close({ kept: true });

  const again = await openHouse(first.folder);
  const events = await again.eventsAfter(0);
  expect(events.some(({ type }) => type === PERSON_RECORDED)).toBe(true);
  expect(events.some(({ type }) => type === LOAD_COMPLETED)).toBe(false);
  const file = again.file('people', manyPeople('K'));
  expect(await again.administration.load(file, BY)).toMatchObject({ events: 6_000, rows: 6_000 });
  await again.close();
});

function manyPeople(letter: string, count = 6_000): string {
  const rows = Array.from({ length: count }, (_, i) => `${letter}${String(i).padStart(6, '0')},Person ${i}`);
  return ['code,name_en', ...rows].join('\n');
}
