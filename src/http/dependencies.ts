// What http/ needs from the house to answer.

import type { Sequence } from '../../contracts/words.ts';
import type { Access } from '../access/port.ts';
import type { IndexedUpTo, StatementQueries } from '../read-models/statement-index/port.ts';
import type { Recording } from '../recording/port.ts';
import type { Settings } from '../settings.ts';

/** The part of the settings that http/ reads. */
export type HttpSettings = Pick<
  Settings,
  | 'publicUrl'
  | 'xapiFallbackVersion'
  | 'corsOrigins'
  | 'maxBodyBytes'
  | 'maxInflatedBytes'
  | 'maxAttachmentBytes'
  | 'maxBatchStatements'
>;

export interface HttpDependencies {
  readonly settings: HttpSettings;
  readonly recording: Recording;
  readonly queries: StatementQueries;
  readonly access: Access;
  /** How far the statement index had come by the last word of the projector; never ahead of what queries see. */
  indexed(): IndexedUpTo;
  /** Resolves true as soon as the statement index has reached the sequence, false after the time-out. */
  waitFor(sequence: Sequence, timeoutMs: number): Promise<boolean>;
}
