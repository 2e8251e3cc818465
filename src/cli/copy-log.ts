// pramaan copy-log: a whole log into another place: a folder into EventStoreDB, EventStoreDB into a folder, any into any.

import type { Command } from 'commander';
import { recordedAtOf } from '../../contracts/events/recorded-at.ts';
import { fromInstant } from '../../contracts/time.ts';
import type { Microseconds, Revision } from '../../contracts/words.ts';
import { monthInKolkata } from '../audit/known-at.ts';
import { type CopyProgress, copyLog, type LogCopied, type Side } from '../event-log/copy.ts';
import type { LogUnavailable } from '../event-log/port.ts';
import { MOST_APPEND_BYTES, readSettings, SETTINGS, wholeNumber } from '../settings.ts';
import { CommandFailed } from './failure.ts';
import { logPlaceNamed, type OpenPlace } from './log-place.ts';
import { ProgressLine } from './progress-line.ts';

interface Options {
  readonly from: string;
  readonly to: string;
  readonly fromPrefix?: string;
  readonly toPrefix?: string;
  readonly appendBytes?: string;
  readonly patience: string;
  readonly json?: boolean;
}

export function registerCopyLog(program: Command): void {
  program
    .command('copy-log')
    .summary('copy the whole log to another place: folder to EventStoreDB, and back')
    .description(
      'Copies statements, documents, attachments, credentials and the access trail from one log to another, every event ' +
        'with its id and its place, and reads the copy back. A place is a data folder, a file made by "pramaan backup", or ' +
        'a connection string of EventStoreDB. Interrupted, it goes on where it stopped when it is started again. The source ' +
        'may be in use: what is recorded meanwhile comes with the next run. Nothing else may write to the copy.',
    )
    .requiredOption('--from <place>', 'what is copied: a data folder, a backup, or esdb://…')
    .requiredOption('--to <place>', 'where to: empty, not there yet, or an earlier copy of the same log')
    .option('--from-prefix <prefix>', 'what stands before the stream names (default: PRAMAAN_STREAM_PREFIX)')
    .option('--to-prefix <prefix>', 'what shall stand before them in the copy (default: the same)')
    .option('--append-bytes <bytes>', 'what EventStoreDB takes in one append (default: PRAMAAN_MAX_APPEND_BYTES)')
    .option('--patience <seconds>', 'how long a server may fail to answer', '120')
    .option('--json', 'print what was copied as JSON on standard output')
    .action(runCommand);
}

async function runCommand(options: Options): Promise<void> {
  const settings = readSettings(process.env);
  const fromPrefix = prefixIn('--from-prefix', options.fromPrefix) ?? settings.streamPrefix;
  const toPrefix = prefixIn('--to-prefix', options.toPrefix) ?? fromPrefix;
  const maxAppendBytes = options.appendBytes === undefined ? settings.maxAppendBytes : appendBytes(options.appendBytes);
  const patienceMs = milliseconds(options.patience);
  const source = logPlaceNamed(options.from, { prefix: fromPrefix, maxAppendBytes });
  const target = logPlaceNamed(options.to, { prefix: toPrefix, maxAppendBytes });
  if (source.identity === target.identity) {
    throw new CommandFailed('--from and --to are the same log under the same prefix: there is nothing to copy.');
  }
  const line = new ProgressLine(process.stderr, 'events');
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let from: OpenPlace | undefined;
  let to: OpenPlace | undefined;
  try {
    from = await source.openSource();
    const months = await monthsWithTrails(from);
    to = await target.openTarget();
    const begun = performance.now();
    const copied = await copyLog({
      from,
      to,
      months,
      patienceMs: from.isServer || to.isServer ? patienceMs : 0,
      onProgress: (progress) => {
        // The first few events say nothing about how long it will take.
        if (performance.now() - begun > 1_000) line.show(progress.events, partOf(progress));
      },
      onTrouble: (side, error) => line.note(troubleInWords(side, error, patienceMs)),
      signal: interrupted.signal,
    });
    const seconds = (performance.now() - begun) / 1000;
    for (const words of inWords(copied, from, to, seconds)) line.end(words);
    if (options.json) console.log(JSON.stringify({ from: from.name, to: to.name, fromPrefix, toPrefix, ...copied }));
  } catch (error) {
    line.end();
    if (!interrupted.signal.aborted) throw error;
    throw new CommandFailed('The copy was interrupted; start it again to go on.', 1, { cause: error });
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await to?.close();
    await from?.close();
  }
}

/** No trail is older than this, or than the record by its own clock or the log's. */
const FIRST_MONTH = Date.UTC(2026, 0) * 1000;

/**
 * Every month that may have an access trail. Trails follow the clock of the wall, the record's may be simulated or have been wrong:
 * from the earliest that can be meant to the latest. To ask for a month that has none costs a moment.
 */
async function monthsWithTrails({ log, streams, name }: OpenPlace): Promise<readonly string[]> {
  const [first] = await log.read(streams.record, { from: 0 as Revision, limit: 1 });
  const last = await log.readLast(streams.record);
  if (first === undefined || last === undefined) {
    throw new CommandFailed(
      `There is nothing to copy: ${name} holds no record (its stream ${streams.record} is empty).`,
    );
  }
  const now = Date.now() * 1000;
  const instants = [FIRST_MONTH, now, first.created, last.created];
  for (const event of [first, last]) instants.push(fromInstant(recordedAtOf(event)) ?? now);
  const latest = monthInKolkata((Math.max(...instants) + MONTH) as Microseconds);
  const months: string[] = [];
  for (let month = monthInKolkata(Math.max(0, Math.min(...instants)) as Microseconds); month <= latest; ) {
    months.push(month);
    const [year, number] = month.split('-').map(Number) as [number, number];
    month = new Date(Date.UTC(year, number)).toISOString().slice(0, 7);
  }
  return months;
}

const RECORD_ALONE =
  '  There was nothing but the record: no credential, no document. A node whose log is on a server keeps only this much, and its\n' +
  '  backup too; the whole is copied from the server.';

const MONTH = 31 * 24 * 3600 * 1e6;

function partOf({ record }: CopyProgress): number | undefined {
  return record && (record.copied + 1) / (record.head + 1);
}

function troubleInWords({ name }: Side, error: LogUnavailable | undefined, patienceMs: number): string {
  return error ? `${error.message}; trying again for ${patienceMs / 1000} s` : `${name} answers again`;
}

function inWords(copied: LogCopied, from: OpenPlace, to: OpenPlace, seconds: number): string[] {
  const number = (count: number) => count.toLocaleString('en-IN');
  const { streams, events, appended, record } = copied;
  const rate = appended > 0 ? ` (${number(Math.round(appended / Math.max(seconds, 0.001)))}/s)` : '';
  const under = ({ streams }: OpenPlace) => {
    const prefix = streams.record.slice(0, -'record'.length);
    return prefix === '' ? '' : ` (under the prefix ${prefix})`;
  };
  return [
    `${to.name}${under(to)} holds the log of ${from.name}${under(from)}, and was read back:`,
    `  ${number(events)} events in ${number(streams)} ${streams === 1 ? 'stream' : 'streams'}, of them copied now: ${number(appended)}; ${seconds.toFixed(1)} s${rate}.`,
    `  The record ends at sequence ${record.head} with event ${record.lastEventId}, in both.`,
    `  Digest of the record, equal in both: ${record.digest}`,
    ...(streams === 1 ? [RECORD_ALONE] : []),
  ];
}

function prefixIn(option: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const read = SETTINGS.streamPrefix.schema.safeParse(text);
  if (read.success) return read.data;
  throw new CommandFailed(`${option}: ${read.error.issues[0]!.message}.`, 2);
}

function appendBytes(text: string): number {
  // Less than a node needs: a log without attachments can be copied in smaller steps.
  const read = wholeNumber(64 * 1024, MOST_APPEND_BYTES).safeParse(text);
  if (read.success) return read.data;
  throw new CommandFailed(`--append-bytes: ${read.error.issues[0]!.message}.`, 2);
}

function milliseconds(text: string): number {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new CommandFailed(`--patience: "${text}" is not a number of seconds.`, 2);
  return Number(text) * 1000;
}
