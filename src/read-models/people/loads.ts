// Loads that are under way: which events of the record they hold, as runs of sequences. Their content stays in the log until
// the load is completed.

import type { DatabaseSync } from 'node:sqlite';

export type Run = readonly [first: number, last: number];

interface Load {
  readonly kind: string;
  readonly begun: number;
  readonly runs: [number, number][];
}

export class Loads {
  readonly #database: DatabaseSync;
  readonly #loads = new Map<string, Load>();
  readonly #changed = new Set<string>();

  constructor(database: DatabaseSync) {
    this.#database = database;
    for (const { id, kind, begun, runs } of database.prepare('SELECT * FROM load').iterate()) {
      this.#loads.set(id as string, { kind: kind as string, begun: begun as number, runs: JSON.parse(runs as string) });
    }
  }

  begin(id: string, kind: string, sequence: number): void {
    if (this.#loads.has(id)) return;
    this.#loads.set(id, { kind, begun: sequence, runs: [] });
    this.#changed.add(id);
  }

  /** An event of a load that nobody has begun, or that is completed, is passed over. */
  note(id: string, sequence: number): void {
    const load = this.#loads.get(id);
    if (!load) return;
    const last = load.runs.at(-1);
    if (last && last[1] === sequence - 1) last[1] = sequence;
    else load.runs.push([sequence, sequence]);
    this.#changed.add(id);
  }

  /** Its events, in order. */
  complete(id: string): readonly Run[] {
    const load = this.#loads.get(id);
    this.#loads.delete(id);
    this.#changed.add(id);
    return load?.runs ?? [];
  }

  save(): void {
    for (const id of this.#changed) {
      const load = this.#loads.get(id);
      if (load === undefined) this.#database.prepare('DELETE FROM load WHERE id = ?').run(id);
      else
        this.#database
          .prepare('INSERT OR REPLACE INTO load VALUES (?, ?, ?, ?)')
          .run(id, load.kind, load.begun, JSON.stringify(load.runs));
    }
    this.#changed.clear();
  }
}
