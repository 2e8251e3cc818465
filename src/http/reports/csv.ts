// Reports as CSV (RFC 4180), for a nodal officer's spreadsheet: UTF-8 with a byte order mark, without which Excel garbles
// Devanagari; one row a row of the report, every member of it a column; as of when it holds in the last columns of every row, so that
// no filter, sort or copy parts a figure from its date. The columns come from the schema of the row.

import { z } from 'zod';
import type { AsOf } from '../../../contracts/http/reports.ts';

export const BYTE_ORDER_MARK = '\uFEFF';

export interface Column {
  readonly title: string;
  readonly path: readonly string[];
}

/** `total.completionShare.numerator` becomes a column `total completion share numerator`. */
export function columnsOf(row: z.ZodType, path: readonly string[] = []): Column[] {
  const bare = withoutWrappers(row);
  if (bare instanceof z.ZodObject) {
    return Object.entries(bare.shape).flatMap(([name, member]) => columnsOf(member as z.ZodType, [...path, name]));
  }
  return [{ title: titleOf(path), path }];
}

const AS_OF = ['as on', 'known at', 'sequence'] as const;

export function headLine(columns: readonly Column[]): string {
  return line([...columns.map(({ title }) => title), ...AS_OF]);
}

export function rowLine(columns: readonly Column[], row: unknown, { on, knownAt, sequence }: AsOf): string {
  return line([...columns.map(({ path }) => valueAt(row, path)), on, knownAt, sequence]);
}

function withoutWrappers(schema: z.ZodType): z.ZodType {
  return schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
    ? withoutWrappers(schema.unwrap() as z.ZodType)
    : schema;
}

function titleOf(path: readonly string[]): string {
  return path
    .join(' ')
    .replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replace(/\bname(s)? (hi|en)\b/, 'name ($2)')
    .replace(/\btitle(s)? (hi|en)\b/, 'title ($2)');
}

function valueAt(row: unknown, path: readonly string[]): unknown {
  let value = row;
  for (const name of path) value = (value as Record<string, unknown> | null | undefined)?.[name];
  return value;
}

function line(cells: readonly unknown[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

function cell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return quoted(unarmed(Array.isArray(value) ? value.map(textOf).join('; ') : textOf(value)));
}

/** Of what is not one value: its plain members. */
function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.entries(value)
    .filter(([, member]) => typeof member !== 'object')
    .map(([name, member]) => `${name} ${member}`)
    .join(', ');
}

/**
 * A name somebody chose must not become a formula of whoever opens the file: spreadsheets begin one with these, the wide forms
 * included, and some pass over what is not seen before them. An apostrophe makes it text.
 */
function unarmed(text: string): string {
  return /^[\s\p{C}]*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
