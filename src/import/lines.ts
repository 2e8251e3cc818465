// Bytes into lines, without ever holding more than one line and one chunk.

import type { Piece } from './files.ts';

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** No statement is longer than one event of the log may be; a longer "line" is another kind of file. */
export const LONGEST_PIECE = 64 * 1024 * 1024;

/** Every line that is not blank, with its number; a byte order mark at the start is left out. */
export async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Piece[]> {
  let rest: Uint8Array[] = [];
  let restLength = 0;
  let line = 0;
  for await (const chunk of chunks) {
    const run: Piece[] = [];
    let start = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, start)) {
      const last = chunk.subarray(start, end);
      const bytes = restLength > 0 ? Buffer.concat([...rest, last]) : last;
      rest = [];
      restLength = 0;
      start = end + 1;
      pushLine(run, bytes, ++line);
    }
    if (start < chunk.length) {
      rest.push(chunk.subarray(start));
      restLength += chunk.length - start;
      if (restLength > LONGEST_PIECE) throw tooLong(line + 1);
    }
    if (run.length > 0) yield run;
  }
  const run: Piece[] = [];
  if (restLength > 0) pushLine(run, Buffer.concat(rest), line + 1);
  if (run.length > 0) yield run;
}

function pushLine(run: Piece[], bytes: Uint8Array, line: number): void {
  const whole = trimmed(line === 1 ? withoutByteOrderMark(bytes) : bytes);
  if (whole.length > 0) run.push({ bytes: whole, place: { text: `line ${line}`, line } });
}

function trimmed(bytes: Uint8Array): Uint8Array {
  let start = 0;
  let end = bytes.length;
  while (start < end && isBlank(bytes[start]!)) start++;
  while (end > start && isBlank(bytes[end - 1]!)) end--;
  return bytes.subarray(start, end);
}

/** JSON's white space (RFC 8259 2). */
export function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === LINE_FEED || byte === CARRIAGE_RETURN;
}

export function withoutByteOrderMark(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes;
}

export function tooLong(line: number): Error {
  return new Error(
    `line ${line}: more than ${LONGEST_PIECE / 1024 / 1024} MiB without an end; is this really a file of statements?`,
  );
}
