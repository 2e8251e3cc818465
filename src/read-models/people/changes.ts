// What an event does to one subject's inputs, as a record of 24 bytes like the inputs themselves: an input to be put, or a
// change of those that stand. A change is of one subject alone, so it may be made at once, or kept and made when its shelf's turn has
// come; what comes out is the same, as long as each shelf's changes are made in order.

import type { Day } from '../../../contracts/days.ts';
import {
  type Input,
  type NodeNumber,
  OPEN_END,
  type Posting,
  STANDING,
  type SubjectNumber,
} from '../../../projections/inputs/types.ts';
import { CODES, codeOfPosting, ENTRY_BYTES, packDay, slotOf, viewOf, writeInput } from './shelves.ts';

/** The changes that are no inputs; their codes lie above those of the inputs. */
const CHANGES = {
  endPosting: 64,
  withdrawPosting: 72,
  resume: 80,
  unlink: 81,
  disown: 82,
  withdrawFacts: 83,
} as const;

/** In byte 14 of a link: nothing to do where the two are linked already, on whatever days. */
const UNLESS_LINKED = 1;
/** A last day that says: it never was. */
const NEVER = OPEN_END;

const scratch = Buffer.alloc(ENTRY_BYTES);
const scratchView = viewOf(scratch);

/** The record of a change. It lies in a buffer that is used again by the next one. */
export function putting(subject: SubjectNumber, input: Input, options?: { readonly unlessLinked: boolean }): Buffer {
  writeInput(scratchView, 0, subject, input);
  if (options?.unlessLinked) scratch[14] = UNLESS_LINKED;
  return scratch;
}

type Named = { readonly kind: Posting['kind']; readonly node: NodeNumber; readonly from: Day };

/** The posting's last day is another one. */
export function endingPosting(subject: SubjectNumber, { kind, node, from }: Named, to: Day, recorded: number): Buffer {
  return record(subject, CHANGES.endPosting + codeOfPosting(kind), packDay(from), node, packDay(to), recorded);
}

export function withdrawingPosting(subject: SubjectNumber, { kind, node, from }: Named, recorded: number): Buffer {
  return record(subject, CHANGES.withdrawPosting + codeOfPosting(kind), packDay(from), node, 0, recorded);
}

/** The pause that began on a day has a last day. */
export function resuming(subject: SubjectNumber, from: Day, to: Day, recorded: number): Buffer {
  return record(subject, CHANGES.resume, packDay(from), 0, packDay(to), recorded);
}

/** Of a person (`unlink`) or an identity (`disown`): the links to another end; without a last day they never were. */
export function unlinking(
  is: 'unlink' | 'disown',
  subject: SubjectNumber,
  other: SubjectNumber,
  to: Day | undefined,
  recorded: number,
): Buffer {
  return record(subject, CHANGES[is], 0, other, to === undefined ? NEVER : packDay(to), recorded);
}

/** The facts recorded at a sequence are withdrawn. */
export function withdrawingFacts(subject: SubjectNumber, sequence: number, recorded: number): Buffer {
  return record(subject, CHANGES.withdrawFacts, 0, sequence, 0, recorded);
}

function record(
  subject: SubjectNumber,
  code: number,
  low: number,
  number: number,
  high: number,
  recorded: number,
): Buffer {
  scratch.fill(0);
  scratch[0] = slotOf(subject);
  scratch[1] = code;
  scratchView.setUint16(2, low, true);
  scratchView.setUint32(4, number, true);
  scratchView.setUint16(12, high, true);
  scratchView.setUint32(16, recorded, true);
  scratchView.setUint32(20, STANDING, true);
  return scratch;
}

const FIRST_ENTRIES = 16;

/** The entries of one shelf, being changed. */
export class OpenShelf {
  #bytes: Buffer;
  #used: number;
  /** Parts before this byte are as they were read, but for those that were changed. */
  #written: number;
  readonly #changed = new Set<number>();

  constructor(parts: readonly Uint8Array[]) {
    this.#used = parts.reduce((total, { byteLength }) => total + byteLength, 0);
    this.#written = this.#used;
    this.#bytes = Buffer.allocUnsafe(Math.max(FIRST_ENTRIES * ENTRY_BYTES, this.#used + (this.#used >> 2)));
    let at = 0;
    for (const part of parts) {
      this.#bytes.set(part, at);
      at += part.byteLength;
    }
  }

  /** All entries, in order; good until the next change. */
  get entries(): Buffer {
    return this.#bytes.subarray(0, this.#used);
  }

  /** Hands over the parts that are not as they were read, and counts them as written. */
  takeChangedParts(partBytes: number, put: (part: number, bytes: Uint8Array) => void): void {
    const changed = new Set<number>();
    for (const at of this.#changed) changed.add(Math.floor(at / partBytes));
    for (let part = Math.floor(this.#written / partBytes); part * partBytes < this.#used; part++) {
      if (this.#written < this.#used) changed.add(part);
    }
    for (const part of changed) {
      put(part, this.#bytes.subarray(part * partBytes, Math.min(this.#used, (part + 1) * partBytes)));
    }
    this.#changed.clear();
    this.#written = this.#used;
  }

  /** Makes a change; the record is as one of the functions above made it. */
  make(change: Buffer, at = 0): void {
    const code = change[at + 1]!;
    if (code < CODES.posting) {
      this.#append(change, at);
      return;
    }
    if (code < CODES.service) this.#putPosting(change, at);
    else if (code < CODES.onboarded) this.#replacing(change, at, (entry) => this.#sameBeginning(change, at, entry));
    else {
      switch (code) {
        case CODES.onboarded:
          this.#replacing(change, at, () => true);
          return;
        case CODES.link:
        case CODES.owner:
          this.#link(change, at);
          return;
        case CODES.absent:
        case CODES.attended:
          this.#attend(change, at);
          return;
        case CHANGES.resume:
          this.#resume(change, at);
          return;
        case CHANGES.unlink:
        case CHANGES.disown:
          this.#unlink(change, at);
          return;
        case CHANGES.withdrawFacts:
          this.#withdrawFacts(change, at);
          return;
        default:
          this.#changePosting(change, at);
      }
    }
  }

  /** A substantive posting ends the open one before it; one that stands already is replaced, or stays when it is the same. */
  #putPosting(change: Buffer, at: number): void {
    const code = change[at + 1]!;
    const from = change.readUInt16LE(at + 2);
    const recorded = change.readUInt32LE(at + 16);
    const again = this.#standing(change, at, code, (entry) => this.#sameBeginning(change, at, entry));
    if (again.some((entry) => this.#saysTheSame(change, at, entry))) return;
    for (const entry of again) this.#withdraw(entry, recorded);
    if (code === CODES.posting) {
      for (const entry of this.#standing(change, at, code)) {
        if (this.#high(entry) !== OPEN_END || this.#low(entry) >= from) continue;
        this.#replaceEnd(entry, from - 1, recorded);
      }
    }
    this.#append(change, at);
  }

  #changePosting(change: Buffer, at: number): void {
    const code = change[at + 1]!;
    const ends = code < CHANGES.withdrawPosting;
    const kind = CODES.posting + code - (ends ? CHANGES.endPosting : CHANGES.withdrawPosting);
    const to = change.readUInt16LE(at + 12);
    const recorded = change.readUInt32LE(at + 16);
    for (const entry of this.#standing(change, at, kind, (one) => this.#sameBeginning(change, at, one))) {
      if (!ends) this.#withdraw(entry, recorded);
      else if (this.#high(entry) !== to) this.#replaceEnd(entry, to, recorded);
    }
  }

  /** Puts an input in the place of those of its code that it replaces; one that says the same stays. */
  #replacing(change: Buffer, at: number, replaces: (entry: number) => boolean): void {
    const found = this.#standing(change, at, change[at + 1]!, replaces);
    if (found.some((entry) => this.#saysTheSame(change, at, entry))) return;
    for (const entry of found) this.#withdraw(entry, change.readUInt32LE(at + 16));
    this.#append(change, at);
  }

  #attend(change: Buffer, at: number): void {
    const number = change.readUInt32LE(at + 4);
    const code = change[at + 1]!;
    const recorded = change.readUInt32LE(at + 16);
    const is = (entry: number): boolean => this.#number(entry) === number;
    if (this.#standing(change, at, code, is).length > 0) return;
    const other = code === CODES.attended ? CODES.absent : CODES.attended;
    for (const entry of this.#standing(change, at, other, is)) this.#withdraw(entry, recorded);
    this.#append(change, at);
  }

  #resume(change: Buffer, at: number): void {
    const from = change.readUInt16LE(at + 2);
    const to = change.readUInt16LE(at + 12);
    for (const pause of [CODES.service, CODES.service + 1]) {
      for (const entry of this.#standing(change, at, pause, (one) => this.#low(one) === from)) {
        if (this.#high(entry) !== to) this.#replaceEnd(entry, to, change.readUInt32LE(at + 16));
      }
    }
  }

  #link(change: Buffer, at: number): void {
    const number = change.readUInt32LE(at + 4);
    const linked = this.#standing(change, at, change[at + 1]!, (entry) => this.#number(entry) === number);
    const unlessLinked = change[at + 14]! === UNLESS_LINKED;
    if (unlessLinked ? linked.length > 0 : linked.some((entry) => this.#saysTheSame(change, at, entry))) return;
    const entry = this.#append(change, at);
    this.#bytes[entry + 14] = 0;
  }

  #unlink(change: Buffer, at: number): void {
    const code = change[at + 1]! === CHANGES.unlink ? CODES.link : CODES.owner;
    const other = change.readUInt32LE(at + 4);
    const to = change.readUInt16LE(at + 12);
    const recorded = change.readUInt32LE(at + 16);
    for (const entry of this.#standing(change, at, code, (one) => this.#number(one) === other)) {
      if (to === NEVER || this.#low(entry) > to) this.#withdraw(entry, recorded);
      else if (this.#high(entry) > to) this.#replaceEnd(entry, to, recorded);
    }
  }

  #withdrawFacts(change: Buffer, at: number): void {
    const slot = change[at]!;
    const sequence = change.readUInt32LE(at + 4);
    const bytes = this.#bytes;
    for (let entry = 0; entry < this.#used; entry += ENTRY_BYTES) {
      if (bytes[entry] !== slot || bytes[entry + 1]! >= CODES.posting) continue;
      if (bytes.readUInt32LE(entry + 16) !== sequence || bytes.readUInt32LE(entry + 20) !== STANDING) continue;
      this.#withdraw(entry, change.readUInt32LE(at + 16));
    }
  }

  /** Where the subject's inputs of a code stand. */
  #standing(change: Buffer, at: number, code: number, is: (entry: number) => boolean = () => true): number[] {
    const slot = change[at]!;
    const bytes = this.#bytes;
    const found: number[] = [];
    for (let entry = 0; entry < this.#used; entry += ENTRY_BYTES) {
      if (bytes[entry] !== slot || bytes[entry + 1] !== code || bytes.readUInt32LE(entry + 20) !== STANDING) continue;
      if (is(entry)) found.push(entry);
    }
    return found;
  }

  #low(entry: number): number {
    return this.#bytes.readUInt16LE(entry + 2);
  }

  #number(entry: number): number {
    return this.#bytes.readUInt32LE(entry + 4);
  }

  #high(entry: number): number {
    return this.#bytes.readUInt16LE(entry + 12);
  }

  #sameBeginning(change: Buffer, at: number, entry: number): boolean {
    return this.#low(entry) === change.readUInt16LE(at + 2) && this.#number(entry) === change.readUInt32LE(at + 4);
  }

  #saysTheSame(change: Buffer, at: number, entry: number): boolean {
    return (
      this.#sameBeginning(change, at, entry) &&
      this.#bytes.readUInt32LE(entry + 8) === change.readUInt32LE(at + 8) &&
      this.#high(entry) === change.readUInt16LE(at + 12)
    );
  }

  #withdraw(entry: number, recorded: number): void {
    this.#bytes.writeUInt32LE(recorded, entry + 20);
    this.#changed.add(entry);
  }

  /** The same with another last day, known from now on. */
  #replaceEnd(entry: number, to: number, recorded: number): void {
    this.#withdraw(entry, recorded);
    const copy = this.#append(this.#bytes, entry);
    this.#bytes.writeUInt16LE(to, copy + 12);
    this.#bytes.writeUInt32LE(recorded, copy + 16);
    this.#bytes.writeUInt32LE(STANDING, copy + 20);
  }

  #append(from: Buffer, at: number): number {
    const place = this.#used;
    if (place + ENTRY_BYTES > this.#bytes.byteLength) {
      const larger = Buffer.allocUnsafe(this.#bytes.byteLength * 2);
      this.#bytes.copy(larger, 0, 0, place);
      this.#bytes = larger;
    }
    // `from` may be what was just outgrown: its bytes are still good.
    for (let i = 0; i < ENTRY_BYTES; i++) this.#bytes[place + i] = from[at + i]!;
    this.#used += ENTRY_BYTES;
    return place;
  }
}
