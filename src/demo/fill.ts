// Lets a made-up state unfold in a store, over HTTP and nothing else: the files that its offices hand in go to /admin/loads, its
// statements in batches to /xapi/statements, and the simulated clock is moved from evening to evening.

import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FileToLoad, filesAtTheStart, filesOfMonth, instantOf, type Posting, type State } from './state/index.ts';

export interface Store {
  /** Where it listens: `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly key: string;
  readonly secret: string;
}

export interface Filled {
  /** Rows by kind of file, and how many files. */
  readonly files: ReadonlyMap<string, { files: number; rows: number }>;
  /** Statements by the system that sends them. */
  readonly statements: ReadonlyMap<string, { requests: number; statements: number }>;
  /** `X-Pramaan-Sequence` of the last write. */
  readonly sequence: number;
}

const BATCH = 500;
const CONNECTIONS = 4;
/** What happened since the evening before is posted; at the end of a month its files come after that. */
const EVENING = 22 * 60;

export interface Watching {
  /** A file of the beginning is handed in: the large ones. */
  loading(name: string): void;
  /** Statements stored so far, and which part of everything that is. */
  posted(statements: number, part: number): void;
}

/**
 * @param signal ends it after the evening or the file under way
 * @throws the signal's reason; StoreRefused with the store's own words, and everything ends
 */
export async function fill(state: State, store: Store, watching: Watching, signal: AbortSignal): Promise<Filled> {
  const filling = new Filling(store);
  const { months } = state.calendar;
  const done = { posted: 0, statements: 0 };
  try {
    for (const file of filesAtTheStart(state)) {
      signal.throwIfAborted();
      watching.loading(file.name);
      await filling.load(file);
    }
    for (const month of months.keys()) {
      for (const { day, postings } of state.eveningsOf(month)) {
        signal.throwIfAborted();
        await filling.moveClock(instantOf(day, EVENING));
        done.statements += await filling.post(counting(postings, done));
        watching.posted(done.statements, done.posted / state.postings);
      }
      for (const file of filesOfMonth(state, month)) await filling.load(file);
    }
    return filling;
  } finally {
    filling.close();
  }
}

/** The clock of a store that is filled goes on from here. */
export async function moveClock(store: Store, to: Date): Promise<void> {
  const filling = new Filling(store);
  await filling.moveClock(to.toISOString()).finally(() => filling.close());
}

/** The store said no. */
export class StoreRefused extends Error {
  override readonly name = 'StoreRefused';
}

class Filling implements Filled {
  readonly files = new Map<string, { files: number; rows: number }>();
  readonly statements = new Map<string, { requests: number; statements: number }>();
  sequence = 0;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async moveClock(to: string): Promise<void> {
    await this.#send('/admin/clock', 'application/json', JSON.stringify({ to }));
  }

  /** A file without rows is none. */
  async load({ kind, name, content }: FileToLoad): Promise<void> {
    if (content()[Symbol.iterator]().next().done) return;
    const path = `/admin/loads/${kind}?name=${encodeURIComponent(name)}`;
    const answer = await this.#send(path, 'text/csv; charset=utf-8', () => Readable.from(content()));
    const { rows } = JSON.parse(answer) as { rows: number };
    const sum = this.files.get(kind) ?? { files: 0, rows: 0 };
    this.files.set(kind, { files: sum.files + 1, rows: sum.rows + rows });
  }

  /** A few requests at once; all of them are answered when it resolves. @returns how many statements */
  async post(postings: Iterable<Posting>): Promise<number> {
    const batches = batchesOf(postings);
    let sent = 0;
    const oneAfterTheOther = async (): Promise<void> => {
      for (const { from, bodies } of batches) {
        await this.#send('/xapi/statements', 'application/json', `[${bodies.join(',')}]`);
        const sum = this.statements.get(from) ?? { requests: 0, statements: 0 };
        this.statements.set(from, { requests: sum.requests + 1, statements: sum.statements + bodies.length });
        sent += bodies.length;
      }
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, oneAfterTheOther));
    return sent;
  }

  close(): void {
    this.#agent.destroy();
  }

  /** Where the store asks for patience it is given: a large state keeps the read models busy. */
  async #send(path: string, type: string, body: string | (() => Readable)): Promise<string> {
    for (;;) {
      const response = await this.#sendOnce(path, type, body);
      const answer = await text(response);
      const { statusCode = 0, headers } = response;
      if (statusCode === 503 && headers['retry-after'] !== undefined) {
        await sleep(Number(headers['retry-after']) * 1000);
        continue;
      }
      if (statusCode >= 300) throw new StoreRefused(`POST ${path}: ${statusCode} ${answer.slice(0, 2000)}`);
      this.sequence = Math.max(this.sequence, Number(headers['x-pramaan-sequence'] ?? 0));
      return answer;
    }
  }

  async #sendOnce(path: string, type: string, body: string | (() => Readable)): Promise<IncomingMessage> {
    const { url, key, secret } = this.#store;
    const sending = request(`${url}${path}`, {
      method: 'POST',
      agent: this.#agent,
      auth: `${key}:${secret}`,
      headers: { 'Content-Type': type, 'X-Experience-API-Version': '2.0.0' },
    });
    if (typeof body === 'string') sending.end(body);
    else body().pipe(sending);
    const [response] = await once(sending, 'response');
    return response;
  }
}

function* counting(postings: Iterable<Posting>, count: { posted: number }): Generator<Posting> {
  for (const posting of postings) {
    count.posted++;
    yield posting;
  }
}

/** Each system sends its own. */
function* batchesOf(
  postings: Iterable<Posting>,
): Generator<{ readonly from: string; readonly bodies: readonly string[] }> {
  const waiting = new Map<string, string[]>();
  for (const { from, say } of postings) {
    const bodies = waiting.get(from) ?? [];
    if (bodies.length === 0) waiting.set(from, bodies);
    for (const statement of say()) bodies.push(JSON.stringify(statement));
    if (bodies.length < BATCH) continue;
    waiting.delete(from);
    yield { from, bodies };
  }
  for (const [from, bodies] of waiting) yield { from, bodies };
}
