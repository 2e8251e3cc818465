// Who is there? Asked before anything is written, and answered in words for the person who has to change something.

import { randomUUID } from 'node:crypto';
import { parseConnectionString } from '@eventstore/db-client/dist/Client/parseConnectionString.js';
import type { EventId, Revision } from '../../../contracts/words.ts';
import { type EventToAppend, LogRefused, LogUnavailable, WrongExpectedRevision } from '../port.ts';
import { Appends } from './appends.ts';
import type { Connection } from './connection.ts';
import { connectTo, DEFAULT_TIMEOUT, type EventStoreDbOptions } from './log.ts';
import { probe } from './probe.ts';
import { readRun } from './reads.ts';

export interface EventStoreDbFound {
  readonly version?: string;
}

/** No stream has ever an event of this number, so that an append after it stores nothing. */
const NEVER = Number.MAX_SAFE_INTEGER as Revision;

/**
 * Reads what there is of the record, and asks whether it may be written to, without writing.
 * @param record name of the stream of the record
 * @throws LogRefused in words: who does not answer and why, or what is wrong with the record
 */
export async function checkEventStoreDb(
  options: EventStoreDbOptions,
  record: string,
  { writes = true }: { /** false: reading is enough. */ readonly writes?: boolean } = {},
): Promise<EventStoreDbFound> {
  const { url, timeoutMs = DEFAULT_TIMEOUT } = options;
  const connection = connectTo(url);
  try {
    await checkRecord(connection, record, timeoutMs);
    if (writes) await checkRight(connection, record, timeoutMs);
    return { version: await connection.version(timeoutMs) };
  } catch (error) {
    if (error instanceof LogRefused) throw error;
    throw new LogRefused(await inWords(error as Error, url, connection.server.address, timeoutMs), { cause: error });
  } finally {
    connection.close();
  }
}

/** The record must be whole: nothing may take its events away, and nothing may have done so. */
async function checkRecord(connection: Connection, record: string, timeoutMs: number): Promise<void> {
  const reading = { timeoutMs, signal: new AbortController().signal };
  const [first] = await readRun(connection, record, { limit: 1 }, reading);
  if (first !== undefined && first.revision !== 0) {
    throw new LogRefused(
      `the stream ${record} begins at revision ${first.revision}: the events before it are gone, and Pramaan cannot do without them`,
    );
  }
  const [metadata] = await readRun(connection, `$$${record}`, { limit: 1, backwards: true }, reading);
  if (metadata === undefined || metadata.data.byteLength === 0) return;
  const settings = JSON.parse(Buffer.from(metadata.data).toString()) as Readonly<Record<string, unknown>>;
  for (const name of ['$maxAge', '$maxCount', '$tb']) {
    if (settings[name] !== undefined && settings[name] !== 0) {
      throw new LogRefused(
        `the metadata of the stream ${record} set ${name}, by which EventStoreDB takes events away: Pramaan needs all of them. Remove ${name} from the stream's metadata`,
      );
    }
  }
}

async function checkRight(connection: Connection, record: string, timeoutMs: number): Promise<void> {
  const probing: EventToAppend = {
    id: randomUUID() as EventId,
    type: 'right-asked.v1',
    contentType: 'json',
    data: Buffer.from('{}'),
    metadata: Buffer.from('{}'),
  };
  const appends = new Appends(connection, timeoutMs);
  try {
    await appends.append({ stream: record, events: [probing], expected: NEVER, bytes: 2 });
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
  } finally {
    await appends.close();
  }
}

/** Asks each host by itself what keeps it from answering. */
async function inWords(error: Error, url: string, address: string, timeoutMs: number): Promise<string> {
  const options = parseConnectionString(url);
  const found = await Promise.all(
    options.hosts.map(async (host) => {
      const obstacle = await probe(host, { tls: options.tls ?? true, caFile: options.tlsCAFile, timeoutMs });
      return { obstacle, words: `${host.address}:${host.port}: ${obstacle ?? 'EventStoreDB may be there'}` };
    }),
  );
  if (found.every(({ obstacle }) => obstacle !== undefined)) {
    return `no EventStoreDB at ${found.map(({ words }) => words).join('; ')}`;
  }
  const hosts = found.length > 1 ? ` (${found.map(({ words }) => words).join('; ')})` : '';
  if (/ServerName to an IP address/.test(error.message)) {
    return `the nodes of the cluster at ${address} name themselves by IP addresses, and a TLS connection needs names: let each node advertise the host name that its certificate is for`;
  }
  if (/not ready|no leader|busy|failed to discover/i.test(error.message)) {
    return `EventStoreDB at ${address} is there and not ready: it is starting, or its cluster has no leader yet${hosts}. ${error.message}`;
  }
  if (error instanceof LogUnavailable && /did not answer|cannot be reached, while [^:]*$/.test(error.message)) {
    return `EventStoreDB at ${address} takes the connection and does not answer within ${timeoutMs} ms: it is frozen, overloaded or has no leader${hosts}`;
  }
  return `${error.message}${hosts}`;
}
