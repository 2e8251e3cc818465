#!/usr/bin/env node
// The command `pramaan`: runs src/cli/main.ts in this process when this Node is new enough, else on one that is.

import { fileURLToPath } from 'node:url';
import { findNode, runOn } from './node.mjs';

const node = findNode();
if (node.reason) {
  console.error(`pramaan: ${node.reason}`);
  process.exitCode = 1;
} else if (node.path === process.execPath) {
  const { main } = await import('../src/cli/main.ts');
  await main(process.argv.slice(2));
} else {
  runOn(node.path, [fileURLToPath(import.meta.url), ...process.argv.slice(2)]);
}
