// How a subscriber that waits at the head hears of new events: at once from every handle of this process, on whatever
// thread (broadcast channels named by the file), and within 40 ms from other processes (SQLite's data_version).
//
// Streams are spread over a few channels: the thread that follows one stream is not woken for every append to another, and a
// log of a million streams has no million channels.

import { BroadcastChannel } from 'node:worker_threads';

const POLL_MILLISECONDS = 40;
const CHANNELS = 64;

interface Waiting {
  readonly stream: string;
  readonly wake: () => void;
}

export interface Wakeups {
  /** These streams have new events: wakes whoever waits for one of them, on every thread. */
  appended(streams: ReadonlySet<string>): void;
  /** Must be called before the first look at the stream, so that nothing falls between look and wait. */
  listen(stream: string): void;
  /** Resolves when the stream may have new events, or the signal is aborted. May be early, is never late. */
  wait(stream: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** @param dataVersion a number that changes when another connection has committed; cheap */
export function openWakeups(path: string, dataVersion: () => number): Wakeups {
  const waiting = new Set<Waiting>();
  const channels = new Map<number, BroadcastChannel>();
  let timer: NodeJS.Timeout | undefined;
  let lastVersion: number | undefined;
  let closed = false;

  const channelOf = (stream: string): BroadcastChannel => {
    const number = channelNumber(stream);
    let channel = channels.get(number);
    if (channel === undefined) {
      channel = new BroadcastChannel(`pramaan event log ${path} ${number}`);
      channel.onmessage = ({ data }: { data: unknown }) => wakeAll(new Set([data as string]));
      // It keeps no thread alive; a waiting subscriber does, by the timer.
      channel.unref();
      channels.set(number, channel);
    }
    return channel;
  };
  const wakeAll = (streams?: ReadonlySet<string>): void => {
    for (const one of waiting) if (streams === undefined || streams.has(one.stream)) one.wake();
  };
  const poll = (): void => {
    let version: number | undefined;
    try {
      version = dataVersion();
    } catch {
      // Whoever waits looks for itself and meets the same error.
    }
    if (version === undefined || version !== lastVersion) wakeAll();
    lastVersion = version;
  };

  return {
    appended(streams) {
      if (closed) return;
      wakeAll(streams);
      for (const stream of streams) channelOf(stream).postMessage(stream);
    },
    listen: (stream) => void channelOf(stream),
    wait(stream, signal) {
      if (signal.aborted || closed) return Promise.resolve();
      return new Promise((resolve) => {
        const one: Waiting = {
          stream,
          wake: () => {
            waiting.delete(one);
            signal.removeEventListener('abort', one.wake);
            if (waiting.size === 0) {
              clearInterval(timer);
              timer = undefined;
            }
            resolve();
          },
        };
        waiting.add(one);
        signal.addEventListener('abort', one.wake);
        timer ??= setInterval(poll, POLL_MILLISECONDS);
      });
    },
    close() {
      closed = true;
      wakeAll();
      for (const channel of channels.values()) channel.close();
    },
  };
}

function channelNumber(stream: string): number {
  let mixed = 0;
  for (let i = 0; i < stream.length; i++) mixed = (Math.imul(mixed, 31) + stream.charCodeAt(i)) >>> 0;
  return mixed % CHANNELS;
}
