// What the files of all read models have in common: a version, a checkpoint, damage; and generations of them in the data folder,
// `<model>-<n>.sqlite`. A small file beside them says which one is live and which one is being built; it is replaced by renaming, so
// that a new generation becomes visible at once.

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EventId, Microseconds, Sequence } from '../../contracts/words.ts';

/** How far a model has gone: the last event whose effect is in it. */
export interface ModelCheckpoint {
  readonly sequence: Sequence;
  readonly eventId: EventId | undefined;
  readonly stored: Microseconds;
}

export const AT_THE_START: ModelCheckpoint = {
  sequence: -1 as Sequence,
  eventId: undefined,
  stored: 0 as Microseconds,
};

/** The file holds a model of another version, or none. */
export class OtherModelVersion extends Error {
  override readonly name: string = 'OtherModelVersion';
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: the file is rubbish, and the log has everything to make it again. */
export function isDamage(error: unknown): boolean {
  const code = (error as { errcode?: unknown }).errcode;
  return typeof code === 'number' && ((code & 0xff) === 11 || (code & 0xff) === 26);
}

export interface Generations {
  /** The one that answers. */
  readonly live?: number;
  /** The one that is being filled, hidden. */
  readonly building?: number;
}

export class ModelFiles {
  /** `statement-index`, `people` */
  readonly model: string;
  readonly #pattern: RegExp;

  constructor(model: string) {
    this.model = model;
    this.#pattern = new RegExp(`^${model}-(\\d+)\\.sqlite(-wal|-shm|-scratch)?$`);
  }

  file(dataDir: string, generation: number): string {
    return join(dataDir, `${this.model}-${generation}.sqlite`);
  }

  /** A generation whose file is gone counts as none: deleting the file is how a model is asked to come back. */
  read(dataDir: string): Generations {
    let said: Generations;
    try {
      said = JSON.parse(readFileSync(this.#pointer(dataDir), 'utf8')) as Generations;
    } catch {
      return {};
    }
    const there = (generation: number | undefined): generation is number =>
      Number.isSafeInteger(generation) && existsSync(this.file(dataDir, generation as number));
    return {
      ...(there(said.live) && { live: said.live }),
      ...(there(said.building) && { building: said.building }),
    };
  }

  write(dataDir: string, generations: Generations): void {
    const pointer = this.#pointer(dataDir);
    // Threads of one process may write the pointers of different models, never the same one.
    const draft = `${pointer}.${process.pid}`;
    writeFileSync(draft, `${JSON.stringify(generations)}\n`);
    renameSync(draft, pointer);
  }

  /** Changes whenever the pointer has been written. */
  mark(dataDir: string): string {
    const found = statSync(this.#pointer(dataDir), { throwIfNoEntry: false });
    return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : '';
  }

  /** A number no generation of this folder has had. */
  next(dataDir: string): number {
    const { live = 0, building = 0 } = this.read(dataDir);
    return Math.max(live, building, ...this.#found(dataDir).map(({ generation }) => generation)) + 1;
  }

  /** Removes every generation but these. One that somebody still holds open goes at the next start, where that is refused. */
  removeOthers(dataDir: string, { live, building }: Generations): void {
    for (const { name, generation } of this.#found(dataDir)) {
      if (generation === live || generation === building) continue;
      try {
        rmSync(join(dataDir, name), { force: true });
      } catch {
        // Windows keeps a file that is open.
      }
    }
  }

  #pointer(dataDir: string): string {
    return join(dataDir, `${this.model}.json`);
  }

  #found(dataDir: string): { readonly name: string; readonly generation: number }[] {
    return readdirSync(dataDir).flatMap((name) => {
      const match = this.#pattern.exec(name);
      return match ? [{ name, generation: Number(match[1]) }] : [];
    });
  }
}
