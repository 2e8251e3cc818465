// multipart/mixed as xAPI uses it (RFC 2046 5.1, xAPI 1.0.3 Communication 1.5.2), for bodies that are already in memory. Line
// breaks are CRLF and nothing else: a parser that guesses them would change attachments.

import { randomBytes } from 'node:crypto';

export interface Part {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** A view of the body handed in, not a copy. */
  readonly content: Buffer;
}

/** The body is not well-formed multipart. */
export class MalformedMultipart extends Error {
  override readonly name = 'MalformedMultipart';
}

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;
const END_OF_HEADERS = Buffer.from('\r\n\r\n');
/** RFC 2046 5.1.1: 1 to 70 characters of these, not ending in a space. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=? ]{0,69}[0-9A-Za-z'()+_,\-./:=?]$/;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/s;
const UNPRINTABLE = /[^\x20-\x7e]/g;
const MAX_HEADER_BYTES = 16 * 1024;

/**
 * The parts between the boundaries; preamble and epilogue are dropped.
 * @param maxParts more than that are refused
 * @throws MalformedMultipart
 */
export function parseMultipart(body: Buffer, boundary: string, maxParts: number): Part[] {
  if (!BOUNDARY.test(boundary)) throw new MalformedMultipart('the boundary is not one that RFC 2046 allows');
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const parts: Part[] = [];
  let line = firstDelimiter(body, delimiter);
  while (!line.closes) {
    const next = nextDelimiter(body, delimiter, line.after);
    if (!next) throw new MalformedMultipart('the closing boundary is missing');
    if (parts.length === maxParts) throw new MalformedMultipart(`there are more than ${maxParts} parts`);
    parts.push(readPart(body.subarray(line.after, next.before), parts.length));
    line = next;
  }
  return parts;
}

interface DelimiterLine {
  /** Where the content before it ends. */
  readonly before: number;
  /** Where the next part begins: after the line's CRLF. */
  readonly after: number;
  readonly closes: boolean;
}

function firstDelimiter(body: Buffer, delimiter: Buffer): DelimiterLine {
  // The very first delimiter needs no line break before it.
  const atStart = delimiter.subarray(2);
  if (body.subarray(0, atStart.byteLength).equals(atStart)) {
    const line = delimiterLine(body, 0, atStart.byteLength);
    if (line) return line;
  }
  const line = nextDelimiter(body, delimiter, 0);
  if (!line) throw new MalformedMultipart('the boundary does not occur in the body');
  return line;
}

function nextDelimiter(body: Buffer, delimiter: Buffer, from: number): DelimiterLine | undefined {
  // A part without content: the CRLF that ends the delimiter line may also begin the next delimiter.
  let at = body.indexOf(delimiter, Math.max(0, from - 2));
  while (at >= 0) {
    const line = delimiterLine(body, at, at + delimiter.byteLength);
    if (line) return { ...line, before: Math.max(line.before, from) };
    at = body.indexOf(delimiter, at + 1);
  }
  return undefined;
}

/** Undefined when the line goes on: a longer line of content that begins like the boundary. */
function delimiterLine(body: Buffer, before: number, end: number): DelimiterLine | undefined {
  if (body[end] === DASH && body[end + 1] === DASH) return { before, after: end + 2, closes: true };
  let at = end;
  while (body[at] === SPACE || body[at] === TAB) at += 1;
  if (body[at] === CR && body[at + 1] === LF) return { before, after: at + 2, closes: false };
  return undefined;
}

function readPart(bytes: Buffer, place: number): Part {
  // No headers at all: the part begins with its empty line.
  if (bytes[0] === CR && bytes[1] === LF) return { headers: {}, content: bytes.subarray(2) };
  const end = bytes.subarray(0, MAX_HEADER_BYTES).indexOf(END_OF_HEADERS);
  if (end < 0) throw new MalformedMultipart(`part ${place}: the headers do not end with an empty line`);
  const headers: Record<string, string> = Object.create(null);
  const unfolded = bytes.toString('latin1', 0, end).replace(/\r\n[ \t]+/g, ' ');
  for (const text of unfolded.split('\r\n')) {
    const [, name, value] = HEADER_LINE.exec(text) ?? [];
    if (name === undefined || value === undefined) throw new MalformedMultipart(`part ${place}: a malformed header`);
    const known = name.toLowerCase();
    if (known in headers) throw new MalformedMultipart(`part ${place}: the header ${known} occurs twice`);
    headers[known] = value;
  }
  return { headers, content: bytes.subarray(end + END_OF_HEADERS.byteLength) };
}

/** Letters and digits only, so that no client needs to quote it; 128 bits: it does not occur in any content. */
export function newBoundary(): string {
  return `pramaan${randomBytes(16).toString('hex')}`;
}

/** What stands before a part's content: the delimiter line and its headers. */
export function partHead(boundary: string, headers: Readonly<Record<string, string>>, first: boolean): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value.replace(UNPRINTABLE, '?')}\r\n`);
  return Buffer.from(`${first ? '' : '\r\n'}--${boundary}\r\n${lines.join('')}\r\n`, 'latin1');
}

export function closingBoundary(boundary: string): Buffer {
  return Buffer.from(`\r\n--${boundary}--\r\n`, 'latin1');
}
