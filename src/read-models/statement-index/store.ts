// The writing side of the statement index: files what the fold keeps of each event, and the checkpoint with it, in one
// transaction a batch. What lies in the file depends on the events alone, never on how they were batched.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Sequence, StatementId } from '../../../contracts/words.ts';
import { type ActivityDefinition, mergeDefinition } from '../../../contracts/xapi/accepted.ts';
import {
  alongChain,
  type IndexedEvent,
  type IndexedStatement,
  inheritedTerms,
  LONGEST_CHAIN,
} from '../../../projections/statement-index/index.ts';
import { AT_THE_START } from '../files.ts';
import { type Block, firstKeys, type Identity, identityBlocks, termBlocks } from './blocks.ts';
import { type IndexCheckpoint, openIndexForWriting, readCheckpoint } from './file.ts';
import { type Found, SealedIdentities } from './identities.ts';
import { asBuffer, bytesOf, idKey, type TermKey, termKey } from './keys.ts';
import { firstBlock, SEGMENT_POSTINGS, SEGMENT_SEQUENCES, VOIDING } from './layout.ts';
import { OpenSegment } from './open-segment.ts';
import { Segments } from './segments.ts';

/** What the fold made of the event at a sequence: asked for the statements that StatementRefs lead to. */
export type StatementAt = (sequence: Sequence) => IndexedStatement | undefined;

export interface StatementIndexStore {
  readonly checkpoint: IndexCheckpoint;
  /** Files the next events of the record and their checkpoint, all or nothing. @throws IndexTakenOver */
  save(events: Iterable<IndexedEvent>): void;
  close(): void;
}

/** Another process writes the same index: it has gone on from where this one was. */
export class IndexTakenOver extends Error {
  override readonly name = 'IndexTakenOver';
}

/**
 * `sealAfter`: sequences of a segment; for tests that want many of them from few statements.
 * @throws OtherModelVersion the file holds an index of another version
 */
export function openStatementIndexStore(
  file: string,
  statementAt: StatementAt,
  sealAfter: number = SEGMENT_SEQUENCES,
): StatementIndexStore {
  return new Store(openIndexForWriting(file), statementAt, Math.min(sealAfter, SEGMENT_SEQUENCES));
}

/** Remembered values are dropped beyond so many. */
const MOST_REMEMBERED = 100_000;

class Store implements StatementIndexStore {
  readonly #database: DatabaseSync;
  readonly #statementAt: StatementAt;
  readonly #sealAfter: number;
  readonly #sql: ReturnType<typeof prepare>;
  #checkpoint: IndexCheckpoint = AT_THE_START;
  #segments!: Segments;
  #sealed!: SealedIdentities;
  #open!: OpenSegment;
  /** The definition last merged of each activity, as it came: most come again and again. */
  readonly #definitions = new Map<string, string>();

  constructor(database: DatabaseSync, statementAt: StatementAt, sealAfter: number) {
    this.#sealAfter = sealAfter;
    this.#database = database;
    this.#statementAt = statementAt;
    this.#sql = prepare(database);
    this.#load();
  }

  get checkpoint(): IndexCheckpoint {
    return this.#checkpoint;
  }

  save(events: Iterable<IndexedEvent>): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      if (readCheckpoint(this.#database).sequence !== this.#checkpoint.sequence) {
        throw new IndexTakenOver('another process writes this statement index');
      }
      let checkpoint = this.#checkpoint;
      for (const event of events) {
        this.#file(event);
        checkpoint = event;
      }
      for (const [number, entries] of this.#open.takeChanges()) this.#sql.putChunk.run(number, entries);
      this.#sql.moveCheckpoint.run(checkpoint.sequence, checkpoint.eventId ?? '', checkpoint.stored);
      this.#database.exec('COMMIT');
      this.#checkpoint = { sequence: checkpoint.sequence, eventId: checkpoint.eventId, stored: checkpoint.stored };
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#load();
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  /** What is held in memory, as the file has it. */
  #load(): void {
    this.#checkpoint = readCheckpoint(this.#database);
    this.#definitions.clear();
    this.#segments = new Segments(this.#database);
    this.#segments.refresh();
    this.#sealed = new SealedIdentities(this.#segments);
    const { number, first } = this.#segments.open;
    this.#open = new OpenSegment(number, first);
    for (const row of this.#sql.chunks.iterate() as Iterable<{ number: number; entries: Uint8Array }>) {
      this.#open.restore(row.number, asBuffer(row.entries));
    }
  }

  #file({ sequence, statement }: IndexedEvent): void {
    if (statement) this.#fileStatement(sequence, statement);
    const isFull = sequence - this.#open.first + 1 >= this.#sealAfter || this.#open.postings >= SEGMENT_POSTINGS;
    if (isFull) this.#seal(sequence);
  }

  #fileStatement(sequence: Sequence, statement: IndexedStatement): void {
    const id = idKey(statement.id);
    const target = statement.refersTo;
    const chain = alongChain(target, (next) => this.#statement(next));
    const identity: Identity = {
      id,
      offset: sequence - this.#open.first,
      flags: statement.isVoiding ? VOIDING : 0,
      digest: Buffer.from(statement.digest, 'hex'),
    };
    const terms = chain.length === 0 ? statement.terms : [...new Set([...statement.terms, ...inheritedTerms(chain)])];
    this.#open.add(identity, terms);
    if (target !== undefined) this.#sql.putReference.run(bytesOf(idKey(target)), sequence);
    this.#handDown(sequence, statement, chain);
    this.#void(sequence, statement);
    this.#define(statement);
  }

  /** Those that referred to this statement before it was there are found by its terms from now on, and by its chain's. */
  #handDown(sequence: Sequence, statement: IndexedStatement, chain: readonly IndexedStatement[]): void {
    const seen = new Set<number>([sequence]);
    let links = 1;
    let leadHere: readonly StatementId[] = [statement.id];
    while (leadHere.length > 0 && links <= LONGEST_CHAIN) {
      const further: StatementId[] = [];
      let keys: TermKey[] | undefined;
      for (const id of leadHere) {
        for (const { referrer } of this.#sql.referrers.all(bytesOf(idKey(id))) as { referrer: Sequence }[]) {
          if (seen.has(referrer) || referrer > sequence) continue;
          seen.add(referrer);
          keys ??= Array.from(inheritedTerms([statement, ...chain].slice(0, LONGEST_CHAIN - links + 1)), termKey);
          for (const key of keys) this.#sql.putLatePosting.run(bytesOf(key), referrer);
          const own = this.#statementAt(referrer);
          if (own) further.push(own.id);
        }
      }
      leadHere = further;
      links++;
    }
  }

  #void(sequence: Sequence, statement: IndexedStatement): void {
    if (statement.voids !== undefined) {
      this.#sql.putVoid.run(bytesOf(idKey(statement.voids)), sequence);
      const target = this.#find(statement.voids);
      if (target && (target.flags & VOIDING) === 0) this.#sql.putVoided.run(target.sequence);
    }
    if (!statement.isVoiding && this.#sql.isVoid.get(bytesOf(idKey(statement.id)))) this.#sql.putVoided.run(sequence);
  }

  #define({ definitions }: IndexedStatement): void {
    for (const { id, definition } of definitions) {
      const incoming = JSON.stringify(definition);
      if (this.#definitions.get(id) === incoming) continue;
      const known = this.#sql.definition.get(id) as { definition: string } | undefined;
      const merged = JSON.stringify(
        known ? mergeDefinition(JSON.parse(known.definition) as ActivityDefinition, definition) : definition,
      );
      if (merged !== known?.definition) this.#sql.putDefinition.run(id, merged);
      if (this.#definitions.size >= MOST_REMEMBERED) this.#definitions.clear();
      this.#definitions.set(id, incoming);
    }
  }

  /** Writes the open segment as sorted blocks, once and for all, and opens the next one. */
  #seal(last: Sequence): void {
    const { number, first } = this.#open;
    const statements = this.#open.statements;
    const terms = this.#putBlocks(this.#sql.putTermBlock, number, termBlocks(this.#open.sortedTerms()));
    const identities = this.#putBlocks(
      this.#sql.putIdentityBlock,
      number,
      identityBlocks(this.#open.sortedIdentities()),
    );
    this.#sql.putSegment.run(number, first, last, statements, terms, identities);
    this.#sql.clearChunks.run();
    this.#segments.refresh();
    this.#open = new OpenSegment(number + 1, last + 1);
  }

  #putBlocks(into: StatementSync, segment: number, blocks: Iterable<Block>): Uint8Array {
    const written: Block[] = [];
    for (const block of blocks) {
      into.run(firstBlock(segment) + written.length, block.bytes);
      written.push({ ...block, bytes: NO_BYTES });
    }
    return firstKeys(written);
  }

  #find(id: StatementId): Found | undefined {
    const key = idKey(id);
    const young = this.#open.identity(key);
    return young ? { ...young, sequence: this.#open.first + young.offset } : this.#sealed.find(key);
  }

  #statement(id: StatementId): IndexedStatement | undefined {
    const found = this.#find(id);
    return found && this.#statementAt(found.sequence as Sequence);
  }
}

const NO_BYTES = Buffer.alloc(0);

function prepare(database: DatabaseSync) {
  const sql = (text: string): StatementSync => database.prepare(text);
  return {
    moveCheckpoint: sql('UPDATE checkpoint SET sequence = ?, event = ?, stored = ?'),
    chunks: sql('SELECT number, entries FROM chunk ORDER BY number'),
    putChunk: sql('INSERT OR REPLACE INTO chunk VALUES (?, ?)'),
    clearChunks: sql('DELETE FROM chunk'),
    putSegment: sql('INSERT INTO segment VALUES (?, ?, ?, ?, ?, ?)'),
    putTermBlock: sql('INSERT INTO term_block VALUES (?, ?)'),
    putIdentityBlock: sql('INSERT INTO identity_block VALUES (?, ?)'),
    putLatePosting: sql('INSERT OR IGNORE INTO late_posting VALUES (?, ?)'),
    putReference: sql('INSERT OR IGNORE INTO reference VALUES (?, ?)'),
    referrers: sql('SELECT referrer FROM reference WHERE target = ? ORDER BY referrer'),
    putVoid: sql('INSERT OR IGNORE INTO void VALUES (?, ?)'),
    isVoid: sql('SELECT 1 FROM void WHERE target = ?'),
    putVoided: sql('INSERT OR IGNORE INTO voided VALUES (?)'),
    definition: sql('SELECT definition FROM activity WHERE id = ?'),
    putDefinition: sql('INSERT OR REPLACE INTO activity VALUES (?, ?)'),
  };
}
