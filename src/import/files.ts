// Files as sources: statements one a line (NDJSON), statements in one JSON array, or completions as CSV; each may be gzipped.

import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { parseBody } from '../../contracts/xapi/index.ts';
import { attachmentsFrom, inFolder } from './attachments.ts';
import { type CompletionOptions, completionItems } from './completions-csv.ts';
import { arrayElements } from './json-array.ts';
import { lines } from './lines.ts';
import { type ImportSource, type Item, type Place, SourceRefused, type StatementObject } from './source.ts';
import { badItem, toItem } from './statement-item.ts';

export const FILE_FORMATS = ['ndjson', 'json', 'csv'] as const;
export type FileFormat = (typeof FILE_FORMATS)[number];

export interface FileOptions {
  /** Unset: CSV by the name's ending, else by the first character. */
  readonly format?: FileFormat;
  readonly completions: CompletionOptions;
  /** Where the contents of attachments lie, each under the SHA-256 of its content. */
  readonly attachments?: string;
}

/** @throws SourceRefused when the file is missing, empty of anything readable, or not of the format */
export async function openFile(path: string, options: FileOptions): Promise<ImportSource> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new SourceRefused(error.code === 'ENOENT' ? `There is no file ${path}.` : `${path}: ${error.message}`);
  });
  if (!found.isFile()) throw new SourceRefused(`${path} is not a file.`);
  const zipped = await isGzip(path);
  let read = 0;
  const bytes = () => contentOf(path, zipped, (count) => (read += count));
  const format = options.format ?? (/\.csv(\.gz)?$/i.test(path) ? 'csv' : await jsonFormat(bytes()));
  return {
    kind: 'file',
    name: path,
    description: {
      format,
      ...(format === 'csv' ? { completions: JSON.stringify(options.completions) } : {}),
    },
    items() {
      read = 0;
      if (format === 'csv') return completionItems(bytes(), options.completions);
      return statementsOf(format === 'json' ? arrayElements(bytes()) : lines(bytes()), options.attachments);
    },
    progress: () => ({ read: Math.min(read, found.size), total: found.size }),
  };
}

/** A piece of a file that should hold one JSON value. */
export interface Piece {
  readonly bytes: Uint8Array;
  readonly place: Place;
}

async function* statementsOf(
  runs: AsyncIterable<readonly Piece[]>,
  folder: string | undefined,
): AsyncGenerator<readonly Item[]> {
  const find = folder === undefined ? undefined : inFolder(folder);
  for await (const run of runs) {
    yield run.map(({ bytes, place }) => {
      const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
      const parsed = parseBody(bytes);
      if (!parsed.ok) return badItem(place, raw, parsed.problems);
      const { value } = parsed;
      return toItem(value, {
        place,
        raw,
        ...(find ? { attachments: attachmentsFrom(value as StatementObject, find) } : {}),
      });
    });
  }
}

async function* contentOf(path: string, zipped: boolean, onRead: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  file.on('data', (chunk) => onRead(chunk.length));
  file.pause();
  // The error of either reaches the reader of the last; without a callback pipeline would throw it a second time.
  const content = zipped ? pipeline(file, createGunzip({ chunkSize: 256 * 1024 }), () => {}) : file;
  try {
    for await (const chunk of content) yield chunk as Uint8Array;
  } catch (error) {
    throw new SourceRefused(`${path} cannot be read: ${(error as Error).message}`, { cause: error });
  } finally {
    file.destroy();
  }
}

/** Gzip is told by its first two bytes (RFC 1952 2.3.1), whatever the file is called. */
async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await file.close();
  }
}

async function jsonFormat(content: AsyncIterable<Uint8Array>): Promise<FileFormat> {
  for await (const chunk of content) {
    const text = Buffer.from(chunk)
      .toString('utf8')
      .replace(/^\uFEFF/, '')
      .trimStart();
    if (text !== '') return text.startsWith('[') ? 'json' : 'ndjson';
  }
  return 'ndjson';
}
