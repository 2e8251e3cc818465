// The end of a server: what is under way is answered, and no connection is kept for what would come after it.

import type { Server, ServerResponse } from 'node:http';

/**
 * To be called before the server listens. The function returned takes no new connections, answers the requests under way, also
 * those that arrive meanwhile on connections which are still open, and resolves when the last connection is closed; what is
 * left after `patienceMs` is cut off.
 */
export function drainable(server: Server, patienceMs: number): () => Promise<void> {
  const underWay = new Set<ServerResponse>();
  let draining = false;
  // Node closes what is idle when a server is closed, and keeps what is busy for as long as its client likes.
  const endConnection = (response: ServerResponse): void => {
    if (!response.headersSent) response.setHeader('Connection', 'close');
    else response.once('close', () => setImmediate(() => server.closeIdleConnections()));
  };
  server.prependListener('request', (_request, response) => {
    underWay.add(response);
    response.once('close', () => underWay.delete(response));
    if (draining) endConnection(response);
  });
  return () =>
    new Promise((resolve) => {
      draining = true;
      for (const response of underWay) endConnection(response);
      const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
      server.close(() => {
        clearTimeout(cut);
        resolve();
      });
      server.closeIdleConnections();
    });
}
