// Another process, or another thread, that appends to an embedded log: numbered events, seven at a time, for as long as it
// lives or as many as it is told. Says each acknowledged head, after it was acknowledged, in a line of its own.

import { writeSync } from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import type { Revision } from '../../../contracts/words.ts';
import { openSqliteLog } from '../../../src/event-log/sqlite/index.ts';
import { numbered } from './events.ts';

const [file, stream, appends] = isMainThread ? process.argv.slice(2) : (workerData as string[]);
const say = (line: string): void => {
  if (isMainThread) writeSync(1, `${line}\n`);
  else parentPort!.postMessage(line);
};

const log = openSqliteLog(file!);
let head: number = await log.head(stream!);
try {
  for (let index = 0; index < Number(appends); index++) {
    const appended = await log.append(stream!, numbered(7, head + 1), { expectedRevision: head as Revision });
    head = appended.revision;
    say(`acknowledged ${head}`);
  }
  await log.close();
} catch (error) {
  say(`${(error as Error).name} ${(error as Error).message}`);
}
