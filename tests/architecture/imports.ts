// Reads what every file of the house imports, for the rules in architecture.test.ts.

import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Import {
  /** The importing file, from the root, with forward slashes. */
  readonly file: string;
  /** What is written between the quotes. */
  readonly specifier: string;
  /** The imported file from the root, when it is one of ours. */
  readonly target?: string;
  /** The package's name, when it comes from npm. */
  readonly package?: string;
  /** `node:fs`, when it is one of Node's own modules. */
  readonly builtin?: string;
  /** Only a type: gone when the program runs. */
  readonly typeOnly: boolean;
}

const CODE = /\.(ts|mts|mjs|js)$/;

/** Files under a folder of the root, from the root, with forward slashes, in order; none when the folder is not there. */
export function filesUnder(folder: string, wanted = CODE): string[] {
  let entries: ReturnType<typeof readEntries>;
  try {
    entries = readEntries(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  return entries
    .filter((entry) => entry.isFile() && wanted.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

function readEntries(folder: string) {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true });
}

// `import x from 'y'`, `export … from 'y'`, `import 'y'`; what stands between the keyword and `from` holds no quote.
const STATIC = /^\s*(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]/gm;
// import('y'), require('y'), and the file a thread starts with: new URL('./thread.ts', import.meta.url).
const DYNAMIC = /\b(?:import|require)\(\s*(['"])([^'"]+)\1/g;
const THREAD = /new URL\(\s*(['"])(\.{1,2}\/[^'"]+\.(?:ts|mjs|js))\1,\s*import\.meta\.url\s*\)/g;
const UNREADABLE = /(?<![.\w])import\(\s*(?!['"])[^)]*/g;

/** Every import of one file, static and dynamic. */
export function importsOf(file: string): Import[] {
  const text = withoutComments(readFileSync(join(ROOT, file), 'utf8'));
  return [
    ...[...text.matchAll(STATIC)].map((match) => described(file, match[2]!, Boolean(match[1]))),
    ...[...text.matchAll(DYNAMIC)].map((match) => described(file, match[2]!, false)),
    ...[...text.matchAll(THREAD)].map((match) => described(file, match[2]!, false)),
  ];
}

/** Dynamic imports whose module is computed, so that no rule could be checked on them. */
export function unreadableImportsOf(file: string): string[] {
  const text = withoutComments(readFileSync(join(ROOT, file), 'utf8'));
  return [...text.matchAll(UNREADABLE)].map((match) => match[0]);
}

function described(file: string, specifier: string, typeOnly: boolean): Import {
  if (specifier.startsWith('.')) {
    return { file, specifier, target: posix.normalize(posix.join(dirname(file), specifier)), typeOnly };
  }
  if (isBuiltin(specifier)) return { file, specifier, builtin: specifier, typeOnly };
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  return { file, specifier, package: name, typeOnly };
}

/** Comments blanked out, so that an example in one is no import. Good for code formatted as ours is. */
function withoutComments(text: string): string {
  return text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '');
}
