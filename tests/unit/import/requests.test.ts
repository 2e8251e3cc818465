// How statements become requests: grouped in order, with their attachments, and read back from another store's pages.

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { batches, readAhead } from '../../../src/import/batches.ts';
import { readMultipart, writeMultipart } from '../../../src/import/multipart.ts';
import type { Item, StatementItem } from '../../../src/import/source.ts';

const item = (id: string, version: '1.0.3' | '2.0.0' = '1.0.3'): StatementItem => ({
  kind: 'statement',
  place: { text: id },
  raw: id,
  id,
  version,
  json: JSON.stringify({ id }),
  attachments: [],
});

async function* each<T>(elements: readonly T[]): AsyncGenerator<T> {
  yield* elements;
}

async function collect<T>(elements: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of elements) found.push(one);
  return found;
}

describe('batches', () => {
  const anItem = fc.oneof(
    fc
      .record({ kind: fc.constant('bad' as const) })
      .map((): Item => ({ kind: 'bad', place: { text: 'x' }, raw: 'x', problems: [] })),
    fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('1.0.3' as const, '2.0.0' as const))
      .map(([id, version]) => item(id, version)),
  );

  it('keep the order, and hold one version, no id twice, and no more than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anItem),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 40 }),
        async (items, statements, bytes) => {
          const found = await collect(readAhead(batches(each(items), () => ({ statements, bytes }))));
          expect(found.flatMap((batch): readonly Item[] => ('kind' in batch ? [batch] : batch))).toEqual(items);
          for (const batch of found) {
            if ('kind' in batch) continue;
            expect(batch.length).toBeLessThanOrEqual(statements);
            expect(new Set(batch.map(({ version }) => version)).size).toBe(1);
            expect(new Set(batch.map(({ id }) => id)).size).toBe(batch.length);
            expect(batch.length === 1 || batch.reduce((sum, { json }) => sum + json.length, 0) <= bytes).toBe(true);
          }
        },
      ),
    );
  });

  it('become smaller while they are made, when the store says that they are too large', async () => {
    let statements = 4;
    const made = batches(each('abcdefghij'.split('').map((id) => item(id))), () => ({ statements, bytes: 1000 }));
    expect(((await made.next()).value as StatementItem[]).length).toBe(4);
    statements = 2;
    expect(((await made.next()).value as StatementItem[]).length).toBe(2);
  });

  it('read ahead hand over everything before a failure', async () => {
    async function* failing() {
      yield 1;
      yield 2;
      throw new Error('cut off');
    }
    const found: number[] = [];
    await expect(
      (async () => {
        for await (const one of readAhead(failing())) found.push(one);
      })(),
    ).rejects.toThrow('cut off');
    expect(found).toEqual([1, 2]);
  });
});

describe('multipart/mixed', () => {
  it('is read as it was written, whatever the attachments hold', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), (contents) => {
        const attachments = contents.map((content) => ({
          sha256: createHash('sha256').update(content).digest('hex'),
          contentType: 'application/pdf',
          content,
        }));
        const { contentType, body } = writeMultipart(Buffer.from('[{}]'), attachments);
        const [first, ...rest] = readMultipart(body, contentType)!;
        expect(Buffer.from(first!.content).toString()).toBe('[{}]');
        expect(
          rest.map(({ headers, content }) => [headers.get('x-experience-api-hash'), Buffer.from(content)]),
        ).toEqual(attachments.map(({ sha256, content }) => [sha256, Buffer.from(content)]));
      }),
    );
  });

  it('may begin with a preamble, quote its boundary and end without a line', () => {
    const body = 'preamble\r\n--a b\r\nContent-Type: application/json\r\n\r\n{}\r\n--a b\r\n\r\nraw\r\n--a b--';
    const parts = readMultipart(Buffer.from(body), 'multipart/mixed; boundary="a b"');
    expect(parts?.map(({ content }) => Buffer.from(content).toString())).toEqual(['{}', 'raw']);
  });

  it.each(['', '--b', '--b\r\n\r\nx', '--b\r\nno blank line\r\n--b--', 'x'])('is refused when broken: %j', (body) => {
    expect(readMultipart(Buffer.from(body), 'multipart/mixed; boundary=b')).toBeUndefined();
  });
});
