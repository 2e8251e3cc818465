// How the errors of queries cross the border between threads.

import type { Sequence } from '../../../contracts/words.ts';
import { LogUnavailable } from '../../event-log/index.ts';
import type { ErrorPacking } from '../../threads/calls.ts';
import { PeopleNotReady } from '../people/queries/port.ts';
import { IndexNotReady } from '../statement-index/port.ts';

type Packed =
  | { readonly kind: 'not-ready'; readonly indexedUpTo: Sequence }
  | { readonly kind: 'people-not-ready'; readonly sequence: Sequence }
  | { readonly kind: 'log-unavailable'; readonly message: string }
  | { readonly kind: 'other'; readonly error: Error };

export const queryErrors: ErrorPacking = {
  pack(error: unknown): Packed {
    if (error instanceof IndexNotReady) return { kind: 'not-ready', indexedUpTo: error.indexedUpTo };
    if (error instanceof PeopleNotReady) return { kind: 'people-not-ready', sequence: error.sequence };
    if (error instanceof LogUnavailable) return { kind: 'log-unavailable', message: error.message };
    return { kind: 'other', error: error instanceof Error ? error : new Error(String(error)) };
  },
  unpack(packed: unknown): Error {
    const parts = packed as Packed;
    switch (parts.kind) {
      case 'not-ready':
        return new IndexNotReady(parts.indexedUpTo);
      case 'people-not-ready':
        return new PeopleNotReady(parts.sequence);
      case 'log-unavailable':
        return new LogUnavailable(parts.message);
      case 'other':
        return parts.error;
    }
  },
};
