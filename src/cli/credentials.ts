// `pramaan credentials add | list | rotate | revoke`: works on the log of the data folder itself, also while a server runs on it;
// what it does holds there within a second.

import { text as readAll } from 'node:stream/consumers';
import type { Command } from 'commander';
import {
  type Access,
  AccessRefused,
  type Credential,
  credentialAsJson,
  type IssuedCredential,
  type Origin,
  openAccess,
  parseWanted,
  SCOPES,
} from '../access/index.ts';
import { openEventLog } from '../event-log/open.ts';
import { streamsWithPrefix } from '../event-log/streams.ts';
import { readSettings } from '../settings.ts';
import { CommandFailed } from './failure.ts';

const BY: Origin = { origin: 'command-line' };

interface AddOptions {
  readonly name: string;
  readonly scope: readonly string[];
  readonly authority?: string;
  readonly key?: string;
  readonly secret?: string;
  readonly requestsPerSecond?: string;
  readonly department?: string;
  readonly json?: boolean;
}

export function registerCredentials(program: Command): void {
  const credentials = program
    .command('credentials')
    .summary('make, list, rotate and revoke credentials')
    .description(
      'Makes, lists, rotates and revokes credentials on the log of the data folder, also while a server runs on it:' +
        ' there it holds within a second.',
    );

  credentials
    .command('add')
    .description('Makes a credential and shows its secret, once.')
    .requiredOption('--name <name>', 'what people call it: "iGOT production"')
    .requiredOption('--scope <scopes...>', `one or more of ${SCOPES.join(', ')}; separated by spaces or commas`)
    .option('--authority <json>', 'the Agent its statements carry as authority; default: an account at this store')
    .option('--key <key>', 'a chosen key (the Basic user name); default: random')
    .option(
      '--secret <secret>',
      'a chosen secret, at least 8 characters; - reads it from standard input; default: random',
    )
    .option('--requests-per-second <n>', 'its own limit; default: PRAMAAN_MAX_REQUESTS_PER_SECOND')
    .option('--department <id>', 'with the scope reports alone: it sees this department and what is below it only')
    .option('--json', 'print JSON')
    .action(addCommand);

  credentials
    .command('list')
    .description('Lists every credential ever made, without secrets.')
    .option('--json', 'print JSON')
    .action(listCommand);

  credentials
    .command('rotate <id-or-key>')
    .description('Gives a credential a new secret, shown once. The old one ends at once; key and authority stay.')
    .option(
      '--secret <secret>',
      'a chosen secret, at least 8 characters; - reads it from standard input; default: random',
    )
    .option('--json', 'print JSON')
    .action(rotateCommand);

  credentials
    .command('revoke <id-or-key>')
    .description('Ends a credential, for ever.')
    .option('--force', 'also when it is the last one with the scope admin')
    .option('--json', 'print JSON')
    .action(revokeCommand);
}

async function addCommand(options: AddOptions): Promise<void> {
  const { name, scope, authority, key, requestsPerSecond, department } = options;
  const scopes = scope.flatMap((scopes) => scopes.split(',')).filter(Boolean);
  await withAccess(async (access) => {
    const issued = await access.add(
      parseWanted({
        name,
        scopes,
        ...(authority === undefined ? {} : { authority: parseAuthority(authority) }),
        ...(key === undefined ? {} : { key }),
        ...(options.secret === undefined ? {} : { secret: await secretOf(options.secret) }),
        ...(requestsPerSecond === undefined ? {} : { requestsPerSecond: Number(requestsPerSecond) }),
        ...(department === undefined ? {} : { department }),
      }),
      BY,
    );
    sayIssued('Made', issued, options);
  });
}

async function listCommand({ json }: { readonly json?: boolean }): Promise<void> {
  await withAccess(async (access) => {
    const all = access.list();
    if (json) print(JSON.stringify({ credentials: all.map(credentialAsJson) }, undefined, 2));
    else if (all.length === 0) print('There are no credentials yet.');
    else print(table(['ID', 'KEY', 'NAME', 'SCOPES', 'MADE', 'REVOKED'], all.map(rowOf)));
  });
}

async function rotateCommand(
  idOrKey: string,
  options: { readonly secret?: string; readonly json?: boolean },
): Promise<void> {
  const secret = options.secret === undefined ? undefined : await secretOf(options.secret);
  await withAccess(async (access) => {
    sayIssued('Rotated', await access.rotate(find(access, idOrKey).id, { secret }, BY), options);
  });
}

async function revokeCommand(
  idOrKey: string,
  { force, json }: { readonly force?: boolean; readonly json?: boolean },
): Promise<void> {
  await withAccess(async (access) => {
    const revoked = await access.revoke(find(access, idOrKey).id, { force }, BY);
    const shown = credentialAsJson(revoked);
    print(
      json
        ? JSON.stringify(shown, undefined, 2)
        : `Revoked "${printable(revoked.name)}" (key ${revoked.key}) at ${shown.revokedAt}.`,
    );
  });
}

/** Opens the log of the data folder, which must be there, for one command. */
async function withAccess(command: (access: Access) => Promise<void>): Promise<void> {
  const settings = readSettings(process.env);
  const log = await openEventLog(settings);
  try {
    const access = await openAccess({ log, streams: streamsWithPrefix(settings.streamPrefix), settings });
    try {
      await command(access);
    } finally {
      await access.close();
    }
  } catch (error) {
    throw inWords(error);
  } finally {
    await log.close();
  }
}

function inWords(error: unknown): unknown {
  if (!(error instanceof AccessRefused)) return error;
  const { refusal, message } = error;
  switch (refusal.reason) {
    case 'invalid': {
      const lines = refusal.problems.map(({ path, message }) => `  ${optionAt(path)}: ${message}`);
      return new CommandFailed(`This cannot be a credential:\n${lines.join('\n')}`, 2);
    }
    case 'last-admin':
      return new CommandFailed(
        'It is the last credential with the scope admin; without one nobody can administer over HTTP. Add another one' +
          ' first, or say --force.',
      );
    case 'key-taken':
    case 'unknown-credential':
    case 'revoked':
      return new CommandFailed(`${message[0]!.toUpperCase()}${message.slice(1)}.`);
  }
}

/** `$.scopes[0]` is said as `--scope`. */
function optionAt(path: string): string {
  return path
    .replace(/^\$\.scopes(\[\d+\])?$/, '--scope')
    .replace(/^\$\.requestsPerSecond$/, '--requests-per-second')
    .replace(/^\$\./, '--');
}

function find(access: Access, idOrKey: string): Credential {
  const all = access.list();
  const found = all.find(({ id }) => id === idOrKey.toLowerCase()) ?? all.find(({ key }) => key === idOrKey);
  if (!found) {
    throw new CommandFailed(
      `No credential has the id or key ${printable(idOrKey)}; "pramaan credentials list" shows all.`,
    );
  }
  return found;
}

function parseAuthority(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    throw new CommandFailed(
      `--authority is not JSON. For example: --authority '{"objectType":"Agent","mbox":"mailto:lms@example.org"}'`,
      2,
    );
  }
}

/** Standard input keeps a secret out of the shell's history and of the list of processes. */
async function secretOf(option: string): Promise<string> {
  return option === '-' ? (await readAll(process.stdin)).replace(/\r?\n$/, '') : option;
}

function sayIssued(
  done: string,
  { credential, secret }: IssuedCredential,
  { json }: { readonly json?: boolean },
): void {
  if (json) {
    print(JSON.stringify({ ...credentialAsJson(credential), secret }, undefined, 2));
    return;
  }
  print(
    [
      `${done} the credential "${printable(credential.name)}". Its secret is shown this once:`,
      '',
      `  key        ${credential.key}`,
      `  secret     ${secret}`,
      '',
      `  id         ${credential.id}`,
      `  scopes     ${credential.scopes.join(', ')}`,
      ...(credential.department === undefined ? [] : [`  department ${credential.department}, and below`]),
      `  authority  ${JSON.stringify(credential.authority)}`,
    ].join('\n'),
  );
}

function rowOf(credential: Credential): string[] {
  const { id, key, name, scopes, department, createdAt, revokedAt } = credentialAsJson(credential);
  const may = department === undefined ? scopes.join(',') : `${scopes.join(',')} of ${department}`;
  return [id, key, printable(name), may, seconds(createdAt), revokedAt ? seconds(revokedAt) : ''];
}

function seconds(instant: string): string {
  return `${instant.slice(0, 19)}Z`;
}

function table(head: readonly string[], rows: readonly string[][]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** A name is a client's text: nothing in it may steer the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
