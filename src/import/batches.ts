// Items grouped into requests, in order.

import type { Item, StatementItem } from './source.ts';

export interface BatchLimits {
  readonly statements: number;
  readonly bytes: number;
}

/** What goes out as one request, or one item that cannot be posted. */
export type Batch = readonly StatementItem[] | Extract<Item, { kind: 'bad' }>;

/**
 * A batch has one version of xAPI (its header holds for all of it) and no id twice (a request with one id twice is refused;
 * in two requests the second is recognised as the same statement, or as a conflict). `limits` is asked anew for each batch.
 */
export async function* batches(items: AsyncIterable<Item>, limits: () => BatchLimits): AsyncGenerator<Batch> {
  let batch: StatementItem[] = [];
  let ids = new Set<string>();
  let bytes = 0;
  for await (const item of items) {
    const size = item.kind === 'bad' ? 0 : sizeOf(item);
    const { statements: mostStatements, bytes: mostBytes } = limits();
    if (
      batch.length > 0 &&
      (item.kind === 'bad' ||
        batch.length >= mostStatements ||
        bytes + size > mostBytes ||
        item.version !== batch[0]!.version ||
        ids.has(item.id))
    ) {
      yield batch;
      batch = [];
      ids = new Set();
      bytes = 0;
    }
    if (item.kind === 'bad') yield item;
    else {
      batch.push(item);
      ids.add(item.id);
      bytes += size;
    }
  }
  if (batch.length > 0) yield batch;
}

function sizeOf({ json, attachments }: StatementItem): number {
  return attachments.reduce((sum, { content }) => sum + content.byteLength, Buffer.byteLength(json));
}

/** The same sequence, reading one element ahead of its consumer: the next batch is read while the last one is on its way. */
export async function* readAhead<T>(elements: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = elements.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = elements.next();
      // Its failure is met when its turn comes, after everything before it was handled.
      next.catch(() => {});
      yield value;
    }
  } finally {
    await next.catch(() => {});
    await elements.return(undefined);
  }
}
