// The `more` link of a page of a report: what the first page was asked for and where the page ended, in the link itself, so that
// links survive restarts and work on every node. They are not signed: following one is a question like any other, within what
// its credential may see, and every value in it is checked again.

import { z } from 'zod';
import type { Day } from '../../../contracts/days.ts';
import type { Microseconds, Sequence } from '../../../contracts/words.ts';
import type { ReportCursor } from '../../read-models/people/queries/port.ts';
import { HttpProblem } from '../problem.ts';

export interface More {
  /** The path of the report, which the link is for. */
  readonly path: string;
  /** The parameters of the first page. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly cursor: ReportCursor;
}

const whole = z.int();
const token = z.strictObject({
  v: z.literal(1),
  p: z.string(),
  q: z.record(z.string(), z.string()),
  c: z.strictObject({
    on: z.int().min(0).max(0xffff),
    sequence: whole.min(-1),
    knownAt: whole.nullable(),
    final: z.boolean(),
    after: whole,
  }),
});

export function moreToken({ path, parameters, cursor }: More): string {
  const { on, sequence, knownAt, final, after } = cursor;
  const content: z.input<typeof token> = { v: 1, p: path, q: parameters, c: { on, sequence, knownAt, final, after } };
  return Buffer.from(JSON.stringify(content)).toString('base64url');
}

/** @throws HttpProblem 400 for what is not a token of ours, or of another report */
export function readMoreToken(text: string, path: string): More {
  const parsed = token.safeParse(decoded(text));
  if (!parsed.success || parsed.data.p !== path) {
    throw new HttpProblem('invalid-cursor', 'Follow `more` links as they are.');
  }
  const { q, c } = parsed.data;
  return {
    path,
    parameters: q,
    cursor: {
      ...c,
      on: c.on as Day,
      sequence: c.sequence as Sequence,
      knownAt: c.knownAt as Microseconds | null,
    },
  };
}

function decoded(text: string): unknown {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}
