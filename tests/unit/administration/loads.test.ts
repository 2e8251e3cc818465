// Files that are checked whole and loaded whole: what takes effect, what a second time changes, and what is refused with its line.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LOAD_BEGUN, LOAD_COMPLETED, PERSON_RECORDED, POSTING_BEGUN } from '../../../contracts/events/names.ts';
import type { LoadKind } from '../../../contracts/events/programmes.ts';
import { CommandRefused, type Loaded, type LoadProgress, type Misfit } from '../../../src/administration/index.ts';
import { BY, type House, openHouse } from './house.ts';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await load(
    'departments',
    'id,kind,parent,name_hi,name_en,from,closed',
    // A parent may come after its child.
    'health,department,up,चिकित्सा एवं स्वास्थ्य,Health,2015-04-01,',
    'up,state,,उत्तर प्रदेश,Uttar Pradesh,2000-01-01,',
    'lucknow,district,health,लखनऊ,Lucknow,2015-04-01,',
    'kanpur,district,health,कानपुर,Kanpur,2015-04-01,',
    'revenue,department,up,राजस्व,Revenue,2015-04-01,',
    'textiles,corporation,up,,Textiles,2015-04-01,2020-03-31',
  );
  await load(
    'people',
    'code,name_hi,name_en,identities,onboarded,department,designation,from',
    'E1,आशा देवी,Asha Devi,asha@up.example,2024-07-01,lucknow,ANM,2019-06-01',
    'E2,,Mohan Lal,account:https://igot.example|1002,,kanpur,Clerk,2020-01-01',
  );
});
afterAll(() => house.close());

function load(kind: LoadKind, ...lines: readonly string[]): Promise<Loaded> {
  return house.administration.load(house.file(kind, lines.join('\n')), BY);
}

async function misfits(kind: LoadKind, ...lines: readonly string[]): Promise<readonly Misfit[]> {
  const before = (await house.recording.status()).head;
  const error = await load(kind, ...lines).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(CommandRefused);
  expect((await house.recording.status()).head).toBe(before);
  return (error as CommandRefused).misfits;
}

describe('a file', () => {
  test('takes effect between its begin and its end, every event with the load it belongs to', async () => {
    const before = (await house.recording.status()).head;
    const {
      load: id,
      events,
      rows,
      sequence,
    } = await load(
      'people',
      'code,name_en,department,from',
      'A1,Anil,revenue,2021-01-01',
      'A2,Bina,revenue,2021-01-01',
    );
    const recorded = await house.eventsAfter(before);
    expect(recorded.map(({ type }) => type)).toEqual([
      LOAD_BEGUN,
      ...[PERSON_RECORDED, POSTING_BEGUN, PERSON_RECORDED, POSTING_BEGUN],
      LOAD_COMPLETED,
    ]);
    expect(recorded.map((event) => event.load)).toEqual([undefined, id, id, id, id, undefined]);
    expect(recorded[0]!.data).toMatchObject({ load: id, kind: 'people', events: 4 });
    expect({ events, rows, sequence }).toEqual({ events: 4, rows: 2, sequence: before + 6 });
  });

  test.for([
    ['departments', 'id,kind,parent,name_hi,name_en,from,closed', 'lucknow,district,health,लखनऊ,Lucknow,2015-04-01,'],
    [
      'people',
      'code,name_hi,name_en,identities,department,designation,from',
      'E1,आशा देवी,,asha@UP.example,lucknow,ANM,2019-06-01',
    ],
    ['postings', 'code,kind,department,from', 'E2,substantive,kanpur,2020-01-01'],
    ['links', 'identity,code', 'account:https://igot.example|1002,E2'],
  ] as const)('of what is on record already changes nothing: %s', async ([kind, ...lines]) => {
    const before = (await house.recording.status()).head;
    expect(await load(kind, ...lines)).toEqual({ events: 0, rows: 1, sequence: before });
    expect((await house.recording.status()).head).toBe(before);
  });

  test('of every kind, loaded again, is on record as it is', async () => {
    const files: [LoadKind, ...string[]][] = [
      [
        'courses',
        'id;kind;title_hi;title_en;provider;languages;minutes;tags;aliases;supersedes;status;from',
        'https://igot.example/c/ai;course;एआई परिचय;Introduction to AI;revenue;hi en;90;ai|digital skills;https://igot.example/c/ai-v1;;live;',
        'https://igot.example/c/seven;blended-programme;;Seven days;ISTM;hi;;;;https://igot.example/c/ai;live;2026-01-01',
      ],
      ['sessions', 'id,course,institute,on,minutes', 's1,https://igot.example/c/seven,ISTM,2026-02-02,360'],
      ['rosters', 'session,code,attended', 's1,E1,yes', 's1,E2,नहीं'],
      ['service', 'code,change,from,to', 'E2,leave,2025-01-01,2025-01-31', 'E2,retired,2030-06-30,'],
      [
        'postings',
        'code,kind,department,designation,from,to',
        'E2,substantive,lucknow,Head Clerk,2024-04-01,',
        'E2,additional-charge,revenue,,2022-01-01,2022-06-30',
      ],
      [
        'links',
        'identity,code,from,to',
        'mbox:mailto:shared@up.example,E1,,2024-03-31',
        'shared@up.example,E2,2024-04-01,',
      ],
      ['national-figures', 'figure,financial_year,value,on,source', 'completions,2025-26,67000000,2026-03-31,PIB'],
    ];
    for (const [kind, ...lines] of files) {
      const first = await load(kind, ...lines);
      expect(first.events, kind).toBe(lines.length - 1);
      const { events, sequence } = await load(kind, ...lines);
      expect({ events, sequence }, kind).toEqual({ events: 0, sequence: first.sequence });
    }
  });

  test('is read with a byte order mark, in tabs, with quotes over lines, and bare account names', async () => {
    const content = '\uFEFFCode\tName_EN\tIdentities\r\nQ1\t"Tara\r\nRani"\tT-17\r\n\r\nQ2\tUma\tT-18\r\n';
    const before = (await house.recording.status()).head;
    const file = house.file('people', content, { accountHomePage: 'https://hr.example' });
    expect(await house.administration.load(file, BY)).toMatchObject({ rows: 2, events: 2 });
    expect((await house.eventsAfter(before))[1]!.data).toEqual({
      code: 'Q1',
      names: { en: 'Tara\r\nRani' },
      identities: ['account:https://hr.example|T-17'],
    });
  });

  test('is loaded although commands keep coming', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => `W${i},Wahida`);
    let isOver = false;
    const loading = load('people', 'code,name_en', ...rows).finally(() => {
      isOver = true;
    });
    let decided = 0;
    for (let i = 0; !isOver; i++) {
      const data = { code: `V${i}`, names: { en: 'Vimla' } };
      await house.administration.command([{ type: PERSON_RECORDED, data }], BY).then(
        () => decided++,
        (error: unknown) => expect(error).toMatchObject({ refusal: { reason: 'unavailable' } }),
      );
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(await loading).toMatchObject({ events: 3_000 });
    expect(decided).toBeGreaterThan(0);
  });

  test('says how far it has come', async () => {
    const rows = Array.from({ length: 12_000 }, (_, i) => `P${String(i).padStart(6, '0')},Person ${i}`);
    const seen: LoadProgress[] = [];
    const file = house.file('people', ['code,name_en', ...rows].join('\n'));
    await house.administration.load(file, BY, (progress) => seen.push(progress));
    const recording = seen.filter((progress) => progress.step === 'recording');
    expect([...new Set(seen.map(({ step }) => step))]).toEqual(['reading', 'comparing', 'recording']);
    expect(seen.filter(({ step }) => step === 'comparing').length).toBeGreaterThan(2);
    expect(recording.map(({ events }) => events)).toEqual(
      recording.map(({ events }) => events).toSorted((a, b) => a - b),
    );
    expect(recording.at(-1)).toEqual({ step: 'recording', events: 12_000, of: 12_000 });
  });
});

describe('a file is refused, with its line', () => {
  const PEOPLE = 'code,name_en,identities,department,from';
  const POSTINGS = 'code,kind,department,from,to';
  const TREE = 'id,kind,parent,name_en,from,closed';

  test.for<
    [name: string, kind: LoadKind, lines: string[], expected: [line: number, column: string | undefined, words: RegExp]]
  >([
    [
      'an unknown department',
      'people',
      [PEOPLE, 'N1,Nina,,nowhere,2024-01-01'],
      [2, 'department', /no department nowhere/],
    ],
    [
      'a department that had closed',
      'people',
      [PEOPLE, 'N1,Nina,,textiles,2021-01-01'],
      [2, 'department', /closed after 2020-03-31/],
    ],
    ['what is no date', 'people', [PEOPLE, 'N1,Nina,,health,31-03-2024'], [2, 'from', /must be a date/]],
    ['a day that does not exist', 'people', [PEOPLE, 'N1,Nina,,health,2023-02-29'], [2, 'from', /must be a date/]],
    [
      'a date outside reason',
      'people',
      [PEOPLE, 'N1,Nina,,health,2924-01-01'],
      [2, 'from', /must be a date between 1940/],
    ],
    [
      'an employee code twice',
      'people',
      [PEOPLE, 'N1,Nina,,,', 'N2,Om,,,', 'N1,Nina,,,'],
      [4, 'code', /N1 is on line 2 already/],
    ],
    ['an identity of another person', 'people', [PEOPLE, 'N1,Nina,asha@up.example,,'], [2, undefined, /is that of E1/]],
    [
      'one identity for two',
      'people',
      [PEOPLE, 'N1,Nina,n@up.example,,', 'N2,Om,n@up.example,,'],
      [3, undefined, /is that of N1 \(line 2\)/],
    ],
    ['a posting without a department', 'people', [PEOPLE, 'N1,Nina,,,2024-01-01'], [2, 'department', /is missing/]],
    ['an unknown employee code', 'postings', [POSTINGS, 'XX,substantive,health,2024-01-01,'], [2, 'code', /no person/]],
    [
      'an end before the beginning',
      'postings',
      [POSTINGS, 'E1,deputation,health,2024-01-01,2023-01-01'],
      [2, 'to', /lies before/],
    ],
    [
      'substantive postings that overlap',
      'postings',
      [POSTINGS, 'E1,substantive,health,2010-01-01,2012-12-31', 'E1,substantive,revenue,2012-06-01,2013-01-01'],
      [3, 'from', /overlaps the substantive posting in health from 2010-01-01 to 2012-12-31/],
    ],
    [
      'another kind of posting than there is',
      'postings',
      [POSTINGS, 'E1,regular,health,2024-01-01,'],
      [2, 'kind', /must be/],
    ],
    [
      'an unknown parent',
      'departments',
      [TREE, 'x,office,nowhere,X,2020-01-01,'],
      [2, 'parent', /no department nowhere/],
    ],
    [
      'a department twice',
      'departments',
      [TREE, 'x,office,up,X,2020-01-01,', 'x,office,health,X,2020-01-01,'],
      [3, 'id', /is on line 2 already/],
    ],
    [
      'a new department without a name',
      'departments',
      [TREE, 'x,office,up,,2020-01-01,'],
      [2, 'name_hi', /needs a kind, a name/],
    ],
    [
      'a ring of new departments',
      'departments',
      [TREE, 'x,office,y,X,2020-01-01,', 'y,office,x,Y,2020-01-01,'],
      [2, 'parent', /stand below itself/],
    ],
    ['a move below itself', 'departments', [TREE, 'health,,lucknow,,2026-01-01,'], [2, 'parent', /stand below itself/]],
    [
      'a closing with departments below',
      'departments',
      [TREE, 'health,,,,,2026-03-31'],
      [2, 'closed', /stands below it after that/],
    ],
    ['a move from no day', 'departments', [TREE, 'lucknow,,revenue,,,'], [2, 'from', /from when/]],
    [
      'an unknown course',
      'sessions',
      ['id,course,institute,on', 's9,https://x.example/none,ISTM,2026-01-01'],
      [2, 'course', /no course/],
    ],
    ['an unknown session', 'rosters', ['session,code,attended', 'none,E1,yes'], [2, 'session', /no session none/]],
    [
      'an attendance that says nothing',
      'rosters',
      ['session,code,attended', 's1,E1,perhaps'],
      [2, 'attended', /must be yes or no/],
    ],
    [
      'too many fields',
      'people',
      ['code,name_en', 'N1,Nina,x'],
      [2, undefined, /has 3 fields; the line of column names has 2/],
    ],
    ['an unknown column', 'people', ['code,name_en,salary', 'N1,Nina,1'], [1, 'salary', /is not a column here/]],
    ['a missing column', 'people', ['name_en', 'Nina'], [1, 'code', /must be among the columns/]],
    ['a stray quote', 'people', ['code,name_en', 'N1,Nina', 'N2,O"m'], [3, undefined, /[Qq]uote/]],
    ['a quote that stays open', 'people', ['code,name_en', 'N1,"Nina', 'N2,Om'], [2, undefined, /quote in this row/]],
    [
      'a quote that swallows a part of the file',
      'people',
      ['code,name_en', 'N1,Nina', 'N2,"Om', ...Array.from({ length: 60_000 }, (_, i) => `P${i},Paul`)],
      [3, undefined, /is longer than 256 KiB/],
    ],
    ['nothing at all', 'people', [''], [1, undefined, /is empty/]],
    ['a byte order mark and no more', 'people', ['\uFEFF'], [1, undefined, /is empty/]],
    ['empty lines', 'people', ['', '', ''], [1, undefined, /is empty/]],
  ])('%s', async ([, kind, lines, [line, column, words]]) => {
    const [first] = await misfits(kind, ...lines);
    expect(first).toEqual({ line, ...(column && { column }), message: expect.stringMatching(words) });
  });

  test('all of them, in the order of the lines; a thousand are shown and all are counted', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => `Z${3_000 - i},nowhere,2024-01-01`);
    const error = await load('people', 'code,department,from', ...rows).catch((reason: unknown) => reason);
    expect((error as CommandRefused).total).toBe(3_000);
    expect((error as CommandRefused).misfits.map(({ line }) => line)).toEqual(
      Array.from({ length: 1_000 }, (_, i) => i + 2),
    );
  });

  test('what is not UTF-8', async () => {
    const file = house.file('people', Buffer.from('code,name_en\nN1,Ren\xe9\n', 'latin1'));
    const error = await house.administration.load(file, BY).catch((reason: unknown) => reason);
    expect((error as CommandRefused).misfits).toEqual([{ line: 2, message: expect.stringContaining('not UTF-8') }]);
  });
});
