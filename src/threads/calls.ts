// Calls between threads: an object's methods, called from another thread by message. Calls, answers and news of one turn of
// the event loop travel in one message, because under load the posting costs more than the work.

import type { MessagePort, Transferable, Worker } from 'node:worker_threads';

type Port = Pick<MessagePort, 'postMessage' | 'on'> | Pick<Worker, 'postMessage' | 'on'>;

interface Call {
  /** Its answer names it; absent when none is wanted. */
  readonly call?: number;
  readonly method: string;
  readonly parameters: readonly unknown[];
}
type Answer =
  | { readonly answer: number; readonly result: unknown }
  | { readonly answer: number; readonly error: unknown }
  | { readonly news: unknown };
interface Envelope {
  readonly calls?: readonly Call[];
  readonly answers?: readonly Answer[];
}

/** A result with what may be moved to the other thread instead of copied. */
export class Moved<T> {
  readonly result: T;
  readonly transfer: readonly Transferable[];
  constructor(result: T, transfer: readonly Transferable[]) {
    this.result = result;
    this.transfer = transfer;
  }
}

/** Typed errors lose their class on the way; each side says how its errors are packed and unpacked. */
export interface ErrorPacking {
  pack(error: unknown): unknown;
  unpack(packed: unknown): unknown;
}

class Outbox<T> {
  #waiting: T[] = [];
  #transfer: Transferable[] = [];
  readonly #send: (items: T[], transfer: Transferable[]) => void;
  constructor(send: (items: T[], transfer: Transferable[]) => void) {
    this.#send = send;
  }
  put(item: T, transfer: readonly Transferable[]): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#flush());
    this.#waiting.push(item);
    this.#transfer.push(...transfer);
  }
  #flush(): void {
    const items = this.#waiting;
    const transfer = this.#transfer;
    this.#waiting = [];
    this.#transfer = [];
    this.#send(items, transfer);
  }
}

/**
 * Answers calls that arrive at the port; methods not in `methods` cannot be reached. What is told by `tell` arrives at the caller
 * as news, before the answers that are given after it.
 */
export function answerCalls(
  port: Port,
  methods: Readonly<Record<string, (...parameters: never[]) => unknown>>,
  errors: ErrorPacking,
): { tell(news: unknown): void } {
  const outbox = new Outbox<Answer>((answers, transfer) => port.postMessage({ answers } satisfies Envelope, transfer));
  port.on('message', (envelope: Envelope) => {
    for (const { call, method, parameters } of envelope.calls ?? []) {
      Promise.try(() => methods[method]!(...(parameters as never[]))).then(
        (result) => {
          if (call === undefined) return;
          if (result instanceof Moved) outbox.put({ answer: call, result: result.result }, result.transfer);
          else outbox.put({ answer: call, result }, []);
        },
        (error: unknown) => {
          if (call !== undefined) outbox.put({ answer: call, error: errors.pack(error) }, []);
        },
      );
    }
  });
  return { tell: (news) => outbox.put({ news }, []) };
}

/** The calling side. */
export class Caller {
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  readonly #outbox: Outbox<Call>;
  readonly #errors: ErrorPacking;
  #next = 0;
  #gone: Error | undefined;

  /** @param onNews is told what the other side tells */
  constructor(port: Port, errors: ErrorPacking, onNews: (news: unknown) => void = () => undefined) {
    this.#errors = errors;
    this.#outbox = new Outbox((calls, transfer) => port.postMessage({ calls } satisfies Envelope, transfer));
    port.on('message', (envelope: Envelope) => {
      for (const answer of envelope.answers ?? []) {
        if ('news' in answer) onNews(answer.news);
        else this.#settle(answer);
      }
    });
  }

  call<T>(method: string, parameters: readonly unknown[], transfer: readonly Transferable[] = []): Promise<T> {
    if (this.#gone) return Promise.reject(this.#gone);
    const waiting = Promise.withResolvers<unknown>();
    const call = this.#next++;
    this.#waiting.set(call, waiting);
    this.#outbox.put({ call, method, parameters }, transfer);
    return waiting.promise as Promise<T>;
  }

  /** A call whose answer nobody waits for; it is not even sent. */
  tell(method: string, parameters: readonly unknown[]): void {
    if (!this.#gone) this.#outbox.put({ method, parameters }, []);
  }

  /** The other thread is gone: every waiting and every later call fails with this error. */
  fail(error: Error): void {
    this.#gone = error;
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }

  #settle(answer: Exclude<Answer, { news: unknown }>): void {
    const waiting = this.#waiting.get(answer.answer);
    if (!waiting) return;
    this.#waiting.delete(answer.answer);
    if ('error' in answer) waiting.reject(this.#errors.unpack(answer.error));
    else waiting.resolve(answer.result);
  }
}
