// Results and scores (xAPI 1.0.3 Data 2.4.5, xAPI 2.0 4.2.2.4).

import { z } from 'zod';
import { duration, extensions, whole } from './checks.ts';

/**
 * xAPI 1.0.3 Data 2.4.5.1: scaled from -1 to 1, min below max, raw between them. Equal min and max are let through: H5P says
 * 0, 0, 0 of content that gives no points, and refusing it would lose the completion that comes with it.
 */
export const score = z
  .strictObject({
    scaled: z.number().min(-1, 'must be at least -1').max(1, 'must be at most 1').optional(),
    raw: z.number().optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .check(
    whole(({ raw, min, max }) => {
      if (typeof min === 'number' && typeof max === 'number' && min > max) {
        return { message: 'must not be greater than max', path: ['min'] };
      }
      if (typeof raw !== 'number') return undefined;
      if (typeof min === 'number' && raw < min) return { message: 'must not be less than min', path: ['raw'] };
      if (typeof max === 'number' && raw > max) return { message: 'must not be greater than max', path: ['raw'] };
      return undefined;
    }),
  );

export const result = z.strictObject({
  score: score.optional(),
  success: z.boolean().optional(),
  completion: z.boolean().optional(),
  response: z.string().optional(),
  duration: duration.optional(),
  extensions: extensions.optional(),
});
