// Every setting, read in one place. Each is one row of the table below; the README's table is generated from it.

import { z } from 'zod';
import { fromInstant } from '../contracts/time.ts';

const port = wholeNumber(0, 65_535);
const bytes = wholeNumber(1, Number.MAX_SAFE_INTEGER);
const count = wholeNumber(1, Number.MAX_SAFE_INTEGER);

/** Also for options of commands. */
export function wholeNumber(least: number, most: number) {
  const error =
    most === Number.MAX_SAFE_INTEGER
      ? `must be a whole number from ${least} on`
      : `must be a whole number from ${least} to ${most}`;
  return z.coerce.number({ error }).int({ error }).min(least, { error }).max(most, { error });
}

interface Row {
  readonly variable: string;
  readonly schema: z.ZodType;
  /** What holds when it is unset, as the README shows it. */
  readonly default: string;
  readonly meaning: string;
}

const MIB = 1024 * 1024;

/** Attachments and large documents are stored in chunks of 512 KiB, each in one append together with what describes it. */
const LEAST_APPEND_BYTES = 544 * 1024;
/** EventStoreDB itself takes no more. */
export const MOST_APPEND_BYTES = 16 * MIB - 64 * 1024;

/** One row a setting, in the README's order. */
export const SETTINGS = {
  port: {
    variable: 'PRAMAAN_PORT',
    schema: port.default(8080),
    default: '8080',
    meaning: 'TCP port; 0 takes a free one',
  },
  host: {
    variable: 'PRAMAAN_HOST',
    schema: z.string().min(1).default('127.0.0.1'),
    default: '127.0.0.1',
    meaning: 'address to listen on; 0.0.0.0 for all',
  },
  publicUrl: {
    variable: 'PRAMAAN_PUBLIC_URL',
    schema: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional(),
    default: 'unset',
    meaning: 'how clients reach the store, when a proxy stands in front; its path goes into `more` links',
  },
  dataDir: {
    variable: 'PRAMAAN_DATA_DIR',
    schema: z.string().min(1).default('./data'),
    default: './data',
    meaning: 'data folder',
  },
  eventLogUrl: {
    variable: 'PRAMAAN_EVENT_LOG_URL',
    schema: z
      .string()
      .regex(
        /^esdb(\+discover)?:\/\/[^\s/]/,
        'must be a connection string of EventStoreDB, such as esdb://host:2113?tls=false',
      )
      .optional(),
    default: 'unset: embedded',
    meaning:
      'where the event log is: an EventStoreDB (`esdb://host:2113?tls=false`); unset, it is an SQLite file in the data folder',
  },
  maxAppendBytes: {
    variable: 'PRAMAAN_MAX_APPEND_BYTES',
    schema: wholeNumber(LEAST_APPEND_BYTES, MOST_APPEND_BYTES).default(MIB),
    default: '1 MiB',
    meaning:
      'what EventStoreDB takes in one append (its own `MaxAppendSize`), 544 KiB or more; a request above it is a 413',
  },
  streamPrefix: {
    variable: 'PRAMAAN_STREAM_PREFIX',
    schema: z
      .string()
      .regex(/^[a-z0-9-]*$/, 'lower-case letters, digits and hyphens only')
      .default(''),
    default: 'empty',
    meaning: 'stands before every stream name',
  },
  apiKey: {
    variable: 'PRAMAAN_API_KEY',
    schema: z.string().min(1).optional(),
    default: 'unset',
    meaning:
      'with PRAMAAN_API_SECRET, a first credential with every scope; unset, one is made at the first start and shown once',
  },
  apiSecret: {
    variable: 'PRAMAAN_API_SECRET',
    schema: z.string().min(8, 'at least 8 characters').optional(),
    default: 'unset',
    meaning: 'see PRAMAAN_API_KEY',
  },
  xapiFallbackVersion: {
    variable: 'PRAMAAN_XAPI_FALLBACK_VERSION',
    schema: z.enum(['2.0.0', '1.0.3']).default('2.0.0'),
    default: '2.0.0',
    meaning: 'version header on answers to requests that carry none: `2.0.0` or `1.0.3`',
  },
  corsOrigins: {
    variable: 'PRAMAAN_CORS_ORIGINS',
    schema: z
      .string()
      .default('*')
      .transform((text) =>
        text
          .split(',')
          .map((origin) => origin.trim())
          .filter(Boolean),
      ),
    default: '*',
    meaning: 'origins whose pages may call /xapi, separated by commas; `*` for any',
  },
  simulatedClock: {
    variable: 'PRAMAAN_SIMULATED_CLOCK',
    schema: z
      .union(
        [z.stringbool(), z.iso.datetime({ offset: true }).transform((text) => fromInstant(text)!)],
        'must be true, false or an instant such as 2026-04-01T09:00:00+05:30',
      )
      .default(false),
    default: 'false',
    meaning:
      'open a new record whose time is moved by command (`--simulated-clock`): `true`, or the instant at which it begins; an existing one keeps what it was made with',
  },
  maxBodyBytes: {
    variable: 'PRAMAAN_MAX_BODY_BYTES',
    schema: bytes.default(64 * MIB),
    default: '64 MiB',
    meaning: 'largest request body as sent',
  },
  maxInflatedBytes: {
    variable: 'PRAMAAN_MAX_INFLATED_BYTES',
    schema: bytes.default(128 * MIB),
    default: '128 MiB',
    meaning: 'largest request body after gunzip, inflate or brotli; above 4 MiB also at most 100 times what was sent',
  },
  maxAttachmentBytes: {
    variable: 'PRAMAAN_MAX_ATTACHMENT_BYTES',
    schema: bytes.default(32 * MIB),
    default: '32 MiB',
    meaning: 'largest attachment, and largest document',
  },
  maxBatchStatements: {
    variable: 'PRAMAAN_MAX_BATCH_STATEMENTS',
    schema: count.default(10_000),
    default: '10,000',
    meaning: 'most statements in one request',
  },
  maxRequestsPerSecond: {
    variable: 'PRAMAAN_MAX_REQUESTS_PER_SECOND',
    schema: count.default(20_000),
    default: '20,000',
    meaning: 'most requests a second of one credential, unless it has a limit of its own',
  },
  readWorkers: {
    variable: 'PRAMAAN_READ_WORKERS',
    schema: wholeNumber(1, 64).default(2),
    default: '2',
    meaning: 'threads that answer queries',
  },
  metrics: {
    variable: 'PRAMAAN_METRICS',
    schema: z.enum(['open', 'admin']).default('open'),
    default: 'open',
    meaning: 'who may read /metrics: `open` to everybody who reaches the port, or `admin`: credentials with that scope',
  },
  logLevel: {
    variable: 'PRAMAAN_LOG_LEVEL',
    schema: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
    default: 'info',
    meaning: 'least level that is logged (JSON lines on standard output)',
  },
} as const satisfies Record<string, Row>;

export type Settings = { readonly [Name in keyof typeof SETTINGS]: z.output<(typeof SETTINGS)[Name]['schema']> };

/** A wrong setting, in words: which variable, what was found wrong with it. Never the value of a secret. */
export class WrongSetting extends Error {
  override readonly name = 'WrongSetting';
}

/**
 * Reads every setting from the environment; an empty variable counts as unset.
 * @throws WrongSetting naming each wrong variable, and each unknown one that begins with PRAMAAN_
 */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const wrong: string[] = [];
  const settings: Record<string, unknown> = {};
  const known = new Set<string>();
  for (const [name, row] of Object.entries(SETTINGS)) {
    known.add(row.variable);
    const given = environment[row.variable];
    const result = row.schema.safeParse(given === '' ? undefined : given);
    if (result.success) settings[name] = result.data;
    else wrong.push(`${row.variable}: ${result.error.issues.map((issue) => issue.message).join('; ')}`);
  }
  for (const variable of Object.keys(environment)) {
    if (variable.startsWith('PRAMAAN_') && !known.has(variable)) wrong.push(`${variable}: there is no such setting`);
  }
  if ((environment.PRAMAAN_API_KEY === undefined) !== (environment.PRAMAAN_API_SECRET === undefined)) {
    wrong.push('PRAMAAN_API_KEY and PRAMAAN_API_SECRET: set both or neither');
  }
  if (wrong.length > 0) throw new WrongSetting(wrong.join('\n'));
  return settings as Settings;
}
