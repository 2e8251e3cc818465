// Chance for the tests: another seed each run, told when a test fails, so that the failure can be had again with TEST_SEED=….

import { type Chance, chance } from '../../src/demo/chance.ts';
import type { Anything } from './command.ts';

export type { Chance } from '../../src/demo/chance.ts';

/** Runs a test with chance of its own; a failure names the seed. */
export function seeded(run: (chance: Chance) => Promise<void>): () => Promise<void> {
  return async () => {
    const seed = process.env.TEST_SEED ? Number(process.env.TEST_SEED) : Math.floor(Math.random() * 2 ** 32);
    try {
      await run(chance(seed));
    } catch (error) {
      if (error instanceof Error) error.message += `\n(again with TEST_SEED=${seed})`;
      throw error;
    }
  };
}

/** Any UUID, version 4 (RFC 9562 5.4). */
export function uuid(by: Chance): string {
  const hex = Array.from({ length: 4 }, () =>
    by
      .whole(0, 2 ** 32 - 1)
      .toString(16)
      .padStart(8, '0'),
  ).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

const VERBS = ['launched', 'initialized', 'completed', 'passed', 'failed', 'terminated'];

/** A statement with its own id, of the size and shape that learning systems send. */
export function statement(by: Chance, more: object = {}): Anything {
  const verb = by.pick(VERBS);
  const course = by.whole(1, 200);
  return {
    id: uuid(by),
    actor: {
      objectType: 'Agent',
      name: `कर्मचारी ${by.whole(1, 5_000)}`,
      account: { homePage: 'https://hr.example.gov.in', name: `EMP-${by.whole(1, 5_000)}` },
    },
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}`, display: { 'en-US': verb } },
    object: {
      objectType: 'Activity',
      id: `https://learn.example.gov.in/courses/${course}`,
      definition: {
        type: 'http://adlnet.gov/expapi/activities/course',
        name: { 'en-IN': `Course ${course}`, 'hi-IN': `पाठ्यक्रम ${course}` },
      },
    },
    result: { success: by.happens(0.8), score: { scaled: by.whole(0, 100) / 100 }, duration: `PT${by.whole(1, 90)}M` },
    context: {
      registration: uuid(by),
      contextActivities: {
        parent: [{ id: `https://learn.example.gov.in/programmes/${course % 20}`, objectType: 'Activity' }],
      },
      extensions: { 'https://learn.example.gov.in/attempt': by.next() },
    },
    timestamp: new Date(1_760_000_000_000 + by.whole(0, 10_000_000_000)).toISOString(),
    ...more,
  };
}

/** What the store returned, without what a store adds (xAPI 1.0.3 Data 2.4). */
export function asSent({ stored: _stored, authority: _authority, version: _version, ...sent }: Anything): Anything {
  return sent;
}
