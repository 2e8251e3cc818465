// Is this the secret? Cheap for random secrets. A chosen one is verified slowly once and remembered, and guessing at it is
// slowed down so that it can neither succeed nor take the machine's processors.
//
// What an attacker may learn from the time taken: that a key exists whose secret is chosen (its first verification takes long).
// Keys are user names, not secrets; spending scrypt on unknown keys as well would hand every stranger a way to keep a core busy.
//
// What an attacker who knows such a key may do: delay its owner's first request after a restart or rotation (429, try again).
// Once verified, the owner is remembered and never waits. Random secrets have none of this.

import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { KeptSecret } from '../../contracts/events/credentials.ts';
import type { Microseconds } from '../../contracts/words.ts';
import { AttemptsExhausted } from './port.ts';
import { keepRandom, randomSecret, verifyChosen, verifyRandom } from './secrets.ts';
import { TokenBucket } from './token-bucket.ts';

type Chosen = KeptSecret & { scheme: 'scrypt' };

/** What is remembered of a chosen secret while the process runs. Goes with the kept secret: a rotation forgets all of it. */
interface Memory {
  /** Keyed digest of the secret that was verified. */
  verified?: Buffer;
  /** Keyed digests of secrets found wrong, oldest first: a client that repeats a wrong one costs nothing. */
  readonly wrong: Set<string>;
  /** Verifications under way, by keyed digest: equal attempts at the same time are one. */
  readonly underway: Map<string, Promise<boolean>>;
  readonly attempts: TokenBucket;
}

const WRONG_REMEMBERED = 64;
/** Different secrets tried on one credential: so many at once, then one a second. */
const ATTEMPTS_AT_ONCE = 10;
const ATTEMPTS_PER_SECOND = 1;
/** Waiting for their turn in the whole process; one is computed at a time, so at most one core is ever busy with it. */
const WAITING = 32;

/** No secret is longer (wanted.ts allows 256 characters; decomposed ones take a few code units each); hashing costs by length. */
const LONGEST_TRIED = 2_048;

export class Verification {
  /** Nothing in memory can be compared with anything outside this process. */
  readonly #pepper = randomBytes(32).toString('hex');
  readonly #memories = new WeakMap<Chosen, Memory>();
  readonly #nobody = keepRandom(randomSecret()) as KeptSecret & { scheme: 'sha256' };
  readonly #now: () => Microseconds;
  #waiting = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #slow = 0;

  constructor(now: () => Microseconds) {
    this.#now = now;
  }

  /** How many slow verifications were computed. */
  get slow(): number {
    return this.#slow;
  }

  /** `kept` is undefined for a key that nobody has, or whose credential is revoked: then the answer is no, at the usual price. */
  verify(secret: string, kept: KeptSecret | undefined): boolean | Promise<boolean> {
    if (secret.length > LONGEST_TRIED) return false;
    if (!kept) {
      verifyRandom(secret, this.#nobody);
      return false;
    }
    return kept.scheme === 'sha256' ? verifyRandom(secret, kept) : this.#verifyChosen(secret, kept);
  }

  /** The secret is known to be right: it was just chosen here. */
  remember(secret: string, kept: KeptSecret): void {
    if (kept.scheme === 'scrypt') this.#memory(kept).verified = this.#digest(secret);
  }

  #verifyChosen(secret: string, kept: Chosen): boolean | Promise<boolean> {
    const memory = this.#memory(kept);
    const digest = this.#digest(secret);
    if (memory.verified && timingSafeEqual(memory.verified, digest)) return true;
    const name = digest.toString('base64');
    if (memory.wrong.has(name)) return false;
    const underway = memory.underway.get(name);
    if (underway) return underway;

    const wait = memory.attempts.take(this.#now());
    if (wait > 0) throw new AttemptsExhausted(Math.max(1, Math.ceil(wait)));
    if (this.#waiting >= WAITING) throw new AttemptsExhausted(1);

    const outcome = this.#inTurn(() => verifyChosen(secret, kept)).then((right) => {
      if (right) memory.verified = digest;
      else rememberWrong(memory.wrong, name);
      return right;
    });
    const settled = outcome.finally(() => memory.underway.delete(name));
    memory.underway.set(name, settled);
    return settled;
  }

  async #inTurn(compute: () => Promise<boolean>): Promise<boolean> {
    this.#waiting += 1;
    const before = this.#turn;
    const mine = before.then(() => {
      this.#slow += 1;
      return compute();
    });
    this.#turn = mine.catch(() => {});
    try {
      return await mine;
    } finally {
      this.#waiting -= 1;
    }
  }

  #digest(secret: string): Buffer {
    // In one call: every request pays for it. The digests never leave the process, so that a bare prefix keys them well enough.
    return hash('sha256', this.#pepper + secret.normalize('NFC'), 'buffer');
  }

  #memory(kept: Chosen): Memory {
    let memory = this.#memories.get(kept);
    if (!memory) {
      const attempts = new TokenBucket(ATTEMPTS_PER_SECOND, ATTEMPTS_AT_ONCE, this.#now());
      memory = { wrong: new Set(), underway: new Map(), attempts };
      this.#memories.set(kept, memory);
    }
    return memory;
  }
}

function rememberWrong(wrong: Set<string>, name: string): void {
  wrong.add(name);
  if (wrong.size > WRONG_REMEMBERED) {
    for (const oldest of wrong) {
      wrong.delete(oldest);
      break;
    }
  }
}
