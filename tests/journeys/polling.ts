// The ways in which systems follow a store by asking it again and again until the last write is acknowledged: each returns the
// statements that it saw, in the order in which it saw them.

import { expect } from 'vitest';
import type { Anything } from './command.ts';
import type { Chance } from './seeded.ts';
import type { Server } from './server.ts';

/** Set when the last write was acknowledged: its sequence. */
export class Writing {
  done: number | undefined;

  /** For the last look: not before the index has what was acknowledged. */
  get headers(): Record<string, string> {
    return this.done === undefined ? {} : { 'x-pramaan-at-least': String(this.done) };
  }
}

export interface Page {
  readonly statements: readonly Anything[];
  readonly more: string;
  readonly consistentThrough: string;
}

/** A client that reads, and the store it asks. Not the writers' credential: whoever writes may wait for what it wrote. */
export interface Reader {
  readonly server: Server;
  readonly as: { readonly key: string; readonly secret: string };
}

export async function page({ server, as }: Reader, path: string, headers: Record<string, string> = {}): Promise<Page> {
  const response = await server.fetch(path, { as, headers });
  if (response.status !== 200) expect.fail(`${path}: ${response.status} ${await response.text()}`);
  const { statements, more } = (await response.json()) as { statements: Anything[]; more: string };
  return { statements, more, consistentThrough: response.headers.get('x-experience-api-consistent-through')! };
}

export const query = (parameters: Record<string, string>) => `/xapi/statements?${new URLSearchParams(parameters)}`;

/** Asks for what is later than the last `stored` it has seen. */
export async function pollSince(reader: Reader, writing: Writing, by: Chance): Promise<Anything[]> {
  const seen: Anything[] = [];
  for (;;) {
    const { headers } = writing;
    const since = seen.at(-1)?.stored;
    const { statements } = await page(
      reader,
      query({ ascending: 'true', limit: String(by.whole(1, 200)), ...(since && { since }) }),
      headers,
    );
    seen.push(...statements);
    if (statements.length === 0 && headers['x-pramaan-at-least']) return seen;
  }
}

/** Asks how far answers are complete, then for everything between the last time and this one. */
export async function pollConsistentThrough(reader: Reader, writing: Writing): Promise<Anything[]> {
  const seen: Anything[] = [];
  let since = '';
  for (;;) {
    const { headers } = writing;
    const { consistentThrough: until } = await page(reader, query({ limit: '1' }), headers);
    expect(until >= since, `Consistent-Through went back from ${since} to ${until}`).toBe(true);
    let window = await page(reader, query({ ascending: 'true', until, limit: '150', ...(since && { since }) }));
    for (;;) {
      seen.push(...window.statements);
      if (!window.more) break;
      window = await page(reader, window.more);
    }
    since = until;
    if (headers['x-pramaan-at-least']) return seen;
  }
}

/** The same in the order the standard has by default, newest first. */
export async function pollConsistentThroughNewestFirst(reader: Reader, writing: Writing): Promise<Anything[]> {
  const seen: Anything[] = [];
  let since = '';
  for (;;) {
    const { headers } = writing;
    const { consistentThrough: until } = await page(reader, query({ limit: '1' }), headers);
    const window: Anything[] = [];
    let next = await page(reader, query({ until, limit: '70', ...(since && { since }) }));
    for (;;) {
      window.push(...next.statements);
      if (!next.more) break;
      next = await page(reader, next.more);
    }
    seen.push(...window.reverse());
    since = until;
    if (headers['x-pramaan-at-least']) return seen;
  }
}

/** Takes each answer at its word: it is complete up to its own Consistent-Through, and what is later comes again next time. */
export async function pollAnswersAsComplete(reader: Reader, writing: Writing): Promise<Anything[]> {
  const seen: Anything[] = [];
  let since = '';
  for (;;) {
    const { headers } = writing;
    let window = await page(reader, query({ ascending: 'true', limit: '500', ...(since && { since }) }), headers);
    const until = window.consistentThrough;
    for (;;) {
      seen.push(...window.statements.filter(({ stored }) => stored <= until));
      if (!window.more) break;
      window = await page(reader, window.more);
    }
    since = until;
    if (headers['x-pramaan-at-least']) return seen;
  }
}

/** Follows `more` from the first statement to the end, and goes on behind the last one seen. */
export async function followMore(reader: Reader, writing: Writing): Promise<Anything[]> {
  const seen: Anything[] = [];
  for (;;) {
    const { headers } = writing;
    const since = seen.at(-1)?.stored;
    let next = await page(reader, query({ ascending: 'true', limit: '40', ...(since && { since }) }), headers);
    seen.push(...next.statements);
    while (next.more) {
      next = await page(reader, next.more);
      seen.push(...next.statements);
    }
    if (headers['x-pramaan-at-least']) return seen;
  }
}

/** Walks from the newest to the first, again and again; each walk is what was there when it began. */
export async function walkBack(reader: Reader, writing: Writing): Promise<Anything[][]> {
  const walks: Anything[][] = [];
  for (;;) {
    const { headers } = writing;
    const walk: Anything[] = [];
    let next = await page(reader, query({ limit: '60' }), headers);
    for (;;) {
      walk.push(...next.statements);
      if (!next.more) break;
      next = await page(reader, next.more);
    }
    walks.push(walk);
    if (headers['x-pramaan-at-least']) return walks;
  }
}
