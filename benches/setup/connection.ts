// A connection to the store that takes next to nothing of the machine it measures on: one socket, one request at a time, HTTP/1.1
// as the store answers it (a status, headers with Content-Length, a body). Node's own client took as much as the store for it.

import { connect, type Socket } from 'node:net';

export interface Answer {
  readonly status: number;
  /** Of the header Retry-After, seconds. */
  readonly retryAfter?: number | undefined;
  readonly body: Buffer;
}

const END_OF_HEADERS = Buffer.from('\r\n\r\n');
const NO_BYTES = Buffer.alloc(0);

export class Connection {
  readonly #socket: Socket;
  readonly #host: string;
  #held: Buffer = NO_BYTES;
  #waiting: PromiseWithResolvers<Answer> | undefined;

  constructor(url: string) {
    const { host, hostname, port } = new URL(url);
    this.#host = host;
    this.#socket = connect(Number(port), hostname).setNoDelay(true);
    this.#socket.on('data', (piece) => this.#take(piece as Buffer));
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the store closed the connection')));
  }

  /** @param headers lines after the request line, each ended by CR LF */
  ask(method: 'GET' | 'POST', path: string, headers: string, body?: Uint8Array): Promise<Answer> {
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting = waiting;
    const length = body ? `Content-Length: ${body.byteLength}\r\n` : '';
    const head = `${method} ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n${headers}${length}\r\n`;
    if (!body) this.#socket.write(head, 'latin1');
    else if (body.byteLength < 16_384) this.#socket.write(Buffer.concat([Buffer.from(head, 'latin1'), body]));
    else {
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      this.#socket.write(body);
      this.#socket.uncork();
    }
    return waiting.promise;
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(piece: Buffer): void {
    this.#held = this.#held.byteLength === 0 ? piece : Buffer.concat([this.#held, piece]);
    const end = this.#held.indexOf(END_OF_HEADERS);
    if (end < 0) return;
    const head = this.#held.toString('latin1', 0, end);
    const from = end + END_OF_HEADERS.length;
    const [, length] = /\r\ncontent-length: (\d+)/i.exec(head) ?? [];
    if (length === undefined) {
      this.#waiting?.reject(new Error(`an answer without Content-Length: ${head}`));
      return;
    }
    const to = from + Number(length);
    if (this.#held.byteLength < to) return;
    const body = this.#held.subarray(from, to);
    this.#held = this.#held.byteLength === to ? NO_BYTES : this.#held.subarray(to);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    const [, retryAfter] = /\r\nretry-after: (\d+)/i.exec(head) ?? [];
    const status = Number(head.slice(9, 12));
    waiting?.resolve({ status, retryAfter: retryAfter === undefined ? undefined : Number(retryAfter), body });
  }
}
