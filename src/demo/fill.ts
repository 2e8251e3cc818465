// Lets a made-up state unfold in a store, over HTTP and nothing else: the files that its offices hand in go to /admin/loads, its
// statements in batches to /xapi/statements, and the simulated clock is moved from evening to evening.

import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
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
/** What happened on a day is posted on its evening, the month's files after that. */
const EVENING = 22 * 60;

/**
 * @param onProgress statements stored so far, and which part of the days is over
 * @throws StoreRefused with the store's own words, and everything ends
 */
export async function fill(
  state: State,
  store: Store,
  onProgress: (statements: number, part: number) => void,
): Promise<Filled> {
  const filling = new Filling(store);
  const { months, start, yesterday } = state.calendar;
  let posted = 0;
  try {
    for (const file of filesAtTheStart(state)) await filling.load(file);
    for (const month of months.keys()) {
      for (const { day, postings } of state.daysOf(month)) {
        await filling.moveClock(instantOf(day, EVENING));
        posted += await filling.post(postings);
        onProgress(posted, (day - start + 1) / (yesterday - start + 1));
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
    const pieces = content()[Symbol.iterator]();
    const first = pieces.next();
    if (first.done) return;
    const answer = await this.#send(
      `/admin/loads/${kind}?name=${encodeURIComponent(name)}`,
      'text/csv; charset=utf-8',
      Readable.from(andThen(first.value, pieces)),
    );
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

  async #send(path: string, type: string, body: string | Readable): Promise<string> {
    const { url, key, secret } = this.#store;
    const sending = request(`${url}${path}`, {
      method: 'POST',
      agent: this.#agent,
      auth: `${key}:${secret}`,
      headers: { 'Content-Type': type, 'X-Experience-API-Version': '2.0.0' },
    });
    if (typeof body === 'string') sending.end(body);
    else body.pipe(sending);
    const [response] = await once(sending, 'response');
    const answer = await text(response);
    if (response.statusCode >= 300)
      throw new StoreRefused(`POST ${path}: ${response.statusCode} ${answer.slice(0, 2000)}`);
    this.sequence = Math.max(this.sequence, Number(response.headers['x-pramaan-sequence'] ?? 0));
    return answer;
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

function* andThen(first: string, rest: Iterator<string>): Generator<string> {
  yield first;
  for (let next = rest.next(); !next.done; next = rest.next()) yield next.value;
}
