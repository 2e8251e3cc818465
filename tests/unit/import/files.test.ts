// What an import reads out of files: NDJSON, JSON arrays, gzip.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type FileOptions, type Item, openFile } from '../../../src/import/index.ts';
import { arrayElements } from '../../../src/import/json-array.ts';
import { lines } from '../../../src/import/lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'pramaan-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

const AN_ID = 'f1f58a33-02ba-4d4b-a5b1-6c0b0a3f7a11';
const statement = {
  id: AN_ID,
  actor: { mbox: 'mailto:asha@example.in', name: 'आशा' },
  verb: { id: 'http://adlnet.gov/expapi/verbs/completed' },
  object: { id: 'https://example.in/course/1' },
};

async function read(name: string, content: string | Uint8Array, options: Partial<FileOptions> = {}): Promise<Item[]> {
  const path = join(folder, name);
  writeFileSync(path, content);
  const source = await openFile(path, { completions: { titleLanguage: 'en', ignoredColumns: [] }, ...options });
  const items: Item[] = [];
  for await (const run of source.items()) items.push(...run);
  return items;
}

describe('NDJSON', () => {
  it('gives each line as it is, with its number, whatever the line endings and the byte order mark', async () => {
    const text = JSON.stringify(statement);
    const items = await read('endings.ndjson', `\uFEFF${text}\r\n\n  ${text}  \n${text}`);
    expect(items.map((item) => item.place.line)).toEqual([1, 3, 4]);
    expect(items.map((item) => item.kind === 'statement' && item.json)).toEqual([text, text, text]);
  });

  it('names a line that is not JSON and goes on behind it', async () => {
    const items = await read(
      'broken.ndjson',
      `${JSON.stringify(statement)}\n{"id": \n[1]\n${JSON.stringify(statement)}\n`,
    );
    expect(items.map((item) => item.kind)).toEqual(['statement', 'bad', 'bad', 'statement']);
    expect(items[1]?.place.text).toBe('line 2');
    expect(items[2]).toMatchObject({ problems: [{ path: '$', message: 'a statement is a JSON object' }] });
  });

  it('names a line that is not UTF-8', async () => {
    const items = await read('latin1.ndjson', Buffer.from(JSON.stringify({ ...statement, x: 'é' }), 'latin1'));
    expect(items.map((item) => item.kind)).toEqual(['bad']);
  });

  it('says what to do with the result of a query', async () => {
    const items = await read('result.ndjson', JSON.stringify({ statements: [statement], more: '' }));
    expect(items[0]).toMatchObject({ kind: 'bad', problems: [{ path: '$.statements' }] });
  });

  it('is found out inside gzip, whatever the name', async () => {
    const items = await read('zipped', gzipSync(`${JSON.stringify(statement)}\n`));
    expect(items).toMatchObject([{ kind: 'statement', id: AN_ID }]);
  });

  it('says so when gzip is cut off', async () => {
    const zipped = gzipSync(Buffer.from(`${JSON.stringify(statement)}\n`.repeat(1000)));
    await expect(read('cut.ndjson.gz', zipped.subarray(0, zipped.length - 20))).rejects.toThrow(/cannot be read/);
  });
});

describe('a JSON array', () => {
  it('gives the same statements as NDJSON, with element and line', async () => {
    const items = await read(
      'array.json',
      `[\n${JSON.stringify(statement, null, 2)},\n${JSON.stringify(statement)}\n]\n`,
    );
    expect(items.map((item) => item.kind === 'statement' && JSON.parse(item.json))).toEqual([statement, statement]);
    expect(items[0]?.place).toEqual({ text: 'element 1 (line 2)', line: 2 });
  });

  it('names a broken element and goes on behind it', async () => {
    const items = await read('element.json', `[{"a":tru},${JSON.stringify(statement)}]`);
    expect(items.map((item) => item.kind)).toEqual(['bad', 'statement']);
  });

  it.each(['[{"a":1}', '[{"a":1},]', '[,{"a":1}]', '[{"a":1}] x', '[', '["abc'])('refuses %s', async (text) => {
    await expect(read('wrong.json', text)).rejects.toThrow(/line|array/);
  });

  it('is cut into its elements wherever the chunks end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.json()), fc.integer({ min: 1, max: 7 }), async (texts, size) => {
        const bytes = Buffer.from(`[${texts.join(' ,\n')}]`);
        const found: unknown[] = [];
        for await (const run of arrayElements(inChunks(bytes, size))) {
          for (const piece of run) found.push(JSON.parse(Buffer.from(piece.bytes).toString('utf8')));
        }
        expect(found).toEqual(texts.map((text) => JSON.parse(text)));
      }),
      { numRuns: 200 },
    );
  });
});

it('lines are the same wherever the chunks end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.json()), fc.integer({ min: 1, max: 7 }), async (texts, size) => {
      const found: [number | undefined, string][] = [];
      for await (const run of lines(inChunks(Buffer.from(texts.join('\n')), size))) {
        for (const { bytes, place } of run) found.push([place.line, Buffer.from(bytes).toString('utf8')]);
      }
      expect(found).toEqual(texts.map((text, at) => [at + 1, text]));
    }),
    { numRuns: 200 },
  );
});

async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
