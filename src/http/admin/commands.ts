// /admin: departments, people, the catalogue, sessions and national figures, one command at a time. What decides is
// administration; here bodies become the facts that are wanted on record.

import { type Response, Router } from 'express';
import type { z } from 'zod';
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
import type { ProgrammeEvent } from '../../../contracts/events/programmes.ts';
import { COMMANDS, type CommandPath } from '../../../contracts/http/commands.ts';
import { inOurWords } from '../../../contracts/xapi/index.ts';
import { problemsOf } from '../../access/index.ts';
import { type Administration, CommandRefused } from '../../administration/port.ts';
import { readJson } from '../body.ts';
import { credentialOf, exchangeOf } from '../exchange.ts';
import { HttpProblem, methodNotAllowed } from '../problem.ts';

/** A session's roster is the largest body. */
const MAX_BODY_BYTES = 1024 * 1024;

export function commandsRouter(administration: Administration): Router {
  const router = Router({ caseSensitive: true });

  const take = <Path extends CommandPath>(
    path: Path,
    wanted: (body: z.output<(typeof COMMANDS)[Path]['body']>, named: string) => readonly ProgrammeEvent[],
  ): void => {
    router
      .route(path.replace('{id}', ':id'))
      .post(async (request, response) => {
        const body = await readJson(request, MAX_BODY_BYTES);
        const parsed = COMMANDS[path].body.safeParse(body, inOurWords);
        if (!parsed.success) throw new HttpProblem('invalid-request', undefined, { errors: problemsOf(parsed.error) });
        const data = parsed.data as z.output<(typeof COMMANDS)[Path]['body']>;
        await answer(administration, wanted(data, String(request.params.id ?? '')), response);
      })
      .all(methodNotAllowed('POST'));
  };

  take('/departments', (data) => [{ type: DEPARTMENT_OPENED, data }]);
  take('/departments/{id}/moves', (data, named) => [{ type: DEPARTMENT_MOVED, data: { id: named, ...data } }]);
  take('/departments/{id}/names', (data, named) => [{ type: DEPARTMENT_RENAMED, data: { id: named, ...data } }]);
  take('/departments/{id}/closings', (data, named) => [{ type: DEPARTMENT_CLOSED, data: { id: named, ...data } }]);
  take('/people', (data) => [{ type: PERSON_RECORDED, data }]);
  take('/people/{id}/postings', ({ withdrawn, ...data }, named) => {
    if (!withdrawn) return [{ type: POSTING_BEGUN, data: { code: named, ...data } }];
    const { kind, department, from } = data;
    return [{ type: POSTING_WITHDRAWN, data: { code: named, kind, department, from } }];
  });
  take('/people/{id}/service', (data, named) => [{ type: SERVICE_CHANGED, data: { code: named, ...data } }]);
  take('/people/{id}/identities', ({ withdrawn, ...data }, named) =>
    withdrawn
      ? [{ type: IDENTITY_UNLINKED, data: { identity: data.identity, code: named } }]
      : [{ type: IDENTITY_LINKED, data: { code: named, ...data } }],
  );
  take('/courses', (data) => [{ type: COURSE_LISTED, data }]);
  take('/sessions', (data) => [{ type: SESSION_HELD, data }]);
  take('/sessions/{id}/roster', ({ entries }, named) =>
    entries.map((entry) => ({ type: ROSTER_ENTERED, data: { session: named, ...entry } })),
  );
  take('/national-figures', (data) => [{ type: NATIONAL_FIGURE_RECORDED, data }]);

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
