// `pramaan serve`: the store on its data folder, until SIGTERM or SIGINT.

import type { Command } from 'commander';
import { type RunningNode, startNode } from '../node.ts';
import { readSettings, type Settings } from '../settings.ts';

export function registerServe(program: Command): void {
  program
    .command('serve')
    .summary('run the store on the data folder')
    .description(
      'Runs the store on the data folder until it is told to stop. Every setting is an environment variable.',
    )
    .option(
      '--simulated-clock [instant]',
      'open a new record whose time is moved by command (POST /admin/clock), beginning now or at the instant',
    )
    .option('--accept-loss', 'go on with a log that lacks events which a read model had seen, and record that')
    .action(
      async ({ simulatedClock, acceptLoss = false }: { simulatedClock?: string | true; acceptLoss?: boolean }) => {
        const clock = simulatedClock && { PRAMAAN_SIMULATED_CLOCK: String(simulatedClock) };
        const settings = readSettings({ ...process.env, ...clock });
        const node = await startNode(settings, { acceptLoss });
        announce(node, settings);
        await untilStopped();
        node.telemetry.logger.info('stopping: requests under way are answered first');
        await node.close();
        process.exit(0);
      },
    );
}

/**
 * Resolves at the first SIGTERM or SIGINT; another one ends the process at once. Those of the first second are one: npm passes
 * on the Ctrl-C that the terminal has already sent to every process.
 */
export function untilStopped(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | undefined;
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (first === undefined) resolve();
        else if (performance.now() - first > 1000) process.exit(1);
        first ??= performance.now();
      });
    }
  });
}

function announce({ url, firstCredential, telemetry }: RunningNode, settings: Settings): void {
  telemetry.logger.info({ url, dataDir: settings.dataDir }, 'listening');
  if (firstCredential.outcome !== 'made') return;
  const { credential, secret } = firstCredential;
  // On standard error, apart from the log: this is shown once and belongs in no log file.
  process.stderr.write(
    [
      '',
      'The first credential, with every scope. It is shown this once:',
      `  key     ${credential.key}`,
      `  secret  ${secret}`,
      `Try:  curl -u ${credential.key}:${secret} -H 'X-Experience-API-Version: 2.0.0' ${url}/xapi/statements`,
      '',
      '',
    ].join('\n'),
  );
}
