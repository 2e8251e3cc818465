// The credentials as this node knows them: the fold of the `credentials` stream, followed for as long as the node runs, and the
// commands that append to it.

import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import {
  CREDENTIAL_ADDED,
  CREDENTIAL_REVOKED,
  CREDENTIAL_ROTATED,
  type CredentialEvent,
  type CredentialMetadata,
  credentialAdded,
  credentialRevoked,
  credentialRotated,
} from '../../contracts/events/credentials.ts';
import { fromInstant, toInstant } from '../../contracts/time.ts';
import { type CredentialId, type Microseconds, NOTHING, type Revision } from '../../contracts/words.ts';
import { appendUntilKnown } from '../event-log/append-until-known.ts';
import { jsonEvent, salt } from '../event-log/json-event.ts';
import { type EventLog, type EventToAppend, WrongExpectedRevision } from '../event-log/port.ts';
import { type Account, type Credentials, evolve } from './credentials.ts';
import type { AccessStatus, Origin } from './port.ts';

const SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  [CREDENTIAL_ADDED, credentialAdded],
  [CREDENTIAL_ROTATED, credentialRotated],
  [CREDENTIAL_REVOKED, credentialRevoked],
]);

/** What every event of the stream has, also one of a version to come. */
const aboutCredential = z.object({ id: z.uuid() });
const recorded = z.object({ recordedAt: z.string() });

/** Before the stream is read again after a failure, in milliseconds: well within the second that a revocation may take. */
const RETRY_FIRST = 50;
const RETRY_LONGEST = 500;
const BATCH = 1_000;

type Entry = Pick<EventToAppend, 'type' | 'data' | 'metadata'> & { readonly revision: Revision };

export class FollowedCredentials implements Credentials {
  readonly byId = new Map<CredentialId, Account>();
  readonly byKey = new Map<string, CredentialId>();
  readonly #log: EventLog;
  readonly #stream: string;
  readonly #now: () => Microseconds;
  readonly #closing = new AbortController();
  readonly #waiting = new Set<{ readonly revision: Revision; readonly resolve: () => void }>();
  #revision: Revision = NOTHING;
  #unreadable = 0;
  #following = false;
  #since: Microseconds;
  #problem: string | undefined;
  #followed: Promise<void> = Promise.resolve();

  constructor(log: EventLog, stream: string, now: () => Microseconds) {
    this.#log = log;
    this.#stream = stream;
    this.#now = now;
    this.#since = now();
  }

  /** Reads everything there is, then follows. @throws LogUnavailable */
  async open(): Promise<void> {
    await this.catchUp();
    this.#say(undefined);
    this.#followed = this.#follow();
  }

  status(): AccessStatus {
    return {
      following: this.#following,
      since: this.#since,
      revision: this.#revision,
      unreadable: this.#unreadable,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  reached(revision: Revision): Promise<void> {
    if (this.#revision >= revision) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.add({ revision, resolve }));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#followed;
  }

  /** Folds what the subscription has not brought yet, so that a command decides on what is there. @throws LogUnavailable */
  async catchUp(): Promise<void> {
    for (;;) {
      const events = await this.#log.read(this.#stream, { from: (this.#revision + 1) as Revision, limit: BATCH });
      this.#fold(events);
      if (events.length < BATCH) return;
    }
  }

  /**
   * Decides on the state as it is and appends at its revision; after a lost race, decides again on what the other one left.
   * When it resolves, the outcome holds here. @throws LogUnavailable, and whatever `decide` throws
   */
  async change(decide: (state: Credentials) => readonly CredentialEvent[], by: Origin): Promise<void> {
    for (;;) {
      await this.catchUp();
      const decided = decide(this);
      if (decided.length === 0) return;
      const expected = this.#revision;
      const events = decided.map((event) => this.#toAppend(event, by));
      try {
        await appendUntilKnown(this.#log, this.#stream, events, {
          expectedRevision: expected,
          signal: this.#closing.signal,
        });
      } catch (error) {
        if (error instanceof WrongExpectedRevision) continue;
        throw error;
      }
      this.#fold(events.map((event, i) => ({ ...event, revision: (expected + 1 + i) as Revision })));
      return;
    }
  }

  async #follow(): Promise<void> {
    const { signal } = this.#closing;
    let wait = RETRY_FIRST;
    while (!signal.aborted) {
      try {
        const onInterrupted = (error: Error | undefined) => this.#say(error?.message);
        const options = { after: this.#revision, signal, onInterrupted };
        for await (const delivery of this.#log.subscribe(this.#stream, options)) {
          wait = RETRY_FIRST;
          if (delivery.kind === 'events') this.#fold(delivery.events);
          else this.#say(undefined);
        }
        if (!signal.aborted) this.#say('the subscription ended');
      } catch (error) {
        if (signal.aborted) return;
        this.#say(error instanceof Error ? error.message : String(error));
      }
      if (!signal.aborted) await pause(wait, undefined, { signal, ref: false }).catch(() => {});
      wait = Math.min(wait * 2, RETRY_LONGEST);
    }
  }

  #say(problem: string | undefined): void {
    const following = problem === undefined;
    if (following !== this.#following) this.#since = this.#now();
    this.#following = following;
    this.#problem = problem;
  }

  /** Each event once, whoever brings it: the subscription, a command's reading, or the command itself. */
  #fold(entries: readonly Entry[]): void {
    for (const entry of entries) {
      if (entry.revision <= this.#revision) continue;
      this.#apply(entry);
      this.#revision = entry.revision;
    }
    for (const waiting of this.#waiting) {
      if (waiting.revision > this.#revision) continue;
      this.#waiting.delete(waiting);
      waiting.resolve();
    }
  }

  #apply(entry: Entry): void {
    const data = parseJson(entry.data);
    const about = aboutCredential.safeParse(data);
    const before = about.success ? this.byId.get(about.data.id as CredentialId) : undefined;
    const readable = SCHEMAS.get(entry.type)?.safeParse(data);
    const at = recorded.safeParse(parseJson(entry.metadata));
    const recordedAt = at.success ? fromInstant(at.data.recordedAt) : undefined;
    if (!readable?.success || recordedAt === undefined) {
      // Whatever a newer version meant by it, nobody is let in here whom it may have shut out.
      this.#unreadable += 1;
      if (before) this.byId.set(before.credential.id, { ...before, unreadable: entry.type });
      return;
    }
    const after = evolve(before, { type: entry.type, data: readable.data } as CredentialEvent, recordedAt);
    if (!after) return;
    this.byId.set(after.credential.id, after);
    this.byKey.set(after.credential.key, after.credential.id);
  }

  #toAppend(event: CredentialEvent, by: Origin): EventToAppend {
    const metadata: CredentialMetadata = {
      recordedAt: toInstant(this.#now()),
      origin: by.origin,
      ...(by.origin === 'administration' ? { credential: by.credential, $correlationId: by.requestId } : {}),
      codec: 'plain',
      salt: salt(),
    };
    return jsonEvent(event.type, event.data, metadata);
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    return undefined;
  }
}
