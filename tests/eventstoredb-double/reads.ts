// Read: a stream forwards or backwards, and subscriptions to one. $all is not read: the program never does.

import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { type Double, refusal, SILENT } from './calls.ts';
import { invalid, streamDeleted, tooSlow, unsupported } from './failures.ts';
import { nameIn, streamIdentifier } from './messages.ts';
import { revisionOf, writeEvent } from './wire.ts';

export type ReadCall = ServerWritableStream<streamMessages.ReadReq, Buffer>;

/** What a live subscriber may have waiting before the server ends it; and what a page of a catch-up holds. */
const LIVE_BUFFER = 32;
const PAGE = 32;
/** How often a subscription looks whether its stream has come to be. */
const MISSING_STREAM_MS = 50;
const BACKWARDS = 1;

export async function read(double: Double, call: ReadCall): Promise<void> {
  const options = call.request.getOptions()!;
  const wanted = options.getStream();
  const stream = nameIn(wanted?.getStreamIdentifier());
  if (wanted === undefined) return fail(call, unsupported('reading $all'));
  const refused = await refusal(double, call.metadata, { operation: 'read', stream });
  if (refused === SILENT || call.cancelled) return;
  if (refused !== undefined) return fail(call, refused);
  const answer = new Answer(double, call, stream, options.getUuidOption()?.hasStructured() ?? false);
  let from: number | 'start' | 'end' = 'start';
  if (wanted.hasEnd()) from = 'end';
  else if (wanted.hasRevision()) {
    const revision = revisionOf(wanted.getRevision());
    from = typeof revision === 'number' ? revision : 'end';
  }
  if (options.hasSubscription()) {
    if (options.getReadDirection() === BACKWARDS) return fail(call, invalid('a subscription goes forwards'));
    await subscribe(double, answer, from);
  } else {
    const tells = (options.getControlOption()?.getCompatibility() ?? 0) >= 1;
    await readRun(double, answer, from, {
      count: Number(options.getCount()),
      backwards: options.getReadDirection() === BACKWARDS,
      tells,
    });
  }
}

/** `tells`: newer clients ask to be told where the stream begins and ends. */
async function readRun(
  { streams }: Double,
  answer: Answer,
  from: number | 'start' | 'end',
  { count, backwards, tells }: { count: number; backwards: boolean; tells: boolean },
): Promise<void> {
  const found = streams.find(answer.stream);
  if (found.kind === 'deleted') return answer.fail(streamDeleted(answer.stream));
  if (found.kind === 'no-stream') {
    const missing = new streamMessages.ReadResp.StreamNotFound();
    missing.setStreamIdentifier(streamIdentifier(answer.stream));
    const response = new streamMessages.ReadResp();
    response.setStreamNotFound(missing);
    await answer.send(response);
    return answer.end();
  }
  const { first, last } = found;
  let sent = 0;
  if (backwards) {
    const begin = from === 'end' ? last : from === 'start' ? 0 : Math.min(from, last);
    for (let revision = begin; revision >= first && sent < count && !answer.over; revision--, sent++) {
      await answer.event(revision);
    }
  } else if (from !== 'end') {
    const begin = Math.max(from === 'start' ? 0 : from, first);
    for (let revision = begin; revision <= last && sent < count && !answer.over; revision++, sent++) {
      await answer.event(revision);
    }
  }
  if (tells) {
    if (sent === 0 && !backwards && from !== 'end') {
      const begins = new streamMessages.ReadResp();
      begins.setFirstStreamPosition(String(last + 1));
      if ((from === 'start' ? 0 : from) !== last + 1) await answer.send(begins);
    }
    const ends = new streamMessages.ReadResp();
    ends.setLastStreamPosition(String(last));
    await answer.send(ends);
  }
  answer.end();
}

async function subscribe({ streams }: Double, answer: Answer, from: number | 'start' | 'end'): Promise<void> {
  const { stream } = answer;
  let next = from === 'start' || from === 'end' ? 0 : from + 1;
  let confirmed = false;
  const confirm = async () => {
    if (confirmed) return;
    confirmed = true;
    const confirmation = new streamMessages.ReadResp.SubscriptionConfirmation();
    confirmation.setSubscriptionId(randomUUID());
    const response = new streamMessages.ReadResp();
    response.setConfirmation(confirmation);
    await answer.send(response);
  };
  if (from === 'end') {
    const found = streams.find(stream);
    if (found.kind === 'stream') next = found.last + 1;
    await confirm();
  }
  while (from !== 'end' && !answer.over) {
    const found = streams.find(stream);
    if (found.kind === 'deleted') return answer.fail(streamDeleted(stream));
    await confirm();
    if (found.kind === 'no-stream') {
      const later = setTimeout(() => answer.resume(), MISSING_STREAM_MS);
      await answer.pause();
      clearTimeout(later);
      continue;
    }
    next = Math.max(next, found.first);
    // No turn of the event loop lies between this and going live, so that nothing is missed in between.
    if (next > lastOf(streams, stream)) break;
    for (const end = Math.min(next + PAGE, found.last + 1); next < end && !answer.over; next++) {
      await answer.event(next);
    }
  }
  if (!answer.over) await live({ streams } as Double, answer, next);
}

function lastOf(streams: Double['streams'], stream: string): number {
  const found = streams.find(stream);
  return found.kind === 'stream' ? found.last : -1;
}

async function live({ streams }: Double, answer: Answer, begin: number): Promise<void> {
  const { stream } = answer;
  let next = begin;
  /** The revision before which a subscriber that lagged is ended. */
  let endsAt = Number.POSITIVE_INFINITY;
  let deleted = false;
  let last = lastOf(streams, stream);
  const stop = streams.listen(stream, () => {
    const found = streams.find(stream);
    deleted = found.kind === 'deleted';
    if (found.kind === 'stream') last = found.last;
    if (last - next + 1 > LIVE_BUFFER) endsAt = Math.min(endsAt, next + LIVE_BUFFER);
    answer.resume();
  });
  try {
    const caughtUp = new streamMessages.ReadResp();
    caughtUp.setCaughtUp(new streamMessages.ReadResp.CaughtUp());
    await answer.send(caughtUp);
    while (!answer.over) {
      if (next >= endsAt) return answer.fail(tooSlow('live'));
      if (next <= last) await answer.event(next++, 'with-position');
      else if (deleted) return answer.fail(streamDeleted(stream));
      else await answer.pause();
    }
  } finally {
    stop();
  }
}

/** The answers of one Read: waits when the client does not keep up, or while the double is silent. */
class Answer {
  readonly stream: string;
  readonly #double: Double;
  readonly #call: ReadCall;
  readonly #name: Buffer;
  readonly #structuredUuid: boolean;
  #cutAfter: number;
  #resumed = () => {};

  constructor(double: Double, call: ReadCall, stream: string, structuredUuid: boolean) {
    this.#double = double;
    this.#call = call;
    this.stream = stream;
    this.#name = Buffer.from(stream);
    this.#structuredUuid = structuredUuid;
    const fault = double.faults.take('disconnect-mid-read');
    this.#cutAfter = fault === undefined ? Number.POSITIVE_INFINITY : (fault.after ?? 10);
    call.on('cancelled', () => this.resume());
    call.on('drain', () => this.resume());
  }

  get over(): boolean {
    return this.#call.cancelled;
  }

  async event(revision: number, position?: 'with-position'): Promise<void> {
    const found = this.#double.streams.event(this.stream, revision);
    const bytes = writeEvent({
      event: found.event,
      stream: this.#name,
      revision,
      position: position === undefined ? undefined : found.position,
      structuredUuid: this.#structuredUuid,
    });
    await this.#write(bytes);
    if (--this.#cutAfter <= 0) await this.#cut();
  }

  send(response: streamMessages.ReadResp): Promise<void> {
    return this.#write(Buffer.from(response.serializeBinary()));
  }

  /** Until something may have changed: drained, cancelled, audible again, events there. */
  pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#resumed = resolve;
    });
  }

  resume(): void {
    this.#resumed();
  }

  fail(failure: Parameters<typeof fail>[1]): void {
    fail(this.#call, failure);
  }

  end(): void {
    this.#call.end();
  }

  async #write(bytes: Buffer): Promise<void> {
    const { faults } = this.#double;
    while (faults.get('silence') !== undefined && !this.over) {
      const stop = faults.onChange(() => this.resume());
      await this.pause();
      stop();
    }
    if (this.over || this.#call.write(bytes)) return;
    while (this.#call.writableNeedDrain && !this.over) await this.pause();
  }

  /** After what was written has gone out. */
  async #cut(): Promise<void> {
    while (this.#call.writableLength > 0 && !this.over) await wait(1);
    this.#double.cut(this.#call.getPeer());
    while (!this.over) await this.pause();
  }
}

export function fail(call: { emit(event: 'error', failure: unknown): boolean }, failure: object): void {
  call.emit('error', failure);
}
