// What separates the fields of a CSV, where nobody says so.

/** Of comma, semicolon and tab the one that the header has most of: spreadsheets write what their language settings say. */
export function likelyDelimiter(first: Uint8Array): string {
  const header = Buffer.from(first).toString('utf8').split(/\r?\n/, 1)[0]!;
  const count = (delimiter: string) => header.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, next) => (count(next) > count(best) ? next : best));
}
