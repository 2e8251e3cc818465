// A connection carries a hundred calls at a time; the next one waits until one of them ends. HTTP/2 has a setting for that,
// but Node counts a call that the client has just cancelled for a moment longer than the client does, and then refuses the
// next one. So more are let in, and wait here.

import { ServerInterceptingCall, type ServerInterceptingCallInterface, type ServerInterceptor } from '@grpc/grpc-js';

interface Connection {
  running: number;
  readonly waiting: Set<() => void>;
}

export function takingTurns(callsAConnection: number): ServerInterceptor {
  const connections = new Map<string, Connection>();
  return (_method, call: ServerInterceptingCallInterface) => {
    const peer = call.getPeer();
    const connection = connections.get(peer) ?? { running: 0, waiting: new Set() };
    connections.set(peer, connection);
    let go: (() => void) | undefined;
    let left = false;
    const leave = () => {
      if (left) return;
      left = true;
      if (go !== undefined && connection.waiting.delete(go)) return;
      connection.running--;
      const [next] = connection.waiting;
      if (next !== undefined) {
        connection.waiting.delete(next);
        connection.running++;
        next();
      } else if (connection.running === 0) connections.delete(peer);
    };
    return new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, received) {
            if (connection.running < callsAConnection) {
              connection.running++;
              received(metadata);
            } else {
              go = () => received(metadata);
              connection.waiting.add(go);
            }
          },
          onCancel: leave,
        });
      },
      sendStatus(status, next) {
        leave();
        next(status);
      },
    });
  };
}
