// A CSV of completions as a source: the header is matched to the columns, each further record becomes a statement.

import { once } from 'node:events';
import { type CsvError, type Info, type Parser, parse } from 'csv-parse';
import { COLUMNS, type Column, type CompletionOptions, completionOf, type Row } from './completion.ts';
import { likelyDelimiter } from './delimiter.ts';
import { type Item, SourceRefused } from './source.ts';
import { badItem, toItem } from './statement-item.ts';

export type { CompletionOptions } from './completion.ts';

/** @throws SourceRefused when the header names no course or learner, or a column that is not known */
export async function* completionItems(
  chunks: AsyncIterable<Uint8Array>,
  options: CompletionOptions,
): AsyncGenerator<readonly Item[]> {
  let parser: Parser | undefined;
  let run: Item[] = [];
  let failure: Error | undefined;

  const begin = (first: Uint8Array): Parser => {
    let columns: readonly (Column | undefined)[] | undefined;
    const begun = parse({
      bom: true,
      delimiter: options.delimiter ?? likelyDelimiter(first),
      skip_empty_lines: true,
      trim: true,
      info: true,
      raw: true,
      // A broken row becomes a bad item of its own; the rows after it are still read.
      skip_records_with_error: true,
      // Rows are taken here, in order with the broken ones, and none goes on to the readable side.
      on_record: (taken) => {
        // With `info` and `raw` set the parser hands over more than its types say.
        const { record, raw, info } = taken as unknown as { record: string[]; raw: string; info: Info };
        if (failure) return null;
        try {
          if (!columns) columns = columnsOf(record, options);
          else run.push(rowItem(record, columns, raw, info.lines, options));
        } catch (error) {
          failure = error as Error;
        }
        return null;
      },
    });
    begun.on('skip', (error: CsvError, raw?: string) => {
      if (failure) return;
      const line = Number(error.lines ?? 0);
      if (!columns) failure = new SourceRefused(`The header cannot be read: ${error.message}.`);
      else if (error.code.includes('QUOTE')) failure = quotesBroken(line, error.message);
      if (failure) return;
      const text = raw ?? '';
      run.push(badItem({ text: `line ${line}`, line }, text, [{ path: '$', message: error.message }]));
    });
    begun.on('error', (error) => {
      failure ??= error;
    });
    begun.resume();
    return begun;
  };

  for await (const chunk of chunks) {
    parser ??= begin(chunk);
    if (!parser.write(chunk)) await once(parser, 'drain');
    if (run.length > 0) yield run;
    if (failure) throw failure;
    run = [];
  }
  if (!parser) return;
  parser.end();
  if (!parser.readableEnded && !parser.destroyed) await once(parser, 'end');
  if (run.length > 0) yield run;
  if (failure) throw failure;
}

/** Behind a broken quote nobody can tell where rows begin; going on would swallow or invent some. */
function quotesBroken(line: number, message: string): SourceRefused {
  return new SourceRefused(
    `line ${line}: ${message}. Behind it rows cannot be told apart: mend the quotes and start again.`,
  );
}

const PLAIN = new Map<string, Column>((Object.keys(COLUMNS) as Column[]).map((column) => [plain(column), column]));
for (const [other, column] of [
  ['email', 'mbox'],
  ['learnermbox', 'mbox'],
  ['learneraccountname', 'accountName'],
  ['learneraccounthomepage', 'accountHomePage'],
  ['learneremployeecode', 'employeeCode'],
  ['name', 'learnerName'],
  ['courseiri', 'course'],
  ['courseid', 'course'],
  ['coursetitle', 'title'],
] as const) {
  PLAIN.set(other, column);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_\-.]/g, '');
}

function columnsOf(header: readonly string[], options: CompletionOptions): readonly (Column | undefined)[] {
  const ignored = new Set(options.ignoredColumns.map(plain));
  const unknown: string[] = [];
  const columns = header.map((name) => {
    const column = PLAIN.get(plain(name));
    if (ignored.has(plain(name))) return undefined;
    if (!column) unknown.push(name);
    return column;
  });
  const known = Object.keys(COLUMNS).join(', ');
  if (unknown.length > 0) {
    throw new SourceRefused(
      `The CSV has columns that are not known: ${unknown.map((name) => `"${name}"`).join(', ')}. Known are ${known}. ` +
        `Leave columns out with --ignore-columns ${unknown.join(',')}`,
    );
  }
  const twice = columns.find((column, at) => column && columns.indexOf(column) !== at);
  if (twice) throw new SourceRefused(`The CSV has two columns for ${twice}.`);
  const missing = (['course', 'completedAt'] as const).filter((column) => !columns.includes(column));
  if (missing.length > 0)
    throw new SourceRefused(`The CSV has no column ${missing.join(' and no column ')}. Known are ${known}.`);
  return columns;
}

function rowItem(
  record: readonly string[],
  columns: readonly (Column | undefined)[],
  raw: string,
  line: number,
  options: CompletionOptions,
): Item {
  const row: Record<string, string> = {};
  columns.forEach((column, at) => {
    const field = record[at];
    if (column && field) row[column] = field;
  });
  const text = raw.trim();
  // The parser counts to the record's end; a person looks for its beginning.
  const begins = line - text.split('\n').length + 1;
  const place = { text: `line ${begins}`, line: begins };
  const completion = completionOf(row as Row, options);
  if (!completion.ok) return badItem(place, text, completion.problems);
  return toItem(completion.statement, { place, raw: text, namespace: 'completion' });
}
