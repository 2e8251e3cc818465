// What is offered over HTTP beside xAPI, room by room: the one list from which /openapi.json is made. The schemas are those that the
// rooms check with, or that their answers hold to; a test compares the list with the routes that are there.

import { z } from 'zod';
import { COMMANDS, decided, loaded, loadKind, loadParameters } from '../../../contracts/http/commands.ts';
import {
  clock,
  clockMove,
  credential,
  credentials,
  issuedCredential,
  rejections,
  rejectionsOfCredential,
  revocation,
  rotation,
} from '../../../contracts/http/credentials.ts';
import { live, ready } from '../../../contracts/http/health.ts';
import { answerOf, REPORTS, type ReportName } from '../../../contracts/http/reports.ts';
import { type Scope, wantedCredential } from '../../access/index.ts';

export interface Answered {
  readonly status: number;
  readonly description: string;
  /** By content type; a string is what stands there instead of JSON. */
  readonly content?: Readonly<Record<string, z.ZodType | string>>;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Operation {
  readonly method: 'get' | 'post';
  /** As OpenAPI writes it: `/reports/learners/{id}`. */
  readonly path: string;
  readonly room: 'reports' | 'admin' | 'audit' | 'health';
  readonly summary: string;
  readonly description?: string;
  /** Absent: no credential is needed. */
  readonly scope?: Scope;
  readonly inPath?: Readonly<Record<string, z.ZodType>>;
  /** Several, where a parameter decides which answer it is. */
  readonly query?: readonly z.ZodObject[];
  readonly body?: z.ZodType;
  /** A body that is not JSON. */
  readonly file?: { readonly type: string; readonly description: string };
  readonly answers: readonly Answered[];
  /** Statuses of refusals. */
  readonly refusals: readonly number[];
}

const AS_OF_HEADERS = {
  'X-Pramaan-Sequence': 'The last event of the record that was seen',
  'X-Pramaan-On': 'The day asked about',
  'X-Pramaan-Known-At': 'As the record stood then',
  'X-Pramaan-Final': 'Whether nothing that is still to be recorded can change the answer',
} as const;

function reportOperations(): Operation[] {
  const byPath = new Map<string, ReportName[]>();
  for (const name of Object.keys(REPORTS) as ReportName[]) {
    const { path } = REPORTS[name];
    byPath.set(path, [...(byPath.get(path) ?? []), name]);
  }
  const operations = [...byPath].map(([path, names]): Operation => {
    const contracts = names.map((name) => REPORTS[name] as (typeof REPORTS)[ReportName] & { description?: string });
    const [first] = contracts;
    const bodies = names.map(answerOf);
    const json = bodies.length === 1 ? bodies[0]! : z.union(bodies as [z.ZodObject, z.ZodObject]);
    const others: Record<string, string> =
      path === REPORTS.brief.path
        ? { 'text/html': 'A page to print', 'text/plain': 'The same as plain text' }
        : 'rows' in first!
          ? { 'text/csv': 'UTF-8 with a byte order mark; a column a member of the rows, then as of when they hold' }
          : {};
    const inPath: Readonly<Record<string, z.ZodType>> | undefined = 'inPath' in first! ? first.inPath : undefined;
    return {
      method: 'get',
      path,
      room: 'reports',
      scope: 'reports',
      summary: first!.summary,
      ...describedBy(contracts.map(({ description }) => description)),
      ...(inPath ? { inPath } : {}),
      query: contracts.map(({ query }) => query),
      answers: [
        {
          status: 200,
          description: 'The report',
          content: { 'application/json': json, ...others },
          headers: AS_OF_HEADERS,
        },
        ...(path.startsWith('/reports/learners/{id}')
          ? [{ status: 308, description: 'The learner was merged into another one; `Location` says where it is now' }]
          : []),
      ],
      refusals: [400, 401, 403, 404, 429, 503],
    };
  });
  // The course as a parameter.
  const quality = operations.find(({ path }) => path === REPORTS.quality.path)!;
  const { inPath, ...rest } = quality;
  return [
    ...operations,
    { ...rest, path: REPORTS.quality.alsoAt, query: quality.query!.map((query) => query.extend({ ...inPath })) },
  ];
}

function describedBy(descriptions: readonly (string | undefined)[]): { readonly description?: string } {
  const said = descriptions.filter((description) => description !== undefined);
  return said.length === 0 ? {} : { description: said.join('\n\n') };
}

const credentialId = { id: z.uuid().meta({ description: 'Of the credential' }) };
const REFUSED = [400, 401, 403, 429, 503] as const;
const json = (schema: z.ZodType, description = 'Done', status = 200): Answered => ({
  status,
  description,
  content: { 'application/json': schema },
});

const ADMIN: readonly Operation[] = [
  {
    method: 'get',
    path: '/admin/credentials',
    room: 'admin',
    scope: 'admin',
    summary: 'Every credential ever made, without secrets',
    answers: [json(credentials, 'The credentials')],
    refusals: REFUSED,
  },
  {
    method: 'post',
    path: '/admin/credentials',
    room: 'admin',
    scope: 'admin',
    summary: 'Makes a credential; its secret is shown this once',
    body: wantedCredential,
    answers: [json(issuedCredential, 'Made', 201)],
    refusals: [...REFUSED, 409, 413],
  },
  {
    method: 'get',
    path: '/admin/credentials/{id}',
    room: 'admin',
    scope: 'admin',
    summary: 'One credential, without its secret',
    inPath: credentialId,
    answers: [json(credential, 'The credential')],
    refusals: [...REFUSED, 404],
  },
  {
    method: 'post',
    path: '/admin/credentials/{id}/rotate',
    room: 'admin',
    scope: 'admin',
    summary: 'A new secret; the old one ends at once',
    inPath: credentialId,
    body: rotation,
    answers: [json(issuedCredential)],
    refusals: [...REFUSED, 404, 409],
  },
  {
    method: 'post',
    path: '/admin/credentials/{id}/revoke',
    room: 'admin',
    scope: 'admin',
    summary: 'Ends a credential, for ever',
    inPath: credentialId,
    body: revocation,
    answers: [json(credential)],
    refusals: [...REFUSED, 404, 409],
  },
  {
    method: 'get',
    path: '/admin/credentials/{id}/rejections',
    room: 'admin',
    scope: 'admin',
    summary: 'Why requests of a credential were refused: the last ones on this node',
    inPath: credentialId,
    answers: [json(rejectionsOfCredential, 'Latest first')],
    refusals: [...REFUSED, 404],
  },
  {
    method: 'get',
    path: '/admin/rejections',
    room: 'admin',
    scope: 'admin',
    summary: 'Refusals of requests without a credential',
    answers: [json(rejections, 'Latest first')],
    refusals: REFUSED,
  },
  {
    method: 'get',
    path: '/admin/clock',
    room: 'admin',
    scope: 'admin',
    summary: 'The clock of the record',
    answers: [json(clock, 'What time it is')],
    refusals: REFUSED,
  },
  {
    method: 'post',
    path: '/admin/clock',
    room: 'admin',
    scope: 'admin',
    summary: 'Moves a simulated clock forwards',
    body: clockMove,
    answers: [json(clock)],
    refusals: [...REFUSED, 409],
  },
];

const COMMANDED: readonly Operation[] = Object.entries(COMMANDS).map(([path, { summary, body }]) => ({
  method: 'post',
  path: `/admin${path}`,
  room: 'admin',
  scope: 'admin',
  summary,
  ...(path.includes('{id}') ? { inPath: { id: z.string() } } : {}),
  body,
  answers: [json(decided, 'On record')],
  refusals: [...REFUSED, 409, 413, 422],
}));

const LOADS: Operation = {
  method: 'post',
  path: '/admin/loads/{kind}',
  room: 'admin',
  scope: 'admin',
  summary: 'Loads a CSV, whole or not at all',
  description: 'Every row that does not fit is named with its line. Loading a file again changes nothing.',
  inPath: { kind: loadKind },
  query: [loadParameters],
  file: { type: 'text/csv', description: 'UTF-8, with a line of titles; may be gzipped' },
  answers: [
    {
      status: 200,
      description: 'Loaded',
      content: { 'application/json': loaded, 'application/x-ndjson': 'How far it has come, a line now and then' },
    },
  ],
  refusals: [...REFUSED, 404, 409, 413, 415, 422],
};

const knownAt = z.string().optional();
const AUDIT: readonly Operation[] = [
  {
    method: 'get',
    path: '/audit/events',
    room: 'audit',
    scope: 'audit',
    summary: 'Events of the record, one JSON object a line',
    description: 'Every use is recorded before anything is answered.',
    query: [
      z.strictObject({
        after: knownAt.meta({
          description: 'A sequence, an instant or a date: events after it; default: from the first',
        }),
        until: knownAt.meta({ description: 'A sequence, an instant or a date: up to it; default: the last' }),
        limit: wholeNumber(1).meta({ description: 'Events at most' }),
        atLeast: wholeNumber(0).meta({
          description: 'Waits until the record holds this sequence (up to 10 s, then 503)',
        }),
      }),
    ],
    answers: [
      {
        status: 200,
        description: 'The events',
        content: { 'application/x-ndjson': 'One event a line' },
        headers: {
          'X-Pramaan-Until': 'The sequence up to which was asked',
          'X-Pramaan-Final': 'Of an instant or a date: whether nothing can still be recorded before it',
        },
      },
    ],
    refusals: REFUSED,
  },
  {
    method: 'get',
    path: '/audit/access',
    room: 'audit',
    scope: 'audit',
    summary: 'Who has read the record, in a month',
    query: [
      z.strictObject({
        month: z
          .string()
          .optional()
          .meta({ description: 'Default: this month', examples: ['2026-04'] }),
      }),
    ],
    answers: [
      {
        status: 200,
        description: 'The uses',
        content: {
          'application/x-ndjson': 'One use a line',
          'application/json': z.strictObject({
            month: z.string(),
            events: z.array(z.record(z.string(), z.unknown())),
          }),
        },
      },
    ],
    refusals: REFUSED,
  },
];

function wholeNumber(least: number) {
  return z.int().min(least).optional();
}

const HEALTH: readonly Operation[] = [
  {
    method: 'get',
    path: '/health/live',
    room: 'health',
    summary: 'Whether the process answers',
    answers: [json(live, 'It does')],
    refusals: [],
  },
  {
    method: 'get',
    path: '/health/ready',
    room: 'health',
    summary: 'Whether statements can be recorded and read',
    answers: [json(ready, 'Ready'), json(ready, 'Not ready, with the reasons', 503)],
    refusals: [],
  },
];

export const OPERATIONS: readonly Operation[] = [
  ...reportOperations(),
  ...ADMIN,
  ...COMMANDED,
  LOADS,
  ...AUDIT,
  ...HEALTH,
];
