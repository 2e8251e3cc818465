// A subscription that never ends on its own account. The server ends one whenever its reader lags, and a connection can be
// lost: both times it goes on after the last event that was handed over. After a lost connection it first makes sure that
// the server still holds that event, because a server that came back without its tail must not be followed. Whatever else it
// is answered meanwhile, also that it may not read or that this is no EventStoreDB, may pass: it tells so and tries again.

import { setTimeout as pause } from 'node:timers/promises';
import { type EventId, NOTHING, type Revision } from '../../../contracts/words.ts';
import {
  type Delivery,
  type EventLog,
  LOSS_LASTS_MS,
  LogRefused,
  LogUnavailable,
  type RecordedEvent,
  type SubscribeOptions,
} from '../port.ts';
import type { Connection } from './connection.ts';
import { type CallError, callFailure, isCutOffForLag, noAnswer } from './failures.ts';
import { Gathered } from './gathered.ts';

const DEFAULT_BATCH = 1_000;
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 1_000;

/** The stream ends before the place to go on from. */
class EndsBefore extends LogRefused {}
/** The stream holds another event at the place to go on from. */
class AnotherEvent extends LogRefused {}
/** Events that follow the last delivery within so many milliseconds are a steady flow, gathered into larger deliveries. */
const STEADY_MS = 25;

/**
 * Who catches up for so long, or with so many events, is far behind. A little behind is ordinary: under a steady load a server of
 * version 23.10 ends a subscription every few milliseconds, whenever it lags by some 32 events, and what came since is fetched
 * at once. Whether a node is ready follows from this, and must not come and go with it.
 */
const FAR_BEHIND_MS = 2_000;
const FAR_BEHIND_EVENTS = 10_000;

export interface SubscriptionSource {
  readonly connection: Connection;
  readonly log: EventLog;
  readonly stream: string;
  readonly timeoutMs: number;
}

export async function* subscription(
  source: SubscriptionSource,
  options: SubscribeOptions,
  signal: AbortSignal,
): AsyncGenerator<Delivery, undefined> {
  const { connection, log, stream, timeoutMs } = source;
  const batch = Math.max(1, options.batch ?? DEFAULT_BATCH);
  const doing = `following the stream ${stream}`;
  let handled: { readonly revision: Revision; readonly id: EventId | undefined } = {
    revision: options.after,
    id: undefined,
  };
  /** Events were fetched, or the server was away, since it was last said that there are no more. */
  let behind = true;
  /** What is fetched on the way to the head: since when, and how many events. A server that ends it for lagging does not end it. */
  let fetched: { readonly since: number; readonly events: number } | undefined;
  /** That it is far behind is known, because it never caught up, was told of an interruption, or was told just this. */
  let farBehind = true;
  let placeIsSure = false;
  let interrupted = false;
  let failures = 0;
  let lostSince: number | undefined;
  let lastGiven = Number.NEGATIVE_INFINITY;
  while (!signal.aborted) {
    let gathered: Gathered | undefined;
    let failure: Error | undefined;
    let heard = false;
    try {
      if (!placeIsSure) {
        handled = await sure(log, stream, handled);
        placeIsSure = true;
        lostSince = undefined;
      }
      // The server says nothing about a stream that does not exist.
      if (behind && handled.revision === NOTHING && (await log.head(stream)) === NOTHING) {
        behind = false;
        farBehind = false;
        yield { kind: 'caught-up', head: NOTHING };
        if (signal.aborted) break;
      }
      gathered = await Gathered.open(source, handled.revision, batch, signal);
      let catchingUp = true;
      for (;;) {
        const run = await gathered.next(signal, {
          silentMs: heard ? undefined : timeoutMs,
          patient: () => catchingUp || performance.now() - lastGiven < STEADY_MS,
        });
        if (run === 'aborted') return undefined;
        if (run === 'silent') throw noAnswer(connection.server, doing, timeoutMs);
        heard = true;
        if (interrupted) {
          interrupted = false;
          options.onInterrupted?.(undefined);
        }
        failures = 0;
        if (run === 'confirmed') continue;
        if (run === 'fell-behind') catchingUp = true;
        else if (run === 'caught-up') {
          catchingUp = false;
          fetched = undefined;
          if (!behind) continue;
          behind = false;
          farBehind = false;
          yield { kind: 'caught-up', head: handled.revision };
        } else {
          const last = run.at(-1)!;
          handled = { revision: last.revision, id: last.id };
          lastGiven = performance.now();
          if (catchingUp) {
            behind = true;
            fetched = { since: fetched?.since ?? lastGiven, events: (fetched?.events ?? 0) + run.length };
            const isFar = lastGiven - fetched.since > FAR_BEHIND_MS || fetched.events > FAR_BEHIND_EVENTS;
            if (isFar && !farBehind) {
              farBehind = true;
              options.onFarBehind?.();
            }
          }
          yield { kind: 'events', events: run };
        }
        if (signal.aborted) return undefined;
      }
    } catch (error) {
      failure = error as Error;
    } finally {
      gathered?.cancel();
    }
    if (signal.aborted) break;
    if (isCutOffForLag(failure as CallError)) {
      // Something came before it was cut off, as a rule; if not, the server is not to be asked without end.
      if (!heard) await wait(FIRST_PAUSE, signal);
      continue;
    }
    const inWords =
      failure instanceof LogUnavailable || failure instanceof LogRefused
        ? failure
        : callFailure(failure as CallError, connection.server, doing);
    if (inWords instanceof EndsBefore) lostSince ??= performance.now();
    const isLost = inWords instanceof EndsBefore && performance.now() - lostSince! >= LOSS_LASTS_MS;
    if (isLost || inWords instanceof AnotherEvent) throw inWords;
    if (gathered) await connection.failed(gathered.stub, failure as Error);
    placeIsSure = false;
    interrupted = true;
    behind = true;
    farBehind = true;
    options.onInterrupted?.(inWords);
    await wait(Math.min(FIRST_PAUSE * 2 ** failures++, LONGEST_PAUSE) * (0.5 + Math.random() / 2), signal);
  }
  return undefined;
}

/**
 * The place to go on from, with the id of the event there.
 * @throws LogRefused the server holds another event there, or none there and none after it
 */
async function sure(
  log: EventLog,
  stream: string,
  { revision, id }: { readonly revision: Revision; readonly id: EventId | undefined },
): Promise<{ readonly revision: Revision; readonly id: EventId | undefined }> {
  if (revision === NOTHING) return { revision, id };
  const [event]: readonly (RecordedEvent | undefined)[] = await log.read(stream, { from: revision, limit: 1 });
  if (event === undefined) {
    throw new EndsBefore(
      `the stream ${stream} ends before revision ${revision}, which was handled already: the server has lost the end of the log, or it is another log`,
    );
  }
  // In a stream that keeps only its last event, a later one may stand for it.
  if (event.revision > revision) return { revision, id };
  if (id !== undefined && event.id !== id) {
    throw new AnotherEvent(
      `revision ${revision} of the stream ${stream} is the event ${event.id} now; when it was handled it was ${id}: the server has lost the end of the log and others have written since, or it is another log`,
    );
  }
  return { revision, id: event.id };
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  await pause(milliseconds, undefined, { signal }).catch(() => undefined);
}
