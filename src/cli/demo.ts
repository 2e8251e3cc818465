// `pramaan demo`: a store on a throw-away folder with a sample of statements in it, until Ctrl-C.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { countStatements, type Outcome, post, type Store } from '../demo/post.ts';
import { sample } from '../demo/sample.ts';
import { type RunningNode, startNode } from '../node.ts';
import { readSettings, type Settings } from '../settings.ts';
import { CommandFailed } from './failure.ts';
import { untilStopped } from './serve.ts';

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .summary('run a throw-away store with a sample of statements')
    .description(
      'Starts the store on a throw-away data folder, posts a sample of statements to it over HTTP, says what was stored and how' +
        ' to ask for it, and serves until Ctrl-C. Then the folder is removed.',
    )
    .action(demo);
}

async function demo(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'pramaan-demo-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  // However this process ends; a kill that cannot be caught leaves the folder to the system's own cleaning.
  process.once('exit', remove);
  const stopped = untilStopped();

  const given = readSettings(process.env);
  const settings: Settings = {
    ...given,
    port: await freePort(given),
    publicUrl: undefined,
    dataDir,
    eventLogUrl: undefined,
    // A line for every request would hide what the demo says.
    logLevel: process.env.PRAMAAN_LOG_LEVEL ? given.logLevel : 'warn',
  };
  const node = await startNode(settings);
  try {
    const store = storeOf(node, settings);
    console.log(`Posting six weeks of learning to ${store.endpoint} …`);
    const begun = performance.now();
    const outcome = await post(sample(Date.now()), store);
    const seconds = (performance.now() - begun) / 1000;
    await indexed(node, outcome.sequence);
    console.log(whatWasStored(outcome, seconds, await countStatements(store)));
    console.log(howToGoOn(node.url, store, dataDir));
    await stopped;
    console.log('Stopping.');
  } finally {
    await node.close();
    remove();
  }
  process.exit(0);
}

/** The port of the settings, or a free one when another program has it. */
async function freePort({ port, host }: Settings): Promise<number> {
  if (port === 0 || (await isFree(port, host))) return port;
  console.log(`Port ${port} is taken by another program; the demo takes a free one instead.`);
  return 0;
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    probe.listen(port, host, () => probe.close(() => resolve(true)));
  });
}

function storeOf({ url, firstCredential }: RunningNode, { apiKey, apiSecret }: Settings): Store {
  const endpoint = `${url}/xapi`;
  if (firstCredential.outcome === 'made') {
    return { endpoint, key: firstCredential.credential.key, secret: firstCredential.secret };
  }
  if (apiKey === undefined || apiSecret === undefined) throw new CommandFailed('The new store has no credential.');
  return { endpoint, key: apiKey, secret: apiSecret };
}

/** Resolves when queries see the event at this sequence. */
async function indexed(node: RunningNode, sequence: number): Promise<void> {
  for (;;) {
    const { statementIndex } = await node.status();
    if (statementIndex.sequence >= sequence) return;
    if (statementIndex.state === 'stopped') throw new CommandFailed('The statement index has stopped.');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function whatWasStored({ posted, sequence }: Outcome, seconds: number, returned: number): string {
  const rows = posted.map(({ what, statements, documents, requests }) => [what, statements, documents, requests]);
  const sum = (of: (one: Outcome['posted'][number]) => number): number => posted.reduce((all, one) => all + of(one), 0);
  const statements = sum((one) => one.statements);
  const table = [
    ['', 'statements', 'documents', 'requests'],
    ...rows,
    ['together', statements, sum((one) => one.documents), sum((one) => one.requests)],
  ].map(
    ([what, ...counts]) =>
      `  ${String(what).padEnd(50)}${counts.map((count) => String(count || '').padStart(12)).join('')}`,
  );
  return [
    '',
    ...table,
    '',
    `All of it is on disk, after ${seconds.toFixed(1)} s. The record is at sequence ${sequence};` +
      ` a query for everything returns ${returned} statements, the voided one not among them.`,
  ].join('\n');
}

function howToGoOn(url: string, { endpoint, key, secret }: Store, dataDir: string): string {
  // Double quotes, which every shell understands.
  const query = `${endpoint}/statements?verb=http://adlnet.gov/expapi/verbs/passed&format=canonical&limit=2`;
  return `
The credential, with every scope:
  key     ${key}
  secret  ${secret}

Try it, the last two passed, with names in Hindi:
  curl -u "${key}:${secret}" -H "X-Experience-API-Version: 2.0.0" -H "Accept-Language: hi" "${query}"

Look at:
  ${url}/              links
  ${url}/xapi/about    the versions served
  ${url}/health/ready  whether it records and answers
  ${url}/metrics       for Prometheus

Serving until Ctrl-C. Then ${dataDir} is removed.`;
}
