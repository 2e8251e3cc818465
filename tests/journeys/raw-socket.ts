// A connection without an HTTP client between: for requests that no client would send.

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Server } from './server.ts';

export interface RawSocket {
  readonly socket: Socket;
  write(bytes: string | Uint8Array): void;
  /** Everything answered until the server closes the connection. */
  readonly answers: Promise<string>;
  /** Resolves when what was answered so far matches. */
  answered(pattern: RegExp): Promise<string>;
}

export async function rawSocket(server: Server): Promise<RawSocket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  await once(socket, 'connect');
  let text = '';
  const waiting = new Set<() => void>();
  const closed = Promise.withResolvers<string>();
  socket.on('data', (chunk) => {
    text += chunk.toString();
    for (const look of waiting) look();
  });
  // A server that hangs up on a client that is still sending resets the connection.
  socket.on('error', () => undefined);
  socket.on('close', () => {
    closed.resolve(text);
    for (const look of waiting) look();
  });
  return {
    socket,
    write: (bytes) => void socket.write(bytes),
    answers: closed.promise,
    answered: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(text)) {
            waiting.delete(look);
            resolve(text);
          } else if (socket.destroyed) {
            waiting.delete(look);
            reject(new Error(`closed before ${pattern} was answered: ${text}`));
          }
        };
        waiting.add(look);
        look();
      }),
  };
}
