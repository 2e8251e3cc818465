// Clients of a node, several connections at once: batches and single statements whose ids they choose, some with attachments,
// and bookmarks. What is answered 503, or not at all, they send again, as clients do. Everything sent and answered is kept.

import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Anything } from '../../journeys/command.ts';
import { type Chance, statement, uuid } from '../../journeys/seeded.ts';
import type { Server } from '../../journeys/server.ts';

export interface Batch {
  readonly statements: readonly Anything[];
  readonly attachment?: Buffer;
  /** A single one is put, a batch is posted. */
  readonly single: boolean;
  acknowledged: boolean;
}

export interface Answer {
  readonly status: number;
  /** When it came and how long it took, milliseconds of performance.now(). */
  readonly at: number;
  readonly took: number;
  /** Of a problem. */
  readonly detail: string;
  readonly retryAfter: string | null;
}

export interface LoadOptions {
  readonly writers?: number;
  /** Share of the batches that carry an attachment. */
  readonly attachments?: number;
  /** Most statements of a batch, usually. */
  readonly most?: number;
  /** Whether a node may say that its statement index is being built: it begins with nothing at some time. */
  readonly builds?: boolean;
}

const BOOKMARK = `/xapi/activities/state?${new URLSearchParams({
  activityId: 'https://learn.example.gov.in/courses/1',
  agent: JSON.stringify({ mbox: 'mailto:reader@learn.example.gov.in' }),
  stateId: 'bookmark',
})}`;
/** Of the version in which a bookmark is overwritten without its ETag. */
const VERSION_1 = { 'x-experience-api-version': '1.0.3' };
const JSON_TYPE = { 'content-type': 'application/json' };

export class Load {
  readonly batches: Batch[] = [];
  readonly batchOf = new Map<string, Batch>();
  /** How many statements were acknowledged. */
  statements = 0;
  /** Answers to writes, by status; `gone` where the connection broke. */
  readonly answers: Record<string, number> = {};
  readonly bookmark = { acknowledged: 0, sent: 0 };
  /** The longest that a writer waited for an answer, milliseconds, and for what. */
  slowest = 0;
  #slowestWas = '';
  #lastRefusal = '';
  /** Statements got while the load ran, and the longest that it took. */
  readonly reads = { count: 0, slowest: 0 };
  readonly #by: Chance;
  readonly #options: Required<LoadOptions>;
  readonly #listeners = new Set<(answer: Answer) => void>();
  /** Whom the clients talk to; waited for while there is nobody. */
  #server = Promise.withResolvers<Server>();
  #there = false;
  #ending = false;
  #clients: Promise<unknown> | undefined;
  #failure: Error | undefined;

  constructor(by: Chance, { writers = 8, attachments = 0.05, most = 30, builds = false }: LoadOptions = {}) {
    this.#by = by;
    this.#options = { writers, attachments, most, builds };
  }

  /** The clients talk to this node from now on, and begin when they have not. */
  attach(server: Server): void {
    this.#there = true;
    this.#server.resolve(server);
    this.#clients ??= Promise.all([
      ...Array.from({ length: this.#options.writers }, () => this.#untilEnd((to) => this.#write(to))),
      this.#untilEnd((to) => this.#writeBookmark(to)),
      this.#untilEnd((to) => this.#read(to)),
    ]);
    // It is thrown by whoever waits for the load next.
    this.#clients.catch((error) => {
      this.#failure = error;
    });
  }

  /** The node is about to end: connections may break. */
  detach(): void {
    this.#there = false;
    this.#server = Promise.withResolvers();
  }

  /** Ends the clients, each after the answer that it waits for. */
  async end(): Promise<void> {
    this.#ending = true;
    await this.#clients;
  }

  /** The next answer to a write of statements that is like this. */
  async next(isMeant: (answer: Answer) => boolean, patienceMs = 60_000): Promise<Answer> {
    const { promise, resolve } = Promise.withResolvers<Answer | undefined>();
    const listener = (answer: Answer): void => {
      if (isMeant(answer)) resolve(answer);
    };
    this.#listeners.add(listener);
    const timer = setTimeout(() => resolve(undefined), patienceMs);
    const broken = this.#clients?.then(
      () => undefined,
      (error) => {
        throw error;
      },
    );
    try {
      const found = await Promise.race([promise, broken]);
      if (this.#failure) throw this.#failure;
      if (!found)
        throw new Error(
          `no such answer in ${patienceMs / 1000} s: ${JSON.stringify(this.answers)} ${this.#lastRefusal}`,
        );
      return found;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(listener);
    }
  }

  /** Until a request that begins from now on succeeds. @returns milliseconds */
  async goesOn(): Promise<number> {
    const from = performance.now();
    const { at } = await this.next((answer) => answer.status < 300 && answer.at - answer.took >= from);
    return at - from;
  }

  async acknowledgements(count: number): Promise<void> {
    for (let i = 0; i < count; i++) await this.next(({ status }) => status < 300);
  }

  /** Every batch without an acknowledgement again, as clients do: all succeed. The load must have ended. */
  async repeat(server: Server): Promise<void> {
    const open = this.batches.filter(({ acknowledged }) => !acknowledged);
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let batch = open.pop(); batch; batch = open.pop()) {
          const response = await server.fetch(...requestOf(batch));
          if (response.status >= 300) expect.fail(`${response.status} ${await response.text()}`);
          await response.arrayBuffer();
          batch.acknowledged = true;
        }
      }),
    );
  }

  /** The bookmark as it is read now: the one acknowledged last, or one sent after it. */
  async checkBookmark(server: Server): Promise<void> {
    if (this.bookmark.acknowledged === 0) return;
    const response = await server.fetch(BOOKMARK);
    expect(response.status).toBe(200);
    const { page } = (await response.json()) as { page: number };
    expect(page).toBeGreaterThanOrEqual(this.bookmark.acknowledged);
    expect(page).toBeLessThanOrEqual(this.bookmark.sent);
  }

  /** For the line that a test prints. */
  figures(): Record<string, unknown> {
    return {
      batches: this.batches.length,
      statements: this.statements,
      answers: this.answers,
      slowestAnswerMs: Math.round(this.slowest),
      slowestWas: this.#slowestWas,
      reads: this.reads.count,
      slowestReadMs: Math.round(this.reads.slowest),
    };
  }

  async #untilEnd(once: (server: Server) => Promise<void>): Promise<void> {
    while (!this.#ending && !this.#failure) {
      const { promise } = this.#server;
      const server = await promise;
      try {
        await once(server);
      } catch (error) {
        // Only fetch throws those: the connection broke, which it may when the node is ended.
        if (!(error instanceof TypeError) || (this.#there && this.#server.promise === promise)) throw error;
        this.#count('gone');
      }
    }
  }

  async #write(server: Server): Promise<void> {
    const by = this.#by;
    const open = by.happens(0.5) ? this.batches.findLast(({ acknowledged }) => !acknowledged) : undefined;
    const batch = open ?? this.#newBatch();
    const began = performance.now();
    const response = await server.fetch(...requestOf(batch));
    const body = await response.text();
    const at = performance.now();
    const { status } = response;
    this.#count(String(status));
    this.#waited(at - began, `${batch.statements.length}${batch.attachment ? ' with an attachment' : ''}: ${status}`);
    if (status < 300) {
      if (!batch.acknowledged) this.statements += batch.statements.length;
      batch.acknowledged = true;
    }
    const retryAfter = response.headers.get('retry-after');
    const detail = status < 300 ? '' : ((JSON.parse(body) as { detail?: string }).detail ?? body);
    for (const tell of this.#listeners) tell({ status, at, took: at - began, detail, retryAfter });
    if (status < 300) return;
    this.#lastRefusal = detail;
    const isProblem = response.headers.get('content-type')?.includes('application/problem+json');
    if (status !== 503 || !isProblem || !(Number(retryAfter) > 0)) {
      throw new Error(`${status}, Retry-After ${retryAfter}: ${body}`);
    }
    // Sooner than Retry-After says: the tests have no seconds to lose.
    await delay(by.whole(20, 200));
  }

  async #writeBookmark(server: Server): Promise<void> {
    const page = ++this.bookmark.sent;
    const began = performance.now();
    const response = await server.fetch(BOOKMARK, {
      method: 'PUT',
      headers: { ...JSON_TYPE, ...VERSION_1 },
      body: JSON.stringify({ page, notes: 'x'.repeat(this.#by.happens(0.2) ? 20_000 : 10) }),
    });
    const body = await response.text();
    this.#waited(performance.now() - began, `a document: ${response.status} ${body}`);
    this.#count(`document ${response.status}`);
    if (response.status === 204) this.bookmark.acknowledged = page;
    else if (response.status !== 503 || !(Number(response.headers.get('retry-after')) > 0)) {
      throw new Error(`a document: ${response.status} ${body}`);
    }
    await delay(this.#by.whole(20, 200));
  }

  async #read(server: Server): Promise<void> {
    const began = performance.now();
    const response = await server.fetch('/xapi/statements?limit=5');
    const body = await response.text();
    const isBuilding = this.#options.builds && response.status === 503 && /index is being built/.test(body);
    if (response.status !== 200 && !isBuilding) throw new Error(`statements: ${response.status} ${body}`);
    this.reads.count += 1;
    this.reads.slowest = Math.max(this.reads.slowest, performance.now() - began);
    await delay(this.#by.whole(20, 100));
  }

  #newBatch(): Batch {
    const by = this.#by;
    const single = by.happens(0.3);
    const size = single ? 1 : by.happens(0.1) ? by.whole(100, 400) : by.whole(1, this.#options.most);
    const statements = Array.from({ length: size }, () => statement(by));
    const attached = !single && by.happens(this.#options.attachments);
    const attachment = attached ? Buffer.from(uuid(by).repeat(by.whole(1, 2_000))) : undefined;
    if (attachment) {
      statements[0].attachments = [described(attachment)];
    }
    const batch: Batch = { statements, single, acknowledged: false, ...(attachment && { attachment }) };
    this.batches.push(batch);
    for (const { id } of statements) this.batchOf.set(id, batch);
    return batch;
  }

  #waited(milliseconds: number, what: string): void {
    if (milliseconds < this.slowest) return;
    this.slowest = milliseconds;
    this.#slowestWas = what;
  }

  #count(answer: string): void {
    this.answers[answer] = (this.answers[answer] ?? 0) + 1;
  }
}

/** As the statement names it that it comes with. */
function described(attachment: Buffer): Anything {
  return {
    usageType: 'https://learn.example.gov.in/attachments/certificate',
    display: { 'en-IN': 'Certificate' },
    contentType: 'application/octet-stream',
    length: attachment.byteLength,
    sha2: sha256(attachment),
  };
}

/** A statement posted with an attachment of this many bytes, which nobody else has. */
export function postWithAttachment(by: Chance, bytes: number): [path: string, init: RequestInit] {
  const attachment = Buffer.from(uuid(by).repeat(Math.ceil(bytes / 36))).subarray(0, bytes);
  return requestOf({
    statements: [statement(by, { attachments: [described(attachment)] })],
    attachment,
    single: false,
  });
}

function requestOf({ statements, attachment, single }: Omit<Batch, 'acknowledged'>): [path: string, init: RequestInit] {
  if (single) {
    const [only] = statements;
    return [
      `/xapi/statements?statementId=${only.id}`,
      { method: 'PUT', headers: JSON_TYPE, body: JSON.stringify(only) },
    ];
  }
  const json = JSON.stringify(statements);
  if (!attachment) return ['/xapi/statements', { method: 'POST', headers: JSON_TYPE, body: json }];
  const head =
    `--parts\r\nContent-Type: application/json\r\n\r\n${json}\r\n--parts\r\nContent-Type: application/octet-stream\r\n` +
    `Content-Transfer-Encoding: binary\r\nX-Experience-API-Hash: ${sha256(attachment)}\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), attachment, Buffer.from('\r\n--parts--\r\n')]);
  return ['/xapi/statements', { method: 'POST', headers: { 'content-type': 'multipart/mixed; boundary=parts' }, body }];
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
