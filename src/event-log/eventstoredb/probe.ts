// What keeps a host from answering, found out with plain sockets: the client's own errors are the same for half of it.

import { readFileSync } from 'node:fs';
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, type TLSSocket, connect as tlsConnect } from 'node:tls';

export interface Host {
  readonly address: string;
  readonly port: number;
}

export interface Wanted {
  /** TLS was asked for. */
  readonly tls: boolean;
  readonly caFile?: string | undefined;
  readonly timeoutMs: number;
}

/** What HTTP/2 begins with, and an empty SETTINGS frame: a server of HTTP/2 answers with SETTINGS of its own. */
const HELLO = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
]);
const SETTINGS = 4;

/** In words; undefined when the host takes the kind of connection that was asked for. */
export async function probe(host: Host, wanted: Wanted): Promise<string | undefined> {
  const obstacle = await notThere(host, wanted.timeoutMs);
  if (obstacle) return obstacle;
  if (!wanted.tls) {
    // At once: somebody waits who was not answered for long already.
    const [plain, { kind }] = await Promise.all([speaksPlainly(host, wanted.timeoutMs), handshake(host, wanted)]);
    if (plain) return undefined;
    if (kind !== 'none') {
      return 'the server wants TLS, and the connection string says tls=false: leave that out, or say tls=true';
    }
    return 'the connection is taken and not answered: the server is frozen or overloaded, or it is another kind of server';
  }
  const { kind, words } = await handshake(host, wanted);
  if (kind !== 'none' && isIP(host.address)) {
    return 'a TLS connection needs the name of the host, and this is an IP address: say the name that the certificate is for';
  }
  if (kind === 'trusted') return undefined;
  if (kind === 'untrusted') {
    return `the server's certificate is not trusted: ${words}. Name the certificate of its authority with tlsCaFile=…`;
  }
  if (await speaksPlainly(host, wanted.timeoutMs)) {
    return 'the server speaks plain text, and the connection string asks for TLS: say tls=false';
  }
  return `no TLS connection comes about: ${words}`;
}

async function notThere(host: Host, timeoutMs: number): Promise<string | undefined> {
  const socket = connect({ host: host.address, port: host.port });
  const error = await outcome(socket, 'connect', timeoutMs);
  socket.destroy();
  if (error === undefined) return undefined;
  switch (error.code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `no host of this name is known (${error.code})`;
    case 'ECONNREFUSED':
      return 'nobody is there (connection refused)';
    case 'ETIMEDOUT':
      return `no connection within ${timeoutMs} ms: the address is wrong, or something drops what is sent to it`;
    default:
      return `no connection (${error.code ?? error.message})`;
  }
}

async function speaksPlainly(host: Host, timeoutMs: number): Promise<boolean> {
  const socket = connect({ host: host.address, port: host.port });
  socket.write(HELLO);
  let answer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    answer = Buffer.concat([answer, chunk]);
    if (answer.length >= 9) socket.emit('answered');
  });
  await outcome(socket, 'answered', timeoutMs);
  socket.destroy();
  return answer.length >= 9 && answer[3] === SETTINGS;
}

async function handshake(
  host: Host,
  { caFile, timeoutMs }: Wanted,
): Promise<{ readonly kind: 'trusted' | 'untrusted' | 'none'; readonly words: string }> {
  const options: ConnectionOptions = {
    host: host.address,
    port: host.port,
    ALPNProtocols: ['h2'],
    // Whether it is to be trusted is what is to be found out; nothing is sent.
    rejectUnauthorized: false,
    ...(isIP(host.address) ? {} : { servername: host.address }),
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
  };
  const socket: TLSSocket = tlsConnect(options);
  const error = await outcome(socket, 'secureConnect', timeoutMs);
  const words = error ? error.message : distrust(socket, host);
  const kind = error ? 'none' : socket.authorized ? 'trusted' : 'untrusted';
  socket.destroy();
  return { kind, words };
}

const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it is signed by itself',
  SELF_SIGNED_CERT_IN_CHAIN: 'its authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT: 'its authority is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its authority is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its authority is not known here',
  CERT_SIGNATURE_FAILURE: 'it was not signed by the authority that is trusted',
  CERT_HAS_EXPIRED: 'it has expired',
  CERT_NOT_YET_VALID: 'it is not valid yet',
};

function distrust(socket: TLSSocket, { address }: Host): string {
  const code = String(socket.authorizationError ?? '');
  if (code.startsWith('ERR_TLS_CERT_ALTNAME')) {
    return `it is for another host (${checkServerIdentity(address, socket.getPeerCertificate())?.message})`;
  }
  return `${REASONS[code] ?? 'it cannot be verified'} (${code})`;
}

/** Undefined once the event has come; otherwise what came instead. */
function outcome(socket: Socket, event: string, timeoutMs: number): Promise<NodeJS.ErrnoException | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(Object.assign(new Error('time-out'), { code: 'ETIMEDOUT' })), timeoutMs);
    const done = (error?: NodeJS.ErrnoException): void => {
      clearTimeout(timer);
      resolve(error);
    };
    socket.on(event, () => done());
    socket.on('error', done);
    socket.on('close', () => done(new Error('the server closed the connection')));
  });
}
