// Months of many departments joined into one: what lies below another, added up. They stay packed, so that even those of a whole state
// take little memory, and merging what is sorted takes a tenth of adding it entry by entry.

import { MonthEntries, type PackedMonth } from './months.ts';

export class JoinedMonths {
  /** Packed days, each more than twice as long as the next: so each is merged a few times only, however many there are. */
  readonly #parts: Uint8Array[] = [];

  /** Packed days of a month. */
  add(days: Uint8Array): void {
    if (days.byteLength === 0) return;
    let last = days;
    for (let before = this.#parts.at(-1); before && before.byteLength <= 2 * last.byteLength; ) {
      last = joined(before, last);
      this.#parts.pop();
      before = this.#parts.at(-1);
    }
    if (last.byteLength > 0) this.#parts.push(last);
  }

  /** The packed days of them all; empty where they come to nothing. */
  days(): Uint8Array {
    while (this.#parts.length > 1) {
      const last = this.#parts.pop()!;
      this.#parts.push(joined(this.#parts.pop()!, last));
    }
    return this.#parts[0] ?? NO_DAYS;
  }
}

const NO_DAYS = new Uint8Array();

function joined(days: Uint8Array, others: Uint8Array): Uint8Array {
  return MonthEntries.decode(others).packedWith(days)?.days.slice() ?? NO_DAYS;
}

/** A row of packed days. */
export function packedMonth(days: Uint8Array): PackedMonth | undefined {
  return MonthEntries.decode(days).packedWith(undefined);
}
