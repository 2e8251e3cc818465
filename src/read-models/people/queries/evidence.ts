// What the events of the record say beyond the inputs kept of them: when they were recorded, the statement's id, its score as given.

import type { z } from 'zod';
import { STATEMENT_RECORDED } from '../../../../contracts/events/names.ts';
import type { evidence } from '../../../../contracts/http/reports.ts';
import { toInstant } from '../../../../contracts/time.ts';
import type { Statement } from '../../../../contracts/xapi/accepted.ts';
import type { RecordedEvent } from '../../../event-log/index.ts';
import { parseJson } from '../../../event-log/json-event.ts';
import { type RecordTimes, stampOf } from './as-of.ts';

export type Evidence = z.infer<typeof evidence>;

/** One piece of evidence a sequence, each read once. */
export function evidenceAt(times: RecordTimes, sequences: readonly number[]): (sequence: number) => Evidence {
  const wanted = [...new Set(sequences)].sort((a, b) => a - b);
  const events = times.events(wanted);
  const found = new Map<number, Evidence>();
  return (sequence) => {
    let one = found.get(sequence);
    if (!one) {
      const event = events.get(sequence);
      if (!event)
        throw new Error(`the log has no event ${sequence} of the record, although the people model rests on it`);
      one = evidenceOf(event, sequence);
      found.set(sequence, one);
    }
    return one;
  };
}

function evidenceOf(event: RecordedEvent, sequence: number): Evidence {
  const recordedAt = toInstant(stampOf(event));
  if (event.type !== STATEMENT_RECORDED) return { sequence, recordedAt };
  const { id, result } = parseJson(event.data) as Statement;
  const given = result?.score;
  if (!given) return { sequence, recordedAt, statement: id };
  const { scaled, raw, min, max } = given;
  const score = {
    ...(scaled !== undefined && { scaled }),
    ...(raw !== undefined && { raw }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
  };
  return { sequence, recordedAt, statement: id, score };
}
