// pramaan status: how far the read models of a data folder are, read from its files; a store may run on it meanwhile.

import type { Command } from 'commander';
import { openLocalRecord } from '../event-log/open.ts';
import { dataFolderAt } from '../event-log/sqlite/data-folder.ts';
import { streamsWithPrefix } from '../event-log/streams.ts';
import { type ModelStatus, statusOfModels } from '../projector/index.ts';
import { readSettings } from '../settings.ts';

export function registerStatus(program: Command): void {
  program
    .command('status')
    .summary('show how far the read models are, and their digests')
    .description(
      'Shows the read models of the data folder (PRAMAAN_DATA_DIR): version and generation of each, the last event that it has\n' +
        'seen, and how many events it is behind the record. Works beside a running store.',
    )
    .option('--digest', 'with the digest over all tables of each: equal for equal records; takes a while')
    .option('--json', 'as JSON')
    .action(status);
}

async function status(options: { readonly digest?: boolean; readonly json?: boolean }): Promise<void> {
  const settings = readSettings(process.env);
  const { path } = dataFolderAt(settings.dataDir);
  const streams = streamsWithPrefix(settings.streamPrefix);
  const log = openLocalRecord(settings);
  try {
    // The head first: what a model sees meanwhile makes it no further behind.
    const head = await log.head(streams.record);
    const models = statusOfModels(path, head, { digest: options.digest === true });
    if (options.json) console.log(JSON.stringify({ record: { sequence: head }, models }));
    else for (const line of [`record: sequence ${head}`, ...models.flatMap(linesOf)]) console.log(line);
  } finally {
    await log.close();
  }
}

function linesOf({ model, generation, version, state, sequence, lag, building, digest }: ModelStatus): string[] {
  const progress = lag === 0 ? 'caught up' : `${lag} ${lag === 1 ? 'event' : 'events'} behind`;
  const said = {
    live: `sequence ${sequence}, ${progress} (generation ${generation}, version ${version})`,
    none: 'not there; it is built when the store starts',
    'other-version': 'of another version; it is built again when the store starts',
  }[state];
  return [
    `${model}: ${said}`,
    ...(building ? [`  being built: sequence ${building.sequence} (generation ${building.generation})`] : []),
    ...(digest === undefined ? [] : [`  digest ${digest}`]),
  ];
}
