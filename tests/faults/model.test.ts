// The store against a model of xAPI written from the standard: random sequences of writes, questions, restarts and rebuilds, each
// answered as the model answers. TEST_MODEL_SECONDS makes it longer. A failure says how to have it again: TEST_MODEL_SEED=… for the
// whole sequence; with TEST_MODEL_SHRINK=1 as well, fast-check looks for the shortest one that fails, and names its TEST_MODEL_PATH.

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { removeFolders } from '../journeys/server.ts';
import { steps } from './model/drawn.ts';
import { type Tally, takeSteps } from './model/run.ts';

const SECONDS = Number(process.env.TEST_MODEL_SECONDS ?? 40);
const { TEST_MODEL_SEED: seedAgain, TEST_MODEL_PATH: path, TEST_MODEL_SHRINK: shrink } = process.env;

afterAll(removeFolders);

test('whatever is done in whatever order, every answer is the one that the standard gives', {
  timeout: shrink === undefined ? SECONDS * 1000 + 120_000 : 3_600_000,
}, async () => {
  const began = performance.now();
  const tally: Tally = { writes: {}, steps: 0, requests: 0, statements: 0, restarts: 0, rebuilds: 0 };
  const first = seedAgain === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(seedAgain);
  let sequences = 0;
  do {
    const seed = first + sequences;
    // A sequence each time, so that the time is looked at between them and not in the middle of one.
    const checked = await fc.check(
      fc.asyncProperty(steps, (drawn) => takeSteps(drawn, tally)),
      { seed, numRuns: 1, unbiased: true, endOnFailure: shrink === undefined, ...(path ? { path } : {}) },
    );
    if (checked.failed) {
      const error = checked.errorInstance as Error;
      error.message +=
        `\n(again with TEST_MODEL_SEED=${seed}${checked.counterexamplePath === '0' ? '' : ` TEST_MODEL_PATH=${checked.counterexamplePath}`}; ` +
        `${checked.counterexample![0].length} steps${shrink === undefined ? '; TEST_MODEL_SHRINK=1 looks for fewer' : `: ${JSON.stringify(checked.counterexample![0])}`})`;
      throw error;
    }
    sequences += 1;
  } while (seedAgain === undefined && performance.now() - began < SECONDS * 1000);
  console.log(JSON.stringify({ firstSeed: first, sequences, ...tally }));
  expect(tally.steps).toBeGreaterThan(0);
});
