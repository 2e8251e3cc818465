// What a reader holds open: the live generation, exchanged for its successor once that has gone as far. So nobody ever sees
// the index go backwards.

import type { DatabaseSync } from 'node:sqlite';
import { AT_THE_START, type IndexCheckpoint, OtherIndexVersion, openIndexForReading, readCheckpoint } from './file.ts';
import { indexFile, pointerMark, readGenerations } from './generations.ts';

interface Held<T> {
  readonly generation: number;
  readonly database: DatabaseSync;
  readonly reader: T;
}

export class GenerationFollower<T> {
  readonly #dataDir: string;
  readonly #withBuilding: boolean;
  readonly #open: (database: DatabaseSync) => T;
  #mark: string | undefined;
  #held: Held<T> | undefined;
  #next: Held<T> | undefined;

  /** `withBuilding`: where no generation is live, the one being built will do. */
  constructor(
    dataDir: string,
    { withBuilding }: { readonly withBuilding: boolean },
    open: (database: DatabaseSync) => T,
  ) {
    this.#dataDir = dataDir;
    this.#withBuilding = withBuilding;
    this.#open = open;
  }

  /** The reader of the generation to be asked now; undefined when there is none. */
  current(): T | undefined {
    const mark = pointerMark(this.#dataDir);
    if (mark !== this.#mark) {
      this.#look();
      this.#mark = mark;
    }
    if (this.#next && (!this.#held || sequenceOf(this.#next) >= sequenceOf(this.#held))) {
      this.#held?.database.close();
      this.#held = this.#next;
      this.#next = undefined;
    }
    return this.#held?.reader;
  }

  checkpoint(): IndexCheckpoint {
    return this.current() === undefined ? AT_THE_START : readCheckpoint(this.#held!.database);
  }

  close(): void {
    this.#next?.database.close();
    this.#held?.database.close();
    this.#next = undefined;
    this.#held = undefined;
  }

  #look(): void {
    const { live, building } = readGenerations(this.#dataDir);
    const wanted = live ?? (this.#withBuilding ? building : undefined);
    if (wanted === this.#next?.generation) return;
    this.#next?.database.close();
    this.#next = undefined;
    if (wanted === undefined || wanted === this.#held?.generation) return;
    try {
      const database = openIndexForReading(indexFile(this.#dataDir, wanted));
      this.#next = { generation: wanted, database, reader: this.#open(database) };
    } catch (error) {
      // Its file is of another version, or just going: the pointer changes when there is a better one.
      if (!(error instanceof OtherIndexVersion)) throw error;
    }
  }
}

function sequenceOf({ database }: { readonly database: DatabaseSync }): number {
  return readCheckpoint(database).sequence;
}
