// /audit: the events of the record for auditors, and who has asked for them. Needs the scope `audit`, which neither `all` nor
// `admin` includes.

import { type NextFunction, type Request, type RequestHandler, type Response, Router } from 'express';
import { NOTHING, type Sequence } from '../../../contracts/words.ts';
import {
  AccessTrail,
  type KnownAt,
  KnownAtRefused,
  parseKnownAt,
  type RecordedUse,
  reached,
  resolveKnownAt,
} from '../../audit/index.ts';
import type { EventLog } from '../../event-log/port.ts';
import type { Streams } from '../../event-log/streams.ts';
import type { StatementQueries } from '../../read-models/statement-index/port.ts';
import { requireScope } from '../authentication.ts';
import { credentialOf, exchangeOf } from '../exchange.ts';
import { HttpProblem, methodNotAllowed, parameterProblem } from '../problem.ts';
import { written } from '../written.ts';

export interface AuditDependencies {
  readonly queries: Pick<StatementQueries, 'events'>;
  /** Where the record is read on this machine. */
  readonly record: EventLog;
  /** Waits a moment until the record can be read here as far as it has come. */
  readonly upToDate: () => Promise<void>;
  /** Where the access trail is appended. */
  readonly trailLog: EventLog;
  readonly streams: Pick<Streams, 'record' | 'access'>;
}

/** Events read at once: so many of the largest size still fit into memory. */
const PAGE = 250;
const AT_LEAST_MS = 10_000;
const NDJSON = 'application/x-ndjson';
const COMMA = Buffer.from(',');

export function auditRouter({ queries, record, upToDate, trailLog, streams }: AuditDependencies): Router {
  const trail = new AccessTrail(trailLog, streams);
  const router = Router({ caseSensitive: true });
  router.use(requireScope('audit'), (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });

  router
    .route('/events')
    .get(
      answering(async (request, response) => {
        const asked = parameters(request, ['after', 'until', 'limit', 'atLeast']);
        const limit = numberOf(asked, 'limit', 1) ?? Number.POSITIVE_INFINITY;
        const atLeast = numberOf(asked, 'atLeast', 0) as Sequence | undefined;
        const wanted = { after: knownAt(asked, 'after'), until: knownAt(asked, 'until') };
        await upToDate();
        if (atLeast !== undefined && !(await reached(record, streams.record, atLeast, AT_LEAST_MS))) {
          throw new HttpProblem('unavailable', `The record has not reached sequence ${atLeast} yet.`, {
            headers: { 'Retry-After': '1' },
          });
        }
        const after = wanted.after ? await startAfter(record, streams.record, wanted.after) : NOTHING;
        const until = wanted.until
          ? await resolveKnownAt(record, streams.record, wanted.until)
          : { sequence: (await record.head(streams.record)) as number as Sequence, final: undefined };

        const use = await recordUse(trail, response, 'events', asked);
        response.type(NDJSON);
        response.setHeader('X-Pramaan-Until', until.sequence);
        // What R was known by is complete only when nothing recorded later can still fall before it.
        if (until.final !== undefined) response.setHeader('X-Pramaan-Final', String(until.final));
        if (request.method === 'HEAD') {
          await use.ended({ outcome: 'whole', events: 0 });
          response.end();
          return;
        }
        let last = after;
        let events = 0;
        let whole = false;
        try {
          while (last < until.sequence && events < limit) {
            const page = await queries.events({
              after: last,
              until: until.sequence,
              limit: Math.min(PAGE, limit - events),
            });
            if (page.count === 0) throw new Error(`the record ended at ${last}, before ${until.sequence}`);
            if (!(await written(response, page.ndjson))) break;
            last = page.last;
            events += page.count;
          }
          whole = last >= until.sequence || events >= limit;
        } finally {
          await use.ended({ outcome: whole ? 'whole' : 'cut-off', events, ...(events > 0 ? { last } : {}) });
        }
        response.end();
      }),
    )
    .all(methodNotAllowed('GET, HEAD'));

  router
    .route('/access')
    .get(
      answering(async (request, response) => {
        const asked = parameters(request, ['month']);
        const month = asked.month ?? trail.month();
        if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) throw parameterProblem('month', 'must be a month such as 2026-04');
        const use = await recordUse(trail, response, 'access', asked);
        const asJson = request.accepts([NDJSON, 'application/json']) === 'application/json';
        response.type(asJson ? 'application/json' : NDJSON);
        let events = 0;
        let whole = request.method === 'HEAD';
        try {
          if (!whole) {
            if (asJson) response.write(`{"month":"${month}","events":[`);
            whole = true;
            for await (const line of trail.read(month)) {
              whole = await written(response, asJson && events > 0 ? Buffer.concat([COMMA, line]) : line);
              if (!whole) break;
              events++;
            }
            if (asJson) response.write(']}');
          }
        } finally {
          await use.ended({ outcome: whole ? 'whole' : 'cut-off', events });
        }
        response.end();
      }),
    )
    .all(methodNotAllowed('GET, HEAD'));

  return router;
}

function recordUse(
  trail: AccessTrail,
  response: Response,
  what: 'events' | 'access',
  asked: Readonly<Record<string, string>>,
): Promise<RecordedUse> {
  const { id, name } = credentialOf(response);
  return trail.record({
    credential: id,
    name,
    what,
    parameters: { ...asked },
    requestId: exchangeOf(response).requestId,
  });
}

/** A sequence is taken as it is: it may lie beyond the head, and then nothing comes. */
async function startAfter(log: EventLog, stream: string, after: KnownAt): Promise<Sequence> {
  return after.kind === 'sequence' ? after.sequence : (await resolveKnownAt(log, stream, after)).sequence;
}

function parameters(request: Request, known: readonly string[]): Readonly<Record<string, string>> {
  const given = new URLSearchParams(request.originalUrl.split('?').slice(1).join('?'));
  const found: Record<string, string> = {};
  for (const [name, value] of given) {
    if (!known.includes(name)) throw parameterProblem(name, `unknown; known are ${known.join(', ')}`);
    if (found[name] !== undefined) throw parameterProblem(name, 'given twice');
    found[name] = value;
  }
  return found;
}

function numberOf(asked: Readonly<Record<string, string>>, name: string, least: number): number | undefined {
  const text = asked[name];
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text) || Number(text) < least) {
    throw parameterProblem(name, `must be a whole number of at least ${least}`);
  }
  return Number(text);
}

function knownAt(asked: Readonly<Record<string, string>>, name: string): KnownAt | undefined {
  const text = asked[name];
  if (text === undefined) return undefined;
  try {
    return parseKnownAt(text);
  } catch (error) {
    if (error instanceof KnownAtRefused) throw parameterProblem(name, error.message);
    throw error;
  }
}

/** Express hands what an async handler throws to the error handler; this only gives handlers their type. */
function answering(handler: (request: Request, response: Response) => Promise<void>): RequestHandler {
  return (request: Request, response: Response, _next: NextFunction) => handler(request, response);
}
