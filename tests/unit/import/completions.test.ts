// A CSV of completions: what each column becomes, and what is said about a row that cannot be understood.

import { describe, expect, it } from 'vitest';
import { validateStatements } from '../../../contracts/xapi/index.ts';
import { completionItems } from '../../../src/import/completions-csv.ts';
import { type CompletionOptions, type Item, inKolkata, SourceRefused } from '../../../src/import/index.ts';

const HR = 'https://hr.example.gov.in';

async function items(csv: string, options: Partial<CompletionOptions> = {}, chunk = 1 << 20): Promise<Item[]> {
  async function* chunks() {
    const bytes = Buffer.from(csv);
    for (let at = 0; at < bytes.length; at += chunk) yield bytes.subarray(at, at + chunk);
  }
  const found: Item[] = [];
  const given = { titleLanguage: 'en', ignoredColumns: [], employeeHomePage: HR, ...options };
  for await (const run of completionItems(chunks(), given)) found.push(...run);
  return found;
}

function statements(found: readonly Item[]): Record<string, unknown>[] {
  return found.map((item) => {
    if (item.kind === 'bad') throw new Error(JSON.stringify(item.problems));
    return JSON.parse(item.json);
  });
}

describe('a row', () => {
  it('becomes the statement "completed", which the store takes', async () => {
    const [first] = statements(
      await items(
        'employeeCode,learnerName,course,title,titleLanguage,completedAt,scoreRaw,scoreMin,scoreMax,scoreScaled,success,duration,registration,platform\n' +
          'E-1,आशा देवी,https://example.in/c/1,सूचना का अधिकार,hi,2026-03-31T17:05:00+05:30,80,0,100,0.8,yes,PT1H30M,B8A4E8A0-2F0D-4F3E-9C38-0E6F4F6E5A10,iGOT\n',
      ),
    );
    expect(first).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-5/),
      actor: { objectType: 'Agent', name: 'आशा देवी', account: { homePage: HR, name: 'E-1' } },
      verb: { id: 'http://adlnet.gov/expapi/verbs/completed', display: { en: 'completed' } },
      object: {
        objectType: 'Activity',
        id: 'https://example.in/c/1',
        definition: { name: { hi: 'सूचना का अधिकार' }, type: 'http://adlnet.gov/expapi/activities/course' },
      },
      result: {
        completion: true,
        success: true,
        score: { scaled: 0.8, raw: 80, min: 0, max: 100 },
        duration: 'PT1H30M',
      },
      context: { registration: 'b8a4e8a0-2f0d-4f3e-9c38-0e6f4f6e5a10', platform: 'iGOT' },
      timestamp: '2026-03-31T17:05:00+05:30',
    });
    expect(validateStatements([first], '1.0.3')).toMatchObject({ ok: true });
    expect(validateStatements([first], '2.0.0')).toMatchObject({ ok: true });
  });

  it('has one identity: employee code before account before e-mail', async () => {
    const header = 'employeeCode,accountName,accountHomePage,mbox,course,completedAt\n';
    const rows = ['E1,n,https://a.in,a@b.in', ',n,https://a.in,a@b.in', ',,,a@b.in', ',,,mailto:a@b.in'];
    const found = statements(
      await items(header + rows.map((row) => `${row},https://example.in/c,2026-03-31`).join('\n')),
    );
    expect(found.map(({ actor }) => actor)).toEqual([
      { objectType: 'Agent', account: { homePage: HR, name: 'E1' } },
      { objectType: 'Agent', account: { homePage: 'https://a.in', name: 'n' } },
      { objectType: 'Agent', mbox: 'mailto:a@b.in' },
      { objectType: 'Agent', mbox: 'mailto:a@b.in' },
    ]);
  });

  it('has an id from its content: the same row is the same statement, any other is another', async () => {
    const header = 'mbox,course,completedAt\n';
    const ids = async (csv: string) => statements(await items(csv)).map(({ id }) => id);
    const row = 'a@b.in,https://example.in/c,2026-03-31';
    const [one, again, other] = await ids(`${header}${row}\n${row}\na@b.in,https://example.in/c,2026-04-01\n`);
    expect(again).toBe(one);
    expect(other).not.toBe(one);
    expect(await ids(`course;completedAt;mbox\r\nhttps://example.in/c;31/03/2026;a@b.in\r\n`)).toEqual([one]);
  });

  it('is named by line and column when it cannot be understood, and the next one is read', async () => {
    const found = await items(
      'employee_code,course,completed_at,score_raw,success\n' +
        'E1,,31.02.2026,"1,200",perhaps\n' +
        'E2,https://example.in/c\n' +
        '"E\n3",https://example.in/c,2026-03-31,,\n' +
        ',https://example.in/c,2026-03-31,,\n',
    );
    expect(found.map(({ kind, place }) => [kind, place.line])).toEqual([
      ['bad', 2],
      ['bad', 3],
      ['statement', 4],
      ['bad', 6],
    ]);
    const paths = found.map((item) => (item.kind === 'bad' ? item.problems.map(({ path }) => path) : []));
    expect(paths).toEqual([['$.course', '$.completedAt', '$.scoreRaw', '$.success'], ['$'], [], ['$.mbox']]);
  });

  it('needs to be told whose the employee codes are', async () => {
    const given = { titleLanguage: 'en', ignoredColumns: [] };
    const found: Item[] = [];
    async function* csv() {
      yield Buffer.from('employeeCode,course,completedAt\nE1,https://example.in/c,2026-03-31\n');
    }
    for await (const run of completionItems(csv(), given)) found.push(...run);
    expect(found).toMatchObject([{ kind: 'bad', problems: [{ path: '$.employeeCode' }] }]);
  });

  it('is the same wherever the chunks end', async () => {
    const csv =
      '\uFEFFemail,Course IRI,title,Completed At\na@b.in,https://example.in/c,"पहला, ""भाग""\nएक",2026-03-31\nc@d.in,https://example.in/c,x,2026-03-31';
    expect(await items(csv, {}, 1)).toEqual(await items(csv));
    expect(statements(await items(csv, {}, 3))[0]).toMatchObject({
      object: { definition: { name: { en: 'पहला, "भाग"\nएक' } } },
    });
  });
});

describe('the file', () => {
  it.each([
    ['a column that is not known', 'mbox,course,completedAt,scoer\n', /"scoer".*--ignore-columns scoer/],
    ['no course', 'mbox,completedAt\n', /no column course/],
    ['a column twice', 'mbox,email,course,completedAt\n', /two columns for mbox/],
    [
      'broken quotes',
      'mbox,course,completedAt\na@b.in,"https"//,2026-03-31\nc@d.in,x,2026-03-31\n',
      /line 2:.*mend the quotes/,
    ],
    [
      'quotes that never end',
      'mbox,course,completedAt\na@b.in,"https://x,2026-03-31\nc@d.in,x,2026-03-31\n',
      /mend the quotes/,
    ],
  ])('is refused with %s', async (_name, csv, words) => {
    const reading = items(csv);
    await expect(reading).rejects.toThrow(SourceRefused);
    await expect(reading).rejects.toThrow(words);
  });

  it('leaves out the columns it is told to', async () => {
    const csv = 'mbox,course,completedAt,remarks\na@b.in,https://example.in/c,2026-03-31,seen\n';
    expect(await items(csv, { ignoredColumns: ['Remarks'] })).toHaveLength(1);
  });
});

describe('a time', () => {
  it.each([
    ['2026-03-31', '2026-03-31T00:00:00+05:30'],
    ['31-03-2026', '2026-03-31T00:00:00+05:30'],
    ['1/4/2026', '2026-04-01T00:00:00+05:30'],
    ['31/03/2026 17:05', '2026-03-31T17:05:00+05:30'],
    ['2026-03-31 17:05:09.5', '2026-03-31T17:05:09.5+05:30'],
    ['2026-03-31T17:05:00Z', '2026-03-31T17:05:00Z'],
    ['2026-03-31T17:05:00-0800', '2026-03-31T17:05:00-08:00'],
    ['29.02.2028', '2028-02-29T00:00:00+05:30'],
  ])('%s is %s', (text, instant) => {
    expect(inKolkata(text)).toBe(instant);
  });

  it.each(['', '2026-02-29', '31/04/2026', '03/31/2026', '2026-03-31T24:00', '45000', '31-3-26', 'yesterday'])(
    '%s is none',
    (text) => {
      expect(inKolkata(text)).toBeUndefined();
    },
  );
});
