// The command line: what --help promises is there, and errors are said in words.

import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CommandFailed, inWords } from '../../../src/cli/failure.ts';
import { COMMANDS, programFor } from '../../../src/cli/main.ts';
import { LogRefused } from '../../../src/event-log/port.ts';
import { WrongSetting } from '../../../src/settings.ts';

const PRAMAAN = resolve(import.meta.dirname, '../../../bin/pramaan.mjs');

function pramaan(args: readonly string[], environment: Record<string, string> = {}) {
  const own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PRAMAAN_')));
  const { status, stdout, stderr } = spawnSync(process.execPath, [PRAMAAN, ...args], {
    encoding: 'utf8',
    env: { ...own, ...environment },
  });
  return { status, stdout, stderr };
}

describe('commands', () => {
  test.each(Object.keys(COMMANDS) as (keyof typeof COMMANDS)[])('%s is what --help says it is', async (name) => {
    const program = await programFor([name]);
    const command = program.commands.find((one) => one.name() === name)!;
    expect(program.commands.map((one) => one.name()).sort()).toEqual(Object.keys(COMMANDS).sort());
    expect(command.summary()).toBe(COMMANDS[name].summary);
    expect(command.description().length).toBeGreaterThan(20);
  });

  test('--help lists them all', () => {
    const { status, stdout } = pramaan(['--help']);
    expect(status).toBe(0);
    for (const name of Object.keys(COMMANDS)) expect(stdout).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
  });

  test('help of one command shows its options', () => {
    expect(pramaan(['help', 'import']).stdout).toContain('--skip-bad');
    expect(pramaan(['import', '--help']).stdout).toContain('--skip-bad');
  });

  test('a command nobody knows, an option nobody knows: exit code 2, and what was meant', () => {
    const command = pramaan(['exprot']);
    expect(command.status).toBe(2);
    expect(command.stderr).toMatch(/unknown command 'exprot'[\s\S]*Did you mean import\?/);
    const option = pramaan(['serve', '--simulate-clock']);
    expect(option.status).toBe(2);
    expect(option.stderr).toMatch(/unknown option '--simulate-clock'[\s\S]*--simulated-clock/);
  });
});

describe('errors in words', () => {
  test('wrong settings: every one named at once, exit code 2, no stack', () => {
    const { status, stderr } = pramaan(['serve'], { PRAMAAN_PORT: 'eighty', PRAMAAN_DATADIR: '/data' });
    expect(status).toBe(2);
    expect(stderr).toContain('PRAMAAN_PORT: ');
    expect(stderr).toContain('PRAMAAN_DATADIR: there is no such setting');
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('a stack is shown to whoever asks for it', () => {
    const { stderr } = pramaan(['serve'], { PRAMAAN_PORT: '-1', PRAMAAN_LOG_LEVEL: 'debug' });
    expect(stderr).toMatch(/^\s+at /m);
  });

  test.each<[string, unknown, RegExp, number]>([
    ['a command that says why', new CommandFailed('The file is empty.', 2), /^The file is empty\.$/, 2],
    ['a wrong setting', new WrongSetting('PRAMAAN_PORT: too large'), /Wrong settings:\n {2}PRAMAAN_PORT: too large/, 2],
    [
      'a log that must not be used',
      new LogRefused('the log is of a newer version'),
      /^the log is of a newer version$/,
      1,
    ],
    [
      'a taken port',
      Object.assign(new Error('listen EADDRINUSE'), { code: 'EADDRINUSE', address: '127.0.0.1', port: 8080 }),
      /127\.0\.0\.1:8080 is taken by another program.*PRAMAAN_PORT=/,
      1,
    ],
    [
      'a port below 1024',
      Object.assign(new Error('listen EACCES'), { code: 'EACCES', syscall: 'listen', address: '0.0.0.0', port: 80 }),
      /0\.0\.0\.0:80 is not allowed.*above 1023/,
      1,
    ],
    [
      'an address of another machine',
      Object.assign(new Error('listen'), { code: 'EADDRNOTAVAIL', address: '10.9.9.9', port: 8080 }),
      /10\.9\.9\.9:8080 is not one of this machine's/,
      1,
    ],
    ['a full disk', Object.assign(new Error('write'), { code: 'ENOSPC' }), /The disk is full/, 1],
    ['anything else', new Error('that should not happen'), /that should not happen\n.*PRAMAAN_LOG_LEVEL=debug/, 1],
    ['what is no Error', 'thrown', /^thrown/, 1],
  ])('%s', async (_what, error, words, exitCode) => {
    const said = await inWords(error);
    expect(said.message).toMatch(words);
    expect(said.exitCode).toBe(exitCode);
  });
});
