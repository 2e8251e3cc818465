// The events of the stream `clock`, which keeps its last one: nodes that share a log on a server compare their clocks with the
// server's by them, and see who else writes.

import { z } from 'zod';

export const CLOCK_COMPARED = 'clock-compared.v1';

export const clockCompared = z.strictObject({
  /** The node that wrote it, when it is about to write to the record; absent when it only compares. */
  writer: z.uuid().optional(),
  /** Other nodes that said so, and when the server took that, in microseconds since 1970; those of long ago are left out. */
  writers: z.record(z.uuid(), z.int()),
  /** The latest time that an earlier one was taken at, in microseconds: it counts where the server's clock was set back. */
  notBefore: z.int(),
});
export type ClockCompared = z.infer<typeof clockCompared>;
