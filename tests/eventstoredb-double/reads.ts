// Read: a stream forwards or backwards, and subscriptions to one. $all is not read: the program never does.

import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import streamMessages from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { type Double, refusal, SILENT } from './calls.ts';
import { invalid, readError, streamDeleted, tooSlow, unsupported } from './failures.ts';
import { nameIn, streamIdentifier } from './messages.ts';
import { revisionOf, writeEvent } from './wire.ts';

export type ReadCall = ServerWritableStream<streamMessages.ReadReq, Buffer>;

/** Events that a live subscriber may have waiting, twice: on their way in and on their way out. More, and it is ended. */
const LIVE_BUFFER = 32;
/** Bytes that leave at once for a client that keeps up, and so do not wait: the window of a stream of HTTP/2. */
const HTTP2_WINDOW = 65_535;
/** Events in a page of a catch-up. */
const PAGE = 32;
/** How often a subscription looks whether its stream has come to be. */
const MISSING_STREAM_MS = 50;
const BACKWARDS = 1;
const TOMBSTONE_REVISION = 2n ** 63n - 1n;
/** Bytes of an event on the wire besides its stream's name, type, data and metadata: id, positions, time. */
const ENVELOPE = 140;

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
  if (count === 0) return answer.fail(readError());
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
  if (backwards) {
    const begin = from === 'end' ? last : from === 'start' ? 0 : Math.min(from, last);
    for (let at = begin; at >= first && at > begin - count && !answer.over; at--) await answer.event(at);
  } else {
    if (from === 'end') return answer.fail(readError());
    const wanted = from === 'start' ? 0 : from;
    const begin = Math.max(wanted, first);
    // Told when the first page that is read holds nothing.
    const begins = begin > last ? last + 1 : begin;
    if (tells && begins !== wanted && (begin > last || wanted + Math.min(PAGE, count) <= first)) {
      const response = new streamMessages.ReadResp();
      response.setFirstStreamPosition(String(begins));
      await answer.send(response);
    }
    for (let at = begin; at <= last && at < begin + count && !answer.over; at++) await answer.event(at);
  }
  if (tells) {
    const response = new streamMessages.ReadResp();
    response.setLastStreamPosition(String(last));
    await answer.send(response);
  }
  answer.end();
}

async function subscribe(double: Double, answer: Answer, from: number | 'start' | 'end'): Promise<void> {
  const { streams } = double;
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
  if (!answer.over) await live(double, answer, next);
}

function lastOf(streams: Double['streams'], stream: string): number {
  const found = streams.find(stream);
  return found.kind === 'stream' ? found.last : -1;
}

async function live({ streams, faults }: Double, answer: Answer, begin: number): Promise<void> {
  const { stream } = answer;
  let next = begin;
  let last = lastOf(streams, stream);
  /** The revision before which a subscriber that lagged is ended. */
  let endsAt = Number.POSITIVE_INFINITY;
  let tombstone: number | undefined;
  const stop = streams.listen(stream, () => {
    const found = streams.find(stream);
    if (found.kind === 'deleted') tombstone = found.position;
    if (found.kind === 'stream') last = found.last;
    if (faults.take('too-slow') !== undefined) endsAt = next;
    const passing = answer.passing(next, last);
    if (last - next + 1 - passing > 2 * LIVE_BUFFER) endsAt = Math.min(endsAt, next + passing + LIVE_BUFFER);
    answer.resume();
  });
  try {
    const caughtUp = new streamMessages.ReadResp();
    caughtUp.setCaughtUp(new streamMessages.ReadResp.CaughtUp());
    await answer.send(caughtUp);
    while (!answer.over) {
      if (next >= endsAt) return answer.fail(tooSlow('live'));
      if (next <= last) await answer.event(next++);
      else if (tombstone !== undefined) return await answer.tombstone(tombstone);
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

  async event(revision: number): Promise<void> {
    const found = this.#double.streams.event(this.stream, revision);
    const bytes = writeEvent({
      event: found.event,
      stream: this.#name,
      revision,
      position: found.position,
      structuredUuid: this.#structuredUuid,
    });
    await this.#write(bytes);
    if (--this.#cutAfter <= 0) await this.#cut();
  }

  /** How many of these events would leave at once: none when the client has not taken what was sent before. */
  passing(next: number, last: number): number {
    if (this.#call.writableNeedDrain) return 0;
    let bytes = 0;
    for (let at = next; at <= last; at++) {
      const { event } = this.#double.streams.event(this.stream, at);
      bytes += ENVELOPE + this.#name.length + event.type.length + event.metadata.length + event.data.length;
      if (bytes > HTTP2_WINDOW) return at - next;
    }
    return last - next + 1;
  }

  /** The stream was deleted for good: a last event says so, and the call ends. */
  async tombstone(position: number): Promise<void> {
    const id = randomBytes(16);
    const type = Buffer.from('$streamDeleted');
    const nothing = Buffer.alloc(0);
    await this.#write(
      writeEvent({
        event: { id, type, isJson: false, data: nothing, metadata: nothing, created: this.#double.streams.now() },
        stream: this.#name,
        revision: TOMBSTONE_REVISION,
        position,
        structuredUuid: this.#structuredUuid,
      }),
    );
    this.fail(streamDeleted(this.stream));
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
