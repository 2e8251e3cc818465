// Several nodes on one EventStoreDB: processes with a data folder each, under one stream prefix. The server is a double of its
// protocol, or the real one that TEST_EVENTSTOREDB_URL names.

import { randomUUID } from 'node:crypto';
import type { Ready } from '../../../contracts/http/health.ts';
import { type EventStoreForTests, eventStoreForTests } from '../../eventstoredb-double/server-for-tests.ts';
import { type Anything, jsonLines } from '../../journeys/command.ts';
import { removeFolders, type Server, type ServerOptions, startServer } from '../../journeys/server.ts';
import { until } from '../until.ts';

export class Nodes {
  readonly #store: EventStoreForTests;
  readonly #running = new Set<Server>();
  readonly #elsewhere: Nodes[] = [];
  /** Of every node: where the log is. */
  readonly settings: Readonly<Record<string, string>>;

  private constructor(store: EventStoreForTests) {
    this.#store = store;
    this.settings = {
      PRAMAAN_EVENT_LOG_URL: store.url,
      PRAMAAN_STREAM_PREFIX: `nodes-${randomUUID().slice(0, 13)}-`,
      PRAMAAN_READ_WORKERS: '1',
    };
  }

  /** An EventStoreDB on which nobody has written under this prefix. */
  static async onEmptyServer(): Promise<Nodes> {
    return new Nodes(await eventStoreForTests());
  }

  /** The same server, under another prefix: empty again. Closed with these. */
  elsewhere(): Nodes {
    const nodes = new Nodes(this.#store);
    this.#elsewhere.push(nodes);
    return nodes;
  }

  async start(options: ServerOptions = {}): Promise<Server> {
    const environment = { ...this.settings, ...options.environment };
    const node = await startServer({ ...options, environment });
    this.#running.add(node);
    return node;
  }

  /** The first alone, so that it begins the record; the others at once. */
  async startMany(count: number, options: ServerOptions = {}): Promise<Server[]> {
    const first = await this.start(options);
    return [first, ...(await Promise.all(Array.from({ length: count - 1 }, () => this.start(options))))];
  }

  /** SIGKILL. */
  async kill(node: Server): Promise<void> {
    this.#running.delete(node);
    await node.kill();
  }

  /** Stops every node that runs, with exit code 0 each. */
  async stop(): Promise<void> {
    const nodes = [...this.#running];
    this.#running.clear();
    const codes = await Promise.all(nodes.map((node) => node.stop()));
    if (codes.some((code) => code !== 0)) {
      throw new Error(`nodes ended with ${codes}: ${nodes.map((node) => node.errors()).join('\n')}`);
    }
  }

  /** After all tests of a file: nodes, server, folders. */
  async close(): Promise<void> {
    try {
      for (const nodes of [this, ...this.#elsewhere]) await nodes.stop();
    } finally {
      await this.#store.close();
      removeFolders();
    }
  }
}

/** As clients do: sent again as it was while a node says that it takes too long, which on a busy machine it may. */
export async function persistently(send: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await send();
    if (response.status !== 503) return response;
    if (!response.headers.has('retry-after')) throw new Error(`503 without Retry-After: ${await response.text()}`);
    await response.arrayBuffer();
  }
}

/** The record as this node's auditors get it, up to this sequence: one line an event. */
export async function recordOn(node: Server, sequence: number): Promise<string> {
  const response = await node.fetch(`/audit/events?until=${sequence}&atLeast=${sequence}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`/audit/events answered ${response.status}: ${text}`);
  return text;
}

export interface InRecord {
  readonly sequence: number;
  readonly statement: Anything;
}

/**
 * Reads the whole record on every node: the same bytes on each, dense, no id twice, `stored` strictly increasing. Returns its
 * statements by id, in their order.
 */
export async function checkedRecord(nodes: readonly Server[], sequence: number): Promise<Map<string, InRecord>> {
  const [record, ...others] = await Promise.all(nodes.map((node) => recordOn(node, sequence)));
  if (others.some((other) => other !== record)) throw new Error('the record differs between the nodes');
  const found = new Map<string, InRecord>();
  let stored = '';
  const lines = jsonLines(record!);
  for (const [at, event] of lines.entries()) {
    if (event.sequence !== at) throw new Error(`sequence ${event.sequence} where ${at} was due`);
    if (event.type !== 'statement-recorded.v1') continue;
    const { data: statement } = event;
    if (found.has(statement.id)) throw new Error(`the id ${statement.id} is in the record twice`);
    if (statement.stored <= stored) throw new Error(`sequence ${at}: stored ${statement.stored} after ${stored}`);
    stored = statement.stored;
    found.set(statement.id, { sequence: at, statement });
  }
  if (lines.length !== sequence + 1) throw new Error(`the record has ${lines.length} events, not ${sequence + 1}`);
  return found;
}

export async function ready(node: Server): Promise<Ready> {
  const response = await node.fetch('/health/ready');
  return (await response.json()) as Ready;
}

/** The head of the record, once every node has copied it and its read models have seen it. Nobody may write meanwhile. */
export async function settled(nodes: readonly Server[]): Promise<number> {
  let head = -1;
  await until(async () => {
    const states = await Promise.all(nodes.map(ready));
    head = Math.max(...states.map(({ recording, localCopy }) => Math.max(recording.sequence, localCopy!.sequence)));
    return states
      .flatMap(({ statementIndex, peopleModel }) => [statementIndex, peopleModel])
      .every(({ state, sequence }) => state === 'following' && sequence === head);
  }, 'the read models of every node to have seen the record');
  return head;
}
