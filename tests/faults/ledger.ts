// What clients sent and what they were answered, held against the record: nothing acknowledged is missing, nothing is half there,
// nothing is there twice, and what was refused for good is not there.

import { expect } from 'vitest';
import { type Anything, events } from '../journeys/command.ts';
import { type Chance, statement } from '../journeys/seeded.ts';
import { postStatements, type Server } from '../journeys/server.ts';

interface Batch {
  readonly statements: readonly Anything[];
  /** `acknowledged`: it is there. `refused`: it is not. `unknown`: the connection broke, or a 503 that may have happened. */
  outcome: 'unknown' | 'acknowledged' | 'refused';
}

export class Ledger {
  readonly #by: Chance;
  readonly #batches: Batch[] = [];
  /** Answers so far by status; `gone` for a connection that broke. */
  readonly answers: Record<string, number> = {};

  constructor(by: Chance) {
    this.#by = by;
  }

  get acknowledged(): number {
    return this.#batches.filter(({ outcome }) => outcome === 'acknowledged').length;
  }

  /**
   * Posts a batch of its own and notes the answer.
   * @param refusalsCount whether a 503 means for sure that nothing was stored
   * @returns the response, its body as text; undefined when the connection broke
   */
  async post(
    server: Server,
    { most = 40, refusalsCount = false } = {},
  ): Promise<{ readonly response: Response; readonly body: string } | undefined> {
    const statements = Array.from({ length: this.#by.whole(1, most) }, () => statement(this.#by));
    const batch: Batch = { statements, outcome: 'unknown' };
    this.#batches.push(batch);
    let response: Response;
    let body: string;
    try {
      response = await postStatements(server, statements);
      body = await response.text();
    } catch {
      this.#count('gone');
      return undefined;
    }
    this.#count(String(response.status));
    if (response.status === 200) batch.outcome = 'acknowledged';
    else if (refusalsCount) batch.outcome = 'refused';
    return { response, body };
  }

  /** Reads the whole record as an auditor does. */
  async check(server: Server): Promise<void> {
    const found = new Set<string>();
    let stored = '';
    for (const [at, { sequence, type, data }] of (await events(server)).entries()) {
      if (sequence !== at) expect.fail(`sequence ${sequence} where ${at} was due`);
      if (type !== 'statement-recorded.v1') continue;
      if (found.has(data.id)) expect.fail(`the id ${data.id} is in the record twice`);
      if (data.stored <= stored) expect.fail(`sequence ${sequence}: stored ${data.stored} after ${stored}`);
      stored = data.stored;
      found.add(data.id);
    }
    for (const { statements, outcome } of this.#batches) {
      const there = statements.filter(({ id }) => found.has(id)).length;
      if (there !== 0 && there !== statements.length) {
        expect.fail(`of a batch of ${statements.length}, ${there} are in the record`);
      }
      if (outcome === 'acknowledged' && there === 0) expect.fail('an acknowledged batch is not in the record');
      if (outcome === 'refused' && there !== 0) expect.fail('a batch that was refused for good is in the record');
    }
  }

  /** Every batch without an acknowledgement again, as clients do: all succeed. */
  async repeat(server: Server): Promise<void> {
    for (const batch of this.#batches) {
      if (batch.outcome === 'acknowledged') continue;
      const response = await postStatements(server, batch.statements);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual(batch.statements.map(({ id }) => id));
      batch.outcome = 'acknowledged';
    }
  }

  #count(answer: string): void {
    this.answers[answer] = (this.answers[answer] ?? 0) + 1;
  }
}
