// `npm run demo`, as a stranger runs it.

import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

const PRAMAAN = resolve(import.meta.dirname, '../../bin/pramaan.mjs');

/** A small state, unless told otherwise. */
export function startDemo(port: string, options: readonly string[] = ['--scale', '0.0005']): ChildProcess {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_')));
  return spawn(process.execPath, [PRAMAAN, 'demo', ...options], {
    env: { ...own, PRAMAAN_PORT: port },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Everything it says until it serves; fails with what it said if it ends before. */
export async function saidUntilServing(demo: ChildProcess): Promise<string> {
  let said = '';
  demo.stderr!.on('data', (piece) => {
    said += piece;
  });
  for await (const piece of demo.stdout!.iterator({ destroyOnReturn: false })) {
    said += piece;
    if (/is removed\.\n$/.test(said)) return said;
  }
  throw new Error(`the demo ended: ${said}`);
}
