// "Why was my LMS refused?": the last rejections of each credential, in memory, on this node, since its start. They need not
// outlive it: a client that is still refused is refused again. Bounded, whatever clients do.

import type { CredentialId } from '../../contracts/words.ts';
import type { Rejection } from './port.ts';

/** Of one credential. */
const KEPT = 50;
/**
 * Of those that come by the thousand and tell nothing new: no valid secret (anybody can send those, who knows the key) and too
 * many requests. They must not push out the others.
 */
const KEPT_OF_FLOODS = 10;
/** In all; beyond it, the credential that was refused the longest ago loses its own. */
const KEPT_IN_ALL = 5_000;

const FLOODS: ReadonlySet<number> = new Set([401, 429]);
const PROBLEMS = 10;
const TEXT = 300;

interface Kept {
  readonly usual: Rejection[];
  readonly floods: Rejection[];
}

export class Rejections {
  /** In the order of the last rejection. */
  readonly #of = new Map<CredentialId | undefined, Kept>();
  #count = 0;

  add(credential: CredentialId | undefined, rejection: Rejection): void {
    const kept = this.#of.get(credential) ?? { usual: [], floods: [] };
    this.#of.delete(credential);
    this.#of.set(credential, kept);
    const flood = FLOODS.has(rejection.status);
    const list = flood ? kept.floods : kept.usual;
    list.push(shortened(rejection));
    this.#count += 1;
    if (list.length > (flood ? KEPT_OF_FLOODS : KEPT)) {
      list.shift();
      this.#count -= 1;
    }
    if (this.#count > KEPT_IN_ALL) this.#dropOldest();
  }

  /** Latest first. */
  of(credential: CredentialId | undefined): readonly Rejection[] {
    const kept = this.#of.get(credential);
    return kept ? [...kept.usual, ...kept.floods].reverse().sort((one, other) => other.at - one.at) : [];
  }

  #dropOldest(): void {
    for (const [credential, { usual, floods }] of this.#of) {
      this.#of.delete(credential);
      this.#count -= usual.length + floods.length;
      return;
    }
  }
}

function shortened(rejection: Rejection): Rejection {
  return {
    ...rejection,
    // Queries hold mailboxes and names.
    path: cut(rejection.path.split('?', 1)[0]!),
    problems: rejection.problems
      .slice(0, PROBLEMS)
      .map(({ path, message }) => ({ path: cut(path), message: cut(message) })),
  };
}

function cut(text: string): string {
  return text.length > TEXT ? `${text.slice(0, TEXT)}…` : text;
}
