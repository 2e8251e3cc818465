// CSV of reports: what a spreadsheet reads back is what the report said, as of when it said it, and nothing in it is a formula.

import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { type AsOf, REPORTS } from '../../../contracts/http/reports.ts';
import { BYTE_ORDER_MARK, columnsOf, headLine, rowLine } from '../../../src/http/reports/csv.ts';

const AS_OF: AsOf = {
  on: '2026-03-31',
  knownAt: '2026-04-09T18:29:59.999999Z',
  sequence: 4711,
  final: true,
  lagMs: 0,
};
const row = z.strictObject({
  name: z.string(),
  count: z.int(),
  completionShare: z.strictObject({ numerator: z.int(), percent: z.number().nullable() }),
  posting: z.strictObject({ names: z.strictObject({ hi: z.string().optional() }) }).nullable(),
  tags: z.array(z.string()),
  paused: z.boolean(),
});
const columns = columnsOf(row);
const ROW = {
  name: 'राम, "छोटे"',
  count: -3,
  completionShare: { numerator: 2, percent: null },
  posting: { names: { hi: 'स्वास्थ्य' } },
  tags: ['ai', 'cyber-security'],
  paused: false,
} satisfies z.infer<typeof row>;

function readBack(...rows: readonly unknown[]): Record<string, string>[] {
  const text = BYTE_ORDER_MARK + headLine(columns) + rows.map((one) => rowLine(columns, one, AS_OF)).join('');
  return parse(text, { bom: true, columns: true, record_delimiter: '\r\n' });
}

test('every member is a column, and as of when it holds stands in every row', () => {
  expect(readBack(ROW, { ...ROW, posting: null })).toEqual([
    {
      name: 'राम, "छोटे"',
      count: '-3',
      'completion share numerator': '2',
      'completion share percent': '',
      'posting name (hi)': 'स्वास्थ्य',
      tags: 'ai; cyber-security',
      paused: 'false',
      'as on': '2026-03-31',
      'known at': '2026-04-09T18:29:59.999999Z',
      sequence: '4711',
    },
    expect.objectContaining({ 'posting name (hi)': '', sequence: '4711' }),
  ]);
});

describe('a name cannot become a formula', () => {
  test.each([
    '=HYPERLINK("http://evil.example","x")',
    '+1',
    '-2+3',
    '@SUM(A1)',
    '\t=1',
    ' =1',
    '\r\n=1',
    '＝1',
    '\u200b=1',
  ])('%j', (name) => {
    expect(readBack({ ...ROW, name })[0]!.name).toBe(`'${name}`);
  });

  test('nor a tag, in the first place of its cell', () => {
    expect(readBack({ ...ROW, tags: ['=1', 'x'] })[0]!.tags).toBe("'=1; x");
  });

  test('and whatever is no danger is left as it is', () => {
    for (const name of ['राम', 'a=b', '1-2', "O'Brien", 'सीता @ लखनऊ']) {
      expect(readBack({ ...ROW, name })[0]!.name).toBe(name);
    }
  });
});

test('any text comes back from a reader of CSV as it was, but for the apostrophe', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const back = readBack({ ...ROW, name })[0]!.name!;
      expect(back.startsWith("'") && back !== name ? back.slice(1) : back).toBe(name);
      expect(back).not.toMatch(/^[\s\p{C}]*[=+\-@]/u);
    }),
  );
});

test.each(
  Object.entries(REPORTS).flatMap(([name, report]) => ('rows' in report ? [[name, report.rows] as const] : [])),
)('%s: every column has a title of its own', (_, rows) => {
  const titles = columnsOf(rows).map(({ title }) => title);
  expect(titles.length).toBeGreaterThan(3);
  expect(new Set([...titles, 'as on', 'known at']).size).toBe(titles.length + 2);
});
