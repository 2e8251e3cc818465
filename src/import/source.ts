// What an import reads from: a file or another store, as one sequence of items in the source's order.

import type { Problem } from '../../contracts/http/problem.ts';

export type StatementObject = Readonly<Record<string, unknown>>;

/** Where an item stands, for a person: `line 17`, `statement 0190…`. */
export interface Place {
  readonly text: string;
  /** In files: from 1. */
  readonly line?: number;
}

export interface AttachmentPart {
  readonly sha256: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

interface ItemOfSource {
  readonly place: Place;
  /** What the source holds for this item, as far as it can be shown; the digest that finds a changed source is made of it. */
  readonly raw: string;
  /** Where to ask another store again so that this item and all after it come. */
  readonly resumeAt?: StorePosition;
}

export interface StatementItem extends ItemOfSource {
  readonly kind: 'statement';
  readonly id: string;
  readonly version: '1.0.3' | '2.0.0';
  /** As it is posted. */
  readonly json: string;
  readonly attachments: readonly AttachmentPart[];
}

/** An item that cannot even be posted. */
export interface BadItem extends ItemOfSource {
  readonly kind: 'bad';
  readonly problems: readonly Problem[];
}

export type Item = StatementItem | BadItem;

/** A place in another store: the page being read, and the `stored` from which to ask when that page is not given any more. */
export interface StorePosition {
  readonly page?: string | undefined;
  readonly since?: string | undefined;
}

export interface ImportSource {
  readonly kind: 'file' | 'store';
  /** What the operator called it. */
  readonly name: string;
  /** What makes it this source and this reading of it; a resumed import must find the same. */
  readonly description: Readonly<Record<string, string>>;
  /** Runs of items in order. A file always starts from its beginning; a store at `from`. */
  items(from?: StorePosition): AsyncIterable<readonly Item[]>;
  /** How far reading is, for the progress line: bytes of a file. */
  readonly progress?: () => { readonly read: number; readonly total: number };
  /** Of a store read to its end: from where the next import goes on. */
  readonly end?: () => StorePosition | undefined;
}

/** The source cannot be read as what it was said to be; in words for a person. */
export class SourceRefused extends Error {
  override readonly name = 'SourceRefused';
}
