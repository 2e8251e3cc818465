// What the faults of the people model share: files loaded as they come over HTTP, the moments of a load, and whether the model that is
// kept is the one that a rebuild makes.

import { expect } from 'vitest';
import type { Ready } from '../../../contracts/http/health.ts';
import { type Anything, beside, run } from '../../journeys/command.ts';
import type { Server } from '../../journeys/server.ts';
import { until } from '../until.ts';

export const ON = '2026-03-31';

export const TREE = [
  'id,kind,parent,name_en,name_hi,from',
  'state,state,,State,राज्य,2000-01-01',
  'health,department,state,Health,स्वास्थ्य,2000-01-01',
  'revenue,department,state,Revenue,राजस्व,2000-01-01',
];

/** So many people posted in a department, each two facts of the record. */
export function people(department: string, count: number): string[] {
  return [
    'code,name_en,identities,department,designation,from',
    ...Array.from({ length: count }, (_, i) => {
      const code = `${department}-${i}`;
      return `${code},Person ${code},${accountOf(code)},${department},ANM,2020-04-01`;
    }),
  ];
}

export const accountOf = (code: string): string => `account:https://learn.example|${code}`;

/** A line of a load's answer: how far it has come, or what became of it. */
export interface LoadLine {
  readonly step: 'reading' | 'comparing' | 'recording' | 'done' | 'refused';
  readonly events?: number;
  readonly of?: number;
  readonly rows?: number;
}

/** Loads a file; tells each line as it comes. Resolves with the last one, or with nothing when the server is gone before it. */
export async function load(
  server: Server,
  kind: string,
  rows: readonly string[],
  told: (line: LoadLine) => void = () => undefined,
): Promise<(LoadLine & Anything) | undefined> {
  let last: LoadLine | undefined;
  let rest = '';
  try {
    const response = await server.fetch(`/admin/loads/${kind}`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', accept: 'application/x-ndjson' },
      body: `${rows.join('\n')}\n`,
    });
    expect(response.status).toBe(200);
    const text = response.body!.pipeThrough(new TextDecoderStream() as never) as unknown as AsyncIterable<string>;
    for await (const part of text) {
      const lines = (rest + part).split('\n');
      rest = lines.pop()!;
      for (const line of lines) {
        last = JSON.parse(line) as LoadLine;
        told(last);
      }
    }
  } catch (error) {
    if (server.process.signalCode !== 'SIGKILL' && !server.process.killed) throw error;
  }
  return last?.step === 'done' || last?.step === 'refused' ? last : undefined;
}

/** Loads a file that fits. */
export async function loaded(server: Server, kind: string, rows: readonly string[]): Promise<Anything> {
  const done = await load(server, kind, rows);
  expect(done, JSON.stringify(done)).toMatchObject({ step: 'done' });
  return done;
}

/** Waits until both read models have seen the whole record, to which nobody writes; its last sequence. */
export async function caughtUp(server: Server): Promise<number> {
  let head = -1;
  await until(async () => {
    const { recording, localCopy, statementIndex, peopleModel } = (await (
      await server.fetch('/health/ready')
    ).json()) as Ready;
    head = Math.max(recording.sequence, localCopy?.sequence ?? -1);
    return [statementIndex, peopleModel].every(({ state, sequence }) => state === 'following' && sequence === head);
  }, 'both read models to have caught up');
  return head;
}

export async function ask(server: Server, path: string, parameters: Record<string, string> = {}): Promise<Anything> {
  const response = await server.fetch(`/reports/${path}?${new URLSearchParams({ on: ON, ...parameters })}`);
  const answer = (await response.json()) as Anything;
  expect(response.status, JSON.stringify(answer)).toBe(200);
  return answer;
}

/** What a department and those below it count on the day. */
export async function figures(server: Server, department: string): Promise<Anything> {
  return (await ask(server, `departments/${department}/rollup`)).rows[0].total;
}

/** The digest of the people model that a stopped server has left behind, at the head of the record. */
export async function digestKept(server: Server, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { json, errors } = await run(['status', '--digest', '--json'], { ...beside(server), ...more });
  const model = (json as Anything)?.models.find((one: Anything) => one.model === 'people');
  expect(model, errors).toMatchObject({ state: 'live', lag: 0 });
  return model.digest;
}

/** The people model that a stopped server has left behind is what a rebuild makes of the record. */
export async function expectAsRebuilt(server: Server, more: Readonly<Record<string, string>> = {}): Promise<void> {
  const kept = await digestKept(server, more);
  const rebuilt = await run(['rebuild', 'people', '--digest'], { ...beside(server), ...more });
  expect(rebuilt.code, rebuilt.errors).toBe(0);
  expect(rebuilt.output.trim()).toBe(kept);
  expect(await digestKept(server, more)).toBe(kept);
}
