// Known ids, for recording: which of these ids are there, and with which digest. Most are not.

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Sequence, StatementId } from '../../../contracts/words.ts';
import { GenerationFollower } from '../follower.ts';
import { readIdentities } from './entries.ts';
import { INDEX, type IndexCheckpoint, openIndexForReading, readCheckpoint } from './file.ts';
import { type Found, SealedIdentities } from './identities.ts';
import { asBuffer, type IdKey, idKey } from './keys.ts';
import { VOIDING } from './layout.ts';
import { Segments } from './segments.ts';

export interface KnownStatement {
  readonly sequence: Sequence;
  /** Of the comparable form, hex. */
  readonly digest: string;
  readonly isVoiding: boolean;
}

export interface IndexLookup {
  /** One answer an id, in order; undefined for an id that is not in the index (up to its checkpoint). */
  find(ids: readonly StatementId[]): (KnownStatement | undefined)[];
  /** How far the index has gone: what came later must be looked for elsewhere. */
  checkpoint(): IndexCheckpoint;
  close(): void;
}

/** Follows the live generation, or the one being built while there is no other. A folder without an index knows no id. */
export function openIndexLookup(dataDir: string): IndexLookup {
  const index = new GenerationFollower(INDEX, dataDir, { withBuilding: true }, (database) => {
    const lookup = new IdentityLookup(database);
    lookup.prepare();
    return lookup;
  });
  index.current();
  return {
    find: (ids) => index.current()?.find(ids) ?? ids.map(() => undefined),
    checkpoint: () => index.checkpoint(),
    close: () => index.close(),
  };
}

/** The lookup in one file, whatever generation it is. @throws OtherModelVersion */
export function openLookupInFile(file: string): IndexLookup {
  const database = openIndexForReading(file);
  const lookup = new IdentityLookup(database);
  return {
    find: (ids) => lookup.find(ids),
    checkpoint: () => readCheckpoint(database),
    close: () => database.close(),
  };
}

class IdentityLookup {
  readonly #database: DatabaseSync;
  readonly #chunks: StatementSync;
  readonly #segments: Segments;
  readonly #sealed: SealedIdentities;
  #open = new Map<IdKey, Found>();
  #openSegment = 0;
  #nextChunk = 0;
  #checkpoint: IndexCheckpoint | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#chunks = database.prepare('SELECT number, entries FROM chunk WHERE number >= ? ORDER BY number');
    this.#segments = new Segments(database);
    this.#sealed = new SealedIdentities(this.#segments);
  }

  /** Makes the filter over all ids now, rather than at the first question. */
  prepare(): void {
    this.#snapshot(() => this.#sealed.refresh());
  }

  find(ids: readonly StatementId[]): (KnownStatement | undefined)[] {
    return this.#snapshot(() =>
      ids.map((id) => {
        const key = idKey(id);
        const found = this.#open.get(key) ?? this.#sealed.find(key);
        return (
          found && {
            sequence: found.sequence as Sequence,
            digest: asBuffer(found.digest).toString('hex'),
            isVoiding: (found.flags & VOIDING) !== 0,
          }
        );
      }),
    );
  }

  #snapshot<T>(look: () => T): T {
    this.#database.exec('BEGIN');
    try {
      this.#refresh();
      return look();
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  #refresh(): void {
    const checkpoint = readCheckpoint(this.#database);
    if (checkpoint.sequence === this.#checkpoint?.sequence) return;
    this.#segments.refresh();
    const { number, first } = this.#segments.open;
    if (number !== this.#openSegment) {
      this.#openSegment = number;
      this.#open = new Map();
      this.#nextChunk = 0;
    }
    const rows = this.#chunks.all(this.#nextChunk) as { number: number; entries: Uint8Array }[];
    for (const row of rows) {
      for (const { id, offset, flags, digest } of readIdentities(asBuffer(row.entries))) {
        this.#open.set(id, { sequence: first + offset, flags, digest });
      }
      this.#nextChunk = row.number;
    }
    this.#checkpoint = checkpoint;
  }
}
