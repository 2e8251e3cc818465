// One subscription call of the server, read ahead by at most one delivery: what comes while the subscriber is busy is
// gathered, and when a delivery is full the call is paused until it is taken (back-pressure up to the server).

import { setImmediate as turn } from 'node:timers/promises';
import type { Revision } from '../../../contracts/words.ts';
import type { RecordedEvent } from '../port.ts';
import type { StreamsClient } from './connection.ts';
import { type CallError, noAnswer } from './failures.ts';
import { openUnlessSilent, type ReadCall, silenceWatch } from './reads.ts';
import type { SubscriptionSource } from './subscription.ts';
import { isEvent, type ReadAnswer } from './wire.ts';

/** A delivery is cut off here, so that large events do not fill the memory; always at least one event. */
const DELIVERY_BYTES = 16 * 1024 * 1024;

type Mark = 'confirmed' | 'caught-up' | 'fell-behind';

export class Gathered {
  readonly stub: StreamsClient;
  readonly #call: ReadCall;
  readonly #batch: number;
  /** Runs of events, and what the server said between them, in the order in which they came. */
  #queue: (RecordedEvent[] | Mark)[] = [];
  #events = 0;
  #bytes = 0;
  #paused = false;
  #failure: Error | undefined;
  #wake: () => void = () => undefined;

  /** Subscribes after `after`. @throws when there is no connection within the time-out */
  static async open(
    { connection, stream, timeoutMs }: SubscriptionSource,
    after: Revision,
    batch: number,
    signal: AbortSignal,
  ): Promise<Gathered> {
    const failure = (): Error => noAnswer(connection.address, `following the stream ${stream}`, timeoutMs);
    const watch = silenceWatch(timeoutMs, failure, signal);
    try {
      return new Gathered(await openUnlessSilent(connection, stream, { after }, watch.silent), batch);
    } finally {
      watch.end();
    }
  }

  private constructor(call: ReadCall, batch: number) {
    this.#call = call;
    this.#batch = batch;
    this.stub = call.stub;
    call.on('data', (answer) => this.#take(answer));
    call.on('error', (error: CallError) => this.#fail(error));
    call.on('end', () => this.#fail(new Error('the server ended the subscription')));
  }

  /**
   * The next events, at most a batch, or what the server said. Everything that came before a failure is given before it.
   * @param silentMs answers `silent` when nothing came for so long
   */
  async next(
    signal: AbortSignal,
    silentMs: number | undefined,
  ): Promise<readonly RecordedEvent[] | Mark | 'aborted' | 'silent'> {
    if (this.#queue.length === 0 && this.#failure === undefined && !signal.aborted) {
      const outcome = await this.#somethingCame(signal, silentMs);
      if (outcome === 'silent') return outcome;
    }
    // While more comes with every turn of the event loop, it is worth waiting for: larger runs cost the subscriber less.
    for (let before = 0; this.#events > before && !this.#full && this.#failure === undefined && !signal.aborted; ) {
      before = this.#events;
      await turn();
    }
    if (signal.aborted) return 'aborted';
    const first = this.#queue.shift();
    if (first === undefined) throw this.#failure;
    if (typeof first === 'string') return first;
    this.#events -= first.length;
    for (const event of first) this.#bytes -= sizeOf(event);
    if (this.#paused && !this.#full) {
      this.#paused = false;
      this.#call.resume();
    }
    return first;
  }

  cancel(): void {
    this.#failure ??= new Error('the subscription was left');
    this.#call.cancel();
  }

  get #full(): boolean {
    return this.#events >= this.#batch || this.#bytes >= DELIVERY_BYTES;
  }

  #take(answer: ReadAnswer): void {
    if (isEvent(answer)) {
      const last = this.#queue.at(-1);
      if (Array.isArray(last) && last.length < this.#batch) last.push(answer);
      else this.#queue.push([answer]);
      this.#events++;
      this.#bytes += sizeOf(answer);
      if (this.#full) {
        this.#paused = true;
        this.#call.pause();
      }
    } else if (answer.hasConfirmation()) this.#queue.push('confirmed');
    else if (answer.hasCaughtUp()) this.#queue.push('caught-up');
    else if (answer.hasFellBehind()) this.#queue.push('fell-behind');
    this.#wake();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#wake();
  }

  #somethingCame(signal: AbortSignal, silentMs: number | undefined): Promise<'something' | 'silent'> {
    return new Promise((resolve) => {
      const done = (outcome: 'something' | 'silent'): void => {
        this.#wake = () => undefined;
        clearTimeout(timer);
        signal.removeEventListener('abort', came);
        resolve(outcome);
      };
      const came = (): void => done('something');
      const timer = silentMs === undefined ? undefined : setTimeout(() => done('silent'), silentMs);
      signal.addEventListener('abort', came);
      this.#wake = came;
    });
  }
}

function sizeOf({ data, metadata }: RecordedEvent): number {
  return data.byteLength + metadata.byteLength;
}
