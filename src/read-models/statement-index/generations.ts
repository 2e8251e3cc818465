// Generations of the index in the data folder: `statement-index-<n>.sqlite`. A small file beside them says which one is
// live and which one is being built; it is replaced by renaming, so that a new generation becomes visible at once.

import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Generations {
  /** The one that answers. */
  readonly live?: number;
  /** The one that is being filled, hidden. */
  readonly building?: number;
}

const POINTER = 'statement-index.json';
const FILE = /^statement-index-(\d+)\.sqlite(-wal|-shm)?$/;

export function indexFile(dataDir: string, generation: number): string {
  return join(dataDir, `statement-index-${generation}.sqlite`);
}

/** A generation whose file is gone counts as none: deleting the file is how an index is asked to come back. */
export function readGenerations(dataDir: string): Generations {
  let said: Generations;
  try {
    said = JSON.parse(readFileSync(join(dataDir, POINTER), 'utf8')) as Generations;
  } catch {
    return {};
  }
  const there = (generation: number | undefined): generation is number =>
    Number.isSafeInteger(generation) && existsSync(indexFile(dataDir, generation as number));
  return {
    ...(there(said.live) && { live: said.live }),
    ...(there(said.building) && { building: said.building }),
  };
}

export function writeGenerations(dataDir: string, generations: Generations): void {
  const pointer = join(dataDir, POINTER);
  const draft = `${pointer}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(generations)}\n`);
  renameSync(draft, pointer);
}

/** Changes whenever the pointer has been written. */
export function pointerMark(dataDir: string): string {
  const found = statSync(join(dataDir, POINTER), { throwIfNoEntry: false });
  return found ? `${found.ino} ${found.mtimeMs} ${found.size}` : '';
}

/** A number no generation of this folder has had. */
export function nextGeneration(dataDir: string): number {
  const { live = 0, building = 0 } = readGenerations(dataDir);
  return Math.max(live, building, ...generationFiles(dataDir).map(({ generation }) => generation)) + 1;
}

/** Removes every generation but these. One that somebody still holds open goes at the next start, where that is refused. */
export function removeOtherGenerations(dataDir: string, { live, building }: Generations): void {
  for (const { name, generation } of generationFiles(dataDir)) {
    if (generation === live || generation === building) continue;
    try {
      rmSync(join(dataDir, name), { force: true });
    } catch {
      // Windows keeps a file that is open.
    }
  }
}

function generationFiles(dataDir: string): { readonly name: string; readonly generation: number }[] {
  return readdirSync(dataDir).flatMap((name) => {
    const match = FILE.exec(name);
    return match ? [{ name, generation: Number(match[1]) }] : [];
  });
}
