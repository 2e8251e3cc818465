// pramaan restore: a backup into an empty data folder, verified before and after.

import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { backupLog, verifyLog } from '../event-log/copy.ts';
import { recordFileOf } from '../event-log/open.ts';
import { LogRefused } from '../event-log/port.ts';
import { dataFolderAt, holdDataFolder } from '../event-log/sqlite/data-folder.ts';
import { streamsWithPrefix } from '../event-log/streams.ts';
import { readSettings } from '../settings.ts';
import { inWords } from './backup.ts';
import { CommandFailed } from './failure.ts';
import { ProgressLine } from './progress-line.ts';

interface Options {
  readonly digest?: string;
  readonly json?: boolean;
}

export function registerRestore(program: Command): void {
  program
    .command('restore')
    .summary('put a backup into an empty data folder')
    .description(
      'Reads a backup through, copies it into the data folder (PRAMAAN_DATA_DIR), which must be empty or not there, and ' +
        'reads the copy through. The next "pramaan serve" builds everything else from it. With the log on a server ' +
        "(PRAMAAN_EVENT_LOG_URL) it becomes the new node's copy of the record, and the node goes on from there.",
    )
    .argument('<file>', 'a file made by "pramaan backup"')
    .option('--digest <sha256>', 'the digest of the record that the backup printed: another one is refused')
    .option('--json', 'print what was verified as JSON on standard output')
    .action(async (file: string, { digest, json }: Options) => {
      const settings = readSettings(process.env);
      const record = streamsWithPrefix(settings.streamPrefix).record;
      const { path } = dataFolderAt(settings.dataDir);
      const logFile = recordFileOf(settings);
      refuseFilledFolder(path);
      const verified = verifyLog(file, { record });
      if (verified.record.head < 0) {
        throw new CommandFailed(
          `${file} holds no record${settings.streamPrefix ? ` under the prefix ${settings.streamPrefix}` : ''}: is PRAMAAN_STREAM_PREFIX what it was?`,
        );
      }
      if (digest !== undefined && digest.toLowerCase() !== verified.record.digest) {
        throw new CommandFailed(
          `${file} is whole, but not the backup meant: its record has the digest ${verified.record.digest}.`,
        );
      }
      // Held, so that no server begins a new log here meanwhile.
      const held = holdDataFolder(path);
      const line = new ProgressLine(process.stderr, 'pages');
      try {
        const restored = await backupLog(file, logFile, {
          record,
          onProgress: ({ copiedPages, totalPages }) => line.show(copiedPages, copiedPages / Math.max(1, totalPages)),
        });
        if (restored.record.digest !== verified.record.digest || restored.events !== verified.events) {
          throw new LogRefused(`${file} changed while it was read: what was restored is whole, but not the same`);
        }
        line.end(`${path} holds the log of ${resolve(file)}, which was read through before and after:`);
        for (const words of inWords(restored)) line.end(`  ${words}`);
        line.end('  "pramaan serve" now builds the read models from it.');
        if (json) console.log(JSON.stringify({ dataDir: path, ...restored }));
      } finally {
        line.end();
        held.release();
      }
    });
}

function refuseFilledFolder(path: string): void {
  let entries: string[];
  try {
    entries = readdirSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const others = entries.filter((name) => !name.startsWith('serve.lock.sqlite'));
  if (others.length === 0) return;
  throw new CommandFailed(
    entries.some((name) => name.startsWith('log.sqlite'))
      ? `${path} holds a log already, and nothing here ever replaces one. Set PRAMAAN_DATA_DIR to an empty folder, or move this one away.`
      : `${path} is not empty (${others.slice(0, 3).join(', ')}): what lies there belongs to another log. Set PRAMAAN_DATA_DIR to an empty folder.`,
  );
}
