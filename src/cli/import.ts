// pramaan import: history from a file or another store into a running store.

import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import {
  COLUMNS,
  FILE_FORMATS,
  type FileFormat,
  type ImportSource,
  ImportStopped,
  type ImportSummary,
  NoAnswer,
  openFile,
  openRemoteStore,
  runImport,
  SourceRefused,
  StateFile,
  Target,
  TargetRefused,
} from '../import/index.ts';
import { readSettings, type Settings } from '../settings.ts';
import { CommandFailed } from './failure.ts';
import { ProgressLine } from './progress-line.ts';
import { asUrl, targetUrl } from './target-url.ts';

interface Options {
  readonly to?: string;
  readonly key?: string;
  readonly secret?: string;
  readonly fromKey?: string;
  readonly fromSecret?: string;
  readonly format?: FileFormat;
  readonly attachments?: string;
  readonly employeeHomePage?: string;
  readonly titleLanguage: string;
  readonly delimiter?: string;
  readonly ignoreColumns?: string;
  readonly skipBad?: boolean;
  readonly rejects?: string;
  readonly state?: string;
  readonly fromStart?: boolean;
  readonly batch: number;
  readonly batchBytes: number;
  readonly page: number;
  readonly patience: number;
  readonly json?: boolean;
}

export function registerImport(program: Command): void {
  program
    .command('import')
    .summary('bring history in: a file of statements, a CSV of completions, or another store')
    .description(
      'Posts the statements of a file (NDJSON, a JSON array or a CSV of completions; also gzipped) or of another store over ' +
        'xAPI to a running store. Authorities are kept; statements without an id get one from their content, so that a ' +
        'second import stores nothing twice. Interrupted, it goes on where it stopped when it is started again.',
    )
    .argument('<source>', 'a file, or the URL of the xAPI endpoint of another store')
    .option('--to <url>', 'the store to write to (default: the one of PRAMAAN_HOST and PRAMAAN_PORT)')
    .option('--key <key>', 'key of a credential with the scope import (default: PRAMAAN_API_KEY)')
    .option('--secret <secret>', 'its secret (default: PRAMAAN_API_SECRET)')
    .option('--from-key <key>', 'key for the store that is read')
    .option('--from-secret <secret>', 'secret for the store that is read')
    .addOption(new Option('--format <format>', 'what the file is (default: found out)').choices(FILE_FORMATS))
    .option('--attachments <folder>', 'contents of attachments, files named by their SHA-256')
    .option('--employee-home-page <url>', 'CSV: home page of the accounts that employee codes name')
    .option('--title-language <tag>', 'CSV: language of the titles', 'en')
    .option('--delimiter <character>', 'CSV: what separates fields (default: found out)')
    .option('--ignore-columns <names>', 'CSV: columns to leave out, separated by commas')
    .option('--skip-bad', 'write bad items to a file and go on; otherwise the first one stops the import')
    .option('--rejects <file>', 'where --skip-bad writes them (default: SOURCE.rejected.ndjson)')
    .option('--state <file>', 'where the progress is kept (default: beside the file, or in the data folder)')
    .option('--from-start', 'do not go on where an earlier import stopped')
    .option('--batch <count>', 'statements in one request', count, 500)
    .option('--batch-bytes <bytes>', 'bytes in one request', count, 4 * 1024 * 1024)
    .option('--page <count>', 'statements asked for at once from another store', count, 500)
    .option('--patience <seconds>', 'how long a store may fail to answer', seconds, 300)
    .option('--json', 'print a summary as JSON on standard output')
    .addHelpText('after', `\nColumns of a CSV of completions:\n${columnsHelp()}`)
    .action(runCommand);
}

async function runCommand(sourceName: string, options: Options): Promise<void> {
  const settings = readSettings(process.env);
  const line = new ProgressLine(process.stderr, 'statements');
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const patience = {
    seconds: options.patience,
    signal: interrupted.signal,
    onTrouble: (what: string, next: number) => line.note(`${what}; trying again in ${next.toFixed(1)} s`),
  };
  try {
    const key = options.key ?? settings.apiKey;
    const secret = options.secret ?? settings.apiSecret;
    if (key === undefined || secret === undefined) {
      throw new CommandFailed(
        'An import needs a credential with the scope import: --key and --secret, or PRAMAAN_API_KEY and PRAMAAN_API_SECRET.',
        2,
      );
    }
    const target = new Target(targetUrl(options.to, settings), { key, secret, patience });
    const endpoint = asUrl(sourceName);
    const source: ImportSource = endpoint
      ? await openRemoteStore(endpoint, {
          ...(options.fromKey === undefined ? {} : { key: options.fromKey }),
          ...(options.fromSecret === undefined ? {} : { secret: options.fromSecret }),
          pageSize: options.page,
          patience,
        })
      : await openFile(sourceName, {
          ...(options.format ? { format: options.format } : {}),
          ...(options.attachments === undefined ? {} : { attachments: options.attachments }),
          completions: {
            ...(options.employeeHomePage ? { employeeHomePage: options.employeeHomePage } : {}),
            ...(options.delimiter ? { delimiter: options.delimiter.replace('\\t', '\t') } : {}),
            titleLanguage: options.titleLanguage,
            ignoredColumns: options.ignoreColumns?.split(',').map((name) => name.trim()) ?? [],
          },
        });
    const state = options.state ?? defaultState(source, target, sourceName, settings);
    const rejectsFile = options.rejects ?? (endpoint ? state.replace(/\.json$/, '') : sourceName) + '.rejected.ndjson';
    if (resolve(rejectsFile) === resolve(sourceName))
      throw new CommandFailed('--rejects would overwrite the source.', 2);
    const summary = await runImport({
      source,
      target,
      state: new StateFile(state),
      fromStart: options.fromStart ?? false,
      limits: { statements: options.batch, bytes: options.batchBytes },
      ...(options.skipBad ? { rejectsFile } : {}),
      signal: interrupted.signal,
      onProgress: ({ posted, rejected, read, total }) =>
        line.show(posted + rejected, read === undefined || !total ? undefined : read / total),
      onNote: (words) => line.note(words),
    });
    line.end(inWords(summary));
    if (options.json) console.log(JSON.stringify(summary));
  } catch (error) {
    line.end();
    if (interrupted.signal.aborted) throw new CommandFailed('The import was interrupted; start it again to go on.');
    if (error instanceof ImportStopped) {
      if (options.json) {
        const { item, problems, summary } = error;
        const { text: place, line } = item.place;
        console.log(JSON.stringify({ ...summary, stopped: { place, line, problems } }));
      }
      throw new CommandFailed(
        `${error.message}\nThe import stopped there; everything before it is stored. Mend it and start again, or leave bad items out with --skip-bad.`,
        1,
        { cause: error },
      );
    }
    if (error instanceof SourceRefused || error instanceof TargetRefused || error instanceof NoAnswer) {
      throw new CommandFailed(error.message, 1, { cause: error });
    }
    throw error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function inWords(summary: ImportSummary): string {
  const { posted, recorded, rejected, rejectsFile, resumedAfter, target, seconds, sequence } = summary;
  const rate = seconds > 0 ? ` (${number(Math.round(posted / seconds))}/s)` : '';
  return [
    `Statements in ${target}: ${number(posted)}, of them new: ${number(recorded)}; ${seconds} s${rate}.`,
    ...(resumedAfter ? [`From before the interruption: ${number(resumedAfter)}.`] : []),
    ...(rejected > 0 ? [`Bad items left out: ${number(rejected)}; their reasons are in ${rejectsFile}.`] : []),
    ...(sequence === undefined ? [] : [`The last one is at sequence ${sequence}.`]),
  ].join(' ');
}

function number(count: number): string {
  return count.toLocaleString('en-IN');
}

function defaultState(source: ImportSource, target: Target, sourceName: string, { dataDir }: Settings): string {
  if (source.kind === 'file') return `${sourceName}.import-state.json`;
  const name = createHash('sha256').update(`${source.name} ${target.endpoint.href}`).digest('hex').slice(0, 16);
  return resolve(dataDir, 'imports', `${name}.json`);
}

function columnsHelp(): string {
  const names = Object.keys(COLUMNS);
  const width = Math.max(...names.map((name) => name.length)) + 2;
  return Object.entries(COLUMNS)
    .map(([name, meaning]) => `  ${name.padEnd(width)}${meaning}`)
    .join('\n');
}

function count(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new CommandFailed(`"${text}" is not a whole number above 0.`, 2);
  return Number(text);
}

function seconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new CommandFailed(`"${text}" is not a number of seconds.`, 2);
  return Number(text);
}
