// The rules that keep the house in order, checked on what the files import. A failing rule names the file and the import.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder, type Import, importsOf, ROOT, unreadableImportsOf } from './imports.ts';

const HOUSE = ['contracts', 'projections', 'src', 'bin'];
const files = HOUSE.flatMap((folder) => filesUnder(folder));
const imports = files.flatMap(importsOf);
const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Computation only: neither disk, network, clock nor threads. */
const PURE_NODE_MODULES = ['node:crypto', 'node:util', 'node:buffer', 'node:url', 'node:querystring'];
/** Packages that only compute. */
const PURE_PACKAGES = ['zod', 'uuid', 'content-type'];

/** Each offending import as one line, so that the failure says what to change. */
function offences(candidates: readonly Import[], why: string): string[] {
  return candidates.map(({ file, specifier }) => `${file} imports ${specifier}: ${why}`);
}

function from(...folders: string[]): Import[] {
  return imports.filter(({ file }) => folders.some((folder) => file.startsWith(`${folder}/`)));
}

function isUnder(target: string | undefined, ...folders: string[]): boolean {
  return target !== undefined && folders.some((folder) => target === folder || target.startsWith(`${folder}/`));
}

test('the files are found: these rules are checked on something', () => {
  expect(files).toContain('src/settings.ts');
  expect(files).toContain('contracts/words.ts');
  expect(imports.length).toBeGreaterThan(files.length / 2);
});

describe('who may import what', () => {
  test('contracts/ imports nothing of ours but contracts/', () => {
    const wrong = from('contracts').filter(({ target }) => target && !isUnder(target, 'contracts'));
    expect(offences(wrong, 'contracts/ stands alone')).toEqual([]);
  });

  test('projections/ imports nothing of ours but contracts/ and projections/', () => {
    const wrong = from('projections').filter(({ target }) => target && !isUnder(target, 'contracts', 'projections'));
    expect(offences(wrong, 'a projection is a pure fold')).toEqual([]);
  });

  test('contracts/ and projections/ import no infrastructure', () => {
    const wrong = from('contracts', 'projections').filter(
      (one) =>
        (one.builtin && !PURE_NODE_MODULES.includes(one.builtin)) ||
        (one.package && !PURE_PACKAGES.includes(one.package)),
    );
    expect(offences(wrong, 'only what computes is allowed here')).toEqual([]);
  });

  test('only the stores import a database driver', () => {
    const drivers = ['node:sqlite', 'sqlite', 'better-sqlite3', 'pg', 'duckdb'];
    const wrong = imports.filter(
      (one) =>
        (drivers.includes(one.builtin ?? '') || drivers.includes(one.package ?? '')) &&
        !isUnder(one.file, 'src/event-log/sqlite', 'src/read-models'),
    );
    expect(offences(wrong, 'only src/event-log/sqlite and src/read-models may')).toEqual([]);
  });

  test('only src/event-log/eventstoredb imports the EventStoreDB client', () => {
    const wrong = imports.filter(
      (one) => /^@(eventstore|kurrent)\//.test(one.package ?? '') && !isUnder(one.file, 'src/event-log/eventstoredb'),
    );
    expect(offences(wrong, 'the log port hides it')).toEqual([]);
  });

  test('only src/publishing/kafka imports kafkajs', () => {
    const wrong = imports.filter((one) => one.package === 'kafkajs' && !isUnder(one.file, 'src/publishing/kafka'));
    expect(offences(wrong, 'the publisher hides it')).toEqual([]);
  });

  test('src/http holds no rules of the domain: it imports no projection and no adapter of a store', () => {
    const wrong = from('src/http').filter(
      ({ target }) =>
        isUnder(target, 'projections', 'src/event-log/sqlite', 'src/event-log/eventstoredb', 'src/projector') ||
        (isUnder(target, 'src/read-models') && !target!.endsWith('/port.ts')),
    );
    expect(offences(wrong, 'http/ speaks to ports and to contracts/')).toEqual([]);
  });

  test('only src/http imports express', () => {
    const wrong = imports.filter((one) => one.package === 'express' && !isUnder(one.file, 'src/http'));
    expect(offences(wrong, 'nothing inside depends on the web framework')).toEqual([]);
  });

  test('nothing imports the command line but bin/ and the command line itself', () => {
    const wrong = imports.filter(({ file, target }) => isUnder(target, 'src/cli') && !isUnder(file, 'src/cli', 'bin'));
    expect(offences(wrong, 'the command line is the outermost room')).toEqual([]);
  });

  test('the program does not import its tests or benches', () => {
    const wrong = imports.filter(
      ({ file, target }) => isUnder(target, 'tests', 'benches') && !isUnder(file, 'src/cli'),
    );
    expect(offences(wrong, 'tests look at the program, never the other way round')).toEqual([]);
  });
});

describe('what a thread loads', () => {
  /** Everything that comes with a file, types apart. */
  function loadedBy(root: string): Import[] {
    const seen = new Set<string>();
    const waiting = [root];
    for (let file = waiting.pop(); file; file = waiting.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      for (const one of from('src', 'contracts', 'projections')) {
        if (one.file === file && one.target && !one.typeOnly) waiting.push(one.target);
      }
    }
    return imports.filter((one) => seen.has(one.file) && !one.typeOnly);
  }

  test('the main thread validates; the others hold no schemas of xAPI, which are 30 MB each time', () => {
    for (const thread of ['recording/thread', 'projector/thread', 'read-models/workers/worker']) {
      const loaded = loadedBy(`src/${thread}.ts`);
      expect(loaded.length).toBeGreaterThan(20);
      const wrong = loaded.filter(({ target }) => target === 'contracts/xapi/index.ts');
      expect(offences(wrong, `${thread} needs contracts/xapi/accepted.ts only`)).toEqual([]);
    }
  });
});

describe('imports that hold', () => {
  test('every import of ours names a file that is there', () => {
    const everywhere = [...files, ...filesUnder('tests'), ...filesUnder('benches')];
    const wrong = everywhere.flatMap(importsOf).filter(({ target }) => target && !existsSync(join(ROOT, target)));
    expect(offences(wrong, 'no such file')).toEqual([]);
  });

  test('every package the program imports is one of its dependencies', () => {
    const installed = Object.keys(manifest.dependencies);
    const wrong = imports.filter((one) => one.package && !one.typeOnly && !installed.includes(one.package));
    expect(offences(wrong, 'not among "dependencies" in package.json')).toEqual([]);
  });

  test('every dependency is imported by the program', () => {
    const used = new Set(imports.map((one) => one.package));
    expect(Object.keys(manifest.dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  test('no import computes its module, so that all of the above is checked on everything', () => {
    const wrong = files.flatMap((file) => unreadableImportsOf(file).map((text) => `${file}: ${text}`));
    expect(wrong.filter((line) => !line.startsWith('bin/run.mjs:'))).toEqual([]);
  });

  test('no two files need each other to load', () => {
    expect(cycles(imports.filter(({ typeOnly }) => !typeOnly))).toEqual([]);
  });
});

/** Each cycle of imports once, as `a → b → a`. */
function cycles(all: readonly Import[]): string[] {
  const next = Map.groupBy(
    all.filter(({ target }) => target),
    ({ file }) => file,
  );
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) {
      found.push([...path.slice(at), file].join(' → '));
      return;
    }
    if (done.has(file)) return;
    for (const { target } of next.get(file) ?? []) visit(target!, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  return found;
}
