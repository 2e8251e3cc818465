// What a node tells of itself: a log line and a count for every answer, and whatever the rooms report.

import type { DestinationStream } from 'pino';
import type { Answer, ExchangeHooks } from '../http/exchange.ts';
import type { Settings } from '../settings.ts';
import { type Logger, openLog } from './log.ts';
import { createMetrics, type Metrics } from './metrics.ts';

export type { Logger } from './log.ts';
export type { Append, Metrics } from './metrics.ts';

export interface Telemetry {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** For createApp. */
  readonly hooks: { readonly [Hook in keyof ExchangeHooks]-?: NonNullable<ExchangeHooks[Hook]> };
  /** Writes what is still buffered; nothing is logged afterwards. */
  close(): void;
}

export function createTelemetry(options: {
  readonly version: string;
  readonly logLevel: Settings['logLevel'];
  /** Where the lines go instead of standard output. */
  readonly to?: DestinationStream;
}): Telemetry {
  const { logger, answers, close } = openLog(options.logLevel, options.to);
  const metrics = createMetrics(options.version);
  return {
    logger,
    metrics,
    hooks: {
      onAnswer(answer) {
        metrics.answered(answer);
        const rejected = rejectedStatements(answer);
        if (rejected > 0) metrics.rejected(answer.problem!, rejected);
        logAnswer(answers, answer);
      },
      onFault(error, requestId) {
        logger.error({ requestId, err: error }, 'a fault of ours');
      },
    },
    close,
  };
}

function logAnswer(logger: Logger, answer: Answer): void {
  const { requestId, method, route, status, credential, aborted } = answer;
  const line = {
    requestId,
    method,
    route,
    status,
    ms: Math.round(answer.seconds * 100_000) / 100,
    ...(credential === undefined ? {} : { credential }),
    ...(answer.statements === undefined ? {} : { statementCount: answer.statements }),
    ...(answer.problem === undefined ? {} : { problem: answer.problem }),
    ...(aborted ? { aborted } : {}),
  };
  if (status >= 500) logger.error(line, 'answered');
  else if (route.startsWith('/health') || route.startsWith('/metrics')) logger.debug(line, 'answered');
  else logger.info(line, 'answered');
}

/** A refused request is refused with all its statements; one whose body was never read counts as one. */
function rejectedStatements({ problem, statements, route, method }: Answer): number {
  if (problem === undefined) return 0;
  return statements ?? (route === '/xapi/statements' && (method === 'POST' || method === 'PUT') ? 1 : 0);
}
