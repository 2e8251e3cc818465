// No requirement is lost in silence: every number of the list is tested or explained, every test that requirements.ts names is
// there in its version, and none of them is skipped. What the tests are called is asked of vitest, which collects them.

import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { VERSIONS } from './client.ts';
import { FIRST, LAST, NOT_TESTED, SECTIONS, TESTED, TESTED_IN_1_0_3 } from './requirements.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const VITEST = join(dirname(fileURLToPath(import.meta.resolve('vitest/package.json'))), 'vitest.mjs');

interface Collected {
  readonly name: string;
  readonly file: string;
}

/** `XAPI-00181, XAPI-00164 (1.0.3): agent` → that file, that version, those ids. */
interface Titled {
  readonly file: string;
  readonly version: string;
  readonly ids: readonly string[];
}

async function titles(): Promise<Titled[]> {
  const args = ['list', 'tests/unit/xapi', 'tests/journeys/conformance', '--no-static-parse', '--json'];
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const { stdout } = await promisify(execFile)(process.execPath, [VITEST, ...args], {
    cwd: ROOT,
    env: environment,
    maxBuffer: 64 * 1024 * 1024,
  });
  const collected = JSON.parse(stdout.slice(stdout.indexOf('['))) as Collected[];
  return collected.flatMap(({ name, file }) => {
    const version = /\((1\.0\.3|2\.0\.0)\)/.exec(name)?.[1];
    if (version === undefined) return [];
    const numbers = name.match(/XAPI-\d{5}/g) ?? [];
    const head = name.split(' > ').find((title) => title.includes(` (${version}): `)) ?? '';
    const sections = head
      .split(` (${version}): `, 1)[0]!
      .split(/, (?=XAPI-|4\.)/)
      .filter((id) => id.startsWith('4.'));
    return [{ file: relative(ROOT, file).replaceAll('\\', '/'), version, ids: [...numbers, ...sections] }];
  });
}

function numbered(number: number): string {
  return `XAPI-${String(number).padStart(5, '0')}`;
}

/** `2.0.0 XAPI-00164 in tests/…` for everything that requirements.ts names. */
function named(): Set<string> {
  const all = new Set<string>();
  const add = (version: string, table: Readonly<Record<string, readonly string[]>>) => {
    for (const [file, ids] of Object.entries(table)) for (const id of ids) all.add(`${version} ${id} in ${file}`);
  };
  const inWords = (table: Readonly<Record<string, readonly number[]>>) =>
    Object.fromEntries(Object.entries(table).map(([file, numbers]) => [file, numbers.map(numbered)]));
  for (const version of VERSIONS) add(version, inWords(TESTED));
  add('1.0.3', inWords(TESTED_IN_1_0_3));
  add('2.0.0', SECTIONS);
  return all;
}

describe('the requirements of the standard', () => {
  let there: Set<string>;
  beforeAll(async () => {
    const all = await titles();
    there = new Set(all.flatMap(({ file, version, ids }) => ids.map((id) => `${version} ${id} in ${file}`)));
  });

  test('each number of the list is tested or has a reason why not', () => {
    const tested = new Set([TESTED, TESTED_IN_1_0_3].flatMap((table) => Object.values(table).flat()));
    const explained = Object.keys(NOT_TESTED).map(Number);
    const all = [...tested, ...explained].sort((one, other) => one - other);
    expect(all).toEqual(Array.from({ length: LAST - FIRST + 1 }, (_, at) => FIRST + at));
  });

  test('each of them that is said to be tested is, in the file and the versions named', () => {
    expect([...named()].filter((one) => !there.has(one))).toEqual([]);
  });

  test('each that is tested is said to be', () => {
    // In 1.0.3 the sections of 2.0 are names only.
    const said = named();
    expect([...there].filter((one) => !said.has(one) && !one.startsWith('1.0.3 4.'))).toEqual([]);
  });

  test('none of their files skips a test', () => {
    for (const file of new Set([TESTED, TESTED_IN_1_0_3, SECTIONS].flatMap(Object.keys))) {
      const skips = /\.(skip|todo|only|fails|skipIf|runIf)\b/.exec(readFileSync(join(ROOT, file), 'utf8'));
      expect(skips?.[0], file).toBe(undefined);
    }
  });
});
