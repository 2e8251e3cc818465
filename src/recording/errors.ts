// How recording's errors cross the border between threads: by their parts, so that they arrive as what they were.

import { AppendTooLarge, LogRefused, LogUnavailable } from '../event-log/index.ts';
import type { ErrorPacking } from '../threads/calls.ts';
import { RecordingRefused, type Refusal } from './port.ts';

type Packed =
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'log-refused'; readonly message: string }
  | { readonly kind: 'log-unavailable'; readonly message: string }
  | { readonly kind: 'other'; readonly error: Error };

export const recordingErrors: ErrorPacking = {
  pack(error: unknown): Packed {
    if (error instanceof RecordingRefused) return { kind: 'refused', refusal: error.refusal };
    if (error instanceof AppendTooLarge) {
      const { size, limit } = error;
      return { kind: 'refused', refusal: { reason: 'too-large', size, limit } };
    }
    if (error instanceof LogRefused) return { kind: 'log-refused', message: error.message };
    if (error instanceof LogUnavailable) return { kind: 'log-unavailable', message: error.message };
    return { kind: 'other', error: error instanceof Error ? error : new Error(String(error)) };
  },
  unpack(packed: unknown): Error {
    const parts = packed as Packed;
    switch (parts.kind) {
      case 'refused':
        return new RecordingRefused(parts.refusal);
      case 'log-refused':
        return new LogRefused(parts.message);
      case 'log-unavailable':
        return new RecordingRefused({ reason: 'unavailable', detail: parts.message, retryAfter: 2 });
      case 'other':
        return parts.error;
    }
  },
};
