// pramaan replay: the record as it was known at R, into a folder.

import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { ReplayRefused, replay } from '../audit/replay.ts';
import { streamsWithPrefix } from '../event-log/index.ts';
import { openEventLog, openLocalRecord, recordFileOf } from '../event-log/open.ts';
import { readSettings } from '../settings.ts';
import { CommandFailed } from './failure.ts';
import { ProgressLine } from './progress-line.ts';

export function registerReplay(program: Command): void {
  program
    .command('replay')
    .summary('write what was known at an instant, sequence or date: events, read models, manifest')
    .description(
      'Writes the record as it was known at R into a folder: every event up to R (events.ndjson), the statement index ' +
        'and the people model built from these alone, and manifest.json with counts and digests. Works beside a running ' +
        'store on the same data folder (PRAMAAN_DATA_DIR). Each use is recorded, readable at /audit/access.',
    )
    .requiredOption(
      '--known-at <R>',
      'a sequence (17), an instant (2026-04-01T09:30:00+05:30) or a date (2026-04-01: the end of that day in Kolkata)',
    )
    .requiredOption('--out <folder>', 'a folder that is empty or not there yet')
    .option('--json', 'print the manifest on standard output')
    .action(async ({ knownAt, out, json }: { knownAt: string; out: string; json?: boolean }) => {
      const settings = readSettings(process.env);
      const record = openLocalRecord(settings);
      const trailLog = await openEventLog(settings);
      const line = new ProgressLine(process.stderr, 'events');
      try {
        const manifest = await replay({
          record,
          recordFile: recordFileOf(settings),
          trailLog,
          streams: streamsWithPrefix(settings.streamPrefix),
          knownAt,
          out,
          name: accountName(),
          onProgress: (done, total) => line.show(done, done / total),
        });
        const { sequence, lastEvent, final } = manifest;
        line.end(
          `${out} holds the ${manifest.counts.events.toLocaleString('en-IN')} events known at ${knownAt}: up to sequence ${sequence}, recorded at ${lastEvent.recordedAt}.` +
            (final
              ? ''
              : ` This is not final: it lies beyond the end of the record (sequence ${manifest.head}), which may still grow.`),
        );
        if (json) console.log(JSON.stringify(manifest));
      } catch (error) {
        line.end();
        if (error instanceof ReplayRefused) throw new CommandFailed(error.message, 2, { cause: error });
        throw error;
      } finally {
        await record.close();
        await trailLog.close();
      }
    });
}

function accountName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container's user may have no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
