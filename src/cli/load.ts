// pramaan load: a CSV of departments, people, courses … into a running store, whole or not at all.

import { openAsBlob } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { type Command, Option } from 'commander';
import { LOAD_KINDS, type LoadKind } from '../../contracts/events/programmes.ts';
import type { ProblemDocument } from '../../contracts/http/problem.ts';
import { KINDS } from '../administration/kinds.ts';
import type { Loaded, LoadProgress, Misfit } from '../administration/port.ts';
import { readSettings } from '../settings.ts';
import { CommandFailed } from './failure.ts';
import { ProgressLine } from './progress-line.ts';
import { targetUrl } from './target-url.ts';

interface Options {
  readonly to?: string;
  readonly key?: string;
  readonly secret?: string;
  readonly accountHomePage?: string;
  readonly json?: boolean;
}

type Done = Loaded & { readonly detail?: string };
type Refused = Omit<ProblemDocument, 'errors'> & { readonly errors?: readonly Misfit[]; readonly total?: number };
type Line = LoadProgress | ({ readonly step: 'done' } & Done) | ({ readonly step: 'refused' } & Refused);

export function registerLoad(program: Command): void {
  program
    .command('load')
    .summary('load departments, people, courses … from a CSV file')
    .description(
      'Loads a CSV (also gzipped) into a running store. The file is checked whole first: every row that does not fit is\n' +
        'named with its line and reason. It takes effect whole or not at all; what is on record already is left as it is,\n' +
        'so that loading a file again changes nothing.',
    )
    .argument('<kind>', LOAD_KINDS.join(', '))
    .argument('<file>', 'CSV in UTF-8 with a line of column names; comma, semicolon or tab between fields')
    .option('--to <url>', 'the store (default: the one of PRAMAAN_HOST and PRAMAAN_PORT)')
    .option('--key <key>', 'key of a credential with the scope admin (default: PRAMAAN_API_KEY)')
    .option('--secret <secret>', 'its secret (default: PRAMAAN_API_SECRET)')
    .addOption(new Option('--account-home-page <url>', 'home page of identities given as a bare account name'))
    .option('--json', 'print the outcome as JSON on standard output')
    .addHelpText('after', `\nColumns:\n${columnsHelp()}`)
    .action(load);
}

async function load(kind: string, path: string, options: Options): Promise<void> {
  if (!(LOAD_KINDS as readonly string[]).includes(kind)) {
    throw new CommandFailed(`There is no kind "${kind}"; there are ${LOAD_KINDS.join(', ')}.`, 2);
  }
  const settings = readSettings(process.env);
  const key = options.key ?? settings.apiKey;
  const secret = options.secret ?? settings.apiSecret;
  if (key === undefined || secret === undefined) {
    throw new CommandFailed(
      'A load needs a credential with the scope admin: --key and --secret, or PRAMAAN_API_KEY and PRAMAAN_API_SECRET.',
      2,
    );
  }
  if (!(await stat(path)).isFile()) throw new CommandFailed(`${path} is not a file.`);
  const url = new URL(`${targetUrl(options.to, settings).href.replace(/\/$/, '')}/admin/loads/${kind}`);
  url.searchParams.set('name', basename(path).slice(-300));
  if (options.accountHomePage !== undefined) url.searchParams.set('accountHomePage', options.accountHomePage);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`${key}:${secret}`).toString('base64')}`,
      'content-type': 'text/csv',
      accept: 'application/x-ndjson',
    },
    body: await openAsBlob(path),
  }).catch((error: Error) => {
    throw new CommandFailed(
      `${url.origin} does not answer: ${(error.cause as Error | undefined)?.message ?? error.message}.`,
    );
  });
  if (!response.ok || !response.body) {
    const { title, detail, errors } = (await response.json().catch(() => ({}))) as Partial<ProblemDocument>;
    const words = [title, detail, ...(errors ?? []).map(({ path, message }) => `${path}: ${message}`)].filter(Boolean);
    throw new CommandFailed(`${url.origin} answered ${response.status}. ${words.join('. ')}`);
  }
  const outcome = await follow(response.body);
  if (options.json) console.log(JSON.stringify(outcome));
  if (outcome.step === 'refused') throw new CommandFailed(whyRefused(path, outcome));
}

/** Shows how far it has come, and returns what became of it. */
async function follow(body: ReadableStream<Uint8Array>): Promise<Extract<Line, { step: 'done' | 'refused' }>> {
  let shown: { readonly step: string; readonly line: ProgressLine } | undefined;
  let waiting = false;
  for await (const line of linesOf(body)) {
    if (line.step === 'done' || line.step === 'refused') {
      shown?.line.end(line.step === 'done' ? inWords(line) : undefined);
      return line;
    }
    if (line.step === 'waiting') {
      if (!waiting) process.stderr.write('Waiting until the store has taken in what was recorded before …\n');
      waiting = true;
      continue;
    }
    if (shown?.step !== line.step) {
      shown?.line.end();
      shown = { step: line.step, line: new ProgressLine(process.stderr, WHAT[line.step]) };
    }
    if (line.step === 'recording') shown.line.show(line.events, line.events / line.of);
    else shown.line.show(line.rows);
  }
  shown?.line.end();
  throw new CommandFailed(
    'The store stopped answering in the middle. Load the file again: what was not loaded whole has no effect.',
  );
}

const WHAT = { reading: 'rows read', comparing: 'rows compared', recording: 'events recorded' } as const;

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Line> {
  let rest = '';
  for await (const text of body.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    for (const line of lines) yield JSON.parse(line) as Line;
  }
}

function inWords({ rows, events, sequence, detail }: Done): string {
  const checked = `${number(rows)} rows`;
  return events === 0
    ? `${checked}; ${detail}.`
    : `${checked}, ${number(events)} events; it holds from sequence ${sequence} on.`;
}

function whyRefused(path: string, { title, detail, errors = [], total = errors.length }: Refused): string {
  const rows = errors.map(({ line, column, message }) => {
    const place = line === undefined ? path : `${path}:${line}`;
    return `  ${place}: ${column === undefined ? '' : `${column}: `}${message}`;
  });
  const more = total > errors.length ? [`  … and ${number(total - errors.length)} more`] : [];
  return [`${title}${detail ? `: ${detail}` : ''}.`, ...rows, ...more].join('\n');
}

function number(count: number): string {
  return count.toLocaleString('en-IN');
}

function columnsHelp(): string {
  return LOAD_KINDS.map((kind: LoadKind) => {
    const { known, required } = KINDS[kind];
    const width = Math.max(...Object.keys(known).map((name) => name.length)) + 2;
    const columns = Object.entries(known).map(
      ([name, meaning]) => `    ${name.padEnd(width)}${meaning}${required.includes(name) ? ' (needed)' : ''}`,
    );
    return [`  ${kind}`, ...columns].join('\n');
  }).join('\n');
}
