// GET /activities: an activity with its canonical definition (xAPI 1.0.3 Communication 2.5). One without is answered with its id.

import { Router } from 'express';
import { isIri } from '../../../contracts/xapi/index.ts';
import { needScope } from '../authentication.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { methodNotAllowed, parameterProblem } from '../problem.ts';
import { writeValue } from './answers.ts';
import type { Freshness } from './freshness.ts';
import { onlyParameters, parametersOf } from './parameters.ts';

export function activitiesRouter({ queries }: HttpDependencies, freshness: Freshness): Router {
  const router = Router();
  router
    .route('/')
    .get(async (request, response) => {
      // Definitions are about courses, not about people: whoever may read or write anything here may read them.
      needScope(response, 'statements/read/mine', 'state', 'profile', 'define', 'all/read');
      const { activityId } = onlyParameters(parametersOf(request), ['activityId'], ['activityId']);
      if (!isIri(activityId!)) throw parameterProblem('activityId', 'must be an IRI with a scheme');
      await freshness.settle(request, response);
      const activity = await queries.activity(activityId!);
      response.setHeader('Cache-Control', 'private, no-cache');
      writeValue(response, activity ?? { objectType: 'Activity', id: activityId });
    })
    .all(methodNotAllowed('GET, HEAD, OPTIONS'));
  return router;
}
