// What a reader holds open: a model's live generation, exchanged for its successor once that has gone as far. So nobody ever sees
// the model go backwards.

import type { DatabaseSync } from 'node:sqlite';
import { AT_THE_START, type ModelCheckpoint, type ModelFiles, OtherModelVersion } from './files.ts';

/** How a model is read. */
export interface ReadableModel {
  readonly files: ModelFiles;
  /** @throws OtherModelVersion */
  open(file: string): DatabaseSync;
  checkpoint(database: DatabaseSync): ModelCheckpoint;
}

interface Held<T> {
  readonly generation: number;
  readonly database: DatabaseSync;
  readonly reader: T;
}

export class GenerationFollower<T> {
  readonly #model: ReadableModel;
  readonly #dataDir: string;
  readonly #withBuilding: boolean;
  readonly #open: (database: DatabaseSync) => T;
  #mark: string | undefined;
  #held: Held<T> | undefined;
  #next: Held<T> | undefined;

  /** `withBuilding`: where no generation is live, the one being built will do. */
  constructor(
    model: ReadableModel,
    dataDir: string,
    { withBuilding }: { readonly withBuilding: boolean },
    open: (database: DatabaseSync) => T,
  ) {
    this.#model = model;
    this.#dataDir = dataDir;
    this.#withBuilding = withBuilding;
    this.#open = open;
  }

  /** The reader of the generation to be asked now; undefined when there is none. */
  current(): T | undefined {
    const mark = this.#model.files.mark(this.#dataDir);
    if (mark !== this.#mark) {
      this.#look();
      this.#mark = mark;
    }
    if (this.#next && (!this.#held || this.#sequenceOf(this.#next) >= this.#sequenceOf(this.#held))) {
      this.#held?.database.close();
      this.#held = this.#next;
      this.#next = undefined;
    }
    return this.#held?.reader;
  }

  checkpoint(): ModelCheckpoint {
    return this.current() === undefined ? AT_THE_START : this.#model.checkpoint(this.#held!.database);
  }

  close(): void {
    this.#next?.database.close();
    this.#held?.database.close();
    this.#next = undefined;
    this.#held = undefined;
  }

  #look(): void {
    const { live, building } = this.#model.files.read(this.#dataDir);
    const wanted = live ?? (this.#withBuilding ? building : undefined);
    if (wanted === this.#next?.generation) return;
    this.#next?.database.close();
    this.#next = undefined;
    if (wanted === undefined || wanted === this.#held?.generation) return;
    try {
      const database = this.#model.open(this.#model.files.file(this.#dataDir, wanted));
      this.#next = { generation: wanted, database, reader: this.#open(database) };
    } catch (error) {
      // Its file is of another version, or just going: the pointer changes when there is a better one.
      if (!(error instanceof OtherModelVersion)) throw error;
    }
  }

  #sequenceOf({ database }: Held<T>): number {
    return this.#model.checkpoint(database).sequence;
  }
}
