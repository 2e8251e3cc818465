// How a subscriber that waits at the head hears of new events: at once from every handle of this process, on whatever
// thread (a broadcast channel named by the file), and within 40 ms from other processes (SQLite's data_version).

import { BroadcastChannel } from 'node:worker_threads';

const POLL_MILLISECONDS = 40;

interface Waiting {
  readonly stream: string;
  readonly wake: () => void;
}

export interface Wakeups {
  /** These streams have new events: wakes whoever waits for one of them, on every thread. */
  appended(streams: ReadonlySet<string>): void;
  /** Must be called before the first look at the stream, so that nothing falls between look and wait. */
  listen(): void;
  /** Resolves when the stream may have new events, or the signal is aborted. May be early, is never late. */
  wait(stream: string, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** @param dataVersion a number that changes when another connection has committed; cheap */
export function openWakeups(path: string, dataVersion: () => number): Wakeups {
  const waiting = new Set<Waiting>();
  let channel: BroadcastChannel | undefined;
  let timer: NodeJS.Timeout | undefined;
  let lastVersion: number | undefined;
  let closed = false;

  const openChannel = (): BroadcastChannel => {
    if (channel === undefined) {
      channel = new BroadcastChannel(`pramaan event log ${path}`);
      channel.onmessage = ({ data }: { data: unknown }) => wakeAll(new Set(data as string[]));
      // It keeps no thread alive; a waiting subscriber does, by the timer.
      channel.unref();
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
      openChannel().postMessage([...streams]);
    },
    listen: () => void openChannel(),
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
      channel?.close();
    },
  };
}
