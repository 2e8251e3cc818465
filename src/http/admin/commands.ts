// /admin: departments, people, the catalogue, sessions and national figures, one command at a time. What decides is
// administration; here bodies become the facts that are wanted on record.

import { type Request, type Response, Router } from 'express';
import { z } from 'zod';
import {
  COURSE_LISTED,
  DEPARTMENT_CLOSED,
  DEPARTMENT_MOVED,
  DEPARTMENT_OPENED,
  DEPARTMENT_RENAMED,
  IDENTITY_LINKED,
  IDENTITY_UNLINKED,
  NATIONAL_FIGURE_RECORDED,
  PERSON_RECORDED,
  POSTING_BEGUN,
  POSTING_WITHDRAWN,
  ROSTER_ENTERED,
  SERVICE_CHANGED,
  SESSION_HELD,
} from '../../../contracts/events/names.ts';
import {
  courseListed,
  departmentClosed,
  departmentMoved,
  departmentOpened,
  departmentRenamed,
  identityLinked,
  nationalFigureRecorded,
  type ProgrammeEvent,
  personRecorded,
  postingBegun,
  rosterEntered,
  serviceChanged,
  sessionHeld,
} from '../../../contracts/events/programmes.ts';
import { inOurWords } from '../../../contracts/xapi/index.ts';
import { problemsOf } from '../../access/index.ts';
import { type Administration, CommandRefused } from '../../administration/port.ts';
import { readJson } from '../body.ts';
import { credentialOf, exchangeOf } from '../exchange.ts';
import { HttpProblem, methodNotAllowed } from '../problem.ts';

/** A session's roster is the largest body. */
const MAX_BODY_BYTES = 1024 * 1024;
const MAX_ROSTER = 5_000;

/** Recorded in error: it never was. */
const withdrawn = z.literal(true).optional();
const id = { id: true } as const;
const code = { code: true } as const;

const posting = postingBegun.omit(code).extend({ withdrawn });
const link = identityLinked.omit(code).extend({ withdrawn });
const roster = z.strictObject({
  entries: z
    .array(rosterEntered.omit({ session: true }))
    .min(1, 'at least one entry is needed')
    .max(MAX_ROSTER, `at most ${MAX_ROSTER} entries`),
});
/** What an entry of the catalogue need not say. */
const PLAIN_COURSE = { languages: [], tags: [], aliases: [], supersedes: [], status: 'live' };

export function commandsRouter(administration: Administration): Router {
  const router = Router({ caseSensitive: true });

  const take = <Schema extends z.ZodType>(
    path: string,
    schema: Schema,
    wanted: (body: z.output<Schema>, named: string) => readonly ProgrammeEvent[],
    besides: object = {},
  ): void => {
    router
      .route(path)
      .post(async (request, response) => {
        const body = await readJson(request, MAX_BODY_BYTES);
        const parsed = schema.safeParse(isObject(body) ? { ...besides, ...body } : body, inOurWords);
        if (!parsed.success) throw new HttpProblem('invalid-request', undefined, { errors: problemsOf(parsed.error) });
        await answer(administration, wanted(parsed.data, named(request)), response);
      })
      .all(methodNotAllowed('POST'));
  };

  take('/departments', departmentOpened, (data) => [{ type: DEPARTMENT_OPENED, data }]);
  take('/departments/:named/moves', departmentMoved.omit(id), (data, named) => [
    { type: DEPARTMENT_MOVED, data: { id: named, ...data } },
  ]);
  take('/departments/:named/names', departmentRenamed.omit(id), (data, named) => [
    { type: DEPARTMENT_RENAMED, data: { id: named, ...data } },
  ]);
  take('/departments/:named/closings', departmentClosed.omit(id), (data, named) => [
    { type: DEPARTMENT_CLOSED, data: { id: named, ...data } },
  ]);
  take('/people', personRecorded, (data) => [{ type: PERSON_RECORDED, data }]);
  take('/people/:named/postings', posting, ({ withdrawn, ...data }, named) => {
    if (!withdrawn) return [{ type: POSTING_BEGUN, data: { code: named, ...data } }];
    const { kind, department, from } = data;
    return [{ type: POSTING_WITHDRAWN, data: { code: named, kind, department, from } }];
  });
  take('/people/:named/service', serviceChanged.omit(code), (data, named) => [
    { type: SERVICE_CHANGED, data: { code: named, ...data } },
  ]);
  take('/people/:named/identities', link, ({ withdrawn, ...data }, named) =>
    withdrawn
      ? [{ type: IDENTITY_UNLINKED, data: { identity: data.identity, code: named } }]
      : [{ type: IDENTITY_LINKED, data: { code: named, ...data } }],
  );
  take('/courses', courseListed, (data) => [{ type: COURSE_LISTED, data }], PLAIN_COURSE);
  take('/sessions', sessionHeld, (data) => [{ type: SESSION_HELD, data }]);
  take('/sessions/:named/roster', roster, ({ entries }, named) =>
    entries.map((entry) => ({ type: ROSTER_ENTERED, data: { session: named, ...entry } })),
  );
  take('/national-figures', nationalFigureRecorded, (data) => [{ type: NATIONAL_FIGURE_RECORDED, data }]);

  return router;
}

async function answer(
  administration: Administration,
  wanted: readonly ProgrammeEvent[],
  response: Response,
): Promise<void> {
  const { requestId } = exchangeOf(response);
  try {
    const decided = await administration.command(wanted, { credential: credentialOf(response).id, requestId });
    response.setHeader('X-Pramaan-Sequence', String(decided.sequence));
    response.json({ ...decided, ...(decided.events === 0 && { detail: 'nothing new: already on record' }) });
  } catch (error) {
    if (!(error instanceof CommandRefused)) throw error;
    const errors = error.misfits.map(({ column, message }) => ({ path: column ? `$.${column}` : '$', message }));
    throw new HttpProblem('command-refused', undefined, { errors });
  }
}

function named(request: Request): string {
  return String(request.params.named ?? '');
}

function isObject(body: unknown): body is object {
  return typeof body === 'object' && body !== null && !Array.isArray(body);
}
