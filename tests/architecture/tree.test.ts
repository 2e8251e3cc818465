// What the repository says about itself stays true: the README's settings, its layout, and nothing of anybody's machine.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesUnder, ROOT } from './imports.ts';
import { settingsTable } from './settings-table.ts';

const TEXT = /(\.(ts|mts|mjs|js|json|md|yml|yaml|sh|txt|csv|ndjson|html|css|sql)|^(run|LICENSE|\.gitignore|\.npmrc))$/;
const FOLDERS = ['.ci', 'bin', 'benches', 'contracts', 'docs', 'projections', 'src', 'tests'];
/** The folders that are ours, from the root. */
const HOUSE = /^(bin|benches|contracts|docs|projections|src|tests|src[/\\][^/\\]+)$/;
const AT_THE_ROOT = [
  ...['README.md', 'CONTRIBUTING.md', 'package.json', 'package-lock.json', 'tsconfig.json', 'biome.json'],
  ...['vitest.config.ts', '.gitignore', '.npmrc', 'Dockerfile', '.dockerignore'],
  ...['docker-compose.yml', 'docker-compose.cluster.yml'],
];
const tracked = [...AT_THE_ROOT, ...FOLDERS.flatMap((folder) => filesUnder(folder, TEXT))].filter((file) =>
  existsSync(join(ROOT, file)),
);

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

describe('the README', () => {
  test('its settings table is the one the program reads', () => {
    const shown = /<!-- settings -->\n([\s\S]*?)\n<!-- \/settings -->/.exec(read('README.md'))?.[1];
    expect(shown, 'run "npm run docs:settings" to write the table anew').toBe(settingsTable());
  });

  test('every folder and file it names in backticks is there', () => {
    const named = [
      ...read('README.md').matchAll(/`((?:src|contracts|projections|tests|benches|bin|docs)\/[^`*\s]*)`/g),
    ];
    expect(named.length).toBeGreaterThan(5);
    expect(named.map((match) => match[1]!).filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  test('its layout names every room of the house', () => {
    const layout = /## How the house is laid out\n+```\n([\s\S]*?)```/.exec(read('README.md'))![1]!;
    const rooms = ['.', 'src'].flatMap((folder) =>
      readdirSync(join(ROOT, folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && HOUSE.test(join(folder, entry.name)))
        .map((entry) => entry.name),
    );
    expect(rooms).toContain('event-log');
    expect(rooms.filter((room) => !new RegExp(`^ *${room}/`, 'm').test(layout))).toEqual([]);
  });

  test('every npm script it names is one of ours', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const named = [...read('README.md').matchAll(/npm run ([a-z:]+)/g)].map((match) => match[1]!);
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
  });
});

describe('the files', () => {
  // Spelt in pieces, so that this file does not offend against itself.
  const FOREIGN = new RegExp(
    [
      `/wo${''}rk/`,
      `/ro${''}ot/`,
      `/ho${''}me/[a-z]`,
      `/Us${''}ers/`,
      `C:\\\\Us${''}ers`,
      `registry\\.np${''}mjs`,
    ].join('|'),
  );

  test('hold no path of a machine and no host of a registry', () => {
    expect(tracked.length).toBeGreaterThan(30);
    const found = tracked.flatMap((file) =>
      read(file)
        .split('\n')
        .map((line, index) => ({ line, place: `${file}:${index + 1}` }))
        .filter(({ line }) => FOREIGN.test(line))
        .map(({ line, place }) => `${place}: ${line.trim()}`),
    );
    expect(found).toEqual([]);
  });

  test('of code begin by saying what they are for', () => {
    const code = tracked.filter((file) => /\.(ts|mjs)$/.test(file));
    const silent = code.filter((file) => !/^(#!.*\n)?(\/\/|\/\*)/.test(read(file)));
    expect(silent).toEqual([]);
  });
});
