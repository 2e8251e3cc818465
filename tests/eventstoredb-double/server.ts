// The double's services on one port. It takes the connections itself, so that it can cut them.

import { randomInt, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server as Listener, type Socket } from 'node:net';
import gossipService from '@eventstore/db-client/generated/gossip_grpc_pb.js';
import gossip from '@eventstore/db-client/generated/gossip_pb.js';
import featuresService from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import features from '@eventstore/db-client/generated/serverfeatures_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streamsService from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import { type handleUnaryCall, Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { Access, type Users } from './access.ts';
import { type AppendCall, append, type BatchCall, batchAppend } from './appends.ts';
import { type Double, refusal, SILENT } from './calls.ts';
import { type Failure, streamDeleted, thrown, wrongVersion } from './failures.ts';
import { Faults } from './faults.ts';
import { nameIn } from './messages.ts';
import { fail, type ReadCall, read } from './reads.ts';
import { type Acl, type Expected, Streams } from './streams.ts';
import { takingTurns } from './turns.ts';
import { readBatchFrame, revisionOf } from './wire.ts';

export interface DoubleOptions {
  /** 0 or none: a free one. */
  readonly port?: number;
  readonly dataDir: string;
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** Names and passwords; `admin` may do everything. Without users anyone may. */
  readonly users?: Users;
  /** Rights on streams that say nothing of their own; default: every user has every right. */
  readonly acl?: Acl;
  /** Bytes of data in one append; default 1,048,576. */
  readonly maxAppendBytes?: number;
}

export const VERSION = '23.10.6';
const MAX_APPEND_BYTES = 1_048_576;
/** A message may be this long on either side. */
const MESSAGE_BYTES = 17 * 1024 * 1024;
const CALLS_A_CONNECTION = 100;
const HOST = '127.0.0.1';
const FREE_PORTS = [16_000, 32_000] as const;

export interface RunningDouble {
  readonly port: number;
  readonly streams: Streams;
  readonly faults: Faults;
  /** Cuts all connections. */
  disconnect(): void;
}

/** Opens the data and listens. */
export async function runDouble(options: DoubleOptions): Promise<RunningDouble> {
  const { dataDir, tls, users, acl, maxAppendBytes = MAX_APPEND_BYTES } = options;
  const streams = new Streams(dataDir);
  const faults = new Faults();
  faults.onChange(() => {
    streams.clockShift = (faults.get('clock')?.ms ?? 0) * 1000;
  });
  const sockets = new Map<string, Socket>();
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES,
    'grpc.max_send_message_length': MESSAGE_BYTES,
    'grpc.max_concurrent_streams': 10 * CALLS_A_CONNECTION,
    interceptors: [takingTurns(CALLS_A_CONNECTION)],
  });
  const credentials =
    tls === undefined
      ? ServerCredentials.createInsecure()
      : ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }]);
  const injector = server.createConnectionInjector(credentials);
  const listener = createServer({ noDelay: true }, (socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(peer, socket);
    socket.on('close', () => sockets.delete(peer));
    socket.on('error', () => {});
    injector.injectConnection(socket);
  });
  const port = await listen(listener, options.port ?? 0);
  const double: Double = {
    streams,
    faults,
    access: new Access(streams, users, acl),
    maxAppendBytes,
    address: { host: HOST, port },
    cut: (peer) => sockets.get(peer)?.destroySoon(),
  };
  addServices(server, double);
  return {
    port,
    streams,
    faults,
    disconnect() {
      for (const socket of sockets.values()) socket.resetAndDestroy();
    },
  };
}

/**
 * A free port is looked for below those that the system gives to clients: one of these might be given to somebody while the
 * double is down, even to the very client that tries to reach it again.
 */
async function listen(listener: Listener, port: number): Promise<number> {
  for (;;) {
    const tried = port === 0 ? randomInt(...FREE_PORTS) : port;
    try {
      listener.listen(tried, HOST);
      await once(listener, 'listening');
      return tried;
    } catch (error) {
      if (port !== 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
}

function addServices(server: Server, double: Double): void {
  const { StreamsService: definition } = streamsService;
  const definitions = {
    ...definition,
    read: { ...definition.read, responseSerialize: (bytes: Buffer) => bytes },
    batchAppend: { ...definition.batchAppend, requestDeserialize: readBatchFrame },
  };
  const implementation = {
    read: (call: ReadCall) => read(double, call).catch((error) => fail(call, noted(error))),
    append: (call: AppendCall, callback: sendUnaryData<streamMessages.AppendResp>) =>
      append(double, call, callback).catch((error) => callback(noted(error))),
    batchAppend: (call: BatchCall) => batchAppend(double, call),
    delete: deletion(double, 'delete'),
    tombstone: deletion(double, 'tombstone'),
  };
  server.addService(definitions as never, implementation as never);
  server.addService(
    featuresService.ServerFeaturesService as never,
    { getSupportedMethods: answering(double, supportedMethods) } as never,
  );
  server.addService(gossipService.GossipService as never, { read: answering(double, () => members(double)) } as never);
}

/** A handler that threw: a fault of the double, or nonsense from a client. */
function noted(error: unknown): Failure {
  console.error(error);
  return thrown();
}

function answering<Response>(double: Double, answer: () => Response): handleUnaryCall<shared.Empty, Response> {
  return async (call, callback) => {
    const refused = await refusal(double, call.metadata);
    if (refused === SILENT) return;
    if (refused !== undefined) callback(refused);
    else callback(null, answer());
  };
}

const STREAMS = 'event_store.client.streams.streams';
const METHODS = [
  [STREAMS, 'read', 'position', 'events'],
  [STREAMS, 'append'],
  [STREAMS, 'delete'],
  [STREAMS, 'tombstone'],
  [STREAMS, 'batchappend', 'deadline_duration'],
  ['event_store.client.gossip.gossip', 'read'],
  ['event_store.client.server_features.serverfeatures', 'getsupportedmethods'],
] as const;

function supportedMethods(): features.SupportedMethods {
  const supported = new features.SupportedMethods();
  supported.setEventStoreServerVersion(VERSION);
  for (const [service, name, ...more] of METHODS) {
    const method = new features.SupportedMethod();
    method.setServiceName(service);
    method.setMethodName(name);
    method.setFeaturesList([...more]);
    supported.addMethods(method);
  }
  return supported;
}

const INSTANCE = new shared.UUID.Structured();
// As a real one's it must be a UUID: the client throws at any other, where nobody can catch it.
const instance = Buffer.from(randomUUID().replaceAll('-', ''), 'hex');
INSTANCE.setMostSignificantBits(instance.readBigInt64BE(0).toString());
INSTANCE.setLeastSignificantBits(instance.readBigInt64BE(8).toString());

/** A cluster of one, which it leads. */
function members({ address }: Double): gossip.ClusterInfo {
  const endpoint = new gossip.EndPoint();
  endpoint.setAddress(address.host);
  endpoint.setPort(address.port);
  const id = new shared.UUID();
  id.setStructured(INSTANCE);
  const member = new gossip.MemberInfo();
  member.setInstanceId(id);
  member.setTimeStamp(`${Date.now()}0000`);
  member.setState(gossip.MemberInfo.VNodeState.LEADER);
  member.setIsAlive(true);
  member.setHttpEndPoint(endpoint);
  const cluster = new gossip.ClusterInfo();
  cluster.addMembers(member);
  return cluster;
}

type DeletionCall = handleUnaryCall<
  streamMessages.DeleteReq | streamMessages.TombstoneReq,
  streamMessages.DeleteResp | streamMessages.TombstoneResp
>;

function deletion(double: Double, kind: 'delete' | 'tombstone'): DeletionCall {
  const messages = kind === 'delete' ? streamMessages.DeleteResp : streamMessages.TombstoneResp;
  return async (call, callback) => {
    const options = call.request.getOptions()!;
    const stream = nameIn(options.getStreamIdentifier());
    const refused = await refusal(double, call.metadata, { operation: 'delete', stream });
    if (refused === SILENT) return;
    if (refused !== undefined) return callback(refused);
    let expected: Expected = 'any';
    if (options.hasRevision()) expected = revisionOf(options.getRevision());
    else if (options.hasNoStream()) expected = 'no_stream';
    else if (options.hasStreamExists()) expected = 'stream_exists';
    const unanswered = double.faults.take('drop-ack') !== undefined;
    const outcome = await double.streams[kind](stream, expected);
    if (unanswered) return;
    if (outcome.kind === 'deleted') return callback(streamDeleted(stream));
    if (outcome.kind === 'wrong-version') return callback(wrongVersion(stream, expected, outcome.current));
    const position = new messages.Position();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    const response = new messages();
    response.setPosition(position as never);
    callback(null, response);
  };
}
