// Runs the command of an installed npm package, or a TypeScript file, on a Node new enough:
// `node bin/run.mjs vitest run`, `node bin/run.mjs benches/statement-index.ts`.

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { findNode, runOn } from './node.mjs';

const [command, ...args] = process.argv.slice(2);
const node = findNode();
const script = command && scriptOf(command);
if (node.reason) {
  console.error(`run: ${node.reason}`);
  process.exitCode = 1;
} else if (!script) {
  console.error(`run: ${command ?? 'no command'}: not installed; run "npm ci" first.`);
  process.exitCode = 1;
} else if (node.path === process.execPath) {
  process.argv = [process.execPath, script, ...args];
  await import(pathToFileURL(script).href);
} else {
  runOn(node.path, [script, ...args]);
}

function scriptOf(name) {
  if (/\.(ts|mjs)$/.test(name)) return resolve(name);
  const folder = fileURLToPath(new URL(`../node_modules/${name}/`, import.meta.url));
  if (!existsSync(join(folder, 'package.json'))) return undefined;
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return join(folder, typeof bin === 'string' ? bin : bin[name]);
}
