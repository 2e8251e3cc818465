// What every adapter does alike: how large an append is, and how a subscription is left.

import { AppendTooLarge, type Delivery, type EventLog, type EventToAppend, type SubscribeOptions } from './port.ts';

/** What an event counts in a limit, in bytes. */
export function sizeOf({ data, metadata }: Pick<EventToAppend, 'data' | 'metadata'>): number {
  return data.byteLength + metadata.byteLength;
}

/** @returns the bytes of all events together @throws RangeError there is none; AppendTooLarge one of them, or all together */
export function sizeOfAppend(
  stream: string,
  events: readonly EventToAppend[],
  { appendBytes, eventBytes }: EventLog['limits'],
): number {
  if (events.length === 0) throw new RangeError(`stream ${stream}: an append without events`);
  let bytes = 0;
  for (const event of events) {
    const size = sizeOf(event);
    if (size > eventBytes) throw new AppendTooLarge(size, eventBytes);
    bytes += size;
  }
  if (bytes > appendBytes) throw new AppendTooLarge(bytes, appendBytes);
  return bytes;
}

/** Deliveries that end when the subscriber leaves, its signal is aborted, or the log is closed. */
export function untilLeft(
  { signal }: SubscribeOptions,
  closing: AbortSignal,
  deliver: (signal: AbortSignal) => AsyncGenerator<Delivery, undefined>,
): AsyncIterator<Delivery, undefined> {
  const leaving = new AbortController();
  const signals = [leaving.signal, closing];
  if (signal) signals.push(signal);
  const deliveries = deliver(AbortSignal.any(signals));
  return {
    next: () => deliveries.next(),
    // A generator answers `return` only when its pending `next` has; so that one is ended first.
    return: () => {
      leaving.abort();
      return deliveries.return(undefined);
    },
  };
}
