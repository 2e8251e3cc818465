// Rows as CSV (RFC 4180), piece by piece, so that a file of two million rows is never whole in memory.

export type Row = Readonly<Record<string, string | number | undefined>>;

const PIECE = 64 * 1024;

/** The header and the rows, in pieces of about 64 KiB; nothing at all when there is no row. */
export function* csvOf(columns: readonly string[], rows: Iterable<Row>): Generator<string> {
  let piece: string | undefined;
  for (const row of rows) {
    piece ??= `${columns.join(',')}\r\n`;
    piece += `${columns.map((column) => fieldOf(row[column])).join(',')}\r\n`;
    if (piece.length < PIECE) continue;
    yield piece;
    piece = '';
  }
  if (piece) yield piece;
}

function fieldOf(value: string | number | undefined): string {
  const text = value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
