// One JSON array of statements, element by element: the bytes of each are cut out without parsing the whole.

import type { Piece } from './files.ts';
import { isBlank, LONGEST_PIECE, tooLong, withoutByteOrderMark } from './lines.ts';
import { SourceRefused } from './source.ts';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LINE_FEED = 0x0a;

/**
 * The elements of the array, with their place. Only brackets and strings are followed; what is between them is judged when
 * the element is parsed. @throws SourceRefused when the array does not end, or something comes after it
 */
export async function* arrayElements(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Piece[]> {
  let state = 'before' as 'before' | 'between' | 'inside' | 'after';
  let depth = 0;
  let inString = false;
  let escaped = false;
  let line = 1;
  let startLine = 1;
  let element = 0;
  let rest: Uint8Array[] = [];
  let restLength = 0;
  let first = true;
  let afterComma = false;

  for await (const read of chunks) {
    const chunk = first ? withoutByteOrderMark(read) : read;
    first = false;
    const run: Piece[] = [];
    let start = 0;
    const finish = (end: number) => {
      const bytes = Buffer.concat([...rest, chunk.subarray(start, end)]);
      rest = [];
      restLength = 0;
      element++;
      run.push({ bytes, place: { text: `element ${element} (line ${startLine})`, line: startLine } });
    };
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (byte === LINE_FEED) line++;
      if (state === 'inside') {
        if (inString) {
          if (escaped) escaped = false;
          else if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inString = false;
        } else if (byte === QUOTE) inString = true;
        else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) depth++;
        else if (depth > 0 && (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT)) depth--;
        else if (depth === 0 && (byte === COMMA || byte === CLOSE_ARRAY)) {
          finish(at);
          afterComma = byte === COMMA;
          state = byte === COMMA ? 'between' : 'after';
        }
        continue;
      }
      if (isBlank(byte)) continue;
      if (state === 'before') {
        if (byte !== OPEN_ARRAY) throw new SourceRefused(`line ${line}: a JSON array of statements begins with [`);
        state = 'between';
      } else if (state === 'between') {
        if (byte === CLOSE_ARRAY && !afterComma) state = 'after';
        else if (byte === CLOSE_ARRAY || byte === COMMA)
          throw new SourceRefused(`line ${line}: a statement is missing`);
        else {
          state = 'inside';
          start = at;
          startLine = line;
          depth = byte === OPEN_ARRAY || byte === OPEN_OBJECT ? 1 : 0;
          inString = byte === QUOTE;
        }
      } else throw new SourceRefused(`line ${line}: there is something after the end of the array`);
    }
    if (state === 'inside') {
      rest.push(chunk.subarray(start));
      restLength += chunk.length - start;
      if (restLength > LONGEST_PIECE) throw tooLong(startLine);
    }
    if (run.length > 0) yield run;
  }
  if (state !== 'after') throw new SourceRefused(`the array does not end: the file was cut off in line ${line}`);
}
