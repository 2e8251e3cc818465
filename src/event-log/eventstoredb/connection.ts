// One connection to EventStoreDB: made lazily through the package's client, which knows connection strings, TLS, users and
// how to find a cluster's leader, and made again when it was lost.
//
// Calls are made on the client's generated stub, not through its public methods: those keep pending appends in a global of
// the module (one client's failure rejects another's appends), never settle an append that a silent server holds, lose the
// buffered end of a subscription, and encode each event twice. What they are driven by is not public, though not hidden
// either; this file is the only one that touches it.

import { EventStoreDBClient } from '@eventstore/db-client';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import sharedPb from '@eventstore/db-client/generated/shared_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';
import { type ServerNamed, serverNamed } from './connection-string.ts';

export type StreamsClient = streamsGrpc.StreamsClient;
type CallArguments = Parameters<StreamsClient['batchAppend']>;

/** The part of EventStoreDBClient that makes stubs, and makes the connection again after a failure that asks for it. */
interface Inside {
  getGRPCClient<Stub>(stub: { prototype: Stub }, name: string): Promise<Stub>;
  handleError(stub: StreamsClient, error: Error): Promise<void>;
  callArguments(
    options: { readonly requiresLeader: boolean },
    callOptions: { readonly deadline: number },
  ): Required<CallArguments>;
}

export class Connection {
  readonly server: ServerNamed;
  readonly #url: string;
  #inside: Inside;
  #stub: StreamsClient | undefined;
  #closed = false;

  /** @throws Error the connection string cannot be understood, or a certificate file that it names cannot be read */
  constructor(url: string) {
    this.#url = url;
    this.server = serverNamed(url);
    this.#inside = insideOf(url);
  }

  /** The stub for calls; for a cluster this finds the leader first. */
  async streams(): Promise<StreamsClient> {
    const stub = await this.#inside.getGRPCClient(streamsGrpc.StreamsClient, 'streams');
    if (this.#closed) stub.close();
    else this.#stub = stub;
    return stub;
  }

  /** The server's version. @throws when it does not say so within the time-out */
  async version(timeoutMs: number): Promise<string> {
    const stub = await this.#inside.getGRPCClient(featuresGrpc.ServerFeaturesClient, 'features');
    const [metadata, options] = this.arguments();
    const within = { ...options, deadline: Date.now() + timeoutMs };
    return new Promise((resolve, reject) => {
      stub.getSupportedMethods(new sharedPb.Empty(), metadata, within, (error, answer) =>
        error ? reject(error) : resolve(answer.getEventStoreServerVersion()),
      );
    });
  }

  /** Only the leader has read its own writes: every call asks for it. Calls last as long as they must. */
  arguments(): Required<CallArguments> {
    return this.#inside.callArguments({ requiresLeader: true }, { deadline: Number.POSITIVE_INFINITY });
  }

  /** Whoever met a failure says so: the next call then finds a new connection, to the leader that the server named if any. */
  async failed(stub: StreamsClient, error: Error): Promise<void> {
    if (this.#closed) return;
    try {
      await this.#inside.handleError(stub, error);
    } catch {
      // It was looking for the leader meanwhile and found none. What it keeps of that is not to be trusted.
      stub.close();
      this.#inside = insideOf(this.#url);
    }
  }

  close(): void {
    this.#closed = true;
    this.#stub?.close();
  }
}

/** @throws Error also for an option that the client would pass over with a warning; and the warning shows the whole string */
function insideOf(url: string): Inside {
  const passedOver: string[] = [];
  const { warn } = console;
  console.warn = (words: string) => void passedOver.push(words.split(/\n|, setting will|, and will/, 1)[0]!);
  try {
    const inside = EventStoreDBClient.connectionString(url) as unknown as Inside;
    if (passedOver.length > 0) throw new Error(passedOver[0]);
    return inside;
  } finally {
    console.warn = warn;
  }
}
