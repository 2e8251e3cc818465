// The command line. A command's module is loaded only when that command runs, so that --help is quick.

import { Command, CommanderError } from 'commander';
import { VERSION } from '../version.ts';
import { inWords } from './failure.ts';

/** Every command: its line in --help, and the module that registers it with its options. */
export const COMMANDS = {
  serve: { summary: 'run the store on the data folder', load: () => import('./serve.ts').then((m) => m.registerServe) },
  demo: {
    summary: 'run a throw-away store with a made-up state in it',
    load: () => import('./demo.ts').then((m) => m.registerDemo),
  },
  credentials: {
    summary: 'make, list, rotate and revoke credentials',
    load: () => import('./credentials.ts').then((m) => m.registerCredentials),
  },
  import: {
    summary: 'bring history in: a file of statements, a CSV of completions, or another store',
    load: () => import('./import.ts').then((m) => m.registerImport),
  },
  load: {
    summary: 'load departments, people, courses … from a CSV file',
    load: () => import('./load.ts').then((m) => m.registerLoad),
  },
  replay: {
    summary: 'write what was known at an instant, sequence or date: events, read models, manifest',
    load: () => import('./replay.ts').then((m) => m.registerReplay),
  },
  rebuild: {
    summary: 'make the read models again from the log',
    load: () => import('./rebuild.ts').then((m) => m.registerRebuild),
  },
  status: {
    summary: 'show how far the read models are, and their digests',
    load: () => import('./status.ts').then((m) => m.registerStatus),
  },
  backup: {
    summary: "copy a running store's log into one verified file",
    load: () => import('./backup.ts').then((m) => m.registerBackup),
  },
  restore: {
    summary: 'put a backup into an empty data folder',
    load: () => import('./restore.ts').then((m) => m.registerRestore),
  },
  'copy-log': {
    summary: 'copy the whole log to another place: folder to EventStoreDB, and back',
    load: () => import('./copy-log.ts').then((m) => m.registerCopyLog),
  },
} as const satisfies Record<string, { summary: string; load: () => Promise<(program: Command) => void> }>;

/** Runs one command line; sets the exit code and says errors in words on standard error. */
export async function main(args: readonly string[]): Promise<void> {
  stopWithTheLauncher();
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // `pramaan replay … | head`: the reader has what it wanted.
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  try {
    const program = await programFor(args);
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said it already. Its own code is 0 for --help and --version, 1 for a wrong command line.
      process.exitCode = error.exitCode === 0 ? 0 : 2;
      return;
    }
    const { message, exitCode } = await inWords(error);
    console.error(`pramaan: ${message}`);
    if (process.env.PRAMAAN_LOG_LEVEL === 'debug' && error instanceof Error) console.error(error.stack);
    // A command that failed halfway may have left threads or sockets behind that would keep the process alive.
    process.exit(exitCode);
  }
}

/** The command asked for with its options, every other one with its summary only. */
export async function programFor(args: readonly string[]): Promise<Command> {
  const program = new Command('pramaan')
    .description('Pramaan, an event-sourced learning-record store. Settings are environment variables; see the README.')
    .version(VERSION)
    .showHelpAfterError('("pramaan --help" lists the commands)')
    .exitOverride();
  const wanted = args.find((arg) => arg !== 'help' && !arg.startsWith('-'));
  for (const [name, { summary, load }] of Object.entries(COMMANDS)) {
    if (name === wanted) (await load())(program);
    else program.command(name).summary(summary);
  }
  // A subcommand copies its parent's settings when it is made with .command(); said again for those added otherwise.
  for (const command of program.commands) command.exitOverride();
  return program;
}

/**
 * Stops when whoever started us is gone. On an older Node that is bin/pramaan.mjs, which holds a channel to us. Under npm it is a
 * shell, which a SIGTERM to npm ends without passing it on: we would stay behind, holding port and folder.
 */
function stopWithTheLauncher(): void {
  const stop = (): void => {
    if (!process.emit('SIGTERM')) process.exit(1);
  };
  if (process.channel) {
    process.once('disconnect', stop);
    process.channel.unref();
  } else if (process.env.npm_lifecycle_event !== undefined) {
    const parent = process.ppid;
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch);
      stop();
    }, 250).unref();
  }
}
