// What is logged: JSON lines on standard output, one a request and one for whatever the operator should know. Never
// personal data: no bodies, no query strings (they hold agents), no headers, no actor; the credential by its id.

import { type DestinationStream, type Logger, type LoggerOptions, pino, stdTimeFunctions } from 'pino';
import type { Settings } from '../settings.ts';

export type { Logger } from 'pino';

// A second fence behind the rule above: whoever logs an object with one of these logs nothing of it (of a URL, its path).
const PERSONAL = [
  'authorization',
  'headers',
  'body',
  'query',
  'url',
  'actor',
  'agent',
  'statement',
  'statements',
].flatMap((name) => [name, `*.${name}`]);

/** pino's rank of `warn`. */
const WARNING = 40;

/** A URL keeps its path; everything else goes. */
function withoutTheQuery(value: unknown, path: readonly string[]): string | undefined {
  return path.at(-1) === 'url' && typeof value === 'string' ? value.split('?', 1)[0] : undefined;
}

/** The log, and how to empty its buffer at the end. */
export interface Log {
  readonly logger: Logger;
  /** For the line of each request, whose fields are chosen one by one: the second fence would cost two thirds of the line. */
  readonly answers: Logger;
  close(): void;
}

/**
 * Lines wait in a buffer for at most a tenth of a second, so that logging every request costs one write in dozens; warnings and
 * worse are written at once. Lines that nobody reads are dropped above 16 MiB.
 */
export function openLog(level: Settings['logLevel'], to?: DestinationStream): Log {
  const buffer = to
    ? undefined
    : pino.destination({ dest: 1, sync: false, minLength: 8192, maxLength: 16 * 1024 * 1024 });
  // Whoever read our standard output is gone: the store goes on.
  buffer?.on('error', () => {});
  const options: LoggerOptions = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    hooks: {
      logMethod(given, method, rank) {
        method.apply(this, given);
        if (rank >= WARNING) buffer?.flush();
      },
    },
  };
  const destination = to ?? buffer!;
  const logger = pino(
    {
      ...options,
      redact: { paths: PERSONAL, censor: withoutTheQuery },
      serializers: { err: faultInWords, error: faultInWords },
    },
    destination,
  );
  const timer = buffer && setInterval(() => buffer.flush(), 100).unref();
  return {
    logger,
    answers: pino(options, destination),
    close() {
      clearInterval(timer);
      try {
        buffer?.flushSync();
      } catch {
        // Nobody reads it any more.
      }
    },
  };
}

/**
 * An error as it may be logged: kind, code and where it came from. The message too, except of those errors whose messages quote
 * what they were given (JSON.parse, decodeURIComponent, a schema): that may be somebody's statement.
 */
export function faultInWords(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const { code } = error as NodeJS.ErrnoException;
  const quotes = error instanceof SyntaxError || error instanceof URIError || 'issues' in error;
  return {
    type: error.name,
    ...(code === undefined ? {} : { code }),
    ...(quotes ? {} : { message: error.message }),
    at: (error.stack ?? '')
      .split('\n')
      .filter((line) => /^\s+at /.test(line))
      .map((line) => line.trim()),
    ...(error.cause === undefined ? {} : { cause: faultInWords(error.cause) }),
  };
}
