// How far an import has come, in a small file that is replaced after every request that the store acknowledged. It only saves
// work: ids are deterministic, so an import that starts again from its beginning ends with the same result.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

const importState = z.strictObject({
  format: z.literal('pramaan-import.v1'),
  source: z.record(z.string(), z.string()),
  target: z.string(),
  /** Of a file: items passed, and the digest of what they held. */
  passed: z.strictObject({ items: z.number().int().min(0), sha256: z.string() }).optional(),
  /** Of another store. */
  position: z.strictObject({ page: z.string().optional(), since: z.string().optional() }).optional(),
  /** Id of the last statement acknowledged: if the target does not hold it, this state is not about that target. */
  last: z.string().optional(),
  rejects: z.strictObject({ file: z.string(), bytes: z.number().int().min(0) }).optional(),
  counts: z.strictObject({ posted: z.number(), rejected: z.number() }),
});
export type ImportState = z.infer<typeof importState>;

export type StateFound =
  | { readonly found: 'none' }
  | { readonly found: 'unreadable' }
  | { readonly found: 'state'; readonly state: ImportState };

export class StateFile {
  readonly path: string;
  constructor(path: string) {
    this.path = path;
  }

  read(): StateFound {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { found: 'none' };
      throw error;
    }
    try {
      return { found: 'state', state: importState.parse(JSON.parse(text)) };
    } catch {
      return { found: 'unreadable' };
    }
  }

  write(state: ImportState): void {
    mkdirSync(dirname(this.path), { recursive: true });
    const next = `${this.path}.next`;
    writeFileSync(next, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
    renameSync(next, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}
