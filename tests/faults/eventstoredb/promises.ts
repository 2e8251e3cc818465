// What a node promises while its EventStoreDB is away, as numbers and as one look at everything that it answers.

import { expect } from 'vitest';
import type { Server } from '../../journeys/server.ts';
import type { healthOf } from './guarantees.ts';

/** Nobody waits longer for an answer, milliseconds. */
export const PROMISED_WAIT_MS = 3_000;
/** The same, of what is asked under load: on a machine that does other things meanwhile, only what hangs is told by it. */
export const MAY_WAIT_MS = process.env.TEST_QUIET === '1' ? PROMISED_WAIT_MS : 10_000;
/** Writing goes on so soon after the server is back, milliseconds. */
export const MAY_GO_ON_AFTER_MS = 5_000;

const PROFILE = '/xapi/activities/profile?activityId=https%3A%2F%2Flearn.example.gov.in%2F1&profileId=notes';

const PUT = { method: 'PUT', headers: { 'content-type': 'text/plain' }, body: 'x' };

/** The server is away, and a writer of statements has been told so already: what everybody else is answered. */
export async function refusedMeanwhile(server: Server): Promise<void> {
  const problem = async (asked: Promise<Response>): Promise<void> => {
    const began = performance.now();
    const response = await asked;
    const body = await response.text();
    expect(response.status, body).toBe(503);
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(performance.now() - began).toBeLessThan(MAY_WAIT_MS);
  };
  await Promise.all([
    // Changes of one scope are made one after another; they do not wait for the server one after another.
    ...[1, 2, 3, 4].map(() =>
      problem(server.fetch(PROFILE, { ...PUT, headers: { ...PUT.headers, 'if-none-match': '*' } })),
    ),
    problem(server.fetch(PROFILE)),
    statementsAreRead(server),
  ]);
  const health = await server.fetch('/health/ready');
  expect(health.status).toBe(503);
  const { status, reasons, log } = (await health.json()) as Awaited<ReturnType<typeof healthOf>>;
  expect(status).toBe('not-ready');
  expect(log.reachable).toBe(false);
  // Who was sent away because they had waited for too long is told so before the server is known to be silent.
  expect(reasons.join('\n')).toMatch(
    /the event log cannot be reached: (.*EventStoreDB at 127\.0\.0\.1:\d+|the event log takes too long to answer)/,
  );
  expect((await server.fetch('/health/live')).status).toBe(200);
}

export async function statementsAreRead(server: Server): Promise<void> {
  const response = await server.fetch('/xapi/statements?limit=10');
  expect(response.status).toBe(200);
  const { statements } = (await response.json()) as { statements: unknown[] };
  expect(statements.length).toBeGreaterThan(0);
}
