// What /health/live and /health/ready answer. Machines read it (load balancers, Kubernetes), people when something is wrong.

import { z } from 'zod';

/** `GET /health/live`, 200: the process turns. It says nothing of the log or the index: restarting would not help those. */
export const live = z.strictObject({ status: z.literal('live') });

/** A read model on its way behind the record. */
const readModel = z.strictObject({
  /** `rebuilding`: it is being made anew and cannot answer yet; `stopped`: it does not follow the record any more. */
  state: z.enum(['following', 'rebuilding', 'stopped']),
  detail: z.string().optional(),
  /** The last event of the record that queries see. */
  sequence: z.int().min(-1),
  /** Events of the record that queries do not see yet. */
  lagSequences: z.int().min(0),
  /** How long the oldest of them has waited, in milliseconds; 0 when there is none. */
  lagMs: z.number().min(0),
});
export type ReadModelStatus = z.infer<typeof readModel>;

/** `GET /health/ready`: 200 `ready`, or 503 `not-ready` with the reasons in words. */
export const ready = z.strictObject({
  status: z.enum(['ready', 'not-ready']),
  /** Why it is not ready; empty when it is. */
  reasons: z.array(z.string()),
  log: z.strictObject({ reachable: z.boolean(), detail: z.string().optional() }),
  recording: z.strictObject({
    /** `refusing`: writes are answered 503 for the reason in `detail`; `stopped`: the node is shutting down. */
    state: z.enum(['recording', 'refusing', 'stopped']),
    detail: z.string().optional(),
    /** The last event of the record; -1 before the first. */
    sequence: z.int().min(-1),
  }),
  /** Only with the log on a server: this node's copy of the record, which queries and reports read. */
  localCopy: z
    .strictObject({
      /** The last event of the record that is copied; -1 before the first. */
      sequence: z.int().min(-1),
      /** Whether it has come to the server's head, since the start and since it was last interrupted or far behind. */
      caughtUp: z.boolean(),
    })
    .optional(),
  statementIndex: readModel,
  /** Progress and rollups, what /reports answers from. Without it statements are recorded and read all the same. */
  peopleModel: readModel,
});
export type Ready = z.infer<typeof ready>;

/** What a node knows of itself; `status` and `reasons` follow from it. */
export type NodeStatus = Omit<Ready, 'status' | 'reasons'>;
