// GET /agents: the Person behind an agent (xAPI 1.0.3 Communication 2.4). An agent never seen is answered with what was asked.

import { Router } from 'express';
import { agentKey, parseAgentParameter, personOf } from '../../../contracts/xapi/index.ts';
import { needScope } from '../authentication.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { HttpProblem, methodNotAllowed } from '../problem.ts';
import { writeValue } from './answers.ts';
import type { Freshness } from './freshness.ts';
import { onlyParameters, parametersOf } from './parameters.ts';
import { versionOf } from './versions.ts';

export function agentsRouter({ queries }: HttpDependencies, freshness: Freshness): Router {
  const router = Router();
  router
    .route('/')
    .get(async (request, response) => {
      needScope(response, 'statements/read', 'profile', 'all/read');
      const { agent } = onlyParameters(parametersOf(request), ['agent'], ['agent']);
      const parsed = parseAgentParameter(agent!, versionOf(response));
      if (!parsed.ok) {
        throw new HttpProblem('invalid-parameter', undefined, {
          errors: parsed.problems.map((problem) => ({ ...problem, path: `$.agent${problem.path.slice(1)}` })),
        });
      }
      await freshness.settle(request, response);
      const names = await queries.agentNames(agentKey(parsed.agent)!);
      response.setHeader('Cache-Control', 'private, no-cache');
      writeValue(response, personOf(parsed.agent, names));
    })
    .all(methodNotAllowed('GET, HEAD, OPTIONS'));
  return router;
}
