// What the journeys of the reports share: a state loaded from CSV, learning posted at a moment of a simulated clock, questions.

import { expect } from 'vitest';
import type { Anything } from '../command.ts';
import { postStatements, type Server } from '../server.ts';

/** Where the people of these journeys learn. */
export const PLATFORM = 'https://learn.example.gov.in';

export function account(code: string): string {
  return `account:${PLATFORM}|${code}`;
}

/** Posts a file's rows under /admin/loads; a header first. Resolves with what is answered. */
export async function load(server: Server, kind: string, rows: readonly string[]): Promise<Anything> {
  const response = await server.fetch(`/admin/loads/${kind}`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv; charset=utf-8', accept: 'application/json' },
    body: `${rows.join('\n')}\n`,
  });
  const answer = (await response.json()) as Anything;
  expect(response.status, JSON.stringify(answer)).toBeLessThan(300);
  return answer;
}

/** Moves the simulated clock, India's time of day: `2026-01-08 10:00`. */
export async function moveTo(server: Server, moment: string): Promise<void> {
  const to = `${moment.replace(' ', 'T')}:00+05:30`;
  const response = await server.fetch('/admin/clock', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ to }),
  });
  expect(response.status, await response.text()).toBe(200);
}

export interface Learnt {
  readonly id?: string;
  readonly who: string;
  readonly verb?: string;
  readonly course: string;
  /** India's time of day. */
  readonly at: string;
  readonly result?: object;
}

export function learnt({ id, who, verb = 'completed', course, at, result }: Learnt): Anything {
  return {
    id: id ?? crypto.randomUUID(),
    actor: { account: { homePage: PLATFORM, name: who } },
    verb: { id: `http://adlnet.gov/expapi/verbs/${verb}` },
    object: { id: course },
    timestamp: `${at.replace(' ', 'T')}:00+05:30`,
    ...(result && { result }),
  };
}

/** Posts, and resolves with the sequence that a question then waits for. */
export async function post(server: Server, ...statements: readonly Anything[]): Promise<number> {
  const response = await postStatements(server, statements);
  expect(response.status, await response.clone().text()).toBe(200);
  return Number(response.headers.get('x-pramaan-sequence'));
}

export async function voidStatement(server: Server, target: string): Promise<number> {
  return post(server, {
    id: crypto.randomUUID(),
    actor: { account: { homePage: PLATFORM, name: 'registrar' } },
    verb: { id: 'http://adlnet.gov/expapi/verbs/voided' },
    object: { objectType: 'StatementRef', id: target },
  });
}

/** A question under /reports; `atLeast` is the last thing that was recorded here. */
export async function ask(
  server: Server,
  path: string,
  parameters: Record<string, string | number> = {},
): Promise<Anything> {
  const query = new URLSearchParams(Object.entries(parameters).map(([name, value]) => [name, String(value)]));
  const response = await server.fetch(`/reports/${path}?${query}`);
  const answer = (await response.json()) as Anything;
  expect(response.status, `${path}?${query}: ${JSON.stringify(answer)}`).toBe(200);
  return answer;
}

/** The id under which a person is asked for. */
export async function learnerId(server: Server, code: string, atLeast: number): Promise<string> {
  const { rows } = await ask(server, 'learners', { q: code, atLeast });
  const found = (rows as Anything[]).find((row) => row.code === code);
  expect(found, `a learner of the code ${code}`).toBeDefined();
  return found!.id as string;
}
