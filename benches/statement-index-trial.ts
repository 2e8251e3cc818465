// The trial that settled the statement index's layout, kept as a bench: synthetic statements are saved at a given rate on a
// thread of their own while questions are asked on another, of which a rare agent with a common verb is one.
//
//   node benches/statement-index-trial.ts --statements 1000000 --rate 10000 --layout segments
//
// Layouts: `segments` is the real store; `rows` (a row a posting) and `blocks` (sorted lists of 512, the last one of each
// term growing) are what it was chosen over. Rate 0: as fast as it goes. Prints JSON lines.

import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { parseArgs } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import type { AgentKey, EventId, Microseconds, Sequence, StatementId } from '../contracts/words.ts';
import { type IndexedEvent, type Term, term } from '../projections/statement-index/index.ts';
import { openIndexForReading } from '../src/read-models/statement-index/file.ts';
import { bytesOf, idKey, termKey } from '../src/read-models/statement-index/keys.ts';
import type { StatementQuery } from '../src/read-models/statement-index/port.ts';
import { Search } from '../src/read-models/statement-index/search.ts';
import { openStatementIndexStore } from '../src/read-models/statement-index/store.ts';
import { randomNumbers } from './setup/load.ts';

const LAYOUTS = ['segments', 'blocks', 'rows'] as const;
type Layout = (typeof LAYOUTS)[number];

const ACTIVITIES = 4179;
const AGENTS = 150_000;
const VERBS = 30;
/** Every so many statements one is by an agent of whom there are few. */
const RARE_EVERY = 5000;

const activity = (number: number): string => `https://learning.example/activities/${number}`;
const agent = (number: number): AgentKey =>
  `account:https://people.example|${String(number).padStart(8, '0')}` as AgentKey;
const verb = (number: number): string => `https://verbs.example/${number}`;
const rareAgent = (number: number): AgentKey => `mailto:rare-${number}@people.example` as AgentKey;

/** Statements as the fold hands them to the store: about ten terms each. */
function statements(seed: number): (sequence: number) => IndexedEvent {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  // Zipf: the n-th is asked for about 1/n as often as the first.
  const zipf = (limit: number): number => Math.floor(limit ** random()) - 1;
  const hex = (digits: number): string =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const uuid = (): string => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(8)}${hex(4)}`;
  const registrations = Array.from({ length: 200 }, uuid);

  return (sequence) => {
    const at = below(registrations.length);
    if (random() < 0.2) registrations[at] = uuid();
    const who = sequence % RARE_EVERY === 0 ? rareAgent((sequence / RARE_EVERY) % 10) : agent(below(AGENTS));
    const terms = new Set<Term>([
      term('postedBy', 'trial'),
      term('verb', verb(zipf(VERBS))),
      term('activity', activity(zipf(ACTIVITIES))),
      term('agent', who),
      term('registration', registrations[at]!),
      term('relatedAgent', agent(below(2000))),
      term('relatedAgent', agent(below(50))),
      term('relatedAgent', 'mailto:authority@lms.example'),
    ]);
    for (let i = 0; i < 4; i++) terms.add(term('relatedActivity', activity(zipf(ACTIVITIES))));
    return {
      sequence: sequence as Sequence,
      eventId: uuid() as EventId,
      stored: (1_700_000_000_000_000 + sequence * 100) as Microseconds,
      statement: {
        id: uuid() as StatementId,
        digest: hex(8).repeat(8),
        terms: [...terms],
        isVoiding: false,
        definitions: [],
      },
    };
  };
}

interface Writing {
  save(events: readonly IndexedEvent[]): void;
  close(): void;
}
interface Reading {
  /** Newest (or oldest) sequences that have all terms. */
  find(filters: Filters, limit: number, ascending: boolean): number;
}
interface Filters {
  readonly verb?: string;
  readonly activity?: string;
  readonly agent?: AgentKey;
  readonly relatedActivities?: boolean;
  readonly relatedAgents?: boolean;
}

const SETTINGS = `PRAGMA page_size = 4096; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -64000; PRAGMA wal_autocheckpoint = 4000`;

function keyOf(one: Term): bigint {
  const bytes = Buffer.from(termKey(one), 'latin1');
  return bytes.readBigInt64LE(0);
}

function openRows(file: string): Writing {
  const database = new DatabaseSync(file);
  database.exec(`${SETTINGS};
    CREATE TABLE posting (term INTEGER, sequence INTEGER, PRIMARY KEY (term, sequence)) WITHOUT ROWID;
    CREATE TABLE identity (id BLOB PRIMARY KEY, sequence INTEGER, digest BLOB) WITHOUT ROWID;
    CREATE TABLE head (one INTEGER PRIMARY KEY, sequence INTEGER)`);
  const post = database.prepare('INSERT INTO posting VALUES (?, ?)');
  const identify = database.prepare('INSERT INTO identity VALUES (?, ?, ?)');
  const move = database.prepare('INSERT OR REPLACE INTO head VALUES (1, ?)');
  return {
    save(events) {
      database.exec('BEGIN IMMEDIATE');
      for (const { sequence, statement } of events) {
        if (!statement) continue;
        for (const one of statement.terms) post.run(keyOf(one), sequence);
        identify.run(bytesOf(idKey(statement.id)), sequence, Buffer.from(statement.digest, 'hex'));
      }
      move.run(events.at(-1)!.sequence);
      database.exec('COMMIT');
    },
    close: () => database.close(),
  };
}

const PER_BLOCK = 512;

function openBlocks(file: string): Writing {
  const database = new DatabaseSync(file);
  database.exec(`${SETTINGS};
    CREATE TABLE posting (term INTEGER, first INTEGER, block BLOB, PRIMARY KEY (term, first)) WITHOUT ROWID;
    CREATE TABLE identity (id BLOB PRIMARY KEY, sequence INTEGER, digest BLOB) WITHOUT ROWID;
    CREATE TABLE head (one INTEGER PRIMARY KEY, sequence INTEGER)`);
  const last = database.prepare('SELECT first, block FROM posting WHERE term = ? ORDER BY first DESC LIMIT 1');
  const put = database.prepare('INSERT OR REPLACE INTO posting VALUES (?, ?, ?)');
  const identify = database.prepare('INSERT INTO identity VALUES (?, ?, ?)');
  const move = database.prepare('INSERT OR REPLACE INTO head VALUES (1, ?)');
  return {
    save(events) {
      const lists = new Map<bigint, number[]>();
      const ids: [Uint8Array, number, Buffer][] = [];
      for (const { sequence, statement } of events) {
        if (!statement) continue;
        for (const one of statement.terms) {
          const key = keyOf(one);
          const list = lists.get(key);
          if (list) list.push(sequence);
          else lists.set(key, [sequence]);
        }
        ids.push([bytesOf(idKey(statement.id)), sequence, Buffer.from(statement.digest, 'hex')]);
      }
      database.exec('BEGIN IMMEDIATE');
      for (const key of [...lists.keys()].sort((a, b) => (a < b ? -1 : 1))) {
        const row = last.get(key) as { first: number; block: Uint8Array } | undefined;
        let all = lists.get(key)!;
        let block = row ? readBlock(row.block) : [];
        while (all.length > 0) {
          if (block.length >= PER_BLOCK) block = [];
          const room = PER_BLOCK - block.length;
          block.push(...all.slice(0, room));
          all = all.slice(room);
          put.run(key, block[0]!, writeBlock(block));
        }
      }
      ids.sort(([a], [b]) => Buffer.compare(a, b));
      for (const row of ids) identify.run(...row);
      move.run(events.at(-1)!.sequence);
      database.exec('COMMIT');
    },
    close: () => database.close(),
  };
}

function writeBlock(list: readonly number[]): Uint8Array {
  const bytes: number[] = [];
  let before = 0;
  for (const one of list) {
    let rest = one - before;
    before = one;
    while (rest >= 128) {
      bytes.push((rest % 128) | 128);
      rest = Math.floor(rest / 128);
    }
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

function readBlock(bytes: Uint8Array): number[] {
  const list: number[] = [];
  let before = 0;
  let at = 0;
  while (at < bytes.length) {
    let factor = 1;
    let value = 0;
    for (;;) {
      const byte = bytes[at++]!;
      value += (byte & 127) * factor;
      if (byte < 128) break;
      factor *= 128;
    }
    before += value;
    list.push(before);
  }
  return list;
}

function openWriting(layout: Layout, file: string): Writing {
  if (layout === 'rows') return openRows(file);
  if (layout === 'blocks') return openBlocks(file);
  return openStatementIndexStore(file, () => undefined);
}

function termsOf(filters: Filters): Term[] {
  return [
    ...(filters.agent ? [term(filters.relatedAgents ? 'relatedAgent' : 'agent', filters.agent)] : []),
    ...(filters.activity ? [term(filters.relatedActivities ? 'relatedActivity' : 'activity', filters.activity)] : []),
    ...(filters.verb ? [term('verb', filters.verb)] : []),
  ];
}

function openReading(layout: Layout, file: string): Reading {
  if (layout === 'segments') {
    const search = new Search(openIndexForReading(file));
    const query = { relatedActivities: false, relatedAgents: false, format: 'exact', languages: [] } as const;
    return {
      find: (filters, limit, ascending) =>
        search.snapshot(({ sequence }) => {
          const asked: StatementQuery = { ...query, ...filters, limit, ascending };
          return search.find(asked, { from: 0, to: sequence }, limit).length;
        }),
    };
  }
  const database = new DatabaseSync(file, { readOnly: true });
  database.exec('PRAGMA busy_timeout = 5000; PRAGMA cache_size = -16000');
  const head = database.prepare('SELECT max(sequence) AS sequence FROM head');
  if (layout === 'rows') {
    // Walks the rarest list, looks the others up.
    return {
      find(filters, limit, ascending) {
        const [first, ...others] = termsOf(filters).map(keyOf);
        const also = others.map(
          (_, i) => ` AND EXISTS (SELECT 1 FROM posting p${i} WHERE p${i}.term = ? AND p${i}.sequence = p.sequence)`,
        );
        return database
          .prepare(
            `SELECT sequence FROM posting p WHERE term = ?${also.join('')} ORDER BY sequence ${ascending ? 'ASC' : 'DESC'} LIMIT ?`,
          )
          .all(first!, ...others, limit).length;
      },
    };
  }
  const blocksOf = database.prepare('SELECT block FROM posting WHERE term = ? ORDER BY first DESC');
  const blocksUp = database.prepare('SELECT block FROM posting WHERE term = ? ORDER BY first ASC');
  const blockAt = database.prepare(
    'SELECT first, block FROM posting WHERE term = ? AND first <= ? ORDER BY first DESC LIMIT 1',
  );
  return {
    find(filters, limit, ascending) {
      database.exec('BEGIN');
      head.get();
      const [rarest, ...others] = termsOf(filters).map(keyOf);
      const held = others.map(() => ({ first: -1, set: new Set<number>(), to: -1 }));
      let found = 0;
      const rows = (ascending ? blocksUp : blocksOf).iterate(rarest!) as Iterable<{ block: Uint8Array }>;
      search: for (const row of rows) {
        const list = readBlock(row.block);
        if (!ascending) list.reverse();
        for (const sequence of list) {
          const all = others.every((other, i) => {
            const one = held[i]!;
            if (sequence < one.first || sequence > one.to) {
              const next = blockAt.get(other, sequence) as { first: number; block: Uint8Array } | undefined;
              const members = next ? readBlock(next.block) : [];
              held[i] = { first: next?.first ?? 0, set: new Set(members), to: members.at(-1) ?? sequence };
            }
            return held[i]!.set.has(sequence);
          });
          if (all && ++found >= limit) break search;
        }
      }
      database.exec('COMMIT');
      return found;
    },
  };
}

/** What is asked, again and again, with other values each time. */
function questions(seed: number): readonly (readonly [string, () => [Filters, boolean]])[] {
  const random = randomNumbers(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const common = (): string => verb(below(3));
  const some = (limit: number): string => activity(below(limit));
  return [
    ['rare agent × common verb', () => [{ agent: rareAgent(below(10)), verb: common() }, false]],
    ['rare agent × common verb, ascending', () => [{ agent: rareAgent(below(10)), verb: common() }, true]],
    ['verb', () => [{ verb: verb(below(VERBS)) }, false]],
    ['activity', () => [{ activity: some(ACTIVITIES) }, false]],
    ['agent', () => [{ agent: agent(below(AGENTS)) }, false]],
    ['agent × verb', () => [{ agent: agent(below(AGENTS)), verb: common() }, false]],
    ['agent × activity', () => [{ agent: agent(below(AGENTS)), activity: some(20) }, false]],
    ['verb × activity', () => [{ verb: verb(below(VERBS)), activity: some(ACTIVITIES) }, false]],
    ['verb × activity, ascending', () => [{ verb: verb(below(VERBS)), activity: some(ACTIVITIES) }, true]],
    ['related activity × verb', () => [{ activity: some(50), relatedActivities: true, verb: common() }, false]],
    ['related agent × verb', () => [{ agent: agent(below(2000)), relatedAgents: true, verb: common() }, false]],
  ];
}

const say = (line: Record<string, unknown>): void => console.log(JSON.stringify(line));

interface WriterTask {
  readonly layout: Layout;
  readonly file: string;
  readonly statements: number;
  readonly rate: number;
}

/** The writing thread: statements become due at the rate; whatever is due is saved as one batch, 10,000 at most. */
async function write({ layout, file, statements: wanted, rate }: WriterTask): Promise<void> {
  const index = openWriting(layout, file);
  parentPort!.postMessage({ kind: 'open' });
  const next = statements(1);
  let done = 0;
  let lag = 0;
  let since = performance.now();
  let reported = 0;
  const begun = performance.now();
  while (done < wanted) {
    const due = rate === 0 ? done + 10_000 : Math.floor(((performance.now() - begun) / 1000) * rate);
    const to = Math.min(due, wanted, done + 10_000);
    if (to <= done) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      continue;
    }
    const batch = Array.from({ length: to - done }, (_, i) => next(done + i));
    index.save(batch);
    // How long the oldest of the batch had been due when it was visible.
    if (rate > 0) lag = Math.max(lag, performance.now() - begun - (done / rate) * 1000);
    done = to;
    const every = Math.max(100_000, wanted / 20);
    if (done - reported >= every || done === wanted) {
      const seconds = (performance.now() - since) / 1000;
      parentPort!.postMessage({
        kind: 'progress',
        stored: done,
        perSecond: Math.round((done - reported) / seconds),
        ...(rate > 0 && { mostBehindMs: Math.round(lag) }),
      });
      since = performance.now();
      reported = done;
      lag = 0;
    }
  }
  index.close();
}

const quantile = (sorted: readonly number[], part: number): number =>
  Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 1000) / 1000;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      statements: { type: 'string', default: '300000' },
      rate: { type: 'string', default: '0' },
      layout: { type: 'string', default: 'segments' },
      /** Questions a second while writing. */
      questions: { type: 'string', default: '50' },
    },
  });
  const layout = LAYOUTS.find((one) => one === values.layout);
  if (!layout) throw new Error(`--layout: one of ${LAYOUTS.join(', ')}`);
  const folder = mkdtempSync(join(tmpdir(), 'statement-index-trial-'));
  const file = join(folder, 'index.sqlite');
  const task: WriterTask = { layout, file, statements: Number(values.statements), rate: Number(values.rate) };
  try {
    const writer = new Worker(new URL(import.meta.url), { workerData: task });
    let writing = true;
    const closed = new Promise<void>((resolve, reject) => {
      writer.on('exit', () => {
        writing = false;
        resolve();
      });
      writer.on('error', reject);
    });
    const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);
    writer.on('message', ({ kind, ...progress }) => {
      if (kind === 'progress') say({ layout, ...progress, memoryMiB: mebibytes(process.memoryUsage().rss) });
    });
    await new Promise<void>((resolve) => writer.once('message', () => resolve()));

    const reading = openReading(layout, file);
    const asked = questions(2);
    const ask = (): Map<string, number[]> => new Map(asked.map(([name]) => [name, []]));
    const time = (into: Map<string, number[]>, [name, make]: (typeof asked)[number]): void => {
      const [filters, ascending] = make();
      const from = performance.now();
      reading.find(filters, 50, ascending);
      into.get(name)!.push(performance.now() - from);
    };
    const report = (phase: string, times: Map<string, number[]>): void => {
      for (const [question, each] of times) {
        const sorted = each.sort((a, b) => a - b);
        say({
          layout,
          phase,
          question,
          asked: sorted.length,
          p50ms: quantile(sorted, 0.5),
          p99ms: quantile(sorted, 0.99),
        });
      }
    };

    const meanwhile = ask();
    const pause = Number(values.questions) > 0 ? 1000 / Number(values.questions) : 1000;
    for (let turn = 0; writing; turn++) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      if (writing && Number(values.questions) > 0) time(meanwhile, asked[turn % asked.length]!);
    }
    await closed;
    report('while writing', meanwhile);
    const after = ask();
    for (let round = 0; round < 300; round++) for (const question of asked) time(after, question);
    report('after', after);
    say({ layout, statements: task.statements, fileMiB: mebibytes(statSync(file).size) });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (isMainThread) await main();
else await write(workerData as WriterTask);
