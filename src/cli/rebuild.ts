// pramaan rebuild: the statement index made again from the log, beside the one that answers meanwhile.

import type { Command } from 'commander';
import { openLocalRecord, recordFileOf } from '../event-log/open.ts';
import { dataFolderAt } from '../event-log/sqlite/data-folder.ts';
import { streamsWithPrefix } from '../event-log/streams.ts';
import { digestOfIndex, rebuildStatementIndex } from '../projector/index.ts';
import { readSettings } from '../settings.ts';
import { CommandFailed } from './failure.ts';
import { ProgressLine } from './progress-line.ts';

export function registerRebuild(program: Command): void {
  program
    .command('rebuild')
    .summary('make the statement index again from the log')
    .description(
      'Builds the statement index of the data folder (PRAMAAN_DATA_DIR) again from the log, beside the one in use, and puts\n' +
        'it in its place once it has caught up; a running store goes on with the new one. Interrupted, it goes on where it\n' +
        'stopped when it is started again. A changed version of Pramaan does this by itself.',
    )
    .option('--digest', 'print the digest over all tables of the new index: equal for equal records')
    .action(rebuild);
}

async function rebuild({ digest }: { readonly digest?: boolean }): Promise<void> {
  const settings = readSettings(process.env);
  const { path } = dataFolderAt(settings.dataDir);
  const logFile = recordFileOf(settings);
  const streams = streamsWithPrefix(settings.streamPrefix);
  const log = openLocalRecord(settings);
  const head = await log.head(streams.record).finally(() => log.close());

  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const line = new ProgressLine(process.stderr, 'events');
  let reached = -1;
  try {
    const whole = await rebuildStatementIndex({
      dataDir: path,
      logFile,
      streams,
      signal: interrupted.signal,
      onProgress: ({ sequence }) => {
        reached = sequence;
        line.show(sequence + 1, head < 0 ? 1 : Math.min(1, (sequence + 1) / (head + 1)));
      },
    });
    if (!whole)
      throw new CommandFailed('The rebuild was interrupted; start it again to go on. The old index is in use.');
    line.end(
      reached < 0
        ? 'The statement index is built again; the record had nothing new to it.'
        : `The statement index is built again, up to sequence ${reached}.`,
    );
    if (digest) console.log(digestOfIndex(path));
  } finally {
    line.end();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
