// GET /about: which versions are served (xAPI 1.0.3 Communication 2.8). Needs no credential and no version header.

import { Router } from 'express';
import { methodNotAllowed } from '../problem.ts';
import { writeValue } from './answers.ts';
import { onlyParameters, parametersOf } from './parameters.ts';
import { SUPPORTED_VERSIONS } from './versions.ts';

export function aboutRouter(): Router {
  const router = Router();
  router
    .route('/')
    .get((request, response) => {
      onlyParameters(parametersOf(request), [], []);
      writeValue(response, { version: SUPPORTED_VERSIONS });
    })
    .all(methodNotAllowed('GET, HEAD, OPTIONS'));
  return router;
}
