// `pramaan demo`: a store on a throw-away folder in which a made-up state has unfolded, until Ctrl-C.

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { dateOf } from '../../contracts/days.ts';
import { fromInstant } from '../../contracts/time.ts';
import { DOCUMENTS, postExtras } from '../demo/extras.ts';
import { type Filled, fill, moveClock, type Store } from '../demo/fill.ts';
import { instantOf, State } from '../demo/state/index.ts';
import { type RunningNode, startNode } from '../node.ts';
import { readSettings, type Settings, wholeNumber } from '../settings.ts';
import { CommandFailed } from './failure.ts';
import { ProgressLine } from './progress-line.ts';
import { untilStopped } from './serve.ts';

interface Options {
  readonly scale: string;
  readonly seed: string;
}

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .summary('run a throw-away store with a made-up state in it')
    .description(
      'Starts the store on a throw-away data folder, in the temporary directory, with a simulated clock; loads the departments,' +
        ' people and catalogue of a made-up state, posts what its people learnt since April of the last financial year, all' +
        ' over HTTP; says what there is and how to ask for it, and serves until Ctrl-C. Then the folder is removed.',
    )
    .option(
      '--scale <share>',
      'how large: 0.01 is a state of 18,800 people; 1 of 18.8 lakh, which fills about 30 GB of disk',
      '0.01',
    )
    .option('--seed <n>', 'another seed gives another state; the same one the same again, on the same day', '1')
    .action(demo);
}

async function demo(options: Options): Promise<void> {
  const scale = scaleIn(options.scale);
  const seed = seedIn(options.seed);
  const dataDir = mkdtempSync(join(tmpdir(), 'pramaan-demo-'));
  const remove = () => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 });
  // However this process ends; a kill that cannot be caught leaves the folder to the system's own cleaning.
  process.once('exit', remove);
  const stop = new AbortController();
  const stopped = untilStopped().then(() => stop.abort());

  const given = readSettings(process.env);
  const state = new State({ scale, seed, now: Date.now() });
  const settings: Settings = {
    ...given,
    port: await freePort(given),
    publicUrl: undefined,
    dataDir,
    eventLogUrl: undefined,
    // What happened in these months is recorded when it happened.
    simulatedClock: fromInstant(instantOf(state.calendar.start, MORNING))!,
    // A line for every request would hide what the demo says.
    logLevel: process.env.PRAMAAN_LOG_LEVEL ? given.logLevel : 'warn',
  };
  const node = await startNode(settings);
  try {
    const store = storeOf(node, settings);
    console.log(`A made-up state unfolds in ${node.url}: ${inIndia(state.size.people)} people …`);
    const begun = performance.now();
    const progress = new ProgressLine(process.stderr, 'statements');
    const watching = {
      loading: (name: string) => progress.note(`Loading ${name} …`),
      posted: (statements: number, part: number) => progress.show(statements, part),
    };
    const filled = await fill(state, store, watching, stop.signal);
    await moveClock(store, new Date());
    const sequence = await postExtras(state, store);
    const seconds = (performance.now() - begun) / 1000;
    progress.end();
    await answering(node, sequence);
    console.log(whatThereIs(state, filled, seconds, sequence));
    console.log(howToGoOn(state, store, dataDir));
    await stopped;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    if (stop.signal.aborted) console.log('Stopping.');
    await node.close();
    remove();
  }
  process.exit(0);
}

/** Files are handed in before the first evening. */
const MORNING = 8 * 60;
const LARGEST = 10;

function scaleIn(text: string): number {
  const scale = Number(text);
  if (text.trim() !== '' && scale > 0 && scale <= LARGEST) return scale;
  throw new CommandFailed(`--scale: must be a number above 0, at most ${LARGEST}.`, 2);
}

function seedIn(text: string): number {
  const seed = wholeNumber(0, 0xffff_ffff).safeParse(text);
  if (seed.success) return seed.data;
  throw new CommandFailed(`--seed: ${seed.error.issues[0]!.message}.`, 2);
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
  if (firstCredential.outcome === 'made') {
    return { url, key: firstCredential.credential.key, secret: firstCredential.secret };
  }
  if (apiKey === undefined || apiSecret === undefined) throw new CommandFailed('The new store has no credential.');
  return { url, key: apiKey, secret: apiSecret };
}

/** Resolves when queries and reports see the event at this sequence. */
async function answering(node: RunningNode, sequence: number): Promise<void> {
  for (;;) {
    const { statementIndex, peopleModel } = await node.status();
    const models = [statementIndex, peopleModel];
    if (models.every((model) => model.sequence >= sequence)) return;
    const behind = models.find(({ state }) => state === 'stopped');
    if (behind) throw new CommandFailed(`A read model has stopped: ${behind.detail ?? 'unknown'}.`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Lakh and crore: 18,80,000. */
function inIndia(count: number): string {
  return count.toLocaleString('en-IN');
}

function whatThereIs({ calendar }: State, { files, statements }: Filled, seconds: number, sequence: number): string {
  const line = (what: string, ...counts: readonly (string | number)[]): string =>
    `  ${what.padEnd(36)}${counts.map((count) => (typeof count === 'number' ? inIndia(count) : count).padStart(12)).join('')}`;
  const posted = [...statements.values()];
  const sum = (counts: readonly number[]): number => counts.reduce((all, count) => all + count, 0);
  return [
    '',
    line('files loaded', 'rows', 'files'),
    ...[...files].map(([kind, one]) => line(kind, one.rows, one.files)),
    '',
    line('statements posted', 'statements', 'requests'),
    ...[...statements].map(([from, one]) => line(SYSTEMS[from] ?? from, one.statements, one.requests)),
    line('an attachment: a certificate (PDF)', 1, 1),
    line('together', sum(posted.map((one) => one.statements)) + 1, sum(posted.map((one) => one.requests)) + 1),
    line('documents', DOCUMENTS, DOCUMENTS),
    '',
    `From ${dateOf(calendar.start)} to ${dateOf(calendar.yesterday)}, in ${seconds.toFixed(1)} s; all of it is on disk, and the` +
      ` record is at sequence ${sequence}.`,
    'Everybody and everything in it is made up. The clock of this record is simulated: it stands still until /admin/clock moves it.',
  ].join('\n');
}

const SYSTEMS: Readonly<Record<string, string>> = {
  platform: 'the platform',
  moodle: 'Moodle, logstore_xapi',
  cmi5: 'cmi5 sessions',
};

function howToGoOn({ calendar }: State, { url, key, secret }: Store, dataDir: string): string {
  // Double quotes, which every shell understands.
  const ask = (path: string, ...more: readonly string[]): string =>
    `  curl -u "${key}:${secret}" ${[...more, `"${url}${path}"`].join(' ')}`;
  const closed = dateOf(calendar.closed);
  const later = new Date((calendar.closed + 1) * 86_400_000).toISOString().slice(0, 10);
  return `
The credential, with every scope:
  key     ${key}
  secret  ${secret}

Try it. The review brief of the state, in Hindi with English beside it:
${ask('/reports/brief?format=text')}
A department, and what is right below it:
${ask('/reports/departments/health/rollup?depth=1')}
The same at the end of the last financial year, as it was known on the day after:
${ask(`/reports/departments/health/rollup?depth=1&on=${closed}&knownAt=${later}`)}
People by name, in either script:
${ask('/reports/learners', '-G', '--data-urlencode "q=सुनीता यादव"')}
The last two passed, as xAPI, with names in Hindi:
${ask(
  '/xapi/statements?verb=http://adlnet.gov/expapi/verbs/passed&format=canonical&limit=2',
  '-H "X-Experience-API-Version: 2.0.0"',
  '-H "Accept-Language: hi"',
)}

Look at:
  ${url}/              links
  ${url}/openapi       what /reports and /admin take and answer
  ${url}/xapi/about    the versions served
  ${url}/health/ready  whether it records and answers
  ${url}/metrics       for Prometheus

Serving until Ctrl-C. Then ${dataDir} is removed.`;
}
