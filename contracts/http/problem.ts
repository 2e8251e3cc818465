// problem+json (RFC 9457): what every refusal of ours looks like.

import { z } from 'zod';

/** A problem of bad input, as problem+json's `errors` shows it (RFC 9457 extension member). */
export interface Problem {
  /** Place in the batch, from 0; absent outside batches. */
  readonly index?: number;
  /** JSON path: `$.actor.mbox`, `$[3].verb.id`. */
  readonly path: string;
  readonly message: string;
  /** Clause of the standard, where there is one: `xAPI 1.0.3 Data 2.4.2.1`. */
  readonly clause?: string;
}

/** The body of an answer of 400 and above, `application/problem+json`. */
export interface ProblemDocument {
  /** A URI reference that names the kind of problem: `/problems/invalid-statement`. */
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail?: string;
  /** The request's id, also in `X-Request-Id`. */
  readonly instance?: string;
  readonly errors?: readonly Problem[];
}

/** The same as a schema, for those who read descriptions of interfaces. */
export const problemDocument = z
  .strictObject({
    type: z.string().meta({ description: 'Names the kind of problem', examples: ['/problems/invalid-parameter'] }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string().optional(),
    instance: z.string().optional().meta({ description: "The request's id, also in X-Request-Id" }),
    errors: z
      .array(
        z.strictObject({
          index: z.int().min(0).optional().meta({ description: 'Place in the batch' }),
          path: z.string().meta({ description: 'JSON path, or the name of a parameter', examples: ['$.limit'] }),
          message: z.string(),
          clause: z.string().optional().meta({ description: 'Of the standard' }),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Problem', description: 'A refusal (RFC 9457)' });
