// multipart/mixed (RFC 2046 5.1, xAPI 1.0.3 Communication 1.5.2): what goes in comes out byte for byte, and rubbish is refused.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  closingBoundary,
  MalformedMultipart,
  newBoundary,
  type Part,
  parseMultipart,
  partHead,
} from '../../../src/http/xapi/multipart.ts';

const MAX_PARTS = 100;

function written(boundary: string, parts: readonly { headers: Record<string, string>; content: Uint8Array }[]): Buffer {
  const pieces = parts.flatMap(({ headers, content }, at) => [partHead(boundary, headers, at === 0), content]);
  return Buffer.concat([...pieces, closingBoundary(boundary)]);
}

function contents(parts: readonly Part[]): string[] {
  return parts.map(({ content }) => content.toString('latin1'));
}

/** Content made of what confuses parsers: line breaks, dashes, beginnings of the boundary. */
function content(boundary: string): fc.Arbitrary<Uint8Array> {
  const piece = fc.oneof(
    fc.constantFrom(
      '\r\n',
      '\r',
      '\n',
      '--',
      '\r\n--',
      `--${boundary.slice(0, -1)}`,
      `\r\n--${boundary.slice(0, -1)}`,
      ' ',
      ':',
    ),
    fc.string({ maxLength: 8 }),
  );
  return fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.array(piece, { maxLength: 12 }).map((pieces) => Buffer.from(pieces.join(''))),
  );
}

const headers = fc
  .uniqueArray(fc.constantFrom('content-type', 'content-transfer-encoding', 'x-experience-api-hash'))
  .map((names) => Object.fromEntries(names.map((name, at) => [name, `value ${at}; of="${name}"`])));

describe('multipart/mixed', () => {
  test('whatever the parts hold, they come back byte for byte', () => {
    const boundary = 'aB0';
    fc.assert(
      fc.property(
        fc.array(fc.record({ headers, content: content(boundary) }), { minLength: 1, maxLength: 5 }),
        (parts) => {
          // Content that holds the very delimiter needs another boundary; a random one never meets it.
          const safe = parts.some((part) => Buffer.from(part.content).includes(`--${boundary}`))
            ? newBoundary()
            : boundary;
          const read = parseMultipart(written(safe, parts), safe, MAX_PARTS);
          expect(read.map((part) => ({ ...part.headers }))).toEqual(parts.map((part) => part.headers));
          expect(contents(read)).toEqual(parts.map((part) => Buffer.from(part.content).toString('latin1')));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('rubbish is refused as malformed and never breaks the parser', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 300 }), content('b')),
        fc.string({ maxLength: 80 }),
        (bytes, boundary) => {
          try {
            parseMultipart(Buffer.from(bytes), boundary, MAX_PARTS);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedMultipart);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('every body cut short is refused', () => {
    const parts = [
      { headers: { 'content-type': 'application/json' }, content: Buffer.from('{"a":1}') },
      { headers: {}, content: Buffer.from('text') },
    ];
    const whole = written('cut', parts);
    // The last four bytes are the closing dashes' line break and may be missing; the dashes may not.
    for (let length = 0; length < whole.byteLength - 2; length++) {
      expect(() => parseMultipart(whole.subarray(0, length), 'cut', MAX_PARTS)).toThrow(MalformedMultipart);
    }
  });

  test('preamble, epilogue, padding after the boundary and folded headers are taken as RFC 2046 has them', () => {
    const body = [
      'this is for readers without MIME',
      '--gc0p4Jq0M  \t',
      'Content-Type: text/plain;',
      '  charset=us-ascii',
      '',
      'one',
      '--gc0p4Jq0M',
      '',
      'two',
      '--gc0p4Jq0M--',
      'and this is not for anybody',
    ].join('\r\n');
    const [first, second, ...none] = parseMultipart(Buffer.from(body), 'gc0p4Jq0M', MAX_PARTS);
    expect(first?.headers['content-type']).toBe('text/plain; charset=us-ascii');
    expect(first?.content.toString()).toBe('one');
    expect({ ...second?.headers }).toEqual({});
    expect(second?.content.toString()).toBe('two');
    expect(none).toEqual([]);
  });

  test('a longer line that begins like the boundary is content', () => {
    const body = '--ab\r\n\r\n--abc is not the boundary\r\n--abcd\r\n--ab--';
    expect(contents(parseMultipart(Buffer.from(body), 'ab', MAX_PARTS))).toEqual([
      '--abc is not the boundary\r\n--abcd',
    ]);
  });

  test.each([
    ['lines that end with LF alone', '--b\nContent-Type: application/json\n\n{}\n--b--\n', 'b'],
    ['no boundary in the body', 'Content-Type: application/json\r\n\r\n{}', 'b'],
    ['headers without an end', '--b\r\nContent-Type: application/json\r\n--b--', 'b'],
    ['a header without a colon', '--b\r\nrubbish\r\n\r\n{}\r\n--b--', 'b'],
    ['a header twice', '--b\r\nA: 1\r\na: 2\r\n\r\n{}\r\n--b--', 'b'],
    ['an empty boundary', '--\r\n\r\n{}\r\n----', ''],
    ['a boundary of more than 70 characters', `--${'b'.repeat(71)}\r\n\r\n{}\r\n--${'b'.repeat(71)}--`, 'b'.repeat(71)],
    ['a boundary with a line break', '--b\r\nc\r\n\r\n{}\r\n--b\r\nc--', 'b\r\nc'],
  ])('%s is refused', (_what, body, boundary) => {
    expect(() => parseMultipart(Buffer.from(body), boundary, MAX_PARTS)).toThrow(MalformedMultipart);
  });

  test('more parts than allowed are refused', () => {
    const parts = Array.from({ length: 4 }, () => ({ headers: {}, content: Buffer.from('x') }));
    expect(parseMultipart(written('n', parts), 'n', 4)).toHaveLength(4);
    expect(() => parseMultipart(written('n', parts), 'n', 3)).toThrow(/more than 3 parts/);
  });

  test('a value with a line break in it cannot make a header of its own', () => {
    const head = partHead('b', { 'Content-Type': 'text/plain\r\nX-Evil: 1' }, true).toString('latin1');
    expect(head).toBe('--b\r\nContent-Type: text/plain??X-Evil: 1\r\n\r\n');
  });
});
