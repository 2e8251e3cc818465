// The faults that can be switched on, and what each call asks of them.

export const FAULTS = [
  /** An append is made and never answered. */
  'drop-ack',
  /** Nothing is answered and nothing done; connections stay. What came in meanwhile is never answered. */
  'silence',
  /** A read is cut off after some of its events, with its whole connection. */
  'disconnect-mid-read',
  'not-ready',
  'busy',
  /** Answers name another server, `host` and `port`, as the leader. */
  'not-leader',
  /** An append is refused as too large, whatever its size. */
  'too-large',
  /** A live subscriber is ended as too slow at its next event. */
  'too-slow',
  /** Each call waits `ms` before it is looked at. */
  'slow',
  /** What is appended bears a time `ms` off. */
  'clock',
] as const;

export type FaultName = (typeof FAULTS)[number];

export interface FaultOptions {
  /** Only the next so many calls that it can happen to; otherwise until cleared. */
  readonly times?: number;
  readonly ms?: number;
  /** `disconnect-mid-read`: after this many events; default 10. */
  readonly after?: number;
  /** `not-leader`: the leader's address; default: this very server. */
  readonly host?: string;
  readonly port?: number;
}

export class Faults {
  readonly #on = new Map<FaultName, { options: FaultOptions; left: number }>();
  readonly #listeners = new Set<() => void>();

  set(name: FaultName, options: FaultOptions = {}): void {
    this.#on.set(name, { options, left: options.times ?? Number.POSITIVE_INFINITY });
    for (const changed of this.#listeners) changed();
  }

  clear(): void {
    this.#on.clear();
    for (const changed of this.#listeners) changed();
  }

  /** Whether it is on, without using it up. */
  get(name: FaultName): FaultOptions | undefined {
    return this.#on.get(name)?.options;
  }

  /** Whether it happens to this call. */
  take(name: FaultName): FaultOptions | undefined {
    const fault = this.#on.get(name);
    if (fault === undefined) return undefined;
    if (--fault.left <= 0) this.#on.delete(name);
    return fault.options;
  }

  onChange(changed: () => void): () => void {
    this.#listeners.add(changed);
    return () => this.#listeners.delete(changed);
  }
}
