// pramaan backup: the log of a running store, whole and verified, in one file.

import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { backupLog, type LogVerified } from '../event-log/copy.ts';
import { openLocalRecord, recordFileOf } from '../event-log/open.ts';
import { streamsWithPrefix } from '../event-log/streams.ts';
import { readSettings } from '../settings.ts';
import { ProgressLine } from './progress-line.ts';

export function registerBackup(program: Command): void {
  program
    .command('backup')
    .summary("copy a running store's log into one verified file")
    .description(
      'Copies the event log of the data folder (PRAMAAN_DATA_DIR) as it is at this moment into one file, while the store ' +
        'goes on writing, and reads the copy through. The log is everything: statements, documents, attachments, ' +
        'credentials; all else is built from it again. With the log on a server (PRAMAAN_EVENT_LOG_URL) it is the record alone, ' +
        'from which a new node starts: "pramaan copy-log" copies all of it.',
    )
    .requiredOption('--out <file>', 'where to; never replaces a file')
    .option('--json', 'print what was verified as JSON on standard output')
    .action(async ({ out, json }: { out: string; json?: boolean }) => {
      const settings = readSettings(process.env);
      // Refuses, in words, what is no log of this version.
      await openLocalRecord(settings).close();
      const line = new ProgressLine(process.stderr, 'pages');
      try {
        const verified = await backupLog(recordFileOf(settings), out, {
          record: streamsWithPrefix(settings.streamPrefix).record,
          onProgress: ({ copiedPages, totalPages }) => line.show(copiedPages, copiedPages / Math.max(1, totalPages)),
        });
        const bytes = statSync(out).size;
        line.end(`${resolve(out)} is written (${bytes.toLocaleString('en-IN')} bytes) and was read through:`);
        for (const words of inWords(verified)) line.end(`  ${words}`);
        if (json) console.log(JSON.stringify({ file: resolve(out), bytes, ...verified }));
      } finally {
        line.end();
      }
    });
}

/** What was verified, a line each. */
export function inWords({ events, streams, record }: LogVerified): string[] {
  return [
    `SQLite's own check found no damage; ${events.toLocaleString('en-IN')} events in ${streams.toLocaleString('en-IN')} streams, revisions without gaps.`,
    record.head < 0
      ? 'The record has no events.'
      : `The record ends at sequence ${record.head} with event ${record.lastEventId}.`,
    `Digest of the record: ${record.digest}`,
  ];
}
