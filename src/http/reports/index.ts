// /reports: learners, departments and courses on any day, as known at any time. Needs the scope `reports`, which `all` does not
// include. A credential that is limited to a department asks within it, everywhere; what lies outside is answered as if it
// were not there.

import { type RequestHandler, Router } from 'express';
import type { z } from 'zod';
import { REPORTS, type ReportName } from '../../../contracts/http/reports.ts';
import { NOTHING, type Sequence } from '../../../contracts/words.ts';
import {
  type Answer,
  type AskedList,
  type MergedInto,
  PeopleNotReady,
  type PeopleQueries,
} from '../../read-models/people/queries/port.ts';
import { requireScope } from '../authentication.ts';
import { credentialOf } from '../exchange.ts';
import { HttpProblem, methodNotAllowed } from '../problem.ts';
import { parametersOf } from '../xapi/parameters.ts';
import { answerReport, type Found } from './answers.ts';
import { wantedOf, whatIsGiven } from './asked.ts';

export interface ReportsDependencies {
  readonly people: PeopleQueries;
  /** Resolves true as soon as the people model has come to the sequence, false after the time-out. */
  readonly peopleReached: (sequence: Sequence, timeoutMs: number) => Promise<boolean>;
}

const AT_LEAST_MS = 5_000;

type Own<Name extends ReportName> = z.output<(typeof REPORTS)[Name]['query']> & { readonly id: string };

const ASK: {
  readonly [Name in ReportName]: (
    people: PeopleQueries,
    asked: AskedList,
    own: Own<Name>,
  ) => Promise<Answer<Name> | MergedInto | undefined>;
} = {
  learners: (people, asked, { q }) => people.learners({ ...asked, q }),
  learner: (people, asked, { id }) => people.learner({ ...asked, id }),
  progress: (people, asked, { id }) => people.progress({ ...asked, id }),
  timeline: (people, asked, { id }) => people.timeline({ ...asked, id }),
  departments: (people, asked) => people.departments(asked),
  rollup: (people, asked, { id, depth = 0 }) => people.rollup({ ...asked, id, depth }),
  rollupBy: (people, asked, { id, by }) => people.rollupBy({ ...asked, id, by }),
  departmentLearners: (people, asked, { id }) => people.departmentLearners({ ...asked, id }),
  courses: (people, asked) => people.courses(asked),
  quality: (people, asked, { id }) => people.quality({ ...asked, id }),
  unmatched: (people, asked) => people.unmatched(asked),
  brief: (people, asked, { department }) =>
    people.brief({ ...asked, ...(department === undefined ? {} : { department }) }),
};

const NOT_FOUND: { readonly [Name in ReportName]?: string } = {
  ...Object.fromEntries(['learner', 'progress', 'timeline'].map((name) => [name, 'There is no such learner.'])),
  ...Object.fromEntries(
    ['rollup', 'rollupBy', 'departmentLearners', 'brief'].map((name) => [name, 'There is no such department.']),
  ),
  quality: 'There is no such course.',
};

export function reportsRouter({ people, peopleReached }: ReportsDependencies): Router {
  const router = Router({ caseSensitive: true });
  router.use(requireScope('reports'), (_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });

  function answering(reportOf: (parameters: object) => ReportName, idInQuery = false): RequestHandler {
    return async (request, response) => {
      const path = `${request.baseUrl}${request.path}`;
      const { parameters, cursor } = whatIsGiven(parametersOf(request), path);
      const report = reportOf(parameters);
      const within = credentialOf(response).department;
      const wanted = wantedOf({ report, parameters, inPath: request.params, idInQuery, within, cursor });
      // A further page may be asked of another node, which has not come as far as the first one's had.
      const least = Math.max(wanted.atLeast ?? NOTHING, cursor?.sequence ?? NOTHING) as Sequence;
      if (least > NOTHING && !(await peopleReached(least, AT_LEAST_MS))) {
        throw new HttpProblem('unavailable', `The people model has not reached sequence ${least} yet.`, {
          headers: { 'Retry-After': '1' },
        });
      }
      const ask = async (limit: number, from = wanted.cursor): Promise<Found> => {
        const asked: AskedList = { ...wanted.asked, limit, ...(from === undefined ? {} : { cursor: from }) };
        // Which report it is, and what is its own, belong together; the table above cannot say so to the compiler.
        const found = await (ASK[report] as (...given: readonly unknown[]) => Promise<Found | undefined>)(
          people,
          asked,
          wanted.own,
        );
        if (found === undefined) throw new HttpProblem('not-found', NOT_FOUND[report]);
        return found;
      };
      try {
        await answerReport({ report, wanted, path, ask }, request, response);
      } catch (error) {
        if (!(error instanceof PeopleNotReady)) throw error;
        const detail = `The people model is being built; it has come to sequence ${error.sequence}.`;
        throw new HttpProblem('unavailable', detail, { headers: { 'Retry-After': '5' } });
      }
    };
  }

  const routes = new Map<string, RequestHandler>();
  // The course in the query: before the route that would take `quality` for a course.
  routes.set(
    REPORTS.quality.alsoAt,
    answering(() => 'quality', true),
  );
  for (const name of Object.keys(REPORTS) as ReportName[]) {
    const { path } = REPORTS[name];
    if (name === 'rollupBy') continue;
    const reportOf = name === 'rollup' ? (given: object) => ('by' in given ? 'rollupBy' : 'rollup') : () => name;
    routes.set(path, answering(reportOf));
  }
  for (const [path, handler] of routes) {
    router
      .route(path.replace(/^\/reports/, '').replace(/\{(\w+)\}/g, ':$1'))
      .get(handler)
      .all(methodNotAllowed('GET, HEAD'));
  }
  return router;
}
