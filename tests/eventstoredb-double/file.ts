// The double's file: blocks appended one after the other, each whole or not there at all. A block holds everything that one
// request changed. What a crash left half written at the end is cut off at the next start.
//
// Block: "PBLK", length of what follows, its CRC-32. Then entries; all numbers little endian.

import {
  closeSync,
  fdatasync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  write,
} from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

const MAGIC = 0x4b4c4250;
const HEADER = 12;
const EVENT_HEADER = 16 + 8 + 1 + 2 + 4 + 4;
const WINDOW = 256 * 1024;

export interface EventToStore {
  /** 16 bytes. */
  readonly id: Buffer;
  readonly type: Buffer;
  readonly isJson: boolean;
  readonly data: Buffer;
  readonly metadata: Buffer;
}

export interface StoredEvent extends EventToStore {
  /** Microseconds since 1970. */
  readonly created: number;
}

/** A change of one stream, as a block holds it. `cut`: the events after `head` are gone, as after the loss of a log's tail. */
export type Entry =
  | {
      readonly kind: 'append';
      readonly stream: string;
      readonly created: number;
      readonly events: readonly EventToStore[];
    }
  | { readonly kind: 'tombstone'; readonly stream: string }
  | { readonly kind: 'cut'; readonly stream: string; readonly head: number };

const KINDS = ['append', 'tombstone', 'cut'] as const;

/** What is told of an entry when the file is read again: where its events begin, not what they hold. */
export interface EntryFound {
  readonly kind: Entry['kind'];
  readonly stream: string;
  readonly head: number;
  readonly offsets: readonly number[];
}

const writeAt = promisify(write);
const flush = promisify(fdatasync);

export class BlockFile {
  readonly #descriptor: number;
  #size: number;
  #window: Buffer = Buffer.allocUnsafeSlow(WINDOW);
  #windowStart = 0;
  #windowEnd = 0;
  /** Bytes of a torn end that the start cut off. */
  readonly cutOff: number;

  constructor(path: string, found: (entry: EntryFound) => void) {
    mkdirSync(dirname(path), { recursive: true });
    this.#descriptor = openSync(path, 'a+');
    const length = fstatSync(this.#descriptor).size;
    this.#size = length;
    this.#size = this.#scan(found);
    this.cutOff = length - this.#size;
    if (this.cutOff > 0) {
      ftruncateSync(this.#descriptor, this.#size);
      fsyncSync(this.#descriptor);
    }
    const folder = openSync(dirname(path), 'r');
    fsyncSync(folder);
    closeSync(folder);
  }

  get size(): number {
    return this.#size;
  }

  /** Appends the blocks, on disk when it resolves. One at a time. */
  async append(blocks: readonly Buffer[]): Promise<void> {
    const bytes = blocks.length === 1 ? blocks[0]! : Buffer.concat(blocks);
    for (let written = 0; written < bytes.length; ) {
      written += (await writeAt(this.#descriptor, bytes, written, bytes.length - written)).bytesWritten;
    }
    await flush(this.#descriptor);
    this.#size += bytes.length;
  }

  /** The event that begins at `offset`. Its bytes are only good until the next call. */
  eventAt(offset: number): StoredEvent {
    let at = this.#reach(offset, EVENT_HEADER);
    const [typeLength, dataLength, metadataLength] = lengthsAt(this.#window, at);
    at = this.#reach(offset, EVENT_HEADER + typeLength + dataLength + metadataLength);
    const window = this.#window;
    const type = at + EVENT_HEADER;
    const data = type + typeLength;
    const metadata = data + dataLength;
    return {
      id: window.subarray(at, at + 16),
      created: window.readDoubleLE(at + 16),
      isJson: window[at + 24] === 1,
      type: window.subarray(type, data),
      data: window.subarray(data, metadata),
      metadata: window.subarray(metadata, metadata + metadataLength),
    };
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Sees to it that the window holds these bytes of the file; where in the window they begin. */
  #reach(offset: number, length: number): number {
    if (offset < this.#windowStart || offset + length > this.#windowEnd) {
      if (length > this.#window.length) this.#window = Buffer.allocUnsafeSlow(length * 2);
      this.#windowStart = offset;
      this.#windowEnd = offset;
      const wanted = Math.min(this.#window.length, this.#size - offset);
      while (this.#windowEnd - offset < wanted) {
        const got = this.#windowEnd - offset;
        const read = readSync(this.#descriptor, this.#window, got, wanted - got, offset + got);
        if (read === 0) break;
        this.#windowEnd += read;
      }
      if (offset + length > this.#windowEnd) throw new RangeError(`no ${length} bytes at ${offset}`);
    }
    return offset - this.#windowStart;
  }

  /** Reads all blocks; returns where the last whole one ends. */
  #scan(found: (entry: EntryFound) => void): number {
    this.#window = Buffer.allocUnsafeSlow(8 * 1024 * 1024);
    let end = 0;
    while (end + HEADER <= this.#size) {
      let at = this.#reach(end, HEADER);
      const length = this.#window.readUInt32LE(at + 4);
      const sum = this.#window.readUInt32LE(at + 8);
      if (this.#window.readUInt32LE(at) !== MAGIC || end + HEADER + length > this.#size) break;
      at = this.#reach(end, HEADER + length);
      const block = this.#window.subarray(at + HEADER, at + HEADER + length);
      if (crc32(block) !== sum) break;
      for (const entry of entriesOf(block, end + HEADER)) found(entry);
      end += HEADER + length;
    }
    this.#window = Buffer.allocUnsafeSlow(WINDOW);
    this.#windowStart = 0;
    this.#windowEnd = 0;
    return end;
  }
}

function lengthsAt(bytes: Buffer, at: number): [type: number, data: number, metadata: number] {
  return [bytes.readUInt16LE(at + 25), bytes.readUInt32LE(at + 27), bytes.readUInt32LE(at + 31)];
}

function* entriesOf(block: Buffer, start: number): Generator<EntryFound> {
  for (let at = 0; at < block.length; ) {
    const kind = KINDS[block[at]!]!;
    const nameLength = block.readUInt16LE(at + 1);
    const stream = block.toString('utf8', at + 3, at + 3 + nameLength);
    const number = block.readDoubleLE(at + 3 + nameLength);
    at += 3 + nameLength + 8;
    const offsets: number[] = [];
    if (kind === 'append') {
      for (let index = 0; index < number; index++) {
        offsets.push(start + at);
        const [type, data, metadata] = lengthsAt(block, at);
        at += EVENT_HEADER + type + data + metadata;
      }
    }
    yield { kind, stream, head: number, offsets };
  }
}

/** The block of these entries, and where in it each event begins, entry by entry. */
export function blockOf(entries: readonly Entry[]): { readonly block: Buffer; readonly offsets: readonly number[][] } {
  const names = entries.map(({ stream }) => Buffer.from(stream));
  let length = HEADER;
  for (const [index, entry] of entries.entries()) {
    length += 3 + names[index]!.length + 8;
    if (entry.kind !== 'append') continue;
    for (const { type, data, metadata } of entry.events) {
      length += EVENT_HEADER + type.length + data.length + metadata.length;
    }
  }
  const block = Buffer.allocUnsafe(length);
  const offsets: number[][] = [];
  let at = HEADER;
  for (const [index, entry] of entries.entries()) {
    const name = names[index]!;
    block[at] = KINDS.indexOf(entry.kind);
    block.writeUInt16LE(name.length, at + 1);
    name.copy(block, at + 3);
    at += 3 + name.length;
    block.writeDoubleLE(entry.kind === 'append' ? entry.events.length : entry.kind === 'cut' ? entry.head : 0, at);
    at += 8;
    const begins: number[] = [];
    if (entry.kind === 'append') {
      for (const event of entry.events) {
        begins.push(at);
        at = writeEvent(block, at, event, entry.created);
      }
    }
    offsets.push(begins);
  }
  block.writeUInt32LE(MAGIC, 0);
  block.writeUInt32LE(length - HEADER, 4);
  block.writeUInt32LE(crc32(block.subarray(HEADER)), 8);
  return { block, offsets };
}

function writeEvent(block: Buffer, at: number, event: EventToStore, created: number): number {
  const { id, type, isJson, data, metadata } = event;
  id.copy(block, at);
  block.writeDoubleLE(created, at + 16);
  block[at + 24] = isJson ? 1 : 0;
  block.writeUInt16LE(type.length, at + 25);
  block.writeUInt32LE(data.length, at + 27);
  block.writeUInt32LE(metadata.length, at + 31);
  let next = at + EVENT_HEADER;
  for (const part of [type, data, metadata]) {
    part.copy(block, next);
    next += part.length;
  }
  return next;
}
