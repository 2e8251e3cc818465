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
  beginAgain(frugalFlags());
  keepCompiled();
  const { main } = await import('../src/cli/main.ts');
  await main(process.argv.slice(2));
} else {
  runOn(node.path, [...frugalFlags(), fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
}

/**
 * What runs for long is told to give memory back sooner: left alone, each thread keeps half as much garbage again. Old objects are
 * looked at before they have doubled, and large blocks go back to the system when they are freed (glibc). The nursery of the main
 * thread is Node's own: with a smaller one half as many statements are validated in the same time.
 * Empty for what is soon over, and where somebody has said otherwise.
 */
function frugalFlags() {
  const isLong = ['serve', 'demo', 'rebuild'].includes(process.argv[2]);
  const given = [process.env.NODE_OPTIONS, ...process.execArgv].join(' ');
  if (!isLong || given.includes('--max-semi-space-size')) return [];
  process.env.MALLOC_MMAP_THRESHOLD_ ??= '262144';
  process.env.MALLOC_TRIM_THRESHOLD_ ??= '262144';
  return ['--max-semi-space-size=16', '--heap-growing-percent=40'];
}

/** Begins again in this same process where there are flags; not where its parent talks to it, which would not survive that. */
function beginAgain(flags) {
  if (flags.length === 0 || process.channel || !process.execve || process.platform === 'win32') return;
  process.execve(process.execPath, [process.argv0, ...process.execArgv, ...flags, ...process.argv.slice(1)]);
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
