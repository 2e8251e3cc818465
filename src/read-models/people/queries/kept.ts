// Answers that had to be worked out again from learner to learner, kept for the pages that follow. They are pure functions of the
// inputs known at R: they never grow old.

import type { View } from './view.ts';

const MOST = 4;

export class Kept {
  readonly #answers = new Map<string, unknown>();

  *once<T>(view: View, what: string, make: () => Generator<void, T>): Generator<void, T> {
    const { knownAt, on, reach } = view;
    const key = `${knownAt} ${on} ${reach ? [...reach.nodes].join(',') : '*'} ${what}`;
    if (!this.#answers.has(key)) {
      const made = yield* make();
      this.#answers.set(key, made);
      if (this.#answers.size > MOST) this.#answers.delete(this.#answers.keys().next().value!);
    }
    return this.#answers.get(key) as T;
  }
}
