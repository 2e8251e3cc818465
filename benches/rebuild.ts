// The statement index made from the log by `pramaan rebuild`, beside reading the same log and parsing it alone: JSON lines.
//
//   npm run bench -- rebuild [--statements 100000,1000000] [--keep DIR] [--profile DIR]
//
// Several numbers: the folder grows from one to the next, so that growth shows.

import { once } from 'node:events';
import { readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { NOTHING } from '../contracts/words.ts';
import { dataFolderAt } from '../src/event-log/sqlite/data-folder.ts';
import { openSqliteLog } from '../src/event-log/sqlite/index.ts';
import { perSecond, rounded, say, sayMachine } from './setup/figures.ts';
import { fillLog, openFolder } from './setup/fill.ts';
import { type Memory, memoryOf, memorySeen, startCommand } from './setup/store.ts';

const { values } = parseArgs({
  options: {
    statements: { type: 'string', default: '1000000' },
    keep: { type: 'string' },
    folder: { type: 'string', default: tmpdir() },
    profile: { type: 'string' },
    seed: { type: 'string', default: '1' },
  },
});
/** The references read no more of the log than this. */
const SAMPLE = 200_000;

async function sayReading(logFile: string, what: string, look: (bytes: Uint8Array) => void): Promise<void> {
  const log = openSqliteLog(logFile, { readOnly: true });
  const begun = performance.now();
  let events = 0;
  for await (const delivery of log.subscribe('record', { after: NOTHING, batch: 2_000 })) {
    if (delivery.kind === 'caught-up') break;
    for (const { data } of delivery.events) look(data);
    events += delivery.events.length;
    if (events >= SAMPLE) break;
  }
  const took = performance.now() - begun;
  await log.close();
  say(`reference: ${what}, one thread`, { events, eventsPerSecond: perSecond(events, took) });
}

sayMachine();
const folder = openFolder(values.keep, values.folder);
try {
  for (const wanted of values.statements.split(',').map(Number)) {
    const statements = await fillLog(folder.dataDir, wanted, Number(values.seed));
    const { logFile } = dataFolderAt(folder.dataDir);
    await sayReading(logFile, 'reading the log', () => undefined);
    await sayReading(logFile, 'reading and JSON.parse', (data) => void JSON.parse(Buffer.from(data).toString()));

    const begun = performance.now();
    const child = startCommand(folder.dataDir, ['rebuild'], { profile: values.profile });
    child.stdout!.resume();
    const exited = once(child, 'exit');
    let over = false;
    const done = exited.then(() => {
      over = true;
    });
    const memory: (Memory | undefined)[] = [];
    while (!over) {
      memory.push(memoryOf(child.pid!));
      await Promise.race([sleep(250), done]);
    }
    const [code] = (await exited) as [number];
    if (code !== 0) throw new Error(`pramaan rebuild ended with ${code}`);
    const took = performance.now() - begun;
    const bytes = readdirSync(folder.dataDir)
      .filter((file) => file.startsWith('statement-index-'))
      .reduce((sum, file) => sum + statSync(join(folder.dataDir, file)).size, 0);
    say('rebuild of the statement index', {
      statements,
      seconds: rounded(took / 1000),
      eventsPerSecond: perSecond(statements, took),
      indexBytesAStatement: Math.round(bytes / statements),
      memoryMiB: memorySeen(memory),
    });
  }
} finally {
  folder.done();
}
