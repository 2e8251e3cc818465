// What a read may count on: clients read their own writes, wait for a sequence they name, and are told up to when an answer is
// complete (`X-Experience-API-Consistent-Through`, xAPI 1.0.3 Communication 2.1.3).

import type { Request, Response } from 'express';
import { toInstant } from '../../../contracts/time.ts';
import { type CredentialId, type Microseconds, NOTHING, type Sequence } from '../../../contracts/words.ts';
import type { IndexedUpTo } from '../../read-models/statement-index/port.ts';
import { RecordingRefused } from '../../recording/port.ts';
import type { HttpDependencies } from '../dependencies.ts';
import { credentialOf } from '../exchange.ts';
import { HttpProblem } from '../problem.ts';

const OWN_WRITES_MS = 1_000;
const NAMED_SEQUENCE_MS = 10_000;

export class Freshness {
  readonly #deps: HttpDependencies;
  readonly #acknowledged = new Map<CredentialId, Sequence>();
  /** The furthest promise that an index has reached. */
  #held: Promised = { through: 0 as Microseconds, head: NOTHING };
  #saidFor: Microseconds | undefined;
  #said = '';

  constructor(deps: HttpDependencies) {
    this.#deps = deps;
  }

  /** A write of the request's credential was acknowledged at this sequence. */
  acknowledged(response: Response, sequence: Sequence): void {
    const { id } = credentialOf(response);
    if (sequence > (this.#acknowledged.get(id) ?? -1)) this.#acknowledged.set(id, sequence);
    response.setHeader('X-Pramaan-Sequence', sequence);
  }

  /**
   * Waits until the index holds what this credential was last acknowledged (up to 1 s, then answers without) and the
   * sequence that the client names in `X-Pramaan-At-Least`.
   * @throws HttpProblem 503 when the named one is not reached within 10 s, 400 when it is not a number
   */
  async settle(request: Request, response: Response): Promise<void> {
    const named = request.headers['x-pramaan-at-least'];
    if (named !== undefined) {
      const sequence = typeof named === 'string' && /^\d{1,15}$/.test(named) ? (Number(named) as Sequence) : undefined;
      if (sequence === undefined) throw new HttpProblem('invalid-request', 'X-Pramaan-At-Least must be a sequence.');
      if (!(await this.#reached(sequence, NAMED_SEQUENCE_MS))) {
        throw new HttpProblem('unavailable', `The statement index has not reached sequence ${sequence} yet.`, {
          headers: { 'Retry-After': '1' },
        });
      }
    }
    const own = this.#acknowledged.get(credentialOf(response).id);
    if (own !== undefined) await this.#reached(own, OWN_WRITES_MS);
  }

  async #reached(sequence: Sequence, timeoutMs: number): Promise<boolean> {
    return this.#deps.indexed().sequence >= sequence || this.#deps.waitFor(sequence, timeoutMs);
  }

  /** The cheap value, for writes and errors: everything indexed is complete up to its last `stored`. */
  sayIndexed(response: Response): void {
    const { stored } = this.#deps.indexed();
    if (stored !== this.#saidFor) {
      this.#saidFor = stored;
      this.#said = toInstant(stored);
    }
    response.setHeader('X-Experience-API-Consistent-Through', this.#said);
  }

  /**
   * Asks recording what an index can be complete for, and says what holds already: also an answer that turns out to be an error
   * has a value that moves on an idle store. To be asked before the index is read: what recording promises to have been
   * stored by `head` is seen by a read that begins afterwards and has reached that head.
   */
  async promise(response: Response): Promise<Promised> {
    const promised = await this.#promised();
    this.sayComplete(response, promised, this.#deps.indexed());
    return promised;
  }

  /**
   * Sets the header for an answer read from an index that had come so far. What is indexed is the beginning of the record, and
   * all that follows is stored later; a promise of recording may reach further once the index has come to its head, and holds
   * for ever: what was said is not taken back.
   */
  sayComplete(response: Response, promised: Promised, seen: IndexedUpTo): void {
    let complete = seen.stored;
    for (const { through, head } of [promised, this.#held]) {
      if (seen.sequence >= head && through > complete) complete = through;
    }
    if (seen.sequence >= promised.head && promised.through > this.#held.through) this.#held = promised;
    response.setHeader('X-Experience-API-Consistent-Through', toInstant(complete));
  }

  async #promised(): Promise<Promised> {
    try {
      return await this.#deps.recording.consistentThrough();
    } catch (error) {
      // Reads go on while nothing can be written.
      if (!(error instanceof RecordingRefused)) throw error;
      const { stored, sequence } = this.#deps.indexed();
      return { through: stored, head: sequence };
    }
  }
}

/** Everything stored at or before `through` is in an index that has reached `head`, and nothing will be stored there again. */
export interface Promised {
  readonly through: Microseconds;
  readonly head: Sequence;
}
