// One subscription call of the server, read ahead by at most one delivery: what comes while the subscriber is busy is
// gathered, and when a delivery is full the call is paused until it is taken (back-pressure up to the server).

import { setImmediate as turn } from 'node:timers/promises';
import type { Revision } from '../../../contracts/words.ts';
import { sizeOf } from '../adapting.ts';
import type { RecordedEvent } from '../port.ts';
import type { StreamsClient } from './connection.ts';
import { type CallError, noAnswer } from './failures.ts';
import { openUnlessSilent, type ReadCall, silenceWatch } from './reads.ts';
import type { SubscriptionSource } from './subscription.ts';
import { isEvent, type ReadAnswer } from './wire.ts';

/** A delivery is cut off here, so that large events do not fill the memory; always at least one event. */
const DELIVERY_BYTES = 16 * 1024 * 1024;

/** So long a delivery may take to fill while the server has more. */
const FILLING_MS = 10;

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
    const failure = (): Error => noAnswer(connection.server, `following the stream ${stream}`, timeoutMs);
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
   * @param patient asked when something is there: is more to come, so that it is worth waiting for a full delivery?
   */
  async next(
    signal: AbortSignal,
    { silentMs, patient }: { readonly silentMs?: number | undefined; readonly patient: () => boolean },
  ): Promise<readonly RecordedEvent[] | Mark | 'aborted' | 'silent'> {
    await this.#until(() => this.#queue.length > 0, signal, silentMs);
    if (this.#queue.length === 0 && this.#failure === undefined && !signal.aborted) return 'silent';
    // Larger deliveries cost the subscriber less. Behind a run of events stands a word of the server's: the run is complete.
    const complete = (): boolean => this.#full || this.#queue.length !== 1 || this.#events === 0;
    if (patient()) await this.#until(complete, signal, FILLING_MS);
    for (let before = -1; this.#events > before && !complete() && this.#failure === undefined && !signal.aborted; ) {
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

  /** Waits for so long at most; for ever without `milliseconds`. A failure and the signal end it too. */
  #until(reached: () => boolean, signal: AbortSignal, milliseconds: number | undefined): Promise<void> {
    const over = (): boolean => reached() || this.#failure !== undefined || signal.aborted;
    if (over()) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#wake = () => undefined;
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = milliseconds === undefined ? undefined : setTimeout(done, milliseconds);
      signal.addEventListener('abort', done);
      this.#wake = () => {
        if (over()) done();
      };
    });
  }
}
