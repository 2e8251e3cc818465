// Requests that Node's parser refuses never reach express; they are answered here, on the bare socket, as every other refusal is.

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ProblemDocument } from '../../contracts/http/problem.ts';

const ANSWERS: Readonly<Record<string, Pick<ProblemDocument, 'status' | 'title'> & { readonly phrase: string }>> = {
  HPE_HEADER_OVERFLOW: { status: 431, phrase: 'Request Header Fields Too Large', title: 'The headers are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, phrase: 'Request Timeout', title: 'The request did not arrive in time' },
};
const MALFORMED = { status: 400, phrase: 'Bad Request', title: 'The request is malformed' };

/** The last request of each connection: with pipelining, its answer is the last one to be written. */
const lastOf = new WeakMap<Duplex, { readonly request: IncomingMessage; readonly response: ServerResponse }>();

export function answerUnparsedRequests(server: Server): void {
  server.prependListener('request', (request, response) => lastOf.set(request.socket, { request, response }));
  // An expectation that we do not know may be passed over (RFC 9110 10.1.1); Node's own refusal would be a bare status line.
  server.on('checkExpectation', (request, response) => server.emit('request', request, response));
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Duplex) => {
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const last = lastOf.get(socket);
    // What came before was whole, and may be recorded by now: its answer goes first, or ours would be taken for it.
    if (last?.request.complete && !last.response.closed) last.response.once('close', () => answer(error, socket));
    else answer(error, socket);
  });
}

function answer(error: NodeJS.ErrnoException, socket: Duplex): void {
  const { status, phrase, title } = ANSWERS[error.code ?? ''] ?? MALFORMED;
  const body = JSON.stringify({ type: '/problems/invalid-request', title, status } satisfies ProblemDocument);
  socket.end(
    [
      `HTTP/1.1 ${status} ${phrase}`,
      'Connection: close',
      'Content-Type: application/problem+json',
      `Content-Length: ${Buffer.byteLength(body)}`,
      '',
      body,
    ].join('\r\n'),
  );
}
