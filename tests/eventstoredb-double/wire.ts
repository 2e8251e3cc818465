// The two messages of which there are thousands a second, read and written by hand: events going out of a read, and appends
// coming in. Everything else goes through the stubs, which a test holds these two against.

import type { EventToStore, StoredEvent } from './file.ts';
import type { Expected } from './streams.ts';

export interface BatchFrame {
  /** As it came, to be sent back. */
  readonly correlation: Buffer;
  readonly options: BatchOptions | undefined;
  readonly events: readonly EventToStore[];
  /** What is wrong with one of the events, in the server's words. */
  readonly refused: string | undefined;
  readonly isFinal: boolean;
}

export interface BatchOptions {
  readonly stream: string | undefined;
  readonly expected: Expected | undefined;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
}

const JSON_TYPE = 'application/json';
const BINARY_TYPE = 'application/octet-stream';

/** A message's fields, one after the other: number, and where its contents begin and end (or its value). */
class Fields {
  readonly bytes: Buffer;
  readonly #end: number;
  #at: number;
  number = 0;
  value = 0n;
  start = 0;
  end = 0;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.bytes = bytes;
    this.#at = start;
    this.#end = end;
  }

  next(): boolean {
    if (this.#at >= this.#end) return false;
    const tag = this.#small();
    this.number = tag >>> 3;
    switch (tag & 7) {
      case 0:
        this.value = this.#varint();
        return true;
      case 1:
        this.#at += 8;
        return true;
      case 2: {
        const length = this.#small();
        this.start = this.#at;
        this.end = this.#at += length;
        if (this.end > this.#end) throw new RangeError('a message is cut off');
        return true;
      }
      case 5:
        this.#at += 4;
        return true;
      default:
        throw new RangeError(`no such wire type: ${tag & 7}`);
    }
  }

  within(): Fields {
    return new Fields(this.bytes, this.start, this.end);
  }

  slice(): Buffer {
    return this.bytes.subarray(this.start, this.end);
  }

  text(): string {
    return this.bytes.toString('utf8', this.start, this.end);
  }

  #small(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.bytes[this.#at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new RangeError('a number is too long');
  }

  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.#at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new RangeError('a number is too long');
  }
}

export function readBatchFrame(bytes: Buffer): BatchFrame {
  const fields = new Fields(bytes);
  let correlation = Buffer.alloc(0);
  let options: BatchOptions | undefined;
  let refused: string | undefined;
  let isFinal = false;
  const events: EventToStore[] = [];
  while (fields.next()) {
    if (fields.number === 1) correlation = fields.slice() as Buffer<ArrayBuffer>;
    else if (fields.number === 2) options = readBatchOptions(fields.within());
    else if (fields.number === 3) {
      const event = readProposed(fields.within());
      if (typeof event === 'string') refused ??= event;
      else events.push(event);
    } else if (fields.number === 4) isFinal = fields.value !== 0n;
  }
  return { correlation, options, events, refused, isFinal };
}

function readBatchOptions(fields: Fields): BatchOptions {
  let stream: string | undefined;
  let expected: Expected | undefined;
  let deadline: number | undefined;
  while (fields.next()) {
    if (fields.number === 1) {
      const name = fields.within();
      while (name.next()) if (name.number === 3) stream = name.text();
    } else if (fields.number === 2) expected = revisionOf(fields.value);
    else if (fields.number === 3) expected = 'no_stream';
    else if (fields.number === 4) expected = 'any';
    else if (fields.number === 5) expected = 'stream_exists';
    else if (fields.number === 6 || fields.number === 7) {
      let milliseconds = fields.number === 7 ? Date.now() : 0;
      const parts = fields.within();
      while (parts.next()) {
        const part = Number(BigInt.asIntN(64, parts.value));
        milliseconds += parts.number === 1 ? part * 1000 : part / 1e6;
      }
      deadline = milliseconds;
    }
  }
  return { stream, expected, deadline };
}

/** A 64-bit revision; its greatest value stands for -1. */
export function revisionOf(value: bigint | string): Expected {
  const revision = BigInt.asIntN(64, BigInt(value));
  return revision === -1n ? 'no_stream' : Number(revision);
}

function readProposed(fields: Fields): EventToStore | string {
  let id: Buffer | undefined;
  let type: Buffer | undefined;
  let contentType: string | undefined;
  let data: Buffer = EMPTY;
  let metadata: Buffer = EMPTY;
  while (fields.next()) {
    if (fields.number === 1) id = readUuid(fields.slice());
    else if (fields.number === 2) {
      const entry = fields.within();
      let key = '';
      let value: Buffer = EMPTY;
      while (entry.next()) {
        if (entry.number === 1) key = entry.text();
        else if (entry.number === 2) value = entry.slice();
      }
      if (key === 'type') type = value;
      else if (key === 'content-type') contentType = value.toString('latin1');
    } else if (fields.number === 3) metadata = fields.slice();
    else if (fields.number === 4) data = fields.slice();
  }
  return proposed(id, type, contentType, data, metadata);
}

const EMPTY = Buffer.alloc(0);
const EMPTY_ID = Buffer.alloc(16);
const NO_GUID = 'Unrecognized Guid format.';

/** The event, or what a server says that is wrong with it. */
export function proposed(
  id: Buffer | undefined,
  type: Buffer | undefined,
  contentType: string | undefined,
  data: Buffer,
  metadata: Buffer,
): EventToStore | string {
  if (id === undefined) return NO_GUID;
  if (type === undefined || contentType === undefined) return 'The given key was not present in the dictionary.';
  if (id.equals(EMPTY_ID)) return "Empty eventId provided. (Parameter 'eventId')";
  if (type.length === 0) return "Empty eventType provided. (Parameter 'eventType')";
  return { id, type, isJson: contentType === JSON_TYPE, data, metadata };
}

/** The 16 bytes of a UUID message, whichever of its two forms it has; undefined when it is none. */
export function readUuid(bytes: Buffer): Buffer | undefined {
  const fields = new Fields(bytes);
  while (fields.next()) {
    if (fields.number === 2) {
      const id = Buffer.from(fields.text().replaceAll('-', ''), 'hex');
      return id.length === 16 ? id : undefined;
    }
    if (fields.number === 1) {
      const id = Buffer.alloc(16);
      const halves = fields.within();
      while (halves.next()) id.writeBigUInt64BE(halves.value, halves.number === 1 ? 0 : 8);
      return id;
    }
  }
  return undefined;
}

export interface EventToSend {
  readonly event: StoredEvent;
  readonly stream: Buffer;
  readonly revision: number | bigint;
  readonly position: number;
  readonly structuredUuid: boolean;
}

/** A ReadResp with this event. */
export function writeEvent({ event, stream, revision, position, structuredUuid }: EventToSend): Buffer {
  const id = structuredUuid ? structured(event.id) : textual(event.id);
  const created = `${Math.round(event.created)}0`;
  const contentType = event.isJson ? JSON_TYPE : BINARY_TYPE;
  const recorded =
    2 +
    id.length +
    field(field(stream.length)) +
    (1 + varint(revision)) +
    2 * (1 + varint(position)) +
    entry(4, event.type.length) +
    entry(7, created.length) +
    entry(12, contentType.length) +
    field(event.metadata.length) +
    field(event.data.length);
  const inner = field(recorded) + 1 + varint(position);
  const writer = new Writer(field(inner));
  writer.tag(1, 2).small(inner);
  writer.tag(1, 2).small(recorded);
  writer.tag(1, 2).small(id.length).bytes(id);
  writer.tag(2, 2).small(field(stream.length)).tag(3, 2).small(stream.length).bytes(stream);
  writer.tag(3, 0).number(revision);
  writer.tag(4, 0).number(position).tag(5, 0).number(position);
  writer.entry('type', event.type).entry('created', created).entry('content-type', contentType);
  writer.tag(7, 2).small(event.metadata.length).bytes(event.metadata);
  writer.tag(8, 2).small(event.data.length).bytes(event.data);
  writer.tag(3, 0).number(position);
  return writer.buffer;
}

/** Bytes of a field of this length with its tag. */
const field = (length: number): number => 1 + varint(length) + length;
/** Bytes of an entry of a map of texts. */
const entry = (key: number, value: number): number => field(field(key) + field(value));

function varint(value: number | bigint): number {
  if (typeof value === 'bigint') return lengthOfLarge(value);
  let bytes = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) bytes++;
  return bytes;
}

function textual(id: Buffer): Buffer {
  const hex = id.toString('hex');
  const text = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  const message = Buffer.allocUnsafe(38);
  message[0] = 0x12;
  message[1] = 36;
  message.write(text, 2, 'latin1');
  return message;
}

function structured(id: Buffer): Buffer {
  const halves = [id.readBigUInt64BE(0), id.readBigUInt64BE(8)] as const;
  const [most, least] = halves.map(lengthOfLarge) as [number, number];
  const writer = new Writer(2 + 2 + most + least);
  writer.tag(1, 2).small(2 + most + least);
  writer.tag(1, 0).large(halves[0]).tag(2, 0).large(halves[1]);
  return writer.buffer;
}

function lengthOfLarge(value: bigint): number {
  let bytes = 1;
  for (let rest = value >> 7n; rest > 0n; rest >>= 7n) bytes++;
  return bytes;
}

class Writer {
  readonly buffer: Buffer;
  #at = 0;

  constructor(length: number) {
    this.buffer = Buffer.allocUnsafe(length);
  }

  tag(number: number, type: 0 | 2): this {
    this.buffer[this.#at++] = (number << 3) | type;
    return this;
  }

  small(value: number): this {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.buffer[this.#at++] = (rest % 128) | 0x80;
    this.buffer[this.#at++] = rest;
    return this;
  }

  number(value: number | bigint): this {
    return typeof value === 'number' ? this.small(value) : this.large(value);
  }

  large(value: bigint): this {
    let rest = value;
    for (; rest >= 128n; rest >>= 7n) this.buffer[this.#at++] = Number(rest & 0x7fn) | 0x80;
    this.buffer[this.#at++] = Number(rest);
    return this;
  }

  bytes(bytes: Buffer): this {
    this.#at += bytes.copy(this.buffer, this.#at);
    return this;
  }

  entry(key: string, value: Buffer | string): this {
    this.tag(6, 2).small(field(key.length) + field(value.length));
    this.tag(1, 2).small(key.length);
    this.#at += this.buffer.write(key, this.#at, 'latin1');
    this.tag(2, 2).small(value.length);
    if (typeof value === 'string') this.#at += this.buffer.write(value, this.#at, 'latin1');
    else this.bytes(value);
    return this;
  }
}
