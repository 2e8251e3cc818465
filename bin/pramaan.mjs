#!/usr/bin/env node
// The command `pramaan`: runs src/cli/main.ts in this process when this Node is new enough, else on one that is.

import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { findNode, runOn } from './node.mjs';

const node = findNode();
if (node.reason) {
  console.error(`pramaan: ${node.reason}`);
  process.exitCode = 1;
} else if (node.path === process.execPath) {
  keepCompiled();
  const { main } = await import('../src/cli/main.ts');
  await main(process.argv.slice(2));
} else {
  runOn(node.path, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
}

/**
 * What Node makes of the TypeScript files is kept for the next start: every thread would otherwise load the compiler, and keep it.
 * Beside the packages, where only who installs may write; where nobody may, it is simply not kept. Threads see the variable alone.
 */
function keepCompiled() {
  if (process.env.NODE_COMPILE_CACHE || process.env.NODE_DISABLE_COMPILE_CACHE) return;
  const folder = fileURLToPath(new URL('../node_modules/.cache/pramaan', import.meta.url));
  const { FAILED, DISABLED } = module.constants.compileCacheStatus;
  const { status } = module.enableCompileCache(folder);
  if (status !== FAILED && status !== DISABLED) process.env.NODE_COMPILE_CACHE = folder;
}
