// The fuzzer's side of a connection: bytes as nobody's client library would send them, and a strict reading of what comes back.

import { connect, type Socket } from 'node:net';
import type { Request } from './requests.ts';

export interface Answer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** The answer breaks HTTP itself. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** The request as bytes. */
export function bytesOf({ method, path, parameters, headers, body, chunked, cutShort }: Request): Buffer {
  const query = parameters.map(([name, value]) => `${encoded(name)}=${encoded(value)}`).join('&');
  const target = query === '' ? path : `${path}?${query}`;
  const lines = [`${method} ${target} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const told = headers.some(([name]) => /^(content-length|transfer-encoding)$/i.test(name));
  let content = body ?? Buffer.alloc(0);
  if (chunked) {
    if (!told) lines.push('Transfer-Encoding: chunked');
    const middle = content.length >> 1;
    const chunk = (bytes: Buffer) =>
      bytes.length === 0
        ? ''
        : Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
    content = Buffer.concat(
      [chunk(content.subarray(0, middle)), chunk(content.subarray(middle)), '0\r\n\r\n'].map((part) =>
        Buffer.from(part),
      ),
    );
  } else if (body && !told) {
    lines.push(`Content-Length: ${content.length}`);
  }
  if (cutShort) content = content.subarray(0, content.length >> 1);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'), content]);
}

/** What begins with a percent sign goes as it is. */
function encoded(text: string): string {
  return text.startsWith('%') ? text : encodeURIComponent(text.toWellFormed());
}

/** The final answer at the front of the bytes; undefined while it is not all there. `ended`: nothing more comes. */
export function readAnswer(
  bytes: Buffer,
  toHead: boolean,
  ended: boolean,
): { readonly answer: Answer; readonly length: number } | undefined {
  let from = 0;
  for (;;) {
    const end = bytes.indexOf('\r\n\r\n', from);
    if (end < 0) return undefined;
    const [first, ...lines] = bytes.toString('latin1', from, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) [\x20-\x7e]*$/.exec(first!)?.[1]);
    if (Number.isNaN(status)) throw new Unreadable(`a status line: ${first}`);
    const headers = new Map<string, string>();
    for (const line of lines) {
      const [, name, value] = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+): ?([\x20-\x7e\x80-\xff\t]*)$/.exec(line) ?? [];
      if (name === undefined) throw new Unreadable(`a header: ${line}`);
      headers.set(name.toLowerCase(), value!);
    }
    const start = end + 4;
    if (status < 200) {
      from = start;
      continue;
    }
    if (toHead || status === 204 || status === 304)
      return { answer: { status, headers, body: Buffer.alloc(0) }, length: start };
    if (headers.get('transfer-encoding') === 'chunked') {
      const chunked = readChunks(bytes, start);
      return chunked && { answer: { status, headers, body: chunked.body }, length: chunked.end };
    }
    const length = headers.get('content-length');
    if (length !== undefined) {
      const until = start + Number(length);
      if (bytes.length < until) return undefined;
      return { answer: { status, headers, body: bytes.subarray(start, until) }, length: until };
    }
    return ended ? { answer: { status, headers, body: bytes.subarray(start) }, length: bytes.length } : undefined;
  }
}

function readChunks(bytes: Buffer, start: number): { readonly body: Buffer; readonly end: number } | undefined {
  const parts: Buffer[] = [];
  let at = start;
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (Number.isNaN(size)) throw new Unreadable('the size of a chunk');
    at = line + 2;
    if (bytes.length < at + size + 2) return undefined;
    if (size === 0) return { body: Buffer.concat(parts), end: at + 2 };
    parts.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
}

/** Nobody answers within this: the server hangs. */
const PATIENCE_MS = 60_000;
/** A server that still waits for the rest of a request after this is told that there is none. */
const WAITS_FOR_MORE_MS = 200;

/** One connection at a time; a new one when the server has closed it. */
export class Wire {
  readonly #port: number;
  #socket: Socket | undefined;

  constructor(url: string) {
    this.#port = Number(new URL(url).port);
  }

  /** Undefined when the connection was closed without an answer. */
  async ask(
    bytes: Buffer,
    { isHead, lies }: { readonly isHead: boolean; readonly lies: boolean },
  ): Promise<Answer | undefined> {
    const socket = this.#socket ?? (await this.#connect());
    this.#socket = undefined;
    return new Promise((resolve, reject) => {
      let received = Buffer.alloc(0);
      let waiting: NodeJS.Timeout | undefined;
      const finish = (settle: () => void, keep: boolean): void => {
        clearTimeout(patience);
        clearTimeout(waiting);
        socket.removeAllListeners();
        socket.on('error', () => undefined);
        if (keep) this.#socket = socket;
        else socket.destroy();
        settle();
      };
      const patience = setTimeout(
        () => finish(() => reject(new Error(`no answer within ${PATIENCE_MS} ms`)), false),
        PATIENCE_MS,
      );
      const look = (ended: boolean): void => {
        try {
          const read = readAnswer(received, isHead, ended);
          if (read) {
            const closes = ended || lies || /close/i.test(read.answer.headers.get('connection') ?? '');
            // Bytes after the answer are an answer to bytes after the request: there the requests part.
            finish(() => resolve(read.answer), !closes && received.length === read.length);
          } else if (ended) {
            if (received.length > 0 && !/^(HTTP\/1\.1 100 Continue\r\n\r\n)+$/.test(received.toString('latin1'))) {
              throw new Unreadable(`half an answer: ${received.subarray(0, 200)}`);
            }
            finish(() => resolve(undefined), false);
          }
        } catch (error) {
          finish(() => reject(error), false);
        }
      };
      socket.on('data', (chunk: Buffer) => {
        received = Buffer.concat([received, chunk]);
        look(false);
      });
      socket.on('end', () => look(true));
      socket.on('close', () => look(true));
      socket.on('error', () => look(true));
      socket.write(bytes);
      if (lies) waiting = setTimeout(() => socket.end(), WAITS_FOR_MORE_MS);
    });
  }

  #connect(): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true }, () => {
        socket.removeAllListeners('error');
        resolve(socket);
      });
      socket.once('error', reject);
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}
