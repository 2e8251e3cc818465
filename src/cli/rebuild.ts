// pramaan rebuild: read models made again from the log, beside those that answer meanwhile.

import { Argument, type Command } from 'commander';
import { openLocalRecord, recordFileOf } from '../event-log/open.ts';
import { dataFolderAt } from '../event-log/sqlite/data-folder.ts';
import { streamsWithPrefix } from '../event-log/streams.ts';
import { digestOfModel, MODELS, type ModelName, rebuildModel } from '../projector/index.ts';
import { openIndexLookup } from '../read-models/index.ts';
import { readSettings } from '../settings.ts';
import { CommandFailed } from './failure.ts';
import { ProgressLine } from './progress-line.ts';

const NAMES = Object.keys(MODELS) as ModelName[];

export function registerRebuild(program: Command): void {
  program
    .command('rebuild')
    .summary('make the read models again from the log')
    .description(
      'Builds the read models of the data folder (PRAMAAN_DATA_DIR), or the one named, again from the log, beside those in\n' +
        'use, and puts each in its place once it has caught up; a running store goes on with the new one. Interrupted, it goes\n' +
        'on where it stopped when it is started again. A changed version of Pramaan does this by itself.',
    )
    .addArgument(new Argument('[model]', 'which one; both when it is left out').choices(NAMES))
    .option('--digest', 'print the digest over all tables of what was built: equal for equal records')
    .action(rebuild);
}

async function rebuild(model: ModelName | undefined, { digest }: { readonly digest?: boolean }): Promise<void> {
  const settings = readSettings(process.env);
  const { path } = dataFolderAt(settings.dataDir);
  const logFile = recordFileOf(settings);
  const streams = streamsWithPrefix(settings.streamPrefix);
  const log = openLocalRecord(settings);
  const head = await log.head(streams.record).finally(() => log.close());
  if (model === 'people') refuseWithoutIndex(path, head);

  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const names = model === undefined ? NAMES : [model];
  try {
    for (const name of names) {
      const { words } = MODELS[name];
      const line = new ProgressLine(process.stderr, 'events');
      let reached = -1;
      const whole = await rebuildModel(name, {
        dataDir: path,
        logFile,
        streams,
        signal: interrupted.signal,
        onProgress: ({ sequence }) => {
          reached = sequence;
          line.show(sequence + 1, head < 0 ? 1 : Math.min(1, (sequence + 1) / (head + 1)));
        },
      }).finally(() => line.end());
      if (!whole) {
        throw new CommandFailed(
          `The rebuild of ${words} was interrupted; start it again to go on. The old one is in use.`,
        );
      }
      const built = `${words.replace(/^t/, 'T')} is built again`;
      line.end(reached < 0 ? `${built}; the record had nothing new to it.` : `${built}, up to sequence ${reached}.`);
    }
    if (!digest) return;
    for (const name of names)
      console.log(names.length > 1 ? `${name} ${digestOfModel(name, path)}` : digestOfModel(name, path));
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

/** The people model asks the statement index where a voided statement stands, and would wait for it for ever. */
function refuseWithoutIndex(dataDir: string, head: number): void {
  const lookup = openIndexLookup(dataDir);
  const { sequence } = lookup.checkpoint();
  lookup.close();
  if (sequence >= head) return;
  throw new CommandFailed(
    `The people model is built with the help of the statement index, which has come to sequence ${sequence} of ${head} only. ` +
      'Rebuild both ("pramaan rebuild"), or try again when the store that runs has caught up.',
  );
}
