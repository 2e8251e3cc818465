// What the parts take alone, in the same run and on the same machine: the figures of a whole store stand beside these.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type EventId, NOTHING, type Revision } from '../../contracts/words.ts';
import { parseBody, validateStatements } from '../../contracts/xapi/index.ts';
import { openSqliteLog } from '../../src/event-log/sqlite/index.ts';
import { perSecond, say } from './figures.ts';
import type { Load } from './load.ts';
import { type Posting, post } from './posting.ts';

const FOR_MS = 2_000;

/** One thread, first JSON.parse alone, then everything that is checked of a statement. */
export function sayParsing(load: Load, batch: number): void {
  const bodies = Array.from({ length: Math.ceil(20_000 / batch) }, () => load.next());
  for (const [what, check] of [
    ['JSON.parse alone', (body: Buffer) => void JSON.parse(body.toString())],
    [
      'parse and validate',
      (body: Buffer) => {
        const parsed = parseBody(body);
        if (!parsed.ok || !validateStatements(parsed.value, '2.0.0').ok) throw new Error('the load is not valid');
      },
    ],
  ] as const) {
    const begun = performance.now();
    let requests = 0;
    for (; performance.now() - begun < FOR_MS; requests++) check(bodies[requests % bodies.length]!);
    const statementsPerSecond = perSecond(requests * batch, performance.now() - begun);
    say(`reference: ${what}, one thread`, { statementsPerSecond });
  }
}

/** The embedded log alone, one thread, each append flushed to disk. */
export async function sayRawAppend(folder: string, load: Load, events: number): Promise<void> {
  const file = join(folder, 'raw.sqlite');
  const log = openSqliteLog(file);
  const body = JSON.parse(load.next().toString()) as object | object[];
  const statements = (Array.isArray(body) ? body : [body]).map((one) => Buffer.from(JSON.stringify(one)));
  const metadata = Buffer.alloc(350, 'm');
  const begun = performance.now();
  let head: number = NOTHING;
  let appending = 0;
  while (performance.now() - begun < FOR_MS) {
    const group = Array.from({ length: events }, (_, i) => ({
      id: randomUUID() as EventId,
      type: 'statement-recorded.v1',
      contentType: 'json' as const,
      data: statements[i % statements.length]!,
      metadata,
    }));
    const at = performance.now();
    head = (await log.append('record', group, { expectedRevision: head as Revision })).revision;
    appending += performance.now() - at;
  }
  await log.close();
  for (const end of ['', '-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
  say(`reference: raw append, ${events} at a time`, { statementsPerSecond: perSecond(head + 1, appending) });
}

/** Express 5 that reads the body and answers 200, in a process of its own, under the same load. */
export async function sayBareExpress(posting: Posting): Promise<void> {
  const child = spawn(process.execPath, [fileURLToPath(new URL('bare-express.ts', import.meta.url))], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
    say('reference: bare Express 5, another process', await post(url, { ...posting, seconds: FOR_MS / 1000 }));
  } finally {
    child.kill();
    await exited;
  }
}
