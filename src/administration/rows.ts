// A file of a load as rows: CSV with one line of column names, separated by comma, semicolon or tab, in UTF-8. Every row comes
// with the line on which it begins, as an editor counts them.

import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { type CsvError, type Info, type Parser, parse } from 'csv-parse';
import { likelyDelimiter } from '../import/delimiter.ts';
import type { Refuse } from './people.ts';

export interface Cells {
  readonly line: number;
  /** What stands in a column; undefined where it is empty or the file has no such column. */
  get(column: string): string | undefined;
}

export interface Row extends Cells {
  readonly fields: readonly string[];
  /** Another row of the same columns. */
  like(line: number, fields: readonly string[]): Row;
}

export interface Columns {
  /** Name and meaning. */
  readonly known: Readonly<Record<string, string>>;
  readonly required: readonly string[];
}

const CHUNK_BYTES = 256 * 1024;
/** A quote that is not closed swallows what comes after it, but no more than this. */
const LONGEST_ROW = 256 * 1024;
/** What may have swallowed the rows behind it, in our words, by the parser's code. */
const SWALLOWING: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quote in this row is not closed',
  CSV_MAX_RECORD_SIZE: `is longer than ${LONGEST_ROW / 1024} KiB; perhaps a quote in it is not closed`,
};

/** Runs of rows. What is not a row of these columns is refused with its line; behind a broken quote nothing is read any more. */
export async function* rowsOf(path: string, columns: Columns, refuse: Refuse): AsyncGenerator<readonly Row[]> {
  let parser: Parser | undefined;
  let run: Row[] = [];
  let stopped = false;
  let named = false;
  const stop = (line: number | undefined, column: string | undefined, message: string): void => {
    if (!stopped) refuse(line, column, message);
    stopped = true;
  };
  const begin = (first: Uint8Array): Parser => {
    let places: ReadonlyMap<string, number> | undefined;
    let width = 0;
    let endedAt = 0;
    const begun = parse({
      bom: true,
      delimiter: likelyDelimiter(first),
      skip_empty_lines: true,
      trim: true,
      info: true,
      relax_column_count: true,
      skip_records_with_error: true,
      max_record_size: LONGEST_ROW,
      // Rows are taken here, in order with the broken ones, and none goes on to the readable side.
      on_record: (taken) => {
        const { record, info } = taken as unknown as { record: string[]; info: Info };
        if (stopped) return null;
        endedAt = info.lines;
        // The parser counts to the record's end; a person looks for its beginning.
        let line = info.lines;
        for (const field of record) if (field.includes('\n')) line -= field.split('\n').length - 1;
        if (!places) {
          width = record.length;
          places = placesOf(record, columns, (column, message) => stop(line, column, message));
          named = true;
        } else if (record.length !== width) {
          refuse(line, undefined, `has ${record.length} fields; the line of column names has ${width}`);
        } else if (record.some((field) => field.includes('\uFFFD'))) {
          refuse(line, undefined, 'is not UTF-8: save the file as "CSV UTF-8"');
        } else run.push(new CsvRow(line, record, places));
        return null;
      },
    });
    begun.on('skip', (error: CsvError) => {
      // A row that swallowed others is told apart by where it begins, not by where it was given up.
      const swallowed = SWALLOWING[error.code];
      const line = swallowed === undefined ? Number(error.lines ?? 0) : endedAt + 1;
      stop(
        line,
        undefined,
        `${swallowed ?? error.message}; behind it rows cannot be told apart, and none was looked at`,
      );
    });
    begun.on('error', (error) => stop(undefined, undefined, error.message));
    begun.resume();
    return begun;
  };

  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Uint8Array>) {
    if (!parser && (chunk[0] === 0xff || chunk[0] === 0xfe))
      stop(1, undefined, 'is UTF-16: save the file as "CSV UTF-8"');
    if (stopped) break;
    parser ??= begin(chunk);
    if (!parser.write(chunk)) await once(parser, 'drain');
    if (run.length > 0) yield run;
    run = [];
  }
  if (parser) {
    parser.end();
    if (!parser.readableEnded && !parser.destroyed) await once(parser, 'end');
  }
  if (!named) stop(1, undefined, 'the file is empty; it needs a line of column names');
  if (run.length > 0 && !stopped) yield run;
}

class CsvRow implements Row {
  readonly line: number;
  readonly fields: readonly string[];
  readonly #places: ReadonlyMap<string, number>;
  constructor(line: number, fields: readonly string[], places: ReadonlyMap<string, number>) {
    this.line = line;
    this.fields = fields;
    this.#places = places;
  }
  get(column: string): string | undefined {
    const place = this.#places.get(column);
    return (place === undefined ? undefined : this.fields[place]) || undefined;
  }
  like(line: number, fields: readonly string[]): Row {
    return new CsvRow(line, fields, this.#places);
  }
}

/** Where each column stands. */
function placesOf(
  header: readonly string[],
  { known, required }: Columns,
  refuse: (column: string | undefined, message: string) => void,
): ReadonlyMap<string, number> {
  const all = Object.keys(known);
  const byPlain = new Map(all.map((column) => [plain(column), column]));
  const places = new Map<string, number>();
  for (const [place, name] of header.entries()) {
    const column = byPlain.get(plain(name));
    if (column === undefined) refuse(name || undefined, `is not a column here; known are ${all.join(', ')}`);
    else if (places.has(column)) refuse(column, 'is there twice');
    else places.set(column, place);
  }
  const missing = required.filter((column) => !places.has(column));
  if (missing.length > 0) refuse(missing[0], `${missing.join(', ')} must be among the columns`);
  return places;
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[\s_\-.]/g, '');
}
